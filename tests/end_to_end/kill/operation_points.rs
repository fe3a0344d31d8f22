//! Accidents at each operation, on a host whose packages are there already: someone has set it up by hand before.
//! What a run does then takes seconds, so that hundreds of points are tried.

use std::collections::VecDeque;

use super::Score;
use super::points::{self, Point, Points};
use super::subject::{Accident, Subject};
use crate::fingerprint::Fingerprint;

pub const APPLY: [&str; 2] = ["apply", "--no-verify"];
pub const RESET: [&str; 2] = ["reset", "--yes"];

/// What a host is before and after an undisturbed run, and how many operations that takes.
pub struct States {
    pub base: Fingerprint,
    pub converged: Fingerprint,
    operations: usize,
}

impl States {
    /// Takes the host there and back.
    pub fn of(subject: &Subject<'_>) -> Result<Self, String> {
        let base = subject.fingerprint();
        let apply_operations = subject.count(&APPLY)?;
        let converged = subject.fingerprint();
        let reset_operations = subject.count(&RESET)?;
        subject.compare("after an undisturbed reset", &base)?;
        Ok(Self { base, converged, operations: apply_operations.max(reset_operations) })
    }

    /// Each is an accident in an apply, and one in the reset that follows.
    pub fn points(&self) -> VecDeque<Point> {
        points::of_operations(&Accident::ALL, self.operations)
    }
}

/// Takes points until there are none left.
pub fn take(subject: &Subject<'_>, states: &States, points: &Points<Point>, score: &Score) {
    while let Some(point) = points::next(points) {
        if let Err(trouble) = try_point(subject, states, point, score) {
            score.count(&format!("{} after {point:?}", subject.host), Err(trouble));
            return;
        }
    }
}

/// An error is that of a host which cannot be used any more.
fn try_point(subject: &Subject<'_>, states: &States, point: Point, score: &Score) -> Result<(), String> {
    let Point { accident, nth, turn } = point;
    let name = |verb: &str, operation: &str| {
        format!("{} {verb}, {accident:?} at operation {nth} ({operation})", subject.host)
    };
    let with_words =
        |result: Result<(), String>| result.map_err(|trouble| subject.with_what_was_said(&trouble));
    let happened = subject.disturb(&APPLY, accident, nth);
    let (verb, happened) = if turn.is_applied_again() {
        let again = subject.run(&APPLY).and_then(|()| subject.compare("applied again", &states.converged));
        if let Some(operation) = &happened {
            score.count(&name("apply", operation), with_words(again));
        }
        let happened = subject.disturb(&RESET, accident, nth);
        if let Some(operation) = happened.as_ref().filter(|_| turn.is_applied_between_resets()) {
            let again = subject.run(&APPLY).and_then(|()| subject.compare("applied", &states.converged));
            score.count(&name("apply after reset", operation), with_words(again));
        }
        ("reset", happened)
    } else {
        ("reset after apply", happened)
    };
    let back = subject.run(&RESET).and_then(|()| subject.compare("reset", &states.base));
    let is_back = back.is_ok();
    if let Some(operation) = happened {
        score.count(&name(verb, &operation), with_words(back));
    }
    if is_back { Ok(()) } else { subject.recover(&states.base) }
}
