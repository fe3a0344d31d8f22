//! What a probe is. The probes themselves are the files of `probes`.

use serde::{Serialize, Serializer};

use super::text::Text;

/// A kind of probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckKind {
    /// Where it stands among the others on every screen. There is room between them.
    place: u16,
    name: &'static str,
}

/// What tells a probe from others.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    pub kind: CheckKind,
    pub of: Whose,
    /// Probes of the same host that may explain its failure, the one to look at first before the others.
    pub needs: &'static [CheckKind],
    /// Probes of other hosts of the cluster that may explain it.
    pub needs_of_others: &'static [CheckKind],
    /// Whether it asks for pages, which `--direct` asks for from this machine; else it is asked over the host's session.
    pub asks_pages: bool,
    /// What it proves.
    pub proof: fn() -> Text,
    /// What its weight is about, for the schema of inventories.
    pub description: &'static str,
}

/// The hosts that have a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    All,
    /// Those with services that must run.
    WithServices,
    WithPage,
    Balancers,
    WithSocketLab,
}

impl CheckKind {
    pub const SSH: Self = Self::new("ssh", 10);
    pub const SERVICE: Self = Self::new("service", 20);
    pub const HTTP: Self = Self::new("http", 30);
    pub const BALANCE: Self = Self::new("balance", 40);
    pub const STATS: Self = Self::new("stats", 50);
    pub const SOCKET: Self = Self::new("socket", 60);

    pub const fn new(name: &'static str, place: u16) -> Self {
        Self { place, name }
    }

    pub fn as_str(self) -> &'static str {
        self.name
    }
}

impl Serialize for CheckKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}
