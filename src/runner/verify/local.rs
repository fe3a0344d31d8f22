//! `ssh`, `service` and `socket` of one host, in as few executions as it takes: one, unless something must be asked
//! again, and then only that.

use std::time::Instant;

use crate::model::{CheckKind, Failure, FailureKind, PythonFact, Service, Standpoint, Text, text};
use crate::probes::{SocketFindings, SocketReport, Verdict, service, socket, ssh};
use crate::remote::{ProbeFindings, ProbeRequest, ServiceRequest};
use crate::transport::Session;

use super::ask::{self, Found};
use super::retry::{Attempt, Window};
use super::{Asked, Round};

/// The socket lab either speaks its protocol or not; once more is for a slow machine.
const SOCKET_TRIES: usize = 2;

/// What the probe program tells.
const TOLD: [CheckKind; 3] = [CheckKind::SSH, CheckKind::SERVICE, CheckKind::SOCKET];

/// Asks until all that the host has of these have their verdict.
pub(super) async fn run(round: &Round<'_>, asked: &Asked<'_>, session: &Session) {
    let window = Window::new(asked.retry);
    let mut open = asked.kinds();
    open.retain(|kind| TOLD.contains(kind));
    let mut tries = 0;
    let mut started = None;
    while !open.is_empty() {
        let permit = round.gate.acquire().await;
        let started = *started.get_or_insert_with(Instant::now);
        let found = ask::host(session, &request(asked, &open), |standpoint| asked.saw(standpoint)).await;
        // A host that said nothing of itself is asked on loopback.
        asked.saw(Standpoint::default());
        drop(permit);
        tries += 1;
        let settle = |attempts: Vec<(CheckKind, Attempt)>| {
            for (kind, attempt) in attempts {
                round.verdicts.settle(asked, kind, attempt.verdict, started.elapsed());
            }
        };
        let attempts = open.iter().map(|kind| (*kind, attempt(round, asked, session, *kind, &found, tries)));
        let (settled, failing): (Vec<_>, Vec<_>) = attempts.partition(|(_, attempt)| attempt.is_settled());
        settle(settled);
        open = failing.iter().map(|(kind, _)| *kind).collect();
        if !open.is_empty() && !window.wait().await {
            return settle(failing);
        }
    }
}

fn request(asked: &Asked<'_>, open: &[CheckKind]) -> ProbeRequest {
    let expectation = asked.expectation;
    let services = expectation.services.iter().filter(|_| open.contains(&CheckKind::SERVICE));
    let is_first = asked.standpoint.get().is_none();
    ProbeRequest {
        started: if is_first { expectation.started() } else { Vec::new() },
        names: if is_first { expectation.names() } else { Vec::new() },
        paths: if is_first { expectation.paths() } else { Vec::new() },
        services: services
            .map(|Service { name, ports, .. }| ServiceRequest {
                name: name.clone(),
                ports: ports.clone(),
                check: None,
            })
            .collect(),
        socket_path: expectation.socket_path.clone().filter(|_| open.contains(&CheckKind::SOCKET)),
    }
}

/// What one try says to a probe.
fn attempt(
    round: &Round<'_>,
    asked: &Asked<'_>,
    session: &Session,
    kind: CheckKind,
    found: &Found,
    tries: usize,
) -> Attempt {
    let (expectation, host) = (asked.expectation, &asked.target());
    match (&found.findings, kind) {
        (_, CheckKind::SSH) => Attempt { verdict: first_words(session, found), is_final: true },
        (Err(failure), _) => {
            let began = found.latency.is_some() && !is_lost(failure);
            let verdict = not_asked(failure, began).with_words(&found.said);
            Attempt { verdict, is_final: true }
        }
        (Ok(findings), CheckKind::SERVICE) => {
            let stopped = service::stopped(&expectation.services, &findings.services);
            round.verdicts.note_stopped(asked.id(), stopped);
            let verdict =
                service::judge(host, &expectation.services, &findings.services, &findings.port_owners);
            Attempt { verdict, is_final: false }
        }
        (Ok(findings), _) => {
            let findings = socket_findings(findings);
            let is_final = tries >= SOCKET_TRIES || !findings.worth_another_try();
            let path = expectation.socket_path.as_deref().unwrap_or_default();
            let is_intact = asked.is_intact(CheckKind::SOCKET);
            let verdict = socket::judge(host, path, &findings, is_intact);
            let standpoint = asked.standpoint.get().cloned().unwrap_or_default();
            let verdict = socket::explain(host, verdict, expectation.socket_server(), &standpoint);
            Attempt { verdict, is_final }
        }
    }
}

/// The host's first words prove the connection.
fn first_words(session: &Session, found: &Found) -> Verdict {
    match (found.latency, &found.findings) {
        (_, Err(failure)) if is_lost(failure) => ssh::unreached(failure),
        (Some(latency), _) => {
            let milliseconds = latency.as_millis();
            Verdict::pass(text!(en: "answered in {milliseconds} ms", pt: "respondeu em {milliseconds} ms"))
        }
        (None, Err(failure)) => ssh::unreached(failure).with_words(&found.said),
        (None, Ok(_)) => {
            let way = &session.description;
            Verdict::pass(text!(en: "connected by {way}", pt: "conectado por {way}", way))
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
        ssh::not_asked(failure)
    }
}

fn socket_findings(findings: &ProbeFindings) -> SocketFindings {
    if findings.python != PythonFact::Runs {
        return SocketFindings::Python(findings.python.clone());
    }
    if let Some(folder) = &findings.no_room {
        return SocketFindings::NoRoom(Text::verbatim(folder));
    }
    let reports: Vec<_> = findings.socket_lines.iter().filter_map(|line| SocketReport::parse(line)).collect();
    match findings.socket_lines.last() {
        // A program that could not even start says why in words that are no report.
        Some(words) if reports.is_empty() => SocketFindings::Broken(Text::verbatim(words)),
        _ => SocketFindings::Reports(reports),
    }
}
