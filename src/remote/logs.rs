//! The last words of services, for probes that failed.

use std::collections::BTreeMap;

use crate::model::{Failure, clean_line};

use super::dialogue::{Dialogue, Item};
use super::invocation::{self, Credentials, Data, Invocation, Nonce, RunAs, invoke};

const PARTS: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/logs.sh")];

/// Lines that are kept of one log.
const LINES: usize = 12;
/// Characters that are kept of one line.
const LINE_LENGTH: usize = 300;

/// Where a service logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogSource<'a> {
    /// The service, and its unit in the journal.
    pub service: &'a str,
    /// Its own log file.
    pub file: &'a str,
}

/// The last lines of a service, oldest first, clean and bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceLog {
    /// Of its unit: why it started, stopped, or did not start.
    pub journal: Vec<String>,
    /// Of its own file: what went wrong while it ran.
    pub file: Vec<String>,
}

/// The invocation that reads. Read the answers with [`LogReader`].
pub fn logs(
    sources: &[LogSource<'_>],
    credentials: Credentials<'_>,
    nonce: &Nonce,
) -> Result<Invocation, Failure> {
    let mut data = Data::default();
    for source in sources {
        data.line(invocation::service(source.service)?);
        data.line(invocation::path(source.file)?);
    }
    data.end();
    invoke(RunAs::Root(credentials), nonce, PARTS, &data)
}

#[derive(Debug)]
pub struct LogReader {
    dialogue: Dialogue,
    logs: BTreeMap<String, ServiceLog>,
}

impl LogReader {
    /// A reader of the answers with this nonce.
    pub fn new(nonce: &Nonce) -> Self {
        Self { dialogue: Dialogue::new(nonce), logs: BTreeMap::new() }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        for item in self.dialogue.feed(bytes)? {
            let Item::Answer(word, rest) = item else { continue };
            let (service, line) = rest.split_once(' ').unwrap_or((&rest, ""));
            let log = self.logs.entry(service.to_owned()).or_default();
            let lines = match word.as_str() {
                "journal" => &mut log.journal,
                "file" => &mut log.file,
                _ => continue,
            };
            let line = clean_line(line, LINE_LENGTH);
            if lines.len() < LINES && !line.is_empty() {
                lines.push(line);
            }
        }
        Ok(())
    }

    /// The logs by service, once stdout is over.
    pub fn finish(mut self) -> Result<BTreeMap<String, ServiceLog>, Failure> {
        self.dialogue.conclude()?;
        Ok(self.logs)
    }
}
