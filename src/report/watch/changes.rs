//! What is news in a watch: other verdicts, failures of another cause, and notes.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::event::{Event, Level};
use crate::model::{Check, CheckKind, CheckStatus, HostId, Severity, clean_line};
use crate::report::style::{Look, Style, Tone};
use crate::report::vocabulary::Words;
use crate::report::{names, words};

/// Changes that are kept to be shown.
const KEPT: usize = 200;
const LONGEST_NOTE: usize = 1_000;

/// All that changed, and what it is compared with.
#[derive(Default)]
pub struct Changes {
    known: HashMap<(HostId, CheckKind), (CheckStatus, String)>,
    kept: VecDeque<Change>,
}

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
    /// Takes a complete round of a cluster. Gives what is another verdict than before or another failure, and in the
    /// first round what did not pass.
    pub fn round(&mut self, checks: &[Check], now: &str, style: Style) -> Vec<Change> {
        let out_of_reach: HashSet<_> =
            checks.iter().filter(|check| check.is_out_of_reach()).map(|check| &check.host).collect();
        let mut changed = Vec::new();
        for check in checks {
            let seen = essence(&Words(style.language).say(&check.detail));
            let before = self.known.insert((check.host.clone(), check.kind), (check.status, seen.clone()));
            let (status, seen_before) = before.unwrap_or((CheckStatus::Pass, String::new()));
            // Why a host is not reached is told once, not by each probe that was not asked.
            let repeats = check.status == CheckStatus::Skip && out_of_reach.contains(&check.host);
            let is_other_cause = check.status != CheckStatus::Pass && seen != seen_before && !repeats;
            if status != check.status || is_other_cause {
                changed.push(Change::of(check, now, style));
            }
        }
        self.keep(&changed);
        changed
    }

    /// Takes what a run tells besides. Details are for `-v`.
    pub fn note(&mut self, event: &Event, now: &str, look: Look) -> Option<Change> {
        let words = Words(look.style.language);
        let Event::Note { host, level, message } = event else { return None };
        let (tone, lead) = match level {
            Level::Detail if !look.shows_all() => return None,
            Level::Detail | Level::Info => (Tone::Faint, format!("{now} ")),
            Level::Warning => {
                (Tone::Caution, format!("{now} {}: ", words.severity_noun(Severity::Warning).of(1)))
            }
        };
        let message = clean_line(&words.say(message), LONGEST_NOTE);
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
            what: format!(" {}: {}", check.kind.as_str(), Words(style.language).say(&check.detail)),
        }
    }

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

/// The words of a detail without its numbers: counts and times are other ones in each round. Names keep theirs.
fn essence(detail: &str) -> String {
    let words = detail.split(|sign: char| !sign.is_alphanumeric() && !"-_.".contains(sign));
    let is_number = |word: &&str| word.starts_with(|sign: char| sign.is_numeric());
    words.filter(|word| !word.is_empty() && !is_number(word)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_do_not_count_and_names_do() {
        let same = |one: &str, other: &str| essence(one) == essence(other);
        assert!(same("20 answers: web01 17, web02 3 (4.5 s)", "40 answers: web01 25, web02 15 (31 s)"));
        assert!(!same("web02 is DOWN; expected 2 of 2 UP", "web03 is DOWN; expected 2 of 2 UP"));
        assert!(!same("the page of team01/web-1", "the page of team01/web-2"));
        assert!(!same("HTTP 404 (no such page)", "HTTP 502 (bad gateway)"));
    }
}
