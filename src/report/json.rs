//! The one JSON document of a run, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use serde::Serialize;

use super::{RunKind, printable};
use crate::model::{Change, ChangeResult, Check, Failure, HostOutcome, RunOutcome, Text};

/// The version of the document's shape.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    hosts: Option<Vec<HostEntry<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<SummaryEntry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<CheckEntry<'a>>>,
}

#[derive(Serialize)]
struct HostEntry<'a> {
    host: &'a str,
    status: &'static str,
    changes: Vec<ChangeEntry<'a>>,
    error: Option<ErrorEntry<'a>>,
}

#[derive(Serialize)]
struct ChangeEntry<'a> {
    resource: &'a str,
    action: &'static str,
    reason: &'a str,
    before: Option<&'a str>,
    after: Option<&'a str>,
    diff: Option<&'a str>,
    #[serde(flatten)]
    result: Option<ResultEntry>,
}

/// What became of a change; absent where it was only planned.
#[derive(Serialize)]
struct ResultEntry {
    result: &'static str,
    seconds: f64,
}

#[derive(Serialize)]
struct ErrorEntry<'a> {
    kind: &'static str,
    message: &'a str,
    hint: Option<&'a str>,
}

#[derive(Serialize)]
struct CheckEntry<'a> {
    check: &'static str,
    host: &'a str,
    status: &'static str,
    detail: &'a str,
    seconds: f64,
    /// What to do next; absent where there is nothing to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    /// The last lines of the service's log; absent where there are none.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    log: &'a [String],
}

#[derive(Serialize)]
struct SummaryEntry {
    hosts: usize,
    changed: usize,
    unchanged: usize,
    unreachable: usize,
    failed: usize,
    add: usize,
    change: usize,
    destroy: usize,
}

/// The document of a run, with a final newline.
pub fn json_document(kind: RunKind, outcome: &RunOutcome) -> String {
    let outcome = printable::printable(outcome);
    let executed = match kind {
        RunKind::Apply => true,
        // A dry run of it plans.
        RunKind::Reset => outcome.was_executed(),
        RunKind::Plan | RunKind::Verify => false,
    };
    let hosts = || outcome.hosts.iter().map(|host| HostEntry::new(host, executed)).collect();
    let checks = || outcome.checks.iter().map(CheckEntry::from).collect();
    let document = Document {
        version: VERSION,
        hosts: (kind != RunKind::Verify).then(hosts),
        summary: (kind != RunKind::Verify).then(|| SummaryEntry::from(&outcome)),
        checks: matches!(kind, RunKind::Apply | RunKind::Verify).then(checks),
    };
    // Strings, numbers and lists: nothing in it can fail to serialize.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

impl<'a> HostEntry<'a> {
    fn new(host: &'a HostOutcome, executed: bool) -> Self {
        Self {
            host: host.host.as_str(),
            status: host.status.as_str(),
            changes: host
                .changes
                .iter()
                .map(|(change, result)| {
                    // Where changes are executed, one without a result was not reached.
                    let result =
                        result.as_ref().map(|(result, duration)| (result.as_str(), duration.as_secs_f64()));
                    let not_reached = executed.then_some((ChangeResult::NotRun.as_str(), 0.0));
                    ChangeEntry::new(change, result.or(not_reached))
                })
                .collect(),
            error: host.failure.as_ref().map(ErrorEntry::from),
        }
    }
}

impl<'a> ChangeEntry<'a> {
    fn new(change: &'a Change, result: Option<(&'static str, f64)>) -> Self {
        Self {
            resource: change.resource.as_str(),
            action: change.action.as_str(),
            reason: change.reason.english(),
            before: change.before.as_ref().map(Text::english),
            after: change.after.as_ref().map(Text::english),
            diff: change.diff.as_deref(),
            result: result.map(|(result, seconds)| ResultEntry { result, seconds: milliseconds(seconds) }),
        }
    }
}

impl<'a> From<&'a Failure> for ErrorEntry<'a> {
    fn from(failure: &'a Failure) -> Self {
        Self {
            kind: failure.kind.as_str(),
            message: failure.message.english(),
            hint: failure.hint.as_ref().map(Text::english),
        }
    }
}

impl<'a> From<&'a Check> for CheckEntry<'a> {
    fn from(check: &'a Check) -> Self {
        Self {
            check: check.kind.as_str(),
            host: check.host.as_str(),
            status: check.status.as_str(),
            detail: check.detail.english(),
            seconds: milliseconds(check.duration.as_secs_f64()),
            hint: check.hint.as_ref().map(Text::english),
            log: &check.log_tail,
        }
    }
}

impl From<&RunOutcome> for SummaryEntry {
    fn from(outcome: &RunOutcome) -> Self {
        let summary = outcome.summary();
        Self {
            hosts: summary.hosts,
            changed: summary.changed,
            unchanged: summary.unchanged,
            unreachable: summary.unreachable,
            failed: summary.failed,
            add: summary.add,
            change: summary.change,
            destroy: summary.destroy,
        }
    }
}

/// Seconds without digits that say nothing.
fn milliseconds(seconds: f64) -> f64 {
    (seconds * 1_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn a_plan_has_hosts_and_a_summary() {
        insta::assert_snapshot!(json_document(RunKind::Plan, &samples::planned()));
    }

    #[test]
    fn an_apply_has_results_and_checks() {
        insta::assert_snapshot!(json_document(RunKind::Apply, &samples::applied_with_troubles()));
    }

    #[test]
    fn a_verify_has_checks_and_nothing_of_hosts() {
        insta::assert_snapshot!(json_document(RunKind::Verify, &samples::verified()));
    }

    #[test]
    fn a_log_stands_beside_the_other_keys_where_there_is_one() {
        let mut outcome = samples::verified();
        outcome.checks[0].log_tail = vec!["AH00169: caught SIGTERM".to_owned()];
        let value: serde_json::Value =
            serde_json::from_str(&json_document(RunKind::Verify, &outcome)).unwrap();
        assert_eq!(value["checks"][0]["log"], serde_json::json!(["AH00169: caught SIGTERM"]));
        let keys: Vec<_> = value["checks"][1].as_object().unwrap().keys().collect();
        assert_eq!(keys, ["check", "host", "status", "detail", "seconds"]);
    }

    #[test]
    fn the_keys_stand_in_the_order_that_is_documented() {
        let document = json_document(RunKind::Plan, &samples::planned());
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
}
