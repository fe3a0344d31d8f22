//! Progress on a terminal: the board at its end, kept fresh by indicatif, and sentences above it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::style::ProgressTracker;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::board::{Board, Tally};
use super::screen::Screen;
use super::sentences::{Narrator, Weight};
use crate::event::Event;
use crate::report::style::{Look, Style};
use crate::report::words;

/// Draws a board. One bar of indicatif holds all of its lines, so that a class of hosts costs no more than a few,
/// and every drawing takes the terminal's size as it is then.
pub struct LiveProgress {
    screen: Screen,
    board: Arc<Mutex<Board>>,
    bar: Option<ProgressBar>,
    narrator: Narrator,
    style: Style,
    lightest: Weight,
    /// Whether sentences stand above what is printed next.
    spoke: bool,
    tick: Option<Duration>,
}

impl LiveProgress {
    /// Progress on a screen. Without a tick it is drawn at each event, which tests want.
    pub fn new(screen: Screen, look: Look, tick: Option<Duration>) -> Self {
        let style = look.style;
        Self {
            screen,
            board: Arc::new(Mutex::new(Board::new(Instant::now()))),
            bar: None,
            narrator: Narrator::new(style),
            style,
            spoke: false,
            lightest: if look.shows_all() { Weight::Detail } else { Weight::News },
            tick,
        }
    }

    pub fn handle(&mut self, event: &Event) {
        let tally = {
            let mut board = lock(&self.board);
            board.record(event, Instant::now());
            board.tally
        };
        match event {
            Event::StageStarted { .. } => self.start(&tally),
            Event::StageFinished { .. } => self.finish(),
            _ => {}
        }
        // With `-v`, bars already tell the steps that only plain lines must spell out.
        if let Some((weight, line)) = self.narrator.tell(event, &tally)
            && weight <= self.lightest
            && weight != Weight::Step
        {
            let (_, columns) = self.screen.size();
            let line = words::fold(&line, columns);
            self.spoke = true;
            match &self.bar {
                Some(bar) => bar.println(line),
                None => self.screen.print(&line),
            }
        } else if let (Some(bar), None) = (&self.bar, self.tick) {
            bar.tick();
        }
    }

    fn start(&mut self, tally: &Tally) {
        self.finish();
        let Ok(template) = ProgressStyle::with_template("{board}") else { return };
        if tally.hosts == 0 {
            return;
        }
        let painter =
            Painter { board: Arc::clone(&self.board), screen: self.screen.clone(), style: self.style };
        let target = ProgressDrawTarget::term_like(Box::new(self.screen.clone()));
        let bar = ProgressBar::with_draw_target(None, target).with_style(template.with_key("board", painter));
        if let Some(tick) = self.tick {
            bar.enable_steady_tick(tick);
        }
        self.bar = Some(bar);
    }

    /// Takes the bars off the screen and sets what was said apart from the result.
    pub fn close(&mut self) {
        self.finish();
        if std::mem::take(&mut self.spoke) {
            self.screen.print("");
        }
    }

    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for LiveProgress {
    fn drop(&mut self) {
        self.finish();
    }
}

impl fmt::Debug for LiveProgress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LiveProgress").field("board", &self.board).finish_non_exhaustive()
    }
}

/// Hands indicatif the board's lines whenever it draws.
#[derive(Clone)]
struct Painter {
    board: Arc<Mutex<Board>>,
    screen: Screen,
    style: Style,
}

impl ProgressTracker for Painter {
    fn clone_box(&self) -> Box<dyn ProgressTracker> {
        Box::new(self.clone())
    }

    fn tick(&mut self, _: &ProgressState, _: Instant) {}

    fn reset(&mut self, _: &ProgressState, _: Instant) {}

    fn write(&self, _: &ProgressState, writer: &mut dyn fmt::Write) {
        let (rows, columns) = self.screen.size();
        let lines = lock(&self.board).lines(Instant::now(), rows, columns, self.style);
        // Writing to a string cannot fail.
        let _ = writer.write_str(&lines.join("\n"));
    }
}

/// A board is whole between events, also when a thread that held it died.
fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
