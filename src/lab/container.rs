//! A host as those see it who run it.

use std::path::PathBuf;

use super::keys::KeyPair;
use super::record::Folder;
use super::shape::{HostShape, Ports};

/// A host that is to be started.
#[derive(Debug, Clone)]
pub(super) struct Launch {
    pub lab: String,
    pub folder: Folder,
    pub host: HostShape,
    /// The folder or the name of its image.
    pub image: PathBuf,
    pub login: Login,
    pub host_key: KeyPair,
    /// The ports of this machine that lead to it, where its own address can't be reached.
    pub ports: Option<Ports>,
}

/// The account that logs in to the hosts of a lab.
#[derive(Debug, Clone)]
pub(super) struct Login {
    pub user: String,
    pub authorized_key: String,
    /// Its password, where sudo asks for one.
    pub password: Option<String>,
}

/// A host that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Container {
    pub hostname: String,
    /// Its process 1, once there is one.
    pub pid: Option<u32>,
}
