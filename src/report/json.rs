//! The one JSON document of a verb, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::drill::drill_document;
use super::words::milliseconds;
use super::{Report, Told};
use crate::model::{
    Change, ChangeResult, Check, CheckStatus, CommandOutcome, Failure, HostId, HostOutcome, HostStatus,
    HostTiming, PreflightOutcome, RunOutcome, Severity, Span, Summary, Text, Work,
};

/// The version of all documents' shapes.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<Vec<HostEntry<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<Summary>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<CheckEntry<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    timings: Vec<TimingEntry<'a>>,
}

#[derive(Serialize)]
struct HostEntry<'a> {
    host: &'a HostId,
    status: HostStatus,
    changes: Vec<ChangeEntry<'a>>,
    error: &'a Option<Failure>,
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    #[serde(flatten)]
    change: &'a Change,
    #[serde(flatten)]
    result: Option<ResultEntry>,
}

#[derive(Serialize)]
struct ResultEntry {
    result: &'static str,
    seconds: f64,
}

#[derive(Serialize)]
struct CheckEntry<'a> {
    check: &'static str,
    /// Which of a practice's probes it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    probe: Option<&'static str>,
    host: &'a HostId,
    status: CheckStatus,
    detail: &'a Text,
    seconds: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: &'a Option<Text>,
    #[serde(skip_serializing_if = "<[Text]>::is_empty")]
    log: &'a [Text],
}

/// Where the time of a host went; moments count from the beginning of the run.
#[derive(Serialize)]
struct TimingEntry<'a> {
    host: &'a HostId,
    spans: Vec<SpanEntry<'a>>,
}

#[derive(Serialize)]
struct SpanEntry<'a> {
    phase: &'static str,
    /// The resource of a change, the name of a probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<&'a str>,
    from: f64,
    to: f64,
}

pub fn document(report: &Report<'_>) -> String {
    match &report.told {
        Told::Work(view) => envelope(&Document::new(view.outcome)),
        Told::Preflight(outcome) => envelope(&findings(outcome)),
        Told::Drills(outcome) => {
            let drills: Vec<_> = outcome.drills.iter().map(drill_document).collect();
            envelope(&json!({ "drills": drills }))
        }
        Told::Commands(outcome) => {
            let hosts: Vec<_> = outcome.hosts.iter().map(command).collect();
            envelope(&json!({ "hosts": hosts }))
        }
    }
}

/// Any document, with a final newline.
pub fn envelope(body: &impl Serialize) -> String {
    #[derive(Serialize)]
    struct Envelope<'a, T: Serialize> {
        version: u32,
        #[serde(flatten)]
        body: &'a T,
    }
    // Strings, numbers and lists: nothing in it can fail to serialize.
    serde_json::to_string_pretty(&Envelope { version: VERSION, body }).unwrap_or_default() + "\n"
}

impl<'a> Document<'a> {
    fn new(outcome: &'a RunOutcome) -> Self {
        let work = outcome.work;
        let hosts = || outcome.hosts.iter().map(|host| HostEntry::new(host, work.makes_changes())).collect();
        let checks = || outcome.checks.iter().map(CheckEntry::from).collect();
        Self {
            hosts: (work != Work::Verify).then(hosts),
            summary: (work != Work::Verify).then(|| outcome.summary()),
            checks: matches!(work, Work::Apply | Work::Verify).then(checks),
            timings: outcome.timings.iter().map(TimingEntry::from).collect(),
        }
    }
}

/// What was found by a preflight. Notes stand in it always.
fn findings(outcome: &PreflightOutcome) -> Value {
    json!({
        "findings": outcome.findings,
        "summary": {
            "hosts": outcome.hosts.len(),
            "fatal": outcome.count(Severity::Fatal),
            "warnings": outcome.count(Severity::Warning),
            "notes": outcome.count(Severity::Note),
            "interrupted": outcome.interrupted,
        },
    })
}

fn command(CommandOutcome { host, status, output, log }: &CommandOutcome) -> Value {
    json!({
        "host": host,
        "code": status.as_ref().ok(),
        "stdout": output,
        "stderr": log,
        "error": status.as_ref().err(),
    })
}

