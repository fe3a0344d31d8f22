//! What did not work, by cause: the hosts, how far they came, the end of their output, and what to do next.

use std::fmt::Write as _;

use super::page::{Page, in_words};
use crate::model::{ChangeResult, Check, CheckStatus, HostId, HostOutcome, Text};
use crate::report::groups::{self, Case, Trouble, alike};
use crate::report::style::Tone;
use crate::report::view::View;
use crate::report::words;

/// Lines of remote output that are shown of one host of a group.
const LOG_LINES: usize = 8;
/// Lines of a service's log that are shown of a failed probe.
const CHECK_LOG_LINES: usize = 3;
/// Groups of failed probes that are shown without `-v`.
const MOST_GROUPS: usize = 20;

/// Adds every failure of hosts and of probes. Adds nothing where all went well.
pub fn write(page: &mut Page<'_>, view: &View<'_>) {
    let troubles = groups::troubles(view);
    let failures = troubles.iter().filter(|trouble| trouble.probe.is_none()).count();
    let shown = if page.shows_all() { troubles.len() } else { failures + MOST_GROUPS };
    for trouble in troubles.iter().take(shown) {
        page.gap();
        write_one(page, trouble);
    }
    if troubles.len() > shown {
        page.gap();
        let left = words::count(troubles.len() - shown, "failure");
        page.line(&format!("{} and {left} more (-v shows all)", page.style.ellipsis()));
    }
    if page.shows_all() {
        // Why probes could not be judged, for those who ask.
        let mut skipped: Vec<_> = view.hosts().flat_map(|host| host.judged(CheckStatus::Skip)).collect();
        skipped.sort_by_key(|check| check.kind);
        let told = |check: &'_ Check| format!("{}: {}", check.kind.as_str(), check.detail.english());
        let lead = format!("{} ", page.style.skip());
        page.tell(&lead, Tone::Faint, skipped.into_iter().map(|check| (told(check), &check.host)));
    }
}

fn write_one(page: &mut Page<'_>, trouble: &Trouble<'_>) {
    let hosts: Vec<&HostId> = trouble.hosts().collect();
    let lead = format!("{} ", page.style.fail());
    let probe = trouble.probe.map_or(String::new(), |kind| format!("{}: ", kind.as_str()));
    page.of_hosts(&lead, Tone::Bad, &hosts, &format!("{probe}{}", trouble.message.english()));
    let told = alike(trouble.cases.iter().filter_map(|case| Some((progress(case.work?)?, case.host))));
    for (progress, hosts) in &told {
        let names = if told.len() > 1 { in_words(hosts.iter().copied(), 40) + ": " } else { String::new() };
        page.hang("    ", Tone::Faint, &format!("{names}{progress}"));
    }
    if let Some(case) = trouble.cases.iter().find(|case| !case.log.is_empty()) {
        let is_of = |on: &str| if hosts.len() > 1 { format!(" {on} {}", case.host) } else { String::new() };
        let (what, most) = if case.is_of_service {
            (format!("the log of its service{} ends with:", is_of("on")), CHECK_LOG_LINES)
        } else {
            (format!("last output{}:", is_of("of")), LOG_LINES)
        };
        page.log(&what, case.log, most);
    }
    hints(page, trouble);
}

/// What to do: once, where all hosts have it; else of the first as an example, or of each under `-v`.
fn hints(page: &mut Page<'_>, trouble: &Trouble<'_>) {
    let lead = format!("    {} ", page.style.arrow());
    let is_same = trouble.has_one_hint();
    let shown = if page.shows_all() && !is_same { trouble.cases.len() } else { 1 };
    for Case { host, hint, .. } in trouble.cases.iter().take(shown) {
        let Some(hint) = hint.map(Text::english) else { continue };
        let whose = if is_same { String::new() } else { format!("on {host}: ") };
        page.hang(&lead, Tone::Accent, &format!("{whose}{hint}"));
    }
    if shown < trouble.cases.len() && !is_same {
        let others = words::count(trouble.cases.len() - shown, "host");
        let note = page.style.paint(Tone::Faint, format!("and likewise on {others} (-v shows all)"));
        page.line(&format!("    {note}"));
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
    let mut words = format!("{} of {} made", host.made(), words::count(host.changes.len(), "change"));
    for (result, what) in [(ChangeResult::Failed, "failed"), (ChangeResult::RolledBack, "put back as it was")]
    {
        let resources = with(result);
        if !resources.is_empty() {
            let _ = write!(words, "; {what}: {}", resources.join(", "));
        }
    }
    Some(words)
}
