//! Drills in sentences: what is about to be done, and what came of it.

use std::time::Duration;

use crate::model::{CheckStatus, Drill, DrillMode, DrillOutcome, HostId, Language, Measured, clean_line};
use crate::report::names;
use crate::report::style::Tone;
use crate::report::text::{Page, TextOptions};
use crate::report::vocabulary::Words;
use crate::report::words;

use super::chart;
use super::verdict::Verdict;

/// Charts of more clusters than this are shown with `-v` only.
const CHARTS: usize = 4;
/// Longest name list of an intention, in columns.
const NAMES_WIDTH: usize = 400;

/// What is about to be done, before anybody agrees to it.
pub fn drill_intention(drills: &[Drill], hold: Duration, restore_after: Duration) -> String {
    let hosts: Vec<&HostId> = drills.iter().map(|drill| &drill.host).collect();
    let hosts = clean_line(&names::compress(hosts).join(", "), NAMES_WIDTH);
    let what = match drills.first().map(|drill| drill.mode) {
        Some(DrillMode::Maintenance) => format!("HAProxy will stop using {hosts}"),
        _ => format!("apache2 will be stopped on {hosts}"),
    };
    format!(
        "{what}, for {} once HAProxy has noticed; after {} at the latest the host itself brings it back.",
        words::short_seconds(hold),
        words::short_seconds(restore_after)
    )
}

/// The result: a line and a chart for each cluster, troubles explained, one sentence at the end.
pub fn drill_text(outcomes: &[DrillOutcome], duration: Duration, options: &TextOptions) -> String {
    let mut page = Page::new(options);
    let style = page.style;
    let with_charts = outcomes.len() <= CHARTS || page.shows_all();
    let mut passed = 0;
    for outcome in outcomes {
        let verdict = Verdict::of(&outcome.end, Words(Language::English));
        let (mark, tone) = match verdict.status {
            CheckStatus::Pass => (style.pass(), Tone::Good),
            CheckStatus::Skip => (style.skip(), Tone::Caution),
            CheckStatus::Fail => (style.fail(), Tone::Bad),
        };
        let headline = headline(outcome, if style.unicode { " · " } else { ", " });
        page.hang(&format!("{mark} "), tone, &headline);
        match verdict.status {
            CheckStatus::Pass => passed += 1,
            CheckStatus::Skip | CheckStatus::Fail => explain(&mut page, &verdict),
        }
        if with_charts && !outcome.timeline.samples.is_empty() {
            page.gap();
            for line in chart::lines(outcome, options.look.width, style) {
                page.line(&line);
            }
            page.gap();
        }
    }
    page.gap();
    let drills = words::count(outcomes.len(), "drill");
    page.line(&format!("{passed} of {drills} passed, in {}.", words::duration(duration)));
    page.finish()
}

/// `ana: web03 stopped · out of rotation after 4.1 s · 7 of 412 requests lost (1.7%) · back after 2.0 s`
fn headline(outcome: &DrillOutcome, separator: &str) -> String {
    let drill = &outcome.drill;
    let Some(measured) = &outcome.measured else {
        let began = outcome.timeline.marks.leaving.is_some();
        return format!("{}: {}", drill.host, if began { "broken off" } else { "not drilled" });
    };
    let done = match drill.mode {
        DrillMode::Stop => "stopped",
        DrillMode::Maintenance => "in maintenance",
    };
    let mut parts = vec![format!("{}: {done}", drill.host)];
    parts.push(match measured.out_after {
        Some(after) => format!("out of rotation after {}", words::exact_seconds(after)),
        None => "never out of rotation".to_owned(),
    });
    parts.push(loss(measured));
    parts.push(match measured.back_after {
        Some(after) => format!("back after {}", words::exact_seconds(after)),
        None => "not back".to_owned(),
    });
    parts.push(format!("longest pause {}", words::exact_seconds(measured.longest_gap)));
    parts.join(separator)
}

fn loss(measured: &Measured) -> String {
    let Measured { requests, lost, .. } = *measured;
    if lost == 0 {
        return format!("none of {} lost", words::count(requests, "request"));
    }
    let share = words::share(lost, requests);
    format!("{lost} of {} lost ({share})", words::count(requests, "request"))
}

/// Why a drill did not pass, and what to do next.
fn explain(page: &mut Page<'_>, verdict: &Verdict<'_>) {
    page.hang("    ", Tone::Bad, &verdict.detail);
    if let Some(hint) = verdict.hint {
        let arrow = format!("    {} ", page.style.arrow());
        page.hang(&arrow, Tone::Accent, hint.english());
    }
    for line in verdict.log {
        page.line(&format!("      {}", page.style.paint(Tone::Faint, line.english())));
    }
}
