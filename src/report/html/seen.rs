//! How hosts are, as a page shows it.

use serde::Serialize;

use crate::model::{Check, CheckKind, CheckStatus, HostOutcome, HostStatus};
use crate::report::view::HostView;
use crate::report::vocabulary::Words;

/// How something is, from what says least to what says most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Unknown,
    Pass,
    Skip,
    Fail,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Unknown, Self::Pass, Self::Skip, Self::Fail];

    /// A sign that tells states apart without colours.
    pub fn mark(self) -> &'static str {
        match self {
            Self::Unknown => "·",
            Self::Pass => "✓",
            Self::Skip => "–",
            Self::Fail => "✗",
        }
    }

    pub fn word(self, words: Words) -> &'static str {
        match self {
            Self::Unknown => words.choose("not probed", "não testado"),
            Self::Pass => words.choose("works", "funciona"),
            Self::Skip => words.choose("not judged", "não avaliado"),
            Self::Fail => words.choose("fails", "falha"),
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

/// The worst of a host: the work on it, and those of its checks that count.
pub fn state(host: &HostView<'_>, counts: impl Fn(CheckKind) -> bool) -> State {
    let failed = |worked: &HostOutcome| matches!(worked.status, HostStatus::Failed | HostStatus::Unreachable);
    if host.worked.is_some_and(failed) {
        return State::Fail;
    }
    let checks = host.checks.iter().filter(|check| counts(check.kind));
    checks.map(|check| check.status.into()).max().unwrap_or(State::Unknown)
}

/// How many checks passed, of how many.
pub fn passed<'a>(checks: impl Iterator<Item = &'a Check>) -> (usize, usize) {
    checks.fold((0, 0), |(passed, all), check| {
        (passed + usize::from(check.status == CheckStatus::Pass), all + 1)
    })
}
