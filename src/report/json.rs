//! The one JSON document of a verb, for `-o json` and `--report FILE.json`. Its keys and their order are a contract.

use serde::Serialize;

use super::drill::Drills;
use super::findings::Preflight;
use super::printable;
use crate::model::{
    Change, ChangeResult, Check, ExecOutcome, Failure, HostOutcome, HostStatus, Outcome, RunOutcome, Summary,
    Text, Work,
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
}

#[derive(Serialize)]
struct HostEntry<'a> {
    host: &'a str,
    status: HostStatus,
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
struct Commands<'a> {
    hosts: Vec<CommandEntry<'a>>,
}

#[derive(Serialize)]
struct CommandEntry<'a> {
    host: &'a str,
    code: Option<u8>,
    stdout: &'a str,
    stderr: &'a str,
    error: Option<ErrorEntry<'a>>,
}

pub fn document(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Worked(outcome) => envelope(&Document::new(&printable::printable(outcome))),
        Outcome::Examined(outcome) => envelope(&Preflight::new(outcome)),
        Outcome::Drilled(outcome) => envelope(&Drills::new(&outcome.drills)),
        Outcome::Executed(outcome) => envelope(&Commands::new(outcome)),
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
        }
    }
}

impl<'a> Commands<'a> {
    fn new(outcome: &'a ExecOutcome) -> Self {
        let hosts = outcome.hosts.iter().map(|one| CommandEntry {
            host: one.host.as_str(),
            code: one.status.as_ref().ok().copied(),
            stdout: &one.output,
            stderr: &one.log,
            error: one.status.as_ref().err().map(ErrorEntry::from),
        });
        Self { hosts: hosts.collect() }
    }
}

impl<'a> HostEntry<'a> {
    fn new(host: &'a HostOutcome, executed: bool) -> Self {
        Self {
            host: host.host.as_str(),
            status: host.status,
            changes: host
                .changes
                .iter()
                .map(|(change, result)| {
                    // Where changes are executed, one without a result was not reached.
                    let result =
                        result.as_ref().map(|(result, duration)| (result.into_str(), duration.as_secs_f64()));
                    let not_reached = executed.then_some((ChangeResult::NotRun.into_str(), 0.0));
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
            action: change.action.into_str(),
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
            kind: failure.kind.into_str(),
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
            status: check.status.into_str(),
            detail: check.detail.english(),
            seconds: milliseconds(check.duration.as_secs_f64()),
            hint: check.hint.as_ref().map(Text::english),
            log: &check.log_tail,
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

    fn json_document(work: Work, outcome: &RunOutcome) -> String {
        document(&samples::of(work, outcome))
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
    fn a_log_stands_beside_the_other_keys_where_there_is_one() {
        let mut outcome = samples::verified();
        outcome.checks[0].log_tail = vec!["AH00169: caught SIGTERM".to_owned()];
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
}
