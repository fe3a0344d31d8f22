//! Whether the hosts of a cluster reach each other.

use super::{Examined, MOST_NAMES, finding, identity};
use crate::model::{
    Cluster, Examination, Finding, FindingKind, Host, HostId, Peers, Reach, Severity, Text, text,
};

/// Another host of the cluster that a host has to reach, by its `private_address`, and the port.
pub type Peer<'a> = (&'a Host, u16);

/// Whom a host of a cluster has to reach, for each of its roles.
pub fn peers<'a>(cluster: &'a Cluster, host: &Host) -> Vec<Peers<'a>> {
    let mut peers: Vec<_> = host.roles.iter().filter_map(|role| role.peers(cluster, host)).collect();
    for Peers { hosts, .. } in &mut peers {
        // Everybody reaches himself, and at a loopback address nobody else.
        hosts.retain(|(peer, _)| peer.id != host.id && !identity::is_loopback(&peer.private_address));
    }
    peers
}

/// The port at which its sshd answers other hosts, as far as the inventory tells: behind a port forward of the laptop,
/// `ssh.port` is the laptop's.
pub fn ssh_port(host: &Host) -> u16 {
    let forwarded = identity::is_loopback(&host.connection.address);
    host.connection.port.filter(|_| !forwarded).unwrap_or(22)
}

/// The peers that a host does not reach, but for those that are known to be down.
pub(super) fn judge(
    cluster: &Cluster,
    host: &Host,
    examination: &Examination,
    examined: &[Examined<'_>],
) -> Vec<Finding> {
    let result = |peer: &Host| examined.iter().find(|one| one.host.id == peer.id).map(|one| &one.result);
    let is_down = |peer: &Host| matches!(result(peer), Some(Err(failure)) if failure.kind.is_unreachable());
    // A refused connection proves nothing against the network, unless the other host says that somebody listens there.
    let listens = |peer: &Host, port: u16| {
        let facts = result(peer).and_then(|result| Some(&result.as_ref().ok()?.facts));
        facts.is_some_and(|facts| facts.port_owners.contains_key(&port))
    };
    let is_put_right =
        |peer: &Host, port: u16| examined.iter().any(|one| one.host.id == peer.id && one.puts_right(port));
    let trouble = |((peer, port), reach): &(Peer<'_>, Reach)| match reach {
        Reach::Unreachable => (!is_down(peer)).then_some(Trouble::Unreachable),
        Reach::Unknown => (!is_down(peer)).then_some(Trouble::Unknown),
        Reach::Refused | Reach::Rejected if listens(peer, *port) => {
            (!is_put_right(peer, *port)).then_some(Trouble::Refused)
        }
        Reach::Rejected if listens(peer, ssh_port(peer)) => Some(Trouble::Rejected),
        Reach::Reached | Reach::Refused | Reach::Rejected => None,
    };
    let mut findings = Vec::new();
    let mut reached = examination.peers.iter().copied();
    for Peers { hosts, severity, means } in peers(cluster, host) {
        let asked: Vec<_> = hosts.into_iter().zip(&mut reached).collect();
        for kind in [Trouble::Unreachable, Trouble::Unknown, Trouble::Refused, Trouble::Rejected] {
            let of_kind = asked.iter().filter(|one| trouble(one) == Some(kind));
            let names: Vec<_> = of_kind.map(|(peer, _)| kind.name(*peer)).collect();
            if !names.is_empty() {
                findings.push(kind.finding(
                    &host.id,
                    &Text::list(&names, MOST_NAMES),
                    severity,
                    means.clone(),
                ));
            }
        }
    }
    findings
}

/// Why a host does not reach another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Unreachable,
    /// The name is not resolved.
    Unknown,
    /// It is refused where somebody listens.
    Refused,
    /// It is refused by sshd's port; whether also by that of its role, is not known yet.
    Rejected,
}

impl Trouble {
    fn name(self, (peer, port): Peer<'_>) -> Text {
        let Host { name, private_address, .. } = peer;
        let port = if self == Self::Rejected { ssh_port(peer) } else { port };
        text!(en: "{name} ({private_address} port {port})", pt: "{name} ({private_address} porta {port})")
    }

    fn finding(self, host: &HostId, peers: &Text, severity: Severity, means: Text) -> Finding {
        let kind = if self == Self::Unknown { FindingKind::Names } else { FindingKind::Peer };
        let seen = match self {
            Self::Unreachable => text!(
                en: "it does not reach {peers}",
                pt: "a máquina não alcança {peers}",
                peers,
            ),
            Self::Unknown => text!(
                en: "it cannot resolve the name of {peers}",
                pt: "a máquina não resolve o nome de {peers}",
                peers,
            ),
            Self::Refused => text!(
                en: "it is refused by {peers}, although a program listens there",
                pt: "as conexões dela são recusadas por {peers}, embora um programa escute lá",
                peers,
            ),
            Self::Rejected => text!(
                en: "it is refused by {peers}, although sshd listens there",
                pt: "as conexões dela são recusadas por {peers}, embora o sshd escute lá",
                peers,
            ),
        };
        let mend = match self {
            Self::Unreachable => text!(
                en: "check `private_address`, the network of the VMs, and firewalls between them (on AWS: the \
                     security group must allow the instances to reach each other)",
                pt: "verifique `private_address`, a rede das VMs e os firewalls entre elas (na AWS: o grupo de \
                     segurança precisa permitir que as instâncias se alcancem)",
            ),
            Self::Unknown => text!(
                en: "give addresses as `private_address`, or mend name resolution on the host",
                pt: "use endereços IP em `private_address`, ou corrija a resolução de nomes na máquina",
            ),
            Self::Refused => text!(
                en: "look there for a firewall that rejects (`sudo nft list ruleset`), or a program that listens on \
                     127.0.0.1 only (`sudo ss -ltn`)",
                pt: "procure lá um firewall que rejeite (`sudo nft list ruleset`) ou um programa que só escute em \
                     127.0.0.1 (`sudo ss -ltn`)",
            ),
            Self::Rejected => text!(
                en: "look there for a firewall that rejects: `sudo nft list ruleset`",
                pt: "procure lá um firewall que rejeite: `sudo nft list ruleset`",
            ),
        };
        let (severity, means) = match self {
            Self::Rejected => (
                Severity::Warning,
                text!(
                    en: "a firewall between them may refuse the ports of the class as well",
                    pt: "um firewall entre elas pode recusar também as portas da aula",
                ),
            ),
            _ => (severity, means),
        };
        finding(host, severity, kind, seen, means, mend)
    }
}
