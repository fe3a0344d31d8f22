//! What only shows between hosts: who reaches whom, who is a clone, who was exchanged for whom.

use super::*;

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
fn a_refused_connection_means_something_only_where_somebody_listens() {
    use Reach::{Refused, Rejected};
    let refused = |reach: Reach, listening: &[u16]| {
        words(&findings(&inventory(), |host, result| {
            let examination = result.as_mut().unwrap();
            match host {
                "lb" => examination.peers = vec![reach, Reach::Reached, Reach::Reached],
                "web01" => {
                    let owners = listening.iter().map(|port| (*port, "apache2".into()));
                    examination.facts.port_owners = owners.collect();
                }
                _ => {}
            }
        }))
    };
    assert_eq!(refused(Refused, &[]), "", "before class nothing listens yet");
    assert_eq!(refused(Refused, &[22]), "", "its sshd answered");
    assert_eq!(refused(Rejected, &[]), "", "its sshd may listen elsewhere");
    insta::assert_snapshot!(refused(Refused, &[22, 80]) + &refused(Rejected, &[22]));
    assert_eq!(refused(Rejected, &[22, 80]), refused(Refused, &[22, 80]));
}

#[test]
fn where_sshd_answers_other_hosts() {
    let port = |address: &str, port: Option<u16>| {
        let mut host = host("default", "web01", 11, &[]);
        host.connection.address = address.to_owned();
        host.connection.port = port;
        ssh_port(&host)
    };
    assert_eq!(port("10.0.0.11", None), 22);
    assert_eq!(port("10.0.0.11", Some(2222)), 2222);
    assert_eq!(port("127.0.0.1", Some(2201)), 22, "a port forward of the laptop");
}

#[test]
fn whom_a_host_has_to_reach() {
    let inventory = inventory();
    let cluster = &inventory.clusters[0];
    let names = |host: usize| -> Vec<String> {
        let peers = peers(cluster, &cluster.hosts[host]);
        peers
            .iter()
            .flat_map(|peers| &peers.hosts)
            .map(|(peer, port)| format!("{}:{port}", peer.name))
            .collect()
    };
    assert_eq!(names(0), ["web01:80", "web02:80", "web03:80"]);
    assert_eq!(names(2), ["web03:50007", "web01:50007"]);
    let behind_nat = with_host("web01", |host| host.private_address = "127.0.0.1".to_owned());
    let cluster = &behind_nat.clusters[0];
    assert_eq!(peers(cluster, &cluster.hosts[0])[0].hosts.len(), 2, "127.0.0.1 is no way to another host");
}

#[test]
fn clones() {
    let found = findings(&inventory(), |host, result| {
        let examination = result.as_mut().unwrap();
        if host.starts_with("web") {
            examination.facts.machine_id = "same".into();
            examination.host_keys = vec!["ssh-ed25519 same".into(), "ssh-rsa same".into()];
        }
    });
    assert_eq!(found.len(), 6);
    insta::assert_snapshot!(words(&[found[0].clone(), found[3].clone()]));
    // An image that makes both at its first start.
    let fresh = findings(&inventory(), |_, result| {
        let examination = result.as_mut().unwrap();
        examination.facts.machine_id = "uninitialized".into();
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

    // Clones that a DHCP server gave one address: nothing was exchanged.
    let cloned = examined(&inventory(), &[("web02", &["10.0.0.11"]), ("web03", &["10.0.0.11", "10.0.0.13"])]);
    insta::assert_snapshot!(cloned);

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
    warning private-address, web01
        it has no interface with its private_address 10.0.0.11
            other hosts of its cluster may not reach it, the balancer among them
            → look at `hostname -I` on the host, and correct `private_address` in the inventory
        nenhuma interface da máquina tem o private_address 10.0.0.11
            outras máquinas do cluster, como o balanceador, talvez não a alcancem
            → veja `hostname -I` na máquina e corrija `private_address` no inventário
    ");
}

#[test]
fn private_networks_of_teams_may_be_alike() {
    let team = |name: &str| Cluster {
        name: name.to_owned(),
        hosts: vec![host(name, "lb", 10, &["balancer"]), host(name, "web1", 11, &["web"])],
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
fn clusters_are_exchanged_only_where_neither_has_its_own() {
    // Reached by a port forward of each; the second network of all is alike, though only bia declares it.
    let of = |name: &str, private: &str| {
        let mut host = host(name, "web1", 11, &["web"]);
        "127.0.0.1".clone_into(&mut host.connection.address);
        private.clone_into(&mut host.private_address);
        Cluster { name: name.to_owned(), hosts: vec![host] }
    };
    let inventory =
        Inventory { clusters: vec![of("ana", "10.1.0.11"), of("bia", "10.2.0.11")], ..inventory() };
    let kinds = |ana: &str, bia: Option<&str>| {
        let found = findings(&inventory, |host, result| match (host, bia) {
            ("ana/web1", _) => result.as_mut().unwrap().facts.addresses = vec![ana.parse().unwrap()],
            (_, Some(bia)) => result.as_mut().unwrap().facts.addresses = vec![bia.parse().unwrap()],
            _ => *result = Err(failure(FailureKind::Interrupted, "not begun")),
        });
        found.iter().map(|one| format!("{} {}", one.kind.into_str(), one.host)).collect::<Vec<_>>()
    };
    assert_eq!(kinds("10.2.0.11", Some("10.1.0.11")), ["swapped ana/web1", "swapped bia/web1"]);
    assert_eq!(kinds("10.2.0.11", Some("10.2.0.11")), ["private-address ana/web1"]);
    assert_eq!(kinds("10.2.0.11", None), ["private-address ana/web1"]);
}

#[test]
fn an_address_of_a_host_that_nobody_saw_may_be_shared_or_exchanged() {
    insta::assert_snapshot!(words(&findings(&inventory(), |host, result| match host {
        "web01" => *result = Err(failure(FailureKind::Interrupted, "not begun")),
        "web02" => result.as_mut().unwrap().facts.addresses = vec!["10.0.0.11".parse().unwrap()],
        _ => {}
    })));
}

#[test]
fn names_that_were_exchanged() {
    let named = |names: &[(&str, &str)]| {
        findings(&inventory(), |host, result| {
            for (_, name) in names.iter().filter(|(entry, _)| *entry == host) {
                result.as_mut().unwrap().hostname = (*name).into();
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
