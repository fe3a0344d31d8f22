//! Hosts that could not be examined, or not wholly.

use super::finding;
use crate::model::{Examination, Failure, FailureKind, Finding, FindingKind, HostId, Severity};

/// A host that gave no examination.
pub(super) fn failed(host: &HostId, failure: &Failure) -> Finding {
    let (kind, means) = match failure.kind {
        FailureKind::Login | FailureKind::HostKey => {
            (FindingKind::Login, "the host answers, but nothing can be done on it; its cluster lacks it")
        }
        kind if kind.is_unreachable() => {
            (FindingKind::Unreachable, "nothing can be done on this host, and its cluster lacks it")
        }
        _ => (FindingKind::Examination, "nothing else is known of this host"),
    };
    let mend = failure.hint.clone().unwrap_or_else(|| "look at it by hand: `ssh HOST`".into());
    finding(host, Severity::Fatal, kind, failure.message.clone(), means, mend)
}

/// A login that cannot gain root.
pub(super) fn root(host: &HostId, examination: &Examination) -> Option<Finding> {
    let failure = examination.no_root.as_ref()?;
    Some(finding(
        host,
        Severity::Fatal,
        FindingKind::Root,
        failure.message.clone(),
        "nothing can be set up on this host, and what only root sees was not examined",
        failure.hint.clone().unwrap_or_else(|| "log in as root on the host and look at its sudoers".into()),
    ))
}
