//! What is shown while a run goes on: bars on a terminal, plain lines elsewhere, errors alone under `-q`.

mod board;
mod live;
mod plain;
mod screen;
mod sentences;

use std::io::Write;
use std::time::Duration;

use self::live::LiveProgress;
use self::plain::Lines;
pub use self::screen::Screen;
use super::style::Style;
use crate::event::Event;

/// How often bars are drawn while nothing is printed above them. Often enough for the seconds to look alive.
const TICK: Duration = Duration::from_millis(125);

/// What decides how progress is shown.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an answer of the user or of a stream, and none implies another"
)]
#[derive(Debug, Clone, Copy)]
pub struct ProgressOptions {
    /// Whether standard error is a terminal.
    pub stderr_is_terminal: bool,
    /// `-q`
    pub quiet: bool,
    /// 0 without `-v`.
    pub verbose: u8,
    /// Whether colours are wanted on standard error.
    pub colour: bool,
    /// Whether the locale shows more than ASCII.
    pub unicode: bool,
}

/// Shows a run's events as they come. Chosen once.
#[derive(Debug)]
pub enum Progress {
    /// Bars at the end of the screen, sentences above them.
    Live(LiveProgress),
    /// One line for each event that deserves one.
    Plain(Lines),
    /// Failures and warnings alone.
    Silent(Lines),
}

impl Progress {
    /// Progress on standard error.
    pub fn new(options: ProgressOptions) -> Self {
        if options.stderr_is_terminal && !options.quiet {
            Self::Live(LiveProgress::new(Screen::stderr(), options, Some(TICK)))
        } else {
            Self::to(Box::new(std::io::stderr()), options)
        }
    }

    /// Progress as lines on any writer.
    pub fn to(writer: Box<dyn Write + Send>, options: ProgressOptions) -> Self {
        if options.quiet {
            Self::Silent(Lines::new(writer, options))
        } else {
            Self::Plain(Lines::new(writer, options))
        }
    }

    pub fn handle(&mut self, event: &Event) {
        match self {
            Self::Live(terminal) => terminal.handle(event),
            Self::Plain(lines) | Self::Silent(lines) => lines.handle(event),
        }
    }

    /// Takes the bars off the screen. To be called before anything else is printed, also on the way out.
    pub fn finish(&mut self) {
        match self {
            Self::Live(terminal) => terminal.close(),
            Self::Plain(_) | Self::Silent(_) => {}
        }
    }
}

impl ProgressOptions {
    fn style(self) -> Style {
        Style { colour: self.colour, unicode: self.unicode }
    }
}

#[cfg(test)]
mod tests;
