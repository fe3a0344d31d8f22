//! `lab …`: practice hosts on this machine.

use crate::cli::{LabCommand, LabShape, LinkState, OutputFormat, ReleaseName};
use crate::error::{Error, ErrorKind, ExitCode, Result};
use crate::lab::{self, LabView, Options};
use crate::runner::Interrupt;

use super::program;
use super::terminal::Terminal;
use crate::report::{columns, envelope};

pub async fn run(command: LabCommand, terminal: &Terminal) -> Result<ExitCode> {
    let state = lab::state_directory();
    match command {
        LabCommand::Up { shape } => {
            let lab = up(shape, terminal).await?;
            terminal.print(described(&lab))?;
        }
        LabCommand::Down { name, all, prune } => {
            let interrupt = interrupt(terminal)?;
            let mut tell = |line: String| terminal.say(&line);
            if all || prune {
                lab::down_all(&state, &interrupt.graceful, &mut tell).await?;
            } else if !lab::down(&state, &name, &interrupt.graceful, &mut tell).await? {
                terminal.say(&format!("there is no lab {name}"));
            }
            if prune {
                lab::prune(&state, &interrupt.graceful, &mut tell).await?;
            }
        }
        LabCommand::List { output } => {
            let labs = lab::list(&state)?;
            terminal.print(match output {
                OutputFormat::Text => table(&labs),
                OutputFormat::Json => envelope(&serde_json::json!({ "labs": labs })),
            })?;
        }
        LabCommand::Link { name, host, link } => {
            lab::link(&state, &name, &host, matches!(link, LinkState::Up)).await?;
        }
        LabCommand::Exec { name, host, words } => {
            let status = lab::exec(&state, &name, &host, &words).await?;
            if !status.success() {
                return Err(Error::new(
                    ErrorKind::Host,
                    format!("the command on {host} ended with {status}"),
                ));
            }
        }
    }
    Ok(ExitCode::Success)
}

pub async fn up(shape: LabShape, terminal: &Terminal) -> Result<LabView> {
    let LabShape { name, web, clusters, release, inventory, sudo_password } = shape;
    let releases = release.into_iter().map(|release| {
        match release {
            ReleaseName::Bookworm => "bookworm",
            ReleaseName::Trixie => "trixie",
        }
        .to_owned()
    });
    let options = Options {
        name,
        web,
        clusters,
        releases: releases.collect(),
        sudo_password,
        inventory,
        ..Options::default()
    };
    let interrupt = interrupt(terminal)?;
    let mut tell = |line: String| terminal.say(&line);
    let made = lab::up(&lab::state_directory(), &options, &interrupt.graceful, &mut tell).await;
    made.map_err(|error| Error {
        kind: if interrupt.is_stopping() { ErrorKind::Interrupted } else { error.kind },
        ..error
    })
}

fn interrupt(terminal: &Terminal) -> Result<Interrupt> {
    let terminal = *terminal;
    Interrupt::listen(move || terminal.say("interrupted: cleaning up"))
        .map_err(|cause| Error::internal("Ctrl-C cannot be listened to").because(cause))
}

/// The hosts of a new lab, and what to do with them.
fn described(lab: &LabView) -> String {
    let (program, inventory) = (program::name(), lab.inventory.display());
    format!(
        "{}\nnext:  {program} apply {inventory}\nlater: {program} lab down --name {}\n",
        table(std::slice::from_ref(lab)),
        lab.name
    )
}

fn table(labs: &[LabView]) -> String {
    if labs.is_empty() {
        return format!("no labs; `{} lab up` makes one\n", program::name());
    }
    let rows = labs.iter().flat_map(|lab| {
        lab.hosts.iter().map(|host| {
            let state = if host.pid.is_some() { "running" } else { "stopped" };
            [&lab.name, &host.name, &host.address, &host.release, state]
        })
    });
    columns(["LAB", "HOST", "ADDRESS", "RELEASE", "STATE"], rows)
}
