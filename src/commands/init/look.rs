//! Whether the hosts answer, let the login in and give it root. What does not is told and hinders nobody: machines may
//! be off now.

use crate::cli::Run;
use crate::desired::Templates;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{CommandOutcome, FailureKind, Host, Inventory, Language, Text, text};
use crate::report::{columns, fold};

use super::super::identity;
use super::super::prepare::Prepared;
use super::super::reports::Reports;
use super::super::running::{Ending, Running};
use super::super::terminal::Terminal;

/// Hosts that are well are listed one by one up to so many.
const MOST_LISTED: usize = 20;

/// Looks at all hosts at once, by the way that every verb takes.
pub async fn look(
    inventory: Inventory,
    templates: Templates,
    terminal: &Terminal,
) -> Result<(Prepared, Vec<CommandOutcome>)> {
    let settings = Run::over_all(inventory.path.clone());
    let prepared = Prepared {
        selected: inventory.hosts().map(|host| host.id.clone()).collect(),
        mark: identity::mark(&inventory.path),
        reports: Reports::default(),
        inventory,
        templates,
    };
    // All there is to tell comes at the end, of all hosts at once.
    let (running, _) = Running::start(&prepared, &settings, terminal, Ending::Interrupted).await?;
    let hosts = running.hosts();
    let command = ["true".to_owned()];
    // Nothing is changed there that would have to be finished.
    let outcomes = tokio::select! {
        biased;
        () = running.runner.interrupt.graceful.cancelled() => None,
        outcomes = running.runner.exec(&hosts, &command, true) => Some(outcomes),
    };
    drop(running);
    match outcomes {
        Some(outcomes) => Ok((prepared, outcomes)),
        None => Err(Error::new(
            ErrorKind::Interrupted,
            text!(en: "interrupted: nothing is written", pt: "interrompido: nada foi escrito"),
        )),
    }
}

/// What the hosts said, for people.
pub fn told(inventory: &Inventory, outcomes: &[CommandOutcome], width: usize) -> String {
    let language = inventory.language;
    let well = outcomes.iter().filter(|outcome| outcome.status.is_ok()).count();
    let listed = inventory
        .hosts()
        .zip(outcomes)
        .filter(|(_, outcome)| outcome.status.is_err() || outcomes.len() <= MOST_LISTED);
    let rows = listed.map(|(host, outcome)| row(host, outcome, language));
    let header = [
        text!(en: "HOST", pt: "MÁQUINA"),
        text!(en: "ADDRESS", pt: "ENDEREÇO"),
        text!(en: "ANSWERS", pt: "RESPONDE"),
    ];
    let header: Vec<String> = header.iter().map(|title| title.words(language).to_owned()).collect();
    let mut told = columns(header, rows);
    let all = outcomes.len();
    let count = text!(
        en: "\n{well} of {all} let the login in and give it root\n",
        pt: "\n{well} de {all} aceitam o login e dão root a ele\n"
    );
    told.push_str(count.words(language));
    let mut hints: Vec<&Text> = Vec::new();
    for failure in outcomes.iter().filter_map(|outcome| outcome.status.as_ref().err()) {
        hints.extend(failure.hint.as_ref().filter(|hint| !hints.contains(hint)));
    }
    for hint in hints {
        told.push_str(&fold(&format!("→ {}", hint.words(language)), width));
        told.push('\n');
    }
    told
}

fn row(host: &Host, outcome: &CommandOutcome, language: Language) -> [String; 3] {
    let answer = match &outcome.status {
        Ok(_) => text!(en: "yes", pt: "sim"),
        Err(failure) if failure.kind == FailureKind::Become => {
            let message = &failure.message;
            text!(en: "yes, but no root: {message}", pt: "sim, mas sem root: {message}", message)
        }
        Err(failure) => {
            let message = &failure.message;
            text!(en: "no: {message}", pt: "não: {message}", message)
        }
    };
    [host.id.to_string(), host.connection.address.clone(), answer.words(language).to_owned()]
}
