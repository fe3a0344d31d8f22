//! The last lines of a result: what it comes to, in one sentence, and what to run next.

use std::fmt::Write as _;

use super::page::Page;
use crate::model::{CheckStatus, HostOutcome, Inventory, RunOutcome, Summary, Work, shell_word};
use crate::report::style::Tone;
use crate::report::view::{HostView, View};
use crate::report::words;

struct Count<'a> {
    outcome: &'a RunOutcome,
    inventory: &'a Inventory,
    summary: Summary,
    time: String,
    ready: usize,
    planned: usize,
    made: usize,
    /// What is no longer wanted, and stays as nobody agreed to its end.
    left: usize,
}

impl<'a> Count<'a> {
    fn of(view: &View<'a>) -> Self {
        let View { outcome, inventory, .. } = *view;
        let is_ready = |host: &&HostView<'_>| host.worked.is_some() && !host.is_in_trouble();
        Self {
            outcome,
            inventory,
            summary: outcome.summary(),
            time: words::duration(outcome.duration),
            ready: view.hosts().filter(is_ready).count(),
            planned: outcome.hosts.iter().map(|host| host.changes.len() - host.left()).sum(),
            left: outcome.hosts.iter().map(HostOutcome::left).sum(),
            made: outcome.hosts.iter().map(HostOutcome::made).sum(),
        }
    }

    fn probes_with(&self, status: CheckStatus) -> usize {
        self.outcome.checks.iter().filter(|check| check.status == status).count()
    }

    fn well(&self) -> bool {
        self.troubles().is_none() && self.probes_with(CheckStatus::Fail) == 0
    }

    /// `9 changes`, or `7 of 9 changes` where some were not made.
    fn changes(&self) -> String {
        let planned = words::count(self.planned, "change");
        if self.made == self.planned { planned } else { format!("{} of {planned}", self.made) }
    }

    /// `11 of 11 probes passed`
    fn probes(&self) -> Option<String> {
        let probes = &self.outcome.checks;
        let mut words = format!(
            "{} of {} passed",
            self.probes_with(CheckStatus::Pass),
            words::count(probes.len(), "probe")
        );
        for (status, what) in [(CheckStatus::Fail, "failed"), (CheckStatus::Skip, "not judged")] {
            let number = self.probes_with(status);
            if number > 0 {
                let _ = write!(words, ", {number} {what}");
            }
        }
        (!probes.is_empty()).then_some(words)
    }

    /// `3 hosts`
    fn hosts(&self) -> String {
        words::count(self.summary.hosts, "host")
    }

    /// `1 of 3 hosts failed, 2 unreachable`
    fn troubles(&self) -> Option<String> {
        let hosts = self.hosts();
        match (self.summary.failed, self.summary.unreachable) {
            (0, 0) => None,
            (failed, 0) => Some(format!("{failed} of {hosts} failed")),
            (0, unreachable) => Some(format!("{unreachable} of {hosts} unreachable")),
            (failed, unreachable) => {
                Some(format!("{failed} of {hosts} failed and {unreachable} unreachable"))
            }
        }
    }
}

