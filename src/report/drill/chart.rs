//! Who answered over time: a row for each server, a column for each slice of time, the lost requests, the moments.

use std::time::Duration;

use crate::model::{DrillOutcome, HostId, Sample};
use crate::report::style::{Style, Tone};
use crate::report::words;

/// How long a column may last, in milliseconds; the first that fits is taken.
const SLICES: [u64; 7] = [250, 500, 1_000, 2_000, 5_000, 10_000, 60_000];
/// More columns than this would hold too few requests each to show more than chance.
const MOST_COLUMNS: usize = 40;
/// Columns for the numbers behind a row.
const COUNT_WIDTH: usize = 7;
/// More servers than this share a row, apart from the one that was taken out.
const ROWS: usize = 8;

/// The chart in lines of at most `columns`.
pub fn lines(outcome: &DrillOutcome, columns: usize, style: Style) -> Vec<String> {
    let samples = &outcome.timeline.samples;
    let Some(last) = samples.last() else { return Vec::new() };
    let rows = rows(outcome);
    let name_width = rows.iter().map(|row| words::width(&row.name)).max().unwrap_or(0);
    let room = columns.saturating_sub(name_width + COUNT_WIDTH + 4).clamp(10, MOST_COLUMNS);
    let slice = slice(last.sent, room);
    let slices = column(last.sent, slice) + 1;

    let counted: Vec<Vec<usize>> = rows.iter().map(|row| row.count(samples, slice, slices)).collect();
    let most = counted.iter().flatten().copied().max().unwrap_or(0);
    let mut lines = Vec::new();
    for (row, counts) in rows.iter().zip(&counted) {
        let cells: String = counts.iter().map(|count| cell(*count, most, style)).collect();
        let total: usize = counts.iter().sum();
        let tone = if row.is_loss { Tone::Bad } else { Tone::Good };
        let name = words::pad(&row.name, name_width, style);
        lines.push(format!("  {name}  {}{total:>COUNT_WIDTH$}", style.paint(tone, cells)));
    }
    let indent = name_width + 4;
    lines.extend(moments(outcome, slice, slices, style).map(|line| format!("{}{line}", " ".repeat(indent))));
    let axis = format!("0 s, a column is {}", words::short_seconds(slice));
    lines.push(format!("{}{}", " ".repeat(indent), style.paint(Tone::Faint, axis)));
    lines
}

struct Row {
    name: String,
    servers: Vec<usize>,
    is_loss: bool,
}

impl Row {
    fn count(&self, samples: &[Sample], slice: Duration, slices: usize) -> Vec<usize> {
        let mut counts = vec![0; slices];
        for sample in samples {
            let is_counted = match &sample.answer {
                Ok(server) => self.servers.contains(server),
                Err(_) => self.is_loss,
            };
            if let Some(count) = counts.get_mut(column(sample.sent, slice)).filter(|_| is_counted) {
                *count += 1;
            }
        }
        counts
    }
}

fn rows(outcome: &DrillOutcome) -> Vec<Row> {
    let servers = &outcome.drill.servers;
    let is_many = servers.len() > ROWS;
    let mut rows = Vec::new();
    let mut others = Vec::new();
    for (position, server) in servers.iter().enumerate() {
        if is_many && *server != outcome.drill.host {
            others.push(position);
        } else {
            rows.push(Row { name: short(server), servers: vec![position], is_loss: false });
        }
    }
    if is_many {
        rows.insert(0, Row { name: format!("{} others", others.len()), servers: others, is_loss: false });
    }
    rows.push(Row { name: "lost".to_owned(), servers: Vec::new(), is_loss: true });
    rows
}

/// A host's name within its cluster: all rows are of one.
fn short(host: &HostId) -> String {
    host.as_str().rsplit('/').next().unwrap_or_default().to_owned()
}

/// Two lines: a pointer below each moment, and what it was.
fn moments(
    outcome: &DrillOutcome,
    slice: Duration,
    slices: usize,
    style: Style,
) -> impl Iterator<Item = String> {
    let marks = outcome.timeline.marks;
    let pointer = if style.unicode { '↑' } else { '^' };
    let mut pointers = vec![' '; slices];
    let mut named = String::new();
    for (moment, name) in [(marks.leaving, "out"), (marks.returned, "back")] {
        let Some(at) = moment.map(|moment| column(moment, slice)) else { continue };
        if let Some(place) = pointers.get_mut(at) {
            *place = pointer;
        }
        let gap = at.saturating_sub(named.len()).max(usize::from(!named.is_empty()));
        named.extend(std::iter::repeat_n(' ', gap));
        named.push_str(name);
    }
    let is_empty = named.is_empty();
    let lines = [pointers.into_iter().collect::<String>().trim_end().to_owned(), named];
    lines.into_iter().filter(move |_| !is_empty)
}

fn slice(length: Duration, room: usize) -> Duration {
    let fits = |slice: &Duration| column(length, *slice) < room;
    SLICES.into_iter().map(Duration::from_millis).find(fits).unwrap_or(length)
}

fn column(moment: Duration, slice: Duration) -> usize {
    usize::try_from(moment.as_millis() / slice.as_millis().max(1)).unwrap_or(usize::MAX)
}

/// Anything at all is to be seen; the most fills the cell.
fn cell(count: usize, most: usize, style: Style) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 4] = ['.', ':', '+', '#'];
    let levels: &[char] = if style.unicode { &BLOCKS } else { &PLAIN };
    let level = (count * levels.len()).div_ceil(most.max(1));
    level.checked_sub(1).and_then(|level| levels.get(level)).copied().unwrap_or(' ')
}
