//! Progress on a terminal: the board at its end, kept fresh by indicatif, and sentences above it.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::board::Board;
use super::screen::Screen;
use crate::report::style::Style;
use crate::report::words;

/// Draws a board. One bar of indicatif holds all of its lines, so that a class of hosts costs no more than a few,
/// and every drawing takes the terminal's size as it is then.
pub struct Bars {
    screen: Screen,
    bar: Option<ProgressBar>,
    style: Style,
    /// Whether sentences stand above what is printed next.
    spoke: bool,
    tick: Option<Duration>,
}

impl Bars {
    pub fn new(screen: Screen, style: Style, tick: Option<Duration>) -> Self {
        Self { screen, bar: None, style, spoke: false, tick }
    }

    pub fn start(&mut self, board: Arc<Mutex<Board>>) {
        self.finish();
        let Ok(template) = ProgressStyle::with_template("{board}") else { return };
        let (screen, style) = (self.screen.clone(), self.style);
        let paint = move |_: &ProgressState, writer: &mut dyn fmt::Write| {
            let (rows, columns) = screen.size();
            let lines = lock(&board).lines(Instant::now(), rows, columns, style);
            // Writing to a string cannot fail.
            let _ = writer.write_str(&lines.join("\n"));
        };
        let target = ProgressDrawTarget::term_like(Box::new(self.screen.clone()));
        let bar = ProgressBar::with_draw_target(None, target).with_style(template.with_key("board", paint));
        if let Some(tick) = self.tick {
            bar.enable_steady_tick(tick);
        }
        self.bar = Some(bar);
    }

    /// Prints a sentence above the bars.
    pub fn say(&mut self, line: &str) {
        let (_, columns) = self.screen.size();
        let line = words::fold(line, columns);
        self.spoke = true;
        match &self.bar {
            Some(bar) => bar.println(line),
            None => self.screen.print(&line),
        }
    }

    /// Draws the board as it is now, unless that is done again and again.
    pub fn draw(&self) {
        if let (Some(bar), None) = (&self.bar, self.tick) {
            bar.tick();
        }
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

impl Drop for Bars {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A board is whole between events, also when a thread that held it died.
pub fn lock(board: &Mutex<Board>) -> MutexGuard<'_, Board> {
    board.lock().unwrap_or_else(PoisonError::into_inner)
}
