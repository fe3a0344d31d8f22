//! `reset`: undo exactly what each host's journal records.

use crate::cli::Run;
use crate::error::{Error, ExitCode, Result};
use crate::model::{RunOutcome, Work, text};
use crate::planner;
use crate::report::Offer;
use crate::runner::Intent;

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

pub async fn run(settings: Run, dry_run: bool, yes: bool, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let intent = if dry_run { Intent::Plan } else { Intent::Apply };
    if !dry_run && !yes {
        let hosts = prepared.selected.len();
        let question = text!(
            en: "Undo everything that provision did on {hosts} hosts?",
            pt: "Desfazer tudo o que o provision fez em {hosts} máquinas?",
        );
        // Where nobody can be asked, nobody is: a script that says `reset` means it.
        if terminal.confirm(&question) == Some(false) {
            return Err(Error::usage(text!(
                en: "nothing was undone",
                pt: "nada foi desfeito",
            ))
            .hint(text!(
                en: "`--dry-run` shows what would be undone",
                pt: "`--dry-run` mostra o que seria desfeito",
            )));
        }
    }
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let worked = running.runner.reset(&running.hosts(), intent, &planner::reset).await;
    let work = if dry_run { Work::PlanReset } else { Work::Reset };
    running.end_work(RunOutcome { work, ..RunOutcome::default() }, worked).await
}
