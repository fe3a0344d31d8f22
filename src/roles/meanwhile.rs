//! What a host has for the time being, where others of its cluster are not as the inventory says.

use crate::model::{Cluster, Concern, Facts, FindingKind, Host, Meanwhile, Situation, Unready, text};

/// In what a host's files are to differ from the inventory. Whoever stands in front of others sends requests where they
/// are answered, as far as that is known; and nobody closes a port that is still used.
pub fn meanwhile(cluster: &Cluster, host: &Host, facts: &Facts, situation: &Situation) -> Meanwhile {
    let mut meanwhile = Meanwhile::default();
    for role in &host.roles {
        if situation.in_use {
            meanwhile.kept.extend(role.leaves(facts));
        }
        let behind = role.fronts().filter(|_| !situation.unready.is_empty());
        let Some((behind, now)) = behind.zip(role.sends_to(facts, cluster)) else { continue };
        for (other, of_other) in cluster.with_role(behind) {
            let wanted = of_other.ports().first().map(|port| port.number);
            match (situation.unready.get(&other.id), now.get(&other.id).copied()) {
                (None, _) | (Some(Unready::Unknown), None) => {}
                (Some(_), now) if now == wanted => {}
                (Some(_), now) => {
                    meanwhile.held.insert(other.id.clone(), now);
                }
            }
        }
    }
    // What another role takes, no role keeps.
    let taken =
        |port: &u16| host.roles.iter().flat_map(|role| role.ports()).any(|taken| taken.number == *port);
    meanwhile.kept.retain(|port| !taken(port));
    meanwhile
}

/// What is told of hosts that are not asked where the inventory says.
pub fn held(meanwhile: &Meanwhile) -> impl Iterator<Item = Concern> {
    meanwhile.held.iter().map(|(host, port)| Concern {
        kind: FindingKind::Peer,
        seen: match port {
            Some(port) => text!(
                en: "{host} is not as it should be, so requests still go to its port {port}",
                pt: "{host} não está como deveria, então as requisições ainda vão para a porta {port} dele",
            ),
            None => text!(
                en: "{host} is not ready, so it gets no requests yet",
                pt: "{host} não está pronto e ainda não recebe requisições",
            ),
        },
        next: text!(
            en: "apply again once it is mended",
            pt: "rode o apply de novo depois de corrigi-lo",
        ),
        stops: false,
    })
}
