//! What stands on a terminal, kept in memory, while a run goes on.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use indicatif::{InMemoryTerm, TermLike};

use super::*;
use crate::report::samples::named;
use crate::report::style::Style;
use crate::report::words;

/// A terminal in memory, and the bytes that it took.
struct Stand {
    term: InMemoryTerm,
    rows: Arc<AtomicU16>,
    columns: Arc<AtomicU16>,
    written: Written,
    terminal: Progress,
}

/// Hands bytes to the terminal in memory, and keeps them.
struct Tee(InMemoryTerm, Written);

impl Write for Tee {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A real terminal's driver turns a line feed into both.
        let text = std::str::from_utf8(bytes).unwrap().replace("\r\n", "\n").replace('\n', "\r\n");
        self.0.write_str(&text)?;
        self.1.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Stand {
    fn new(rows: u16, columns: u16, look: Look) -> Self {
        let term = InMemoryTerm::new(rows, columns);
        let written = Written::default();
        let (rows, columns) = (Arc::new(AtomicU16::new(rows)), Arc::new(AtomicU16::new(columns)));
        let size = (Arc::clone(&rows), Arc::clone(&columns));
        let screen = Screen::new(Box::new(Tee(term.clone(), written.clone())), move || {
            (size.0.load(Ordering::Relaxed), size.1.load(Ordering::Relaxed))
        });
        let terminal = Progress::live(screen, look, None);
        Self { term, rows, columns, written, terminal }
    }

    fn play(&mut self, events: &[Event]) -> String {
        for event in events {
            self.terminal.handle(event);
        }
        self.term.contents()
    }
}

/// Sixty hosts at work, on as many as the forks allow.
fn class_at_work(forks: usize) -> Vec<Event> {
    let mut events = vec![stage(Stage::Apply, 60)];
    events.extend((1..=forks).map(started));
    events.extend((1..=forks).map(|number| doing(number, "Unpacking apache2 (2.4.57-2)")));
    events
}

#[test]
fn sixty_hosts_fit_24_rows_of_80_columns() {
    let mut stand = Stand::new(24, 80, LOOK);
    let screen = stand.play(&class_at_work(30));
    assert!(screen.lines().count() <= 20, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn a_wide_terminal_shows_more_of_each_line() {
    let mut stand = Stand::new(24, 200, LOOK);
    let long = "installing ".repeat(30);
    insta::assert_snapshot!(stand.play(&[
        stage(Stage::Apply, 2),
        started(1),
        doing(1, &long),
        started(2),
        doing(2, "package:apache2")
    ]));
}

#[test]
fn long_names_are_told_apart_by_how_they_end() {
    let host = |number: usize| HostId::new(&named::numbered(number), &format!("web{:02}", number % 3));
    let mut events = vec![stage(Stage::Apply, 60)];
    for number in 1..=8 {
        events.push(Event::HostStarted { host: host(number) });
        events.push(Event::HostProgress {
            host: host(number),
            doing: Text::verbatim("Unpacking apache2 (2.4.57-2)"),
        });
    }
    let screens = [120, 80, 40].map(|columns| {
        let screen = Stand::new(24, columns, LOOK).play(&events);
        assert!(screen.lines().all(|line| words::width(line) <= usize::from(columns)), "{screen}");
        screen
    });
    insta::assert_snapshot!(screens.join("\n\n"));
}

#[test]
fn a_narrow_or_low_terminal_still_shows_the_counts() {
    for (rows, columns) in [(1, 80), (2, 1), (5, 10), (7, 30), (3, 200)] {
        let mut stand = Stand::new(rows, columns, LOOK);
        let screen = stand.play(&class_at_work(30));
        assert!(screen.lines().count() <= usize::from(rows), "{rows} x {columns}: {screen}");
    }
    let mut stand = Stand::new(8, 40, LOOK);
    insta::assert_snapshot!(stand.play(&class_at_work(30)));
}

#[test]
fn finished_hosts_collapse_and_failures_stand_above() {
    let mut stand = Stand::new(24, 80, LOOK);
    stand.play(&class_at_work(6));
    let screen = stand.play(&[
        changed(1, "package:haproxy"),
        finished(2, 4),
        unreachable(3),
        finished(4, 4),
        unreachable(5),
        note(Level::Warning, "its clock is 3 minutes behind"),
        note(Level::Detail, "not shown without -v"),
    ]);
    insta::assert_snapshot!(screen);
    stand.terminal.finish();
    insta::assert_snapshot!("the_bars_leave_nothing_behind", stand.term.contents());
}

/// A class of 120 hosts, of which nothing works.
fn class_in_trouble() -> Vec<Event> {
    let mut events = vec![stage(Stage::Verify, 120)];
    events.extend((1..=120).map(started));
    for number in 1..=60 {
        let check = |kind, detail: &str| {
            Event::CheckFinished(samples::check(kind, &host(number), CheckStatus::Fail, detail))
        };
        events.push(check(CheckKind::SSH, "the connection was refused; expected a login over SSH"));
        events.push(unreachable(number));
        events.push(check(CheckKind::HTTP, &format!("saw page {number}, expected its own")));
    }
    events
}

#[test]
fn what_many_hosts_share_is_told_once_and_the_rest_is_counted() {
    let mut stand = Stand::new(40, 80, LOOK);
    let screen = stand.play(&class_in_trouble());
    // On a busy machine a second goes by.
    insta::with_settings!({ filters => [(r"\d s\b", "0 s")] }, { insta::assert_snapshot!(screen) });
    let mut verbose = Stand::new(400, 80, Look { verbose: 1, ..LOOK });
    let screen = verbose.play(&class_in_trouble());
    assert!(screen.contains("team20/web2 ssh") && screen.contains("saw page 60"), "{screen}");
}

#[test]
fn plain_lines_tell_each_failure_and_quiet_ones_each_cause() {
    let plain = lines(LOOK, &class_in_trouble());
    assert_eq!(plain.matches("the connection was refused; expected").count(), 60, "{plain}");
    let quiet = lines(Look { quiet: true, ..LOOK }, &class_in_trouble());
    assert_eq!(quiet.matches("the connection was refused; expected").count(), 1, "{quiet}");
}

#[test]
fn what_a_drill_comes_to_is_told_where_it_is_one() {
    for (clusters, told) in [(1, true), (30, false)] {
        let mut stand = Stand::new(24, 80, LOOK);
        let out = note(Level::Info, "out of rotation after 1.2 s");
        let screen = stand.play(&[stage(Stage::Drill, clusters), started(2), out]);
        assert_eq!(screen.contains("out of rotation after"), told, "{screen}");
    }
}

#[test]
fn a_whole_run_leaves_its_sentences() {
    let mut stand = Stand::new(40, 100, LOOK);
    insta::assert_snapshot!(stand.play(&story()));
}

#[test]
fn packages_are_seen_to_move_under_the_bar() {
    let mut stand = Stand::new(12, 80, LOOK);
    stand.play(&class_at_work(30));
    let screen = stand.play(&[moved(9_100, 9_100, 1), moved(142_300_000, 4_810_000, 30)]);
    insta::assert_snapshot!(screen);
    // They belong to the stage in which they move.
    let screen = stand.play(&[over(Stage::Apply), stage(Stage::Verify, 30), started(1)]);
    assert!(!screen.contains("packages"), "{screen}");
}

#[test]
fn interrupting_is_seen_in_the_bar() {
    let mut stand = Stand::new(24, 80, LOOK);
    stand.play(&class_at_work(2));
    insta::assert_snapshot!(stand.play(&[Event::Interrupting]));
}

#[test]
fn without_unicode_bars_are_ascii() {
    let mut stand = Stand::new(24, 80, Look { style: Style { unicode: false, ..LOOK.style }, ..LOOK });
    stand.play(&class_at_work(2));
    let screen = stand.play(&[finished(1, 1), doing(2, &"x".repeat(100)), unreachable(2)]);
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn a_terminal_that_grows_and_shrinks_is_drawn_anew() {
    let mut stand = Stand::new(24, 80, LOOK);
    let before = stand.play(&class_at_work(30));
    stand.rows.store(10, Ordering::Relaxed);
    let low = stand.play(&[doing(1, "Setting up apache2")]);
    assert_eq!(low.lines().count(), 6, "{low}");
    stand.rows.store(24, Ordering::Relaxed);
    let after = stand.play(&[doing(1, "Unpacking apache2 (2.4.57-2)")]);
    assert_eq!(before, after);
    stand.columns.store(40, Ordering::Relaxed);
    let narrow = stand.play(&[doing(2, "Setting up apache2 after a long, long wait for a lock")]);
    assert!(
        narrow.lines().skip_while(|line| !line.contains("team01/web1")).all(|line| words::width(line) < 40),
        "{narrow}"
    );
}

#[test]
fn drawing_costs_few_bytes() {
    let mut stand = Stand::new(24, 80, LOOK);
    stand.play(&class_at_work(30));
    let before = stand.written.text().len();
    for step in 0..100 {
        stand.play(&[doing(1 + step % 30, &format!("step {step}"))]);
    }
    let each = (stand.written.text().len() - before) / 100;
    assert!(each < 120, "{each} bytes for a changed line");
}

/// Terminals that clear from their first row on move what was there into the history, where it would pile up.
#[test]
fn a_board_that_shrinks_clears_only_what_is_below_it() {
    let mut stand = Stand::new(24, 80, LOOK);
    stand.play(&class_at_work(6));
    let before = stand.written.text().len();
    let screen = stand.play(&[finished(2, 4), finished(6, 4)]);
    assert_eq!(screen.lines().count(), 6, "{screen}");
    let written = stand.written.text().split_off(before);
    assert!(!written.contains("\r\u{1b}[J"), "{written:?}");
    insta::assert_snapshot!(screen);
}

#[test]
fn nothing_is_written_where_nothing_changed() {
    let mut stand = Stand::new(24, 80, LOOK);
    stand.play(&class_at_work(30));
    let before = stand.written.text().len();
    stand.play(&[doing(30, "below the last line that is shown")]);
    assert_eq!(stand.written.text().len(), before);
}

#[test]
fn bars_tick_by_themselves_and_stop() {
    let written = Written::default();
    let screen = Screen::new(Box::new(written.clone()), || (24, 80));
    let mut terminal = Progress::live(screen, LOOK, Some(Duration::from_millis(2)));
    terminal.handle(&stage(Stage::Observe, 3));
    terminal.handle(&started(1));
    let deadline = Instant::now() + Duration::from_secs(5);
    while !written.text().contains("team01/lb") && Instant::now() < deadline {
        std::thread::yield_now();
    }
    terminal.finish();
    let text = written.text();
    assert!(text.contains("team01/lb") && text.ends_with('\r'), "{text:?}");
}

#[test]
fn times_and_planned_changes_are_shown_where_they_help() {
    let start = Instant::now();
    let mut board = Board::new(start);
    for event in [stage(Stage::Apply, 3), Event::HostPlanned { host: host(1), changes: 9 }] {
        board.record(&event, start);
    }
    board.record(&started(1), start);
    board.record(&changed(1, "package:haproxy"), start);
    board.record(&doing(1, "service:haproxy"), start);
    board.record(&doing(1, "service:haproxy"), start + Duration::from_secs(30));
    board.record(&started(2), start + Duration::from_secs(60));
    let style = LOOK.style;
    let lines = board.lines(start + Duration::from_secs(62), 24, 80, style).join("\n");
    insta::assert_snapshot!(lines, @r"
    Applying  ──────────────────────────────  0/3 hosts  1 change  1 min 02 s
      team01/lb    1/9  service:haproxy  1 min 02 s
      team01/web1
      +1 waiting
    ");
    assert_eq!(board.lines(start + Duration::from_millis(62_900), 24, 80, style).join("\n"), lines);
}

#[test]
fn colour_changes_no_column() {
    let mut plain = Stand::new(24, 80, LOOK);
    let mut coloured = Stand::new(24, 80, Look { style: Style { colour: true, ..LOOK.style }, ..LOOK });
    let events: Vec<Event> = class_at_work(30).into_iter().chain([unreachable(1), finished(2, 1)]).collect();
    assert_eq!(plain.play(&events), coloured.play(&events));
}
