//! Hosts made by hand → findings, in words.

mod class;
mod hosts;
mod planned;
mod refusal;

use crate::model::Text;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use super::*;
use crate::model::*;
use crate::roles::samples;

fn host(cluster: &str, name: &str, octet: u8, roles: &[&str]) -> Host {
    samples::host(cluster, name, &format!("10.0.0.{octet}"), roles)
}

/// A balancer and three web hosts with the socket lab.
fn inventory() -> Inventory {
    let mut hosts = vec![host("default", "lb", 10, &["balancer"])];
    let web = |number: u8| host("default", &format!("web{number:02}"), 10 + number, &["web", "socket"]);
    hosts.extend((1..=3).map(web));
    let cluster = Cluster { name: "default".to_owned(), hosts };
    Inventory {
        path: PathBuf::from("inventory.yaml"),
        name: None,
        grading: Grading::default(),
        language: Language::English,
        clusters: vec![cluster],
    }
}

fn room(folder: &'static str, free: u64, inodes: Option<u64>) -> Room {
    Room { folder, free, inodes }
}

/// A bare host with nothing to complain of.
fn well(cluster: &Cluster, host: &Host) -> Examination {
    Examination {
        facts: Facts {
            os_id: "debian".into(),
            os_version: "12".into(),
            os_name: "Debian GNU/Linux 12 (bookworm)".into(),
            architecture: "amd64".into(),
            machine_id: format!("machine of {}", host.id).into(),
            systemd: true,
            addresses: host.private_address.parse().into_iter().collect(),
            rooms: vec![room("/var", 5 << 30, Some(300_000)), room("/run", 50 << 20, Some(50_000))],
            packages: BTreeMap::from([("python3".to_owned(), PackageFact::default())]),
            mirror_reachable: Some(true),
            ..Facts::default()
        },
        hostname: host.name.as_str().into(),
        resolves_itself: true,
        boot_id: format!("boot of {}", host.id).into(),
        host_keys: vec![format!("ssh-ed25519 {}", host.id).into()],
        memory_available: 1 << 30,
        forwards: Some(true),
        names: BTreeMap::from([("localhost".to_owned(), vec![Ipv4Addr::LOCALHOST.into()])]),
        peers: peers(cluster, host).iter().flat_map(|peers| &peers.hosts).map(|_| Reach::Reached).collect(),
        ..Examination::default()
    }
}

/// Examines all hosts of an inventory; `change` gets each by name.
fn findings(
    inventory: &Inventory,
    mut change: impl FnMut(&str, &mut Result<Examination, Failure>),
) -> Vec<Finding> {
    let wanted: HashMap<_, _> = inventory.clusters.iter().flat_map(samples::wanted).collect();
    let examined: Vec<_> = inventory
        .clusters
        .iter()
        .flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)))
        .map(|(cluster, host)| {
            let mut result = Ok(well(cluster, host));
            change(host.id.as_str(), &mut result);
            Examined { cluster, host, wanted: &wanted[&host.id], result, plan: None, said: Vec::new() }
        })
        .collect();
    judge(inventory, &examined)
}

/// Each finding in English, and below that in Portuguese.
fn words(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { host, severity, kind, seen, means, mend, said: _ } in findings {
        let (severity, kind) = (severity.into_str(), kind.into_str());
        writeln!(text, "{severity} {kind}, {host}").unwrap();
        for language in [Language::English, Language::Portuguese] {
            let [seen, means, mend] = [seen, means, mend].map(|part| part.words(language));
            writeln!(text, "    {seen}\n        {means}\n        → {mend}").unwrap();
        }
    }
    text
}

/// What one host's examination leads to.
fn of_host(name: &str, change: impl Fn(&mut Examination)) -> String {
    words(&findings(&inventory(), |host, result| {
        if host == name {
            change(result.as_mut().unwrap());
        }
    }))
}

fn with_host(name: &str, edit: impl Fn(&mut Host)) -> Inventory {
    let mut inventory = inventory();
    inventory.clusters[0].hosts.iter_mut().filter(|host| host.name == name).for_each(edit);
    inventory
}

fn failure(kind: FailureKind, message: &str) -> Failure {
    Failure { kind, message: Text::verbatim(message), hint: Some(Text::verbatim("what to do")) }
}