pub fn write(page: &mut Page<'_>, view: &View<'_>) {
    page.gap();
    let count = Count::of(view);
    if let Some(log) = page.options.log.as_ref().filter(|_| count.troubles().is_some()) {
        page.hang("", Tone::Faint, &format!("Full output of the failed hosts: {}", log.display()));
    }
    match count.outcome.work {
        Work::Fetch => fetch(page, &count),
        _ if count.outcome.interrupted => interrupted(page, &count),
        Work::Plan => plan(page, &count),
        Work::Apply => apply(page, &count),
        Work::Verify => verify(page, &count),
        Work::PlanReset if count.planned > 0 => {
            let undo = words::count(count.planned, "change");
            let line = format!("Reset: {undo} to undo on {} of {}.", count.summary.changed, count.hosts());
            page.line(&page.style.paint(Tone::Strong, line));
            next(page, count.inventory, "reset");
        }
        Work::PlanReset | Work::Reset => reset(page, &count),
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

fn plan(page: &mut Page<'_>, count: &Count<'_>) {
    let Summary { hosts, changed, unreachable, failed, add, change, destroy, .. } = count.summary;
    let seen = hosts - failed - unreachable;
    if let Some(troubles) = count.troubles() {
        sentence(page, false, &format!("{troubles}: the plan says nothing about these."));
    }
    if seen == 0 {
        return;
    }
    if count.planned == 0 {
        let are = if seen == 1 { "is" } else { "are" };
        let seen = words::count(seen, "host");
        sentence(page, true, &format!("No changes: {seen} {are} as the inventory wants."));
        return next(page, count.inventory, "verify");
    }
    let hosts = count.hosts();
    let line =
        format!("Plan: {add} to add, {change} to change, {destroy} to destroy on {changed} of {hosts}.");
    page.line(&page.style.paint(Tone::Strong, line));
    next(page, count.inventory, "apply");
}

fn apply(page: &mut Page<'_>, count: &Count<'_>) {
    let Count { ready, time, .. } = count;
    let hosts = count.hosts();
    let changes = match count.made {
        0 if count.well() => "nothing to change".to_owned(),
        _ => count.changes(),
    };
    let probes = count.probes();
    let what = match &probes {
        Some(probes) => format!("{changes}, {probes}"),
        None => changes,
    };
    if let Some(troubles) = count.troubles() {
        sentence(page, false, &format!("{troubles}, {ready} ready, after {time}: {what}."));
    } else if !count.well() {
        sentence(page, false, &format!("{ready} of {hosts} ready after {time}: {what}."));
    } else {
        sentence(page, true, &format!("{hosts} ready in {time}: {what}."));
        if probes.is_none() {
            next(page, count.inventory, "verify");
        }
    }
    if count.left > 0 {
        let left = words::count(count.left, "thing");
        let line = format!("{left} no longer in the inventory left: `apply --prune` deletes, `plan` shows.");
        page.hang("", Tone::Caution, &line);
    }
}

fn verify(page: &mut Page<'_>, count: &Count<'_>) {
    match count.probes() {
        Some(probes) => sentence(page, count.well(), &format!("{probes}, in {}.", count.time)),
        None => sentence(page, false, "No probe ran."),
    }
}

fn reset(page: &mut Page<'_>, count: &Count<'_>) {
    let (hosts, undone, time) = (count.hosts(), count.changes(), &count.time);
    if let Some(troubles) = count.troubles() {
        sentence(page, false, &format!("{troubles} after {time}: {undone} undone."));
    } else if count.planned == 0 {
        sentence(page, true, &format!("Nothing to undo on {hosts}."));
    } else {
        let all = count.made == count.planned;
        sentence(page, all, &format!("{hosts} reset in {time}: {undone} undone."));
    }
}

/// Whether the packages of all hosts are in the cache now.
fn fetch(page: &mut Page<'_>, count: &Count<'_>) {
    let Summary { hosts, changed, .. } = count.summary;
    let line = if count.outcome.interrupted || !count.well() {
        let failed = count.outcome.hosts.iter().filter(|host| host.failure.is_some()).count();
        format!("the packages of {failed} of {hosts} hosts are not in the cache")
    } else {
        format!("{changed} of {hosts} hosts needed packages; they are in the cache")
    };
    page.line(&line);
}

fn interrupted(page: &mut Page<'_>, count: &Count<'_>) {
    let work = count.outcome.work;
    let done = match work {
        Work::Plan | Work::PlanReset | Work::Fetch => "nothing was changed".to_owned(),
        Work::Verify => count.probes().unwrap_or_else(|| "no probe had ended".to_owned()),
        Work::Apply | Work::Reset => {
            let is_complete =
                |host: &&HostOutcome| host.failure.is_none() && host.made() == host.changes.len();
            let complete = count.outcome.hosts.iter().filter(is_complete).count();
            let planned = words::count(count.planned, "change");
            format!("{} of {planned} made, {complete} of {} complete", count.made, count.hosts())
        }
    };
    sentence(page, false, &format!("Interrupted after {}: {done}.", count.time));
    if work.makes_changes() {
        page.line("What was made stays. The same command again does the rest:");
    }
    next(page, count.inventory, work.into_str());
}
