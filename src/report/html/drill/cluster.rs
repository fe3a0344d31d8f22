//! The drill of one cluster: its figures, its chart, and what to do where it did not go well.

use serde::Serialize;

use super::chart::Chart;
use crate::model::{CheckStatus, DEFAULT_CLUSTER, DrillEnd, DrillMode, DrillOutcome, Measured, Text};
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
        let (state, detail, hint, log) = match &outcome.end {
            DrillEnd::Judged { status, detail, hint } => {
                (State::from(*status), words.say(detail), hint, [].as_slice())
            }
            DrillEnd::Broken { host, failure, log_tail } => (
                State::Fail,
                format!("{host}: {}", words.say(&failure.message)),
                &failure.hint,
                log_tail.as_slice(),
            ),
        };
        let word = match (&outcome.end, outcome.timeline.marks.leaving) {
            (DrillEnd::Judged { status: CheckStatus::Pass, .. }, _) => words.choose("passed", "passou"),
            (DrillEnd::Judged { status: CheckStatus::Fail, .. }, _) => words.choose("failed", "falhou"),
            (DrillEnd::Judged { status: CheckStatus::Skip, .. }, _) | (DrillEnd::Broken { .. }, None) => {
                words.choose("not drilled", "não feito")
            }
            (DrillEnd::Broken { .. }, Some(_)) => words.choose("broken off", "interrompido"),
        };
        let hint = hint.as_ref().map(|hint| words.say(hint));
        let search = [drill.cluster.as_str(), drill.host.as_str(), word, &detail].join(" ");
        Self {
            name: drill.cluster.clone(),
            is_named: drill.cluster != DEFAULT_CLUSTER,
            anchor: format!("cluster-{number}"),
            state,
            word,
            done: done(outcome, words),
            figures: outcome
                .measured
                .as_ref()
                .map(|measured| figures(measured, words).into())
                .unwrap_or_default(),
            chart: Chart::new(outcome, words),
            detail,
            hint,
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
    let missed = |label: &str, value: &str| Figure { state: State::Fail, ..figure(label, value.to_owned()) };
    let out = out_after.map_or_else(
        || missed(words.choose("out of rotation", "fora do rodízio"), words.choose("never", "nunca")),
        |after| figure(words.choose("out of rotation after", "fora do rodízio após"), time(after)),
    );
    let back = back_after.map_or_else(
        || missed(words.choose("back in rotation", "de volta ao rodízio"), words.choose("never", "nunca")),
        |after| figure(words.choose("back in rotation after", "de volta ao rodízio após"), time(after)),
    );
    let share = words.number(&words::share(lost, requests));
    let noun = words.choose("requests lost", "requisições perdidas");
    let of_all = format!("{lost} {} {requests}", words.choose("of", "de"));
    let lost = match lost {
        0 => figure(noun, of_all),
        _ => Figure { state: State::Skip, ..figure(&format!("{noun} ({share})"), of_all) },
    };
    [out, lost, back, figure(words.choose("longest pause", "maior pausa"), time(longest_gap))]
}
