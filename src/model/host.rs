//! A VM of the inventory, what it is for, and the hosts that it works with.
//!
//! All that is particular to a role is said by the role; everybody else asks it.

use std::any::Any;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Deserialize;

use super::connection::{Become, Connection};
use super::expectation::Expectation;
use super::facts::Facts;
use super::finding::Severity;
use super::host_id::HostId;
use super::language::Language;
use super::meanwhile::Meanwhile;
use super::resource::Resource;
use super::template::{Render, TemplateError, Value};
use super::text::Text;

#[derive(Debug, Clone)]
pub struct Host {
    pub id: HostId,
    pub cluster: String,
    /// Name within its cluster.
    pub name: String,
    /// 1 for the first host of its cluster that has the same [leading](Role::leads) role, 2 for the next: the number on
    /// its page.
    pub index: usize,
    /// How the cluster's other hosts reach it.
    pub private_address: String,
    /// What it is for, with the settings of that.
    pub roles: Vec<Arc<dyn Role>>,
    /// How the laptop reaches it.
    pub connection: Connection,
    pub r#become: Become,
    /// For templates, inherited key by key.
    pub vars: BTreeMap<String, Value>,
    pub packages: Packages,
}

impl Host {
    pub fn role(&self, name: &str) -> Option<&dyn Role> {
        self.roles.iter().find(|role| role.name() == name).map(AsRef::as_ref)
    }

    pub fn role_names(&self) -> Vec<&str> {
        self.roles.iter().map(|role| role.name()).collect()
    }

    /// Its roles in the order in which they are set up.
    pub fn roles_in_order(&self) -> impl Iterator<Item = &dyn Role> {
        let (leading, others): (Vec<_>, Vec<_>) =
            self.roles.iter().map(AsRef::as_ref).partition(|role: &&dyn Role| role.leads());
        leading.into_iter().chain(others)
    }

    pub fn expectations(&self, cluster: &Cluster) -> Vec<Expectation> {
        self.roles.iter().flat_map(|role| role.expectations(cluster)).collect()
    }
}

/// Hosts that work together: a balancer balances over the web hosts of its own cluster.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// [`DEFAULT_CLUSTER`](super::DEFAULT_CLUSTER) for hosts at top level.
    pub name: String,
    /// In the order of the file.
    pub hosts: Vec<Host>,
}

impl Cluster {
    /// The hosts with a role, and the role, in the order of the file.
    pub fn with_role(&self, name: &str) -> impl Iterator<Item = (&Host, &dyn Role)> {
        self.hosts.iter().filter_map(move |host| Some((host, host.role(name)?)))
    }
}

/// A role with its settings, as a host has it.
pub trait Role: Any + Debug + Send + Sync {
    fn name(&self) -> &str;

    /// What people call it.
    fn title(&self) -> Text {
        Text::verbatim(self.name())
    }

    /// The ports that it takes on its host. By the first it is reached from other hosts of the cluster.
    fn ports(&self) -> Vec<Port>;

    fn resources(&self, place: &Placement<'_>, render: &dyn Render) -> Result<Vec<Resource>, TemplateError>;

    fn expectations(&self, cluster: &Cluster) -> Vec<Expectation>;

    /// Where it says that it wants something, for people; `None` of a role that comes with the tool.
    fn place(&self, _claim: &str) -> Option<&str> {
        None
    }

    /// What its templates are given besides the values of the host.
    fn values(&self) -> Option<&serde_json::Map<String, Value>> {
        None
    }

    /// The user's own template in place of a built-in one, made absolute.
    fn template(&self) -> Option<&Path> {
        None
    }

    /// Whether it is set up before the other roles of its host, and its hosts are numbered by it.
    fn leads(&self) -> bool {
        false
    }

    /// The role whose hosts it stands in front of.
    fn fronts(&self) -> Option<&str> {
        None
    }

    /// The ports of the hosts that it stands in front of, as the file on its host has them; `None` where that file is as
    /// it should be, or not known.
    fn sends_to(&self, _facts: &Facts, _cluster: &Cluster) -> Option<BTreeMap<HostId, u16>> {
        None
    }

    /// Ports on which its host serves now, and will not any more.
    fn leaves(&self, _facts: &Facts) -> Vec<u16> {
        Vec::new()
    }

    /// Hosts of the cluster that its host has to reach.
    fn peers<'a>(&self, _cluster: &'a Cluster, _host: &Host) -> Option<Peers<'a>> {
        None
    }

    /// What may be left of an earlier setup and disturbs it until it is replaced.
    fn leftovers(&self) -> Vec<Leftover> {
        Vec::new()
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    pub title: Option<&'a str>,
    /// Language of what students read.
    pub language: Language,
    pub cluster: &'a Cluster,
    pub host: &'a Host,
    /// Whether the host's kernel has IPv6. Nearly all have, so that is taken for granted until the host was looked at.
    pub ipv6: bool,
    pub meanwhile: &'a Meanwhile,
}

/// A TCP port that a role takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    pub number: u16,
    /// What listens there, in English; of a practice also where that stands.
    pub what: Cow<'static, str>,
    /// The setting that chooses it.
    pub setting: &'static str,
}

/// Hosts that a host has to reach.
#[derive(Debug)]
pub struct Peers<'a> {
    /// Each with the port, at its private address.
    pub hosts: Vec<(&'a Host, u16)>,
    /// How bad it is where it does not.
    pub severity: Severity,
    /// What follows from that.
    pub means: Text,
}

/// Lines of a file that are no fault where there is one, and are where there are more.
#[derive(Debug, Clone)]
pub struct Leftover {
    pub path: &'static str,
    /// An extended regular expression of grep.
    pub pattern: &'static str,
    pub seen: Text,
    pub means: Text,
    pub mend: Text,
}

/// `packages` of a host.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Packages {
    pub via: PackageSource,
    /// Packages to install besides those that the roles need.
    pub extra: Vec<String>,
    /// Mirrors that the laptop may ask although their address is private, by name.
    pub mirrors_allowed: Vec<String>,
}

/// The way to the packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PackageSource {
    /// The host's own way, and the laptop when that fails.
    #[default]
    Auto,
    /// The host's own way only.
    Host,
    /// Through the laptop only: for hosts without internet.
    Laptop,
}
