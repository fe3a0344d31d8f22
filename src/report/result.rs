//! The result of a verb for people, on standard output.

use super::Report;
use super::drill::drill_text;
use super::text::{TextOptions, doctor_text, exec_text, run_text};
use crate::model::Outcome;

pub fn result_text(report: &Report<'_>, options: &TextOptions) -> String {
    match report.outcome {
        Outcome::Worked(outcome) => run_text(outcome, report.inventory, options),
        Outcome::Examined(outcome) => doctor_text(outcome, report.inventory, options),
        Outcome::Drilled(outcome) => drill_text(&outcome.drills, outcome.duration, options),
        Outcome::Executed(outcome) => exec_text(outcome),
    }
}
