//! Rows in columns that fit the terminal: names are shortened, headings give way, and no row breaks.

use comfy_table::Table;
use comfy_table::presets::NOTHING;

use super::Row;
use crate::model::{CheckKind, DEFAULT_CLUSTER, HostId};
use crate::report::style::{Look, Style};
use crate::report::vocabulary::{Words, say};
use crate::report::{names, words};

/// Columns that a name has before headings and the state give way to it.
const LEAST_FOR_A_NAME: usize = 10;
/// Columns that the names of several clusters may take together.
const MOST_FOR_NAMES: usize = 24;
/// Columns for the names of hosts in trouble, where there is a column for them at all.
const LEAST_FOR_HOSTS: usize = 8;
/// Letters that headings of probes have where room is scarce.
const SHORT_HEADING: usize = 3;
/// Columns that the table sets between two of its own.
const GAP: usize = 2;

pub struct Sheet {
    /// What rows are of.
    pub first: &'static str,
    pub with_state: bool,
    pub kinds: Vec<CheckKind>,
    pub rows: Vec<Row>,
}

/// Whom a row is of.
struct Called {
    /// The only one, all of them, or the first.
    name: String,
    /// How many others share the row and are not named.
    others: usize,
}

impl Sheet {
    /// The lines of the table, the header first; none is wider than the terminal.
    pub fn lines(&self, look: Look) -> Vec<String> {
        let Look { style, width, .. } = look;
        let words = Words(style.language);
        let room = |cells: &[Vec<String>]| width.saturating_sub(taken(cells));
        let wanted =
            self.rows.iter().map(|row| row.called(MOST_FOR_NAMES).width(Some(words))).max().unwrap_or(0);
        let mut cells = [(true, self.with_state), (false, self.with_state)]
            .map(|(has_headings, has_state)| self.cells(has_headings, has_state, words))
            .into_iter()
            .find(|cells| room(cells) >= wanted.min(LEAST_FOR_A_NAME))
            .unwrap_or_else(|| self.cells(false, false, words));
        let names = self.names(room(&cells).max(LEAST_FOR_A_NAME), style);
        for (row, name) in cells.iter_mut().zip(std::iter::once(self.first.to_owned()).chain(names)) {
            row.insert(0, name);
        }
        let left = room(&cells);
        if left >= LEAST_FOR_HOSTS && self.rows.iter().any(|row| !row.r#where.is_empty()) {
            let hosts = self.rows.iter().map(|row| row.r#where.as_str());
            for (row, hosts) in
                cells.iter_mut().zip(std::iter::once(words.choose("where", "onde")).chain(hosts))
            {
                row.push(words::fit(hosts, left, style));
            }
        }
        let mut table = Table::new();
        table.load_style(NOTHING).add_rows(cells);
        // The table's own margin on the left is of no use without borders.
        let lines = table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
        lines.map(|line| words::fit(&line, width, style)).collect()
    }

    /// The columns for state and probes, the header first.
    fn cells(&self, has_headings: bool, has_state: bool, words: Words) -> Vec<Vec<String>> {
        let letters = if has_headings { usize::MAX } else { SHORT_HEADING };
        let headings = self.kinds.iter().map(|kind| kind.as_str().chars().take(letters).collect());
        let header = has_state
            .then(|| words.choose("state", "estado").to_owned())
            .into_iter()
            .chain(headings)
            .collect();
        let rows = self.rows.iter().map(|row| {
            has_state.then(|| row.state.clone()).into_iter().chain(row.checks.iter().cloned()).collect()
        });
        std::iter::once(header).chain(rows).collect()
    }

    fn names(&self, room: usize, style: Style) -> Vec<String> {
        let mut called: Vec<Called> = self.rows.iter().map(|row| row.called(room)).collect();
        let widest = |how| called.iter().map(|who| words::width(&who.more(how))).max().unwrap_or(0);
        let at_length = Some(Words(style.language));
        let is_too_long = room < widest(at_length) + LEAST_FOR_A_NAME
            && called.iter().any(|who| who.width(at_length) > room);
        let how = at_length.filter(|_| !is_too_long);
        let left = room.saturating_sub(widest(how));
        // Those that share a row have less room, and are told from the others by what follows.
        for (shares, room) in [(false, room), (true, left)] {
            let mut alike: Vec<_> = called.iter_mut().filter(|who| (who.others > 0) == shares).collect();
            let names: Vec<&str> = alike.iter().map(|who| who.name.as_str()).collect();
            let shortened = names::shorten(&names, room, style);
            for (who, name) in alike.iter_mut().zip(shortened) {
                who.name = name;
            }
        }
        called.iter().map(|who| format!("{}{}", who.name, who.more(how))).collect()
    }
}

impl Row {
    /// All names, where they are few or one range; else the first and the number of the others.
    fn called(&self, room: usize) -> Called {
        let ids: Vec<_> = self.names.iter().map(|name| HostId::new(DEFAULT_CLUSTER, name)).collect();
        let ranges = names::compress(&ids);
        let list = ranges.join(", ");
        match self.names.first() {
            Some(first) if ranges.len() > 1 && words::width(&list) > room.min(MOST_FOR_NAMES) => {
                Called { name: first.clone(), others: self.names.len() - 1 }
            }
            _ => Called { name: list, others: 0 },
        }
    }
}

impl Called {
    fn width(&self, at_length: Option<Words>) -> usize {
        words::width(&self.name) + words::width(&self.more(at_length))
    }

    /// ` and 27 more`; ` +27` where no words are to be made of it.
    fn more(&self, at_length: Option<Words>) -> String {
        match (self.others, at_length) {
            (0, _) => String::new(),
            (others, None) => format!(" +{others}"),
            (others, Some(words)) => say!(words, en: " and {others} more", pt: " e mais {others}"),
        }
    }
}

/// Columns that cells take, with the gap before each.
fn taken(cells: &[Vec<String>]) -> usize {
    let columns = cells.first().map_or(0, Vec::len);
    let widest = |column: usize| cells.iter().map(|row| words::width(&row[column])).max().unwrap_or(0);
    (0..columns).map(|column| GAP + widest(column)).sum()
}
