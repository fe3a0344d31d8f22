//! The remote output of one host, kept for its log and bounded, since a host may send without end.

use std::collections::VecDeque;

use crate::model::{Text, clean};

const LINES_KEPT: usize = 20_000;

/// Lines of one host, oldest dropped first.
#[derive(Debug, Default)]
pub struct HostLog {
    lines: VecDeque<String>,
    dropped: usize,
}

impl HostLog {
    /// Adds a line, cleaned of control characters.
    pub fn push(&mut self, line: &str) {
        if self.lines.len() == LINES_KEPT {
            self.lines.pop_front();
            self.dropped += 1;
        }
        self.lines.push_back(clean(line).into_owned());
    }

    /// The last lines that say something.
    pub fn tail(&self, count: usize) -> Vec<Text> {
        let spoken: Vec<_> = self.lines.iter().filter(|line| !line.trim().is_empty()).collect();
        spoken[spoken.len().saturating_sub(count)..].iter().map(|line| Text::verbatim(*line)).collect()
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.dropped > 0 {
            text.push_str(&format!("({} earlier lines dropped)\n", self.dropped));
        }
        for line in &self.lines {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}
