//! The result of `doctor`: findings, alike ones together, and whether the class can begin.

use super::page::{Page, TextOptions, in_words};
use super::verdict::{next, sentence};
use crate::model::{Inventory, PreflightOutcome, Severity};
use crate::report::groups::{self, FindingGroup};
use crate::report::style::Tone;
use crate::report::words;

/// Hosts of one cause that are told one by one without `-v`, where they differ.
const MOST_HOSTS: usize = 4;
/// Lines that are shown of what a host said.
const LOG_LINES: usize = 8;

pub fn doctor_text(outcome: &PreflightOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    let mut page = Page::new(options);
    let least = if page.shows_all() { Severity::Note } else { Severity::Warning };
    let groups = groups::findings(&outcome.findings);
    for group in groups.iter().filter(|group| group.first.severity >= least) {
        page.gap();
        write_group(&mut page, group);
    }
    page.gap();
    verdict(&mut page, outcome, &groups, inventory);
    page.finish()
}

fn write_group(page: &mut Page<'_>, group: &FindingGroup<'_>) {
    let (mark, tone) = match group.first.severity {
        Severity::Fatal => (page.style.fail(), Tone::Bad),
        Severity::Warning => ("!", Tone::Caution),
        Severity::Note => (page.style.skip(), Tone::Faint),
    };
    let lead = format!("{mark} ");
    match &group.seen[..] {
        [(seen, hosts)] => {
            let seen = seen.english();
            let names_them = hosts.len() > 1 && hosts.iter().all(|host| seen.contains(host.as_str()));
            if names_them {
                page.hang(&lead, tone, seen);
            } else {
                page.of_hosts(&lead, tone, hosts, seen);
            }
        }
        all => {
            let hosts = group.hosts().len();
            let title = group.first.kind.title();
            page.hang(&lead, tone, &format!("{}: {}", words::count(hosts, "host"), title.english()));
            let shown = if page.shows_all() { all.len() } else { MOST_HOSTS };
            for (seen, hosts) in all.iter().take(shown) {
                let seen = seen.english();
                page.hang("    ", tone, &format!("{}: {seen}", in_words(hosts.iter().copied(), 40)));
            }
            if all.len() > shown {
                let left: usize = all.iter().skip(shown).map(|(_, hosts)| hosts.len()).sum();
                let more = format!("{} and {left} more (-v shows all)", page.style.ellipsis());
                page.line(&format!("    {}", page.style.paint(Tone::Faint, more)));
            }
        }
    }
    page.hang("    ", Tone::Faint, group.first.means.english());
    if !group.first.said.is_empty() {
        let of = if group.seen.len() > 1 { format!(" of {}", group.first.host) } else { String::new() };
        page.log(&format!("last output{of}:"), &group.first.said, LOG_LINES);
    }
    let whose = if group.same_mend { String::new() } else { format!("on {}: ", group.first.host) };
    let arrow = format!("    {} ", page.style.arrow());
    page.hang(&arrow, Tone::Accent, &format!("{whose}{}", group.first.mend.english()));
}

fn verdict(
    page: &mut Page<'_>,
    outcome: &PreflightOutcome,
    groups: &[FindingGroup<'_>],
    inventory: &Inventory,
) {
    let time = words::duration(outcome.duration);
    let hosts = words::count(outcome.hosts.len(), "host");
    let of = |severity, noun: &str| {
        let count = groups.iter().filter(|group| group.first.severity == severity).count();
        (count > 0).then(|| words::count(count, noun))
    };
    let warnings = of(Severity::Warning, "warning");
    if outcome.interrupted {
        sentence(page, false, &format!("Interrupted after {time}: not all of {hosts} were examined."));
        return next(page, inventory, "doctor");
    }
    let unfit = outcome.unfit();
    if unfit.is_empty() {
        let ending =
            warnings.map_or_else(|| "nothing stands in the way".to_owned(), |count| format!("with {count}"));
        sentence(page, true, &format!("Ready for class: {hosts} examined in {time}, {ending}."));
    } else {
        let and_warnings = warnings.map_or_else(String::new, |count| format!(" and {count}"));
        let count = of(Severity::Fatal, "fatal finding").unwrap_or_default();
        let line = format!("{} of {hosts} not ready: {count}{and_warnings}, in {time}.", unfit.len());
        sentence(page, false, &line);
    }
    if let Some(notes) = of(Severity::Note, "note").filter(|_| !page.shows_all()) {
        page.line(&page.style.paint(Tone::Faint, format!("{notes} more (-v shows all)")));
    }
    next(page, inventory, if unfit.is_empty() { "apply" } else { "doctor" });
}
