//! The last words of services, for probes that failed.

use std::collections::BTreeMap;
use std::convert::Infallible;

use crate::model::{Failure, clean_line};

use super::data::Data;
use super::dialogue::{End, Reader};
use super::invocation::{self, Credentials, RunAs};
use super::program::Program;

const PARTS: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/logs.sh")];

/// Services whose logs are kept, whatever a host says.
const SERVICES: usize = 16;
/// Lines that are kept of one log.
const LINES: usize = 12;
/// Characters that are kept of one line.
const LINE_LENGTH: usize = 300;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogSource<'a> {
    /// The service, and its unit in the journal.
    pub service: &'a str,
    pub file: Option<&'a str>,
}

/// The last lines of a service, oldest first, clean and bounded.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceLog {
    /// Of its unit: why it started, stopped, or did not start.
    pub journal: Vec<String>,
    /// Of its own file: what went wrong while it ran.
    pub file: Vec<String>,
}

pub fn logs<'a>(
    sources: &[LogSource<'_>],
    credentials: Credentials<'a>,
) -> Result<Program<'a, LogReader>, Failure> {
    let mut data = Data::default();
    for source in sources {
        data.line(invocation::service(source.service)?);
        data.line(source.file.map_or(Ok("-"), invocation::path)?);
    }
    data.end();
    Ok(Program { run_as: RunAs::Root(credentials), parts: PARTS, data, reader: LogReader::default() })
}

#[derive(Debug, Default)]
pub struct LogReader {
    logs: BTreeMap<String, ServiceLog>,
}

impl Reader for LogReader {
    type Event = Infallible;
    type Answer = BTreeMap<String, ServiceLog>;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        let lines: fn(&mut ServiceLog) -> &mut Vec<String> = match word {
            "journal" => |log| &mut log.journal,
            "file" => |log| &mut log.file,
            _ => return Ok(None),
        };
        let (service, line) = rest.split_once(' ').unwrap_or((rest, ""));
        if !self.logs.contains_key(service) && self.logs.len() == SERVICES {
            return Ok(None);
        }
        let lines = lines(self.logs.entry(service.to_owned()).or_default());
        let line = clean_line(line, LINE_LENGTH);
        if lines.len() < LINES && !line.is_empty() {
            lines.push(line);
        }
        Ok(None)
    }

    fn finish(self, _: End) -> Result<BTreeMap<String, ServiceLog>, Failure> {
        Ok(self.logs)
    }
}
