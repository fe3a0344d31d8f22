//! What a plan refuses or warns of: found before class by that same plan, and by no list of its own.

use super::finding;
use crate::model::{
    Concern, Failure, FailureKind, Finding, FindingKind, HostId, HostPlan, HostText, Severity, Text, text,
};

/// Adds what nothing else has told of the same kind and weight.
pub(super) fn add(findings: &mut Vec<Finding>, host: &HostId, plan: &Result<HostPlan, Failure>) {
    let told = match plan {
        Err(failure) => vec![refused(host, failure)],
        Ok(HostPlan { warnings, refusal, .. }) => {
            let refusal = refusal.as_ref().map(|failure| refused(host, failure));
            warnings.iter().map(|concern| warned(host, concern)).chain(refusal).collect()
        }
    };
    for new in told {
        let is_told =
            |old: &Finding| old.host == *host && old.kind == new.kind && old.severity >= new.severity;
        // Several packages may be held, several services masked, and several things in the way of what is wanted.
        let tells_more =
            matches!(new.kind, FindingKind::Service | FindingKind::Packages | FindingKind::Unwanted)
                && !findings.iter().any(|old| old.host == *host && old.seen == new.seen);
        if tells_more || !findings.iter().any(is_told) {
            findings.push(new);
        }
    }
}

/// Whether a service is on its way out: what it holds is free once it is gone.
pub(super) fn takes_back(plan: Option<&Result<HostPlan, Failure>>, service: &HostText) -> bool {
    let plan = plan.and_then(|plan| plan.as_ref().ok());
    let mut services = plan.into_iter().flat_map(HostPlan::taken_back);
    services
        .any(|change| change.resource.as_str().strip_prefix("service:").is_some_and(|name| *service == name))
}

fn refused(host: &HostId, failure: &Failure) -> Finding {
    let kind = match failure.kind {
        FailureKind::File => FindingKind::File,
        FailureKind::Packages => FindingKind::Packages,
        _ => FindingKind::Examination,
    };
    let means = text!(
        en: "`provision apply` changes nothing on this host",
        pt: "`provision apply` não altera nada nesta máquina",
    );
    let mend = failure.hint.clone().unwrap_or_default();
    finding(host, Severity::Fatal, kind, failure.message.clone(), means, mend)
}

fn warned(host: &HostId, Concern { kind, seen, next, stops }: &Concern) -> Finding {
    let (severity, means) = if *stops {
        (Severity::Fatal, text!(en: "`provision apply` fails by it", pt: "`provision apply` falha por isso"))
    } else {
        (Severity::Warning, Text::default())
    };
    finding(host, severity, *kind, seen.clone(), means, next.clone())
}
