//! The shapes of an inventory as it is written. From these types comes the published schema, so their comments are
//! what an editor shows.
//!
//! Nothing is expanded or compared here; that is [`super::resolve`]'s.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::address::{Address, JumpHost, Mirror, User};
use super::files::Files;
use super::inherited::{Inherited, PlacedRole};
use super::points::{Maximum, Weights};
use super::values::{Algorithm, Folder, Port, RoleName, Timeout, Title};
use crate::document::complaint::Complaint;
use crate::document::package::PackageName;
use crate::document::reader::{Field, Later};
use crate::document::secret::Secret;
use crate::document::syntax::Subject;
use crate::model::{BecomeMethod, HostKeyPolicy, Language, PackageSource, TransportChoice, Value, text};
use crate::roles;

pub fn subject() -> Subject {
    Subject {
        name: text!(en: "an inventory", pt: "um inventário"),
        empty: text!(
            en: "add `hosts:` with a line such as `web01: {{ address: 10.0.0.51, roles: [web] }}`",
            pt: "acrescente `hosts:` com uma linha como `web01: {{ address: 10.0.0.51, roles: [web] }}`",
        ),
        no_map: text!(en: "begin it with `hosts:` or `clusters:`", pt: "comece com `hosts:` ou `clusters:`"),
        merge: text!(
            en: "put shared settings on the cluster or at the top: hosts inherit them",
            pt: "ponha o que é comum no cluster ou no topo: as máquinas herdam",
        ),
    }
}

/// Values for templates.
pub type Vars = BTreeMap<String, Field<Value>>;

/// An inventory of `provision`: the hosts of a class, what they are for, and how they are reached.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Inventory {
    /// Version of this format; 1 is the only one.
    #[schemars(with = "u64", extend("const" = 1))]
    pub version: Field<u64>,
    /// Title for pages and reports.
    pub name: Field<Title>,
    /// Language of the lab files, the default page and the reports. Default: `en`.
    pub language: Field<Language>,
    /// How the score of a cluster is made, for CSV reports.
    pub grading: Field<Grading>,
    /// How hosts are reached. May be repeated on clusters and hosts: the nearest wins, key by key.
    pub ssh: Field<Ssh>,
    /// How root is gained. May be repeated on clusters and hosts: the nearest wins, key by key.
    pub r#become: Field<Become>,
    /// Values for templates. May be repeated on clusters and hosts: the nearest wins, key by key.
    pub vars: Field<Vars>,
    /// Where packages come from. May be repeated on clusters and hosts: the nearest wins, key by key.
    pub packages: Field<Packages>,
    /// The folder of practices, roles of your own. Default: `practices`, beside the inventory.
    pub practices: Field<String>,
    /// Settings of hosts with the role `balancer`. May be repeated on clusters.
    pub balancer: Field<Balancer>,
    /// Settings of hosts with the role `web`. May be repeated on clusters.
    pub web: Field<Web>,
    /// Settings of hosts with the role `socket`. May be repeated on clusters.
    pub socket: Field<Socket>,
    /// Hosts of the one cluster, named `default`. For many clusters use `clusters`.
    #[schemars(extend("propertyNames" = name_schema()))]
    pub hosts: Field<Later<BTreeMap<String, Host>>>,
    /// Clusters by name, one for each student or team. A name may hold a range: `team[01:30]`.
    #[schemars(extend("propertyNames" = name_schema()))]
    pub clusters: Field<Later<BTreeMap<String, Cluster>>>,
}

/// How the score of a cluster is made. For each kind of probe counts the share of its checks that passed.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Grading {
    /// The score of a cluster where every probe passed. Default: 100.
    pub maximum: Field<Maximum>,
    /// What each kind of probe counts relative to the others. Default: 1 each; 0 leaves it out.
    pub weights: Field<Weights>,
}

