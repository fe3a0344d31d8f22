//! What a host should show, built from the model.

use std::path::Path;

use crate::model::{Cluster, Host, HostId, Role};

use super::site::Site;
use super::target::Target;

/// What the probes of one host compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostExpectation {
    pub host: Target,
    /// Services that must be active and enabled.
    pub services: Vec<&'static str>,
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

/// One server of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerExpectation {
    pub host: HostId,
    /// Its name in haproxy.cfg and in the `X-Served-By` header.
    pub name: String,
    /// The address that HAProxy connects to.
    pub address: String,
    /// The port that HAProxy connects to.
    pub port: u16,
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
    /// What a host of a cluster should show. `inventory` is the file's name, for commands in hints; `direct` where
    /// pages are asked for from this machine, and not from the host's own place.
    pub fn new(cluster: &Cluster, host: &Host, inventory: &Path, direct: bool) -> Self {
        let site = |port| if direct { Site::outside(host, port) } else { Site::inside(port) };
        let mut services = Vec::new();
        if host.has(Role::Balancer) {
            services.push("haproxy");
        }
        if host.has(Role::Web) {
            services.push("apache2");
        }
        Self {
            host: Target::new(&host.id, inventory),
            services,
            web: host.has(Role::Web).then(|| site(host.web.port)),
            socket_path: host.has(Role::Socket).then(|| host.socket.path.clone()),
            balancer: host.has(Role::Balancer).then(|| BalancerExpectation::new(cluster, host, site)),
        }
    }
}

impl BalancerExpectation {
    /// What the balancer of a cluster should do, with its pages where `site` says.
    pub fn new(cluster: &Cluster, host: &Host, site: impl Fn(u16) -> Site) -> Self {
        let servers = cluster.with_role(Role::Web).map(|web| ServerExpectation {
            host: web.id.clone(),
            name: web.name.clone(),
            address: web.private_address.clone(),
            port: web.web.port,
        });
        Self {
            site: site(host.balancer.port),
            stats: site(host.balancer.stats_port),
            algorithm: host.balancer.algorithm.clone(),
            servers: servers.collect(),
            own_template: host.balancer.template.is_some(),
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
