//! What holds while a run is under way, and no longer once all hosts of a cluster are as the inventory says.

use std::collections::BTreeMap;

use super::host_id::HostId;
use super::journal::Others;

/// How far a run is, as far as it concerns the plan of one host. By default all is done that others wait for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Situation {
    /// The hosts that it stands in front of and that are not as they should be.
    pub unready: BTreeMap<HostId, Unready>,
    /// Whether somebody in front of it may still use a port that it leaves.
    pub in_use: bool,
    /// Whether what is no longer wanted stays, since nobody agreed to its end.
    pub keeps_unwanted: bool,
    /// Where the machines of other entries are; `None` before they were looked at.
    pub others: Option<Others>,
}

/// Why a host is not as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unready {
    /// It was not reached, so that this run did nothing there.
    Unknown,
    /// It failed, or is not done yet.
    Failed,
}

/// In what the files of a host differ from the inventory for the time being.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Meanwhile {
    /// Hosts that are not asked where the inventory says, with the port where they are; `None` for nowhere.
    pub held: BTreeMap<HostId, Option<u16>>,
    /// Ports that the host serves on besides its own.
    pub kept: Vec<u16>,
}

impl Meanwhile {
    /// Nothing.
    pub const SETTLED: &Self = &Self { held: BTreeMap::new(), kept: Vec::new() };
}
