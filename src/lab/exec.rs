//! Reaches into a running host past SSH: runs a command in it, pulls its cable.

use std::path::Path;
use std::process::ExitStatus;

use super::driver::Driver;
use super::list::{HostView, LabView, list};
use super::record::Folder;
use crate::error::{Error, Result};
use crate::model::text;

/// Plugs the cable of a host into its lab's switch, or pulls it out: the host then hears nobody, and nobody hears it.
pub async fn link(state: &Path, lab: &str, host: &str, is_up: bool) -> Result<()> {
    let (driver, lab, host) = find(state, lab, host).await?;
    driver.link(&lab.name, &host.hostname, is_up, &lab.gateway).await
}

/// Runs a command as root in a host, on this terminal, and returns how it ended.
pub async fn exec(state: &Path, lab: &str, host: &str, command: &[String]) -> Result<ExitStatus> {
    let (driver, lab, host) = find(state, lab, host).await?;
    let Some(pid) = host.pid else {
        return Err(Error::usage(text!(
            en: "host {name} is stopped",
            pt: "a máquina {name} está parada", name = host.name
        ))
        .hint(text!(
            en: "start it: `provision lab up` with the shape that the lab has",
            pt: "inicie-a: `provision lab up` com a forma que o lab tem",
        )));
    };
    driver.exec(&lab.name, &host.hostname, pid, command).await
}

async fn find(state: &Path, lab: &str, host: &str) -> Result<(Driver, LabView, HostView)> {
    let labs = list(state).await?;
    let Some(found) = labs.iter().find(|view| view.name == lab) else {
        let names: Vec<&str> = labs.iter().map(|view| &*view.name).collect();
        let error = Error::usage(text!(en: "there is no lab {lab}", pt: "não existe o lab {lab}"));
        return Err(if names.is_empty() {
            error.hint(text!(en: "make one: provision lab up", pt: "crie um: provision lab up"))
        } else {
            error.hint(
                text!(en: "labs that are up: {names}", pt: "labs no ar: {names}", names = names.join(", ")),
            )
        });
    };
    let Some(host) = found.hosts.iter().find(|view| view.name == host) else {
        let names: Vec<&str> = found.hosts.iter().map(|view| &*view.name).collect();
        return Err(Error::usage(
            text!(en: "lab {lab} has no host {host}", pt: "o lab {lab} não tem a máquina {host}"),
        )
        .hint(text!(en: "its hosts: {names}", pt: "as máquinas dele: {names}", names = names.join(", "))));
    };
    let record = Folder::new(state, lab).read()?;
    let driver = record.as_ref().map(Driver::of).transpose()?;
    let driver = driver.ok_or_else(|| {
        Error::usage(text!(en: "lab {lab} was just taken down", pt: "o lab {lab} acaba de ser desmontado"))
    })?;
    driver.check_user()?;
    Ok((driver, found.clone(), host.clone()))
}