/// A cluster: hosts that work together. A balancer balances over the web hosts of its own cluster.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Cluster {
    /// How this cluster's hosts are reached.
    pub ssh: Field<Ssh>,
    /// How root is gained on this cluster's hosts.
    pub r#become: Field<Become>,
    /// Values for the templates of this cluster's hosts.
    pub vars: Field<Vars>,
    /// Where packages of this cluster's hosts come from.
    pub packages: Field<Packages>,
    /// Settings of this cluster's balancer.
    pub balancer: Field<Balancer>,
    /// Settings of this cluster's web hosts.
    pub web: Field<Web>,
    /// Settings of this cluster's socket lab.
    pub socket: Field<Socket>,
    /// Hosts by name. A name may hold a range: `web[1:3]`.
    #[schemars(extend("propertyNames" = name_schema()))]
    pub hosts: Field<Later<BTreeMap<String, Host>>>,
}

/// A host, or hosts alike by a range in the name. Ranges of the same length in its values go along with it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["address"]))]
pub struct Host {
    /// Name or address that SSH connects to; also a `Host` of your ssh configuration. For many: `10.0.0.[51:53]`.
    pub address: Field<Address>,
    /// How the cluster's hosts reach this one, where that differs (AWS, NAT). Default: `address`.
    pub private_address: Field<Address>,
    /// What the host is for; any number of roles.
    pub roles: Field<Vec<Field<RoleName>>>,
    /// How this host is reached.
    pub ssh: Field<Ssh>,
    /// How root is gained on this host.
    pub r#become: Field<Become>,
    /// Values for this host's templates.
    pub vars: Field<Vars>,
    /// Where this host's packages come from.
    pub packages: Field<Packages>,
}

/// How a host is reached. What is missing is as your ssh configuration says.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Ssh {
    /// Login name. Default: as your ssh configuration says, else your own.
    pub user: Field<User>,
    /// Port of sshd. Default: as your ssh configuration says, else 22. For many: `"22[01:10]"`.
    pub port: Field<Port>,
    /// A private key file, such as `~/.ssh/labsuser.pem`. Default: agent and ssh's own.
    pub identity: Field<String>,
    /// A bastion to go through: `user@host:port`, user and port optional.
    pub jump: Field<JumpHost>,
    /// Which SSH to use. Default: `auto`.
    pub transport: Field<TransportChoice>,
    /// What to do with a host key never seen before. Default: `strict` where your ssh configuration says
    /// `StrictHostKeyChecking yes`, else `accept-new`.
    pub host_keys: Field<HostKeyPolicy>,
    /// Limit for connecting and logging in. Default: `10s`.
    pub connect_timeout: Field<Timeout>,
    /// Login password where keys are not used: `prompt`, `env:NAME`, `file:PATH` or `command:CMD`.
    pub password: Field<Secret>,
}

/// How root is gained after login. Default: sudo without password.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Become {
    /// The means. Default: `sudo`.
    pub method: Field<BecomeMethod>,
    /// sudo's password where it wants one: `prompt`, `env:NAME`, `file:PATH` or `command:CMD`.
    pub password: Field<Secret>,
}

/// Where packages come from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Packages {
    /// The way to the packages. Default: `auto`.
    pub via: Field<PackageSource>,
    /// Packages to install besides those that the roles need.
    pub extra: Field<Vec<Field<PackageName>>>,
    /// Mirrors that the laptop may ask although their address is private: a campus mirror, by name, with its port
    /// where that is neither 80 nor 443.
    pub mirrors_allowed: Field<Vec<Field<Mirror>>>,
}

/// Settings of the role `balancer`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Balancer {
    /// Port that HAProxy listens on. Default: 80.
    pub port: Field<Port>,
    /// How requests are shared out. Default: `roundrobin`.
    pub algorithm: Field<Algorithm>,
    /// Port of HAProxy's statistics page. Default: 8404.
    pub stats_port: Field<Port>,
    /// A template of your own for haproxy.cfg.
    pub template: Field<String>,
}

