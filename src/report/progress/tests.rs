use std::io::{self, Write};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use indicatif::{InMemoryTerm, TermLike};

use super::board::Board;
use super::*;
use crate::event::{Level, Stage, Traffic};
use crate::model::{Check, CheckKind, CheckStatus, FailureKind, HostId, HostStatus, ResourceId};
use crate::report::{samples, words};

const OPTIONS: ProgressOptions =
    ProgressOptions { stderr_is_terminal: true, quiet: false, verbose: 0, colour: false, unicode: true };

fn host(number: usize) -> HostId {
    HostId::new(&format!("team{:02}", number.div_ceil(3)), ["lb", "web1", "web2"][(number - 1) % 3])
}

fn started(number: usize) -> Event {
    Event::HostStarted { host: host(number) }
}

fn doing(number: usize, doing: &str) -> Event {
    Event::HostProgress { host: host(number), doing: doing.to_owned() }
}

fn finished(number: usize, changes: usize) -> Event {
    let status = if changes > 0 { HostStatus::Changed } else { HostStatus::Ok };
    let duration = Duration::from_millis(41_300);
    Event::HostFinished { host: host(number), status, changes, failure: None, duration }
}

fn unreachable(number: usize) -> Event {
    Event::HostFinished {
        host: host(number),
        status: HostStatus::Unreachable,
        changes: 0,
        failure: Some(samples::silent()),
        duration: Duration::from_secs(10),
    }
}

fn changed(number: usize, resource: &str) -> Event {
    let resource = ResourceId::new(resource);
    Event::ChangeDone { host: host(number), resource, duration: Duration::from_millis(4_120) }
}

fn note(level: Level, message: &str) -> Event {
    Event::Note { host: Some(host(2)), level, message: message.to_owned() }
}

fn moved(served: u64, downloaded: u64, hosts: usize) -> Event {
    Event::PackagesMoved(Traffic { served, downloaded, hosts })
}

fn probe(status: CheckStatus) -> Event {
    let detail = "saw Apache's default page, expected the page of this host";
    let hint = (status == CheckStatus::Fail).then(|| "apply again".to_owned());
    let kind = CheckKind::Http;
    Event::CheckFinished(Check {
        kind,
        host: host(2),
        status,
        detail: detail.to_owned(),
        hint,
        shares: Vec::new(),
        log_tail: Vec::new(),
        duration: Duration::from_millis(12),
    })
}

fn stage(stage: Stage, hosts: usize) -> Event {
    Event::StageStarted { stage, hosts }
}

fn over(stage: Stage) -> Event {
    Event::StageFinished { stage, duration: Duration::from_secs(62) }
}

/// A small class, from first look to last probe, with a bit of everything.
fn story() -> Vec<Event> {
    vec![
        stage(Stage::Observe, 4),
        started(1),
        started(2),
        started(3),
        started(4),
        note(Level::Detail, "russh, because the user's ssh configuration asks for nothing special"),
        unreachable(4),
        finished(1, 2),
        finished(2, 0),
        finished(3, 2),
        over(Stage::Observe),
        stage(Stage::Apply, 2),
        started(1),
        started(3),
        Event::HostPlanned { host: host(1), changes: 2 },
        doing(1, "package:haproxy"),
        doing(1, "Unpacking haproxy (2.6.12-1)"),
        note(Level::Warning, "its clock is 3 minutes behind"),
        note(Level::Info, "packages come through the laptop"),
        moved(38_200_000, 4_810_000, 2),
        changed(1, "package:haproxy"),
        changed(1, "service:haproxy"),
        changed(3, "file:/var/www/html/index.html"),
        finished(1, 2),
        Event::HostFinished {
            host: host(3),
            status: HostStatus::Failed,
            changes: 1,
            failure: Some(samples::failure(
                FailureKind::Service,
                "apache2 did not come up: port 80 is taken by nginx",
                "stop what holds the port, or choose another:\n  ssh web2 sudo systemctl disable --now nginx",
            )),
            duration: Duration::from_secs(7),
        },
        over(Stage::Apply),
        stage(Stage::Verify, 3),
        probe(CheckStatus::Pass),
        probe(CheckStatus::Fail),
        Event::Interrupting,
        over(Stage::Verify),
        Event::PackagesSettled(Traffic { served: 142_300_000, downloaded: 4_810_000, hosts: 2 }),
    ]
}

/// Bytes that a reporter wrote.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines(options: ProgressOptions, events: &[Event]) -> String {
    let written = Written::default();
    let mut progress = Progress::to(Box::new(written.clone()), options);
    for event in events {
        progress.handle(event);
    }
    progress.finish();
    written.text()
}

#[test]
fn plain_lines_tell_the_story() {
    insta::assert_snapshot!(lines(OPTIONS, &story()));
}

#[test]
fn verbose_lines_tell_details() {
    insta::assert_snapshot!(lines(ProgressOptions { verbose: 1, ..OPTIONS }, &story()));
}

#[test]
fn quiet_lines_tell_failures_and_warnings_alone() {
    insta::assert_snapshot!(lines(ProgressOptions { quiet: true, ..OPTIONS }, &story()));
}

