//! `ssh`, `service` and `socket` of one host, in as few executions as it takes: one, unless something must be asked
//! again, and then only that.

use std::time::Instant;

use crate::model::{CheckKind, Failure, FailureKind, Text, text};
use crate::probes::{SocketFindings, SocketReport, Verdict, service, socket};
use crate::remote::{ProbeFindings, ProbeRequest};
use crate::transport::Session;

use super::ask::{self, Found};
use super::retry::Window;
use super::verdicts::failed;
use super::{Asked, Round};

/// The socket lab either speaks its protocol or not; once more is for a slow machine.
const SOCKET_TRIES: usize = 2;

/// Asks until all three have their verdict.
pub(super) async fn run(round: &Round<'_>, asked: &Asked<'_>, session: &Session) {
    let expectation = &asked.expectation;
    let mut ask_services = !expectation.services.is_empty();
    let mut socket_path = expectation.socket_path.as_deref();
    let mut ssh_is_open = true;
    let mut tries = 0;
    let window = Window::new(asked.retry);
    let mut started = None;
    while ssh_is_open || ask_services || socket_path.is_some() {
        let request = ProbeRequest {
            services: expectation
                .services
                .iter()
                .filter(|_| ask_services)
                .map(|name| (*name).to_owned())
                .collect(),
            socket_path: socket_path.map(str::to_owned),
        };
        let permit = round.gate.acquire().await;
        let started = *started.get_or_insert_with(Instant::now);
        let found = ask::host(session, &request).await;
        drop(permit);
        tries += 1;
        let settle = |kind, verdict| round.verdicts.settle(asked, kind, verdict, started.elapsed());
        if ssh_is_open {
            settle(CheckKind::SSH, ssh(session, &found));
            ssh_is_open = false;
        }
        let findings = match found.findings {
            Ok(findings) => findings,
            Err(failure) => {
                for kind in [CheckKind::SERVICE, CheckKind::SOCKET] {
                    let open = if kind == CheckKind::SERVICE { ask_services } else { socket_path.is_some() };
                    if open {
                        settle(kind, not_asked(&failure, found.latency.is_some() && !is_lost(&failure)));
                    }
                }
                return;
            }
        };
        let services = ask_services.then(|| {
            let stopped = service::stopped(&expectation.services, &findings.services);
            round.verdicts.note_stopped(asked.id(), stopped);
            service::judge(&expectation.host, &expectation.services, &findings.services)
        });
        let spoken = socket_path.map(|path| {
            let findings = socket_findings(findings);
            let is_final = tries >= SOCKET_TRIES || !findings.worth_another_try();
            (socket::judge(&expectation.host, path, &findings), is_final)
        });
        if let Some(verdict) = services.as_ref().filter(|verdict| verdict.passed()) {
            settle(CheckKind::SERVICE, verdict.clone());
            ask_services = false;
        }
        if let Some((verdict, is_final)) = &spoken
            && (verdict.passed() || *is_final)
        {
            settle(CheckKind::SOCKET, verdict.clone());
            socket_path = None;
        }
        if (ask_services || socket_path.is_some()) && !window.wait().await {
            if let Some(verdict) = services.filter(|_| ask_services) {
                settle(CheckKind::SERVICE, verdict);
            }
            if let Some((verdict, _)) = spoken.filter(|_| socket_path.is_some()) {
                settle(CheckKind::SOCKET, verdict);
            }
            return;
        }
    }
}

/// The host's first words prove the connection.
fn ssh(session: &Session, found: &Found) -> Verdict {
    match (found.latency, &found.findings) {
        (_, Err(failure)) if is_lost(failure) => failed(failure),
        (Some(latency), _) => {
            let milliseconds = latency.as_millis();
            Verdict::pass(text!(en: "answered in {milliseconds} ms", pt: "respondeu em {milliseconds} ms"))
        }
        (None, Err(failure)) => failed(failure),
        (None, Ok(_)) => {
            let way = session.describe();
            Verdict::pass(text!(en: "connected by {way}", pt: "conectado por {way}"))
        }
    }
}

/// Whether the connection that the first words proved is gone again.
fn is_lost(failure: &Failure) -> bool {
    matches!(failure.kind, FailureKind::Lost)
}

fn not_asked(failure: &Failure, began: bool) -> Verdict {
    if began {
        let next = failure.hint.clone().unwrap_or_else(|| text!(en: "verify again", pt: "verifique de novo"));
        let expected = text!(en: "an answer of the probe program", pt: "uma resposta do programa de teste");
        Verdict::fail(failure.message.clone(), expected, next)
    } else {
        super::verdicts::not_asked(failure)
    }
}

fn socket_findings(findings: ProbeFindings) -> SocketFindings {
    if findings.no_python {
        return SocketFindings::NoPython;
    }
    if let Some(folder) = findings.no_room {
        return SocketFindings::Broken(text!(
            en: "no room for a private copy in {folder}",
            pt: "sem espaço para uma cópia de trabalho em {folder}",
        ));
    }
    let reports: Vec<_> = findings.socket_lines.iter().filter_map(|line| SocketReport::parse(line)).collect();
    match findings.socket_lines.last() {
        // A program that could not even start says why in words that are no report.
        Some(words) if reports.is_empty() => SocketFindings::Broken(Text::verbatim(words)),
        _ => SocketFindings::Reports(reports),
    }
}
