//! The failover drill: what it measures, and that what it takes out comes back, whoever dies meanwhile.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::document::{changes, text};
use crate::practice::Practice;
use crate::running::{Running, await_that};

const VICTIM: &str = "web03";
/// Apache's state, and what a drill may have left behind. The lock of all runs stays.
const STATE: &str = "systemctl is-active apache2; systemctl is-enabled apache2";
const TRACES: &str = "ls -d /run/provision.*.* /run/systemd/transient/provision* 2>/dev/null; systemctl list-units \
                      --all --no-legend 'provision-drill*'; true";

#[test]
#[ignore = "needs root and lab hosts"]
fn a_drill_measures_and_what_it_takes_out_comes_back() {
    let practice = Practice::up("drill", &["--web", "3"]);
    practice.json(0, &["apply"]);
    a_stopped_web_server_is_missed_and_used_again(&practice);
    haproxy_can_be_told_instead(&practice);
    one_of_two_at_once_is_refused(&practice);
    a_server_that_could_not_start_again_stays(&practice);
    ctrl_c_brings_it_back_at_once(&practice);
    the_host_brings_it_back_when_the_tool_is_killed(&practice);
    the_timer_brings_it_back_when_nobody_else_is_left(&practice);
    it_is_brought_back_when_nobody_can_look_on(&practice);
    a_cluster_that_is_not_well_is_not_drilled(&practice);
    assert_eq!(changes(&practice.json(0, &["apply", "--no-verify"])), BTreeSet::new());
}

fn a_stopped_web_server_is_missed_and_used_again(practice: &Practice) {
    let document = practice.json(0, &["drill", "--yes"]);
    let drill = assert_failover(&document);
    assert_eq!(text(&drill["mode"]), "stop");
    // HAProxy checks every two seconds, and believes the second failure.
    let out = drill["measured"]["out_after"].as_f64().unwrap();
    assert!((0.3..=6.0).contains(&out), "{}", drill["measured"]);
    assert_as_before(practice);
}

fn haproxy_can_be_told_instead(practice: &Practice) {
    let [report, page] = ["drill.json", "drill.html"].map(|name| practice.inventory().with_file_name(name));
    let mut verb = vec!["drill", "--mode", "maint", "--host", "web01", "--hold", "2s"];
    verb.extend([&report, &page].into_iter().flat_map(|path| ["--report", path.to_str().unwrap()]));
    let ran = practice.expect(0, &verb);
    let drawn = std::fs::read_to_string(&page).unwrap();
    assert!(drawn.contains("<figure class=\"chart\">") && drawn.contains("Failover works"), "{drawn}");
    std::fs::remove_file(page).unwrap();
    assert!(ran.stdout.contains("web01: in maintenance · out of rotation after "), "{}", ran.stdout);
    assert!(ran.stderr.contains("web01: in maintenance"), "{}", ran.stderr);
    let document: Value = serde_json::from_str(&std::fs::read_to_string(&report).unwrap()).unwrap();
    std::fs::remove_file(report).unwrap();
    let drill = assert_failover(&document);
    assert_eq!((text(&drill["host"]), drill["measured"]["lost"].as_u64()), ("web01".to_owned(), Some(0)));
    assert_as_before(practice);
}

fn one_of_two_at_once_is_refused(practice: &Practice) {
    let drills =
        [&["drill", "--hold", "1s"][..], &["drill", "--mode", "maint", "--host", "web01", "--hold", "1s"]];
    let mut ran = drills.map(|verb| practice.start(verb)).map(Running::end);
    ran.sort_by_key(|ran| ran.code);
    let [passed, refused] = ran;
    assert_eq!((passed.code, refused.code), (0, 2), "{}\n{}", passed.stdout, refused.stdout);
    assert!(refused.stdout.contains("another drill of this cluster is under way"), "{}", refused.stdout);
    assert_as_before(practice);
}

fn a_server_that_could_not_start_again_stays(practice: &Practice) {
    let fragment = "/etc/apache2/conf-enabled/ana.conf";
    practice.inside(VICTIM, &format!("echo Typo >{fragment}"));
    let ran = practice.expect(2, &["drill"]);
    assert!(ran.stdout.contains(&format!("broken in {fragment}")), "{}", ran.stdout);
    practice.inside(VICTIM, &format!("rm {fragment}"));
    assert_as_before(practice);
}

fn ctrl_c_brings_it_back_at_once(practice: &Practice) {
    let drill = practice.start(&["drill", "--hold", "50s"]);
    drill.await_line("out of rotation");
    assert_eq!(practice.inside(VICTIM, STATE), "inactive\nenabled\n");
    drill.signal(Signal::INT);
    let ran = drill.end();
    assert_eq!(ran.code, 130, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("apache2 runs again"), "{}", ran.stderr);
    assert!(ran.stdout.contains("its web host was brought back"), "{}", ran.stdout);
    assert_as_before(practice);
}

