//! What goes wrong in class: an impatient Ctrl-C, a host that is down.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;

use crate::document::{assert_verified, changes, host};
use crate::practice::Practice;
use crate::running::{Running, await_that};

const AT_WORK: &str = "cat /proc/[0-9]*/comm 2>/dev/null | grep -xE 'apt-get|dpkg' || true";

#[test]
#[ignore = "needs root and lab hosts"]
fn an_interrupted_apply_and_a_host_that_is_down_cost_little() {
    let practice = Practice::up("trouble", &["--web", "2"]);
    after_ctrl_c_nothing_goes_on(&practice);
    a_host_that_is_down_costs_the_others_nothing(&practice);
    a_gap_of_20_seconds_needs_no_second_command(&practice);
    a_connection_that_breaks_is_made_again(&practice);
    a_host_that_was_silent_hands_over(&practice);
    a_reset_whose_connection_breaks_goes_on(&practice);
    one_that_breaks_at_once_too(&practice);
}

/// Waits until apt has started dpkg on a host: a look asks dpkg, too, and changes nothing.
pub fn await_dpkg(practice: &Practice, host: &str) {
    await_that("dpkg is at work", Duration::from_secs(120), || {
        !practice.inside(host, "pgrep -f '[d]pkg .*--status-fd' || true").is_empty()
    });
}

fn after_ctrl_c_nothing_goes_on(practice: &Practice) {
    let apply = practice.start(&["apply"]);
    await_dpkg(practice, "web01");
    apply.signal(Signal::INT);
    apply.await_line("Interrupted");
    let ran = apply.end();
    assert_eq!(ran.code, 130, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("web01"), "nothing is said of what is not done:\n{}", ran.stdout);
    for name in practice.host_names() {
        assert_eq!(practice.inside(name, AT_WORK), "", "apt still runs on {name}");
        assert_eq!(
            practice.inside(name, "dpkg --audit; ls -d /run/provision.?????? 2>/dev/null || true"),
            ""
        );
        assert_eq!(practice.inside(name, "test ! -e /opt/socket || echo went on"), "", "{name}");
    }
}

fn set_link(practice: &Practice, state: &str) {
    let ran = practice.run(&["lab", "link", "web02", state, "--name", practice.name()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
}

fn a_host_that_is_down_costs_the_others_nothing(practice: &Practice) {
    set_link(practice, "down");
    let apply = practice.json(4, &["apply"]);
    let status = |name: &str| host(&apply, name)["status"].as_str().unwrap();
    // The balancer may have been through when Ctrl-C came.
    assert!(["ok", "changed"].contains(&status("lb")), "{apply}");
    assert_eq!((status("web01"), status("web02")), ("changed", "unreachable"));
    assert_eq!(practice.get("lb", 80).unwrap().server.as_deref(), Some("web01"));

    let again = practice.expect(4, &["apply", "--no-verify"]);
    let told = |name: &str| {
        let line = again.lines.iter().find(|(_, line)| line.contains(&format!("] {name}: ")));
        line.unwrap_or_else(|| panic!("nothing of {name} in {}", again.stderr)).0
    };
    let dead = told("web02");
    for name in ["lb", "web01"] {
        let ahead = dead.saturating_duration_since(told(name));
        assert!(ahead > Duration::from_secs(4), "{name} waited for web02: {}", again.stderr);
    }
    assert!(again.stdout.contains("web02"), "{}", again.stdout);

    set_link(practice, "up");
    assert_verified(&practice.json(0, &["apply"]));
    let servers: BTreeSet<_> = (0..4).map(|_| practice.get("lb", 80).unwrap().server.unwrap()).collect();
    assert_eq!(servers, BTreeSet::from(["web01".to_owned(), "web02".to_owned()]));
    assert_eq!(changes(&practice.json(0, &["apply", "--no-verify"])), BTreeSet::new());
}

/// Begins to set a bare host up, and returns once dpkg is at work there.
fn at_work(practice: &Practice) -> Running {
    practice.expect(0, &["reset", "--limit", "web02"]);
    let apply = practice.start(&["apply", "--no-verify"]);
    await_dpkg(practice, "web02");
    apply
}

fn assert_set_up(practice: &Practice, apply: Running) -> String {
    let ran = apply.end();
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert_eq!(changes(&practice.json(0, &["apply", "--no-verify"])), BTreeSet::new());
    ran.stderr
}

fn a_gap_of_20_seconds_needs_no_second_command(practice: &Practice) {
    let apply = at_work(practice);
    set_link(practice, "down");
    std::thread::sleep(Duration::from_secs(20));
    set_link(practice, "up");
    let said = assert_set_up(practice, apply);
    assert!(!said.contains("lost"), "{said}");
}

fn a_connection_that_breaks_is_made_again(practice: &Practice) {
    let apply = at_work(practice);
    practice.inside("web02", "kill $(pgrep -f '^sshd: [a-z]+@')");
    let said = assert_set_up(practice, apply);
    assert!(said.contains("its connection was lost; joining it again"), "{said}");
}

fn one_that_breaks_at_once_too(practice: &Practice) {
    let first_dies = r#"mkdir /tmp/once 2>/dev/null && pkill -KILL -f "^sshd: [a-z]+@""#;
    practice.inside("web02", &format!("echo '{first_dies}' >/etc/ssh/sshrc"));
    let plan = practice.expect(0, &["plan"]);
    assert!(plan.stderr.contains("web02: its connection was lost; joining it again"), "{}", plan.stderr);
    practice.inside("web02", "rm /etc/ssh/sshrc; rmdir /tmp/once");
}

/// The first program still waits to be joined when the second one comes.
fn a_host_that_was_silent_hands_over(practice: &Practice) {
    let apply = at_work(practice);
    set_link(practice, "down");
    apply.await_line("its connection was lost; joining it again");
    set_link(practice, "up");
    assert_set_up(practice, apply);
}

fn a_reset_whose_connection_breaks_goes_on(practice: &Practice) {
    let reset = practice.start(&["reset", "--yes", "--limit", "web02"]);
    await_that("dpkg is at work", Duration::from_secs(120), || {
        practice.inside("web02", AT_WORK).contains("dpkg")
    });
    practice.inside("web02", "kill $(pgrep -f '^sshd: [a-z]+@')");
    let ran = reset.end();
    assert_eq!(ran.code, 0, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("its connection was lost; joining it again"), "{}", ran.stderr);
    assert!(!ran.stdout.contains("not run"), "{}", ran.stdout);
    let left =
        "ls -d /var/lib/provision /etc/apache2 2>/dev/null; dpkg -l apache2 2>/dev/null | grep ^ii; true";
    assert_eq!(practice.inside("web02", left), "");
}

#[test]
#[ignore = "needs root and lab hosts"]
fn a_lab_that_is_cancelled_leaves_nothing() {
    let practice = Practice::without_lab("cancelled");
    // More hosts than are started at once, so that some are up while others are not.
    for wait_for in ["starting", "is up"] {
        let up = practice.start_lab(&["--web", "20"]);
        up.await_line(wait_for);
        up.signal(Signal::INT);
        let ran = up.end();
        assert_eq!(ran.code, 130, "{}", ran.stderr);
        let ours: Vec<_> =
            practice.listed().into_iter().filter(|lab| lab["name"] == practice.name()).collect();
        assert_eq!(ours, Vec::<serde_json::Value>::new());
        assert!(!practice.inventory().exists(), "an inventory of no hosts");
        assert_eq!(practice.leftovers(), Vec::<String>::new());
    }
}
