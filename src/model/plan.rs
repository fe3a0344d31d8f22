//! What a run will do. `apply` executes exactly the value that `plan` shows.

use serde::Serialize;
use strum::IntoStaticStr;

use super::facts::ServiceFact;
use super::failure::Failure;
use super::finding::FindingKind;
use super::package::Remains;
use super::resource::{Command, Directory, File, Link, ResourceId, Service, Turn};
use super::text::Text;

/// What one host needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HostPlan {
    /// In the order of execution; empty where the host has converged.
    pub steps: Vec<Step>,
    pub warnings: Vec<Concern>,
    /// Why an apply does none of it.
    pub refusal: Option<Failure>,
}

/// What deserves a word although a plan can be made, e.g. a held package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concern {
    pub kind: FindingKind,
    pub seen: Text,
    /// What it means or what to do.
    pub next: Text,
    /// Whether an apply fails by it as long as nobody mends it.
    pub stops: bool,
}

impl Concern {
    /// All of it, in one sentence.
    pub fn words(&self) -> Text {
        Text::join(&[self.seen.clone(), self.next.clone()], "; ")
    }
}

/// A change, and how it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub change: Change,
    pub operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    pub resource: ResourceId,
    pub action: Action,
    /// Why, in words: `not installed`, `changed on the host since the last apply`.
    pub reason: Text,
    /// The state before, short: a version, a mode, a link target; `None` where there was nothing.
    pub before: Option<Text>,
    /// The state after, short.
    pub after: Option<Text>,
    /// Unified diff of a text file.
    pub diff: Option<Text>,
    /// Of what is not ours, which is never made.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub foreign: bool,
}

impl HostPlan {
    /// What it takes back of what was made before.
    pub fn taken_back(&self) -> impl Iterator<Item = &Change> {
        self.steps.iter().filter(|step| step.operation.takes_back()).map(|step| &step.change)
    }
}

impl Change {
    pub fn by(self, operation: Operation) -> Step {
        Step { change: self, operation }
    }

    /// Makes it one with what this run has changed of the same resource before: from what stood there at first.
    pub fn go_on_from(&mut self, first: Self) {
        let Self { resource: _, action, reason, before, after: _, diff, foreign: _ } = first;
        // What was not shown as a difference of two texts is none from its beginning to its end.
        let diff = diff.and(self.diff.take());
        *self = Self { action, reason, before, diff, ..self.clone() };
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr, Serialize)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum Action {
    /// Something comes to be.
    Create,
    Update,
    Delete,
    /// Something is done: a reload, a repair.
    Run,
}

/// What the remote program executes for a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// Take away what a run that died left where the new content of a path is made.
    Sweep(String),
    /// Finish what an interrupted dpkg left.
    RepairDpkg,
    /// Install a package; neighbouring installs become one apt run.
    InstallPackage(String),
    /// Note in the journal that what its services write is to stay, of a package that is installed already.
    KeepData(String),
    /// Make a directory or set its mode.
    MakeDirectory(Directory),
    /// Replace a file atomically.
    WriteFile(File),
    /// Set a file's mode and owner: its content stands there already.
    SetAttributes(File),
    /// Replace a link atomically.
    MakeLink(Link),
    RunCommand(Command),
    /// Enable and start a service, or reload it where a file that it reads changed.
    SettleService {
        service: Service,
        /// How it was found.
        before: ServiceFact,
        reload: bool,
    },
    /// What apt would take away that is not ours: told, and never done.
    RemoveForeign,
    /// Undo one entry of the host's journal, by the journal's own key.
    Undo {
        key: String,
        /// The service that stays and reads what is put back.
        notify: Option<String>,
    },
    /// Remove a package of ours with what came with it alone; neighbouring removals become one apt run.
    RemovePackage {
        name: String,
        /// What of it stays.
        remains: Remains,
    },
    /// Purge a package of ours (`reset`).
    PurgePackage(String),
    /// Take the journal itself away (`reset`).
    ForgetJournal,
}

impl Operation {
    /// Whether it takes back what was made before, which takes consent.
    pub fn takes_back(&self) -> bool {
        matches!(self, Self::Undo { .. } | Self::RemovePackage { .. })
    }

    /// When it is its turn among those of its host.
    pub fn turn(&self) -> Turn {
        match self {
            Self::WriteFile(file) | Self::SetAttributes(file) => file.turn,
            Self::SettleService { service, .. } => service.turn,
            // Before what takes its place.
            Self::Undo { .. } | Self::RemovePackage { .. } => Turn::First,
            _ => Turn::Own,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "kebab-case", const_into_str)]
pub enum ChangeResult {
    Done,
    Failed,
    /// Put back after a failure.
    RolledBack,
    /// Not reached, because an earlier one failed or the run was interrupted.
    NotRun,
    /// What is no longer wanted stays, since nobody agreed to its end.
    Left,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Resource;

    #[test]
    fn a_change_in_two_turns_is_shown_as_one() {
        let change = |action, before: Option<&str>, after: &str, diff: Option<&str>| Change {
            resource: Resource::package("haproxy").id(),
            action,
            reason: Text::verbatim(after),
            before: before.map(Text::verbatim),
            after: Some(Text::verbatim(after)),
            diff: diff.map(Text::verbatim),
            foreign: false,
        };
        let mut shown = change(Action::Update, Some("2 servers"), "3 servers", Some("+ server"));
        shown.go_on_from(change(Action::Create, None, "2 servers", None));
        let Change { action, before, after, diff, .. } = shown;
        assert_eq!((action, before, diff), (Action::Create, None, None));
        assert_eq!(after, Some(Text::verbatim("3 servers")));
    }
}
