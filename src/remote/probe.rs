//! What the probes ask of a host itself: the state of services, and the protocols of the socket lab.

use std::collections::BTreeMap;
use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Facts, Failure, ServiceFact};

use super::dialogue::{End, Reader};
use super::facts::ObserveReader;
use super::invocation::{self, Data, RunAs};
use super::observe::{ObserveRequest, ServiceRequest};
use super::program::Program;

const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/probe.sh"),
];
const SOCKET_PROBE: &str = concat!(
    include_str!("programs/socket_lab.py"),
    include_str!("programs/socket_protocol.py"),
    include_str!("programs/socket_probe.py"),
);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeRequest {
    pub services: Vec<String>,
    /// Folder of the socket lab, where it should be spoken with.
    pub socket_path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeFindings {
    /// The services asked for, by name.
    pub services: BTreeMap<String, ServiceFact>,
    pub no_python: bool,
    /// The folder that has no room for a private copy of the socket lab.
    pub no_room: Option<String>,
    pub socket_lines: Vec<String>,
}

/// The program that looks. It runs as whoever logged in.
pub fn probe(request: &ProbeRequest) -> Result<Program<'static, ProbeReader>, Failure> {
    let mut data = Data::default();
    for service in &request.services {
        data.line(invocation::service(service)?);
    }
    data.end();
    if let Some(path) = &request.socket_path {
        data.line(invocation::path(path)?);
        data.line(STANDARD.encode(SOCKET_PROBE));
    } else {
        data.line("-");
        data.line("-");
    }
    Ok(Program { run_as: RunAs::Login, parts: PARTS, data, reader: ProbeReader::new(request) })
}

#[derive(Debug)]
pub struct ProbeReader {
    /// Services are told as in any look at a host.
    services: ObserveReader,
    findings: ProbeFindings,
}

impl ProbeReader {
    pub(super) fn new(request: &ProbeRequest) -> Self {
        let services =
            request.services.iter().map(|name| ServiceRequest { name: name.clone(), ports: Vec::new() });
        let observe = ObserveRequest { services: services.collect(), ..ObserveRequest::default() };
        Self { services: ObserveReader::new(observe), findings: ProbeFindings::default() }
    }
}

impl Reader for ProbeReader {
    type Event = Infallible;
    type Answer = ProbeFindings;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        let findings = &mut self.findings;
        match word {
            "no-python" => findings.no_python = true,
            "no-room" => findings.no_room = Some(rest.to_owned()),
            "socket" if findings.socket_lines.len() < 100 => findings.socket_lines.push(rest.to_owned()),
            _ => {}
        }
        self.services.answer(word, rest)
    }

    fn finish(self, end: End) -> Result<ProbeFindings, Failure> {
        let Facts { services, .. } = self.services.finish(end)?;
        Ok(ProbeFindings { services, ..self.findings })
    }
}
