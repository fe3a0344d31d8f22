//! Accidents at each operation, on a host whose packages are there already: someone has set it up by hand before.
//! What a run does then takes seconds, so that hundreds of points are tried.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::subject::{Accident, Subject};
use super::{Score, every};
use crate::fingerprint::Fingerprint;

pub const APPLY: [&str; 2] = ["apply", "--no-verify"];
pub const RESET: [&str; 2] = ["reset", "--yes"];

/// The short form takes so many points of each accident on each kind of host.
const SHORT_POINTS: usize = 1;

/// One accident in an apply, and one in the reset that follows.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    accident: Accident,
    nth: usize,
    /// Whether the host is applied again before it is reset.
    applied_again: bool,
}

/// The points of one kind of host, which its hosts share among them.
pub type Points = Mutex<VecDeque<Point>>;

/// What a host is before and after an undisturbed run, and how many operations that takes.
pub struct States {
    pub base: Fingerprint,
    pub converged: Fingerprint,
    pub apply_operations: usize,
    pub reset_operations: usize,
}

impl States {
    /// Takes the host there and back.
    pub fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let base = subject.fingerprint();
        let apply_operations = subject.count(&APPLY)?;
        let converged = subject.fingerprint();
        let reset_operations = subject.count(&RESET)?;
        subject.compare("after an undisturbed reset", &base)?;
        Ok(Self { base, converged, apply_operations, reset_operations })
    }
}

/// Points for a host with such states: at every other one it is applied again, at the rest it is reset at once.
pub fn points(states: &States) -> VecDeque<Point> {
    let operations = states.apply_operations.max(states.reset_operations);
    let of_accident = |(number, accident): (usize, Accident)| {
        let stride = match (every(), accident) {
            (None, _) => operations.div_ceil(SHORT_POINTS),
            // What they leave to be done is the same at each operation of a step.
            (Some(every), Accident::ToolDies | Accident::LinkDies) => 3 * every,
            (Some(every), _) => every,
        };
        let first = 1 + number * stride / Accident::ALL.len();
        let point = move |(turn, nth): (usize, usize)| Point {
            accident,
            nth,
            applied_again: (turn + number) % 2 == 0,
        };
        (first..=operations).step_by(stride).enumerate().map(point)
    };
    Accident::ALL.into_iter().enumerate().flat_map(of_accident).collect()
}

/// Takes points until there are none left.
pub fn take(subject: &Subject<'_>, states: &States, points: &Points, score: &Score) {
    while let Some(point) = { points.lock().unwrap().pop_front() } {
        if let Err(trouble) = try_point(subject, states, point, score) {
            score.count(&format!("{} after {point:?}", subject.host), Err(trouble));
            return;
        }
    }
}

/// An error is that of a host which cannot be used any more.
fn try_point(subject: &Subject<'_>, states: &States, point: Point, score: &Score) -> Result<(), String> {
    let Point { accident, nth, applied_again } = point;
    let name = |verb: &str, operation: &str| {
        format!("{} {verb}, {accident:?} at operation {nth} ({operation})", subject.host)
    };
    let with_words = |result: Result<(), String>| {
        result.map_err(|trouble| format!("{trouble}\n  {}", subject.said().replace('\n', "\n  ")))
    };
    let happened = subject.disturb(&APPLY, accident, nth);
    if applied_again {
        let again = subject.run(&APPLY).and_then(|()| subject.compare("applied again", &states.converged));
        if let Some(operation) = &happened {
            score.count(&name("apply", operation), with_words(again));
        }
        let happened = subject.disturb(&RESET, accident, nth);
        let Some(operation) = happened else { return subject.run(&RESET) };
        if nth % 2 == 0 {
            let again = subject.run(&APPLY).and_then(|()| subject.compare("applied", &states.converged));
            score.count(&name("apply after reset", &operation), with_words(again));
        }
        let again = subject.run(&RESET).and_then(|()| subject.compare("reset again", &states.base));
        score.count(&name("reset", &operation), with_words(again));
    } else {
        let back = subject.run(&RESET).and_then(|()| subject.compare("reset", &states.base));
        if let Some(operation) = happened {
            score.count(&name("reset after apply", &operation), with_words(back));
        }
    }
    subject.recover(&states.base)
}
