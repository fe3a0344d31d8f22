//! What people and programs read of a run: progress, results, report files, and the words of errors.
//!
//! Owns every layout, and the sentences around what it is handed: a failure, a finding or a verdict brings its own, from
//! where its cause is known. Does not decide anything, start anything or know how hosts are reached, and where it prints
//! while a run goes on, it prints to an injected writer.

mod csv;
mod drill;
mod error;
mod file;
mod findings;
mod groups;
mod html;
mod json;
mod junit;
mod names;
mod printable;
mod progress;
#[cfg(test)]
mod samples;
mod style;
mod text;
mod vocabulary;
mod watch;
mod words;

use chrono::{DateTime, FixedOffset};

use crate::model::{Inventory, RunOutcome};

pub use drill::{drill_document, drill_intention, drill_text};
pub use error::render_error;
pub use file::{ReportFormat, own_report_format, report_format, report_text, write_text};
pub use findings::findings_document;
pub use html::{doctor_page, drill_page};
pub use json::json_document;
pub use progress::{Progress, ProgressOptions};
pub use text::{TextOptions, apply_text, doctor_text, plan_text, reset_text, verify_text};
pub use watch::{Watch, WatchOptions};
pub use words::{bytes, count, fold};

/// A run that is over, with all that a report file tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// Which command it was.
    pub kind: RunKind,
    /// When it began, in the time zone of the laptop.
    pub began: DateTime<FixedOffset>,
    pub outcome: &'a RunOutcome,
    /// The hosts, and the title and language of reports.
    pub inventory: &'a Inventory,
}

/// Which command an outcome belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunKind {
    /// `plan`, `apply --dry-run`
    Plan,
    /// `apply`
    Apply,
    /// `verify`
    Verify,
    /// `reset`
    Reset,
}

impl RunKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plan => "plan",
            Self::Apply => "apply",
            Self::Verify => "verify",
            Self::Reset => "reset",
        }
    }
}
