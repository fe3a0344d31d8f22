//! The JSON document of a preflight. Its keys and their order are a contract.

use serde::Serialize;

use super::printable;
use crate::model::{Finding, PreflightOutcome, Severity};

#[derive(Serialize)]
pub struct Preflight {
    findings: Vec<Entry>,
    summary: Summary,
}

#[derive(Serialize)]
struct Entry {
    host: String,
    severity: &'static str,
    kind: &'static str,
    seen: String,
    means: String,
    mend: String,
}

#[derive(Serialize)]
struct Summary {
    hosts: usize,
    fatal: usize,
    warnings: usize,
    notes: usize,
    interrupted: bool,
}

impl Preflight {
    /// Notes stand in it always.
    pub fn new(outcome: &PreflightOutcome) -> Self {
        Self {
            findings: outcome.findings.iter().map(printable::finding).map(Entry::from).collect(),
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

impl From<Finding> for Entry {
    fn from(finding: Finding) -> Self {
        Self {
            host: finding.host.to_string(),
            severity: finding.severity.into_str(),
            kind: finding.kind.into_str(),
            seen: finding.seen.english().to_owned(),
            means: finding.means.english().to_owned(),
            mend: finding.mend.english().to_owned(),
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
        insta::assert_snapshot!(document(&Outcome::Examined(outcome)));
    }
}
