//! What is news in a watch: other verdicts, and notes.

use std::collections::{HashMap, VecDeque};

use crate::event::{Event, Level};
use crate::model::{Check, CheckKind, CheckStatus, HostId, clean_line};
use crate::report::style::{Style, Tone};
use crate::report::{names, words};

/// Changes that are kept to be shown.
const KEPT: usize = 200;
/// Longest note.
const LONGEST_NOTE: usize = 1_000;

/// All that changed, and what it is compared with.
#[derive(Default)]
pub struct Changes {
    known: HashMap<(HostId, CheckKind), CheckStatus>,
    /// The latest last.
    kept: VecDeque<Change>,
}

/// Something to tell.
#[derive(Clone)]
pub struct Change {
    tone: Tone,
    /// `20:31:05 ✗ `
    lead: String,
    host: Option<HostId>,
    /// ` http: its own page`
    what: String,
}

impl Changes {
    /// Takes a complete round of a cluster. Gives what is another verdict than before, and in the first round
    /// what did not pass.
    pub fn round(&mut self, checks: &[Check], now: &str, style: Style) -> Vec<Change> {
        let mut changed = Vec::new();
        for check in checks {
            let before = self.known.insert((check.host.clone(), check.kind), check.status);
            if before.unwrap_or(CheckStatus::Pass) != check.status {
                changed.push(Change::of(check, now, style));
            }
        }
        self.keep(&changed);
        changed
    }

    /// Takes what a run tells besides. Details are for `-v`.
    pub fn note(&mut self, event: &Event, now: &str, verbose: bool) -> Option<Change> {
        let Event::Note { host, level, message } = event else { return None };
        let (tone, lead) = match level {
            Level::Detail if !verbose => return None,
            Level::Detail | Level::Info => (Tone::Faint, format!("{now} ")),
            Level::Warning => (Tone::Caution, format!("{now} warning: ")),
        };
        let message = clean_line(message, LONGEST_NOTE);
        let what = if host.is_some() { format!(": {message}") } else { message };
        let note = Change { tone, lead, host: host.clone(), what };
        self.keep(std::slice::from_ref(&note));
        Some(note)
    }

    fn keep(&mut self, changes: &[Change]) {
        self.kept.extend(changes.iter().cloned());
        let surplus = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..surplus);
    }

    /// What is kept, the latest last.
    pub fn all(&self) -> &VecDeque<Change> {
        &self.kept
    }
}

impl Change {
    fn of(check: &Check, now: &str, style: Style) -> Self {
        let (tone, mark) = match check.status {
            CheckStatus::Pass => (Tone::Good, style.pass()),
            CheckStatus::Fail => (Tone::Bad, style.fail()),
            CheckStatus::Skip => (Tone::Faint, style.skip()),
        };
        Self {
            tone,
            lead: format!("{now} {mark} "),
            host: Some(check.host.clone()),
            what: format!(" {}: {}", check.kind.as_str(), check.detail.english()),
        }
    }

    /// All of it.
    pub fn line(&self) -> String {
        self.with_host(self.host.as_ref().map_or("", HostId::as_str))
    }

    fn with_host(&self, host: &str) -> String {
        format!("{}{host}{}", self.lead, self.what)
    }

    /// In the columns of a terminal, of which no name takes more than half.
    pub fn painted(&self, columns: usize, style: Style) -> String {
        let host = self.host.as_ref().map(HostId::as_str);
        let host = host.map_or_else(String::new, |host| names::shorten(&[host], columns / 2, style).concat());
        style.paint(self.tone, words::fit(&self.with_host(&host), columns, style))
    }
}
