//! Which machine a host is: clones, one machine behind two entries, entries whose addresses were exchanged.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Examined, finding, listed};
use crate::model::{Examination, Facts, Finding, FindingKind, Host, HostId, Inventory, Severity};

/// The judgements that take more than one host, and those about addresses.
pub(super) fn judge(inventory: &Inventory, examined: &[Examined<'_>]) -> Vec<Finding> {
    let all: Vec<Seen<'_>> = examined
        .iter()
        .filter_map(|one| Some(Seen { host: one.host, examination: one.result.as_ref().ok()? }))
        .collect();
    let mut findings = Vec::new();
    let machines = same_machine(&all, &mut findings);
    clones(&machines, &mut findings);
    for seen in &machines {
        findings.extend(
            misplaced(inventory, seen.host, &seen.examination.facts).or_else(|| misnamed(seen, &all)),
        );
    }
    findings
}

/// A host that was examined.
#[derive(Clone, Copy)]
struct Seen<'a> {
    host: &'a Host,
    examination: &'a Examination,
}

/// Whether an address means the machine that uses it.
pub(super) fn is_loopback(address: &str) -> bool {
    address == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

fn ip(address: &str) -> Option<IpAddr> {
    address.parse().ok().filter(|address: &IpAddr| !address.is_loopback())
}

/// Entries that lead to one machine; gives one entry for each machine.
fn same_machine<'a>(all: &[Seen<'a>], findings: &mut Vec<Finding>) -> Vec<Seen<'a>> {
    // Clones differ in their kernel's boot, containers on one kernel in their addresses and names.
    let machine = |seen: &Seen<'a>| {
        let Examination { boot_id, hostname, facts, .. } = seen.examination;
        let is_known = !boot_id.is_empty() && !facts.addresses.is_empty();
        let addresses = facts.addresses.clone();
        is_known.then_some((boot_id, hostname, &facts.machine_id, addresses))
    };
    let mut machines = Vec::new();
    let sets = alike(all, |seen| machine(seen).into_iter().collect());
    for seen in all {
        match sets.iter().find(|set| set.contains(&seen.host.id)) {
            Some(set) if set[0] != seen.host.id => {}
            _ => machines.push(*seen),
        }
    }
    for set in sets {
        for host in &set {
            findings.push(finding(
                host,
                Severity::Fatal,
                FindingKind::SameMachine,
                format!("{} lead to the same machine", names(&set)),
                "one machine would be set up several times, and others not at all",
                "correct `address` and `ssh.port` of these hosts in the inventory; on VirtualBox look at the port \
                 forwards",
            ));
        }
    }
    machines
}

fn clones(machines: &[Seen<'_>], findings: &mut Vec<Finding>) {
    for set in alike(machines, |seen| {
        let id = seen.examination.facts.machine_id.as_str();
        if id.is_empty() || id == "uninitialized" { Vec::new() } else { vec![id] }
    }) {
        for host in &set {
            findings.push(finding(
                host,
                Severity::Warning,
                FindingKind::MachineId,
                format!("{} have the same machine-id: they are clones", names(&set)),
                "a DHCP server may give them one and the same address",
                "on all but one: `sudo rm /etc/machine-id && sudo systemd-machine-id-setup`, then restart it",
            ));
        }
    }
    for set in alike(machines, |seen| seen.examination.host_keys.iter().collect()) {
        for host in &set {
            findings.push(finding(
                host,
                Severity::Warning,
                FindingKind::HostKey,
                format!("{} have the same SSH host key: they are clones", names(&set)),
                "who is root on one of them can pass for any other",
                "on all but one: `sudo rm /etc/ssh/ssh_host_* && sudo dpkg-reconfigure openssh-server`; then \
                 `ssh-keygen -R` its address on this computer",
            ));
        }
    }
}

/// Sets of hosts that share something, each set once; in the order given.
fn alike<'a, K: Ord>(all: &[Seen<'a>], marks: impl Fn(&Seen<'a>) -> Vec<K>) -> Vec<Vec<HostId>> {
    let mut sharing: BTreeMap<K, Vec<(usize, HostId)>> = BTreeMap::new();
    for (position, seen) in all.iter().enumerate() {
        for mark in marks(seen) {
            sharing.entry(mark).or_default().push((position, seen.host.id.clone()));
        }
    }
    let mut sets: Vec<_> = sharing.into_values().filter(|set| set.len() > 1).collect();
    sets.sort();
    sets.dedup();
    sets.into_iter().map(|set| set.into_iter().map(|(_, host)| host).collect()).collect()
}

