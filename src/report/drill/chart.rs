//! Who answered over time: a row for each server, a column for each slice of time, the lost requests, the moments.

use super::answers::{self, MOST_SLICES, Slices, Who};
use crate::model::DrillOutcome;
use crate::report::style::{Style, Tone};
use crate::report::vocabulary::{Words, say};
use crate::report::words;

/// Columns for names on a narrow terminal.
const LEAST_FOR_A_NAME: usize = 10;
/// Columns for the numbers behind a row.
const COUNT_WIDTH: usize = 7;

/// The chart in lines of at most `columns`.
pub fn lines(outcome: &DrillOutcome, columns: usize, style: Style) -> Vec<String> {
    let words = Words(style.language);
    let samples = &outcome.timeline.samples;
    let rows = answers::rows(outcome);
    let most_for_a_name = (columns / 3).max(LEAST_FOR_A_NAME);
    let names = answers::names(&rows, most_for_a_name, style);
    let name_width = names.iter().map(|name| words::width(name)).max().unwrap_or(0);
    let room = columns.saturating_sub(name_width + COUNT_WIDTH + 4).clamp(10, MOST_SLICES);
    let Some(slices) = Slices::new(samples, room) else { return Vec::new() };

    let counted: Vec<Vec<usize>> = rows.iter().map(|row| row.count(samples, slices)).collect();
    let most = counted.iter().flatten().copied().max().unwrap_or(0);
    let mut lines = Vec::new();
    for ((row, name), counts) in rows.iter().zip(&names).zip(&counted) {
        let cells: String = counts.iter().map(|count| cell(*count, most, style)).collect();
        let total: usize = counts.iter().sum();
        let tone = if row.who == Who::Lost { Tone::Bad } else { Tone::Good };
        let name = words::pad(name, name_width, style);
        lines.push(format!("  {name}  {}{total:>COUNT_WIDTH$}", style.paint(tone, cells)));
    }
    let indent = name_width + 4;
    lines.extend(moments(outcome, slices, style).map(|line| format!("{}{line}", " ".repeat(indent))));
    let length = words.short_seconds(slices.length);
    let axis = say!(words, en: "0 s, a column is {length}", pt: "0 s, uma coluna são {length}");
    lines.push(format!("{}{}", " ".repeat(indent), style.paint(Tone::Faint, axis)));
    lines
}

/// Two lines: a pointer below each moment, and what it was.
fn moments(outcome: &DrillOutcome, slices: Slices, style: Style) -> impl Iterator<Item = String> {
    let words = Words(style.language);
    let marks = outcome.timeline.marks;
    let pointer = if style.unicode { '↑' } else { '^' };
    let mut pointers = vec![' '; slices.number];
    let mut named = String::new();
    for (moment, name) in
        [(marks.leaving, words.choose("out", "fora")), (marks.returned, words.choose("back", "de volta"))]
    {
        let Some(at) = moment.map(|moment| slices.of(moment)) else { continue };
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

/// Anything at all is to be seen; the most fills the cell.
fn cell(count: usize, most: usize, style: Style) -> char {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    const PLAIN: [char; 4] = ['.', ':', '+', '#'];
    let levels: &[char] = if style.unicode { &BLOCKS } else { &PLAIN };
    let level = (count * levels.len()).div_ceil(most.max(1));
    level.checked_sub(1).and_then(|level| levels.get(level)).copied().unwrap_or(' ')
}
