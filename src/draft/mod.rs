//! An inventory before it is written: what `init`, `import` and `lab up` know of a class.
//!
//! The way: [`Draft`] → [`node`]s, the values as they will be read → [`fold`], where neighbours that count up together
//! become a range → [`page`], lines with comments beside them. What [`write`] gives is read as the same class: a range
//! is written only where the reader's own rules make of it what was drafted, and brackets that are no range never
//! stand where one could be.

mod fold;
mod node;
mod page;
mod range;
mod remark;
mod scalar;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{BecomeMethod, HostKeyPolicy, Language, PackageSource, Text, Value};

pub use writer::write;

/// An inventory that is to be written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Lines of comment at its head, without `# `.
    pub head: Vec<Text>,
    pub name: Option<String>,
    /// Of the comments too.
    pub language: Option<Language>,
    pub settings: Settings,
    /// In the order of the file. A cluster without a name is the only one: its hosts stand at top level.
    pub clusters: Vec<Cluster>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cluster {
    pub name: Option<String>,
    /// A comment beside its name.
    pub comment: Option<Text>,
    pub settings: Settings,
    pub hosts: Vec<Host>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Host {
    pub name: String,
    /// A comment beside its name.
    pub comment: Option<Text>,
    pub address: String,
    pub private_address: Option<String>,
    pub roles: Vec<String>,
    pub settings: Settings,
}

/// What may stand on the inventory, a cluster or a host: what is `None` or empty is not written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    pub ssh: Ssh,
    pub r#become: Become,
    pub packages_via: Option<PackageSource>,
    pub vars: BTreeMap<String, Value>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ssh {
    pub user: Option<String>,
    pub port: Option<u16>,
    pub identity: Option<String>,
    pub jump: Option<String>,
    pub host_keys: Option<HostKeyPolicy>,
    pub connect_timeout: Option<Duration>,
    /// As an inventory names a secret: `prompt`, `env:NAME`, `file:PATH`.
    pub password: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Become {
    pub method: Option<BecomeMethod>,
    /// As an inventory names a secret.
    pub password: Option<String>,
}
