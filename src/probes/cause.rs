//! Why a probe may fail through no fault of its own: another probe's failure explains all that it saw.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::{CheckKind, HostId};

/// A failed probe that explains what another one saw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cause {
    /// Which probe.
    pub kind: CheckKind,
    /// The host that it is about.
    pub host: HostId,
}

/// By web host, why nobody can expect it to answer.
pub type Causes = BTreeMap<HostId, Cause>;

impl Cause {
    /// A failed probe of a host.
    pub fn new(kind: CheckKind, host: &HostId) -> Self {
        Self { kind, host: host.clone() }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {}", self.kind.as_str(), self.host)
    }
}
