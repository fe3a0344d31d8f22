//! What goes wrong in a class, one thing at a time: the right probe fails, with the right words, and no other.

use std::collections::BTreeSet;
use std::time::Duration;

use indicatif::{InMemoryTerm, TermLike};
use rustix::process::Signal;
use serde_json::Value;

use crate::document::{assert_verified, text};
use crate::practice::Practice;

const QUICK: [&str; 5] = ["verify", "--retry-timeout", "2s", "--sleep", "200ms"];
const PAGE: &str = "/var/www/html/index.html";
const BALANCER: &str = "/etc/haproxy/haproxy.cfg";

/// A fault, and what must come of it.
struct Fault {
    name: &'static str,
    host: &'static str,
    breaks: String,
    mends: &'static str,
    /// Host and check that fail, and the words.
    fails: &'static [(&'static str, &'static str, &'static [&'static str])],
}

#[test]
#[ignore = "needs root and lab hosts"]
fn each_fault_fails_the_right_probe_and_no_other() {
    let practice = Practice::up("faults", &["--clusters", "2", "--web", "2"]);
    assert_verified(&practice.json(0, &["apply"]));
    assert_verified(&practice.json(0, &["verify", "--direct"]));
    for fault in faults(&practice) {
        practice.inside(fault.host, &fault.breaks);
        let code = if fault.fails.is_empty() { 0 } else { 3 };
        let seen = practice.json(code, &QUICK);
        practice.inside(fault.host, fault.mends);
        assert_only(&fault, &seen);
        // The other cluster was not touched, and is looked at with the next fault.
        assert_verified(&practice.json(0, &["verify", "--limit", "team01"]));
    }
    what_stands_before_a_page_is_named(&practice);
    exchanged_addresses_are_told_by_the_pages(&practice);
    every_algorithm_is_judged_by_its_own_law(&practice);
    a_watch_tells_what_changes(&practice);
    on_a_terminal_a_watch_is_drawn_in_place(&practice);
}

fn faults(practice: &Practice) -> Vec<Fault> {
    let address = |host| practice.inside(host, "hostname -I | cut -d' ' -f1").trim().to_owned();
    let [web01, web02] = ["team01/web01", "team01/web02"].map(address);
    let stranger = address("team02/web01");
    let keep = format!("cp -a {BALANCER} /root/kept.cfg");
    let put_back = "cp -a /root/kept.cfg /etc/haproxy/haproxy.cfg && systemctl reload haproxy && sleep 3";
    let old_script = format!(
        "global\n daemon\ndefaults\n mode http\n timeout connect 5s\n timeout client 50s\n timeout server 50s\n\
         frontend http-in\n bind *:80\n default_backend backend_servers\nbackend backend_servers\n balance roundrobin\n \
         option forwardfor\n server web01 {web01}:80 check\n server web02 {web02}:80 check\n"
    );
    vec![
        Fault {
            name: "Apache stopped",
            host: "team01/web01",
            breaks: "systemctl stop apache2".to_owned(),
            mends: "systemctl start apache2",
            fails: &[("team01/web01", "service", &["apache2 is inactive", "expected active and enabled"])],
        },
        Fault {
            name: "a student's page",
            host: "team01/web01",
            breaks: format!("cp -a {PAGE} /root/kept.html && echo '<title>Página da Ana</title>' >{PAGE}"),
            mends: "cp -a /root/kept.html /var/www/html/index.html",
            fails: &[("team01/web01", "http", &["titled “Página da Ana”", "the page of team01/web01"])],
        },
        Fault {
            name: "a web host of another cluster",
            host: "team01/lb",
            breaks: format!(
                "{keep} && sed -i '/server web02 /a\\    server web03 {stranger}:80 check' {BALANCER} && \
                 systemctl reload haproxy && sleep 3"
            ),
            mends: put_back,
            fails: &[("team01/lb", "balance", &["answered with the page of team02/web01"])],
        },
        Fault {
            name: "an old configuration that runs on",
            host: "team01/lb",
            breaks: format!(
                "{keep} && sed -i '/server web02 /d' {BALANCER} && systemctl reload haproxy && sleep 3 && \
                 cp -a /root/kept.cfg {BALANCER}"
            ),
            mends: put_back,
            fails: &[("team01/lb", "stats", &["web02 is missing", "2 of 2 servers"])],
        },
        Fault {
            name: "the file of an old class script",
            host: "team01/lb",
            breaks: format!("{keep} && printf '{old_script}' >{BALANCER} && systemctl reload haproxy && sleep 3"),
            mends: put_back,
            fails: &[("team01/lb", "stats", &["connection refused at http://", ":8404/", "HAProxy's statistics"])],
        },
        Fault {
            name: "a backend DOWN",
            host: "team01/lb",
            breaks: format!("ip route add unreachable {web02}/32 && sleep 6"),
            mends: "ip route flush type unreachable && sleep 3",
            fails: &[("team01/lb", "stats", &["web02 is DOWN", "2 of 2 servers"])],
        },
        Fault {
            name: "no python3",
            host: "team01/web01",
            breaks: "mv /usr/bin/python3 /usr/bin/python3.away".to_owned(),
            mends: "mv /usr/bin/python3.away /usr/bin/python3",
            fails: &[("team01/web01", "socket", &["python3 is not to be found, although its package is installed"])],
        },
        Fault {
            name: "a student's own server on port 50007",
            host: "team01/web01",
            breaks: "systemd-run --quiet --unit student --collect /usr/bin/python3 /opt/socket/03-thread/server-thread.py"
                .to_owned(),
            // It still serves, and nobody else has.
            mends: "python3 -c 'import socket; talk = socket.create_connection((\"127.0.0.1\", 50007), 5); \
                    talk.sendall(b\"oi\"); assert talk.recv(10) == b\"oi*\"' && systemctl stop student",
            fails: &[],
        },
        Fault {
            name: "a sequential server that serves two at once",
            host: "team01/web01",
            breaks: "cd /opt/socket && cp -a 02-sequencial/server.py /root/kept.py && \
                     cp 03-thread/server-thread.py 02-sequencial/server.py"
                .to_owned(),
            mends: "cp -a /root/kept.py /opt/socket/02-sequencial/server.py",
            fails: &[(
                "team01/web01",
                "socket",
                &["sequential: the second client was answered", "the second client to wait", "2 of 3 variants pass"],
            )],
        },
    ]
}

/// What was not judged must name one of the failed checks as its cause.
fn assert_only(fault: &Fault, document: &Value) {
    let checks = document["checks"].as_array().unwrap();
    let of = |status: &str| -> Vec<_> {
        let with = checks.iter().filter(|check| check["status"] == status);
        with.map(|check| (text(&check["host"]), text(&check["check"]), text(&check["detail"]))).collect()
    };
    let failed: BTreeSet<_> = of("fail").into_iter().map(|(host, check, _)| (host, check)).collect();
    let expected: BTreeSet<_> =
        fault.fails.iter().map(|(host, check, _)| ((*host).to_owned(), (*check).to_owned())).collect();
    assert_eq!(failed, expected, "{}: {document}", fault.name);
    for (host, check, detail) in of("fail") {
        let (.., words) =
            fault.fails.iter().find(|(on, kind, _)| (*on, *kind) == (host.as_str(), check.as_str())).unwrap();
        for word in *words {
            assert!(
                detail.contains(word),
                "{}: {check} of {host} does not say `{word}`: {detail}",
                fault.name
            );
        }
        assert!(detail.contains("expected "), "{}: {detail}", fault.name);
    }
    for check in checks.iter().filter(|check| check["status"] == "fail") {
        assert!(check["hint"].is_string(), "{}: what to do next: {check}", fault.name);
        let has_log = check["log"].as_array().is_some_and(|lines| !lines.is_empty());
        assert!(has_log || check["check"] != "service", "{}: why it does not run: {check}", fault.name);
    }
    for (host, check, detail) in of("skip") {
        let is_explained = fault
            .fails
            .iter()
            .any(|(on, kind, _)| detail.contains(&format!("because {kind} of {on} failed")));
        assert!(is_explained, "{}: {check} of {host} was not judged: {detail}", fault.name);
    }
}

/// Our files are as they should be, and Apache serves something else first: no apply changes that.
fn what_stands_before_a_page_is_named(practice: &Practice) {
    let host = "team01/web01";
    let address = practice.inside(host, "hostname -I | cut -d' ' -f1").trim().to_owned();
    let site = |of: &str, file: &str| {
        format!(
            "mkdir -p /srv/aula && echo '<title>T</title>' >/srv/aula/index.html && \
             printf '<VirtualHost {of}:80>\nDocumentRoot /srv/aula\n<Directory /srv/aula>\nRequire all granted\n\
             </Directory>\n</VirtualHost>\n' >/etc/apache2/sites-enabled/{file}"
        )
    };
    let index = "echo '<title>T</title>' >/var/www/html/home.html && cp -a /etc/apache2/mods-available/dir.conf /root && \
                 sed -i 's/DirectoryIndex .*/DirectoryIndex home.html index.html/' /etc/apache2/mods-available/dir.conf";
    for (breaks, mends) in [
        (site("*", "000-aula.conf"), "rm /etc/apache2/sites-enabled/000-aula.conf"),
        (site(&address, "zz-ip.conf"), "rm /etc/apache2/sites-enabled/zz-ip.conf"),
        (
            index.to_owned(),
            "rm /var/www/html/home.html && cp -a /root/dir.conf /etc/apache2/mods-available/dir.conf",
        ),
    ] {
        practice.inside(host, &format!("{breaks} && systemctl reload apache2 && sleep 1"));
        let [asked, direct] = [&QUICK[..], &["verify", "--direct", "--retry-timeout", "2s"]]
            .map(|command| practice.json(3, command));
        let planned = practice.json(0, &["plan", "-l", host]);
        practice.inside(host, &format!("{mends} && systemctl reload apache2 && sleep 1"));
        assert_eq!(planned["summary"]["changed"], 0, "{planned}");
        for (seen, words) in
            [(asked, "another site or index file first"), (direct, "something else answers at")]
        {
            let checks = seen["checks"].as_array().unwrap();
            let failed: Vec<_> = checks.iter().filter(|check| check["status"] == "fail").collect();
            let [http] = failed.as_slice() else { panic!("{breaks}: {seen}") };
            let hint = text(&http["hint"]);
            assert_eq!(
                (text(&http["host"]).as_str(), text(&http["check"]).as_str()),
                (host, "http"),
                "{http}"
            );
            assert!(hint.contains(words) && !hint.contains("provision apply"), "{breaks}: {hint}");
        }
    }
    assert_verified(&practice.json(0, &["verify", "-l", "team01"]));
}

/// The inventory gives each of two web hosts the address of the other; on the hosts nothing changed.
fn exchanged_addresses_are_told_by_the_pages(practice: &Practice) {
    let kept = std::fs::read_to_string(practice.inventory()).unwrap();
    let (head, ranged) = kept.split_once("      web[01:02]:\n").unwrap();
    let (_, network) = ranged.split_once("address: ").unwrap();
    let (network, _) = network.split_once("[11:12]").unwrap();
    let web =
        |name: &str, last: u8| format!("      {name}: {{ address: \"{network}{last}\", roles: [web] }}\n");
    std::fs::write(practice.inventory(), [head, &web("web01", 12), &web("web02", 11)].concat()).unwrap();
    let fails = [("web01", "web02"), ("web02", "web01")].map(|(host, other)| {
        ["team01", "team02"]
            .map(|team| (format!("{team}/{host}"), format!("an older or edited page of {team}/{other}")))
    });
    let seen = practice.json(3, &QUICK);
    std::fs::write(practice.inventory(), kept).unwrap();
    let checks = seen["checks"].as_array().unwrap();
    let told: BTreeSet<_> = checks
        .iter()
        .filter(|check| check["status"] == "fail")
        .map(|check| {
            let detail = text(&check["detail"]);
            assert_eq!(check["check"], "http", "{check}");
            assert!(text(&check["hint"]).contains("provision doctor"), "{check}");
            (text(&check["host"]), detail.split(';').next().unwrap().to_owned())
        })
        .collect();
    assert_eq!(told, fails.into_iter().flatten().collect(), "{seen}");
    let skipped = checks.iter().filter(|check| check["status"] == "skip");
    let explained = skipped.filter(|check| text(&check["detail"]).contains("because http of team"));
    assert_eq!(explained.count(), 4, "stats and balance of both balancers: {seen}");
}

/// What HAProxy does with each of them is its own affair; a sound balancer passes.
fn every_algorithm_is_judged_by_its_own_law(practice: &Practice) {
    let kept = std::fs::read_to_string(practice.inventory()).unwrap();
    let with = |balancer: &str| {
        let edited = kept.replacen("clusters:", &format!("balancer: {{ {balancer} }}\n\nclusters:"), 1);
        std::fs::write(practice.inventory(), edited).unwrap();
        let applied = practice.json(0, &["apply", "--limit", "team01/lb"]);
        assert_verified(&applied);
        let checks = applied["checks"].as_array().unwrap();
        text(&checks.iter().find(|check| check["check"] == "balance").unwrap()["detail"])
    };
    for algorithm in ["static-rr", "leastconn", "random(2)", "first"] {
        with(&format!("algorithm: {algorithm}"));
    }
    for algorithm in ["source", "uri"] {
        let detail = with(&format!("algorithm: {algorithm}"));
        assert!(detail.contains("one client always has one server"), "{algorithm}: {detail}");
    }
    let configuration = practice.inside("team01/lb", &format!("cat {BALANCER}"));
    let weighted = configuration.replace("balance uri", "balance roundrobin").replacen(
        ":80 check",
        ":80 check weight 3",
        1,
    );
    std::fs::write(practice.inventory().with_file_name("weighted.cfg.tera"), weighted).unwrap();
    let detail = with("template: weighted.cfg.tera");
    assert!(detail.contains("web01 30, web02 10 (weights 3, 1)"), "{detail}");
    std::fs::write(practice.inventory(), kept).unwrap();
    assert_verified(&practice.json(0, &["apply", "--limit", "team01/lb"]));
}

fn a_watch_tells_what_changes(practice: &Practice) {
    let watch = practice.start(&["verify", "--watch", "--interval", "300ms", "-l", "team01"]);
    watch.await_line("12 of 12 probes pass");
    practice.inside("team01/web01", "systemctl stop apache2");
    watch.await_line("✗ team01/web01 service: apache2 is inactive");
    // The connection is gone, and a new one is opened. Of sshd's two processes, the second may go with the first.
    practice.inside("team01/web02", "pkill -f '[s]shd: aluno'");
    watch.await_line("✗ team01/web02 ssh: ");
    watch.await_line("✓ team01/web02 ssh: ");
    practice.inside("team01/web01", "systemctl start apache2");
    watch.await_line("✓ team01/web01 service: ");
    std::thread::sleep(Duration::from_secs(6));
    watch.signal(Signal::INT);
    let ended = watch.end();
    assert_eq!(ended.code, 0, "{}\n{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("12 of 12 probes passed"), "{}", ended.stdout);
}

fn on_a_terminal_a_watch_is_drawn_in_place(practice: &Practice) {
    let watch = ["verify", "--watch", "-v", "--interval", "300ms", "-l", "team01"];
    let mut watch = practice.start_on_terminal(&watch);
    watch.await_line("12 of 12 probes pass");
    practice.inside("team01/web01", &format!("cp -a {PAGE} /root/kept.html && echo minha >{PAGE}"));
    watch.await_line("✗ team01/web01 http: ");
    practice.inside("team01/web01", &format!("cp -a /root/kept.html {PAGE}"));
    watch.await_line("✓ team01/web01 http: ");
    watch.type_in("\u{3}");
    let ended = watch.end();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let (before, after) = ended.stderr.split_once("^C").expect("the terminal shows what is typed");
    let (head, screen) = (" of 12 probes pass (every 300ms; Ctrl-C ends)", InMemoryTerm::new(24, 80));
    assert!(before.matches(head).count() >= 3, "{before}");
    screen.write_str(before).unwrap();
    let seen = screen.contents();
    for (part, times) in [(head, 1), ("team01", 8), ("connected by russh", 3), ("✗ team01/web01 http: ", 1)]
    {
        assert_eq!(seen.matches(part).count(), times, "{part}:\n{seen}");
    }
    // What changed stays, and the result stands below it.
    screen.write_str(after).unwrap();
    let seen = screen.contents();
    assert!(!seen.contains(head) && seen.contains("✓ team01/web01 http: "), "{seen}");
    assert!(seen.contains("12 of 12 probes passed"), "{seen}");
}
