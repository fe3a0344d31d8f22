//! The text of work on hosts.

use super::page::{Page, TextOptions};
use super::{changes, failures, matrix, verdict};
use crate::model::{ChangeResult, HostId, HostOutcome, HostStatus, Inventory, RunOutcome, Work};
use crate::report::style::Tone;
use crate::report::words;
use crate::report::{groups, names};

/// What a run did or would do: changes by alike hosts, troubles, a table of the probes, and one sentence.
pub fn run_text(outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    let mut page = Page::new(options);
    match outcome.work {
        Work::Fetch => {
            verdict::write(&mut page, outcome, inventory);
            return page.finish();
        }
        Work::Plan => {
            all_changes(&mut page, outcome, true);
            without_changes(&mut page, outcome);
        }
        Work::Apply if page.shows_all() => all_changes(&mut page, outcome, true),
        Work::PlanReset | Work::Reset => {
            let with_diffs = page.shows_all();
            all_changes(&mut page, outcome, with_diffs);
        }
        Work::Apply | Work::Verify => {}
    }
    warnings(&mut page, outcome);
    failures::write(&mut page, outcome);
    if outcome.work.makes_changes() {
        not_done(&mut page, outcome);
    }
    if matches!(outcome.work, Work::Apply | Work::Verify) {
        matrix::write(&mut page, outcome, inventory);
    }
    verdict::write(&mut page, outcome, inventory);
    page.finish()
}

fn without_changes(page: &mut Page<'_>, outcome: &RunOutcome) {
    let same: Vec<&HostId> = outcome
        .hosts
        .iter()
        .filter(|host| host.status == HostStatus::Ok && host.changes.is_empty())
        .map(|host| &host.host)
        .collect();
    if !same.is_empty() && same.len() < outcome.hosts.len() {
        page.gap();
        page.hang("No changes: ", Tone::Faint, &names::compress(same).join(", "));
    }
}

fn all_changes(page: &mut Page<'_>, outcome: &RunOutcome, with_diffs: bool) {
    for group in groups::changes(outcome) {
        page.gap();
        changes::write(page, &group, with_diffs);
    }
}

/// Warnings, each once, with the hosts that have it.
fn warnings(page: &mut Page<'_>, outcome: &RunOutcome) {
    let mut known: Vec<(&str, Vec<&HostId>)> = Vec::new();
    for (warning, host) in outcome
        .hosts
        .iter()
        .flat_map(|host| host.warnings.iter().map(|warning| (warning.english(), &host.host)))
    {
        match known.iter_mut().find(|(text, _)| *text == warning) {
            Some((_, hosts)) => hosts.push(host),
            None => known.push((warning, vec![host])),
        }
    }
    if !known.is_empty() {
        page.gap();
    }
    for (warning, hosts) in known {
        let who = super::page::in_words(hosts, 40);
        page.hang("warning: ", Tone::Caution, &format!("{who}: {warning}"));
    }
}

/// Hosts without a failure of their own whose changes were left undone when the run was interrupted.
fn not_done(page: &mut Page<'_>, outcome: &RunOutcome) {
    let mut told: Vec<(String, Vec<&HostId>)> = Vec::new();
    for host in outcome.hosts.iter().filter(|host| outcome.interrupted && host.failure.is_none()) {
        let Some(left) = left_undone(host) else { continue };
        match told.iter_mut().find(|(known, _)| *known == left) {
            Some((_, hosts)) => hosts.push(&host.host),
            None => told.push((left, vec![&host.host])),
        }
    }
    if !told.is_empty() {
        page.gap();
    }
    for (left, hosts) in told {
        let who = super::page::in_words(hosts, 40);
        let lead = format!("{} ", page.style.skip());
        page.hang(&lead, Tone::Caution, &format!("{who}: {left}"));
    }
}

/// `1 of 4 changes made; not done: package:apache2 and 2 more`
fn left_undone(host: &HostOutcome) -> Option<String> {
    let left: Vec<&str> = host
        .changes
        .iter()
        .filter(|(_, result)| matches!(result, None | Some((ChangeResult::NotRun, _))))
        .map(|(change, _)| change.resource.as_str())
        .collect();
    let first = left.first()?;
    let done = |result: &Option<_>| matches!(result, Some((ChangeResult::Done, _)));
    let made = host.changes.iter().filter(|(_, result)| done(result)).count();
    let more = if left.len() > 1 { format!(" and {} more", left.len() - 1) } else { String::new() };
    let planned = words::count(host.changes.len(), "change");
    Some(format!("{made} of {planned} made; not done: {first}{more}"))
}
