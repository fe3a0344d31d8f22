//! Hosts in systemd-nspawn containers, and what of Linux they stand on: namespaces, control groups, handles of processes.

mod accounts;
mod cgroup;
mod container;
mod files;
mod image;
mod network;
mod password;
mod preflight;
mod process;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitStatus;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

pub(super) use container::start;
pub(super) use image::ensure as ensure_image;
pub(super) use network::{lay_switch, namespace, plug, set_port, switch};
pub(super) use preflight::refusal;

use super::Tell;
use super::container::Container;
use super::record::{Folder, Record, remove_tree};
use crate::error::{Error, Result};
use crate::model::text;

/// Installs what hosts need, and refuses a place where they can't be.
pub(super) async fn prepare(state: &Path, cancel: &CancellationToken, tell: Tell<'_>) -> Result<()> {
    preflight::check_folder(state)?;
    preflight::install(cancel, tell).await
}

/// Tries what a new lab needs, and refuses a name that a lab of another state directory bears.
pub(super) async fn check(lab: &str, folder: &Folder, cancel: &CancellationToken) -> Result<()> {
    preflight::try_overlay(&folder.path().join("trial"), cancel).await?;
    network::check_unclaimed(lab, folder.path(), cancel).await
}

/// The hosts of a lab that run.
pub(super) fn running(folder: &Folder) -> Vec<Container> {
    let hostname = |root: &Path| Some(root.parent()?.file_name()?.to_str()?.to_owned());
    process::running(folder.path())
        .into_iter()
        .filter_map(|host| Some(Container { hostname: hostname(&host.root)?, pid: host.leader }))
        .collect()
}

/// How many hosts of any lab run on this machine.
pub(super) fn count() -> usize {
    process::running(Path::new("/")).len()
}

/// Whether something of a lab is there although its folder is not.
pub(super) async fn is_left(folder: &Folder) -> Result<bool> {
    let never = CancellationToken::new();
    Ok(!process::running(folder.path()).is_empty()
        || network::subnet_of(folder.path(), &never).await?.is_some())
}

/// Removes what a lab has outside of its folder. What its record does not tell is found by its name.
pub(super) async fn remove(folder: &Folder, lab: &str, record: Option<&Record>) -> Result<()> {
    let never = CancellationToken::new();
    let subnet = match record {
        Some(record) => Some(record.subnet),
        None => network::subnet_of(folder.path(), &never).await?,
    };
    process::end(&process::running(folder.path())).await?;
    // Without a subnet there is no network of this lab: what bears its name belongs to another state directory.
    let Some(subnet) = subnet else { return Ok(()) };
    let mut hostnames: BTreeSet<String> = network::plugged(lab).into_iter().collect();
    hostnames.extend(record.iter().flat_map(|record| &record.hosts).map(|host| host.hostname.clone()));
    let hostnames: Vec<String> = hostnames.into_iter().collect();
    cgroup::remove(lab, &hostnames).await?;
    network::unplug(lab, hostnames.iter().map(String::as_str)).await?;
    network::remove_switch(lab, subnet, folder.path()).await
}

/// Removes some hosts of a lab and all that is theirs.
pub(super) async fn remove_hosts(folder: &Folder, lab: &str, hostnames: &[String]) -> Result<()> {
    for hostname in hostnames {
        process::end(&process::running(&folder.host(hostname))).await?;
    }
    cgroup::remove(lab, hostnames).await?;
    network::unplug(lab, hostnames.iter().map(String::as_str)).await?;
    for hostname in hostnames {
        remove_tree(&folder.host(hostname)).await?;
        remove_tree(&folder.host(&container::draft_of(hostname))).await?;
    }
    Ok(())
}

/// Runs a command in the host with this process 1, as root, on this terminal.
pub(super) async fn exec(pid: u32, command: &[String]) -> Result<ExitStatus> {
    let mut enter = Command::new("nsenter");
    enter.args(["--target", &pid.to_string(), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup"]);
    enter.args(["--root", "--wd", "--"]).args(command);
    enter.env_clear().env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    enter.env("HOME", "/root").env("LANG", "C.UTF-8");
    enter.status().await.map_err(|error| {
        Error::machine(text!(en: "`nsenter` can't be run", pt: "não foi possível executar `nsenter`"))
            .because(error)
    })
}
