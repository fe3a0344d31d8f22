//! What `verify --watch` shows: on a terminal a table that is drawn in place with what changed below it, elsewhere a
//! line for each change.
//!
//! Does not probe, and does not know the time: it is told both. What counts as a change is decided in `changes`.

mod changes;

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::time::Duration;

use self::changes::{Change, Changes};
use super::progress::Screen;
use super::style::{Look, Tone};
use super::text::table;
use super::vocabulary::{Noun, Words, say};
use super::words;
use crate::event::{Awaited, Event, Level};
use crate::model::{Check, CheckStatus, HostId, Inventory, RunOutcome};

/// Rows that changes have at least, where there are any.
const ROOM_FOR_CHANGES: usize = 6;
/// Where a terminal is too small for anything.
const FEWEST_ROWS: usize = 8;
/// A round that takes no longer is nothing to tell of.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many hosts that are waited for are named.
const NAMED: usize = 3;

pub struct Watch<'a> {
    inventory: &'a Inventory,
    look: Look,
    words: Words,
    interval: Duration,
    clusters: usize,
    view: View,
    changes: Changes,
    /// The last complete round of each cluster.
    latest: HashMap<String, Vec<Check>>,
    head: String,
    /// What long rounds wait for.
    awaited: Vec<Awaited>,
    /// Hosts of rounds under way that lines have told of.
    told: HashSet<HostId>,
    reads_logs: bool,
}

enum View {
    Screen(Screen),
    Lines(Box<dyn Write + Send>),
}

impl<'a> Watch<'a> {
    pub fn new(inventory: &'a Inventory, look: Look, interval: Duration, clusters: usize) -> Self {
        let view = if look.is_terminal && !look.quiet {
            View::Screen(Screen::stderr())
        } else {
            View::Lines(Box::new(std::io::stderr()))
        };
        Self::on(view, inventory, look, interval, clusters)
    }

    fn on(view: View, inventory: &'a Inventory, look: Look, interval: Duration, clusters: usize) -> Self {
        Self {
            inventory,
            look,
            words: Words(look.style.language),
            interval,
            clusters,
            view,
            changes: Changes::default(),
            latest: HashMap::new(),
            head: String::new(),
            awaited: Vec::new(),
            told: HashSet::new(),
            reads_logs: false,
        }
    }

    /// Shows a complete round of a cluster, at a time of the day.
    pub fn round(&mut self, cluster: &str, checks: &[Check], now: &str) {
        let changed = self.changes.round(checks, now, self.look.style);
        let is_over = |host: &HostId| checks.iter().any(|check| check.host == *host);
        self.awaited.retain(|awaited| !is_over(&awaited.host));
        self.told.retain(|host| !is_over(host));
        let is_first = self.latest.insert(cluster.to_owned(), checks.to_vec()).is_none();
        self.head = self.head(now);
        // As soon as something is known, and once more when all clusters are.
        if is_first && [1, self.clusters].contains(&self.latest.len()) {
            self.say(&self.head.clone());
        }
        for change in changed {
            self.say(&change.line());
        }
        self.redraw();
    }

    /// Takes note of what rounds wait for, and shows it once that deserves a word.
    pub fn waiting(&mut self, awaited: Vec<Awaited>) {
        self.awaited = awaited;
        self.awaited.retain(|awaited| awaited.elapsed >= PATIENCE);
        // Once a round: what comes of it is told at its end.
        let is_news = |awaited: &&Awaited| !self.told.contains(&awaited.host);
        let news: Vec<_> = self.awaited.iter().filter(is_news).cloned().collect();
        if let Some(words) = still_waiting(&news, self.words) {
            self.say(&words);
        }
        self.told.extend(news.into_iter().map(|awaited| awaited.host));
        self.redraw();
    }

    /// Shows that logs are read, before the watch ends.
    pub fn reading_logs(&mut self) {
        if !std::mem::replace(&mut self.reads_logs, true) {
            self.say(reading_logs(self.words));
        }
        self.redraw();
    }

    /// Shows what a run tells besides, where it deserves that.
    pub fn note(&mut self, event: &Event, now: &str) {
        let Some(note) = self.changes.note(event, now, self.look) else { return };
        if matches!(event, Event::Note { level: Level::Warning, .. }) {
            self.say_anyhow(&note.line());
        } else {
            self.say(&note.line());
        }
    }

    /// Leaves what changed on the screen, for the result to stand below.
    pub fn finish(&mut self) {
        let View::Screen(screen) = &self.view else { return };
        let (_, columns) = screen.size();
        let style = self.look.style;
        let changes = self.changes.all().iter();
        let mut lines: Vec<_> = changes.map(|change| change.painted(columns, style)).collect();
        // The result is of complete rounds, and says nothing of those that were left.
        if let Some(words) = still_waiting(&self.awaited, self.words) {
            lines.push(style.paint(Tone::Caution, words::fit(&words, columns, style)));
        }
        // The last line is where the result goes on.
        lines.push(String::new());
        screen.show(lines);
    }

    fn say(&mut self, line: &str) {
        if !self.look.quiet {
            self.say_anyhow(line);
        }
    }

    fn say_anyhow(&mut self, line: &str) {
        if let View::Lines(writer) = &mut self.view {
            // Nobody reads a closed standard error; the watch itself goes on.
            let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
        }
    }

