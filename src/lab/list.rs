//! What labs there are, as they are now.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::driver::Driver;
use super::ports::LOOPBACK;
use super::record::{Folder, Record, names};
use super::shape::{DriverKind, Ports};
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
    /// What runs its hosts.
    pub driver: DriverKind,
    pub subnet: Subnet,
    /// This machine's address in it.
    pub gateway: String,
    /// This machine's interface in it, where systemd-nspawn runs the hosts.
    pub interface: Option<String>,
    /// The network namespace with the switch, where each host's port is named by the host's `port`.
    pub switch: Option<String>,
    /// Its hosts, in the order of the inventory.
    pub hosts: Vec<HostView>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostView {
    /// Its full name in the inventory.
    pub name: String,
    /// What it calls itself.
    pub hostname: String,
    /// Where this machine reaches it.
    pub address: String,
    /// Where the other hosts reach it, if that is another address.
    pub private_address: Option<String>,
    /// The ports that lead to it at `address`, where that is not its own.
    pub ports: Option<Ports>,
    pub release: String,
    /// Its process 1, seen from where it runs; none while it is stopped.
    pub pid: Option<u32>,
    pub namespace: Option<String>,
    /// Its port in the switch's namespace.
    pub port: Option<String>,
}

impl HostView {
    /// Where it accepts logins.
    pub fn login(&self) -> String {
        self.ports.map_or_else(|| self.address.clone(), |ports| format!("{}:{}", self.address, ports.ssh))
    }

    /// Where its pages are, as a browser is told.
    pub fn web(&self) -> String {
        self.ports.map_or_else(|| self.address.clone(), |ports| format!("{}:{}", self.address, ports.web))
    }

    /// Where HAProxy shows what it counts, if it is a balancer.
    pub fn statistics(&self) -> String {
        format!("{}:{}", self.address, self.ports.map_or(8404, |ports| ports.statistics))
    }
}

pub async fn list(state: &Path) -> Result<Vec<LabView>> {
    let mut labs = Vec::new();
    for name in names(state)? {
        let folder = Folder::new(state, &name);
        if let Some(record) = folder.read()? {
            labs.push(view(&folder, &record).await?);
        }
    }
    Ok(labs)
}

/// A recorded lab as it is now.
pub(super) async fn view(folder: &Folder, record: &Record) -> Result<LabView> {
    let driver = Driver::of(record)?;
    let running = driver.running(folder).await;
    let options = &record.options;
    let switch = driver.switch(&options.name);
    let hosts = record
        .hosts
        .iter()
        .map(|host| {
            let container = running.iter().find(|container| container.hostname == host.hostname);
            let ports = record.ports.get(&host.hostname).copied();
            let own = host.address.clone();
            let (address, private_address) =
                if ports.is_some() { (LOOPBACK.to_owned(), Some(own)) } else { (own, None) };
            HostView {
                name: host.name.clone(),
                hostname: host.hostname.clone(),
                address,
                private_address,
                ports,
                release: host.release.clone(),
                pid: container.and_then(|container| container.pid),
                namespace: driver.namespace(&options.name, &host.hostname),
                port: switch.is_some().then(|| host.hostname.clone()),
            }
        })
        .collect();
    Ok(LabView {
        name: options.name.clone(),
        complete: record.complete,
        folder: folder.path().to_owned(),
        inventory: options.inventory.clone().unwrap_or_else(|| folder.inventory()),
        user: options.user.clone(),
        identity: folder.identity(),
        sudo_password: options.sudo_password.then(|| folder.sudo_password()),
        driver: record.driver,
        subnet: record.subnet,
        gateway: record.subnet.laptop().to_string(),
        interface: switch.is_some().then(|| record.subnet.interface()),
        switch,
        hosts,
    })
}
