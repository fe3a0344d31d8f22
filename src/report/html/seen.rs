//! What a run saw, asked host by host.

use serde::Serialize;

use crate::model::{Check, CheckKind, CheckStatus, HostId, HostOutcome, HostStatus, RunOutcome};
use crate::report::vocabulary::Words;

/// How something is, from what says least to what says most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Unknown,
    /// As it should be.
    Pass,
    /// Not judged.
    Skip,
    /// Not as it should be.
    Fail,
}

impl State {
    /// A sign that tells states apart without colours.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Unknown => "·",
            Self::Pass => "✓",
            Self::Skip => "–",
            Self::Fail => "✗",
        }
    }

    /// The word for it.
    pub fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Unknown => words.unknown,
            Self::Pass => words.pass,
            Self::Skip => words.skip,
            Self::Fail => words.fail,
        }
    }
}

impl From<CheckStatus> for State {
    fn from(status: CheckStatus) -> Self {
        match status {
            CheckStatus::Pass => Self::Pass,
            CheckStatus::Skip => Self::Skip,
            CheckStatus::Fail => Self::Fail,
        }
    }
}

/// The outcome of a run, and the words to tell it in.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Cleaned already.
    pub outcome: &'a RunOutcome,
    /// Of the inventory's language.
    pub words: &'static Words,
}

impl<'a> Seen<'a> {
    /// How the work on a host ended.
    pub fn host(self, id: &HostId) -> Option<&'a HostOutcome> {
        self.outcome.hosts.iter().find(|host| host.host == *id)
    }

    /// The checks of a host.
    pub fn checks(self, id: &HostId) -> impl Iterator<Item = &'a Check> {
        self.outcome.checks.iter().filter(move |check| check.host == *id)
    }

    /// Whether the run says anything of a host.
    pub fn covers(self, id: &HostId) -> bool {
        self.outcome.status_of(id).is_some()
    }

    /// The worst of a host: the work on it, and those of its checks that count.
    pub fn state(self, id: &HostId, counts: impl Fn(CheckKind) -> bool) -> State {
        let failed = |host: &HostOutcome| matches!(host.status, HostStatus::Failed | HostStatus::Unreachable);
        if self.host(id).is_some_and(failed) {
            return State::Fail;
        }
        let checks = self.checks(id).filter(|check| counts(check.kind));
        checks.map(|check| check.status.into()).max().unwrap_or(State::Unknown)
    }
}

/// How many checks passed, of how many.
pub fn passed<'a>(checks: impl Iterator<Item = &'a Check>) -> (usize, usize) {
    checks.fold((0, 0), |(passed, all), check| {
        (passed + usize::from(check.status == CheckStatus::Pass), all + 1)
    })
}
