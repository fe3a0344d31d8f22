//! The one gate between an outcome and paper or screen: every text in it that may stem from a host is cleaned,
//! also where the runner cleaned it before.

use crate::model::{
    Change, Check, DrillEnd, Failure, Finding, HostOutcome, ResourceId, RunOutcome, Text, clean, clean_line,
};

/// Longest text that has to fit into a sentence.
const LINE: usize = 1_000;

/// A copy of an outcome that is fit to be shown.
pub fn printable(outcome: &RunOutcome) -> RunOutcome {
    RunOutcome {
        work: outcome.work,
        hosts: outcome.hosts.iter().map(host).collect(),
        checks: outcome.checks.iter().map(check).collect(),
        interrupted: outcome.interrupted,
        duration: outcome.duration,
    }
}

fn host(host: &HostOutcome) -> HostOutcome {
    HostOutcome {
        host: host.host.clone(),
        status: host.status,
        changes: host.changes.iter().map(|(planned, result)| (change(planned), result.clone())).collect(),
        failure: host.failure.as_ref().map(failure),
        warnings: host.warnings.iter().map(line).collect(),
        log_tail: host.log_tail.iter().map(|line| clean(line).into_owned()).collect(),
    }
}

fn change(change: &Change) -> Change {
    Change {
        resource: ResourceId::new(clean_line(change.resource.as_str(), LINE)),
        action: change.action,
        reason: line(&change.reason),
        before: change.before.as_ref().map(line),
        after: change.after.as_ref().map(line),
        diff: change.diff.as_deref().map(|diff| clean(diff).into_owned()),
    }
}

/// A failure that is fit to be shown.
pub fn failure(failure: &Failure) -> Failure {
    Failure { kind: failure.kind, message: line(&failure.message), hint: failure.hint.as_ref().map(lines) }
}

/// A finding that is fit to be shown.
pub fn finding(finding: &Finding) -> Finding {
    Finding {
        host: finding.host.clone(),
        severity: finding.severity,
        kind: finding.kind,
        seen: line(&finding.seen),
        means: line(&finding.means),
        mend: lines(&finding.mend),
    }
}

/// The end of a drill that is fit to be shown.
pub fn drill_end(end: &DrillEnd) -> DrillEnd {
    match end {
        DrillEnd::Judged { status, detail, hint } => {
            DrillEnd::Judged { status: *status, detail: line(detail), hint: hint.as_ref().map(lines) }
        }
        DrillEnd::Broken { host, failure: cause, log_tail } => DrillEnd::Broken {
            host: host.clone(),
            failure: failure(cause),
            log_tail: log_tail.iter().map(|line| clean_line(line, LINE)).collect(),
        },
    }
}

/// A verdict that is fit to be shown.
pub fn check(check: &Check) -> Check {
    Check {
        kind: check.kind,
        host: check.host.clone(),
        status: check.status,
        detail: line(&check.detail),
        hint: check.hint.as_ref().map(lines),
        shares: check.shares.clone(),
        services: check.services.clone(),
        log_tail: check.log_tail.iter().map(|line| clean_line(line, LINE)).collect(),
        duration: check.duration,
    }
}

/// A text that has to fit into a sentence.
fn line(text: &Text) -> Text {
    text.map(|words| clean_line(words, LINE))
}

/// A text of any number of lines.
fn lines(text: &Text) -> Text {
    text.map(|words| clean(words).into_owned())
}
