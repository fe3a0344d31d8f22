//! The practices that come with the tool, from bare hosts to proven services and back.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::Value;

use crate::document::{assert_verified, changes};
use crate::fingerprint;
use crate::practice::Practice;

/// The lab's hosts, and what each is for.
const HOSTS: [(&str, &str); 6] = [
    ("lb", "nginx"),
    ("web01", "web"),
    ("web02", "web, mosquitto"),
    ("web03", "redis"),
    ("web04", "redis"),
    ("web05", "rpc, script"),
];
const PRACTICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/practices");

#[test]
#[ignore = "needs root and lab hosts"]
fn practices_of_ones_own_from_bare_hosts_and_back() {
    let practice = Practice::up("practices", &["--web", "5"]);
    practice.edit_inventory(|text| inventory(&practice, text));
    let before = HOSTS.map(|(host, _)| fingerprint::take(&practice, host));

    let plan = practice.json(0, &["plan"]);
    assert_eq!(plan["summary"]["changed"], HOSTS.len(), "{plan}");
    let apply = practice.json(0, &["apply"]);
    assert_eq!(changes(&plan), changes(&apply), "apply did something else than the plan said");
    assert_verified(&apply);
    for (check, probe) in [
        ("redis", "replication"),
        ("mosquitto", "publish and subscribe"),
        ("nginx", "page"),
        ("rpc", "call"),
        ("script", "account"),
    ] {
        assert!(asked(&apply, check).any(|check| check["probe"] == probe), "{check} {probe}: {apply}");
    }
    assert_eq!(practice.get("lb", 80).unwrap().status, 200);

    let again = practice.json(0, &["apply"]);
    assert_eq!(changes(&again), BTreeSet::new(), "{again}");
    assert_verified(&again);
    practice.expect(0, &["doctor"]);

    // What one host has is copied by the other.
    practice.inside("web03", "REDISCLI_AUTH=practice redis-cli set lecture replication");
    practice.inside("web04", "sleep 1; REDISCLI_AUTH=practice redis-cli get lecture | grep -x replication");
    practice.inside("web03", "systemctl stop redis-server");
    let verify = practice.json(3, &["verify", "--retry-timeout", "0s"]);
    let of_primary: Vec<&Value> = asked(&verify, "redis").filter(|check| check["host"] == "web03").collect();
    assert!(of_primary.iter().all(|check| check["status"] == "skip"), "{of_primary:#?}");
    practice.expect(0, &["apply"]);
    a_command_that_fails_leaves_no_process(&practice);

    practice.expect(0, &["reset", "-y"]);
    for ((host, _), before) in HOSTS.iter().zip(before) {
        let mut left = fingerprint::differences(&before, || fingerprint::take(&practice, host));
        // Packages leave the accounts that they made for their services, and tools for accounts keep copies.
        let accounts = ["/etc/passwd", "/etc/group", "/etc/shadow"];
        left.retain(|line| !line.contains(" /etc/sub") && !accounts.iter().any(|path| line.ends_with(path)));
        assert_eq!(left, Vec::<String>::new(), "reset did not bring {host} back");
    }
}

/// By another inventory, so that what the practices made is left alone.
fn a_command_that_fails_leaves_no_process(practice: &Practice) {
    let inventory = practice.inventory().with_file_name("failing.yaml");
    let own = std::fs::read_to_string(practice.inventory()).unwrap();
    let (head, _) = own.split_once("\nhosts:").unwrap();
    let (_, head) = head.split_once('\n').unwrap();
    let address = practice.address("web05");
    std::fs::write(
        &inventory,
        format!("{head}\nhosts:\n  web05: {{ address: {address}, roles: [failing] }}\n"),
    )
    .unwrap();
    let folder = inventory.with_file_name("practices").join("failing");
    std::fs::create_dir_all(&folder).unwrap();
    let run = "setsid sleep 4711 & sleep 4712 & sleep 1; exit 9";
    let commands = format!("commands: [{{ name: leaver, run: \"{run}\", creates: /nowhere }}]\n");
    std::fs::write(folder.join("practice.yaml"), commands).unwrap();
    let failed = practice.run(&["apply", inventory.to_str().unwrap(), "--no-verify"]);
    assert_eq!(failed.code, 2, "{}", failed.stderr);
    let said = "the command failing/leaver ended with status 9";
    assert!(failed.stdout.contains(said), "{}", failed.stdout);
    practice.inside("web05", "! pgrep -fx 'sleep 471[12]'");
}

/// The lab's own inventory with other roles.
fn inventory(practice: &Practice, text: &str) -> String {
    let (head, _) = text.split_once("\nhosts:").unwrap();
    let mut inventory = format!("practices: {PRACTICES}\n{head}\nhosts:\n");
    for (host, roles) in HOSTS {
        let address = practice.address(host);
        writeln!(inventory, "  {host}: {{ address: {address}, roles: [{roles}] }}").unwrap();
    }
    inventory
}

fn asked<'a>(document: &'a Value, check: &str) -> impl Iterator<Item = &'a Value> {
    let check = check.to_owned();
    document["checks"].as_array().unwrap().iter().filter(move |asked| asked["check"] == check.as_str())
}
