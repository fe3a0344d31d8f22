//! `plan` and `apply`: what the hosts need, and doing it.

use std::collections::HashMap;

use crate::cli::{Probing, Run};
use crate::error::{ExitCode, Result};
use crate::model::{HostId, Resource, RunOutcome, Work};
use crate::probes::KnownPages;
use crate::report::Offer;
use crate::runner::{Apply, Intent, Worked};

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

/// `provision plan`: with `detailed`, pending changes are told by the exit code.
pub async fn plan(settings: Run, detailed: bool, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All, terminal)?;
    let wanted = prepared.wanted()?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let worked = work(&running, &wanted, Intent::Plan).await;
    let has_changes =
        |worked: &Worked| worked.outcome.failure.is_none() && !worked.outcome.changes.is_empty();
    let pending = worked.iter().any(has_changes);
    let outcome = RunOutcome { work: Work::Plan, ..RunOutcome::default() };
    match running.end_work(outcome, worked).await? {
        ExitCode::Success if detailed && pending => Ok(ExitCode::HostFailed),
        code => Ok(code),
    }
}

/// `provision apply`: with `probing`, the probes follow over the same connections.
pub async fn apply(settings: Run, probing: Option<Probing>, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All, terminal)?;
    let wanted = prepared.wanted()?;
    let pages = KnownPages::of_inventory(&prepared.inventory, &wanted);
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let (worked, checks) = match probing {
        None => (work(&running, &wanted, Intent::Apply).await, Vec::new()),
        Some(probing) => {
            let (members, plan) = (prepared.hosts().collect::<Vec<_>>(), prepared.planning());
            let how = prepared.probing(&wanted, &pages, probing);
            let (intent, others) = (Intent::Apply, prepared.others());
            let apply = Apply { intent, keeps_sessions: true, others, wanted: &wanted, plan: &plan };
            running.runner.apply_and_verify(&members, &apply, &how).await
        }
    };
    let outcome = RunOutcome { work: Work::Apply, checks, ..RunOutcome::default() };
    running.end_work(outcome, worked).await
}

async fn work(running: &Running<'_>, wanted: &HashMap<HostId, Vec<Resource>>, intent: Intent) -> Vec<Worked> {
    let plan = running.prepared.planning();
    let others = running.prepared.others();
    let apply = Apply { intent, keeps_sessions: false, others, wanted, plan: &plan };
    running.runner.apply(&running.hosts(), &apply).await
}
