//! The last lines of a result: what it comes to, in one sentence, and what to run next.

use super::page::Page;
use crate::model::{
    ChangeResult, CheckStatus, HostOutcome, HostStatus, Inventory, RunOutcome, Work, shell_word,
};
use crate::report::style::Tone;
use crate::report::words;
use std::collections::HashSet;
use std::fmt::Write as _;

struct Count {
    hosts: usize,
    ready: usize,
    failed: usize,
    unreachable: usize,
    changes_planned: usize,
    changes_made: usize,
    passed: usize,
    failed_probes: usize,
    skipped: usize,
}

impl Count {
    fn of(outcome: &RunOutcome) -> Self {
        let probes = |status| outcome.checks.iter().filter(|check| check.status == status).count();
        let hosts = |status| outcome.hosts.iter().filter(|host| host.status == status).count();
        let failed = outcome.checks.iter().filter(|check| check.status == CheckStatus::Fail);
        let failed: HashSet<_> = failed.map(|check| &check.host).collect();
        let is_ready = |host: &&HostOutcome| {
            matches!(host.status, HostStatus::Ok | HostStatus::Changed) && !failed.contains(&host.host)
        };
        let changes = outcome.hosts.iter().flat_map(|host| &host.changes);
        Self {
            hosts: outcome.hosts.len(),
            ready: outcome.hosts.iter().filter(is_ready).count(),
            failed: hosts(HostStatus::Failed),
            unreachable: hosts(HostStatus::Unreachable),
            changes_planned: changes.clone().count(),
            changes_made: changes
                .filter(|(_, result)| matches!(result, Some((ChangeResult::Done, _))))
                .count(),
            passed: probes(CheckStatus::Pass),
            failed_probes: probes(CheckStatus::Fail),
            skipped: probes(CheckStatus::Skip),
        }
    }

    fn well(&self) -> bool {
        self.failed == 0 && self.unreachable == 0 && self.failed_probes == 0
    }

    /// `9 changes`, or `7 of 9 changes` where some were not made.
    fn changes(&self) -> String {
        let planned = words::count(self.changes_planned, "change");
        if self.changes_made == self.changes_planned {
            planned
        } else {
            format!("{} of {planned}", self.changes_made)
        }
    }

    /// `11 of 11 probes passed`
    fn probes(&self) -> Option<String> {
        let total = self.passed + self.failed_probes + self.skipped;
        if total == 0 {
            return None;
        }
        let mut words = format!("{} of {} passed", self.passed, words::count(total, "probe"));
        if self.failed_probes > 0 {
            let _ = write!(words, ", {} failed", self.failed_probes);
        }
        if self.skipped > 0 {
            let _ = write!(words, ", {} not judged", self.skipped);
        }
        Some(words)
    }

    /// `1 of 3 hosts failed, 2 unreachable`
    fn troubles(&self) -> Option<String> {
        let hosts = words::count(self.hosts, "host");
        match (self.failed, self.unreachable) {
            (0, 0) => None,
            (failed, 0) => Some(format!("{failed} of {hosts} failed")),
            (0, unreachable) => Some(format!("{unreachable} of {hosts} unreachable")),
            (failed, unreachable) => {
                Some(format!("{failed} of {hosts} failed and {unreachable} unreachable"))
            }
        }
    }
}

pub fn write(page: &mut Page<'_>, outcome: &RunOutcome, inventory: &Inventory) {
    page.gap();
    let count = Count::of(outcome);
    if let Some(log) = page.options.log.as_ref().filter(|_| count.failed + count.unreachable > 0) {
        page.hang("", Tone::Faint, &format!("Full output of the failed hosts: {}", log.display()));
    }
    let time = words::duration(outcome.duration);
    if outcome.interrupted && outcome.work != Work::Fetch {
        interrupted(page, outcome, &count, inventory, &time);
        return;
    }
    match outcome.work {
        Work::Plan => plan(page, outcome, &count, inventory),
        Work::Apply => apply(page, &count, inventory, &time),
        Work::Verify => verify(page, &count, &time),
        Work::PlanReset if count.changes_planned > 0 => {
            let undo = words::count(count.changes_planned, "change");
            let hosts = words::count(count.hosts, "host");
            let line = format!("Reset: {undo} to undo on {} of {hosts}.", outcome.summary().changed);
            page.line(&page.style.paint(Tone::Strong, line));
            next(page, inventory, "reset");
        }
        Work::PlanReset | Work::Reset => reset(page, &count, &time),
        Work::Fetch => fetch(page, outcome, &count),
    }
}

/// A sentence that says how it went.
pub(super) fn sentence(page: &mut Page<'_>, well: bool, sentence: &str) {
    let tone = if well { Tone::Good } else { Tone::Bad };
    for line in words::wrap(sentence, page.options.look.width) {
        page.line(&page.style.paint(tone, line));
    }
}

