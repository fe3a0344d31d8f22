//! What the inventory no longer wants goes, and what stood there before is back.

use std::collections::BTreeSet;

use crate::document::{assert_verified, change, changes, host};
use crate::fingerprint;
use crate::practice::Practice;
use crate::whole;

/// Every direction between the tool's own roles, and to a practice and back; the last one follows where it took consent.
const WHOLE: [&str; 8] =
    ["balancer", "socket", "balancer", "web", "socket", "web", "mosquitto", "web, socket"];
/// Each role comes once and goes once, where it is not `tests/full deletes`.
const SHORT: [&str; 3] = ["balancer", "mosquitto", "web, socket"];
const PAGE: &str = "/var/www/html/index.html";
const PRACTICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/practices");

#[test]
#[ignore = "needs root and lab hosts"]
fn what_is_no_longer_wanted_goes() {
    let practice = Practice::up("deletes", &["--web", "2"]);
    practice.edit_inventory(|text| format!("practices: {PRACTICES}\n{text}"));
    let text = std::fs::read_to_string(practice.inventory()).unwrap();
    // A student has been here before.
    practice.inside("web02", &format!("mkdir -p /var/www/html && echo '<h1>minha</h1>' >{PAGE}"));
    let before = fingerprint::take(&practice, "web02");

    let directions: &[&str] = if whole() { &WHOLE } else { &SHORT };
    for roles in directions {
        give(&practice, &text, roles);
        converges(&practice, roles);
    }
    deletes_take_consent(&practice, &text);

    practice.expect(0, &["reset", "-y"]);
    let mut left = fingerprint::differences(&before, || fingerprint::take(&practice, "web02"));
    // Packages leave the accounts that they made for their services; and what the student edited stays, with its folders.
    let accounts = ["/etc/passwd", "/etc/group", "/etc/shadow"];
    left.retain(|line| !line.contains(" /opt/socket") && !accounts.iter().any(|path| line.ends_with(path)));
    assert_eq!(left, Vec::<String>::new());
}

/// Makes `web02` be as wanted at once, and what stood there before is back where nothing of ours takes its place.
fn converges(practice: &Practice, roles: &str) {
    let apply = practice.json(0, &["apply", "--prune"]);
    assert_verified(&apply);
    let again = practice.json(0, &["plan"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{roles}: {again}");
    if !roles.starts_with("web") {
        assert_eq!(practice.inside("web02", &format!("cat {PAGE}")), "<h1>minha</h1>\n", "{roles}");
        practice.inside("web02", "! systemctl is-active apache2 && ! dpkg -s apache2 2>/dev/null | grep -x 'Status: install ok installed'");
    }
}

/// Writes the inventory with other roles for `web02`.
fn give(practice: &Practice, text: &str, roles: &str) {
    let (head, _) = text.split_once("\nhosts:").unwrap();
    let addresses = ["lb", "web01", "web02"].map(|host| practice.address(host));
    let hosts = format!(
        "  lb: {{ address: {}, roles: [balancer] }}\n  web01: {{ address: {}, roles: [web] }}\n  \
         web02: {{ address: {}, roles: [{roles}] }}\n",
        addresses[0], addresses[1], addresses[2]
    );
    std::fs::write(practice.inventory(), format!("{head}\nhosts:\n{hosts}")).unwrap();
}

fn deletes_take_consent(practice: &Practice, text: &str) {
    let constants = "/opt/socket/01-simples/constCS.py";
    practice.inside("web02", &format!("echo '# minha' >>{constants}"));
    give(practice, text, "web");
    let left = practice.json(0, &["apply"]);
    let change = change(&left, "web02", &format!("file:{constants}"));
    assert_eq!((&change["action"], &change["result"]), (&"delete".into(), &"left".into()), "{change}");
    assert_eq!(host(&left, "web02")["status"], "ok", "{left}");
    practice.expect(2, &["plan", "--detailed-exitcode"]);
    practice.inside("web02", &format!("grep -x '# minha' {constants}"));

    practice.expect(0, &["apply", "--prune"]);
    practice.inside("web02", &format!("! test -e {constants} && grep -x '# minha' {constants}.before-reset"));
    practice.expect(0, &["plan", "--detailed-exitcode"]);

    // Where one stands in the way of a change, the error names the way out, before anything is tried.
    give(practice, text, "balancer");
    let refused = practice.expect(2, &["apply", "--no-verify"]);
    let said = refused.stdout + &refused.stderr;
    assert!(said.contains("--prune"), "{said}");
    practice.inside("web02", "systemctl is-active apache2 && ! pgrep -x haproxy");
    converges(practice, "balancer");
}
