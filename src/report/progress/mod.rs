//! What is shown while a run goes on: bars on a terminal, plain lines elsewhere, errors alone under `-q`.

mod bars;
mod board;
mod question;
mod screen;
mod sentences;

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use self::bars::{Bars, lock};
use self::board::Board;
pub use self::screen::Screen;
use self::sentences::{Narrator, Weight};
use super::style::Look;
use crate::event::Event;

/// How often bars are drawn while nothing is printed above them. Often enough for the seconds to look alive.
const TICK: Duration = Duration::from_millis(125);

/// Shows a run's events as they come.
pub struct Progress {
    board: Arc<Mutex<Board>>,
    narrator: Narrator,
    lightest: Weight,
    output: Output,
}

enum Output {
    /// Bars at the end of the screen, sentences above them.
    Bars(Bars),
    /// One line for each event that deserves one; no control characters but the colours asked for.
    Lines(Box<dyn Write + Send>),
}

impl Progress {
    pub fn new(look: Look) -> Self {
        if look.is_terminal && !look.quiet {
            Self::live(Screen::stderr(), look, Some(TICK))
        } else {
            Self::to(Box::new(std::io::stderr()), look)
        }
    }

    /// Progress on a screen. Without a tick it is drawn at each event, which tests want.
    fn live(screen: Screen, look: Look, tick: Option<Duration>) -> Self {
        let lightest = if look.shows_all() { Weight::Detail } else { Weight::News };
        Self::with(Output::Bars(Bars::new(screen, look.style, tick)), look, lightest)
    }

    pub fn to(writer: Box<dyn Write + Send>, look: Look) -> Self {
        let lightest = match (look.quiet, look.verbose) {
            (true, _) => Weight::Trouble,
            (false, 0) => Weight::Step,
            (false, _) => Weight::Detail,
        };
        Self::with(Output::Lines(writer), look, lightest)
    }

    fn with(output: Output, look: Look, lightest: Weight) -> Self {
        let board = Arc::new(Mutex::new(Board::new(Instant::now())));
        Self { board, narrator: Narrator::new(look.style), lightest, output }
    }

    pub fn handle(&mut self, event: &Event) {
        let tally = {
            let mut board = lock(&self.board);
            board.record(event, Instant::now());
            board.tally
        };
        let told = self.narrator.tell(event, &tally).filter(|(weight, _)| *weight <= self.lightest);
        match &mut self.output {
            Output::Bars(bars) => {
                match event {
                    Event::StageStarted { hosts: 1.., .. } | Event::Answered => {
                        bars.start(Arc::clone(&self.board));
                    }
                    // Nothing is drawn over what somebody types.
                    Event::StageStarted { .. } | Event::StageFinished { .. } | Event::Asking { .. } => {
                        bars.finish();
                    }
                    _ => {}
                }
                // With `-v`, bars already tell the steps that only plain lines must spell out.
                match told.filter(|(weight, _)| *weight != Weight::Step) {
                    Some((_, line)) => bars.say(&line),
                    None => bars.draw(),
                }
            }
            Output::Lines(writer) => {
                if let Some((_, line)) = told {
                    // Nobody reads a closed standard error; the run itself goes on.
                    let _ = writeln!(writer, "{line}").and_then(|()| writer.flush());
                }
            }
        }
    }

    /// Takes the bars off the screen. To be called before anything else is printed, also on the way out.
    pub fn finish(&mut self) {
        if let Output::Bars(bars) = &mut self.output {
            bars.close();
        }
    }
}

#[cfg(test)]
mod tests;
