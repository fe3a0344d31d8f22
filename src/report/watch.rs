//! What `verify --watch` shows: on a terminal a table that is drawn in place with what changed below it, elsewhere a
//! line for each change.
//!
//! Owns what counts as a change. Does not probe, and does not know the time: it is told both.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::io::Write;
use std::time::Duration;

use super::progress::Screen;
use super::style::{Style, Tone};
use super::text::{Form, table};
use super::{names, printable, words};
use crate::model::{Check, CheckKind, CheckStatus, HostId, Inventory, RunOutcome};

/// Changes that are kept to be shown.
const CHANGES_KEPT: usize = 200;
/// Rows that changes have at least, where there are any.
const ROOM_FOR_CHANGES: usize = 6;
/// Where a terminal is too small for anything.
const FEWEST_ROWS: usize = 8;
/// A round that takes no longer is nothing to tell of.
const PATIENCE: Duration = Duration::from_secs(3);
/// So many hosts that are waited for are named.
const NAMED: usize = 3;

/// What decides how a watch is shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of the user or of a stream, and none implies another"
)]
#[derive(Debug, Clone, Copy)]
pub struct WatchOptions {
    /// Whether standard error is a terminal.
    pub on_terminal: bool,
    /// `-q`: nothing is shown until the end.
    pub quiet: bool,
    /// Whether colours are wanted on standard error.
    pub colour: bool,
    /// Whether the locale shows more than ASCII.
    pub unicode: bool,
    /// The pause between rounds.
    pub interval: Duration,
}

/// Shows rounds of probes as they come.
pub struct Watch<'a> {
    inventory: &'a Inventory,
    options: WatchOptions,
    view: View,
    known: HashMap<(HostId, CheckKind), CheckStatus>,
    /// What changed, the latest last.
    changes: VecDeque<Change>,
    rounds: usize,
    /// The last complete round and its head.
    latest: (String, Vec<Check>),
    /// What is waited for, in words; empty where there is nothing to tell.
    waiting: String,
}

/// A verdict that is another one than before.
struct Change {
    status: CheckStatus,
    /// `20:31:05 ✗`
    lead: String,
    host: HostId,
    /// `http: its own page`
    what: String,
}

enum View {
    Screen(Screen),
    Lines(Box<dyn Write + Send>),
    Nothing,
}

impl<'a> Watch<'a> {
    /// A watch on standard error.
    pub fn new(inventory: &'a Inventory, options: WatchOptions) -> Self {
        let view = match (options.quiet, options.on_terminal) {
            (true, _) => View::Nothing,
            (false, true) => View::Screen(Screen::stderr()),
            (false, false) => View::Lines(Box::new(std::io::stderr())),
        };
        Self::on(view, inventory, options)
    }

    fn on(view: View, inventory: &'a Inventory, options: WatchOptions) -> Self {
        Self {
            inventory,
            options,
            view,
            known: HashMap::new(),
            changes: VecDeque::new(),
            rounds: 0,
            latest: <_>::default(),
            waiting: String::new(),
        }
    }

    /// Shows a complete round, at a time of the day.
    pub fn round(&mut self, checks: &[Check], now: &str) {
        let checks: Vec<_> = checks.iter().map(printable::check).collect();
        self.rounds += 1;
        let changed = self.changed(&checks, now);
        let head = self.head(&checks, now);
        if let View::Lines(writer) = &mut self.view {
            let first = (self.rounds == 1).then_some(&head);
            let changed: Vec<_> = changed.iter().map(|change| change.line(change.host.as_str())).collect();
            for line in first.into_iter().chain(&changed) {
                // Nobody reads a closed standard error; the watch itself goes on.
                let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
            }
        }
        self.changes.extend(changed);
        let surplus = self.changes.len().saturating_sub(CHANGES_KEPT);
        self.changes.drain(..surplus);
        self.latest = (head, checks);
        self.waiting.clear();
        self.redraw();
    }

    /// Shows that a round is not complete yet, and what it waits for, once that deserves a word.
    pub fn under_way(&mut self, elapsed: Duration, waiting: &[(HostId, String)]) {
        let is_told = !self.waiting.is_empty();
        if elapsed >= PATIENCE {
            let list: Vec<_> = waiting.chunk_by(|one, next| one.1 == next.1).map(of_hosts).collect();
            // With all verdicts there, logs are read that explain them.
            let list = if list.is_empty() { "logs".to_owned() } else { list.join("; ") };
            let elapsed = words::whole_seconds(elapsed);
            self.waiting = format!("round {}, after {elapsed}: still waiting for {list}", self.rounds + 1);
        }
        match &mut self.view {
            // Once a round: what comes of it is told at its end.
            View::Lines(writer) if !is_told && !self.waiting.is_empty() => {
                let _ = writeln!(writer, "{}", self.waiting).and_then(|()| writer.flush());
            }
            View::Screen(_) => self.redraw(),
            View::Lines(_) | View::Nothing => {}
        }
    }

    /// Draws what is known once more: the terminal may have been resized.
    pub fn redraw(&self) {
        if let View::Screen(screen) = &self.view {
            let (rows, columns) = screen.size();
            screen.show(self.frame(rows, columns));
        }
    }

