//! The web hosts of a cluster, as those see them who stand in front of them.

use crate::model::{Cluster, Host};

pub const WEB: &str = "web";

/// Each with the port that it serves on, in the order of the inventory.
pub fn web_hosts(cluster: &Cluster) -> impl Iterator<Item = (&Host, u16)> {
    cluster.with_role(WEB).filter_map(|(host, role)| Some((host, role.ports().first()?.number)))
}
