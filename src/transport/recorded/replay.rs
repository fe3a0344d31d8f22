//! A recorded host for whoever serves it over a network of its own: benchmarks have SSH servers that answer from it.
//!
//! It answers a program by what it is asked, in whatever version it was sent: a benchmark measures the way there, and goes
//! on while a changed program waits for a new recording.

use super::question::Question;
use super::recording::{Exchange, Recording};
use super::template::{self, Values};

pub struct Replay(Recording);

impl Replay {
    /// Reads a recording; an error is the line that cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        Recording::read(text).map(Self)
    }

    /// All that a program prints, once its input is whole. It ends well then.
    pub fn execute(&mut self, command: &str, input: &[u8]) -> Option<Vec<u8>> {
        let question = Question::read(command, input)?;
        let (exchange, values) = self.0.answer_by_what_is_asked(question)?;
        printed(&exchange, &values)
    }

    /// The answer to `GET`, its head included.
    pub fn page(&mut self, port: u16, path: &str) -> Option<Vec<u8>> {
        let exchange = self.0.page(port, path)?;
        printed(&exchange, &self.0.values)
    }
}

fn printed(exchange: &Exchange, values: &Values) -> Option<Vec<u8>> {
    let mut printed = Vec::new();
    for line in &exchange.answer {
        let (mark, words) = line.split_once(' ').unwrap_or((line, ""));
        let end = match mark {
            "<" => "\n",
            "<+" => "",
            _ => continue,
        };
        printed.extend(template::fill(words, values).ok()?);
        printed.extend_from_slice(end.as_bytes());
    }
    Some(printed)
}
