//! `demo`: from nothing to a verified cluster on this machine.

use crate::cli::{LabShape, Probing, Run};
use crate::error::{ExitCode, Result};
use crate::lab::{self, HostView, LabView};
use crate::model::{Text, text};
use crate::report::{Words, say};
use crate::runner::Consent;

use super::terminal::Terminal;
use super::{apply, lab as lab_command, program};

/// `provision demo`: lab up, apply, verify, and what to look at; with `down`, the lab goes at the end.
pub async fn run(shape: LabShape, down: bool, terminal: &Terminal) -> Result<ExitCode> {
    let name = shape.name.clone();
    terminal.say(
        &text!(en: "1/2  practice hosts on this machine", pt: "1/2  máquinas de treino neste computador"),
    );
    let made = lab_command::up(shape, terminal).await?;
    let program = program::name();
    terminal.say(&Text::verbatim(format!("2/2  {program} apply {}", made.inventory.display())));
    let settings = Run::over_all(made.inventory.clone());
    let code = apply::apply(settings, Consent::Withheld, Some(Probing::default()), terminal).await?;
    if down {
        let token = tokio_util::sync::CancellationToken::new();
        lab::down(&lab::state_directory(), &name, &token, &mut |line| terminal.say(&line)).await?;
        return Ok(code);
    }
    terminal.print(what_to_do(&made, &name, terminal.words()))?;
    Ok(code)
}

/// What there is to see and to try, a command to copy for each.
fn what_to_do(made: &LabView, name: &str, words: Words) -> String {
    let (program, inventory) = (program::name(), made.inventory.display());
    let is_balancer = |host: &&HostView| host.name.rsplit('/').next() == Some("lb");
    let mut told = words.choose("\nlook at it:\n", "\nveja:\n").to_owned();
    for host in made.hosts.iter().filter(is_balancer) {
        let [web, statistics] = [host.web(), host.statistics()].map(|place| format!("http://{place}/"));
        let width = web.len().max(statistics.len());
        told.push_str(&say!(
            words,
            en: "  {web:<width$}   reload, and another server answers\n  {statistics:<width$}   what HAProxy counts\n",
            pt: "  {web:<width$}   recarregue, e outro servidor responde\n  {statistics:<width$}   o que o HAProxy conta\n",
        ));
    }
    let (identity, user, address) = (made.identity.display(), &made.user, &made.hosts[0].address);
    let port = made.hosts[0].ports.map(|ports| format!("-p {} ", ports.ssh)).unwrap_or_default();
    told.push_str(&say!(
        words,
        en: "log in:     ssh {port}-i {identity} {user}@{address}\n",
        pt: "entre:      ssh {port}-i {identity} {user}@{address}\n",
    ));
    if let Some(host) = made.hosts.iter().find(|host| !is_balancer(host)) {
        let host = &host.name;
        told.push_str(&say!(
            words,
            en: "break it:   {program} lab link {host} down --name {name}\n",
            pt: "estrague:   {program} lab link {host} down --name {name}\n",
        ));
    }
    told.push_str(&say!(
        words,
        en: "check it:   {program} verify {inventory}\ntake down:  {program} lab down --name {name}\n",
        pt: "confira:    {program} verify {inventory}\ndesmonte:   {program} lab down --name {name}\n",
    ));
    told
}
