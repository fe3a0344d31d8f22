//! The text of work on hosts.

use super::page::{Page, TextOptions};
use super::{changes, failures, matrix, timings, verdict};
use crate::model::{ChangeResult, HostId, HostOutcome, HostStatus, RunOutcome, Work};
use crate::report::style::Tone;
use crate::report::view::View;
use crate::report::vocabulary::{Words, say};
use crate::report::{groups, names};

/// What a run did or would do: changes by alike hosts, troubles, a table of the probes, and one sentence.
pub fn run_text(view: &View<'_>, options: &TextOptions) -> String {
    let outcome = view.outcome;
    let mut page = Page::new(options);
    let words = page.words;
    match outcome.work {
        Work::Fetch => {
            failures::write(&mut page, view);
            verdict::write(&mut page, view);
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
    let warnings = outcome
        .hosts
        .iter()
        .flat_map(|host| host.warnings.iter().map(|warning| (words.say(warning), &host.host)));
    page.tell(words.choose("warning: ", "aviso: "), Tone::Caution, warnings);
    failures::write(&mut page, view);
    if outcome.work.makes_changes() && outcome.interrupted {
        let well = outcome.hosts.iter().filter(|host| host.failure.is_none());
        let left = well.filter_map(|host| Some((left_undone(host, words)?, &host.host)));
        let lead = format!("{} ", page.style.skip());
        page.tell(&lead, Tone::Caution, left);
    }
    if matches!(outcome.work, Work::Apply | Work::Verify) {
        matrix::write(&mut page, view);
    }
    timings::write(&mut page, outcome);
    verdict::write(&mut page, view);
    page.finish()
}

fn without_changes(page: &mut Page<'_>, outcome: &RunOutcome) {
    let is_same = |host: &&HostOutcome| host.status == HostStatus::Ok && host.changes.is_empty();
    let same: Vec<&HostId> = outcome.hosts.iter().filter(is_same).map(|host| &host.host).collect();
    if !same.is_empty() && same.len() < outcome.hosts.len() {
        page.gap();
        let lead = page.words.choose("No changes: ", "Sem mudanças: ");
        page.hang(lead, Tone::Faint, &names::compress(same).join(", "));
    }
}

fn all_changes(page: &mut Page<'_>, outcome: &RunOutcome, with_diffs: bool) {
    for hosts in groups::changes(outcome) {
        page.gap();
        changes::write(page, &hosts, with_diffs);
    }
}

/// `1 of 4 changes made; not done: package:apache2 and 2 more`
fn left_undone(host: &HostOutcome, words: Words) -> Option<String> {
    let left: Vec<&str> = host
        .changes
        .iter()
        .filter(|(_, result)| matches!(result, None | Some((ChangeResult::NotRun, _))))
        .map(|(change, _)| change.resource.as_str())
        .collect();
    let first = left.first()?;
    let made = host.made();
    let (more, others) = (left.len() > 1, left.len() - 1);
    let more =
        if more { say!(words, en: " and {others} more", pt: " e mais {others}") } else { String::new() };
    let planned = words.changes(host.changes.len());
    Some(say!(
        words,
        en: "{made} of {planned} made; not done: {first}{more}",
        pt: "{made} de {planned} feitas; por fazer: {first}{more}",
    ))
}
