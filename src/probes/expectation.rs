//! What a host should show, built from the model.

use crate::model::{Cluster, Host, HostId, Role};

/// What the probes of one host compare with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostExpectation {
    /// The host.
    pub host: HostId,
    /// Services that must be active and enabled.
    pub services: Vec<&'static str>,
    /// Port of its own page, where it is a web host.
    pub web_port: Option<u16>,
    /// Folder of the socket lab, where it has one.
    pub socket_path: Option<String>,
    /// What its balancer does, where it is one.
    pub balancer: Option<BalancerExpectation>,
}

/// What a balancer should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalancerExpectation {
    /// Port of `frontend http-in`.
    pub port: u16,
    /// Port of the statistics page.
    pub stats_port: u16,
    /// How it spreads requests.
    pub algorithm: Algorithm,
    /// The servers of `backend backend_servers`, in the order of the inventory.
    pub servers: Vec<ServerExpectation>,
    /// The file is made from the user's own template, which may give weights to the servers.
    pub own_template: bool,
}

/// One server of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerExpectation {
    /// The web host.
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
    /// By chance: random.
    Random,
    /// The server with the fewest connections: leastconn.
    LeastConnections,
    /// One server for all that a single client asks: source, uri, first, hdr and their like.
    OneServer,
}

impl HostExpectation {
    /// What a host of a cluster should show.
    pub fn new(cluster: &Cluster, host: &Host) -> Self {
        let mut services = Vec::new();
        if host.has(Role::Balancer) {
            services.push("haproxy");
        }
        if host.has(Role::Web) {
            services.push("apache2");
        }
        Self {
            host: host.id.clone(),
            services,
            web_port: host.has(Role::Web).then_some(host.web.port),
            socket_path: host.has(Role::Socket).then(|| host.socket.path.clone()),
            balancer: host.has(Role::Balancer).then(|| BalancerExpectation::new(cluster, host)),
        }
    }
}

impl BalancerExpectation {
    fn new(cluster: &Cluster, host: &Host) -> Self {
        let servers = cluster.with_role(Role::Web).map(|web| ServerExpectation {
            host: web.id.clone(),
            name: web.name.clone(),
            address: web.private_address.clone(),
            port: web.web.port,
        });
        Self {
            port: host.balancer.port,
            stats_port: host.balancer.stats_port,
            algorithm: Algorithm::new(&host.balancer.algorithm),
            servers: servers.collect(),
            own_template: host.balancer.template.is_some(),
        }
    }
}

impl Algorithm {
    /// The algorithm of a `balance` line.
    pub fn new(name: &str) -> Self {
        let word = name.split([' ', '(']).next().unwrap_or_default();
        match word {
            "roundrobin" | "static-rr" => Self::Turns,
            "random" => Self::Random,
            "leastconn" => Self::LeastConnections,
            _ => Self::OneServer,
        }
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
            ("hdr(User-Agent)", Algorithm::OneServer),
        ] {
            assert_eq!(Algorithm::new(name), expected, "{name}");
        }
    }
}
