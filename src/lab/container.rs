//! A host as those see it who run it.

use std::path::PathBuf;

use super::shape::HostShape;

/// A host that is to be started.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no driver that would read it"))]
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub lab: String,
    pub host: HostShape,
    pub image: PathBuf,
    pub folder: PathBuf,
}

/// A host that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Container {
    pub supervisor: u32,
    /// Process 1 of the host, once there is one.
    pub leader: Option<u32>,
    pub root: PathBuf,
}
