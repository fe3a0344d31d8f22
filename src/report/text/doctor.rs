//! The result of `doctor`: findings, alike ones together, and whether the class can begin.

use super::page::{Page, TextOptions};
use super::verdict::{next, sentence};
use crate::model::{Inventory, PreflightOutcome, Severity};
use crate::report::groups::{self, FindingGroup};
use crate::report::style::Tone;
use crate::report::vocabulary::{Noun, say};

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
    let words = page.words;
    let (mark, tone) = match group.first.severity {
        Severity::Fatal => (page.style.fail(), Tone::Bad),
        Severity::Warning => ("!", Tone::Caution),
        Severity::Note => (page.style.skip(), Tone::Faint),
    };
    let lead = format!("{mark} ");
    match &group.seen[..] {
        [(seen, hosts)] => {
            let seen = words.say(seen);
            let names_them = hosts.len() > 1 && hosts.iter().all(|host| seen.contains(host.as_str()));
            if names_them {
                page.hang(&lead, tone, &seen);
            } else {
                page.of_hosts(&lead, tone, hosts, &seen);
            }
        }
        all => {
            let hosts = group.hosts().len();
            let title = group.first.kind.title();
            page.hang(&lead, tone, &format!("{}: {}", words.hosts(hosts), words.say(&title)));
            let shown = if page.shows_all() { all.len() } else { MOST_HOSTS };
            for (seen, hosts) in all.iter().take(shown) {
                let (hosts, seen) = (page.in_words(hosts.iter().copied(), 40), words.say(seen));
                page.hang("    ", tone, &format!("{hosts}: {seen}"));
            }
            if all.len() > shown {
                let left: usize = all.iter().skip(shown).map(|(_, hosts)| hosts.len()).sum();
                page.line(&format!("    {}", page.style.paint(Tone::Faint, page.and_more(left))));
            }
        }
    }
    page.hang("    ", Tone::Faint, &words.say(&group.first.means));
    if !group.first.said.is_empty() {
        let host = &group.first.host;
        let what = if group.seen.len() > 1 {
            say!(words, en: "last output of {host}:", pt: "última saída de {host}:")
        } else {
            words.choose("last output:", "última saída:").to_owned()
        };
        page.log(&what, &group.first.said, LOG_LINES);
    }
    let host = &group.first.host;
    let whose =
        if group.same_mend { String::new() } else { say!(words, en: "on {host}: ", pt: "em {host}: ") };
    let arrow = format!("    {} ", page.style.arrow());
    page.hang(&arrow, Tone::Accent, &format!("{whose}{}", words.say(&group.first.mend)));
}

fn verdict(
    page: &mut Page<'_>,
    outcome: &PreflightOutcome,
    groups: &[FindingGroup<'_>],
    inventory: &Inventory,
) {
    let words = page.words;
    let time = words.duration(outcome.duration);
    let hosts = words.hosts(outcome.hosts.len());
    let of = |severity| {
        let count = groups.iter().filter(|group| group.first.severity == severity).count();
        (count > 0).then(|| words.severity_noun(severity).count(count))
    };
    let warnings = of(Severity::Warning);
    if outcome.interrupted {
        let line = say!(
            words,
            en: "Interrupted after {time}: not all of {hosts} were examined.",
            pt: "Interrompido após {time}: nem todas as {hosts} foram examinadas.",
        );
        sentence(page, false, &line);
        return next(page, inventory, "doctor");
    }
    let unfit = outcome.unfit();
    if unfit.is_empty() {
        let ending = match warnings {
            None => words.choose("nothing stands in the way", "nada impede a aula").to_owned(),
            Some(count) => say!(words, en: "with {count}", pt: "com {count}"),
        };
        let are_examined = Noun::new("examinada", "examinadas").of(outcome.hosts.len());
        let line = say!(
            words,
            en: "Ready for class: {hosts} examined in {time}, {ending}.",
            pt: "Tudo pronto para a aula: {hosts} {are_examined} em {time}, {ending}.",
        );
        sentence(page, true, &line);
    } else {
        let and_warnings =
            warnings.map_or_else(String::new, |count| say!(words, en: " and {count}", pt: " e {count}"));
        let count = of(Severity::Fatal).unwrap_or_default();
        let (unfit, are_ready) = (unfit.len(), words.ready_noun().of(unfit.len()));
        let line = say!(
            words,
            en: "{unfit} of {hosts} not ready: {count}{and_warnings}, in {time}.",
            pt: "{unfit} de {hosts} não {are_ready}: {count}{and_warnings}, em {time}.",
        );
        sentence(page, false, &line);
    }
    if let Some(notes) = of(Severity::Note).filter(|_| !page.shows_all()) {
        let line = say!(words, en: "{notes} more (-v shows all)", pt: "mais {notes} (-v mostra tudo)");
        page.line(&page.style.paint(Tone::Faint, line));
    }
    let command = match unfit.is_empty() {
        true if outcome.converged => "verify",
        true => "apply",
        false => "doctor",
    };
    next(page, inventory, command);
}
