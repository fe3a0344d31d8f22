//! What did not work, by cause: the hosts, how far they came, the end of their output, and what to do next.

use std::fmt::Write as _;

use super::page::Page;
use crate::model::{ChangeResult, Check, CheckStatus, HostId, HostOutcome};
use crate::report::groups::{self, Case, Trouble, alike};
use crate::report::style::Tone;
use crate::report::view::View;
use crate::report::vocabulary::{Noun, Words, say};

/// Lines of remote output that are shown of one host of a group.
const LOG_LINES: usize = 8;
/// Lines of a service's log that are shown of a failed probe.
const CHECK_LOG_LINES: usize = 3;
/// Groups of failed probes that are shown without `-v`.
const MOST_GROUPS: usize = 20;

/// Adds every failure of hosts and of probes. Adds nothing where all went well.
pub fn write(page: &mut Page<'_>, view: &View<'_>) {
    let words = page.words;
    let troubles = groups::troubles(view);
    let failures = troubles.iter().filter(|trouble| trouble.probe.is_none()).count();
    let shown = if page.shows_all() { troubles.len() } else { failures + MOST_GROUPS };
    for trouble in troubles.iter().take(shown) {
        page.gap();
        write_one(page, trouble);
    }
    if troubles.len() > shown {
        page.gap();
        let failures = page.words.choose(Noun::new("failure", "failures"), Noun::new("falha", "falhas"));
        let left = failures.count(troubles.len() - shown);
        page.line(&page.and_more(left));
    }
    if page.shows_all() {
        // Why probes could not be judged, for those who ask.
        let mut skipped: Vec<_> = view.hosts().flat_map(|host| host.judged(CheckStatus::Skip)).collect();
        skipped.sort_by_key(|check| check.kind);
        let told = |check: &'_ Check| format!("{}: {}", check.kind.as_str(), words.say(&check.detail));
        let lead = format!("{} ", page.style.skip());
        page.tell(&lead, Tone::Faint, skipped.into_iter().map(|check| (told(check), &check.host)));
    }
}

fn write_one(page: &mut Page<'_>, trouble: &Trouble<'_>) {
    let words = page.words;
    let hosts: Vec<&HostId> = trouble.hosts().collect();
    let lead = format!("{} ", page.style.fail());
    let probe = trouble.probe.map_or(String::new(), |kind| format!("{}: ", kind.as_str()));
    page.of_hosts(&lead, Tone::Bad, &hosts, &format!("{probe}{}", words.say(trouble.message)));
    let told = alike(trouble.cases.iter().filter_map(|case| Some((progress(case.work?, words)?, case.host))));
    for (progress, hosts) in &told {
        let names =
            if told.len() > 1 { page.in_words(hosts.iter().copied(), 40) + ": " } else { String::new() };
        page.hang("    ", Tone::Faint, &format!("{names}{progress}"));
    }
    if let Some(case) = trouble.cases.iter().find(|case| !case.log.is_empty()) {
        let is_of = |on: &str| if hosts.len() > 1 { format!(" {on} {}", case.host) } else { String::new() };
        let (on, of) = (is_of(words.choose("on", "em")), is_of(words.choose("of", "de")));
        let (what, most) = if case.is_of_service {
            let what = say!(
                words,
                en: "the log of its service{on} ends with:",
                pt: "o log do serviço{on} termina com:",
            );
            (what, CHECK_LOG_LINES)
        } else {
            (say!(words, en: "last output{of}:", pt: "última saída{of}:"), LOG_LINES)
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
        let Some(hint) = hint.map(|hint| page.words.say(hint)) else { continue };
        let whose =
            if is_same { String::new() } else { say!(page.words, en: "on {host}: ", pt: "em {host}: ") };
        page.hang(&lead, Tone::Accent, &format!("{whose}{hint}"));
    }
    if shown < trouble.cases.len() && !is_same {
        let others = page.words.hosts(trouble.cases.len() - shown);
        let note = say!(
            page.words,
            en: "and likewise on {others} (-v shows all)",
            pt: "e da mesma forma em {others} (-v mostra tudo)",
        );
        let note = page.style.paint(Tone::Faint, note);
        page.line(&format!("    {note}"));
    }
}

/// How far a host came before it failed: `4 of 9 changes made, service:apache2 failed, 4 not done`.
fn progress(host: &HostOutcome, words: Words) -> Option<String> {
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
    let (made, planned) = (host.made(), words.changes(host.changes.len()));
    let mut told = say!(words, en: "{made} of {planned} made", pt: "{made} de {planned} feitas");
    for (result, what) in [
        (ChangeResult::Failed, words.choose("failed", "falhou")),
        (ChangeResult::RolledBack, words.choose("put back as it was", "voltou ao que era")),
    ] {
        let resources = with(result);
        if !resources.is_empty() {
            let _ = write!(told, "; {what}: {}", resources.join(", "));
        }
    }
    Some(told)
}
