//! From bare hosts to a working cluster, staying there, and back.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::practice::Practice;

/// (host, resource, action) of a plan or an apply.
fn changes(document: &Value) -> BTreeSet<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    document["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|host| {
            host["changes"]
                .as_array()
                .unwrap()
                .iter()
                .map(move |change| (text(&host["host"]), text(&change["resource"]), text(&change["action"])))
        })
        .collect()
}

/// Everything a no-op must leave alone: content, times and modes of files, process ids of services.
fn fingerprint(practice: &Practice, host: &str) -> String {
    practice.inside(
        host,
        "find /etc /var/www /opt /var/lib/provision -xdev -type f -printf '%p %T@ %m %u\\n' | sort
         find /etc /var/www /opt /var/lib/provision -xdev -type f -exec sha256sum {} + | sort
         systemctl show -p Id,MainPID,ActiveEnterTimestamp haproxy apache2 2>/dev/null",
    )
}

fn bare(practice: &Practice, host: &str) -> String {
    practice.inside(
        host,
        "dpkg-query -W -f '${Package} ${Status}\\n' | grep ' installed$' | sort
         ls -A /etc/haproxy /etc/apache2 /var/www /opt /var/lib/provision 2>/dev/null || true",
    )
}

#[test]
fn bare_hosts_become_a_cluster_and_stay_one() {
    let practice = Practice::up("converge", &["--web", "2"]);
    let hosts = ["lb", "web01", "web02"];

    let before: Vec<_> = hosts.iter().map(|host| bare(&practice, host)).collect();
    let plan = practice.json(0, &["plan"]);
    assert_eq!(plan["summary"]["changed"], 3, "{plan}");
    practice.expect(2, &["plan", "--detailed-exitcode"]);
    let after: Vec<_> = hosts.iter().map(|host| bare(&practice, host)).collect();
    assert_eq!(before, after, "a plan changed a host");

    let apply = practice.json(0, &["apply"]);
    assert_eq!(changes(&plan), changes(&apply), "apply did something else than the plan said");
    assert_eq!(apply["summary"]["changed"], 3);
    let checks = apply["checks"].as_array().unwrap();
    assert!(checks.len() >= 3 && checks.iter().all(|check| check["status"] == "pass"), "{apply}");

    // Each web host serves a page of its own, and the balancer deals requests out in turn.
    let pages: Vec<_> = ["web01", "web02"]
        .iter()
        .map(|host| {
            let answer = practice.get(host, 80).unwrap();
            assert_eq!(answer.status, 200);
            assert!(answer.body.contains(host), "{}", answer.body);
            answer.body
        })
        .collect();
    assert_ne!(pages[0], pages[1]);
    let answers: Vec<_> = (0..10).map(|_| practice.get("lb", 80).unwrap()).collect();
    for (name, page) in ["web01", "web02"].iter().zip(&pages) {
        let of_this_host: Vec<_> = answers.iter().filter(|answer| answer.body == *page).collect();
        assert_eq!(of_this_host.len(), 5, "{name} answered {} of 10 requests", of_this_host.len());
        assert!(of_this_host.iter().all(|answer| answer.server.as_deref() == Some(*name)));
    }
    let configuration = practice.inside("lb", "cat /etc/haproxy/haproxy.cfg");
    for line in ["frontend http-in", "backend backend_servers", "balance roundrobin", "option forwardfor"] {
        assert!(configuration.contains(line), "{line} is missing in\n{configuration}");
    }
    practice.inside("lb", "systemctl is-enabled haproxy && haproxy -c -f /etc/haproxy/haproxy.cfg");
    practice
        .inside("web02", "systemctl is-enabled apache2 && tail -n 1 /var/log/apache2/access.log | grep -q .");
    practice.inside("web01", "cd /opt/socket && ls 01-simples/server-book.py 02-sequencial/server.py 03-thread/server-thread.py && python3 -m py_compile 03-thread/constCS.py");
    practice.inside("web01", "rm -rf /opt/socket/03-thread/__pycache__; find /etc/apt/apt.conf.d -newer /etc/machine-id -name '*provision*' | grep . && exit 1 || true");

    // Nothing changes any more, at the cost of one connection and one remote execution a host.
    for host in hosts {
        practice.inside(
            host,
            "echo LogLevel VERBOSE >/etc/ssh/sshd_config.d/verbose.conf && systemctl reload ssh",
        );
    }
    let settled: Vec<_> = hosts.iter().map(|host| fingerprint(&practice, host)).collect();
    let sessions = |host: &str| -> (usize, usize) {
        let journal = practice.inside(host, "journalctl -q -u ssh -o cat | cat");
        let count = |needle: &str| journal.lines().filter(|line| line.contains(needle)).count();
        (count("Accepted publickey"), count("Starting session"))
    };
    let counted: Vec<_> = hosts.iter().map(|host| sessions(host)).collect();
    let again = practice.json(0, &["apply", "--no-verify"]);
    assert!(changes(&again).is_empty(), "{again}");
    assert_eq!(again["summary"]["unchanged"], 3);
    for (host, (logins, executions)) in hosts.iter().zip(counted) {
        assert_eq!(sessions(host), (logins + 1, executions + 1), "{host}");
    }
    let unmoved: Vec<_> = hosts.iter().map(|host| fingerprint(&practice, host)).collect();
    assert_eq!(settled, unmoved, "a second apply touched something");
    practice.expect(0, &["verify"]);

    // A title for all web hosts changes their pages and nothing else.
    practice.edit_inventory(|text| format!("{text}\nvars: {{ title: Aula de quinta }}\n"));
    let titled = practice.json(0, &["apply"]);
    let expected: BTreeSet<_> = ["web01", "web02"]
        .iter()
        .map(|host| ((*host).to_owned(), "file:/var/www/html/index.html".to_owned(), "update".to_owned()))
        .collect();
    assert_eq!(changes(&titled), expected);
    assert!(practice.get("web01", 80).unwrap().body.contains("Aula de quinta"));

    // What a student edits is shown as a diff and put right.
    practice.inside("web01", "echo '<h1>eu estive aqui</h1>' >/var/www/html/index.html");
    practice.inside("lb", "sed -i 's/roundrobin/leastconn/' /etc/haproxy/haproxy.cfg");
    let plan = practice.expect(0, &["plan"]);
    for line in
        ["-<h1>eu estive aqui</h1>", "leastconn", "roundrobin", "changed on the host since the last apply"]
    {
        assert!(plan.stdout.contains(line), "{line} is missing in\n{}", plan.stdout);
    }
    let pid = practice.inside("lb", "systemctl show -p MainPID --value haproxy");
    let repaired = practice.json(0, &["apply"]);
    assert_eq!(repaired["summary"]["changed"], 2, "{repaired}");
    assert_eq!(
        pid,
        practice.inside("lb", "systemctl show -p MainPID --value haproxy"),
        "restarted, not reloaded"
    );
    assert!(practice.get("web01", 80).unwrap().body.contains("Aula de quinta"));

    // And back: reset undoes exactly what was done.
    for host in hosts {
        practice.inside(host, "rm /etc/ssh/sshd_config.d/verbose.conf && systemctl reload ssh");
    }
    practice.expect(0, &["reset", "--yes"]);
    let undone: Vec<_> = hosts.iter().map(|host| bare(&practice, host)).collect();
    assert_eq!(before, undone, "reset left something");
}

#[test]
fn the_users_own_ssh_does_the_same() {
    let practice = Practice::up("openssh", &["--web", "1"]);
    practice.edit_inventory(|text| text.replacen("ssh:", "ssh:\n  transport: openssh", 1));
    let apply = practice.json(0, &["apply"]);
    assert_eq!(apply["summary"]["changed"], 2, "{apply}");
    let answer = practice.get("lb", 80).unwrap();
    assert_eq!((answer.status, answer.server.as_deref()), (200, Some("web01")));
    let again = practice.json(0, &["apply"]);
    assert!(changes(&again).is_empty(), "{again}");
}
