//! How a run's outcome becomes the exit code.

use super::{Report, Told};
use crate::error::ExitCode;
use crate::model::{
    CheckStatus, DrillEnd, DrillOutcome, DrillsOutcome, ExecOutcome, HostStatus, PreflightOutcome, Severity,
};

/// Where several hold: interrupted, then a failed host, then an unreachable one, then a failed probe.
pub fn exit_code(report: &Report<'_>) -> ExitCode {
    let (interrupted, failed, unreachable, probe_failed) = match &report.told {
        Told::Work(view) => {
            let host = |status| view.hosts().any(|host| host.status == status);
            let mut checks = view.hosts().flat_map(|host| &host.checks);
            let probe_failed = checks.any(|check| check.status == CheckStatus::Fail);
            (view.outcome.interrupted, host(HostStatus::Failed), host(HostStatus::Unreachable), probe_failed)
        }
        // Warnings are well.
        Told::Preflight(PreflightOutcome { findings, interrupted, .. }) => {
            let fatal = findings.iter().filter(|finding| finding.severity == Severity::Fatal);
            let any = |unreachable| fatal.clone().any(|fatal| fatal.kind.is_unreachable() == unreachable);
            (*interrupted, any(false), any(true), false)
        }
        Told::Drills(DrillsOutcome { drills, interrupted, .. }) => {
            let broken = drills.iter().filter_map(|drill| match &drill.end {
                DrillEnd::Broken { failure, .. } => Some(failure.kind.is_unreachable()),
                DrillEnd::Judged { .. } => None,
            });
            let passed = |drill: &DrillOutcome| {
                matches!(drill.end, DrillEnd::Judged { status: CheckStatus::Pass, .. })
            };
            let any = |unreachable| broken.clone().any(|broken| broken == unreachable);
            (*interrupted, any(false), any(true), !drills.iter().all(passed))
        }
        Told::Commands(ExecOutcome { hosts, interrupted, .. }) => {
            let failed = hosts.iter().any(|host| match &host.status {
                Ok(code) => *code != 0,
                Err(failure) => !failure.kind.is_unreachable(),
            });
            (*interrupted, failed, hosts.iter().any(|host| host.status.is_err()), false)
        }
    };
    match () {
        () if interrupted => ExitCode::Interrupted,
        () if failed => ExitCode::HostFailed,
        () if unreachable => ExitCode::Unreachable,
        () if probe_failed => ExitCode::ProbeFailed,
        () => ExitCode::Success,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CheckKind, Finding, FindingKind, HostId, HostOutcome, Outcome, RunOutcome, Text};
    use crate::report::samples;

    fn outcome(statuses: &[HostStatus], checks: &[(CheckKind, CheckStatus)]) -> RunOutcome {
        let inventory = samples::inventory();
        let first = &inventory.hosts().next().unwrap().id;
        let hosts = inventory.hosts().zip(statuses).map(|(host, status)| HostOutcome {
            host: host.id.clone(),
            status: *status,
            changes: Vec::new(),
            failure: None,
            warnings: Vec::new(),
            log_tail: Vec::new(),
        });
        RunOutcome {
            hosts: hosts.collect(),
            checks: checks.iter().map(|(kind, status)| samples::check(*kind, first, *status, "")).collect(),
            ..RunOutcome::default()
        }
    }

    fn code(outcome: &Outcome) -> ExitCode {
        exit_code(&samples::report(outcome, &samples::inventory()))
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
        for (outcome, expected) in cases {
            assert_eq!(code(&Outcome::Worked(outcome.clone())), expected, "{outcome:?}");
        }
    }

    #[test]
    fn what_is_fatal_decides_and_a_host_that_is_off_comes_second() {
        use FindingKind::{Disk, Login, Unreachable};
        use Severity::{Fatal, Note, Warning};
        let outcome = |findings: &[(Severity, FindingKind)]| PreflightOutcome {
            findings: findings
                .iter()
                .map(|(severity, kind)| Finding {
                    host: HostId::new("default", "web01"),
                    severity: *severity,
                    kind: *kind,
                    seen: Text::default(),
                    means: Text::default(),
                    mend: Text::default(),
                    said: Vec::new(),
                })
                .collect(),
            ..PreflightOutcome::default()
        };
        for (findings, expected) in [
            (outcome(&[]), ExitCode::Success),
            (outcome(&[(Warning, Disk), (Note, Disk)]), ExitCode::Success),
            (outcome(&[(Fatal, Unreachable), (Warning, Disk)]), ExitCode::Unreachable),
            (outcome(&[(Fatal, Login)]), ExitCode::Unreachable),
            (outcome(&[(Fatal, Unreachable), (Fatal, Disk)]), ExitCode::HostFailed),
            (PreflightOutcome { interrupted: true, ..outcome(&[(Fatal, Disk)]) }, ExitCode::Interrupted),
        ] {
            assert_eq!(code(&Outcome::Examined(findings.clone())), expected, "{findings:?}");
        }
    }
}
