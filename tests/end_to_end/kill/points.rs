//! Which points are tried: a few of them, or all, or a part of all (`tests/full kill`).

use std::collections::VecDeque;
use std::env;
use std::sync::Mutex;

use super::subject::Accident;

/// Points that alike hosts share among them.
pub type Points<Point> = Mutex<VecDeque<Point>>;

/// One of so many points, beginning with one of the first.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    every: usize,
    first: usize,
}

impl Part {
    /// What was asked for; `None` where a few points will do.
    pub fn asked() -> Option<Self> {
        let number = |name| env::var(name).ok().map(|number| number.parse().unwrap());
        let (every, first) = (number("EVERY")?, number("FIRST").unwrap_or_default());
        assert!(first < every, "of every {every} points, the first are 0 to {}", every - 1);
        Some(Self { every, first })
    }

    /// In an order that is spread over all of them, however soon it is ended.
    pub fn of<Point>(self, points: impl Iterator<Item = Point>) -> VecDeque<Point> {
        let mut part: Vec<_> = points.enumerate().skip(self.first).step_by(self.every).collect();
        part.sort_by_key(|(number, _)| number.reverse_bits());
        part.into_iter().map(|(_, point)| point).collect()
    }
}

/// An accident at an operation.
#[derive(Debug, Clone, Copy)]
pub struct Point {
    pub accident: Accident,
    pub nth: usize,
    pub turn: Turn,
}

/// The number of a point among all: it decides what comes after the accident, so that each way is taken by its share of
/// the points, whichever part of them is tried.
#[derive(Debug, Clone, Copy)]
pub struct Turn(pub usize);

impl Turn {
    /// Whether the host is applied again before it is reset.
    pub fn is_applied_again(self) -> bool {
        self.0.count_ones() % 2 == 1
    }

    /// Whether it is applied also between a reset that has an accident and the next.
    pub fn is_applied_between_resets(self) -> bool {
        self.0.count_ones() % 4 == 1
    }
}

/// Points of a run that takes so many operations.
pub fn of_operations(accidents: &[Accident], operations: usize) -> VecDeque<Point> {
    let point = |(number, (accident, nth))| Point { accident, nth, turn: Turn(number) };
    let accidents_with_places = accidents.iter().copied().enumerate();
    if let Some(part) = Part::asked() {
        let all = accidents_with_places.flat_map(|(place, accident)| {
            let stride = accident.stride();
            (1 + place % stride..=operations).step_by(stride).map(move |nth| (accident, nth))
        });
        part.of(all.enumerate().map(point))
    } else {
        let nth = |place| 1 + place * operations / accidents.len();
        let few = accidents_with_places.map(|(place, accident)| (accident, nth(place)));
        few.enumerate().map(point).collect()
    }
}

/// The next point that nobody has taken.
pub fn next<Point>(points: &Points<Point>) -> Option<Point> {
    points.lock().unwrap().pop_front()
}
