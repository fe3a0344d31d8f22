//! The drill of one cluster: its figures, its chart, and what to do where it did not go well.

use std::time::Duration;

use serde::Serialize;

use super::chart::Chart;
use crate::model::{CheckStatus, DEFAULT_CLUSTER, DrillEnd, DrillMode, DrillOutcome, Measured, Text};
use crate::report::drill::Verdict;
use crate::report::drill::answers::short;
use crate::report::html::seen::State;
use crate::report::vocabulary::Words;
use crate::report::words;

#[derive(Debug, Serialize)]
pub struct ClusterPart {
    /// Its name; the one for hosts at top level has none to show.
    name: String,
    is_named: bool,
    /// Its place on the page.
    anchor: String,
    pub state: State,
    word: &'static str,
    /// What was done to which host.
    done: String,
    /// None where nothing was taken out.
    figures: Vec<Figure>,
    chart: Option<Chart>,
    detail: String,
    hint: Option<String>,
    log: String,
    /// What the search looks at.
    search: String,
}

#[derive(Debug, Serialize)]
struct Figure {
    label: String,
    value: String,
    /// As it should be, or not.
    state: State,
}

impl ClusterPart {
    /// What came of a drill; `number` is its place on the page.
    pub fn new(outcome: &DrillOutcome, number: usize, words: Words) -> Self {
        let drill = &outcome.drill;
        let Verdict { status, detail, hint, log } = Verdict::of(&outcome.end, words);
        let is_broken = matches!(outcome.end, DrillEnd::Broken { .. });
        let word = match status {
            CheckStatus::Pass => words.choose("passed", "passou"),
            CheckStatus::Fail if !is_broken => words.choose("failed", "falhou"),
            CheckStatus::Fail if outcome.timeline.marks.leaving.is_some() => {
                words.choose("broken off", "interrompido")
            }
            CheckStatus::Fail | CheckStatus::Skip => words.choose("not drilled", "não feito"),
        };
        let search = [drill.cluster.as_str(), drill.host.as_str(), word, &detail].join(" ");
        Self {
            name: drill.cluster.clone(),
            is_named: drill.cluster != DEFAULT_CLUSTER,
            anchor: format!("cluster-{number}"),
            state: status.into(),
            word,
            done: done(outcome, words),
            figures: outcome.measured.iter().flat_map(|measured| figures(measured, words)).collect(),
            chart: Chart::new(outcome, words),
            detail,
            hint: hint.map(|hint| words.say(hint)),
            log: words.say(&Text::join(log, "\n")),
            search,
        }
    }
}

/// `web03 was stopped`
fn done(outcome: &DrillOutcome, words: Words) -> String {
    let what = match (outcome.timeline.marks.leaving, outcome.drill.mode) {
        (None, _) => words.choose("nothing was taken out", "nada foi retirado"),
        (Some(_), DrillMode::Stop) => words.choose("Apache2 was stopped", "o Apache2 foi parado"),
        (Some(_), DrillMode::Maintenance) => words.choose("put in maintenance", "posto em manutenção"),
    };
    format!("{}: {what}", short(&outcome.drill.host))
}

fn figures(measured: &Measured, words: Words) -> [Figure; 4] {
    let Measured { requests, lost, longest_gap, out_after, back_after, .. } = *measured;
    let time = |duration| words.time(&words::exact_seconds(duration));
    let figure = |label: &str, value| Figure { label: label.to_owned(), value, state: State::Pass };
    let turn = |name: &str, after: Option<Duration>| match after {
        Some(after) => figure(&words.choose(format!("{name} after"), format!("{name} após")), time(after)),
        None => Figure { state: State::Fail, ..figure(name, words.choose("never", "nunca").to_owned()) },
    };
    let out = turn(words.choose("out of rotation", "fora do rodízio"), out_after);
    let back = turn(words.choose("back in rotation", "de volta ao rodízio"), back_after);
    let share = words.number(&words::share(lost, requests));
    let noun = words.choose("requests lost", "requisições perdidas");
    let of_all = format!("{lost} {} {requests}", words.choose("of", "de"));
    let lost = match lost {
        0 => figure(noun, of_all),
        _ => Figure { state: State::Skip, ..figure(&format!("{noun} ({share})"), of_all) },
    };
    [out, lost, back, figure(words.choose("longest pause", "maior pausa"), time(longest_gap))]
}
