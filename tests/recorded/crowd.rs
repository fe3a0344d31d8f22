//! A class of 30 clusters on a bad day: every verb says who is not well and why, on a narrow and on a wide terminal.

use insta::assert_snapshot;

use crate::class::Class;
use crate::hosts::{answering, bare, failing, lost, recorded, refusing_root, unreachable, written};
use crate::trials;

trials![
    plan_at_80_columns,
    plan_at_200_columns,
    apply_at_80_columns,
    apply_at_200_columns,
    verify_at_80_columns,
    verify_at_200_columns,
    doctor_at_80_columns,
    doctor_at_200_columns,
    exec,
    reset_at_80_columns,
];

const INVENTORY: &str = "
name: Distributed Systems
clusters:
  team[01:30]:
    hosts:
      lb:       {address: '10.1.[1:30].10', roles: [balancer]}
      web[1:2]: {address: '10.1.[1:30].1[1:2]', roles: [web, socket]}
";

/// Six clusters have a trouble each, one has two, and one is off as a whole.
fn class(columns: u16) -> Class {
    Class::new(INVENTORY)
        .host("team03/web1", unreachable("refused"))
        .host("team04/lb", unreachable("no-route"))
        .host("team07/*", unreachable("timed-out"))
        .host("team11/web2", refusing_root("sudo-password-needed"))
        .host("team12/web*", refusing_root("sudo-missing"))
        .host("team15/web1", lost())
        .host("team19/lb", unreachable("unresolved"))
        .host("team23/web2", unreachable("not-ssh HTTP/1.0 400 Bad Request"))
        .host("team23/web1", answering(&["This account is currently not available."]))
        .host("team28/web2", failing("no-dpkg"))
        .columns(columns)
        .env("PROVISION_QUIET", "true")
}

/// The others are ready, but for five clusters in a state of the recordings.
fn others(class: Class, state: &str) -> Class {
    class
        .host("team2[5-9]/lb", recorded(&format!("lb/{state}")))
        .host("team2[5-9]/*", recorded(&format!("web/{state}")))
        .host("*/lb", recorded("lb/converged"))
        .host("*", recorded("web/converged"))
}

fn plan_at_80_columns() {
    assert_snapshot!(others(class(80), "bare").run("plan class.yaml"));
}

fn plan_at_200_columns() {
    assert_snapshot!(others(class(200), "bare").run("plan class.yaml"));
}

fn apply_at_80_columns() {
    assert_snapshot!(others(class(80), "apply").run("apply class.yaml --no-verify"));
}

fn apply_at_200_columns() {
    assert_snapshot!(others(class(200), "apply").run("apply class.yaml --no-verify"));
}

/// The result alone: probes run side by side, and are told on standard error in the order in which they end.
fn verified(class: Class) -> String {
    let output = class.host("*", bare()).run("verify class.yaml --retry-timeout 0s").exits(4);
    assert!(!output.says().is_empty(), "{output}");
    output.printed()
}

fn verify_at_80_columns() {
    assert_snapshot!(verified(class(80)));
}

fn verify_at_200_columns() {
    assert_snapshot!(verified(class(200)));
}

fn doctor_at_80_columns() {
    assert_snapshot!(others(class(80), "bare").run("doctor class.yaml"));
}

fn doctor_at_200_columns() {
    assert_snapshot!(others(class(200), "bare").run("doctor class.yaml"));
}

fn exec() {
    let class = Class::new(INVENTORY)
        .host("team07/*", unreachable("timed-out"))
        .host("team15/web1", lost())
        .host(
            "team2*/web1",
            written("exec any\n< {nonce} begin 0\n< no such file\n< {nonce} exit 1\n* exit 0"),
        )
        .host("*", answering(&["{nonce} begin 0", "12.5", "{nonce} exit 0"]));
    assert_snapshot!(class.run("exec class.yaml -q -- cat /etc/debian_version"));
}

fn reset_at_80_columns() {
    assert_snapshot!(class(80).host("*", bare()).run("reset class.yaml --yes"));
}
