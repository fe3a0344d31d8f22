//! Packages for hosts whose sshd forbids forwarding, over both transports, with a sudo password, on apt of two releases.

use std::collections::BTreeSet;
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;

use crate::document::changes;
use crate::practice::Practice;
use crate::running::{Running, await_that};
use crate::uplink::{CUT, Uplink};

const HOSTS: [&str; 2] = ["lb", "web01"];
const NOTE: &str = "its sshd forbids forwarding: packages are uploaded instead";
/// Sources of no concern, in both forms, which never answer as they should.
const BROKEN: &str = "echo 'deb http://nowhere.invalid/apt stable main' >/etc/apt/sources.list.d/broken.list
    printf 'Types: deb\\nURIs: https://nowhere.invalid/more\\nSuites: stable\\nComponents: main\\n' \
        >/etc/apt/sources.list.d/broken.sources";

#[test]
#[ignore = "needs root and lab hosts"]
fn hosts_that_forbid_forwarding_get_their_packages_all_the_same() {
    let mut practice =
        Practice::up("upload", &["--web", "1", "--release", "bookworm,trixie", "--sudo-password"]);
    practice.use_empty_cache();
    practice.edit_inventory(|text| text.replace("  web01: {", "  web01: { ssh: { transport: openssh },"));
    for host in HOSTS {
        practice.inside(host, BROKEN);
        practice.inside(
            host,
            "echo AllowTcpForwarding no >/etc/ssh/sshd_config.d/forbids.conf && systemctl reload ssh",
        );
        practice.mark(host);
    }
    packages_can_be_fetched_before_class(&practice);
    a_tool_that_dies_leaves_nothing(&practice);
    the_next_one_installs_without_the_uplink(&practice);
}

fn through(proxy: &str, mut command: Command) -> Command {
    command.env("http_proxy", proxy).env_remove("HTTP_PROXY").env_remove("no_proxy").env_remove("NO_PROXY");
    command
}

fn packages_can_be_fetched_before_class(practice: &Practice) {
    let inventory = practice.inventory();
    let uplink = Uplink::open();
    let fetch = practice.command(&["packages", "fetch", inventory.to_str().unwrap()]);
    let fetched = practice.run_to(0, through(&uplink.url(), fetch));
    assert_eq!(fetched.stderr.matches(NOTE).count(), 2, "{}", fetched.stderr);
    let requests = uplink.requests();
    for package in ["/haproxy_", "/apache2_"] {
        let asked: Vec<_> = requests.iter().filter(|(url, _)| url.contains(package)).collect();
        assert!(matches!(asked[..], [(_, 1)]), "{package} crossed the uplink as {asked:#?}");
    }
    for host in HOSTS {
        let kept = practice.touched(host).into_iter().filter(|path| {
            ["/etc/apt", "/usr/", "/var/cache/", "/var/lib/apt/", "/var/lib/provision"]
                .iter()
                .any(|folder| path.starts_with(folder))
        });
        let kept: Vec<_> =
            kept.filter(|path| !["/var/cache", "/var/lib/apt"].contains(&path.as_str())).collect();
        assert_eq!(kept, Vec::<String>::new(), "fetching packages left something on {host}");
    }
}

fn a_tool_that_dies_leaves_nothing(practice: &Practice) {
    let uplink = Uplink::open();
    let apply = through(&uplink.url(), practice.verb(&["apply", "--no-verify"]));
    let apply = Running::start(apply, "", Duration::from_secs(200));
    for host in HOSTS {
        await_that("files are uploaded", Duration::from_secs(60), || {
            !practice.inside(host, "ls /var/lib/provision/uploads 2>/dev/null || true").is_empty()
        });
    }
    apply.signal(Signal::KILL);
    apply.end();
    for host in HOSTS {
        await_that("the host is done", Duration::from_secs(60), || {
            practice.inside(host, "flock -n /run/provision.lock true && echo free || true") == "free\n"
        });
        assert_nothing_is_left(practice, host);
    }
}

fn the_next_one_installs_without_the_uplink(practice: &Practice) {
    let apply = practice.run_to(0, through(CUT, practice.verb(&["apply", "--no-verify"])));
    assert_eq!(apply.stderr.matches(NOTE).count(), 2, "{}", apply.stderr);
    assert_eq!(practice.page("web01"), practice.page("lb"));
    let again = practice.json(0, &["apply", "--no-verify"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{again}");
    for host in HOSTS {
        assert_nothing_is_left(practice, host);
        practice.inside(host, "LC_ALL=C apt-cache policy haproxy | grep -q 'Candidate: [0-9]'");
    }
}

/// Of a run that is over, the journal and the lock stay.
fn assert_nothing_is_left(practice: &Practice, host: &str) {
    let left = practice.inside(
        host,
        "ls -d /run/provision* /var/cache/provision* /var/lib/provision/uploads 2>/dev/null
         grep -rls provision /etc/apt
         grep -sa -l 'uploads/[m]ethod' /proc/[0-9]*/cmdline
         true",
    );
    assert_eq!(left, "/run/provision.lock\n", "on {host}");
}
