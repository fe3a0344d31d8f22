//! `drill`: a failover of each cluster, measured.

use std::collections::HashMap;
use std::time::Duration;

use crate::cli::{DrillArguments, DrillModeName, Run};
use crate::error::{Error, ExitCode, Result};
use crate::inventory;
use crate::model::{
    Drill, DrillMode, DrillsOutcome, Expectation, Host, HostId, Outcome, Resource, services, text,
};
use crate::probes::{HostExpectation, KnownPages, drill};
use crate::report::{self, Offer};
use crate::runner::{DrillSettings, DrillSubject};

use super::prepare::{self, Prepared};
use super::running::Running;
use super::terminal::Terminal;

pub async fn run(settings: Run, arguments: DrillArguments, terminal: &Terminal) -> Result<ExitCode> {
    let DrillArguments { host, mode, rate, hold, restore_after, yes } = arguments;
    let mode = match mode {
        DrillModeName::Stop => DrillMode::Stop,
        DrillModeName::Maint => DrillMode::Maintenance,
    };
    check_times(mode, hold, restore_after)?;
    let prepared = prepare::run(&settings, Offer::OfVerb("drill"))?;
    let drills = inventory::drills(&prepared.inventory, &prepared.selected, host.as_deref(), mode)?;
    // The hosts to connect to, which may be others than those by which the clusters were selected.
    let selected = drills.iter().flat_map(|drill| [drill.balancer.clone(), drill.host.clone()]).collect();
    let prepared = Prepared { selected, ..prepared };
    let wanted = prepared.wanted()?;
    let pages = KnownPages::of_inventory(&prepared.inventory, &wanted);

    terminal.say_in_lines(&report::drill_intention(&drills, hold, restore_after));
    if !yes && terminal.confirm(&text!(en: "Go on?", pt: "Continuar?")) == Some(false) {
        return Err(Error::usage(text!(en: "nothing was stopped", pt: "nada foi parado")));
    }
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let subjects: Vec<_> = drills.iter().filter_map(|drill| subject(drill, &prepared, &wanted)).collect();
    let how = DrillSettings { pages: &pages, rate, hold, restore_after };
    let drills = running.runner.drill(&subjects, how).await;
    running.end(Outcome::Drilled(DrillsOutcome { drills, ..DrillsOutcome::default() }), None).await
}

/// Whether the host waits long enough for what is to be seen.
fn check_times(mode: DrillMode, hold: Duration, restore_after: Duration) -> Result<()> {
    let notice = drill::notice(mode);
    let needed = hold + notice;
    if restore_after >= needed {
        return Ok(());
    }
    let [notice, needed] = [notice, needed].map(humantime::format_duration);
    Err(Error::usage(text!(
        en: "the host would bring the web server back before `--hold` is over",
        pt: "a máquina traria o servidor web de volta antes do fim de `--hold`",
    )).hint(text!(
        en: "give --restore-after {needed} or more, or a shorter --hold: HAProxy may take {notice} until it leaves the server out, and only then --hold begins",
        pt: "dê --restore-after {needed} ou mais, ou um --hold menor: o HAProxy pode levar {notice} para tirar o servidor, e só então --hold começa",
    )))
}

fn subject<'a>(
    drill: &Drill,
    prepared: &'a Prepared,
    wanted: &'a HashMap<HostId, Vec<Resource>>,
) -> Option<DrillSubject<'a>> {
    let cluster = prepared.inventory.clusters.iter().find(|cluster| cluster.name == drill.cluster)?;
    let host = |id: &HostId| -> Option<&'a Host> { cluster.hosts.iter().find(|host| host.id == *id) };
    let (balancer, victim) = (host(&drill.balancer)?, host(&drill.host)?);
    let balance = balancer.expectations(cluster).into_iter().find_map(|asked| match asked {
        Expectation::Balance(balance) => Some(balance),
        _ => None,
    })?;
    let page = victim.expectations(cluster).into_iter().find_map(|asked| match asked {
        Expectation::Page { service, .. } => Some(service),
        _ => None,
    })?;
    let service = services(wanted.get(&victim.id)?).find(|service| service.name == page)?;
    let expectation =
        HostExpectation::new(cluster, balancer, wanted.get(&balancer.id)?, &prepared.inventory.path, false);
    Some(DrillSubject { drill: drill.clone(), balancer, balance, expectation, victim, service })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_waits_until_haproxy_has_noticed_and_the_hold_is_over() {
        let check = |mode, hold, restore_after| {
            let checked = check_times(mode, Duration::from_secs(hold), Duration::from_secs(restore_after));
            checked.err().map(|error| error.sample())
        };
        assert_eq!(check(DrillMode::Stop, 5, 60), None);
        assert_eq!(check(DrillMode::Stop, 1, 7), None);
        assert_eq!(check(DrillMode::Maintenance, 1, 3), None);
        insta::assert_snapshot!(
            check(DrillMode::Stop, 1, 2).unwrap(),
            @"the host would bring the web server back before `--hold` is over / give --restore-after 7s or more, or a shorter --hold: HAProxy may take 6s until it leaves the server out, and only then --hold begins"
        );
        assert!(check(DrillMode::Maintenance, 1, 2).is_some());
    }
}
