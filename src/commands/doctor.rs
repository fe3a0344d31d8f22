//! `doctor`: examines the hosts before class, and says what would not work there.

use std::collections::HashMap;
use std::time::Instant;

use chrono::Local;

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::{HostId, PackageSource, PreflightOutcome, Resource, Severity};
use crate::preflight::{self, Examined};
use crate::remote::{ExamineRequest, LinesRequest, PeerRequest};
use crate::report::{self, ReportFormat};

use super::prepare::{self, Prepared};
use super::reports::Reports;
use super::running::Running;
use super::terminal::Terminal;

/// `provision doctor`
pub async fn run(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    let (began, started) = (Local::now().fixed_offset(), Instant::now());
    let reports = Reports::of("doctor", &settings)?;
    let prepared = prepare::run(&settings, terminal)?;
    let requests = requests(&prepared)?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let results = running.runner.examine(&running.hosts(), &requests).await;
    let interrupted = running.runner.interrupt.is_stopping();
    let examined: Vec<_> = prepared
        .hosts()
        .zip(results)
        .map(|((cluster, host), result)| Examined { cluster, host, result })
        .collect();
    let outcome = PreflightOutcome {
        hosts: prepared.hosts().map(|(_, host)| host.id.clone()).collect(),
        findings: preflight::judge(&prepared.inventory, &examined),
        interrupted,
        duration: started.elapsed(),
    };
    let options = running.text_options(None);
    running.finish();

    let document = report::findings_document(&outcome);
    let text = report::doctor_text(&outcome, &prepared.inventory, &options);
    let printed = terminal.print(if settings.json { &document } else { &text });
    let text = |format| match format {
        ReportFormat::Html => report::doctor_page(&outcome, &prepared.inventory, began),
        _ => Ok(document.clone()),
    };
    let code = reports.write(exit_code(&outcome), text, |error| terminal.error(error));
    printed.map(|()| code)
}

/// What each selected host is asked.
fn requests(prepared: &Prepared) -> Result<HashMap<HostId, ExamineRequest>> {
    let wanted = prepared.wanted()?;
    let requests = prepared.hosts().map(|(cluster, host)| {
        let resources = wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        let package = |resource: &Resource| match resource {
            Resource::Package(name) => Some(name.clone()),
            _ => None,
        };
        let peers = preflight::peers(cluster, host);
        let request = ExamineRequest {
            packages: resources.iter().filter_map(package).collect(),
            ports: preflight::ports(host)
                .into_iter()
                .map(|(port, _)| port)
                .chain([preflight::ssh_port(host)])
                .collect(),
            peers: peers
                .iter()
                .map(|peer| PeerRequest {
                    address: peer.host.private_address.clone(),
                    port: peer.port,
                    ssh_port: preflight::ssh_port(peer.host),
                })
                .collect(),
            leftovers: preflight::LEFTOVERS.map(str::to_owned).to_vec(),
            lines: vec![LinesRequest {
                path: preflight::FRONTEND.0.to_owned(),
                pattern: preflight::FRONTEND.1.to_owned(),
            }],
            mirror: host.packages.via != PackageSource::Laptop,
        };
        (host.id.clone(), request)
    });
    Ok(requests.collect())
}

/// What stops the practice on a host, then hosts that were not reached; warnings are well.
fn exit_code(outcome: &PreflightOutcome) -> ExitCode {
    let mut fatal = outcome.findings.iter().filter(|finding| finding.severity == Severity::Fatal).peekable();
    if outcome.interrupted {
        ExitCode::Interrupted
    } else if fatal.clone().any(|finding| !finding.kind.is_unreachable()) {
        ExitCode::HostFailed
    } else if fatal.peek().is_some() {
        ExitCode::Unreachable
    } else {
        ExitCode::Success
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Finding, FindingKind, Text};

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
                })
                .collect(),
            ..PreflightOutcome::default()
        };
        for (findings, code) in [
            (outcome(&[]), ExitCode::Success),
            (outcome(&[(Warning, Disk), (Note, Disk)]), ExitCode::Success),
            (outcome(&[(Fatal, Unreachable), (Warning, Disk)]), ExitCode::Unreachable),
            (outcome(&[(Fatal, Login)]), ExitCode::Unreachable),
            (outcome(&[(Fatal, Unreachable), (Fatal, Disk)]), ExitCode::HostFailed),
            (PreflightOutcome { interrupted: true, ..outcome(&[(Fatal, Disk)]) }, ExitCode::Interrupted),
        ] {
            assert_eq!(exit_code(&findings), code, "{findings:?}");
        }
    }
}
