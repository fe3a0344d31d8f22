//! What did not work, by cause: the hosts, how far they came, the end of their output, and what to do next.

use super::page::Page;
use crate::model::{ChangeResult, HostId, HostOutcome, RunOutcome, Text};
use crate::report::groups::{self, CheckGroup, FailureGroup};
use crate::report::style::Tone;
use crate::report::words;
use std::fmt::Write as _;

/// Lines of remote output that are shown of one host of a group.
const LOG_LINES: usize = 8;
/// Lines of a service's log that are shown of a failed probe.
const CHECK_LOG_LINES: usize = 3;
/// Groups of failed probes that are shown without `-v`.
const MOST_GROUPS: usize = 20;

/// Adds every failure of hosts and of probes. Adds nothing where all went well.
pub fn write(page: &mut Page<'_>, outcome: &RunOutcome) {
    for group in groups::failures(outcome) {
        page.gap();
        failure(page, &group);
    }
    let checks = groups::failed_checks(outcome);
    let shown = if page.shows_all() { checks.len() } else { MOST_GROUPS };
    for group in checks.iter().take(shown) {
        page.gap();
        check(page, group);
    }
    if checks.len() > shown {
        page.gap();
        let note = format!(
            "{} and {} more (-v shows all)",
            page.style.ellipsis(),
            words::count(checks.len() - shown, "failure")
        );
        page.line(&note);
    }
    if page.shows_all() {
        skipped(page, outcome);
    }
}

/// Why probes could not be judged, for those who ask.
fn skipped(page: &mut Page<'_>, outcome: &RunOutcome) {
    let groups = groups::skipped_checks(outcome);
    if !groups.is_empty() {
        page.gap();
    }
    for CheckGroup { check, hosts, .. } in groups {
        let who = super::page::in_words(hosts, 40);
        let lead = format!("{} ", page.style.skip());
        page.hang(&lead, Tone::Faint, &format!("{who}: {}: {}", check.kind.as_str(), check.detail.english()));
    }
}

fn failure(page: &mut Page<'_>, group: &FailureGroup<'_>) {
    let hosts: Vec<&HostId> = group.hosts.iter().map(|host| &host.host).collect();
    paragraph(page, &hosts, "", group.failure.message.english());
    let mut told: Vec<(String, Vec<&HostId>)> = Vec::new();
    for host in &group.hosts {
        let Some(progress) = progress(host) else { continue };
        match told.iter_mut().find(|(known, _)| *known == progress) {
            Some((_, hosts)) => hosts.push(&host.host),
            None => told.push((progress, vec![&host.host])),
        }
    }
    let alike = told.len() == 1;
    for (progress, hosts) in &told {
        if alike {
            page.hang("    ", Tone::Faint, progress);
        } else {
            let names = super::page::in_words(hosts.iter().copied(), 40);
            page.hang("    ", Tone::Faint, &format!("{names}: {progress}"));
        }
    }
    if let Some(host) = group.hosts.iter().find(|host| !host.log_tail.is_empty()) {
        let of = if group.hosts.len() > 1 { format!(" of {}", host.host) } else { String::new() };
        log(page, &format!("last output{of}:"), &host.log_tail, LOG_LINES);
    }
    hints(page, group);
}

/// What to do: once, where all hosts have it; else of the first as an example, or of each under `-v`.
fn hints(page: &mut Page<'_>, group: &FailureGroup<'_>) {
    if group.same_hint {
        return next(page, group.failure.hint.as_ref().map(Text::english));
    }
    let shown = if page.shows_all() { group.hosts.len() } else { 1 };
    for host in group.hosts.iter().take(shown) {
        if let Some(hint) = host.failure.as_ref().and_then(|failure| failure.hint.as_ref()).map(Text::english)
        {
            next(page, Some(&format!("on {}: {hint}", host.host)));
        }
    }
    if shown < group.hosts.len() {
        let others = words::count(group.hosts.len() - shown, "host");
        page.line(&format!(
            "    {}",
            page.style.paint(Tone::Faint, format!("and likewise on {others} (-v shows all)"))
        ));
    }
}

fn check(page: &mut Page<'_>, group: &CheckGroup<'_>) {
    let probe = format!("{}: ", group.check.kind.as_str());
    paragraph(page, &group.hosts, &probe, group.check.detail.english());
    if !group.check.log_tail.is_empty() {
        let on = if group.hosts.len() > 1 { format!(" on {}", group.check.host) } else { String::new() };
        log(page, &format!("the log of its service{on} ends with:"), &group.check.log_tail, CHECK_LOG_LINES);
    }
    match group.check.hint.as_ref().map(Text::english) {
        Some(hint) if !group.same_hint => next(page, Some(&format!("on {}: {hint}", group.check.host))),
        hint => next(page, hint),
    }
}

/// `✗ web02: message`, or `✗ 17 hosts: message` with their names below.
fn paragraph(page: &mut Page<'_>, hosts: &[&HostId], probe: &str, message: &str) {
    let mark = page.style.fail();
    let lead = format!("{mark} ");
    let who = match hosts {
        [host] => host.to_string(),
        hosts => words::count(hosts.len(), "host"),
    };
    page.hang(&lead, Tone::Bad, &format!("{who}: {probe}{message}"));
    if hosts.len() > 1 {
        page.hosts("    ", hosts.iter().copied());
    }
}

/// How far a host came before it failed: `4 of 9 changes made, service:apache2 failed, 4 not done`.
fn progress(host: &HostOutcome) -> Option<String> {
    let with = |wanted: ChangeResult| {
        host.changes
            .iter()
            .filter(move |(_, result)| result.as_ref().is_some_and(|(result, _)| *result == wanted))
            .map(|(change, _)| change.resource.as_str())
            .collect::<Vec<_>>()
    };
    // A change without a result, beside others that have one, was never begun.
    if host.changes.iter().all(|(_, result)| result.is_none()) {
        return None;
    }
    let total = host.changes.len();
    let done = with(ChangeResult::Done).len();
    let mut words = format!("{done} of {} made", words::count(total, "change"));
    for (result, what) in [(ChangeResult::Failed, "failed"), (ChangeResult::RolledBack, "put back as it was")]
    {
        let resources = with(result);
        if !resources.is_empty() {
            let _ = write!(words, "; {what}: {}", resources.join(", "));
        }
    }
    Some(words)
}

/// The end of a log, and under `-v` all of it.
fn log(page: &mut Page<'_>, what: &str, lines: &[Text], most: usize) {
    let shown = if page.shows_all() { lines.len() } else { most.min(lines.len()) };
    page.line(&format!("    {}", page.style.paint(Tone::Faint, what)));
    let bar = if page.style.unicode { "│" } else { "|" };
    for line in lines.iter().skip(lines.len() - shown) {
        let room = page.options.look.width.saturating_sub(6).max(20);
        let line = if page.shows_all() {
            line.english().to_owned()
        } else {
            words::fit(line.english(), room, page.style)
        };
        page.line(&page.style.paint(Tone::Faint, format!("    {bar} {line}")));
    }
}

fn next(page: &mut Page<'_>, hint: Option<&str>) {
    if let Some(hint) = hint {
        let lead = format!("    {} ", page.style.arrow());
        page.hang(&lead, Tone::Accent, hint);
    }
}
