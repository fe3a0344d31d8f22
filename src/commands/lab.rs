//! `lab …`: practice hosts on this machine.

use crate::cli::{DriverName, LabCommand, LabShape, LinkState, OutputFormat, ReleaseName};
use crate::error::{Error, ErrorKind, ExitCode, Result};
use crate::lab::{self, DriverKind, LabView, Options};
use crate::runner::Interrupt;

use super::program;
use super::terminal::Terminal;
use crate::model::{Text, text};
use crate::report::{Words, columns, envelope, say};

pub async fn run(command: LabCommand, terminal: &Terminal) -> Result<ExitCode> {
    let state = lab::state_directory();
    match command {
        LabCommand::Up { shape } => {
            let lab = up(shape, terminal).await?;
            terminal.print(described(&lab, terminal.words()))?;
        }
        LabCommand::Down { name, all, prune } => {
            let interrupt = interrupt(terminal)?;
            let mut tell = |line: Text| terminal.say(&line);
            if all || prune {
                lab::down_all(&state, &interrupt.graceful, &mut tell).await?;
            } else if !lab::down(&state, &name, &interrupt.graceful, &mut tell).await? {
                terminal.say(&text!(en: "there is no lab {name}", pt: "não existe o lab {name}"));
            }
            if prune {
                lab::prune(&state, &interrupt.graceful, &mut tell).await?;
            }
        }
        LabCommand::List { output } => {
            let labs = lab::list(&state).await?;
            terminal.print(match output {
                OutputFormat::Text => table(&labs, terminal.words()),
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
                    text!(
                        en: "the command on {host} ended with {status}",
                        pt: "o comando em {host} terminou com {status}",
                    ),
                ));
            }
        }
    }
    Ok(ExitCode::Success)
}

pub async fn up(shape: LabShape, terminal: &Terminal) -> Result<LabView> {
    let LabShape { name, web, clusters, release, image, driver, inventory, sudo_password } = shape;
    let releases = release.into_iter().map(|release| {
        match release {
            ReleaseName::Bookworm => "bookworm",
            ReleaseName::Trixie => "trixie",
            ReleaseName::Jammy => "jammy",
            ReleaseName::Noble => "noble",
        }
        .to_owned()
    });
    let driver = driver.map(|driver| match driver {
        DriverName::Nspawn => DriverKind::Nspawn,
        DriverName::Podman => DriverKind::Podman,
        DriverName::Docker => DriverKind::Docker,
    });
    let options = Options {
        name,
        web,
        clusters,
        driver,
        image,
        releases: releases.collect(),
        sudo_password,
        language: terminal.console.language,
        inventory,
        ..Options::default()
    };
    let interrupt = interrupt(terminal)?;
    let mut tell = |line: Text| terminal.say(&line);
    let made = lab::up(&lab::state_directory(), &options, &interrupt.graceful, &mut tell).await;
    made.map_err(|error| Error {
        kind: if interrupt.is_stopping() { ErrorKind::Interrupted } else { error.kind },
        ..error
    })
}

fn interrupt(terminal: &Terminal) -> Result<Interrupt> {
    let terminal = *terminal;
    Interrupt::listen(move || {
        terminal.say(&text!(en: "interrupted: cleaning up", pt: "interrompido: limpando"));
    })
    .map_err(|cause| {
        Error::internal(text!(en: "Ctrl-C cannot be listened to", pt: "não foi possível escutar o Ctrl-C"))
            .because(cause)
    })
}

/// The hosts of a new lab, and what to do with them.
fn described(lab: &LabView, words: Words) -> String {
    let (program, inventory, name) = (program::name(), lab.inventory.display(), &lab.name);
    let table = table(std::slice::from_ref(lab), words);
    say!(
        words,
        en: "{table}\nnext:  {program} apply {inventory}\nlater: {program} lab down --name {name}\n",
        pt: "{table}\nagora:  {program} apply {inventory}\ndepois: {program} lab down --name {name}\n",
    )
}

fn table(labs: &[LabView], words: Words) -> String {
    if labs.is_empty() {
        let program = program::name();
        return say!(
            words,
            en: "no labs; `{program} lab up` makes one\n",
            pt: "nenhum lab; `{program} lab up` cria um\n",
        );
    }
    let rows = labs.iter().flat_map(|lab| {
        lab.hosts.iter().map(|host| {
            let state = if host.pid.is_some() {
                words.choose("running", "no ar")
            } else {
                words.choose("stopped", "parada")
            };
            [lab.name.clone(), host.name.clone(), host.login(), host.release.clone(), state.to_owned()]
        })
    });
    let header = words.choose(
        ["LAB", "HOST", "ADDRESS", "RELEASE", "STATE"],
        ["LAB", "MÁQUINA", "ENDEREÇO", "VERSÃO", "ESTADO"],
    );
    columns(header, rows)
}
