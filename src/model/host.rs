//! A VM of the inventory: its name, its roles and what was set for them, inherited from all levels.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use super::connection::{Become, Connection};

/// A value of `vars`, handed to templates as it is.
pub type Value = serde_json::Value;

/// The name of the one cluster that hosts at top level form. It is left out of host names.
pub const DEFAULT_CLUSTER: &str = "default";

/// The full name of a host: `cluster/host`, plain `host` in the default cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostId(String);

impl HostId {
    /// Joins a cluster's and a host's name.
    pub fn new(cluster: &str, host: &str) -> Self {
        if cluster == DEFAULT_CLUSTER { Self(host.to_owned()) } else { Self(format!("{cluster}/{host}")) }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad` honours a width, for aligned columns.
        formatter.pad(&self.0)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Host {
    pub id: HostId,
    /// Name of its cluster.
    pub cluster: String,
    /// Name within its cluster.
    pub name: String,
    /// 1 for the first host of its cluster that has the same leading role (`web` if it has that role,
    /// else `balancer`, else `socket`), 2 for the next: the number on its page.
    pub index: usize,
    /// How the cluster's other hosts reach it.
    pub private_address: String,
    /// What it is for.
    pub roles: BTreeSet<Role>,
    /// How the laptop reaches it.
    pub connection: Connection,
    /// How root is gained.
    pub r#become: Become,
    /// For templates, inherited key by key.
    pub vars: BTreeMap<String, Value>,
    /// Where packages come from.
    pub packages: Packages,
    /// Settings of the balancer role; of use only where the host has it.
    pub balancer: Balancer,
    /// Settings of the web role; of use only where the host has it. A balancer reads its web hosts' ports here.
    pub web: Web,
    /// Settings of the socket role; of use only where the host has it.
    pub socket: Socket,
}

impl Host {
    /// Whether the host has a role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// What a host is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// HAProxy in front of the cluster's web hosts.
    Balancer,
    /// Apache2 with a page of its own.
    Web,
    /// Python3 and the socket lab.
    Socket,
}

impl Role {
    /// The name in the inventory.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Balancer => "balancer",
            Self::Web => "web",
            Self::Socket => "socket",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// `packages` of a host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    /// `via`
    pub via: PackageSource,
    /// Packages to install besides those that the roles need.
    pub extra: Vec<String>,
    /// Mirrors that the laptop may ask although their address is private, by name.
    pub mirrors_allowed: Vec<String>,
}

/// `packages.via`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum PackageSource {
    /// The host's own way, and the laptop when that fails.
    #[default]
    Auto,
    /// The host's own way only.
    Host,
    /// Through the laptop only.
    Laptop,
}

/// Settings of the balancer role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balancer {
    /// Port of `frontend http-in`.
    pub port: u16,
    /// Value of `balance`, one of HAProxy's algorithms: roundrobin, static-rr, leastconn, first, source, uri, random.
    pub algorithm: String,
    /// Port of the statistics page.
    pub stats_port: u16,
    /// The user's own template instead of the built-in one, made absolute.
    pub template: Option<PathBuf>,
}

impl Default for Balancer {
    fn default() -> Self {
        Self { port: 80, algorithm: "roundrobin".to_owned(), stats_port: 8404, template: None }
    }
}

/// Settings of the web role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Web {
    /// Port that Apache listens on.
    pub port: u16,
    /// The user's own page template instead of the built-in one, made absolute.
    pub template: Option<PathBuf>,
}

impl Default for Web {
    fn default() -> Self {
        Self { port: 80, template: None }
    }
}

/// Settings of the socket role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Socket {
    /// Folder of the three variants on the host.
    pub path: String,
    /// `PORT` of constCS.py.
    pub port: u16,
    /// `HOST` of constCS.py: the address the server binds, empty for any.
    pub host: String,
    /// `SERVER` of constCS.py: the address the client connects to.
    pub server: String,
}

impl Default for Socket {
    fn default() -> Self {
        Self {
            path: "/opt/socket".to_owned(),
            port: 50007,
            host: String::new(),
            server: "localhost".to_owned(),
        }
    }
}
