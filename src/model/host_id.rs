//! How hosts are named.

use std::fmt;

use serde::Serialize;

/// The name of the one cluster that hosts at top level form. It is left out of host names.
pub const DEFAULT_CLUSTER: &str = "default";

/// The full name of a host: `cluster/host`, plain `host` in the default cluster.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HostId(String);

impl HostId {
    /// Joins a cluster's and a host's name.
    pub fn new(cluster: &str, host: &str) -> Self {
        if cluster == DEFAULT_CLUSTER { Self(host.to_owned()) } else { Self(format!("{cluster}/{host}")) }
    }

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
