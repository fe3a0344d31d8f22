//! `plan` and `apply`: what the hosts need, and doing it.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cli::{Probing, Run};
use crate::error::{ExitCode, Result};
use crate::model::{HostId, Resource, RunOutcome, Work};
use crate::probes::KnownPages;
use crate::report::Offer;
use crate::runner::{Consent, Intent, Worked};

use super::prepare;
use super::running::Running;
use super::terminal::{self, Terminal};

/// `provision plan`: with `detailed`, pending changes are told by the exit code.
pub async fn plan(settings: Run, detailed: bool, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let wanted = prepared.wanted()?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let worked = work(&running, &wanted, Intent::Plan, Consent::Withheld).await;
    let has_changes =
        |worked: &Worked| worked.outcome.failure.is_none() && !worked.outcome.changes.is_empty();
    let pending = worked.iter().any(has_changes);
    let outcome = RunOutcome { work: Work::Plan, ..RunOutcome::default() };
    match running.end_work(outcome, worked).await? {
        ExitCode::Success if detailed && pending => Ok(ExitCode::HostFailed),
        code => Ok(code),
    }
}

/// Whether what is no longer wanted may be deleted: `-y` answers only a question that would have been asked.
pub fn consent(prune: bool, yes: bool, terminal: &Terminal) -> Consent {
    match (prune, terminal.console.may_ask) {
        (true, _) => Consent::Given,
        (false, false) => Consent::Withheld,
        (false, true) if yes => Consent::Given,
        (false, true) => Consent::Asked(Arc::new(terminal::answer)),
    }
}

/// `provision apply`: with `probing`, the probes follow over the same connections.
pub async fn apply(
    settings: Run,
    consent: Consent,
    probing: Option<Probing>,
    terminal: &Terminal,
) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let wanted = prepared.wanted()?;
    let pages = KnownPages::of_inventory(&prepared.inventory, &wanted);
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let (worked, checks) = match probing {
        None => (work(&running, &wanted, Intent::Apply, consent).await, Vec::new()),
        Some(probing) => {
            let (members, plan) = (prepared.hosts().collect::<Vec<_>>(), prepared.planning());
            let how = prepared.probing(&wanted, &pages, probing);
            let apply = prepared.applying(Intent::Apply, consent, &wanted, &plan);
            running.runner.apply_and_verify(&members, &apply, &how).await
        }
    };
    let outcome = RunOutcome { work: Work::Apply, checks, ..RunOutcome::default() };
    running.end_work(outcome, worked).await
}

async fn work(
    running: &Running<'_>,
    wanted: &HashMap<HostId, Vec<Resource>>,
    intent: Intent,
    consent: Consent,
) -> Vec<Worked> {
    let plan = running.prepared.planning();
    let apply = running.prepared.applying(intent, consent, wanted, &plan);
    running.runner.apply(&running.hosts(), &apply).await
}
