//! What the probes ask of a host itself: the state of services, and the protocols of the socket lab.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Facts, Failure, ServiceFact};

use super::dialogue::{Dialogue, Item};
use super::facts::ObserveReader;
use super::invocation::{self, Data, Invocation, Nonce, RunAs, invoke};
use super::observe::{ObserveRequest, ServiceRequest};

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

/// What to look at.
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
    /// There is no python3.
    pub no_python: bool,
    /// The folder that has no room for a private copy of the socket lab.
    pub no_room: Option<String>,
    /// The socket probe's lines.
    pub socket_lines: Vec<String>,
}

/// The invocation that looks. It runs as whoever logged in. Read the answers with [`ProbeReader`].
pub fn probe(request: &ProbeRequest, nonce: &Nonce) -> Result<Invocation, Failure> {
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
    invoke(RunAs::Login, nonce, PARTS, &data)
}

#[derive(Debug)]
pub struct ProbeReader {
    dialogue: Dialogue,
    /// Services are told as in any look at a host.
    services: ObserveReader,
    findings: ProbeFindings,
}

impl ProbeReader {
    /// A reader of the answers to this request.
    pub fn new(request: &ProbeRequest, nonce: &Nonce) -> Self {
        let services =
            request.services.iter().map(|name| ServiceRequest { name: name.clone(), ports: Vec::new() });
        let observe = ObserveRequest { services: services.collect(), ..ObserveRequest::default() };
        Self {
            dialogue: Dialogue::new(nonce),
            services: ObserveReader::new(&observe, nonce),
            findings: ProbeFindings::default(),
        }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.services.feed(bytes)?;
        let findings = &mut self.findings;
        for item in self.dialogue.feed(bytes)? {
            let Item::Answer(word, rest) = item else { continue };
            match word.as_str() {
                "no-python" => findings.no_python = true,
                "no-room" => findings.no_room = Some(rest),
                "socket" if findings.socket_lines.len() < 100 => findings.socket_lines.push(rest),
                _ => {}
            }
        }
        Ok(())
    }

    /// The findings, once stdout is over.
    pub fn finish(&mut self) -> Result<ProbeFindings, Failure> {
        self.dialogue.conclude()?;
        let Facts { services, .. } = self.services.finish()?;
        Ok(ProbeFindings { services, ..std::mem::take(&mut self.findings) })
    }
}
