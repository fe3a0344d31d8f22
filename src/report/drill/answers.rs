//! Who answered over time: a row for each server and one for lost requests, counted in slices of time. What every
//! chart of a drill draws.

use std::time::Duration;

use crate::model::{DrillOutcome, HostId, Sample};
use crate::report::names;
use crate::report::style::Style;
use crate::report::vocabulary::Words;

/// How long a slice may last, in milliseconds; the first that fits is taken.
const LENGTHS: [u64; 7] = [250, 500, 1_000, 2_000, 5_000, 10_000, 60_000];
/// More slices than this would hold too few requests each to show more than chance.
pub const MOST_SLICES: usize = 40;
/// More servers than this share a row, apart from the one that was taken out.
const ROWS: usize = 8;

/// The time of a drill, in slices.
#[derive(Debug, Clone, Copy)]
pub struct Slices {
    /// How long each lasts.
    pub length: Duration,
    pub number: usize,
}

/// Answers that are counted together.
#[derive(Debug)]
pub struct Row<'a> {
    pub who: Who<'a>,
    /// The places of the servers.
    servers: Vec<usize>,
}

/// Whose answers a row counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who<'a> {
    Server(&'a HostId),
    /// That many servers which stayed.
    Others(usize),
    Lost,
}

impl Slices {
    /// At most so many slices; `None` where nothing was sent.
    pub fn new(samples: &[Sample], most: usize) -> Option<Self> {
        let last = samples.last()?.sent;
        let number = |length: Duration| place(last, length).saturating_add(1);
        let fits = |length: &Duration| number(*length) <= most;
        let length = LENGTHS.into_iter().map(Duration::from_millis).find(fits).unwrap_or(last);
        Some(Self { length, number: number(length) })
    }

    /// The slice of a moment, from 0; it may lie behind the last.
    pub fn of(self, moment: Duration) -> usize {
        place(moment, self.length)
    }
}

fn place(moment: Duration, length: Duration) -> usize {
    usize::try_from(moment.as_millis() / length.as_millis().max(1)).unwrap_or(usize::MAX)
}

/// The rows of a drill, lost requests last.
pub fn rows(outcome: &DrillOutcome) -> Vec<Row<'_>> {
    let servers = &outcome.drill.servers;
    let is_many = servers.len() > ROWS;
    let mut rows = Vec::new();
    let mut others = Vec::new();
    for (position, server) in servers.iter().enumerate() {
        if is_many && *server != outcome.drill.host {
            others.push(position);
        } else {
            rows.push(Row { who: Who::Server(server), servers: vec![position] });
        }
    }
    if is_many {
        rows.insert(0, Row { who: Who::Others(others.len()), servers: others });
    }
    rows.push(Row { who: Who::Lost, servers: Vec::new() });
    rows
}

impl Row<'_> {
    /// How many requests of each slice are of this row.
    pub fn count(&self, samples: &[Sample], slices: Slices) -> Vec<usize> {
        let mut counts = vec![0; slices.number];
        for sample in samples {
            let is_counted = match &sample.answer {
                Ok(server) => self.servers.contains(server),
                Err(_) => self.who == Who::Lost,
            };
            if let Some(count) = counts.get_mut(slices.of(sample.sent)).filter(|_| is_counted) {
                *count += 1;
            }
        }
        counts
    }
}

/// The names of rows, in so many columns.
pub fn names(rows: &[Row<'_>], columns: usize, style: Style) -> Vec<String> {
    let words = Words(style.language);
    let names = rows.iter().map(|row| match row.who {
        Who::Server(host) => short(host).to_owned(),
        Who::Others(number) => words.choose(format!("{number} others"), format!("{number} outros")),
        Who::Lost => words.choose("lost", "perdidas").to_owned(),
    });
    let names: Vec<String> = names.collect();
    names::shorten(&names.iter().map(String::as_str).collect::<Vec<_>>(), columns, style)
}

/// A host's name within its cluster: all rows are of one.
pub fn short(host: &HostId) -> &str {
    host.as_str().rsplit('/').next().unwrap_or_default()
}
