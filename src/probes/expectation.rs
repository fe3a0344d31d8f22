//! What a host should show: what its roles say of themselves, as the probes ask it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::{Balance, CheckKind, Cluster, Expectation, Host, Resource, Service, services};

use super::site::Site;
use super::target::Target;

pub use crate::model::ServerExpectation;

/// What the probes of one host compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostExpectation {
    pub host: Target,
    /// Services that must be active and enabled.
    pub services: Vec<Service>,
    /// The service that answers a probe, where one does.
    answering: BTreeMap<CheckKind, String>,
    /// Where its own page is, where it is a web host.
    pub web: Option<Site>,
    /// Folder of the socket lab, where it has one.
    pub socket_path: Option<String>,
    /// What its balancer does, where it is one.
    pub balancer: Option<BalancerExpectation>,
}

/// What a balancer should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancerExpectation {
    /// `frontend http-in`.
    pub site: Site,
    pub stats: Site,
    /// How it spreads requests, in the words of the `balance` line.
    pub algorithm: String,
    /// The servers of `backend backend_servers`, in the order of the inventory.
    pub servers: Vec<ServerExpectation>,
    /// The file is made from the user's own template, which may give weights to the servers.
    pub own_template: bool,
}

/// How a balancer chooses the server of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// Each server in its turn: roundrobin, static-rr.
    Turns,
    Random,
    /// The server with the fewest connections: leastconn.
    LeastConnections,
    /// One server for all that a single client asks: source, uri.
    OneServer,
    /// In a way that a probe cannot foresee: first, hdr, `url_param` and their like.
    Lawless,
}

impl HostExpectation {
    /// What a host of a cluster should show, of which this is wanted. `inventory` is the file's name, for commands in
    /// hints; `direct` where pages are asked for from this machine, and not from the host's own place.
    pub fn new(cluster: &Cluster, host: &Host, wanted: &[Resource], inventory: &Path, direct: bool) -> Self {
        let site = |port| if direct { Site::outside(host, port) } else { Site::inside(port) };
        let mut expectation = Self {
            host: Target::new(&host.id, inventory),
            services: services(wanted).cloned().collect(),
            answering: BTreeMap::new(),
            web: None,
            socket_path: None,
            balancer: None,
        };
        for asked in host.expectations(cluster) {
            match asked {
                Expectation::Page { port, service, .. } => {
                    expectation.web = Some(site(port));
                    expectation.answering.insert(CheckKind::HTTP, service);
                }
                Expectation::Balance(balance) => {
                    for kind in [CheckKind::BALANCE, CheckKind::STATS] {
                        expectation.answering.insert(kind, balance.service.clone());
                    }
                    expectation.balancer = Some(BalancerExpectation::new(balance, site));
                }
                Expectation::SocketLab { path } => expectation.socket_path = Some(path),
            }
        }
        expectation
    }

    /// The service that answers a probe; empty where none does.
    pub fn service(&self, kind: CheckKind) -> &str {
        self.answering.get(&kind).map_or("", String::as_str)
    }
}

impl BalancerExpectation {
    /// What a balancer should do, with its pages where `site` says.
    pub fn new(balance: Balance, site: impl Fn(u16) -> Site) -> Self {
        Self {
            site: site(balance.port),
            stats: site(balance.stats_port),
            algorithm: balance.algorithm,
            servers: balance.servers,
            own_template: balance.own_template,
        }
    }
}

impl Algorithm {
    /// The algorithm of a `balance` line.
    pub fn new(line: &str) -> Self {
        match Self::word(line) {
            "roundrobin" | "static-rr" => Self::Turns,
            "random" => Self::Random,
            "leastconn" => Self::LeastConnections,
            "source" | "uri" => Self::OneServer,
            _ => Self::Lawless,
        }
    }

    /// The algorithm's name, without its arguments.
    pub fn word(line: &str) -> &str {
        line.split([' ', '(']).next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_by_name() {
        for (name, expected) in [
            ("roundrobin", Algorithm::Turns),
            ("static-rr", Algorithm::Turns),
            ("random(2)", Algorithm::Random),
            ("leastconn", Algorithm::LeastConnections),
            ("source", Algorithm::OneServer),
            ("uri depth 2", Algorithm::OneServer),
            ("first", Algorithm::Lawless),
            ("hdr(User-Agent)", Algorithm::Lawless),
        ] {
            assert_eq!(Algorithm::new(name), expected, "{name}");
        }
    }
}
