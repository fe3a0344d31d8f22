//! Hosts made by hand → findings, in words.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;

use super::*;
use crate::model::connection::DEFAULT_CONNECT_TIMEOUT;
use crate::model::*;

fn host(cluster: &str, name: &str, octet: u8, roles: &[Role]) -> Host {
    let address = format!("10.0.0.{octet}");
    Host {
        id: HostId::new(cluster, name),
        cluster: cluster.to_owned(),
        name: name.to_owned(),
        index: 1,
        private_address: address.clone(),
        roles: roles.iter().copied().collect::<BTreeSet<_>>(),
        connection: Connection {
            address,
            user: None,
            port: None,
            identity: None,
            jump: None,
            transport: TransportChoice::Auto,
            host_keys: HostKeyPolicy::AcceptNew,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            password: None,
        },
        r#become: Become::default(),
        vars: BTreeMap::new(),
        packages: Packages::default(),
        balancer: Balancer::default(),
        web: Web::default(),
        socket: Socket::default(),
    }
}

/// A balancer and three web hosts with the socket lab.
fn inventory() -> Inventory {
    let mut hosts = vec![host("default", "lb", 10, &[Role::Balancer])];
    let web =
        |number: u8| host("default", &format!("web{number:02}"), 10 + number, &[Role::Web, Role::Socket]);
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

/// A bare host with nothing to complain of.
fn well(cluster: &Cluster, host: &Host) -> Examination {
    Examination {
        facts: Facts {
            os_id: "debian".to_owned(),
            os_version: "12".to_owned(),
            os_name: "Debian GNU/Linux 12 (bookworm)".to_owned(),
            architecture: "amd64".to_owned(),
            machine_id: format!("machine of {}", host.id),
            systemd: true,
            addresses: host.private_address.parse().into_iter().collect(),
            disk_free: 5 << 30,
            inodes_free: Some(300_000),
            packages: BTreeMap::from([("python3".to_owned(), PackageFact::default())]),
            mirror_reachable: Some(true),
            ..Facts::default()
        },
        hostname: host.name.clone(),
        resolves_itself: true,
        boot_id: format!("boot of {}", host.id),
        host_keys: vec![format!("ssh-ed25519 {}", host.id)],
        memory_available: 1 << 30,
        forwards: Some(true),
        peers: peers(cluster, host).iter().map(|_| Reach::Reached).collect(),
        ..Examination::default()
    }
}

/// Examines all hosts of an inventory; `change` gets each by name.
fn findings(
    inventory: &Inventory,
    mut change: impl FnMut(&str, &mut Result<Examination, Failure>),
) -> Vec<Finding> {
    let examined: Vec<_> = inventory
        .clusters
        .iter()
        .flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)))
        .map(|(cluster, host)| {
            let mut result = Ok(well(cluster, host));
            change(host.id.as_str(), &mut result);
            Examined { cluster, host, result }
        })
        .collect();
    judge(inventory, &examined)
}

