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
mod progress;
mod result;
#[cfg(test)]
mod samples;
mod style;
mod table;
mod text;
mod view;
mod vocabulary;
mod watch;
mod words;

use chrono::{DateTime, FixedOffset};

use crate::error::{Error, Result};
use crate::model::{Inventory, Outcome, RunOutcome};

pub use drill::drill_intention;
pub use error::render_error;
pub use file::{Offer, ReportFormat, report_format, report_text, write_text};
pub use json::{document, envelope};
pub use progress::Progress;
pub use result::result_text;
pub use style::{Look, Style};
pub use table::columns;
pub use text::TextOptions;
pub use watch::Watch;
pub use words::{bytes, count, fold};

/// A run that is over, with all that a report tells of it.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// When it began, in the time zone of the laptop.
    pub began: DateTime<FixedOffset>,
    pub outcome: &'a Outcome,
    /// The hosts, and the title and language of reports.
    pub inventory: &'a Inventory,
}

impl<'a> Report<'a> {
    /// The work on hosts, for reports that tell of nothing else.
    fn work(&self) -> Result<&'a RunOutcome> {
        match self.outcome {
            Outcome::Worked(outcome) => Ok(outcome),
            Outcome::Examined(_) | Outcome::Drilled(_) | Outcome::Executed(_) => Err(self.is_not_offered()),
        }
    }

    fn is_not_offered(&self) -> Error {
        Error::internal(format!("`{}` has no report of this kind", self.outcome.command()))
    }
}
