//! What people and programs read of a run: progress, results, report files, and the words of errors.
//!
//! Owns every layout, and the sentences around what it is handed: a failure, a finding or a verdict brings its own, from
//! where its cause is known. Does not decide anything, start anything or know how hosts are reached, and where it prints
//! while a run goes on, it prints to an injected writer.

mod csv;
mod drill;
mod error;
mod exit;
mod file;
mod groups;
mod html;
mod json;
mod junit;
mod names;
mod progress;
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
use crate::model::{DrillsOutcome, ExecOutcome, Inventory, Outcome, PreflightOutcome};
use view::View;

pub use drill::drill_intention;
pub use error::render_error;
pub use exit::exit_code;
pub use file::{Offer, ReportFormat, folder, report_format, report_text, write_text};
pub use json::{document, envelope};
pub use progress::Progress;
pub use style::{Look, Style};
pub use table::columns;
pub use text::TextOptions;
pub(crate) use vocabulary::say;
pub use vocabulary::{Noun, Words};
pub use watch::Watch;
pub use words::fold;

/// The result of a verb for people, on standard output.
pub fn result_text(report: &Report<'_>, options: &TextOptions) -> String {
    match &report.told {
        Told::Work(view) => text::run_text(view, options),
        Told::Preflight(outcome) => text::doctor_text(outcome, report.inventory, options),
        Told::Drills(outcome) => drill::drill_text(&outcome.drills, outcome.duration, options),
        Told::Commands(outcome) => text::exec_text(outcome, options.look.style.language),
    }
}

/// A run that is over, with all that a report tells of it.
#[derive(Debug)]
pub struct Report<'a> {
    /// When it began, in the time zone of the laptop.
    began: DateTime<FixedOffset>,
    /// The verb, as it is typed.
    command: &'static str,
    /// The title and language of reports.
    inventory: &'a Inventory,
    told: Told<'a>,
}

/// What a run came to. Work on hosts is joined with them once, for all formats.
#[derive(Debug)]
enum Told<'a> {
    Work(View<'a>),
    Preflight(&'a PreflightOutcome),
    Drills(&'a DrillsOutcome),
    Commands(&'a ExecOutcome),
}

impl<'a> Report<'a> {
    pub fn new(began: DateTime<FixedOffset>, outcome: &'a Outcome, inventory: &'a Inventory) -> Self {
        let told = match outcome {
            Outcome::Worked(outcome) => Told::Work(View::new(outcome, inventory)),
            Outcome::Examined(outcome) => Told::Preflight(outcome),
            Outcome::Drilled(outcome) => Told::Drills(outcome),
            Outcome::Executed(outcome) => Told::Commands(outcome),
        };
        Self { began, command: outcome.command(), inventory, told }
    }

    /// The work on hosts, for reports that tell of nothing else.
    fn work(&self) -> Result<&View<'a>> {
        match &self.told {
            Told::Work(view) => Ok(view),
            _ => Err(self.is_not_offered()),
        }
    }

    fn is_not_offered(&self) -> Error {
        Error::internal(crate::model::text!(
            en: "`{command}` has no report of this kind",
            pt: "`{command}` não tem relatório desse tipo", command = self.command
        ))
    }
}

#[cfg(test)]
mod tests;
