//! Where the time of a run went: a bar for each host, as wide as the page.

use std::time::Duration;

use serde::Serialize;

use crate::model::{HostTiming, Phase, RunOutcome, Slowest, Span};
use crate::report::vocabulary::Words;
use crate::report::words;

/// How wide the bars' own coordinates are.
const WIDTH: f64 = 1000.0;
/// What is drawn at least, in those coordinates.
const LEAST: f64 = 1.0;

#[derive(Debug, Serialize)]
pub struct Timeline {
    title: String,
    bars: Vec<Bar>,
    legend: Vec<Kind>,
    /// Who took much longer than usual, and why.
    slowest: Option<String>,
}

/// A colour, and what it stands for.
#[derive(Debug, Serialize)]
struct Kind {
    kind: &'static str,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Bar {
    host: String,
    time: String,
    spans: Vec<Piece>,
}

#[derive(Debug, Serialize)]
struct Piece {
    kind: &'static str,
    x: String,
    width: String,
    title: String,
}

impl Timeline {
    /// `None` where nobody asked for it.
    pub fn new(outcome: &RunOutcome, words: Words) -> Option<Self> {
        let end = outcome.timings.iter().map(HostTiming::end).max()?;
        let took = time(end, words);
        Some(Self {
            title: words.choose("Where the time went", "Para onde foi o tempo").to_owned() + ": " + &took,
            bars: outcome.timings.iter().map(|timing| Bar::new(timing, end, words)).collect(),
            legend: legend(words),
            slowest: Slowest::among(&outcome.timings).map(|slowest| sentence(&slowest, words)),
        })
    }
}

impl Bar {
    fn new(timing: &HostTiming, end: Duration, words: Words) -> Self {
        Self {
            host: timing.host.to_string(),
            time: time(timing.busy(), words),
            spans: timing.spans.iter().map(|span| Piece::new(span, end, words)).collect(),
        }
    }
}

impl Piece {
    fn new(span: &Span, end: Duration, words: Words) -> Self {
        let part = |moment: Duration| moment.as_secs_f64() / end.as_secs_f64().max(f64::EPSILON) * WIDTH;
        Self {
            kind: span.phase.kind(),
            x: format!("{:.1}", part(span.from)),
            width: format!("{:.1}", part(span.took()).max(LEAST)),
            title: format!("{} {}", name(&span.phase, words), time(span.took(), words)),
        }
    }
}

fn legend(words: Words) -> Vec<Kind> {
    let kinds = [
        ("connect", words.choose("connecting", "conexão")),
        ("login", words.choose("logging in", "login")),
        ("look", words.choose("looking", "inspeção")),
        ("change", words.choose("changes", "mudanças")),
        ("probe", words.choose("probes", "testes")),
        ("wait", words.choose("waiting for other hosts", "espera por outras máquinas")),
    ];
    kinds.map(|(kind, name)| Kind { kind, name }).into()
}

/// What a phase is called: by what is changed, or by its probe.
fn name(phase: &Phase, words: Words) -> String {
    let kind = legend(words).into_iter().find(|known| known.kind == phase.kind());
    let own = kind.map_or(words.choose("planning", "planejamento"), |known| known.name);
    phase.subject().unwrap_or(own).to_owned()
}

fn sentence(slowest: &Slowest<'_>, words: Words) -> String {
    let Slowest { host, busy, median, phase, took, usual } = slowest;
    let [busy, median, took, usual] = [busy, median, took, usual].map(|duration| time(*duration, words));
    let phase = name(phase, words);
    words.choose(
        format!("Slowest: {host} took {busy}, half of the hosts {median} at most; {phase} took {took} there, {usual} elsewhere."),
        format!("A mais lenta: {host} levou {busy}, metade das máquinas no máximo {median}; {phase} levou {took} nela e {usual} nas outras."),
    )
}

fn time(duration: Duration, words: Words) -> String {
    words.time(&words::duration(duration))
}
