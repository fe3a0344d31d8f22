//! Who answered over time, drawn: a lane for each server and one for lost requests, with the moments of the drill.
//!
//! Across, everything is in percent of the time, so that a chart is as wide as there is room for and its words stay
//! as large as those around it; down, it is in pixels.

use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use crate::model::{DrillMode, DrillOutcome};
use crate::report::drill::answers::{self, MOST_SLICES, Slices, Who};
use crate::report::html::seen::State;
use crate::report::style::Style;
use crate::report::vocabulary::Words;
use crate::report::words;

/// Longest name of a lane, in letters: beside it a phone still has room for the number of answers.
const NAME: usize = 16;
/// The height of the bars of a lane.
const BARS: usize = 36;
/// A lane with its name above and some air below.
const LANE: usize = 70;
/// Signs of moments that are nearer than this, in percent, stand below each other: on a phone they would touch.
const NEAR: f64 = 9.0;
/// The height of a row of those signs.
const SIGNS: usize = 26;
const AXIS: usize = 22;
/// How far the numbers may be apart, in seconds.
const STEPS: [u32; 9] = [1, 2, 5, 10, 20, 30, 60, 120, 300];
/// More numbers than this would touch on a phone.
const MOST_TICKS: u32 = 7;

#[derive(Debug, Serialize)]
pub struct Chart {
    /// What it shows, for those who do not see it.
    label: String,
    height: usize,
    /// Where the lanes begin and end.
    top: usize,
    bottom: usize,
    /// How wide the bars' own coordinates are.
    width: usize,
    bars: usize,
    lanes: Vec<Lane>,
    moments: Vec<Moment>,
    shade: Option<Shade>,
    ticks: Vec<Tick>,
    bar: String,
    has_losses: bool,
}

