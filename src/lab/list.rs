//! What labs there are, as they are now.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::driver::Driver;
use super::network;
use super::record::{Folder, Record, names};
use super::subnet::Subnet;
use crate::error::Result;

/// A lab, for people and programs: `lab list -o json` is a list of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabView {
    pub name: String,
    /// Whether `up` came to its end.
    pub complete: bool,
    pub folder: PathBuf,
    pub inventory: PathBuf,
    pub user: String,
    /// The private key that logs in.
    pub identity: PathBuf,
    /// The file with sudo's password, where sudo asks for one.
    pub sudo_password: Option<PathBuf>,
    pub subnet: Subnet,
    /// This machine's address in it.
    pub gateway: String,
    /// This machine's interface in it.
    pub interface: String,
    /// The network namespace with the switch, where each host's port is named by the host's `port`.
    pub switch: String,
    /// Its hosts, in the order of the inventory.
    pub hosts: Vec<HostView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostView {
    /// Its full name in the inventory.
    pub name: String,
    /// What it calls itself.
    pub hostname: String,
    pub address: String,
    pub release: String,
    /// Its process 1, seen from this machine; none while it is stopped.
    pub pid: Option<u32>,
    pub namespace: String,
    /// Its port in the switch's namespace.
    pub port: String,
}

pub fn list(state: &Path) -> Result<Vec<LabView>> {
    let mut labs = Vec::new();
    for name in names(state)? {
        let folder = Folder::new(state, &name);
        if let Some(record) = folder.read()? {
            labs.push(view(Driver::here()?, &folder, &record));
        }
    }
    Ok(labs)
}

/// A recorded lab as it is now.
pub(super) fn view(driver: Driver, folder: &Folder, record: &Record) -> LabView {
    let running = driver.running(folder.path());
    let options = &record.options;
    let hosts = record
        .hosts
        .iter()
        .map(|host| {
            let root = folder.host(&host.hostname).join("root");
            let pid = running
                .iter()
                .find(|container| container.root == root)
                .and_then(|container| container.leader);
            HostView {
                name: host.name.clone(),
                hostname: host.hostname.clone(),
                address: host.address.clone(),
                release: host.release.clone(),
                pid,
                namespace: network::namespace(&options.name, &host.hostname),
                port: host.hostname.clone(),
            }
        })
        .collect();
    LabView {
        name: options.name.clone(),
        complete: record.complete,
        folder: folder.path().to_owned(),
        inventory: options.inventory.clone().unwrap_or_else(|| folder.inventory()),
        user: options.user.clone(),
        identity: folder.identity(),
        sudo_password: options.sudo_password.then(|| folder.sudo_password()),
        subnet: record.subnet,
        gateway: record.subnet.laptop().to_string(),
        interface: record.subnet.interface(),
        switch: network::switch(&options.name),
        hosts,
    }
}
