//! `reset`: undo exactly what each host's journal records.

use crate::cli::Run;
use crate::error::{Error, ExitCode, Result};
use crate::model::{RunOutcome, Work};
use crate::planner;
use crate::report::Offer;
use crate::runner::Intent;

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

pub async fn run(settings: Run, dry_run: bool, yes: bool, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All, terminal)?;
    let intent = if dry_run { Intent::Plan } else { Intent::Apply };
    if !dry_run && !yes {
        let count = prepared.selected.len();
        let question = format!("Undo everything that provision did on {count} hosts?");
        // Where nobody can be asked, nobody is: a script that says `reset` means it.
        if terminal.confirm(&question) == Some(false) {
            return Err(Error::usage("nothing was undone").hint("`--dry-run` shows what would be undone"));
        }
    }
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let worked = running.runner.reset(&running.hosts(), intent, &planner::reset).await;
    let work = if dry_run { Work::PlanReset } else { Work::Reset };
    running.end_work(RunOutcome { work, ..RunOutcome::default() }, worked).await
}
