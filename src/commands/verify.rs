//! `verify`, and the probes at the end of `apply`.

use crate::cli::{RetryArguments, Run};
use crate::desired;
use crate::error::{ExitCode, Result};
use crate::model::{Check, Failure, FailureKind, HostId, Role, RunOutcome};
use crate::probes::KnownPages;
use crate::report::RunKind;
use crate::runner::{Retry, Subject, Worked};

use super::console::Terminal;
use super::prepare::{self, Prepared};
use super::running::Running;

/// `provision verify`
pub async fn run(settings: Run, retry: RetryArguments, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, terminal)?;
    let pages = pages(&prepared)?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let reached = running.runner.reach(&running.hosts()).await;
    let outcome =
        RunOutcome { checks: checks(&running, &reached, &pages, retry).await, ..RunOutcome::default() };
    running.end(RunKind::Verify, outcome, reached).await
}

/// Probes hosts over the sessions that they were worked on with.
pub async fn checks(
    running: &Running<'_>,
    worked: &[Worked],
    pages: &KnownPages,
    retry: RetryArguments,
) -> Vec<Check> {
    let RetryArguments { retry_timeout, sleep } = retry;
    let subjects: Vec<_> = running
        .prepared
        .hosts()
        .zip(worked)
        .map(|((cluster, host), worked)| Subject {
            cluster,
            host,
            session: worked.session.as_deref().ok_or_else(|| {
                worked.outcome.failure.clone().unwrap_or_else(|| Failure {
                    kind: FailureKind::Lost,
                    message: "there is no connection".to_owned(),
                    hint: None,
                })
            }),
        })
        .collect();
    running.runner.verify(&subjects, pages, Retry { timeout: retry_timeout, sleep }).await
}

/// The pages of all web hosts, selected or not: a foreign page is named by whose it is.
pub fn pages(prepared: &Prepared) -> Result<KnownPages> {
    let inventory = &prepared.inventory;
    let pages: Vec<(&HostId, String)> = inventory
        .clusters
        .iter()
        .flat_map(|cluster| cluster.with_role(Role::Web).map(move |host| (cluster, host)))
        .map(|(cluster, host)| {
            let page = desired::page(inventory, cluster, host, &prepared.templates)
                .map_err(prepare::template_error)?;
            Ok((&host.id, page))
        })
        .collect::<Result<_>>()?;
    Ok(KnownPages::new(pages.iter().map(|(host, page)| (*host, page.as_str()))))
}