    /// Leaves what changed on the screen, for the result to stand below.
    pub fn finish(&mut self) {
        let View::Screen(screen) = &self.view else { return };
        let (_, columns) = screen.size();
        let style = self.style();
        let mut lines: Vec<_> = self.changes.iter().map(|change| change.painted(columns, style)).collect();
        // The result is of the last complete round, and says nothing of the one that was left.
        if !self.waiting.is_empty() {
            lines.push(style.paint(Tone::Caution, words::fit(&self.waiting, columns, style)));
        }
        // The last line is where the result goes on.
        lines.push(String::new());
        screen.show(lines);
    }

    fn style(&self) -> Style {
        Style { colour: self.options.colour, unicode: self.options.unicode }
    }

    /// What has another verdict than in the round before; in the first round, what did not pass.
    fn changed(&mut self, checks: &[Check], now: &str) -> Vec<Change> {
        let style = self.style();
        let mut changed = Vec::new();
        for check in checks {
            let before = self.known.insert((check.host.clone(), check.kind), check.status);
            if before.unwrap_or(CheckStatus::Pass) != check.status {
                let mark = match check.status {
                    CheckStatus::Pass => style.pass(),
                    CheckStatus::Fail => style.fail(),
                    CheckStatus::Skip => style.skip(),
                };
                changed.push(Change {
                    status: check.status,
                    lead: format!("{now} {mark}"),
                    host: check.host.clone(),
                    what: format!("{}: {}", check.kind.as_str(), check.detail.english()),
                });
            }
        }
        changed
    }

    /// `20:31:05  11 of 13 probes pass (round 7, every 5s; Ctrl-C ends)`
    fn head(&self, checks: &[Check], now: &str) -> String {
        let passed = checks.iter().filter(|check| check.status == CheckStatus::Pass).count();
        let probes = words::count(checks.len(), "probe");
        let interval = humantime::format_duration(self.options.interval);
        let round = match &self.view {
            View::Screen(_) => format!("round {}, ", self.rounds),
            View::Lines(_) | View::Nothing => String::new(),
        };
        format!("{now} {passed} of {probes} pass ({round}every {interval}; Ctrl-C ends)")
    }

    /// All lines of a drawing: never more than the terminal has rows.
    fn frame(&self, rows: usize, columns: usize) -> Vec<String> {
        // The last row stays free: a terminal scrolls when it is filled.
        let room = rows.max(FEWEST_ROWS) - 1;
        let style = self.style();
        let waiting = style.paint(Tone::Caution, words::fit(&self.waiting, columns, style));
        let (head, checks) = &self.latest;
        if checks.is_empty() {
            return vec![waiting];
        }
        let outcome = RunOutcome { checks: checks.clone(), ..RunOutcome::default() };
        let form = Form { style, width: columns, shows_all: false };
        let mut table = table(form, &outcome, self.inventory);
        let for_changes =
            if self.changes.is_empty() { 0 } else { ROOM_FOR_CHANGES.min(self.changes.len() + 1) };
        let for_table = room.saturating_sub(2 + for_changes);
        if table.len() > for_table {
            let shown = for_table.saturating_sub(1);
            let left = words::count(table.len() - shown, "row");
            table.truncate(shown);
            table.push(style.paint(Tone::Faint, format!("{} and {left} more", style.ellipsis())));
        }
        let mut lines = vec![style.paint(Tone::Strong, words::fit(head, columns, style)), waiting];
        lines.append(&mut table);
        let left = room.saturating_sub(lines.len() + 1);
        let latest = self.changes.iter().rev().take(left);
        if !self.changes.is_empty() && left > 0 {
            lines.push(String::new());
        }
        // The latest first: it stands at the same place in each drawing.
        lines.extend(latest.map(|change| change.painted(columns, style)));
        lines
    }
}

/// `ssh of web01, web02`
fn of_hosts(waiting: &[(HostId, String)]) -> String {
    let named = waiting.iter().take(NAMED).map(|(host, _)| host.to_string());
    let more = waiting.len().saturating_sub(NAMED);
    let hosts: Vec<_> = named.chain((more > 0).then(|| format!("{more} more"))).collect();
    let doing = waiting.first().map_or("", |(_, doing)| doing);
    format!("{doing} of {}", hosts.join(", "))
}

impl Change {
    fn line(&self, host: &str) -> String {
        format!("{} {host} {}", self.lead, self.what)
    }

