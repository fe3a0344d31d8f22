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
use super::style::Look;
use crate::event::Event;

/// How often bars are drawn while nothing is printed above them. Often enough for the seconds to look alive.
const TICK: Duration = Duration::from_millis(125);

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
    pub fn new(look: Look) -> Self {
        if look.is_terminal && !look.quiet {
            Self::Live(LiveProgress::new(Screen::stderr(), look, Some(TICK)))
        } else {
            Self::to(Box::new(std::io::stderr()), look)
        }
    }

    pub fn to(writer: Box<dyn Write + Send>, look: Look) -> Self {
        if look.quiet {
            Self::Silent(Lines::new(writer, look))
        } else {
            Self::Plain(Lines::new(writer, look))
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

#[cfg(test)]
mod tests;
