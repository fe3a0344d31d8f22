//! What goes wrong in class: a host that is down, an impatient Ctrl-C.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::practice::Practice;

#[test]
fn a_host_that_is_down_costs_the_others_nothing() {
    let practice = Practice::up("down", &["--web", "2"]);
    practice.inside("web02", "ip link set host0 down");
    let apply = practice.json(4, &["apply"]);
    let status = |host: &str| {
        apply["hosts"].as_array().unwrap().iter().find(|entry| entry["host"] == host).unwrap()["status"]
            .clone()
    };
    assert_eq!(
        (status("lb"), status("web01"), status("web02")),
        ("changed".into(), "changed".into(), "unreachable".into())
    );
    assert_eq!(practice.get("lb", 80).unwrap().server.as_deref(), Some("web01"));
    let text = practice.expect(4, &["apply", "--no-verify"]);
    assert!(text.stdout.contains("web02"), "{}", text.stdout);

    practice.inside("web02", "ip link set host0 up");
    practice.expect(0, &["apply"]);
    let servers: Vec<_> = (0..4).map(|_| practice.get("lb", 80).unwrap().server).collect();
    assert!(servers.contains(&Some("web02".to_owned())), "{servers:?}");
}

#[test]
fn after_ctrl_c_midway_the_next_apply_converges() {
    let practice = Practice::up("ctrlc", &["--web", "1"]);
    let inventory = practice.inventory();
    let mut child = practice
        .command(&["apply", inventory.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // The first line that speaks of a package means that apt is at work.
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let seen = lines.by_ref().map_while(Result::ok).find(|line| line.contains("apache2"));
    assert!(seen.is_some(), "nothing was installed");
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let rest: Vec<_> = lines.map_while(Result::ok).collect();
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130), "{rest:?}");

    // Nothing of the run goes on after a while, whatever it was doing.
    let deadline = Instant::now() + Duration::from_secs(60);
    while practice.inside("web01", "pgrep -c 'apt-get|dpkg' || true").trim() != "0" {
        assert!(Instant::now() < deadline, "apt still runs");
        std::thread::sleep(Duration::from_millis(500));
    }
    practice.expect(0, &["apply"]);
    assert_eq!(practice.get("lb", 80).unwrap().server.as_deref(), Some("web01"));
    let again = practice.json(0, &["apply", "--no-verify"]);
    assert_eq!(again["summary"]["unchanged"], 2, "{again}");
}
