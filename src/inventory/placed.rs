//! Hosts and clusters with where they stand, for faults that show only when they are compared.

use std::collections::BTreeMap;

use crate::document::tree::NodeId;
use crate::model::{Cluster, Host};

/// A host and where it stands.
pub struct Placed {
    pub host: Host,
    pub places: Places,
}

/// Where the parts of a host stand.
pub struct Places {
    pub key: NodeId,
    pub address: Option<NodeId>,
    pub private_address: Option<NodeId>,
    pub roles: Option<NodeId>,
    /// Whether all roles were understood.
    pub roles_sound: bool,
    /// Settings of its roles, in the order of these.
    pub settings: Vec<BTreeMap<&'static str, NodeId>>,
}

/// A cluster and where it stands.
pub struct PlacedCluster {
    pub name: String,
    /// Its name as written, ranges included.
    pub written: String,
    pub at: NodeId,
    /// Whether its hosts could be read at all.
    pub sound: bool,
    pub hosts: Vec<Placed>,
}

impl PlacedCluster {
    pub fn model(self) -> Cluster {
        Cluster { name: self.name, hosts: self.hosts.into_iter().map(|placed| placed.host).collect() }
    }
}
