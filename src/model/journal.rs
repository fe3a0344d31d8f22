//! What the journal of a host remembers of us, as it is planned with.

use std::collections::BTreeSet;

use super::host_id::HostId;
use super::host_text::HostText;

/// Where a host keeps it.
pub const JOURNAL: &str = "/var/lib/provision";

/// An entry of a host's journal: what stood there before us, and what we put there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// The journal's own name for it.
    pub key: String,
    pub kind: RememberedKind,
    /// A path, a command as `ROLE/NAME`, a service, a package.
    pub name: String,
    /// What stood there before us, in the journal's words.
    pub original: String,
    /// What we last put there; `None` where we never finished.
    pub state: Option<String>,
    /// What stands there now, in the same words, or `absent`; `None` where nobody looked.
    pub now: Option<String>,
    /// The beginning of what takes a command back; `None` where nothing does, or nobody looked.
    pub undo: Option<HostText>,
    /// The service that reads it.
    pub notify: Option<String>,
    /// Who asked for it last; `None` where a version noted nobody.
    pub maker: Option<Maker>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RememberedKind {
    File,
    Link,
    Directory,
    Command,
    Service,
    Package,
}

impl RememberedKind {
    /// As resources are named by it.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Link => "link",
            Self::Directory => "directory",
            Self::Command => "command",
            Self::Service => "service",
            Self::Package => "package",
        }
    }
}

/// Who asked for what a journal remembers: an entry of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Maker {
    /// What tells inventories apart, the same file on the same laptop being the same one.
    pub inventory: HostText,
    /// The host as it is called there.
    pub host: HostText,
    /// The name of the inventory's file, for people.
    pub name: HostText,
}

/// An inventory as the journals of its hosts know it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InventoryMark {
    pub id: String,
    pub name: String,
}

impl InventoryMark {
    /// A host of it.
    pub fn maker(&self, host: &HostId) -> Maker {
        Maker {
            inventory: self.id.as_str().into(),
            host: host.as_str().into(),
            name: self.name.as_str().into(),
        }
    }
}

/// What is known of the machines of other entries, once these were looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Others {
    /// Entries that lead to this very machine.
    pub twins: BTreeSet<HostId>,
    /// Entries that lead to another one.
    pub apart: BTreeSet<HostId>,
}

/// What becomes of packages of ours that are no longer wanted, as apt tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unneeded {
    /// Those that stay, since what is wanted needs them.
    pub needed: Vec<HostText>,
    /// All that goes: those that were asked for, and what came with them alone.
    pub leaving: Vec<HostText>,
    /// What is not ours and would go with them.
    pub foreign: Vec<HostText>,
}
