//! `verify`: the probes alone.

use crate::cli::{Probing, Run};
use crate::error::{ExitCode, Result};
use crate::model::{Cluster, Host, RunOutcome, Text, text};
use crate::packages::Proxies;
use crate::probes::{KnownPages, Site};
use crate::report::Offer;

use super::prepare::{self, Prepared};
use super::running::Running;
use super::terminal::Terminal;
use super::watch;

pub async fn run(settings: Run, probing: Probing, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let wanted = prepared.wanted()?;
    if let Some(note) = past_proxies(&prepared, &Proxies::of_environment()).filter(|_| probing.direct) {
        terminal.say_in_lines(&note);
    }
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

/// That browsers here may see something else than probes, which go by no proxy.
fn past_proxies(prepared: &Prepared, proxies: &Proxies) -> Option<Text> {
    let by_proxy = |(_, host): (&Cluster, &Host)| {
        let site = Site::outside(host, 80);
        let proxy = proxies.of(&format!("http://{}/", site.authority()))?;
        Some((Text::verbatim(host.id.as_str()), proxy))
    };
    let (hosts, proxies): (Vec<_>, Vec<_>) = prepared.hosts().filter_map(by_proxy).unzip();
    let (proxy, hosts) = (proxies.first()?, Text::list(&hosts, 3));
    Some(text!(
        en: "note: http_proxy of this computer names {proxy}, by which its browsers may go to {hosts}; --direct goes past it",
        pt: "nota: http_proxy deste computador indica {proxy}, por onde os navegadores daqui podem chegar a {hosts}; --direct não passa por ele",
        hosts,
    ))
}
