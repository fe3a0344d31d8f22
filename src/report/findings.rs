//! The JSON document of a preflight. Its keys and their order are a contract.

use serde::Serialize;

use crate::model::{Finding, PreflightOutcome, Severity};

#[derive(Serialize)]
pub struct Preflight<'a> {
    findings: &'a [Finding],
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    hosts: usize,
    fatal: usize,
    warnings: usize,
    notes: usize,
    interrupted: bool,
}

impl<'a> Preflight<'a> {
    pub fn new(outcome: &'a PreflightOutcome) -> Self {
        Self {
            findings: &outcome.findings,
            summary: Summary {
                hosts: outcome.hosts.len(),
                fatal: outcome.count(Severity::Fatal),
                warnings: outcome.count(Severity::Warning),
                notes: outcome.count(Severity::Note),
                interrupted: outcome.interrupted,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Outcome, Text};
    use crate::report::{document, samples};

    #[test]
    fn the_keys_stand_in_the_order_that_is_documented() {
        let mut outcome = samples::preflight();
        outcome.findings.truncate(1);
        outcome.findings[0].seen = Text::verbatim("port 80\u{1b}[31m");
        insta::assert_snapshot!(document(&samples::report(
            &Outcome::Examined(outcome),
            &samples::inventory()
        )));
    }
}