/// Settings of the role `web`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Port that Apache listens on. Default: 80.
    pub port: Field<Port>,
    /// A template of your own for index.html.
    pub template: Field<String>,
}

/// Settings of the role `socket`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Socket {
    /// Folder of the three variants on the host. Default: `/opt/socket`.
    pub path: Field<Folder>,
    /// `PORT` in constCS.py. Default: 50007; below 1024 a student's server needs root.
    pub port: Field<Port>,
    /// `HOST` in constCS.py: the address that servers bind. Default: `""`, any.
    pub host: Field<Bind>,
    /// `SERVER` in constCS.py: where clients connect to. Default: `localhost`.
    pub server: Field<Address>,
}

/// Settings of roles that may stand on the inventory and on a cluster.
#[derive(Clone, Copy)]
pub struct RoleLevel<'a> {
    pub balancer: &'a Field<Balancer>,
    pub web: &'a Field<Web>,
    pub socket: &'a Field<Socket>,
}

impl Inventory {
    pub fn role_level(&self) -> RoleLevel<'_> {
        let Self { balancer, web, socket, .. } = self;
        RoleLevel { balancer, web, socket }
    }
}

impl Cluster {
    pub fn role_level(&self) -> RoleLevel<'_> {
        let Self { balancer, web, socket, .. } = self;
        RoleLevel { balancer, web, socket }
    }
}

/// Every role with its settings of these levels, nearest first.
pub fn roles(levels: &[RoleLevel<'_>], files: &Files<'_>) -> Vec<PlacedRole> {
    vec![
        Balancer::role(Inherited::new(levels.iter().map(|level| level.balancer), files)),
        Web::role(Inherited::new(levels.iter().map(|level| level.web), files)),
        Socket::role(Inherited::new(levels.iter().map(|level| level.socket), files)),
    ]
}

impl Balancer {
    fn role(mut from: Inherited<'_, Self>) -> PlacedRole {
        let default = roles::Balancer::default();
        let role = roles::Balancer {
            port: from.value("port", |raw| &raw.port).map_or(default.port, |port| port.0),
            algorithm: from.value("algorithm", |raw| &raw.algorithm).map_or(default.algorithm, |name| name.0),
            stats_port: from
                .value("stats_port", |raw| &raw.stats_port)
                .map_or(default.stats_port, |port| port.0),
            template: from.template("template", |raw| &raw.template),
        };
        from.placed(role)
    }
}

impl Web {
    fn role(mut from: Inherited<'_, Self>) -> PlacedRole {
        let default = roles::Web::default();
        let role = roles::Web {
            port: from.value("port", |raw| &raw.port).map_or(default.port, |port| port.0),
            template: from.template("template", |raw| &raw.template),
        };
        from.placed(role)
    }
}

impl Socket {
    fn role(mut from: Inherited<'_, Self>) -> PlacedRole {
        let default = roles::Socket::default();
        let role = roles::Socket {
            path: from.value("path", |raw| &raw.path).map_or(default.path, |path| path.0),
            port: from.value("port", |raw| &raw.port).map_or(default.port, |port| port.0),
            host: from.value("host", |raw| &raw.host).map_or(default.host, |host| host.0),
            server: from.value("server", |raw| &raw.server).map_or(default.server, |server| server.0),
        };
        from.placed(role)
    }
}

/// An address to bind; empty for any.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Bind(pub String);

impl TryFrom<String> for Bind {
    type Error = Complaint;

    fn try_from(text: String) -> Result<Self, Complaint> {
        if text.is_empty() { Ok(Self(text)) } else { Address::try_from(text).map(|address| Self(address.0)) }
    }
}

/// What names of hosts and clusters look like, ranges included.
fn name_schema() -> serde_json::Value {
    serde_json::json!({ "pattern": r"^[A-Za-z0-9\[][A-Za-z0-9_.\[\]:-]*$" })
}
