//! How a run ended, host by host. A host's failure is a value, not an early return.

use std::time::Duration;

use serde::Serialize;
use strum::IntoStaticStr;

use super::check::Check;
use super::drill::DrillsOutcome;
use super::execution::ExecOutcome;
use super::failure::Failure;
use super::finding::PreflightOutcome;
use super::host_id::HostId;
use super::plan::{Change, ChangeResult};
use super::resource::ResourceId;
use super::text::Text;
use super::timing::HostTiming;

/// What a verb came to: what reporters print at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Worked(RunOutcome),
    Examined(PreflightOutcome),
    Drilled(DrillsOutcome),
    Executed(ExecOutcome),
}

impl Outcome {
    /// The verb, as it is typed.
    pub fn command(&self) -> &'static str {
        match self {
            Self::Worked(outcome) => outcome.work.into_str(),
            Self::Examined(_) => "doctor",
            Self::Drilled(_) => "drill",
            Self::Executed(_) => "exec",
        }
    }

    /// Takes note of how the run ended.
    pub fn end(&mut self, was_interrupted: bool, took: Duration) {
        let (interrupted, duration) = match self {
            Self::Worked(RunOutcome { interrupted, duration, .. })
            | Self::Examined(PreflightOutcome { interrupted, duration, .. })
            | Self::Drilled(DrillsOutcome { interrupted, duration, .. })
            | Self::Executed(ExecOutcome { interrupted, duration, .. }) => (interrupted, duration),
        };
        *interrupted |= was_interrupted;
        *duration = took;
    }
}

/// What was done on hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, IntoStaticStr)]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum Work {
    /// `plan`, `apply --dry-run`
    Plan,
    Apply,
    #[default]
    Verify,
    /// `reset --dry-run`
    #[strum(serialize = "reset")]
    PlanReset,
    Reset,
    /// `packages fetch`: a host that fetched something has changed.
    #[strum(serialize = "packages fetch")]
    Fetch,
}

impl Work {
    /// Whether changes are made, rather than only planned.
    pub fn makes_changes(self) -> bool {
        matches!(self, Self::Apply | Self::Reset)
    }
}

/// The result of work on hosts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunOutcome {
    pub work: Work,
    /// In the order of the inventory.
    pub hosts: Vec<HostOutcome>,
    /// Empty where no probes ran.
    pub checks: Vec<Check>,
    /// Empty where nobody asked for them.
    pub timings: Vec<HostTiming>,
    /// Whether Ctrl-C ended the run early.
    pub interrupted: bool,
    /// Wall time of the whole run.
    pub duration: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostOutcome {
    pub host: HostId,
    pub status: HostStatus,
    /// The planned changes in order, each with its result and duration; `None` where it was only planned.
    pub changes: Vec<(Change, Option<(ChangeResult, Duration)>)>,
    /// Set where the status is `Unreachable` or `Failed`.
    pub failure: Option<Failure>,
    pub warnings: Vec<Text>,
    /// The end of the remote output where the host failed.
    pub log_tail: Vec<Text>,
}

/// Status of a host. The name in JSON is in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum HostStatus {
    /// Nothing to do, or (in a plan) observed without trouble.
    Ok,
    Changed,
    /// SSH did not get through.
    Unreachable,
    /// Something failed on the host.
    Failed,
}

/// Counts for the last line and for JSON, where their names and order are a contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Summary {
    pub hosts: usize,
    /// Hosts with changes planned or made.
    pub changed: usize,
    pub unchanged: usize,
    pub unreachable: usize,
    pub failed: usize,
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
}

impl HostOutcome {
    /// Those of its changes that nobody agreed to.
    pub fn left(&self) -> usize {
        self.changes.iter().filter(|(_, result)| matches!(result, Some((ChangeResult::Left, _)))).count()
    }

    /// The change that failed.
    pub fn failed_change(&self) -> Option<&ResourceId> {
        let failed = |(_, result): &&(Change, _)| matches!(result, Some((ChangeResult::Failed, _)));
        self.changes.iter().find(failed).map(|(change, _)| &change.resource)
    }

    /// How many of its changes were made.
    pub fn made(&self) -> usize {
        self.changes.iter().filter(|(_, result)| matches!(result, Some((ChangeResult::Done, _)))).count()
    }
}

impl RunOutcome {
    /// How many changes were made on some of its hosts; planned, where none is made.
    pub fn changes_on<'a>(&self, hosts: impl IntoIterator<Item = &'a HostOutcome>) -> usize {
        let count =
            |host: &HostOutcome| if self.work.makes_changes() { host.made() } else { host.changes.len() };
        hosts.into_iter().map(count).sum()
    }

    pub fn summary(&self) -> Summary {
        use super::plan::Action;
        let mut summary = Summary { hosts: self.hosts.len(), ..Summary::default() };
        for host in &self.hosts {
            match host.status {
                HostStatus::Unreachable => summary.unreachable += 1,
                HostStatus::Failed => summary.failed += 1,
                HostStatus::Ok if host.changes.len() == host.left() => summary.unchanged += 1,
                HostStatus::Ok | HostStatus::Changed => summary.changed += 1,
            }
            let going =
                host.changes.iter().filter(|(_, result)| !matches!(result, Some((ChangeResult::Left, _))));
            for (change, _) in going {
                match change.action {
                    Action::Create => summary.add += 1,
                    Action::Update | Action::Run => summary.change += 1,
                    Action::Delete => summary.destroy += 1,
                }
            }
        }
        summary
    }
}
