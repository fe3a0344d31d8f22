//! `JUnit`: a suite for each host; its test cases are the run itself and each probe.

use std::time::Duration;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::Report;
use super::view::HostView;
use crate::error::{Error, Result};
use crate::model::{Change, Check, CheckStatus, Failure, HostOutcome, HostStatus, Text, Work, text};

pub fn junit_document(run: &Report<'_>) -> Result<String> {
    let view = run.work()?;
    let work = view.outcome.work;
    let name = view.inventory.title();
    let mut report = quick_junit::Report::new(format!("{name}: {}", work.into_str()));
    report.set_time(view.outcome.duration);
    for host in view.hosts() {
        let mut suite = suite(work, host);
        suite.set_timestamp(run.began);
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(|cause| {
        Error::internal(
            text!(en: "the JUnit report could not be made", pt: "não foi possível fazer o relatório JUnit"),
        )
        .because(cause)
    })?;
    // The schema of Jenkins knows this count on a suite, not on all of them. Quotes in names are escaped, so that
    // the first place is the right one.
    let mut text = text.replacen(&format!(" skipped=\"{}\"", report.skipped), "", 1);
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn suite(work: Work, host: &HostView<'_>) -> TestSuite {
    let mut suite = TestSuite::new(host.host.id.as_str());
    let mut total = Duration::ZERO;
    if let Some(worked) = host.worked.filter(|_| work != Work::Verify) {
        let case = run_case(work, worked);
        total += case.time.unwrap_or_default();
        suite.add_test_case(case);
    }
    for check in &host.checks {
        total += check.duration;
        suite.add_test_case(check_case(check));
    }
    suite.set_time(total);
    suite
}

/// The run on a host, with what was changed as its output.
fn run_case(work: Work, host: &HostOutcome) -> TestCase {
    let status = match &host.failure {
        None => TestCaseStatus::success(),
        Some(Failure { kind, message, hint }) => {
            amiss(host.status == HostStatus::Unreachable, kind.into_str(), message, hint.as_ref())
        }
    };
    let mut case = TestCase::new(work.into_str(), status);
    case.set_classname(host.host.as_str());
    let lines = host.changes.iter().map(|(Change { action, resource, reason, .. }, result)| {
        let result = result.as_ref().map_or("planned", |(result, _)| result.into_str());
        format!("{} {resource}: {} ({result})", action.into_str(), reason.english())
    });
    let lines: Vec<String> = lines.collect();
    case.set_time(host.changes.iter().filter_map(|(_, result)| result.as_ref()).map(|(_, time)| *time).sum());
    if !lines.is_empty() {
        case.set_system_out(lines.join("\n"));
    }
    if !host.log_tail.is_empty() {
        case.set_system_err(Text::join(&host.log_tail, "\n").english());
    }
    case
}

fn amiss(is_out_of_reach: bool, kind: &str, message: &Text, hint: Option<&Text>) -> TestCaseStatus {
    let non_success = if is_out_of_reach { NonSuccessKind::Error } else { NonSuccessKind::Failure };
    let mut status = TestCaseStatus::non_success(non_success);
    let message = message.english();
    let next = hint.map_or(String::new(), |hint| format!("\nnext: {}", hint.english()));
    status.set_type(kind).set_message(message).set_description(format!("{message}{next}"));
    status
}

fn check_case(check: &Check) -> TestCase {
    let status = match check.status {
        CheckStatus::Pass => TestCaseStatus::success(),
        CheckStatus::Skip => {
            let mut status = TestCaseStatus::skipped();
            status.set_message(check.detail.english());
            status
        }
        CheckStatus::Fail => {
            amiss(check.is_out_of_reach(), check.kind.as_str(), &check.detail, check.hint.as_ref())
        }
    };
    let mut case = TestCase::new(check.kind.as_str(), status);
    case.set_classname(check.host.as_str()).set_time(check.duration);
    if check.status == CheckStatus::Pass {
        case.set_system_out(check.detail.english());
    }
    if !check.log_tail.is_empty() {
        case.set_system_err(Text::join(&check.log_tail, "\n").english());
    }
    case
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;

    use super::*;
    use crate::model::{Outcome, RunOutcome};
    use crate::report::samples;

    fn document(outcome: RunOutcome) -> String {
        junit_document(&samples::report(&Outcome::Worked(outcome), &samples::inventory())).unwrap()
    }

    #[test]
    fn hosts_are_suites_and_probes_are_cases() {
        insta::assert_snapshot!(document(samples::applied_with_troubles()));
    }

    #[test]
    fn a_host_out_of_reach_is_an_error_of_a_verify_too() {
        let (outcome, mut class) = (samples::class_verified_with_silence(), samples::classroom());
        class.clusters.drain(2..);
        class.clusters.remove(0);
        let outcome = Outcome::Worked(outcome);
        insta::assert_snapshot!(junit_document(&samples::report(&outcome, &class)).unwrap());
    }

    #[test]
    fn markup_and_control_characters_from_a_host_stay_text() {
        let text = document(samples::hostile());
        assert!(!text.contains("<script"), "{text}");
        assert!(!text.contains("]]><"), "{text}");
        assert!(!text.chars().any(|character| character.is_control() && character != '\n'), "{text}");
    }

    #[test]
    fn the_schema_of_ci_systems_accepts_every_document() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.xml");
        let inventory = samples::inventory();
        let class = samples::classroom();
        for (work, outcome, inventory) in [
            (Work::Plan, samples::planned_with_troubles(), &inventory),
            (Work::Apply, samples::applied_with_troubles(), &inventory),
            (Work::Apply, samples::interrupted(), &inventory),
            (Work::Apply, samples::hostile(), &inventory),
            (Work::Apply, samples::class_applied(), &class),
            (Work::Verify, samples::verified(), &inventory),
            (Work::Verify, samples::class_verified_with_silence(), &class),
            (Work::Verify, RunOutcome::default(), &inventory),
        ] {
            let outcome = samples::of(work, &outcome);
            let document = junit_document(&samples::report(&outcome, inventory)).unwrap();
            std::fs::write(&path, document).unwrap();
            validate(&path).unwrap_or_else(|trouble| panic!("{trouble}"));
        }
        std::fs::write(&path, "<testsuites skipped=\"1\"/>").unwrap();
        assert!(validate(&path).unwrap_err().contains("skipped"), "the schema is not applied");
    }

    fn validate(document: &Path) -> Result<(), String> {
        let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas/junit.xsd");
        let output = Command::new("xmllint")
            .args(["--nonet", "--noout", "--schema"])
            .args([&schema, document])
            .output()
            .expect("xmllint is needed: apt-get install libxml2-utils");
        if output.status.success() {
            Ok(())
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }
}
