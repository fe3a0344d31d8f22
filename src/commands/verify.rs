//! `verify`: the probes alone.

use crate::cli::{Probing, Run};
use crate::error::{ExitCode, Result};
use crate::model::RunOutcome;
use crate::probes::KnownPages;
use crate::report::Offer;

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;
use super::watch;

pub async fn run(settings: Run, probing: Probing, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let wanted = prepared.wanted()?;
    let pages = KnownPages::of_inventory(&prepared.inventory, &wanted);
    if let Some(interval) = probing.watch {
        let how = prepared.probing(&wanted, &pages, probing);
        return watch::run(&settings, &prepared, &how, interval, terminal).await;
    }
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let members: Vec<_> = prepared.hosts().collect();
    let (checks, reached) =
        running.runner.reach_and_verify(&members, &prepared.probing(&wanted, &pages, probing)).await;
    let outcome = RunOutcome { checks, ..RunOutcome::default() };
    running.end_work(outcome, reached).await
}