#[derive(Debug, Serialize)]
struct Lane {
    name: String,
    note: String,
    state: State,
    y: usize,
    /// In a box of [`Chart::width`] by [`Chart::bars`].
    path: String,
    crosses: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Moment {
    number: usize,
    x: String,
    y: usize,
    time: String,
    name: &'static str,
}

#[derive(Debug, Serialize)]
struct Shade {
    x: String,
    width: String,
}

#[derive(Debug, Serialize)]
struct Tick {
    x: String,
    label: String,
}

/// The time from one edge to the other.
#[derive(Clone, Copy)]
struct Span(Duration);

impl Span {
    fn percent(self, moment: Duration) -> f64 {
        (moment.as_secs_f64() * 100.0 / self.0.as_secs_f64()).clamp(0.0, 100.0)
    }
}

impl Chart {
    /// The chart of a drill; `None` where nothing was asked.
    pub fn new(outcome: &DrillOutcome, words: Words) -> Option<Self> {
        let slices = Slices::new(&outcome.timeline.samples, MOST_SLICES)?;
        let number = u32::try_from(slices.number).unwrap_or(u32::MAX);
        let span = Span(slices.length.saturating_mul(number).max(Duration::from_millis(1)));
        let moments = moments(outcome, span, words);
        let rows = moments.iter().map(|moment| moment.y / SIGNS + 1).max().unwrap_or(0);
        let top = rows * SIGNS;
        let lanes = lanes(outcome, slices, top, words);
        let bottom = top + lanes.len() * LANE;
        let heard: Vec<String> = lanes.iter().map(|lane| format!("{}: {}", lane.name, lane.note)).collect();
        let told = moments.iter().map(|moment| format!("{} {}", moment.time, moment.name));
        let label = heard.into_iter().chain(told).collect::<Vec<_>>().join("; ");
        let length = words.time(&words::short_seconds(slices.length));
        Some(Self {
            label,
            height: bottom + AXIS,
            top,
            bottom,
            width: slices.number * 10,
            bars: BARS,
            has_losses: lanes.iter().any(|lane| !lane.crosses.is_empty()),
            lanes,
            moments,
            shade: shade(outcome, span),
            ticks: ticks(span),
            bar: words.choose(format!("requests in {length}"), format!("requisições em {length}")),
        })
    }
}

fn lanes(outcome: &DrillOutcome, slices: Slices, top: usize, words: Words) -> Vec<Lane> {
    let samples = &outcome.timeline.samples;
    let rows = answers::rows(outcome);
    let counted: Vec<Vec<usize>> = rows.iter().map(|row| row.count(samples, slices)).collect();
    let most = counted.iter().flatten().copied().max().unwrap_or(0);
    let names = answers::names(&rows, NAME, Style { colour: false, unicode: true, language: words.0 });
    let lane = |(index, ((row, counts), name)): (usize, ((&answers::Row<'_>, &Vec<usize>), String))| {
        let total: usize = counts.iter().sum();
        let is_lost = row.who == Who::Lost;
        let noun = if is_lost { words.request_noun() } else { words.answer_noun() };
        let taken_out = words.choose(", taken out", ", retirado");
        let is_victim = row.who == Who::Server(&outcome.drill.host);
        Lane {
            name,
            note: format!("{}{}", noun.count(total), if is_victim { taken_out } else { "" }),
            state: if is_lost { State::Fail } else { State::Pass },
            y: top + index * LANE,
            path: path(counts, most),
            crosses: counts
                .iter()
                .enumerate()
                .filter(|(_, count)| is_lost && **count > 0)
                .map(|(place, _)| percent(middle(place, slices.number)))
                .collect(),
        }
    };
    rows.iter().zip(&counted).zip(names).enumerate().map(lane).collect()
}

/// Bars, each ten wide with a gap in it; anything at all is to be seen, and the most fills the lane.
fn path(counts: &[usize], most: usize) -> String {
    let mut path = String::new();
    for (place, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let height = (count * BARS).div_ceil(most.max(1)).max(3);
        let _ = write!(path, "M{} {BARS}v-{height}h8v{height}z", place * 10 + 1);
    }
    path
}

#[expect(clippy::cast_precision_loss, reason = "slices are few")]
fn middle(place: usize, slices: usize) -> f64 {
    (place as f64 + 0.5) * 100.0 / slices as f64
}

/// The moments that the drill came to, each with a number; those that are near each other in rows.
fn moments(outcome: &DrillOutcome, span: Span, words: Words) -> Vec<Moment> {
    let marks = outcome.timeline.marks;
    let (out, back) = rotation(outcome);
    let (order_out, order_back) = match outcome.drill.mode {
        DrillMode::Stop => (
            words.choose("the order to stop it", "a ordem de parar"),
            words.choose("the order to start it again", "a ordem de iniciar de novo"),
        ),
        DrillMode::Maintenance => (
            words.choose("the order for maintenance", "a ordem de manutenção"),
            words.choose("the order to use it again", "a ordem de usar de novo"),
        ),
    };
    let named = [
        (marks.leaving, order_out),
        (out, words.choose("out of rotation", "fora do rodízio")),
        (marks.returning, order_back),
        (back, words.choose("back in rotation", "de volta ao rodízio")),
    ];
    // Where the last sign of each row stands.
    let mut rows: Vec<f64> = Vec::new();
    let moments = named.into_iter().filter_map(|(moment, name)| Some((moment?, name))).enumerate();
    moments
        .map(|(index, (moment, name))| {
            let x = span.percent(moment);
            let row = rows.iter().position(|last| x - last >= NEAR).unwrap_or(rows.len());
            rows.resize(rows.len().max(row + 1), x);
            if let Some(last) = rows.get_mut(row) {
                *last = x;
            }
            Moment {
                number: index + 1,
                x: percent(x),
                y: row * SIGNS,
                time: words.time(&words::exact_seconds(moment)),
                name,
            }
        })
        .collect()
}

/// When it was out of rotation and when it was back.
fn rotation(outcome: &DrillOutcome) -> (Option<Duration>, Option<Duration>) {
    let marks = outcome.timeline.marks;
    let Some(measured) = &outcome.measured else { return (None, None) };
    let after = |mark: Option<Duration>, after: Option<Duration>| Some(mark? + after?);
    (after(marks.leaving, measured.out_after), after(marks.returned, measured.back_after))
}

fn shade(outcome: &DrillOutcome, span: Span) -> Option<Shade> {
    let (out, back) = rotation(outcome);
    let from = span.percent(out?);
    let to = back.map_or(100.0, |back| span.percent(back));
    Some(Shade { x: percent(from), width: percent((to - from).max(0.0)) })
}

fn ticks(span: Span) -> Vec<Tick> {
    let whole = u32::try_from(span.0.as_secs()).unwrap_or(u32::MAX);
    let step = STEPS.into_iter().find(|step| whole / step < MOST_TICKS).unwrap_or(whole).max(1);
    let places = (0..=whole / step).map(|place| place * step);
    places
        .map(|second| Tick {
            x: percent(span.percent(Duration::from_secs(second.into()))),
            label: format!("{second} s"),
        })
        .collect()
}

fn percent(number: f64) -> String {
    format!("{number:.2}%")
}