    /// Draws what is known once more: the terminal may have been resized.
    fn redraw(&self) {
        if let View::Screen(screen) = &self.view {
            let (rows, columns) = screen.size();
            screen.show(self.frame(rows, columns));
        }
    }

    /// The last complete rounds, in the order of the inventory.
    fn checks(&self) -> Vec<Check> {
        let clusters = self.inventory.clusters.iter();
        clusters.filter_map(|cluster| self.latest.get(&cluster.name)).flatten().cloned().collect()
    }

    /// `20:31:05 11 of 13 probes pass (every 5s; Ctrl-C ends)`
    fn head(&self, now: &str) -> String {
        let (known, clusters) = (self.latest.len(), self.clusters);
        let checks = || self.latest.values().flatten();
        let passed = checks().filter(|check| check.status == CheckStatus::Pass).count();
        let (words, all) = (self.words, checks().count());
        let probes = words.probe_noun().count(all);
        let pass = words.choose(Noun::new("pass", "pass"), Noun::new("passa", "passam")).of(all);
        let interval = humantime::format_duration(self.interval);
        let part = if known < clusters {
            say!(words, en: "{known} of {clusters} clusters, ", pt: "{known} de {clusters} clusters, ")
        } else {
            String::new()
        };
        say!(
            words,
            en: "{now} {passed} of {probes} {pass} ({part}every {interval}; Ctrl-C ends)",
            pt: "{now} {passed} de {probes} {pass} ({part}a cada {interval}; Ctrl-C encerra)",
        )
    }

    /// All lines of a drawing: never more than the terminal has rows.
    fn frame(&self, rows: usize, columns: usize) -> Vec<String> {
        // The last row stays free: a terminal scrolls when it is filled.
        let room = rows.max(FEWEST_ROWS) - 1;
        let style = self.look.style;
        let logs = self.reads_logs.then(|| reading_logs(self.words).to_owned());
        let waiting = logs.or_else(|| still_waiting(&self.awaited, self.words)).unwrap_or_default();
        let waiting = style.paint(Tone::Caution, words::fit(&waiting, columns, style));
        let changes = self.changes.all();
        let mut lines = vec![waiting];
        if !self.latest.is_empty() {
            lines.insert(0, style.paint(Tone::Strong, words::fit(&self.head, columns, style)));
            let for_changes = if changes.is_empty() { 0 } else { ROOM_FOR_CHANGES.min(changes.len() + 1) };
            lines.append(&mut self.table(room.saturating_sub(2 + for_changes), columns));
        }
        let left = room.saturating_sub(lines.len() + 1);
        let latest = changes.iter().rev().take(left);
        if !changes.is_empty() && left > 0 {
            lines.push(String::new());
        }
        // The latest first: it stands at the same place in each drawing.
        lines.extend(latest.map(|change: &Change| change.painted(columns, style)));
        lines
    }

    /// The table of all probes in a number of rows.
    fn table(&self, rows: usize, columns: usize) -> Vec<String> {
        let style = self.look.style;
        let outcome = RunOutcome { checks: self.checks(), ..RunOutcome::default() };
        let view = super::view::View::new(&outcome, self.inventory);
        let mut table = table(Look { width: columns, verbose: 0, ..self.look }, &view);
        if table.len() > rows {
            let shown = rows.saturating_sub(1);
            let (words, ellipsis) = (self.words, style.ellipsis());
            let left = words.line_noun().count(table.len() - shown);
            table.truncate(shown);
            let more = say!(words, en: "{ellipsis} and {left} more", pt: "{ellipsis} e mais {left}");
            table.push(style.paint(Tone::Faint, more));
        }
        table
    }
}

fn reading_logs(words: Words) -> &'static str {
    words.choose(
        "reading logs that may explain what failed; Ctrl-C leaves now",
        "lendo logs que podem explicar o que falhou; Ctrl-C sai na hora",
    )
}

/// `after 12 s: still waiting for ssh of web01, web02; balance of lb`
fn still_waiting(awaited: &[Awaited], words: Words) -> Option<String> {
    let elapsed = words::whole_seconds(awaited.iter().map(|awaited| awaited.elapsed).max()?);
    let kinds = awaited.chunk_by(|one, next| one.kind == next.kind);
    let list = kinds.map(|awaited| of_hosts(awaited, words)).collect::<Vec<_>>().join("; ");
    Some(say!(
        words,
        en: "after {elapsed}: still waiting for {list}",
        pt: "após {elapsed}: ainda esperando {list}",
    ))
}

/// `ssh of web01, web02`
fn of_hosts(awaited: &[Awaited], words: Words) -> String {
    let named = awaited.iter().take(NAMED).map(|awaited| awaited.host.to_string());
    let more = awaited.len().saturating_sub(NAMED);
    let hosts = named.chain((more > 0).then(|| say!(words, en: "{more} more", pt: "mais {more}")));
    let kind = awaited.first().map_or("", |awaited| awaited.kind.as_str());
    let hosts = hosts.collect::<Vec<_>>().join(", ");
    say!(words, en: "{kind} of {hosts}", pt: "{kind} de {hosts}")
}

#[cfg(test)]
mod tests;
