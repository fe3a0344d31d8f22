//! Whether the hosts of a cluster reach each other.

use super::{Examined, MOST_NAMES, finding, identity};
use crate::model::{Cluster, Examination, Finding, FindingKind, Host, Reach, Role, Severity, Text, text};

/// A balancer with more web hosts than this is asked about the first ones.
const MOST_BACKENDS: usize = 64;
/// Each host of the socket lab is asked about the next ones, so that all are asked about, and not by all.
const NEIGHBOURS: usize = 3;

/// Another host of the cluster that a host has to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer<'a> {
    /// The other host, by its `private_address`.
    pub host: &'a Host,
    /// The TCP port.
    pub port: u16,
    /// What for: [`Role::Web`] by a balancer, [`Role::Socket`] by clients of the socket lab.
    pub role: Role,
}

/// Whom a host of a cluster has to reach: a balancer its web hosts, a host of the socket lab its neighbours.
pub fn peers<'a>(cluster: &'a Cluster, host: &Host) -> Vec<Peer<'a>> {
    let mut peers = Vec::new();
    if host.has(Role::Balancer) {
        let web = cluster.with_role(Role::Web).take(MOST_BACKENDS);
        peers.extend(web.map(|web| Peer { host: web, port: web.web.port, role: Role::Web }));
    }
    if host.has(Role::Socket) {
        let all: Vec<_> = cluster.with_role(Role::Socket).collect();
        let own = all.iter().position(|other| other.id == host.id).unwrap_or_default();
        let next = all.iter().cycle().skip(own + 1).take(NEIGHBOURS.min(all.len().saturating_sub(1)));
        peers.extend(next.map(|next| Peer { host: next, port: next.socket.port, role: Role::Socket }));
    }
    // Everybody reaches himself, and at a loopback address nobody else.
    peers.retain(|peer| peer.host.id != host.id && !identity::is_loopback(&peer.host.private_address));
    peers
}

/// The peers that a host does not reach, but for those that are known to be down.
pub(super) fn judge(
    cluster: &Cluster,
    host: &Host,
    examination: &Examination,
    examined: &[Examined<'_>],
) -> Vec<Finding> {
    let is_down = |peer: &Host| {
        let failure = examined.iter().find(|one| one.host.id == peer.id).map(|one| &one.result);
        matches!(failure, Some(Err(failure)) if failure.kind.is_unreachable())
    };
    let missed = |role: Role, reach: Reach| -> Option<Text> {
        let missed: Vec<_> = peers(cluster, host)
            .iter()
            .zip(&examination.peers)
            .filter(|(peer, reached)| peer.role == role && **reached == reach && !is_down(peer.host))
            .map(|(peer, _)| {
                let (Host { name, private_address, .. }, port) = (peer.host, peer.port);
                text!(
                    en: "{name} ({private_address} port {port})",
                    pt: "{name} ({private_address} porta {port})",
                )
            })
            .collect();
        (!missed.is_empty()).then(|| Text::list(&missed, MOST_NAMES))
    };
    let mut findings = Vec::new();
    for (role, severity, means) in [
        (
            Role::Web,
            Severity::Fatal,
            text!(
                en: "the balancer counts these web hosts as down and sends them nothing",
                pt: "para o balanceador, esses servidores web estão fora do ar, e ele não lhes envia nada",
            ),
        ),
        (
            Role::Socket,
            Severity::Warning,
            text!(
                en: "a client of the socket lab here gets no answer from a server there",
                pt: "um cliente do laboratório de sockets aqui não recebe resposta de um servidor lá",
            ),
        ),
    ] {
        if let Some(unreached) = missed(role, Reach::Unreachable) {
            let seen = text!(
                en: "it does not reach {unreached}",
                pt: "a máquina não alcança {unreached}",
                unreached,
            );
            let mend = text!(
                en: "check `private_address`, the network of the VMs, and firewalls between them (on AWS: the \
                     security group must allow the instances to reach each other)",
                pt: "verifique `private_address`, a rede das VMs e os firewalls entre elas (na AWS: o grupo de \
                     segurança precisa permitir que as instâncias se alcancem)",
            );
            findings.push(finding(&host.id, severity, FindingKind::Peer, seen, means.clone(), mend));
        }
        if let Some(unknown) = missed(role, Reach::Unknown) {
            let seen = text!(
                en: "it cannot resolve the name of {unknown}",
                pt: "a máquina não resolve o nome de {unknown}",
                unknown,
            );
            let mend = text!(
                en: "give addresses as `private_address`, or mend name resolution on the host",
                pt: "use endereços IP em `private_address`, ou corrija a resolução de nomes na máquina",
            );
            findings.push(finding(&host.id, severity, FindingKind::Names, seen, means, mend));
        }
    }
    findings
}