fn the_host_brings_it_back_when_the_tool_is_killed(practice: &Practice) {
    let drill = practice.start(&["drill", "--hold", "50s"]);
    drill.await_line("apache2 is stopped");
    drill.signal(Signal::KILL);
    assert_eq!(drill.end().code, -1);
    await_that("apache2 runs again", Duration::from_secs(20), || {
        practice.inside(VICTIM, STATE) == "active\nenabled\n"
    });
    await_that("nothing is left", Duration::from_secs(10), || practice.inside(VICTIM, TRACES).is_empty());
    assert_as_before(practice);
}

fn the_timer_brings_it_back_when_nobody_else_is_left(practice: &Practice) {
    let drill = practice.start(&["drill", "--hold", "10s", "--restore-after", "16s"]);
    drill.await_line("apache2 is stopped");
    let kill = "read -r program _ </run/provision.lock && kill -KILL $program";
    practice.inside(VICTIM, kill);
    let ran = drill.end();
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("the host brings it back by itself"), "{}", ran.stdout);
    assert_eq!(practice.inside(VICTIM, STATE), "inactive\nenabled\n");
    await_that("apache2 runs again", Duration::from_secs(40), || {
        practice.inside(VICTIM, STATE) == "active\nenabled\n"
    });
    // What a killed program left goes with the next run.
    practice.json(0, &["apply", "--no-verify"]);
    await_that("HAProxy uses it again", Duration::from_secs(10), || served(practice).contains(VICTIM));
    practice.json(0, &["drill", "--hold", "1s"]);
    assert_as_before(practice);
}

fn it_is_brought_back_when_nobody_can_look_on(practice: &Practice) {
    let drill = practice.start(&["drill", "--hold", "50s"]);
    drill.await_line("out of rotation");
    let pulled = practice.run(&["lab", "link", "lb", "down", "--name", practice.name()]);
    assert_eq!(pulled.code, 0, "{}", pulled.stderr);
    let ran = drill.end();
    assert_eq!(practice.inside(VICTIM, STATE), "active\nenabled\n");
    let plugged = practice.run(&["lab", "link", "lb", "up", "--name", practice.name()]);
    assert_eq!(plugged.code, 0, "{}", plugged.stderr);
    assert_eq!(ran.code, 4, "{}\n{}", ran.stdout, ran.stderr);
    assert!(
        ran.stdout.contains("heard from the balancer any more, and the web host was brought back"),
        "{}",
        ran.stdout
    );
    // The balancer does not know that the laptop has gone.
    await_that("the cluster is free again", Duration::from_secs(130), || {
        practice.inside("lb", "flock -n /run/provision-drill.lock echo free; true") == "free\n"
    });
    assert_as_before(practice);
}

fn a_cluster_that_is_not_well_is_not_drilled(practice: &Practice) {
    practice.inside("web01", "systemctl stop apache2");
    // HAProxy may not have noticed when the drill begins, and has when it is about to stop something.
    let document = practice.json(3, &["drill"]);
    let drill = &document["drills"][0];
    assert_eq!(text(&drill["status"]), "skip");
    // HAProxy calls it DOWN only after its last check; the first one that fails is reason enough.
    let told = ["web01 is DOWN", "web01 is UP 1/2"].iter().any(|seen| text(&drill["detail"]).contains(seen));
    assert!(told, "{}", drill["detail"]);
    assert_eq!(practice.inside(VICTIM, STATE), "active\nenabled\n");
    practice.inside("web01", "systemctl start apache2");
}

/// The one drill of a document, which went as it should.
fn assert_failover(document: &Value) -> &Value {
    let [drill] = document["drills"].as_array().unwrap().as_slice() else { panic!("{document}") };
    assert_eq!(text(&drill["status"]), "pass", "{}", drill["detail"]);
    let measured = &drill["measured"];
    let figure = |name: &str| measured[name].as_f64().unwrap_or_else(|| panic!("no {name} in {measured}"));
    assert!(figure("requests") > 100.0 && figure("lost") < figure("requests") / 10.0, "{measured}");
    assert!(figure("out_after") <= 6.0 && figure("back_after") <= 4.0, "{measured}");
    for server in drill["servers"].as_array().unwrap() {
        let is_victim = server["host"] == drill["host"];
        assert_eq!(server["answers_while_out"] == 0, is_victim, "{}", drill["servers"]);
        assert!(server["answers"].as_u64().unwrap() > 10, "{}", drill["servers"]);
    }
    drill
}

/// All servers serve, and no trace of a drill is left.
fn assert_as_before(practice: &Practice) {
    for host in ["web01", "web02", VICTIM] {
        assert_eq!(practice.inside(host, STATE), "active\nenabled\n", "{host}");
    }
    for host in ["lb", "web01", VICTIM] {
        assert_eq!(practice.inside(host, TRACES), "", "{host}");
    }
    await_that("all serve", Duration::from_secs(10), || served(practice).len() == 3);
}

/// Who answers a few outside requests.
fn served(practice: &Practice) -> BTreeSet<String> {
    (0..6).filter_map(|_| practice.get("lb", 80).ok()?.server).collect()
}
