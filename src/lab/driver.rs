//! What runs hosts: the one place that knows what each way of running them can do.

#![cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "some are for systemd-nspawn alone"))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Tell;
use super::container::{Container, Launch};
use super::engine::{self, Engine, Program};
#[cfg(target_os = "linux")]
use super::nspawn;
use super::record::{Folder, Record};
use super::shape::{DriverKind, HostShape};
use super::subnet::Subnet;
use super::{releases, routes};
use crate::error::{Error, Result};
use crate::model::text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driver {
    /// systemd-nspawn, as root on Linux.
    #[cfg(target_os = "linux")]
    Nspawn,
    /// podman or docker.
    Engine(Engine),
}

impl Driver {
    /// What runs a lab that is recorded.
    pub fn of(record: &Record) -> Result<Self> {
        let engine = |program| Ok(Self::Engine(Engine { program, is_published: !record.ports.is_empty() }));
        match record.driver {
            #[cfg(target_os = "linux")]
            DriverKind::Nspawn => Ok(Self::Nspawn),
            #[cfg(not(target_os = "linux"))]
            DriverKind::Nspawn => Err(Error::machine(
                text!(en: "systemd-nspawn runs on Linux only", pt: "o systemd-nspawn só roda em Linux"),
            )),
            DriverKind::Podman => engine(Program::Podman),
            DriverKind::Docker => engine(Program::Docker),
        }
    }

