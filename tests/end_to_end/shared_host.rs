//! A host that others use at the same time, reached by the user's own ssh.

use std::collections::BTreeSet;

use crate::document::{assert_verified, changes};
use crate::practice::Practice;

/// Holds dpkg's lock as unattended upgrades do, until killed.
pub const HOLDER: &str = "perl -MFcntl -e '$0 = \"unattended-upgr\"; my $lock = pack(\"s s x4 q q i x4\", F_WRLCK, 0, 0, 0, 0); \
     open(my $file, \">>\", \"/var/lib/dpkg/lock-frontend\") or die; fcntl($file, F_SETLK, $lock) or die; sleep' \
     >/dev/null 2>&1 & sleep 0.3; kill -0 $! && echo $!";

#[test]
#[ignore = "needs root and lab hosts"]
fn the_users_own_ssh_waits_for_others_and_converges() {
    let practice = Practice::up("openssh", &["--web", "1"]);
    practice.edit_inventory(|text| text.replacen("ssh:", "ssh:\n  transport: openssh", 1));
    let holder = practice.inside("web01", HOLDER);

    let first = practice.start(&["apply", "-v"]);
    first.await_line("waiting for unattended-upgr");
    let second = practice.start(&["apply", "--no-verify", "--limit", "web01"]);
    second.await_line("waiting for another run");
    practice.inside("web01", &format!("kill {}", holder.trim()));
    let (first, second) = (first.end(), second.end());
    assert_eq!(first.code, 0, "{}\n{}", first.stdout, first.stderr);
    assert_eq!(second.code, 0, "{}\n{}", second.stdout, second.stderr);
    assert!(first.stderr.contains("openssh"), "{}", first.stderr);

    let answer = practice.get("lb", 80).unwrap();
    assert_eq!((answer.status, answer.server.as_deref()), (200, Some("web01")));
    assert_eq!(answer.body, practice.page("web01"));
    let again = practice.json(0, &["apply"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{again}");
    assert_verified(&again);

    let hosts = ["lb", "web01"];
    for host in hosts {
        practice.count_logins(host);
    }
    let counted = hosts.map(|host| practice.logins(host));
    for host in hosts {
        practice.mark(host);
    }
    practice.expect(0, &["apply", "--no-verify"]);
    for (host, (logins, executions)) in hosts.iter().zip(counted) {
        assert_eq!(practice.touched(host), BTreeSet::new(), "a no-op touched something on {host}");
        assert_eq!(
            practice.logins(host),
            (logins + 1, executions + 1),
            "connections and executions on {host}"
        );
    }
}
