//! Drills in sentences: what is about to be done, and what came of it.

use std::time::Duration;

use crate::model::{CheckStatus, Drill, DrillMode, DrillOutcome, HostId, Measured, Text, clean_line, text};
use crate::report::names;
use crate::report::style::Tone;
use crate::report::text::{Page, TextOptions};
use crate::report::vocabulary::{Noun, Words, say};
use crate::report::words;

use super::chart;
use super::verdict::Verdict;

/// Charts of more clusters than this are shown with `-v` only.
const CHARTS: usize = 4;
/// Longest name list of an intention, in columns.
const NAMES_WIDTH: usize = 400;

/// What is about to be done, before anybody agrees to it.
pub fn drill_intention(drills: &[Drill], hold: Duration, restore_after: Duration) -> Text {
    let hosts: Vec<&HostId> = drills.iter().map(|drill| &drill.host).collect();
    let hosts = clean_line(&names::compress(hosts).join(", "), NAMES_WIDTH);
    let what = match drills.first().map(|drill| drill.mode) {
        Some(DrillMode::Maintenance) => {
            text!(en: "HAProxy will stop using {hosts}", pt: "o HAProxy vai deixar de usar {hosts}")
        }
        _ => text!(en: "apache2 will be stopped on {hosts}", pt: "o apache2 vai parar em {hosts}"),
    };
    let [hold, limit] = [hold, restore_after].map(|time| Text::number(&words::short_seconds(time)));
    text!(
        en: "{what}, for {hold} once HAProxy has noticed; after {limit} at the latest the host itself brings it back.",
        pt: "{what}, por {hold} depois que o HAProxy perceber; em no máximo {limit} a própria máquina traz tudo de volta.",
        what, hold, limit
    )
}

/// The result: a line and a chart for each cluster, troubles explained, one sentence at the end.
pub fn drill_text(outcomes: &[DrillOutcome], duration: Duration, options: &TextOptions) -> String {
    let mut page = Page::new(options);
    let (style, words) = (page.style, page.words);
    let with_charts = outcomes.len() <= CHARTS || page.shows_all();
    let mut passed = 0;
    for outcome in outcomes {
        let verdict = Verdict::of(&outcome.end, words);
        let (mark, tone) = match verdict.status {
            CheckStatus::Pass => (style.pass(), Tone::Good),
            CheckStatus::Skip => (style.skip(), Tone::Caution),
            CheckStatus::Fail => (style.fail(), Tone::Bad),
        };
        let headline = headline(outcome, words, if style.unicode { " · " } else { ", " });
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
    let drills = words.choose(
        Noun::new("drill passed", "drills passed"),
        Noun::new("exercício de queda passou", "exercícios de queda passaram"),
    );
    let (drills, time) = (drills.count(outcomes.len()), words.duration(duration));
    page.line(&say!(words, en: "{passed} of {drills}, in {time}.", pt: "{passed} de {drills}, em {time}."));
    page.finish()
}

/// `ana: web03 stopped · out of rotation after 4.1 s · 7 of 412 requests lost (1.7%) · back after 2.0 s`
fn headline(outcome: &DrillOutcome, words: Words, separator: &str) -> String {
    let drill = &outcome.drill;
    let Some(measured) = &outcome.measured else {
        let began = outcome.timeline.marks.leaving.is_some();
        let what = if began {
            words.choose("broken off", "interrompido no meio")
        } else {
            words.choose("not drilled", "exercício não feito")
        };
        return format!("{}: {what}", drill.host);
    };
    let done = match drill.mode {
        DrillMode::Stop => words.choose("stopped", "parada"),
        DrillMode::Maintenance => words.choose("in maintenance", "em manutenção"),
    };
    let mut parts = vec![format!("{}: {done}", drill.host)];
    parts.push(match measured.out_after {
        Some(after) => {
            let time = words.exact_seconds(after);
            say!(words, en: "out of rotation after {time}", pt: "fora do rodízio após {time}")
        }
        None => words.choose("never out of rotation", "nunca fora do rodízio").to_owned(),
    });
    parts.push(loss(measured, words));
    parts.push(match measured.back_after {
        Some(after) => {
            let time = words.exact_seconds(after);
            say!(words, en: "back after {time}", pt: "de volta após {time}")
        }
        None => words.choose("not back", "não voltou").to_owned(),
    });
    let pause = words.exact_seconds(measured.longest_gap);
    parts.push(say!(words, en: "longest pause {pause}", pt: "maior pausa {pause}"));
    parts.join(separator)
}

fn loss(measured: &Measured, words: Words) -> String {
    let Measured { requests, lost, .. } = *measured;
    let (share, requests) =
        (words.number(&words::share(lost, requests)), words.request_noun().count(requests));
    if lost == 0 {
        return say!(words, en: "none of {requests} lost", pt: "nenhuma de {requests} perdida");
    }
    let are_lost = words.choose(Noun::new("lost", "lost"), Noun::new("perdida", "perdidas")).of(lost);
    say!(
        words,
        en: "{lost} of {requests} {are_lost} ({share})",
        pt: "{lost} de {requests} {are_lost} ({share})",
    )
}

/// Why a drill did not pass, and what to do next.
fn explain(page: &mut Page<'_>, verdict: &Verdict<'_>) {
    page.hang("    ", Tone::Bad, &verdict.detail);
    if let Some(hint) = verdict.hint {
        let arrow = format!("    {} ", page.style.arrow());
        page.hang(&arrow, Tone::Accent, &page.words.say(hint));
    }
    for line in verdict.log {
        page.line(&format!("      {}", page.style.paint(Tone::Faint, page.words.say(line))));
    }
}
