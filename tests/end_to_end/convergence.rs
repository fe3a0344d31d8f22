//! A class day on one cluster: from bare hosts to a working cluster, staying there, mending it, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rustix::process::Signal;

use crate::document::{assert_verified, change, changes, host};
use crate::practice::Practice;
use crate::running::await_that;
use crate::uplink::Uplink;

const HOSTS: [&str; 3] = ["lb", "web01", "web02"];
const PAGE: &str = "/var/www/html/index.html";
const BALANCER: &str = "/etc/haproxy/haproxy.cfg";

#[test]
#[ignore = "needs root and lab hosts"]
fn a_class_day_from_bare_hosts_to_a_cluster_and_back() {
    let mut practice = Practice::up("day", &["--web", "2"]);
    practice.use_empty_cache();
    // A student has been here before.
    practice.inside("web01", &format!("mkdir -p /var/www/html && echo '<h1>minha</h1>' >{PAGE}"));
    let before = HOSTS.map(|host| standing(&practice, host));

    plan_says_what_apply_then_does(&practice);
    every_web_host_is_served_in_turn(&practice);
    the_hosts_have_what_the_lecture_notes_say(&practice);
    a_second_apply_changes_nothing_at_the_cost_of_one_execution(&practice);
    a_title_changes_the_pages_and_nothing_else(&practice);
    what_a_student_edited_is_shown_and_put_right(&practice);
    a_balancer_that_cannot_come_up_gets_its_file_back(&practice);
    a_reload_is_not_forgotten_when_the_tool_is_killed(&practice);

    practice.expect(0, &["reset"]);
    for (host, before) in HOSTS.iter().zip(before) {
        let after = standing(&practice, host);
        let differing: Vec<_> = before.symmetric_difference(&after).collect();
        assert_eq!(differing, Vec::<&String>::new(), "reset did not bring {host} back");
    }
    practice.get("lb", 80).err().expect("a balancer still answers");
}

/// Packages, and every file that a person might have put there, with content.
fn standing(practice: &Practice, host: &str) -> BTreeSet<String> {
    let script = "dpkg-query -W -f '${Package} ${Status}\\n'
         find /etc /var/www /opt /usr/local /var/lib/provision -xdev ! -type d -exec sha256sum {} + 2>/dev/null |
             grep -vE ' /etc/(ld.so.cache|.*-|group|passwd|gshadow|shadow)$'
         find /etc /var/www /opt -xdev -type d 2>/dev/null || true";
    practice.inside(host, script).lines().map(str::to_owned).collect()
}

fn plan_says_what_apply_then_does(practice: &Practice) {
    for host in HOSTS {
        practice.mark(host);
    }
    let plan = practice.json(0, &["plan"]);
    assert_eq!(plan["summary"]["changed"], 3, "{plan}");
    practice.expect(2, &["plan", "--detailed-exitcode"]);
    for host in HOSTS {
        assert_eq!(practice.touched(host), BTreeSet::new(), "a plan wrote on {host}");
    }

    let uplink = Uplink::open();
    let mut apply = practice.verb(&["apply", "-o", "json"]);
    apply.env("http_proxy", uplink.url());
    let apply = practice.finish(0, apply);
    assert_eq!(changes(&plan), changes(&apply), "apply did something else than the plan said");
    assert_eq!(apply["summary"]["changed"], 3);
    assert_verified(&apply);

    // The hosts have no route, so all came through the laptop; what both web hosts need crossed its uplink once.
    let requests = uplink.requests();
    let packages: Vec<_> = requests.iter().filter(|(url, _)| url.contains("/pool/")).collect();
    assert!(packages.iter().any(|(url, _)| url.contains("/apache2_")), "{requests:#?}");
    assert!(
        packages.iter().all(|(_, times)| **times == 1),
        "a package crossed the uplink twice: {packages:#?}"
    );
    for host in HOSTS {
        let routes =
            practice.inside(host, "cat /proc/net/route | awk '$2 == \"00000000\"' 2>/dev/null || true");
        assert_eq!(routes, "", "{host} has a way to the internet");
        let settings = practice.touched(host).into_iter().filter(|path| path.starts_with("/etc/apt"));
        assert_eq!(settings.collect::<Vec<_>>(), Vec::<String>::new(), "apt's settings changed on {host}");
        practice.inside(host, "! grep -rqs 127.0.0.1 /etc/apt && ! ls -d /run/provision.??????");
    }
}

fn every_web_host_is_served_in_turn(practice: &Practice) {
    let pages = ["web01", "web02"].map(|host| {
        let page = practice.page(host);
        assert!(page.contains(host), "{page}");
        page
    });
    assert_ne!(pages[0], pages[1]);
    let answers: Vec<_> = (0..10).map(|_| practice.get("lb", 80).unwrap()).collect();
    for (name, page) in ["web01", "web02"].iter().zip(&pages) {
        let own: Vec<_> = answers.iter().filter(|answer| answer.body == *page).collect();
        assert_eq!(own.len(), 5, "{name} answered {} of 10 requests", own.len());
        assert!(own.iter().all(|answer| answer.server.as_deref() == Some(*name)));
    }
}

