//! The one gate between an outcome and paper or screen: every text in it that may stem from a host is cleaned,
//! also where the runner cleaned it before.

use crate::model::{Change, Check, Failure, Finding, HostOutcome, ResourceId, RunOutcome, clean, clean_line};

/// Longest text that has to fit into a sentence.
const LINE: usize = 1_000;

/// A copy of an outcome that is fit to be shown.
pub fn printable(outcome: &RunOutcome) -> RunOutcome {
    RunOutcome {
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
        warnings: host.warnings.iter().map(|warning| clean_line(warning, LINE)).collect(),
        log_tail: host.log_tail.iter().map(|line| clean(line).into_owned()).collect(),
    }
}

fn change(change: &Change) -> Change {
    let line = |text: &Option<String>| text.as_deref().map(|text| clean_line(text, LINE));
    Change {
        resource: ResourceId::new(clean_line(change.resource.as_str(), LINE)),
        action: change.action,
        reason: clean_line(&change.reason, LINE),
        before: line(&change.before),
        after: line(&change.after),
        diff: change.diff.as_deref().map(|diff| clean(diff).into_owned()),
        operation: change.operation.clone(),
    }
}

/// A failure that is fit to be shown.
pub fn failure(failure: &Failure) -> Failure {
    Failure {
        kind: failure.kind,
        message: clean_line(&failure.message, LINE),
        hint: failure.hint.as_deref().map(|hint| clean(hint).into_owned()),
    }
}

/// A finding that is fit to be shown.
pub fn finding(finding: &Finding) -> Finding {
    Finding {
        host: finding.host.clone(),
        severity: finding.severity,
        kind: finding.kind,
        seen: clean_line(&finding.seen, LINE),
        means: clean_line(&finding.means, LINE),
        mend: clean(&finding.mend).into_owned(),
    }
}

/// A verdict that is fit to be shown.
pub fn check(check: &Check) -> Check {
    Check {
        kind: check.kind,
        host: check.host.clone(),
        status: check.status,
        detail: clean_line(&check.detail, LINE),
        hint: check.hint.as_deref().map(|hint| clean(hint).into_owned()),
        shares: check.shares.clone(),
        log_tail: check.log_tail.iter().map(|line| clean_line(line, LINE)).collect(),
        duration: check.duration,
    }
}