#[test]
fn plain_lines_hold_no_control_characters() {
    let mut events = story();
    events.push(note(Level::Warning, "\u{1b}[2J\u{9b}31m\rowned\u{7}"));
    events.push(doing(1, "\u{1b}]0;owned\u{7}"));
    events.push(changed(1, "\u{1b}[2Jpackage:x"));
    let text = lines(ProgressOptions { verbose: 2, ..OPTIONS }, &events);
    assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text:?}");
}

/// A terminal in memory, and the bytes that it took.
struct Stand {
    term: InMemoryTerm,
    rows: Arc<AtomicU16>,
    columns: Arc<AtomicU16>,
    written: Written,
    terminal: Terminal,
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
    fn new(rows: u16, columns: u16, options: ProgressOptions) -> Self {
        let term = InMemoryTerm::new(rows, columns);
        let written = Written::default();
        let (rows, columns) = (Arc::new(AtomicU16::new(rows)), Arc::new(AtomicU16::new(columns)));
        let size = (Arc::clone(&rows), Arc::clone(&columns));
        let screen = Screen::new(Box::new(Tee(term.clone(), written.clone())), move || {
            (size.0.load(Ordering::Relaxed), size.1.load(Ordering::Relaxed))
        });
        let terminal = Terminal::new(screen, options, None);
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
    let mut stand = Stand::new(24, 80, OPTIONS);
    let screen = stand.play(&class_at_work(30));
    assert!(screen.lines().count() <= 20, "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn a_wide_terminal_shows_more_of_each_line() {
    let mut stand = Stand::new(24, 200, OPTIONS);
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
fn a_narrow_or_low_terminal_still_shows_the_counts() {
    for (rows, columns) in [(1, 80), (2, 1), (5, 10), (7, 30), (3, 200)] {
        let mut stand = Stand::new(rows, columns, OPTIONS);
        let screen = stand.play(&class_at_work(30));
        assert!(screen.lines().count() <= usize::from(rows), "{rows} x {columns}: {screen}");
    }
    let mut stand = Stand::new(8, 40, OPTIONS);
    insta::assert_snapshot!(stand.play(&class_at_work(30)));
}

#[test]
fn finished_hosts_collapse_and_failures_stand_above() {
    let mut stand = Stand::new(24, 80, OPTIONS);
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

#[test]
fn a_whole_run_leaves_its_sentences() {
    let mut stand = Stand::new(40, 100, OPTIONS);
    insta::assert_snapshot!(stand.play(&story()));
}

#[test]
fn packages_are_seen_to_move_under_the_bar() {
    let mut stand = Stand::new(12, 80, OPTIONS);
    stand.play(&class_at_work(30));
    let screen = stand.play(&[moved(9_100, 9_100, 1), moved(142_300_000, 4_810_000, 30)]);
    insta::assert_snapshot!(screen);
    // They belong to the stage in which they move.
    let screen = stand.play(&[over(Stage::Apply), stage(Stage::Verify, 30), started(1)]);
    assert!(!screen.contains("packages"), "{screen}");
}

#[test]
fn interrupting_is_seen_in_the_bar() {
    let mut stand = Stand::new(24, 80, OPTIONS);
    stand.play(&class_at_work(2));
    insta::assert_snapshot!(stand.play(&[Event::Interrupting]));
}

#[test]
fn without_unicode_bars_are_ascii() {
    let mut stand = Stand::new(24, 80, ProgressOptions { unicode: false, ..OPTIONS });
    stand.play(&class_at_work(2));
    let screen = stand.play(&[finished(1, 1), doing(2, &"x".repeat(100)), unreachable(2)]);
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!(screen);
}

#[test]
fn a_terminal_that_grows_and_shrinks_is_drawn_anew() {
    let mut stand = Stand::new(24, 80, OPTIONS);
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
    let mut stand = Stand::new(24, 80, OPTIONS);
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
    let mut stand = Stand::new(24, 80, OPTIONS);
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
    let mut stand = Stand::new(24, 80, OPTIONS);
    stand.play(&class_at_work(30));
    let before = stand.written.text().len();
    stand.play(&[doing(30, "below the last line that is shown")]);
    assert_eq!(stand.written.text().len(), before);
}

#[test]
fn bars_tick_by_themselves_and_stop() {
    let written = Written::default();
    let screen = Screen::new(Box::new(written.clone()), || (24, 80));
    let mut terminal = Terminal::new(screen, OPTIONS, Some(Duration::from_millis(2)));
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
    let style = OPTIONS.style();
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
    let mut plain = Stand::new(24, 80, OPTIONS);
    let mut coloured = Stand::new(24, 80, ProgressOptions { colour: true, ..OPTIONS });
    let events: Vec<Event> = class_at_work(30).into_iter().chain([unreachable(1), finished(2, 1)]).collect();
    assert_eq!(plain.play(&events), coloured.play(&events));
}

#[test]
fn a_host_out_of_reach_is_told_once() {
    let told =
        lines(OPTIONS, &[stage(Stage::Apply, 3), unreachable(1), stage(Stage::Verify, 3), unreachable(1)]);
    assert_eq!(told.matches("unreachable").count(), 1, "{told}");
    let ssh =
        Event::CheckFinished(samples::check(CheckKind::Ssh, &host(1), CheckStatus::Fail, "unreachable"));
    let told = lines(OPTIONS, &[stage(Stage::Verify, 3), ssh.clone(), unreachable(1), ssh]);
    assert_eq!(told.matches("unreachable").count(), 1, "{told}");
}