    pub fn kind(self) -> DriverKind {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => DriverKind::Nspawn,
            Self::Engine(Engine { program: Program::Podman, .. }) => DriverKind::Podman,
            Self::Engine(Engine { program: Program::Docker, .. }) => DriverKind::Docker,
        }
    }

    /// Refuses users that can't do anything with its hosts.
    pub fn check_user(self) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn if !rustix::process::geteuid().is_root() => Err(Error::machine(
                text!(en: "systemd-nspawn takes root", pt: "o systemd-nspawn precisa de root"),
            )
            .hint(text!(en: "run it again with sudo", pt: "execute de novo com sudo"))),
            #[cfg(target_os = "linux")]
            Self::Nspawn => Ok(()),
            Self::Engine(_) => Ok(()),
        }
    }

    /// Whether hosts are reached by ports of this machine, for lack of addresses.
    pub fn is_published(self) -> bool {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => false,
            Self::Engine(engine) => engine.is_published,
        }
    }

    /// The release of hosts where none is asked for.
    pub fn usual_release(self) -> String {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => super::bootstrap::system().usual_release().to_owned(),
            Self::Engine(_) => releases::USUAL.to_owned(),
        }
    }

    /// The network namespace that holds a lab's switch, where there is one.
    pub fn switch(self, lab: &str) -> Option<String> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => Some(nspawn::switch(lab)),
            Self::Engine(_) => None,
        }
    }

    /// The network namespace of a host, where it is known.
    pub fn namespace(self, lab: &str, hostname: &str) -> Option<String> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => Some(nspawn::namespace(lab, hostname)),
            Self::Engine(_) => None,
        }
    }

    /// Gets this machine ready for hosts, and says what is unusual about it.
    pub async fn prepare(self, state: &Path, cancel: &CancellationToken, tell: Tell<'_>) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::prepare(state, cancel, tell).await,
            Self::Engine(_) => {
                engine::announce(tell);
                Ok(())
            }
        }
    }

    /// Refuses a new lab that can't be made.
    pub async fn check(self, lab: &str, folder: &Folder, cancel: &CancellationToken) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::check(lab, folder, cancel).await,
            // Its folder may have been removed by hand.
            Self::Engine(engine) => engine.remove(folder).await,
        }
    }

    /// What hosts of these systems stand on, made now where it is not `in_use` already.
    pub async fn images(
        self,
        state: &Path,
        systems: &[String],
        in_use: &BTreeMap<String, PathBuf>,
        cancel: &CancellationToken,
        tell: Tell<'_>,
    ) -> Result<BTreeMap<String, PathBuf>> {
        let mut images = in_use.clone();
        images.retain(|_, image| image.is_dir());
        for system in systems {
            if images.contains_key(system) {
                continue;
            }
            let image = match self {
                #[cfg(target_os = "linux")]
                Self::Nspawn => nspawn::ensure_image(state, system, cancel, tell).await?,
                Self::Engine(engine) => engine.ensure_image(state, system, cancel, tell).await?.into(),
            };
            images.insert(system.clone(), image);
        }
        Ok(images)
    }

    /// Claims a subnet for a lab. `false`: another one has just done so.
    pub async fn claim(self, subnet: Subnet, cancel: &CancellationToken) -> Result<bool> {
        if self.is_seen_by_others() { routes::claim(subnet, cancel).await } else { Ok(true) }
    }

    /// Whether other labs are to leave its subnet alone, and this user can see to that. An engine lays its network with
    /// the first host, long after it was asked for.
    fn is_seen_by_others(self) -> bool {
        !self.is_published() && rustix::process::geteuid().is_root() && routes::are_known()
    }

    /// Makes the network of a lab, unless it is there.
    pub async fn lay_network(
        self,
        record: &Record,
        folder: &Folder,
        cancel: &CancellationToken,
    ) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::lay_switch(record, folder.path(), cancel).await,
            Self::Engine(engine) => engine.lay_network(record, folder, cancel).await,
        }
    }

    /// Plugs hosts that are to be started into the network of their lab.
    pub async fn plug(self, lab: &str, hosts: &[HostShape], cancel: &CancellationToken) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::plug(lab, hosts, cancel).await,
            Self::Engine(_) => Ok(()),
        }
    }

    /// Starts a host and returns how long it took until every service of its boot, sshd among them, was up.
    pub async fn start(self, launch: Launch, cancel: CancellationToken) -> Result<Duration> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::start(launch, cancel).await,
            Self::Engine(engine) => engine.start(launch, cancel).await,
        }
    }

    /// The hosts of a lab that run.
    pub async fn running(self, folder: &Folder) -> Vec<Container> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::running(folder),
            Self::Engine(engine) => engine.running(folder).await,
        }
    }

    /// Whether something of a lab is there although its folder is not.
    pub async fn is_left(self, folder: &Folder) -> Result<bool> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::is_left(folder).await,
            Self::Engine(engine) => Ok(engine.is_left(folder).await),
        }
    }

    /// Removes what a lab has outside of its folder.
    pub async fn remove(self, folder: &Folder, lab: &str, record: Option<&Record>) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::remove(folder, lab, record).await,
            Self::Engine(engine) => {
                engine.remove(folder).await?;
                match record {
                    Some(record) if self.is_seen_by_others() => routes::release(record.subnet).await,
                    _ => Ok(()),
                }
            }
        }
    }

    /// Removes some hosts of a lab and all that is theirs.
    pub async fn remove_hosts(self, folder: &Folder, lab: &str, hostnames: &[String]) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::remove_hosts(folder, lab, hostnames).await,
            Self::Engine(engine) => engine.remove_hosts(folder, hostnames).await,
        }
    }

    /// Removes images that no host stands on, beside those in the folder of images.
    pub async fn prune(self, cancel: &CancellationToken) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => Ok(()),
            Self::Engine(engine) => engine.prune(cancel).await,
        }
    }

    /// Plugs the cable of a host into its lab's network, or pulls it out.
    pub async fn link(self, lab: &str, hostname: &str, is_up: bool, gateway: &str) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::set_port(lab, hostname, is_up).await,
            Self::Engine(engine) => engine.link(lab, hostname, is_up, gateway).await,
        }
    }

    /// Runs a command as root in a host, on this terminal; `pid` is the host's process 1.
    pub async fn exec(self, lab: &str, hostname: &str, pid: u32, command: &[String]) -> Result<ExitStatus> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::exec(pid, command).await,
            Self::Engine(engine) => engine.exec(lab, hostname, command).await,
        }
    }
}

/// How many hosts run on this machine without an engine that keeps account of them.
pub(super) fn unaccounted() -> usize {
    #[cfg(target_os = "linux")]
    return nspawn::count();
    #[cfg(not(target_os = "linux"))]
    0
}