    /// In the columns of a terminal, of which no name takes more than half.
    fn painted(&self, columns: usize, style: Style) -> String {
        let tone = match self.status {
            CheckStatus::Pass => Tone::Good,
            CheckStatus::Fail => Tone::Bad,
            CheckStatus::Skip => Tone::Faint,
        };
        let host = names::shorten(&[self.host.as_str()], columns / 2, style).concat();
        style.paint(tone, words::fit(&self.line(&host), columns, style))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::report::samples::{self, named};

    #[derive(Clone, Default)]
    struct Buffer(Arc<Mutex<Vec<u8>>>);

    impl Buffer {
        fn take(&self) -> String {
            String::from_utf8(std::mem::take(&mut *self.0.lock().unwrap())).unwrap()
        }
    }

    impl Write for Buffer {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn options() -> WatchOptions {
        let interval = Duration::from_secs(5);
        WatchOptions { on_terminal: false, quiet: false, colour: false, unicode: true, interval }
    }

    #[test]
    fn without_a_terminal_each_change_is_a_line() {
        let (buffer, inventory) = (Buffer::default(), samples::inventory());
        let mut watch = Watch::on(View::Lines(Box::new(buffer.clone())), &inventory, options());
        let (bad, good) = (samples::verified().checks, samples::applied().checks);
        watch.round(&bad, "20:31:05");
        watch.round(&bad, "20:31:10");
        watch.round(&good, "20:31:15");
        watch.finish();
        insta::assert_snapshot!(buffer.take());
    }

    #[test]
    fn on_a_terminal_it_is_drawn_in_place_and_fits() {
        let (buffer, inventory) = (Buffer::default(), samples::classroom());
        let screen = Screen::new(Box::new(buffer.clone()), || (14, 80));
        let mut watch = Watch::on(View::Screen(screen), &inventory, options());
        let mut checks = samples::class_applied().checks;
        watch.round(&checks, "20:31:05");
        insta::assert_snapshot!(anstream::adapter::strip_str(&buffer.take()).to_string());
        watch.round(&checks, "20:31:10");
        // Nothing but the time and the number of the round.
        let redrawn = buffer.take();
        assert!(redrawn.contains("20:31:10") && !redrawn.contains("team07"), "{redrawn:?}");
        for check in &mut checks {
            check.status = CheckStatus::Fail;
        }
        watch.round(&checks, "20:31:15");
        let drawn = buffer.take();
        assert!(drawn.lines().count() <= 14, "{drawn}");
        assert!(!drawn.contains('\u{7}'), "it beeps");
    }

    #[test]
    fn long_names_fit_terminals_of_every_width() {
        let inventory = named::class_of(named::numbered);
        let checks = named::renamed(samples::class_applied(), named::numbered).checks;
        for (columns, drawn) in [80, 40].map(|columns| {
            let buffer = Buffer::default();
            let screen = Screen::new(Box::new(buffer.clone()), move || (16, columns));
            let mut watch = Watch::on(View::Screen(screen), &inventory, options());
            watch.round(&checks, "20:31:05");
            (columns, anstream::adapter::strip_str(&buffer.take()).to_string().replace('\r', ""))
        }) {
            let is_within = |line: &str| words::width(line) <= usize::from(columns);
            assert!(drawn.lines().all(is_within) && drawn.lines().count() < 16, "{drawn}");
            insta::assert_snapshot!(format!("long_names_in_{columns}_columns"), drawn);
        }
    }

    #[test]
    fn what_a_long_round_waits_for_is_told() {
        let inventory = samples::inventory();
        let (lines, drawings) = (Buffer::default(), Buffer::default());
        let screen = Screen::new(Box::new(drawings.clone()), || (24, 80));
        let web = (1..=6).map(|number| (format!("web0{number}"), "ssh"));
        let waiting: Vec<_> = web
            .chain([("lb".to_owned(), "balance")])
            .map(|(name, doing)| (HostId::new("ana", &name), doing.to_owned()))
            .collect();
        let checks = samples::applied().checks;
        for view in [View::Lines(Box::new(lines.clone())), View::Screen(screen)] {
            let mut watch = Watch::on(view, &inventory, options());
            watch.under_way(Duration::from_secs(4), &waiting[..1]);
            watch.round(&checks, "20:31:05");
            drawings.take();
            for seconds in 1..=5 {
                watch.under_way(Duration::from_secs(seconds), &waiting);
            }
            watch.under_way(Duration::from_secs(6), &[]);
            watch.round(&checks, "20:31:20");
            watch.under_way(Duration::from_secs(9), &waiting[6..]);
            watch.finish();
        }
        insta::assert_snapshot!(lines.take());
        // Only the line that changes is written, and it is empty at the end.
        let drawn = anstream::adapter::strip_str(&drawings.take()).to_string();
        let drawn: Vec<_> = drawn.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        insta::assert_snapshot!(drawn.join("\n"));
    }

    #[test]
    fn after_a_resize_all_is_drawn_anew() {
        let (buffer, inventory) = (Buffer::default(), samples::inventory());
        let size = Arc::new(Mutex::new((50, 200)));
        let screen = Screen::new(Box::new(buffer.clone()), {
            let size = Arc::clone(&size);
            move || *size.lock().unwrap()
        });
        let mut watch = Watch::on(View::Screen(screen), &inventory, options());
        let checks = samples::verified().checks;
        watch.round(&checks, "20:31:05");
        for smaller in [(50, 80), (24, 80)] {
            *size.lock().unwrap() = smaller;
            buffer.take();
            watch.round(&checks, "20:31:10");
            let drawn = buffer.take();
            assert!(drawn.contains("\u{1b}[J") && drawn.contains("balance"), "{smaller:?}: {drawn:?}");
        }
    }
}
