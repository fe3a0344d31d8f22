//! How a run's outcome becomes the exit code.

use crate::error::ExitCode;
use crate::model::{Check, CheckStatus, HostStatus, RunOutcome};

/// Where several hold: interrupted, then a failed host, then an unreachable one, then a failed probe.
pub fn exit_code(outcome: &RunOutcome) -> ExitCode {
    let host = |status| outcome.hosts.iter().any(|host| host.status == status);
    if outcome.interrupted {
        ExitCode::Interrupted
    } else if host(HostStatus::Failed) {
        ExitCode::HostFailed
    } else if host(HostStatus::Unreachable) || outcome.checks.iter().any(Check::is_out_of_reach) {
        ExitCode::Unreachable
    } else if outcome.checks.iter().any(|check| check.status == CheckStatus::Fail) {
        ExitCode::ProbeFailed
    } else {
        ExitCode::Success
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{CheckKind, HostId, HostOutcome, Text};

    fn outcome(hosts: &[HostStatus], checks: &[(CheckKind, CheckStatus)]) -> RunOutcome {
        let name = || HostId::new("default", "web01");
        RunOutcome {
            hosts: hosts
                .iter()
                .map(|status| HostOutcome {
                    host: name(),
                    status: *status,
                    changes: Vec::new(),
                    failure: None,
                    warnings: Vec::new(),
                    log_tail: Vec::new(),
                })
                .collect(),
            checks: checks
                .iter()
                .map(|(kind, status)| Check {
                    kind: *kind,
                    host: name(),
                    status: *status,
                    detail: Text::default(),
                    hint: None,
                    shares: Vec::new(),
                    services: Vec::new(),
                    log_tail: Vec::new(),
                    duration: Duration::ZERO,
                })
                .collect(),
            ..RunOutcome::default()
        }
    }

    #[test]
    fn the_worst_that_happened_decides() {
        use CheckStatus::{Fail, Pass, Skip};
        use HostStatus::{Changed, Failed, Ok, Unreachable};
        let cases = [
            (outcome(&[], &[]), ExitCode::Success),
            (outcome(&[Ok, Changed], &[(CheckKind::SSH, Pass), (CheckKind::HTTP, Skip)]), ExitCode::Success),
            (outcome(&[Ok], &[(CheckKind::HTTP, Fail)]), ExitCode::ProbeFailed),
            (outcome(&[Ok, Unreachable], &[(CheckKind::HTTP, Fail)]), ExitCode::Unreachable),
            (outcome(&[], &[(CheckKind::SSH, Fail), (CheckKind::HTTP, Fail)]), ExitCode::Unreachable),
            (outcome(&[Unreachable, Failed], &[(CheckKind::HTTP, Fail)]), ExitCode::HostFailed),
            (RunOutcome { interrupted: true, ..outcome(&[Failed], &[]) }, ExitCode::Interrupted),
        ];
        for (outcome, code) in cases {
            assert_eq!(exit_code(&outcome), code, "{outcome:?}");
        }
    }
}
