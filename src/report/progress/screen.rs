//! The terminal under the bars: turns indicatif's drawings into few bytes, written at once.
//!
//! indicatif draws a frame by clearing what it drew before, filling each line with spaces up to the edge, and
//! letting the terminal wrap. A terminal that is resized re-wraps such lines, and what indicatif believes to be on
//! the screen is no longer there. Here a frame is collected instead, and at its end only lines that changed are
//! written, each ended by a line break; after a change of the size, what the old lines take now is counted anew.

use std::fmt::{self, Write as _};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use indicatif::TermLike;

use crate::report::words;

/// Size where the terminal does not tell one.
const DEFAULT_SIZE: (u16, u16) = (24, 80);

type Size = dyn Fn() -> (u16, u16) + Send + Sync;

/// A terminal that bars are drawn on. Copies draw on the same one.
#[derive(Clone)]
pub struct Screen {
    size: Arc<Size>,
    state: Arc<Mutex<State>>,
}

struct State {
    writer: Box<dyn Write + Send>,
    /// The lines of the last frame, cursor at the end of the last one.
    shown: Vec<String>,
    /// Rows and columns of the terminal on which they were written.
    size: Option<(usize, usize)>,
    /// How many of them the frame being collected replaces.
    replaced: usize,
    frame: Vec<String>,
    /// indicatif writes each line in two parts: its text, then spaces up to the edge.
    filler_follows: bool,
}

impl Screen {
    pub fn stderr() -> Self {
        Self::new(Box::new(io::stderr()), || {
            rustix::termios::tcgetwinsize(io::stderr())
                .ok()
                .filter(|size| size.ws_row > 0 && size.ws_col > 0)
                .map_or(DEFAULT_SIZE, |size| (size.ws_row, size.ws_col))
        })
    }

    /// Any writer, with a size in rows and columns that may change.
    pub fn new(writer: Box<dyn Write + Send>, size: impl Fn() -> (u16, u16) + Send + Sync + 'static) -> Self {
        let state = State {
            writer,
            shown: Vec::new(),
            size: None,
            replaced: 0,
            frame: Vec::new(),
            filler_follows: false,
        };
        Self { size: Arc::new(size), state: Arc::new(Mutex::new(state)) }
    }

    pub fn size(&self) -> (usize, usize) {
        let (rows, columns) = (self.size)();
        (usize::from(rows), usize::from(columns))
    }

    /// Prints a line where no bars are shown.
    pub fn print(&self, line: &str) {
        let mut state = self.lock();
        // Nobody reads a closed standard error; the run itself goes on.
        let _ = writeln!(state.writer, "{line}").and_then(|()| state.writer.flush());
    }

    /// Replaces what is shown by these lines, and writes only those that changed.
    pub fn show(&self, lines: Vec<String>) {
        let size = self.size();
        let mut state = self.lock();
        state.replaced = state.shown.len();
        state.frame = lines;
        // Nobody looks at a closed standard error; the run itself goes on.
        let _ = state.draw(size);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Writes the collected frame over the lines that it replaces.
    fn draw(&mut self, size: (usize, usize)) -> io::Result<()> {
        let frame = std::mem::take(&mut self.frame);
        let kept = self.shown.len() - self.replaced.min(self.shown.len());
        let old = self.shown.split_off(kept);
        // Fewer rows move what was written as fewer columns do: the upper lines are gone.
        let resized = self.size.replace(size).is_some_and(|before| before != size);
        self.replaced = 0;
        self.filler_follows = false;
        let bytes =
            if old == frame && !resized { String::new() } else { repaint(&old, &frame, size.1, resized) };
        self.shown = frame;
        if bytes.is_empty() {
            return Ok(());
        }
        self.writer.write_all(bytes.as_bytes())?;
        self.writer.flush()
    }
}

/// What turns the old lines, cursor in the last of them, into new ones.
///
/// Rows are cleared one by one: a terminal that is told to clear all of itself may keep a copy in its history.
fn repaint(old: &[String], frame: &[String], columns: usize, resized: bool) -> String {
    let height = |line: &String| words::width(line).div_ceil(columns.max(1)).max(1);
    let mut bytes = String::new();
    let old_rows: usize = old.iter().map(height).sum();
    move_up(&mut bytes, old_rows.saturating_sub(1));
    bytes.push('\r');
    if resized {
        bytes.push_str("\u{1b}[J");
    }
    let mut rows = 0;
    for line in frame {
        if rows > 0 {
            bytes.push_str("\r\n");
        }
        // Lines of bars are one row high unless the terminal was resized, so that a row is an index.
        if resized || old.get(rows) != Some(line) {
            bytes.push_str("\u{1b}[K");
            bytes.push_str(line);
            // At the very edge, clearing would take the last character.
            if !words::width(line).is_multiple_of(columns) {
                bytes.push_str("\u{1b}[K");
            }
        }
        rows += height(line);
    }
    let surplus = if resized { 0 } else { old_rows.saturating_sub(rows) };
    for row in rows..rows + surplus {
        bytes.push_str(if row > 0 { "\r\n\u{1b}[K" } else { "\u{1b}[K" });
    }
    move_up(&mut bytes, if rows == 0 { surplus.saturating_sub(1) } else { surplus });
    if rows == 0 {
        bytes.push('\r');
    }
    bytes
}

fn move_up(bytes: &mut String, rows: usize) {
    if rows > 0 {
        let _ = write!(bytes, "\u{1b}[{rows}A");
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        (self.size)().1
    }

    fn height(&self) -> u16 {
        (self.size)().0
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.lock().frame.push(text.to_owned());
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        let mut state = self.lock();
        if !state.filler_follows {
            state.frame.push(text.to_owned());
        }
        state.filler_follows = !state.filler_follows;
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.lock().replaced += 1;
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        let size = self.size();
        self.lock().draw(size)
    }
}

impl fmt::Debug for Screen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Screen")
    }
}
