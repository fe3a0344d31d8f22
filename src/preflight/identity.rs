//! Which machine a host is: clones, one machine behind two entries, entries whose addresses were exchanged.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::{Examined, MOST_NAMES, finding};
use crate::model::{Examination, Facts, Finding, FindingKind, Host, HostId, Inventory, Severity, Text, text};

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
        let known =
            |id: &HostId| machines.iter().find(|one| one.host.id == *id).map(|one| &one.examination.facts);
        findings.extend(
            misplaced(inventory, seen.host, &seen.examination.facts, known).or_else(|| misnamed(seen, &all)),
        );
    }
    findings
}

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
        let names = names(&set);
        for host in &set {
            findings.push(finding(
                host,
                Severity::Fatal,
                FindingKind::SameMachine,
                text!(en: "{names} lead to the same machine", pt: "{names} levam à mesma máquina", names),
                text!(
                    en: "one machine would be set up several times, and others not at all",
                    pt: "uma máquina seria configurada várias vezes, e outras, nenhuma",
                ),
                text!(
                    en: "correct `address` and `ssh.port` of these hosts in the inventory; on VirtualBox look at the \
                         port forwards",
                    pt: "corrija `address` e `ssh.port` destas máquinas no inventário; no VirtualBox, veja o \
                         redirecionamento de portas",
                ),
            ));
        }
    }
    machines
}

fn clones(machines: &[Seen<'_>], findings: &mut Vec<Finding>) {
    for set in alike(machines, |seen| {
        let id = &seen.examination.facts.machine_id;
        if id.is_empty() || id == "uninitialized" { Vec::new() } else { vec![id] }
    }) {
        let names = names(&set);
        for host in &set {
            findings.push(finding(
                host,
                Severity::Warning,
                FindingKind::MachineId,
                text!(
                    en: "{names} have the same machine-id: they are clones",
                    pt: "{names} têm o mesmo machine-id: são clones",
                    names,
                ),
                text!(
                    en: "a DHCP server may give them one and the same address",
                    pt: "um servidor DHCP pode dar a todas o mesmo endereço",
                ),
                new_machine_id(),
            ));
        }
    }
    for set in alike(machines, |seen| seen.examination.host_keys.iter().collect()) {
        let names = names(&set);
        for host in &set {
            findings.push(finding(
                host,
                Severity::Warning,
                FindingKind::HostKey,
                text!(
                    en: "{names} have the same SSH host key: they are clones",
                    pt: "{names} têm a mesma chave SSH da máquina: são clones",
                    names,
                ),
                text!(
                    en: "who is root on one of them can pass for any other",
                    pt: "quem é root em uma delas pode se passar por qualquer outra",
                ),
                text!(
                    en: "on all but one: `sudo rm /etc/ssh/ssh_host_* && sudo dpkg-reconfigure openssh-server`; the \
                         next `provision doctor` then shows the `ssh-keygen -R` to run on this computer",
                    pt: "em todas menos uma: `sudo rm /etc/ssh/ssh_host_* && sudo dpkg-reconfigure openssh-server`; \
                         depois, o próximo `provision doctor` mostra o `ssh-keygen -R` a rodar neste computador",
                ),
            ));
        }
    }
}

fn new_machine_id() -> Text {
    // Where the second is a file of its own and not a link, the first would be made from it again.
    text!(
        en: "on all but one: `sudo rm -f /etc/machine-id /var/lib/dbus/machine-id && sudo systemd-machine-id-setup`, \
             then restart it",
        pt: "em todas menos uma: `sudo rm -f /etc/machine-id /var/lib/dbus/machine-id && sudo \
             systemd-machine-id-setup`; depois reinicie-a",
    )
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

fn names(hosts: &[HostId]) -> Text {
    let names: Vec<_> = hosts.iter().map(|host| Text::verbatim(host.as_str())).collect();
    Text::list(&names, MOST_NAMES)
}

/// A machine that has the private address of another entry, or at least not its own. `known` gives what was found on the
/// machine of another entry, where somebody looked.
pub(super) fn misplaced<'a>(
    inventory: &Inventory,
    host: &Host,
    facts: &Facts,
    known: impl Fn(&HostId) -> Option<&'a Facts>,
) -> Option<Finding> {
    let own = ip(&host.private_address);
    if facts.addresses.is_empty() || own.is_some_and(|own| facts.addresses.contains(&own)) {
        return None;
    }
    let is_given = host.private_address != host.connection.address;
    if let Some((other, address)) = whose(inventory, host, is_given && own.is_some(), facts) {
        let (id, other_id) = (&host.id, &other.id);
        let seen = text!(
            en: "the machine that answers for {id} has {address}, the address of {other_id}",
            pt: "a máquina que responde por {id} tem {address}, o endereço de {other_id}",
        );
        let looked = known(other_id).filter(|facts| !facts.addresses.is_empty());
        let in_cluster = other.cluster == host.cluster;
        match looked.map(|facts| facts.addresses.contains(&address)) {
            Some(false) => {
                let otherwise = text!(en: "or their `private_address`", pt: "ou os `private_address`");
                return Some(swapped(host, other, seen, &otherwise));
            }
            Some(true) if in_cluster => return Some(shared(host, other, address)),
            None if in_cluster => return Some(doubtful(host, other, seen)),
            // An address that the private networks of both clusters have.
            Some(true) | None => {}
        }
    }
    own.filter(|_| is_given).map(|own| {
        finding(
            &host.id,
            Severity::Warning,
            FindingKind::PrivateAddress,
            text!(
                en: "it has no interface with its private_address {own}",
                pt: "nenhuma interface da máquina tem o private_address {own}",
            ),
            text!(
                en: "other hosts of its cluster may not reach it, the balancer among them",
                pt: "outras máquinas do cluster, como o balanceador, talvez não a alcancem",
            ),
            text!(
                en: "look at `hostname -I` on the host, and correct `private_address` in the inventory",
                pt: "veja `hostname -I` na máquina e corrija `private_address` no inventário",
            ),
        )
    })
}

/// The entry that an address of a machine belongs to. Private networks of different clusters may have the same
/// addresses: another cluster's is looked at where it is the only one and the machine is known to be not its own.
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

/// A machine has the address of another one of its cluster, which has it too.
fn shared(host: &Host, other: &Host, address: IpAddr) -> Finding {
    let (first, second) = in_order(host, other);
    let renew = new_machine_id();
    finding(
        &host.id,
        Severity::Warning,
        FindingKind::PrivateAddress,
        text!(
            en: "the machines of {first} and {second} both have the address {address}",
            pt: "as máquinas de {first} e {second} têm ambas o endereço {address}",
        ),
        text!(
            en: "who asks for it reaches now one and now the other; clones get one address from a DHCP server",
            pt: "quem o procura alcança ora uma, ora outra; clones recebem o mesmo endereço de um servidor DHCP",
        ),
        text!(
            en: "give each VM a MAC address of its own, and a machine-id: {renew}",
            pt: "dê a cada VM um endereço MAC próprio e um machine-id: {renew}",
            renew,
        ),
    )
}

/// Two hosts, so that the same two are told in the same words of either.
fn in_order<'a>(one: &'a Host, other: &'a Host) -> (&'a HostId, &'a HostId) {
    ((&one.id).min(&other.id), (&one.id).max(&other.id))
}

