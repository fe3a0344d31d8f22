//! Ports of this machine that lead to hosts whose own addresses can't be reached.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, TcpListener};

use super::shape::{HostShape, Ports};
use crate::error::{Error, Result};
use crate::model::text;

/// Where they are bound: on this machine alone.
pub(super) const LOOPBACK: &str = "127.0.0.1";
/// Where the ports of each kind begin: those of neighbours follow each other, below what systems give away at random.
const FIRST: Ports = Ports { ssh: 22000, web: 23000, statistics: 24000 };
const MOST: u16 = 1000;

/// Ports for the hosts that have none yet, passing over those of other labs and of whoever listens on this machine.
pub(super) fn assign(
    hosts: &[HostShape],
    known: &BTreeMap<String, Ports>,
    others: impl IntoIterator<Item = Ports>,
) -> Result<BTreeMap<String, Ports>> {
    let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    deal(hosts, known, others, is_free).ok_or_else(|| {
        let Ports { ssh, web, statistics } = FIRST;
        Error::machine(text!(
            en: "no ports are free for the hosts: {MOST} each from {ssh}, {web} and {statistics} are tried",
            pt: "não há portas livres para as máquinas: tentam-se {MOST} a partir de {ssh}, {web} e {statistics}",
        ))
        .hint(text!(
            en: "take other labs down: provision lab list",
            pt: "desmonte outros labs: provision lab list",
        ))
    })
}

fn deal(
    hosts: &[HostShape],
    known: &BTreeMap<String, Ports>,
    others: impl IntoIterator<Item = Ports>,
    is_free: impl Fn(u16) -> bool,
) -> Option<BTreeMap<String, Ports>> {
    let mut dealt = known.clone();
    let used = known.values().copied().chain(others);
    let mut used: BTreeSet<u16> = used.flat_map(|ports| [ports.ssh, ports.web, ports.statistics]).collect();
    let mut next = |first: u16| {
        let port = (first..first + MOST).find(|port| !used.contains(port) && is_free(*port))?;
        used.insert(port);
        Some(port)
    };
    for host in hosts.iter().filter(|host| !known.contains_key(&host.hostname)) {
        let ports =
            Ports { ssh: next(FIRST.ssh)?, web: next(FIRST.web)?, statistics: next(FIRST.statistics)? };
        dealt.insert(host.hostname.clone(), ports);
    }
    Some(dealt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::shape::Options;
    use crate::lab::subnet::Subnet;

    fn hosts(web: u16) -> Vec<HostShape> {
        Options { web, ..Options::default() }.hosts(Subnet::new(10, 213))
    }

    #[test]
    fn neighbours_have_ports_that_follow_each_other_and_keep_them() {
        let free = |port: u16| port != 22001;
        let other = Ports { ssh: 22000, web: 23000, statistics: 24000 };
        let first = deal(&hosts(1), &BTreeMap::new(), [other], free).unwrap();
        assert_eq!(first["lb"], Ports { ssh: 22002, web: 23001, statistics: 24001 });
        assert_eq!(first["web01"].ssh, 22003);
        let grown = deal(&hosts(2), &first, [], |_| true).unwrap();
        assert_eq!(grown["lb"], first["lb"]);
        assert_eq!(grown["web02"], Ports { ssh: 22000, web: 23000, statistics: 24000 });
        assert_eq!(deal(&hosts(1), &BTreeMap::new(), [], |_| false), None);
    }
}