pub(super) fn next(page: &mut Page<'_>, inventory: &Inventory, command: &str) {
    let inventory = inventory.path.display().to_string();
    let mut line = format!("{} {command} {}", page.options.program, shell_word(&inventory));
    if let Some(limit) = &page.options.limit {
        let _ = write!(line, " --limit {}", shell_word(limit));
    }
    page.line(&format!("Next: {}", page.style.paint(Tone::Accent, line)));
}

fn plan(page: &mut Page<'_>, outcome: &RunOutcome, count: &Count, inventory: &Inventory) {
    let summary = outcome.summary();
    let seen = count.hosts - count.failed - count.unreachable;
    if let Some(troubles) = count.troubles() {
        sentence(page, false, &format!("{troubles}: the plan says nothing about these."));
    }
    if seen == 0 {
        return;
    }
    if summary.add + summary.change + summary.destroy == 0 {
        sentence(page, true, &format!("No changes: {} as the inventory wants.", are(seen)));
        next(page, inventory, "verify");
        return;
    }
    let line = format!(
        "Plan: {} to add, {} to change, {} to destroy on {} of {}.",
        summary.add,
        summary.change,
        summary.destroy,
        summary.changed,
        words::count(summary.hosts, "host")
    );
    page.line(&page.style.paint(Tone::Strong, line));
    next(page, inventory, "apply");
}

fn are(hosts: usize) -> String {
    format!("{} {}", words::count(hosts, "host"), if hosts == 1 { "is" } else { "are" })
}

fn apply(page: &mut Page<'_>, count: &Count, inventory: &Inventory, time: &str) {
    let changes = match count.changes_made {
        0 if count.well() => "nothing to change".to_owned(),
        _ => count.changes(),
    };
    let probes = count.probes();
    let and_probes = probes.as_ref().map_or(String::new(), |probes| format!(", {probes}"));
    if let Some(troubles) = count.troubles() {
        sentence(
            page,
            false,
            &format!("{troubles}, {} ready, after {time}: {changes}{and_probes}.", count.ready),
        );
        return;
    }
    let hosts = words::count(count.hosts, "host");
    if count.failed_probes > 0 {
        let ready = count.ready;
        sentence(page, false, &format!("{ready} of {hosts} ready after {time}: {changes}{and_probes}."));
        return;
    }
    sentence(page, true, &format!("{hosts} ready in {time}: {changes}{and_probes}."));
    if probes.is_none() {
        next(page, inventory, "verify");
    }
}

fn verify(page: &mut Page<'_>, count: &Count, time: &str) {
    match count.probes() {
        Some(probes) => sentence(page, count.well(), &format!("{probes}, in {time}.")),
        None => sentence(page, false, "No probe ran."),
    }
}

fn reset(page: &mut Page<'_>, count: &Count, time: &str) {
    let hosts = words::count(count.hosts, "host");
    let undone = count.changes();
    if let Some(troubles) = count.troubles() {
        sentence(page, false, &format!("{troubles} after {time}: {undone} undone."));
    } else if count.changes_planned == 0 {
        sentence(page, true, &format!("Nothing to undo on {hosts}."));
    } else {
        let all = count.changes_made == count.changes_planned;
        sentence(page, all, &format!("{hosts} reset in {time}: {undone} undone."));
    }
}

/// Whether the packages of all hosts are in the cache now.
fn fetch(page: &mut Page<'_>, outcome: &RunOutcome, count: &Count) {
    let hosts = count.hosts;
    let line = if outcome.interrupted || !count.well() {
        let failed = outcome.hosts.iter().filter(|host| host.failure.is_some()).count();
        format!("the packages of {failed} of {hosts} hosts are not in the cache")
    } else {
        format!("{} of {hosts} hosts needed packages; they are in the cache", outcome.summary().changed)
    };
    page.line(&line);
}

fn interrupted(page: &mut Page<'_>, outcome: &RunOutcome, count: &Count, inventory: &Inventory, time: &str) {
    let done = match outcome.work {
        Work::Plan | Work::PlanReset | Work::Fetch => "nothing was changed".to_owned(),
        Work::Verify => count.probes().unwrap_or_else(|| "no probe had ended".to_owned()),
        Work::Apply | Work::Reset => {
            let complete = outcome
                .hosts
                .iter()
                .filter(|host| matches!(host.status, HostStatus::Ok | HostStatus::Changed))
                .filter(|host| {
                    host.changes.iter().all(|(_, result)| matches!(result, Some((ChangeResult::Done, _))))
                })
                .count();
            let made =
                format!("{} of {} made", count.changes_made, words::count(count.changes_planned, "change"));
            format!("{made}, {complete} of {} complete", words::count(count.hosts, "host"))
        }
    };
    sentence(page, false, &format!("Interrupted after {time}: {done}."));
    if outcome.work.makes_changes() {
        page.line("What was made stays. The same command again does the rest:");
    }
    next(page, inventory, outcome.work.into_str());
}
