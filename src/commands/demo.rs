//! `demo`: from nothing to a verified cluster on this machine.

use crate::cli::{LabShape, Probing, Run};
use crate::error::{ExitCode, Result};
use crate::lab;
use crate::runner::Consent;

use super::terminal::Terminal;
use super::{apply, lab as lab_command, program};

/// `provision demo`: lab up, apply, verify, and what to look at; with `down`, the lab goes at the end.
pub async fn run(shape: LabShape, down: bool, terminal: &Terminal) -> Result<ExitCode> {
    let name = shape.name.clone();
    terminal.say("1/2  practice hosts on this machine");
    let made = lab_command::up(shape, terminal).await?;
    let program = program::name();
    terminal.say(&format!("2/2  {program} apply {}", made.inventory.display()));
    let settings = Run::over_all(made.inventory.clone());
    let code = apply::apply(settings, Consent::Withheld, Some(Probing::default()), terminal).await?;
    if down {
        let token = tokio_util::sync::CancellationToken::new();
        lab::down(&lab::state_directory(), &name, &token, &mut |line| terminal.say(&line)).await?;
        return Ok(code);
    }
    let mut text = String::from("\nlook at it:\n");
    for host in made.hosts.iter().filter(|host| host.name.rsplit('/').next() == Some("lb")) {
        let address = &host.address;
        text.push_str(&format!("  http://{address}/        reload, and another server answers\n"));
        text.push_str(&format!("  http://{address}:8404/   what HAProxy counts\n"));
    }
    text.push_str(&format!(
        "log in:     ssh -i {} {}@{}\n",
        made.identity.display(),
        made.user,
        made.hosts[0].address
    ));
    if let Some(host) = made.hosts.iter().find(|host| host.name.rsplit('/').next() != Some("lb")) {
        text.push_str(&format!("break it:   {program} lab link {} down --name {name}\n", host.name));
    }
    text.push_str(&format!("check it:   {program} verify {}\n", made.inventory.display()));
    text.push_str(&format!("take down:  {program} lab down --name {name}\n"));
    terminal.print(&text)?;
    Ok(code)
}
