//! The remote output of one host, kept for its log and bounded, since a host may send without end.

use std::collections::VecDeque;
use std::io::{self, Write};

use crate::model::{Text, clean};

const BYTES_KEPT: usize = 1024 * 1024;

/// Lines of one host, oldest dropped first.
#[derive(Debug, Default)]
pub struct HostLog {
    lines: VecDeque<String>,
    bytes: usize,
    dropped: usize,
}

impl HostLog {
    /// Adds a line, cleaned of control characters.
    pub fn push(&mut self, line: &str) {
        let line = clean(line).into_owned();
        self.bytes += size(&line);
        self.lines.push_back(line);
        while self.bytes > BYTES_KEPT
            && let Some(oldest) = self.lines.pop_front()
        {
            self.bytes -= size(&oldest);
            self.dropped += 1;
        }
    }

    /// The last lines that say something.
    pub fn tail(&self, count: usize) -> Vec<Text> {
        let spoken: Vec<_> = self.lines.iter().filter(|line| !line.trim().is_empty()).collect();
        spoken[spoken.len().saturating_sub(count)..].iter().map(|line| Text::verbatim(*line)).collect()
    }

    pub fn lines(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().map(String::as_str)
    }

    /// Writes what is kept, and says where that is not all.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        if self.dropped > 0 {
            writeln!(to, "({} earlier lines dropped: the last MiB of a host is kept)", self.dropped)?;
        }
        self.lines.iter().try_for_each(|line| writeln!(to, "{line}"))
    }

    pub fn text(&self) -> String {
        let mut text = Vec::new();
        // Memory takes all that is written to it.
        let _ = self.write(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// What a line costs, empty ones too.
fn size(line: &str) -> usize {
    line.len() + size_of::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_says_without_end_costs_little() {
        let mut log = HostLog::default();
        let lines = 2 * BYTES_KEPT / 100;
        for number in 0..lines {
            log.push(&format!("{number:0>100}"));
            log.push("");
        }
        assert!(log.text().len() <= BYTES_KEPT);
        assert!(log.text().contains("earlier lines dropped"));
        let last = log.tail(1);
        assert!(last[0].english().ends_with(&(lines - 1).to_string()));
    }
}