impl<'a> HostEntry<'a> {
    fn new(host: &'a HostOutcome, executed: bool) -> Self {
        let changes = host.changes.iter().map(|(change, result)| {
            // Where changes are executed, one without a result was not reached.
            let not_reached = executed.then_some((ChangeResult::NotRun, Duration::ZERO));
            let result = result.clone().or(not_reached).map(|(result, duration)| ResultEntry {
                result: result.into_str(),
                seconds: milliseconds(duration),
            });
            ChangeEntry { change, result }
        });
        Self { host: &host.host, status: host.status, changes: changes.collect(), error: &host.failure }
    }
}

impl<'a> From<&'a Check> for CheckEntry<'a> {
    fn from(check: &'a Check) -> Self {
        Self {
            check: check.kind.column().as_str(),
            probe: check.kind.probe(),
            host: &check.host,
            status: check.status,
            detail: &check.detail,
            seconds: milliseconds(check.duration),
            hint: &check.hint,
            log: &check.log_tail,
        }
    }
}

impl<'a> From<&'a HostTiming> for TimingEntry<'a> {
    fn from(timing: &'a HostTiming) -> Self {
        let span = |span: &'a Span| SpanEntry {
            phase: span.phase.kind(),
            of: span.phase.subject(),
            from: milliseconds(span.from),
            to: milliseconds(span.to),
        };
        Self { host: &timing.host, spans: timing.spans.iter().map(span).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Outcome;
    use crate::report::samples;

    fn json_document(work: Work, outcome: &RunOutcome) -> String {
        document(&samples::report(&samples::of(work, outcome), &samples::inventory()))
    }

    #[test]
    fn a_plan_has_hosts_and_a_summary() {
        insta::assert_snapshot!(json_document(Work::Plan, &samples::planned()));
    }

    #[test]
    fn an_apply_has_results_and_checks() {
        insta::assert_snapshot!(json_document(Work::Apply, &samples::applied_with_troubles()));
    }

    #[test]
    fn a_verify_has_checks_and_nothing_of_hosts() {
        insta::assert_snapshot!(json_document(Work::Verify, &samples::verified()));
    }

    #[test]
    fn timings_stand_at_the_end_where_they_were_asked_for() {
        let document = json_document(Work::Apply, &samples::timed());
        let (_, timings) = document.split_once("\n  \"timings\"").unwrap();
        insta::assert_snapshot!(timings);
    }

    #[test]
    fn a_log_stands_beside_the_other_keys_where_there_is_one() {
        let mut outcome = samples::verified();
        outcome.checks[0].log_tail = vec![Text::verbatim("AH00169: caught SIGTERM")];
        let value: serde_json::Value = serde_json::from_str(&json_document(Work::Verify, &outcome)).unwrap();
        assert_eq!(value["checks"][0]["log"], serde_json::json!(["AH00169: caught SIGTERM"]));
        let keys: Vec<_> = value["checks"][1].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["check", "host", "status", "detail", "seconds"]);
    }

    #[test]
    fn the_keys_stand_in_the_order_that_is_documented() {
        let document = json_document(Work::Plan, &samples::planned());
        let value: serde_json::Value = serde_json::from_str(&document).unwrap();
        let keys = |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&value), ["version", "hosts", "summary"]);
        assert_eq!(keys(&value["hosts"][0]), ["host", "status", "changes", "error"]);
        assert_eq!(
            keys(&value["hosts"][0]["changes"][0]),
            ["resource", "action", "reason", "before", "after", "diff"]
        );
        assert_eq!(
            keys(&value["summary"]),
            ["hosts", "changed", "unchanged", "unreachable", "failed", "add", "change", "destroy"]
        );
    }

    #[test]
    fn a_preflight_has_findings_and_a_summary() {
        let mut outcome = samples::preflight();
        outcome.findings.truncate(1);
        outcome.findings[0].seen = Text::verbatim("port 80\u{1b}[31m");
        let outcome = Outcome::Examined(outcome);
        insta::assert_snapshot!(document(&samples::report(&outcome, &samples::inventory())));
    }
}