fn names(hosts: &[HostId]) -> String {
    listed(&hosts.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// A machine that has the private address of another entry, or at least not its own. Only this one host is looked at.
pub(super) fn misplaced(inventory: &Inventory, host: &Host, facts: &Facts) -> Option<Finding> {
    let own = ip(&host.private_address);
    if facts.addresses.is_empty() || own.is_some_and(|own| facts.addresses.contains(&own)) {
        return None;
    }
    let is_given = host.private_address != host.connection.address;
    if let Some((other, address)) = whose(inventory, host, is_given && own.is_some(), facts) {
        let seen =
            format!("the machine that answers for {} has {address}, the address of {}", host.id, other.id);
        return Some(swapped(host, other, seen, "or their `private_address`"));
    }
    own.filter(|_| is_given).map(|own| {
        finding(
            &host.id,
            Severity::Warning,
            FindingKind::PrivateAddress,
            format!("it has no interface with its private_address {own}"),
            "other hosts of its cluster may not reach it, the balancer among them",
            "look at `hostname -I` on the host, and correct `private_address` in the inventory",
        )
    })
}

/// The entry that an address of a machine belongs to. Private networks of different clusters may have the same
/// addresses: another cluster's counts where it is the only one and the machine is known to be not its own.
fn whose<'a>(
    inventory: &'a Inventory,
    host: &Host,
    is_not_own: bool,
    facts: &Facts,
) -> Option<(&'a Host, IpAddr)> {
    let holders: Vec<(&Host, IpAddr)> = inventory
        .hosts()
        .filter(|other| other.id != host.id)
        .filter_map(|other| Some((other, ip(&other.private_address)?)))
        .filter(|(_, address)| facts.addresses.contains(address))
        .collect();
    let in_cluster = holders.iter().find(|(other, _)| other.cluster == host.cluster);
    in_cluster.copied().or(match holders[..] {
        [only] if is_not_own => Some(only),
        _ => None,
    })
}

/// A machine that calls itself by the name of another entry, where neither is a clone of the other.
fn misnamed(seen: &Seen<'_>, all: &[Seen<'_>]) -> Option<Finding> {
    let calls_itself = |seen: &Seen<'_>, host: &Host| {
        let hostname = seen.examination.hostname.to_lowercase();
        let hostname = hostname.split('.').next().unwrap_or_default();
        let full = format!("{}-{}", host.cluster, host.name).to_lowercase();
        hostname == full || hostname == host.name.to_lowercase() && seen.host.cluster == host.cluster
    };
    if calls_itself(seen, seen.host) {
        return None;
    }
    let other = all.iter().find(|other| calls_itself(seen, other.host))?;
    let is_only_one = all.iter().filter(|one| calls_itself(one, other.host)).count() == 1;
    is_only_one.then(|| {
        let name = &seen.examination.hostname;
        let words = format!("the machine that answers for {} calls itself {name}", seen.host.id);
        let otherwise = "or mend the names on the machines: `sudo hostnamectl set-hostname`";
        let mut finding = swapped(seen.host, other.host, words, otherwise);
        // A name alone proves little; that the other one has this one's is no accident.
        if !calls_itself(other, seen.host) {
            finding.severity = Severity::Warning;
        }
        finding
    })
}

fn swapped(host: &Host, other: &Host, seen: String, otherwise: &str) -> Finding {
    let (first, second) = ((&host.id).min(&other.id), (&host.id).max(&other.id));
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Swapped,
        seen,
        "the inventory exchanges hosts: each would be set up as another",
        format!("exchange `address` (and `ssh.port`) of {first} and {second} in the inventory, {otherwise}"),
    )
}
