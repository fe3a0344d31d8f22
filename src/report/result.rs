//! The result of a verb for people, on standard output.

use super::drill::drill_text;
use super::text::{TextOptions, doctor_text, exec_text, run_text};
use super::{Report, Told};

pub fn result_text(report: &Report<'_>, options: &TextOptions) -> String {
    match &report.told {
        Told::Work(view) => run_text(view, options),
        Told::Preflight(outcome) => doctor_text(outcome, report.inventory, options),
        Told::Drills(outcome) => drill_text(&outcome.drills, outcome.duration, options),
        Told::Commands(outcome) => exec_text(outcome),
    }
}
