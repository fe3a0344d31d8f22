//! `verify`, and the probes at the end of `apply`.

use crate::cli::{Probing, Run};
use crate::desired;
use crate::error::{ExitCode, Result};
use crate::model::{HostId, Role, RunOutcome};
use crate::probes::KnownPages;
use crate::report::Offer;
use crate::runner::{Retry, Verify};

use super::prepare::{self, Prepared};
use super::running::Running;
use super::terminal::Terminal;
use super::watch;

/// `provision verify`
pub async fn run(settings: Run, probing: Probing, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All, terminal)?;
    let pages = pages(&prepared)?;
    if let Some(interval) = probing.watch {
        let how = how(&prepared, &pages, probing);
        return watch::run(&settings, &prepared, &how, interval, terminal).await;
    }
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let members: Vec<_> = prepared.hosts().collect();
    let (checks, reached) = running.runner.reach_and_verify(&members, &how(&prepared, &pages, probing)).await;
    let outcome = RunOutcome { checks, ..RunOutcome::default() };
    running.end_work(outcome, reached).await
}

/// What the user asked for, as the runner takes it.
pub fn how<'a>(prepared: &'a Prepared, pages: &'a KnownPages, probing: Probing) -> Verify<'a> {
    let Probing { direct, retry_timeout, sleep, watch: _ } = probing;
    let retry = Retry { timeout: retry_timeout, sleep };
    Verify { pages, inventory: &prepared.inventory.path, direct, retry }
}

/// The pages of all web hosts, selected or not: a foreign page is named by whose it is; and which balancers have a page
/// of statistics.
pub fn pages(prepared: &Prepared) -> Result<KnownPages> {
    let inventory = &prepared.inventory;
    let with_role = |role| {
        inventory
            .clusters
            .iter()
            .flat_map(move |cluster| cluster.with_role(role).map(move |host| (cluster, host)))
    };
    let pages: Vec<(&HostId, String)> = with_role(Role::Web)
        .map(|(cluster, host)| {
            let page = desired::page(inventory, cluster, host, &prepared.templates)
                .map_err(prepare::template_error)?;
            Ok((&host.id, page))
        })
        .collect::<Result<_>>()?;
    let known = KnownPages::new(pages.iter().map(|(host, page)| (*host, page.as_str())));
    let mut without_statistics = Vec::new();
    for (cluster, host) in with_role(Role::Balancer) {
        let has = desired::has_statistics(inventory, cluster, host, &prepared.templates);
        if !has.map_err(prepare::template_error)? {
            without_statistics.push(host.id.clone());
        }
    }
    Ok(known.without_statistics(without_statistics))
}
