//! Many clusters, releases and sudo with a password.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::document::{assert_verified, changes};
use crate::practice::Practice;

#[test]
#[ignore = "needs root and lab hosts"]
fn two_clusters_with_sudo_passwords_on_two_releases_do_not_mix() {
    let practice = Practice::up(
        "clusters",
        &["--clusters", "2", "--web", "2", "--release", "bookworm,trixie", "--sudo-password"],
    );
    let password = fs::read_to_string(practice.sudo_password_file()).unwrap().trim().to_owned();
    let versions: BTreeSet<_> = practice
        .host_names()
        .iter()
        .map(|host| {
            practice
                .inside(host, "! setpriv --reuid aluno --regid aluno --init-groups sudo -n true 2>/dev/null");
            practice.inside(host, ". /etc/os-release; echo $VERSION_ID")
        })
        .collect();
    assert_eq!(versions, BTreeSet::from(["12\n".to_owned(), "13\n".to_owned()]));

    let applied = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| watch_processes(&password, &applied));
        let apply = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| practice.json(0, &["apply"])));
        applied.store(true, Ordering::Relaxed);
        assert_eq!(
            watching.join().unwrap(),
            BTreeSet::new(),
            "the sudo password was in arguments or environment"
        );
        let apply = apply.unwrap();
        assert_eq!(apply["summary"]["changed"], 6, "{apply}");
        assert_verified(&apply);
    });

    for cluster in ["team01", "team02"] {
        let own: BTreeSet<_> =
            ["web01", "web02"].iter().map(|web| practice.page(&format!("{cluster}/{web}"))).collect();
        let balanced: BTreeSet<_> = (0..8).map(|_| practice.page(&format!("{cluster}/lb"))).collect();
        assert_eq!(own, balanced, "the balancer of {cluster} serves other pages than its own web hosts");
    }
    for host in practice.host_names() {
        let found = practice.inside_with(
            host,
            "grep -rlsaF -f - /var/log /var/lib/provision /var/tmp /run /tmp /etc /home /root || true",
            &format!("{password}\n"),
        );
        assert_eq!(found, "", "the sudo password was written on {host}");
    }

    let reports = ["class.html", "grades.csv", "tests.xml", "run.json"];
    let flags = reports.iter().flat_map(|report| ["--report", report]);
    practice.expect(0, &std::iter::once("verify").chain(flags).collect::<Vec<_>>());
    let [page, table, junit, document] = reports.map(|report| practice.report(report));
    for cluster in ["team01", "team02"] {
        assert!(page.contains(&format!("<h3>{cluster}</h3>")), "{page}");
        assert!(table.contains(&format!("\n{cluster},{cluster},,100.00,")), "{table}");
        assert!(junit.contains(&format!("<testsuite name=\"{cluster}/lb\"")), "{junit}");
    }
    assert_eq!(page.matches("<text class=\"percent\"").count(), 4, "each web host has its share of requests");
    assert_verified(&serde_json::from_str(&document).unwrap());

    let again = practice.json(0, &["apply", "--no-verify"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{again}");
    assert_eq!(again["summary"]["unchanged"], 6);

    // One wrong answer, not as many as sudo allows: hosts lock accounts.
    let attempts = "journalctl -q -o cat SYSLOG_IDENTIFIER=sudo | grep -c 'pam_unix(sudo:auth): authentication failure' || true";
    practice
        .edit_inventory(|text| text.replace(&format!("file:{}", practice.sudo_password_file()), "env:WRONG"));
    let mut wrong = practice.verb(&["apply", "--limit", "team01/lb", "-o", "json"]);
    wrong.env("WRONG", "not the password");
    let refused = practice.finish(2, wrong);
    let message = refused["hosts"][0]["error"]["message"].as_str().unwrap();
    assert!(message.contains("password"), "{message}");
    assert_eq!(practice.inside("team01/lb", attempts), "1\n");
}

/// Looks at every process of this machine, those of the hosts among them, until told to stop.
fn watch_processes(secret: &str, stop: &AtomicBool) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    while !stop.load(Ordering::Relaxed) {
        for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            if !entry.file_name().to_string_lossy().starts_with(|first: char| first.is_ascii_digit()) {
                continue;
            }
            for file in ["cmdline", "environ"] {
                let text = fs::read(entry.path().join(file)).unwrap_or_default();
                let text = String::from_utf8_lossy(&text);
                if text.contains(secret) {
                    found.insert(format!("{}/{file}: {text}", entry.path().display()));
                }
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    found
}
