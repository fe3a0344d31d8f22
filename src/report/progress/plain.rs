//! Progress as lines, for pipes, logs and `-q`: no bars, and no control characters but the colours asked for.

use std::fmt;
use std::io::Write;
use std::time::Instant;

use super::board::Board;
use super::sentences::{Narrator, Weight};
use crate::event::Event;
use crate::report::style::Look;

/// Writes a line for each event that deserves one.
pub struct Lines {
    writer: Box<dyn Write + Send>,
    board: Board,
    narrator: Narrator,
    lightest: Weight,
}

impl Lines {
    pub fn new(writer: Box<dyn Write + Send>, look: Look) -> Self {
        let lightest = match (look.quiet, look.verbose) {
            (true, _) => Weight::Trouble,
            (false, 0) => Weight::Step,
            (false, _) => Weight::Detail,
        };
        let narrator = Narrator::new(look.style);
        Self { writer, board: Board::new(Instant::now()), narrator, lightest }
    }

    pub fn handle(&mut self, event: &Event) {
        self.board.record(event, Instant::now());
        if let Some((weight, line)) = self.narrator.tell(event, &self.board.tally)
            && weight <= self.lightest
        {
            // Nobody reads a closed standard error; the run itself goes on.
            let _ = writeln!(self.writer, "{line}").and_then(|()| self.writer.flush());
        }
    }
}

impl fmt::Debug for Lines {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Lines").field("board", &self.board).finish_non_exhaustive()
    }
}