/// The machine has another's address, and nobody looked whether the other one has it too.
fn doubtful(host: &Host, other: &Host, seen: Text) -> Finding {
    let (first, second) = in_order(host, other);
    let (id, other_id) = (&host.id, &other.id);
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Swapped,
        seen,
        text!(
            en: "it may be the machine of {other_id}, and would be set up as {id}",
            pt: "ela pode ser a máquina de {other_id} e seria configurada como {id}",
        ),
        text!(
            en: "look at `hostname -I` on both machines: if both have it, give each an address of its own; if not, \
                 exchange `address` (and `ssh.port`) of {first} and {second} in the inventory, or their \
                 `private_address`",
            pt: "veja `hostname -I` nas duas máquinas: se ambas o tiverem, dê a cada uma um endereço próprio; se não, \
                 troque entre si os `address` (e `ssh.port`) de {first} e {second} no inventário, ou os \
                 `private_address`",
        ),
    )
}

/// A machine that calls itself by the name of another entry, where neither is a clone of the other.
fn misnamed(seen: &Seen<'_>, all: &[Seen<'_>]) -> Option<Finding> {
    let calls_itself = |seen: &Seen<'_>, host: &Host| {
        let hostname = seen.examination.hostname.raw().to_lowercase();
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
        let name = seen.examination.hostname.name();
        let id = &seen.host.id;
        let words = text!(
            en: "the machine that answers for {id} calls itself {name}",
            pt: "a máquina que responde por {id} se chama {name}",
            name,
        );
        let otherwise = text!(
            en: "or mend the names on the machines: `sudo hostnamectl set-hostname`",
            pt: "ou corrija os nomes nas máquinas: `sudo hostnamectl set-hostname`",
        );
        let mut finding = swapped(seen.host, other.host, words, &otherwise);
        // A name alone proves little; that the other one has this one's is no accident.
        if !calls_itself(other, seen.host) {
            finding.severity = Severity::Warning;
        }
        finding
    })
}

fn swapped(host: &Host, other: &Host, seen: Text, otherwise: &Text) -> Finding {
    let (first, second) = in_order(host, other);
    finding(
        &host.id,
        Severity::Fatal,
        FindingKind::Swapped,
        seen,
        text!(
            en: "the inventory exchanges hosts: each would be set up as another",
            pt: "o inventário troca máquinas: cada uma seria configurada como outra",
        ),
        text!(
            en: "exchange `address` (and `ssh.port`) of {first} and {second} in the inventory, {otherwise}",
            pt: "troque entre si os `address` (e `ssh.port`) de {first} e {second} no inventário, {otherwise}",
            otherwise,
        ),
    )
}