fn words(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { host, severity, kind, seen, means, mend } in findings {
        let (severity, kind) = (severity.as_str(), kind.as_str());
        writeln!(text, "{severity} {kind}, {host}: {seen}\n    {means}\n    → {mend}").unwrap();
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
    Failure { kind, message: message.to_owned(), hint: Some("what to do".to_owned()) }
}

#[test]
fn a_healthy_class_has_no_finding() {
    assert_eq!(findings(&inventory(), |_, _| {}), []);
    // A second look, when all is installed and runs.
    let again = findings(&inventory(), |name, result| {
        let examination = result.as_mut().unwrap();
        let facts = &mut examination.facts;
        facts.packages = BTreeMap::from([(
            "python3".to_owned(),
            PackageFact { version: Some("3".to_owned()), held: false },
        )]);
        facts.mirror_reachable = None;
        examination.frontends = usize::from(name == "lb");
        let owner = if name == "lb" { "haproxy" } else { "apache2" };
        examination.facts.port_owners = BTreeMap::from([(80, owner.to_owned()), (8404, owner.to_owned())]);
    });
    assert_eq!(again, []);
}

#[test]
fn hosts_that_cannot_be_examined() {
    let found = findings(&inventory(), |host, result| match host {
        "lb" => {
            result.as_mut().unwrap().no_root = Some(failure(FailureKind::Become, "sudo wants a password"));
        }
        "web01" => *result = Err(failure(FailureKind::Connect, "no answer on port 22 within 10 s")),
        "web02" => *result = Err(failure(FailureKind::Login, "the key was refused")),
        _ => *result = Err(failure(FailureKind::Protocol, "no program ran on the host")),
    });
    insta::assert_snapshot!(words(&found));
    let interrupted =
        findings(&inventory(), |_, result| *result = Err(failure(FailureKind::Interrupted, "not begun")));
    assert_eq!(interrupted, [], "Ctrl-C says nothing of a host");
}

#[test]
fn systems() {
    let system = |id: &str, version: &str, name: &str| {
        of_host("lb", |examination| {
            id.clone_into(&mut examination.facts.os_id);
            version.clone_into(&mut examination.facts.os_version);
            name.clone_into(&mut examination.facts.os_name);
        })
    };
    for (id, version) in [("debian", "12"), ("debian", "13"), ("ubuntu", "22.04"), ("ubuntu", "24.04")] {
        assert_eq!(system(id, version, ""), "", "{id} {version}");
    }
    let mut text = String::new();
    for (id, version, name) in [
        ("debian", "11", "Debian GNU/Linux 11 (bullseye)"),
        ("debian", "", "Debian GNU/Linux trixie/sid"),
        ("ubuntu", "18.04", "Ubuntu 18.04.6 LTS"),
        ("ubuntu", "23.10", "Ubuntu 23.10"),
        ("linuxmint", "21", "Linux Mint 21"),
    ] {
        text += &system(id, version, name);
    }
    text += &of_host("lb", |examination| examination.facts.systemd = false);
    text += &of_host("lb", |examination| {
        examination.facts = Facts { architecture: String::new(), ..examination.facts.clone() };
    });
    insta::assert_snapshot!(text);
}

#[test]
fn room() {
    let mut text = String::new();
    for change in [
        (|facts: &mut Facts| facts.disk_free = 300 << 20) as fn(&mut Facts),
        |facts| {
            facts.packages.clear();
            facts.disk_free = 60 << 20;
        },
        |facts| facts.inodes_free = Some(11_000),
        |facts| {
            facts.packages.clear();
            facts.inodes_free = Some(150);
        },
        |facts| facts.inodes_free = None,
        |facts| facts.read_only = true,
    ] {
        text += &of_host("web01", |examination| change(&mut examination.facts));
    }
    text += &of_host("web01", |examination| examination.memory_available = 90 << 20);
    insta::assert_snapshot!(text);
}

#[test]
fn clocks() {
    let skewed = |skew: i64| of_host("web01", |examination| examination.facts.clock_skew = skew);
    assert_eq!(skewed(120), "");
    assert_eq!(skewed(-120), "");
    let mut text = String::new();
    for skew in [-180, 3 * 3_600, -30 * 3_600, 9 * 86_400, i64::MIN] {
        text += &skewed(skew);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_class_that_agrees_on_the_time_is_right() {
    let found = findings(&inventory(), |host, result| {
        let skew = if host == "lb" { -10_860 } else { -10_800 };
        result.as_mut().unwrap().facts.clock_skew = skew;
    });
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning), "{found:#?}");
    insta::assert_snapshot!(words(&found[..1]), @r"
    warning clock, lb: its clock is 3 h behind this computer's
        all hosts agree, so it is this computer's clock that is wrong
        → set this computer's clock: `sudo timedatectl set-ntp true`
    ");
    let found = findings(&inventory(), |host, result| {
        result.as_mut().unwrap().facts.clock_skew = if host == "lb" { 0 } else { -10_800 };
    });
    assert!(found.iter().all(|finding| !finding.means.contains("agree")), "{found:#?}");
}

#[test]
fn ways_to_packages() {
    use PackageSource::{Auto, Host, Laptop};
    let mut text = String::new();
    for (via, reachable, mirror, forwards) in [
        (Host, false, Some(("deb.example", true)), None),
        (Host, false, Some(("deb.example", false)), None),
        (Host, false, None, None),
        (Auto, false, Some(("deb.example", true)), Some(true)),
        (Auto, false, Some(("deb.example", true)), Some(false)),
        (Auto, true, None, Some(false)),
        (Laptop, true, None, Some(false)),
        (Laptop, true, None, Some(true)),
    ] {
        let inventory = with_host("web01", |host| host.packages.via = via);
        let found = findings(&inventory, |host, result| {
            let examination = result.as_mut().unwrap();
            if host == "web01" {
                examination.facts.mirror_reachable = Some(reachable);
                examination.silent_mirror = mirror.map(|(name, resolved)| (name.to_owned(), resolved));
                examination.forwards = forwards;
            }
        });
        writeln!(text, "{via:?}, answers: {reachable}, forwarding: {forwards:?}\n{}", words(&found)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_keeps_apt_busy_and_what_old_scripts_left() {
    insta::assert_snapshot!(of_host("lb", |examination| {
        examination.apt_holder = Some("812 unattended-upgr /var/lib/dpkg/lock-frontend".to_owned());
        examination.cloud_init = true;
        examination.facts.dpkg_interrupted = true;
        examination.resolves_itself = false;
        examination.frontends = 3;
        examination.leftovers = vec!["/etc/haproxy/haproxy.cfg.bkp".to_owned()];
    }));
}

#[test]
fn ports_that_others_hold() {
    let holds = |port: u16, owner: &'static str| {
        move |examination: &mut Examination| {
            examination.facts.port_owners.insert(port, owner.to_owned());
        }
    };
    let text = of_host("lb", holds(80, "apache2"))
        + &of_host("web01", holds(80, ""))
        + &of_host("web02", holds(50_007, "python3"));
    insta::assert_snapshot!(text);

    // With both roles on one host, apply moves Apache off the balancer's port by itself.
    let both = with_host("lb", |host| {
        host.roles.insert(Role::Web);
        host.web.port = 8080;
    });
    let found = findings(&both, |host, result| {
        if host == "lb" {
            holds(80, "apache2")(result.as_mut().unwrap());
        }
    });
    assert_eq!(found, []);
}

#[test]
fn peers_that_are_not_reached() {
    let mut found = findings(&inventory(), |host, result| {
        let examination = result.as_mut().unwrap();
        match host {
            "lb" => examination.peers = vec![Reach::Unreachable, Reach::Unknown, Reach::Unreachable],
            "web01" => examination.peers = vec![Reach::Unreachable, Reach::Reached],
            // No bash there: nothing could be tried.
            _ => examination.peers.clear(),
        }
    });
    insta::assert_snapshot!(words(&found));
    found = findings(&inventory(), |host, result| match host {
        "lb" => result.as_mut().unwrap().peers = vec![Reach::Reached, Reach::Unreachable, Reach::Reached],
        "web02" => *result = Err(failure(FailureKind::Connect, "no answer")),
        _ => {}
    });
    let kinds: Vec<_> = found.iter().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::Unreachable], "a host that is down is told once");
}

#[test]
fn whom_a_host_has_to_reach() {
    let inventory = inventory();
    let cluster = &inventory.clusters[0];
    let names = |host: usize| -> Vec<String> {
        let peers = peers(cluster, &cluster.hosts[host]);
        peers.iter().map(|peer| format!("{}:{}", peer.host.name, peer.port)).collect()
    };
    assert_eq!(names(0), ["web01:80", "web02:80", "web03:80"]);
    assert_eq!(names(2), ["web03:50007", "web01:50007"]);
    let behind_nat = with_host("web01", |host| host.private_address = "127.0.0.1".to_owned());
    let cluster = &behind_nat.clusters[0];
    assert_eq!(peers(cluster, &cluster.hosts[0]).len(), 2, "127.0.0.1 is no way to another host");
}

#[test]
fn clones() {
    let found = findings(&inventory(), |host, result| {
        let examination = result.as_mut().unwrap();
        if host.starts_with("web") {
            examination.facts.machine_id = "same".to_owned();
            examination.host_keys = vec!["ssh-ed25519 same".to_owned(), "ssh-rsa same".to_owned()];
        }
    });
    assert_eq!(found.len(), 6);
    insta::assert_snapshot!(words(&[found[0].clone(), found[3].clone()]));
    // An image that makes both at its first start.
    let fresh = findings(&inventory(), |_, result| {
        let examination = result.as_mut().unwrap();
        examination.facts.machine_id = "uninitialized".to_owned();
        examination.host_keys.clear();
    });
    assert_eq!(fresh, []);
}

#[test]
fn two_entries_for_one_machine() {
    let behind_nat = |inventory: &mut Inventory| {
        for host in &mut inventory.clusters[0].hosts {
            host.connection.address = "127.0.0.1".to_owned();
        }
    };
    let mut inventory = inventory();
    behind_nat(&mut inventory);
    let one = well(&inventory.clusters[0], &inventory.clusters[0].hosts[1]);
    let found = findings(&inventory, |host, result| {
        if host == "web02" {
            *result = Ok(one.clone());
        }
    });
    insta::assert_snapshot!(words(&found));
}

#[test]
fn addresses_that_were_exchanged() {
    let examined = |inventory: &Inventory, at: &[(&str, &[&str])]| {
        words(&findings(inventory, |host, result| {
            for (_, addresses) in at.iter().filter(|(name, _)| *name == host) {
                result.as_mut().unwrap().facts.addresses =
                    addresses.iter().map(|address| address.parse().unwrap()).collect();
            }
        }))
    };
    let exchanged =
        examined(&inventory(), &[("web01", &["10.0.0.12"]), ("web02", &["10.0.0.11", "172.17.0.1"])]);
    insta::assert_snapshot!(exchanged);

    // On AWS, `address` is on no interface; the private one is.
    let aws = with_host("web01", |host| host.connection.address = "203.0.113.21".to_owned());
    assert_eq!(examined(&aws, &[("web01", &["10.0.0.11"])]), "");
    let public_only = with_host("web01", |host| {
        host.connection.address = "203.0.113.21".to_owned();
        host.private_address = "203.0.113.21".to_owned();
    });
    assert_eq!(examined(&public_only, &[("web01", &["172.31.16.21"])]), "");
    // Behind NAT all have 127.0.0.1, and VirtualBox gives all 10.0.2.15.
    let nat = with_host("web01", |host| host.connection.address = "127.0.0.1".to_owned());
    assert_eq!(
        examined(&nat, &[("web01", &["10.0.2.15", "10.0.0.11"]), ("web02", &["10.0.2.15", "10.0.0.12"])]),
        ""
    );
    insta::assert_snapshot!(examined(&nat, &[("web01", &["10.0.2.15"])]), @r"
    warning private-address, web01: it has no interface with its private_address 10.0.0.11
        other hosts of its cluster may not reach it, the balancer among them
        → look at `hostname -I` on the host, and correct `private_address` in the inventory
    ");
}

#[test]
fn private_networks_of_teams_may_be_alike() {
    let team = |name: &str| Cluster {
        name: name.to_owned(),
        hosts: vec![host(name, "lb", 10, &[Role::Balancer]), host(name, "web1", 11, &[Role::Web])],
    };
    let mut inventory = Inventory { clusters: vec![team("ana"), team("bia")], ..inventory() };
    assert_eq!(findings(&inventory, |_, _| {}), []);
    // By its public name alone, ana/web1 has an address that only bia's network knows.
    let web = &mut inventory.clusters[0].hosts[1];
    "web1.ana.example".clone_into(&mut web.private_address);
    "web1.ana.example".clone_into(&mut web.connection.address);
    assert_eq!(
        findings(&inventory, |host, result| {
            if host == "ana/web1" {
                result.as_mut().unwrap().facts.addresses = vec!["10.0.0.11".parse().unwrap()];
            }
        }),
        []
    );
}

#[test]
fn names_that_were_exchanged() {
    let named = |names: &[(&str, &str)]| {
        findings(&inventory(), |host, result| {
            for (_, name) in names.iter().filter(|(entry, _)| *entry == host) {
                result.as_mut().unwrap().hostname = (*name).to_owned();
            }
        })
    };
    let exchanged = named(&[("web01", "web02"), ("web02", "WEB01.lan")]);
    insta::assert_snapshot!(words(&exchanged));
    // One that is moved on by one: the last is not known.
    let moved = named(&[("web01", "web02"), ("web02", "web03"), ("web03", "vm")]);
    assert!(moved.iter().all(|finding| finding.severity == Severity::Warning), "{moved:#?}");
    assert_eq!(moved.len(), 2);
    // Clones of web01, and names that mean nothing.
    assert_eq!(named(&[("web02", "web01"), ("web03", "web01"), ("lb", "ubuntu")]), []);
}

#[test]
fn an_apply_is_refused_before_it_changes_anything() {
    let inventory = inventory();
    let web = &inventory.clusters[0].hosts[1];
    let plan = |facts: Facts, changes: &[Operation]| HostPlan {
        host: web.id.clone(),
        changes: changes
            .iter()
            .map(|operation| Change {
                resource: ResourceId::new("package:apache2"),
                action: Action::Create,
                reason: String::new(),
                before: None,
                after: None,
                diff: None,
                operation: operation.clone(),
            })
            .collect(),
        warnings: Vec::new(),
        facts,
    };
    let facts = || well(&inventory.clusters[0], web).facts;
    let install = [Operation::InstallPackage("apache2".to_owned())];
    let reload = [Operation::RepairDpkg];
    let admitted = admit(&inventory, web, plan(facts(), &install)).unwrap();
    assert_eq!(admitted.warnings, Vec::<String>::new());

    let full = || Facts { disk_free: 100 << 20, ..facts() };
    let elsewhere = || Facts { addresses: vec!["10.0.0.12".parse().unwrap()], ..facts() };
    let mut text = String::new();
    for facts in [
        full(),
        elsewhere(),
        Facts { read_only: true, ..facts() },
        Facts { architecture: String::new(), ..facts() },
        Facts { clock_skew: -3 * 86_400, ..facts() },
    ] {
        let Failure { kind, message, hint } = admit(&inventory, web, plan(facts, &install)).unwrap_err();
        writeln!(text, "{}: {message}\n    {}", kind.as_str(), hint.unwrap()).unwrap();
    }
    insta::assert_snapshot!(text);

    assert!(admit(&inventory, web, plan(full(), &reload)).is_ok(), "files need less room than packages");
    assert!(admit(&inventory, web, plan(elsewhere(), &[])).is_ok(), "a host that needs nothing is let be");
    let mint = Facts { os_id: "linuxmint".to_owned(), os_name: "Linux Mint 21".to_owned(), ..facts() };
    let warned = admit(&inventory, web, plan(mint, &[])).unwrap();
    assert_eq!(
        warned.warnings,
        ["Linux Mint 21 is neither Debian nor Ubuntu: it may work, but nobody tests it"]
    );
}
