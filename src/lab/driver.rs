//! What runs hosts: the one place that knows what a system can and cannot do.

use std::path::Path;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::container::{Container, Launch};
#[cfg(target_os = "linux")]
use super::nspawn;
#[cfg(not(target_os = "linux"))]
use crate::error::Error;
use crate::error::Result;
use crate::model::{Text, text};

pub(super) fn other_ways() -> Text {
    text!(
        en: "practice hosts need Linux and root; elsewhere, list virtual machines of your own in an inventory and `provision apply` it",
        pt: "máquinas de treino precisam de Linux e root; sem isso, liste num inventário as suas máquinas virtuais e faça `provision apply`",
    )
}

/// On a system that has none of them there is no value of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Driver {
    /// systemd-nspawn, as root on Linux.
    #[cfg(target_os = "linux")]
    Nspawn,
}

#[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "there is no driver to hand them to"))]
impl Driver {
    /// The one that this system has.
    #[cfg(target_os = "linux")]
    #[expect(clippy::unnecessary_wraps, reason = "other systems have none")]
    pub fn here() -> Result<Self> {
        Ok(Self::Nspawn)
    }

    #[cfg(not(target_os = "linux"))]
    pub fn here() -> Result<Self> {
        Err(Error::machine(text!(
            en: "practice hosts run on Linux only; docker and podman can't make them yet",
            pt: "máquinas de treino só rodam em Linux; docker e podman ainda não as fazem",
        ))
        .hint(other_ways()))
    }

    /// The hosts that run on root folders below `folder`.
    pub fn running(self, folder: &Path) -> Vec<Container> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::running(folder),
        }
    }

    /// Starts a host and returns how long it took until every service of its boot, sshd among them, was up.
    pub async fn start(self, launch: Launch, cancel: CancellationToken) -> Result<Duration> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::start(launch, cancel).await,
        }
    }

    /// Ends the hosts that run on root folders below `folder`.
    pub async fn end(self, folder: &Path) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::end(&nspawn::running(folder)).await,
        }
    }

    /// Removes what hosts that have ended left in the system.
    pub async fn forget(self, lab: &str, hostnames: &[String]) -> Result<()> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nspawn => nspawn::remove_groups(lab, hostnames).await,
        }
    }
}