fn the_hosts_have_what_the_lecture_notes_say(practice: &Practice) {
    let configuration = practice.inside("lb", &format!("cat {BALANCER}"));
    for line in ["frontend http-in", "backend backend_servers", "balance roundrobin", "option forwardfor"] {
        assert!(configuration.contains(line), "{line} is missing in\n{configuration}");
    }
    practice.inside("lb", &format!("systemctl is-enabled haproxy && haproxy -c -f {BALANCER}"));
    practice.inside("web02", "systemctl is-enabled apache2");
    practice.inside(
        "web01",
        "cd /opt/socket && ls 01-simples/server-book.py 01-simples/client-book.py 02-sequencial/server.py \
         02-sequencial/client.py 03-thread/server-thread.py 03-thread/client.py &&
         cd 03-thread && python3 -B -c 'import constCS as c; assert (c.HOST, c.PORT, c.SERVER) == (\"\", 50007, \"localhost\")'",
    );
}

fn a_second_apply_changes_nothing_at_the_cost_of_one_execution(practice: &Practice) {
    for host in HOSTS {
        practice.count_logins(host);
    }
    let services = "systemctl show -p Id,MainPID,ActiveEnterTimestamp haproxy apache2";
    let running = HOSTS.map(|host| practice.inside(host, services));
    let counted = HOSTS.map(|host| practice.logins(host));
    for host in HOSTS {
        practice.mark(host);
    }

    let again = practice.json(0, &["apply", "--no-verify"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{again}");
    assert_eq!(again["summary"]["unchanged"], 3);
    for (host, (logins, executions)) in HOSTS.iter().zip(counted) {
        assert_eq!(practice.touched(host), BTreeSet::new(), "a second apply touched something on {host}");
        assert_eq!(
            practice.logins(host),
            (logins + 1, executions + 1),
            "connections and executions on {host}"
        );
    }
    for host in HOSTS {
        practice.count_no_more(host);
    }
    a_look_starts_no_more_processes_than_before(practice);
    practice.expect(0, &["verify"]);
    for (host, running) in HOSTS.iter().zip(running) {
        assert_eq!(
            practice.inside(host, services),
            running,
            "a second apply or verify moved a service of {host}"
        );
    }
}

/// Other processes of a host may begin meanwhile, so that the fewest of a few looks count.
fn a_look_starts_no_more_processes_than_before(practice: &Practice) {
    let most: BTreeMap<String, BTreeMap<String, f64>> =
        serde_yaml::from_str(include_str!("../counts/most.yaml")).unwrap();
    let last = |host: &str| -> u32 {
        practice.inside(host, "cat /proc/sys/kernel/ns_last_pid").trim().parse().unwrap()
    };
    let counted = (0..3).map(|_| {
        let (first, before) = (HOSTS.map(last), HOSTS.map(last));
        practice.expect(0, &["plan"]);
        let after = HOSTS.map(last);
        // To ask takes some, too.
        let of_host = |host: usize| (after[host] - before[host]) - (before[host] - first[host]);
        (0..HOSTS.len()).map(of_host).max().unwrap()
    });
    let (fewest, bound) = (counted.min().unwrap(), most["look"]["processes"]);
    assert!(f64::from(fewest) <= bound * 1.05, "a look starts {fewest} processes, and {bound} before");
}

fn a_title_changes_the_pages_and_nothing_else(practice: &Practice) {
    practice.edit_inventory(|text| format!("{text}\nvars: {{ title: Aula de quinta }}\n"));
    for host in HOSTS {
        practice.mark(host);
    }
    let titled = practice.json(0, &["apply", "--no-verify"]);
    let expected = ["web01", "web02"].map(|host| (host.into(), format!("file:{PAGE}"), "update".into()));
    assert_eq!(changes(&titled), BTreeSet::from(expected));
    assert_eq!(practice.touched("lb"), BTreeSet::new());
    for host in ["web01", "web02"] {
        let touched =
            practice.touched(host).into_iter().filter(|path| !path.starts_with("/var/lib/provision"));
        assert_eq!(touched.collect::<Vec<_>>(), ["/var/www/html", PAGE]);
        assert!(practice.page(host).contains("Aula de quinta"));
    }
}

fn what_a_student_edited_is_shown_and_put_right(practice: &Practice) {
    practice.inside("web01", &format!("echo '<h1>eu estive aqui</h1>' >{PAGE}"));
    practice
        .inside("lb", &format!("sed -i 's/roundrobin/leastconn/' {BALANCER} && systemctl reload haproxy"));
    let plan = practice.json(0, &["plan"]);
    for (name, path, lines) in [
        ("web01", PAGE, ["-<h1>eu estive aqui</h1>", "+<!DOCTYPE html>"]),
        ("lb", BALANCER, ["-    balance leastconn", "+    balance roundrobin"]),
    ] {
        let change = change(&plan, name, &format!("file:{path}"));
        assert_eq!(change["reason"], "changed on the host since the last apply");
        let diff = change["diff"].as_str().unwrap();
        assert!(lines.iter().all(|line| diff.contains(line)), "{diff}");
    }
    let shown = practice.expect(0, &["plan"]).stdout;
    assert!(shown.contains("-<h1>eu estive aqui</h1>") && shown.contains("leastconn"), "{shown}");

    let pid = haproxy(practice);
    let repaired = practice.json(0, &["apply"]);
    assert_eq!(changes(&plan), changes(&repaired));
    assert_eq!(repaired["summary"]["changed"], 2, "{repaired}");
    assert_eq!(pid, haproxy(practice), "HAProxy was restarted, not reloaded");
    assert!(practice.inside("lb", &format!("cat {BALANCER}")).contains("balance roundrobin"));
    assert!(practice.page("web01").contains("Aula de quinta"));
    every_web_host_is_served_in_turn(practice);
}

fn haproxy(practice: &Practice) -> String {
    practice.inside("lb", "systemctl show -p MainPID --value haproxy")
}

fn a_balancer_that_cannot_come_up_gets_its_file_back(practice: &Practice) {
    let listener = "perl -MIO::Socket::INET -e '$0 = \"aula-server\"; \
         my $s = IO::Socket::INET->new(Listen => 5, LocalPort => 8081) or die; sleep' >/dev/null 2>&1 & echo $!";
    let student = practice.inside("lb", listener);
    let file = practice.inside("lb", &format!("sha256sum {BALANCER}"));
    practice.edit_inventory(|text| format!("{text}\nbalancer: {{ port: 8081 }}\n"));

    let reloads = || practice.inside("lb", "journalctl -u haproxy | grep -ci 'reload' || true");
    let before = reloads();

    let failed = practice.json(2, &["apply", "--no-verify"]);
    let entry = host(&failed, "lb");
    assert_eq!(entry["status"], "failed");
    assert_eq!(reloads(), before, "who holds the port was found out by a reload");
    let message = entry["error"]["message"].as_str().unwrap();
    assert!(message.contains("8081") && message.contains("aula-server"), "{message}");
    assert_eq!(change(&failed, "lb", &format!("file:{BALANCER}"))["result"], "rolled-back", "{failed}");
    assert_eq!(practice.inside("lb", &format!("sha256sum {BALANCER}")), file, "the file was not put back");
    every_web_host_is_served_in_turn(practice);
    practice.inside("lb", &format!("kill -0 {}", student.trim()));

    practice.inside("lb", &format!("kill {}", student.trim()));
    assert_verified(&practice.json(0, &["apply"]));
    assert_eq!(practice.get("lb", 8081).unwrap().status, 200);
    practice.get("lb", 80).err().expect("the old port still answers");
}

fn a_reload_is_not_forgotten_when_the_tool_is_killed(practice: &Practice) {
    practice.edit_inventory(|text| text.replace("port: 8081", "port: 80"));
    // The check of the new file takes long enough to kill the tool meanwhile.
    practice.inside(
        "lb",
        "mv /usr/sbin/haproxy /usr/sbin/haproxy.own &&
         printf '#!/bin/sh\\n: >/run/checking; sleep 2; exec /usr/sbin/haproxy.own \"$@\"\\n' >/usr/sbin/haproxy &&
         chmod 755 /usr/sbin/haproxy",
    );
    let apply = practice.start(&["apply"]);
    await_that("the new file is checked", Duration::from_secs(30), || {
        !practice.inside("lb", "ls /run/checking 2>/dev/null || true").is_empty()
    });
    apply.signal(Signal::KILL);
    assert_eq!(apply.end().code, -1);
    await_that("the host has ended the step", Duration::from_secs(30), || {
        practice.inside("lb", "flock -n /run/provision.lock echo free || true") == "free\n"
    });
    practice.inside("lb", "mv /usr/sbin/haproxy.own /usr/sbin/haproxy");
    let bind = practice.inside("lb", &format!("grep bind {BALANCER}"));
    assert!(bind.contains(":80\n"), "the file was not replaced: {bind}");
    assert_eq!(
        practice.get("lb", 8081).unwrap().status,
        200,
        "HAProxy was reloaded: this test proves nothing"
    );
    practice.get("lb", 80).err().expect("HAProxy was reloaded: this test proves nothing");

    let plan = practice.json(0, &["plan"]);
    let expected = ("lb".into(), "service:haproxy".into(), "run".into());
    assert_eq!(changes(&plan), BTreeSet::from([expected]), "{plan}");
    let pid = haproxy(practice);
    let apply = practice.json(0, &["apply"]);
    assert_eq!(changes(&plan), changes(&apply));
    assert_eq!(pid, haproxy(practice), "HAProxy was restarted, not reloaded");
    every_web_host_is_served_in_turn(practice);
}
