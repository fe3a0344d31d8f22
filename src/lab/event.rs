//! What `lab` tells while it works: a line a step, worded here; where it is shown is the caller's business.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// One step of making or removing a lab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabEvent {
    /// Programs were missing, and apt installs the packages that hold them.
    Installing {
        packages: Vec<String>,
    },
    /// Another process works on the same thing, and this one waits for it.
    Waiting {
        /// What it waits for.
        what: String,
    },
    /// A base image is made; this takes the better part of a minute, once for each release.
    BuildingImage {
        release: String,
    },
    /// A base image is ready.
    ImageBuilt {
        release: String,
        /// How long it took.
        duration: Duration,
    },
    /// A kernel limit of this machine was raised, or put back.
    LimitChanged {
        /// The setting, as sysctl names it.
        name: String,
        /// Its value before.
        before: u64,
        after: u64,
    },
    /// What an earlier, interrupted run left was removed first.
    Cleaned {
        lab: String,
    },
    Starting {
        hosts: usize,
    },
    /// A host accepts logins.
    HostReady {
        host: String,
        address: String,
        /// Since it was started.
        duration: Duration,
    },
    /// The lab was up already, in this very shape.
    AlreadyUp {
        lab: String,
    },
    /// The inventory was written.
    InventoryWritten {
        path: PathBuf,
    },
    /// An inventory was left in place, since somebody edited it.
    InventoryKept {
        path: PathBuf,
    },
    /// A lab is gone.
    Removed {
        lab: String,
        /// How many hosts it had.
        hosts: usize,
    },
}

impl fmt::Display for LabEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installing { packages } => write!(out, "installing with apt: {}", packages.join(" ")),
            Self::Waiting { what } => write!(out, "waiting for {what}"),
            Self::BuildingImage { release } => write!(out, "building the base image of {release} (once)"),
            Self::ImageBuilt { release, duration } => {
                write!(out, "base image of {release} built in {:.0} s", duration.as_secs_f64())
            }
            Self::LimitChanged { name, before, after } => {
                write!(out, "{name} goes from {before} to {after}")
            }
            Self::Cleaned { lab } => write!(out, "removed what an interrupted run had left of lab {lab}"),
            Self::Starting { hosts: 1 } => write!(out, "starting 1 host"),
            Self::Starting { hosts } => write!(out, "starting {hosts} hosts"),
            Self::HostReady { host, address, duration } => {
                write!(out, "{host} is up at {address} ({:.1} s)", duration.as_secs_f64())
            }
            Self::AlreadyUp { lab } => write!(out, "lab {lab} is up already"),
            Self::InventoryWritten { path } => write!(out, "wrote {}", path.display()),
            Self::InventoryKept { path } => {
                write!(out, "kept {}, which was changed since the lab wrote it", path.display())
            }
            Self::Removed { lab, hosts: 1 } => write!(out, "removed lab {lab} (1 host)"),
            Self::Removed { lab, hosts } => write!(out, "removed lab {lab} ({hosts} hosts)"),
        }
    }
}
