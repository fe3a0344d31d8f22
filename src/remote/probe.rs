//! What the probes ask of a host itself: how it sees itself, the state of services, and the protocols of the socket lab.

use std::collections::BTreeMap;

use crate::model::{Facts, Failure, HostText, PythonFact, ServiceFact, Standing, Standpoint};

use super::data::Data;
use super::dialogue::{End, Reader};
use super::facts::ObserveReader;
use super::invocation::{self, RunAs};
use super::names;
use super::observe::{self, ObserveRequest, ServiceRequest};
use super::packed::packed_whole;
use super::program::Program;
use super::python;

const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/started.sh"),
    include_str!("programs/names.sh"),
    include_str!("programs/python.sh"),
    include_str!("programs/probe.sh"),
];
const SOCKET_PROBE: &str = concat!(
    include_str!("programs/socket_lab.py"),
    include_str!("programs/socket_program.py"),
    include_str!("programs/socket_protocol.py"),
    include_str!("programs/socket_probe.py"),
);

/// More processes of services than this are not kept.
const MOST_PROCESSES: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeRequest {
    /// Names of hosts, to be resolved there.
    pub names: Vec<String>,
    /// Files and links to be compared.
    pub paths: Vec<String>,
    /// Services, and the ports that belong to them.
    pub services: Vec<ServiceRequest>,
    /// Services of which is asked with which files they were started.
    pub started: Vec<String>,
    /// Folder of the socket lab, where it should be spoken with.
    pub socket_path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ProbeFindings {
    /// The services asked for, by name.
    pub services: BTreeMap<String, ServiceFact>,
    /// Who holds ports of services that do not run; empty where only root would see that.
    pub port_owners: BTreeMap<u16, HostText>,
    pub python: PythonFact,
    /// The folder that has no room for a private copy of the socket lab.
    pub no_room: Option<String>,
    pub socket_lines: Vec<String>,
}

/// The program that looks. It runs as whoever logged in.
pub fn probe(request: &ProbeRequest) -> Result<Program<'static, ProbeReader>, Failure> {
    let mut data = Data::default();
    for name in &request.names {
        data.line(invocation::address(name)?);
    }
    data.end();
    for path in &request.paths {
        data.line(invocation::path(path)?);
    }
    data.end();
    observe::services(&mut data, &request.services)?;
    if let Some(path) = &request.socket_path {
        data.line(invocation::path(path)?);
        data.line(packed_whole(SOCKET_PROBE));
    } else {
        data.line("-");
        data.line("-");
    }
    for service in &request.started {
        data.line(invocation::service(service)?);
    }
    data.end();
    Ok(Program { run_as: RunAs::Login, parts: PARTS, data, reader: ProbeReader::new(request) })
}

#[derive(Debug)]
pub struct ProbeReader {
    /// Services are told as in any look at a host.
    services: ObserveReader,
    standpoint: Standpoint,
    has_systemd: bool,
    names: Vec<String>,
    paths: Vec<String>,
    findings: ProbeFindings,
}

impl ProbeReader {
    pub(super) fn new(request: &ProbeRequest) -> Self {
        let observe = ObserveRequest { services: request.services.clone(), ..ObserveRequest::default() };
        Self {
            services: ObserveReader::new(observe),
            standpoint: Standpoint::default(),
            has_systemd: false,
            names: request.names.clone(),
            paths: request.paths.clone(),
            findings: ProbeFindings::default(),
        }
    }

    /// `INDEX nothing`, `INDEX file HASH`, `INDEX link TARGET`, `INDEX hidden`: what stands at a path.
    fn standing(&mut self, rest: &str) {
        let (index, rest) = rest.split_once(' ').unwrap_or_default();
        let Some(path) = index.parse::<usize>().ok().and_then(|index| self.paths.get(index)) else { return };
        let standing = match rest.split_once(' ').unwrap_or((rest, "")) {
            ("nothing", _) => Standing::Nothing,
            ("file", hash) => Standing::File(hash.into()),
            ("link", target) => Standing::Link(target.into()),
            ("hidden", _) => Standing::Hidden,
            _ => return,
        };
        self.standpoint.paths.insert(path.clone(), standing);
    }
}

impl Reader for ProbeReader {
    /// How the host sees itself: known before the rest.
    type Event = Standpoint;
    type Answer = ProbeFindings;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Standpoint>, Failure> {
        let findings = &mut self.findings;
        match word {
            "addresses" => {
                let addresses = rest.split_whitespace().filter_map(|one| one.parse().ok());
                self.standpoint.addresses = addresses.take(names::MOST_ADDRESSES).collect();
                return Ok(None);
            }
            "no-ipv6" => self.standpoint.without_ipv6 = true,
            "leads" => names::lead(&self.names, &mut self.standpoint.names, rest),
            "no-loopback" => self.standpoint.without_loopback = true,
            "stands" => self.standing(rest),
            "started" if self.standpoint.started.len() < MOST_PROCESSES => {
                self.standpoint.started.extend(observe::started(rest));
            }
            "no-dpkg" => self.standpoint.without_dpkg = true,
            "systemd" => self.has_systemd = true,
            "standpoint" => {
                self.standpoint.without_systemd = !self.has_systemd;
                return Ok(Some(std::mem::take(&mut self.standpoint)));
            }
            "no-python" | "bad-python" | "python-variable" | "python-said" => {
                python::hear(&mut findings.python, word, rest);
            }
            "no-room" => findings.no_room = Some(rest.to_owned()),
            "socket" if findings.socket_lines.len() < 100 => findings.socket_lines.push(rest.to_owned()),
            _ => {}
        }
        self.services.answer(word, rest)?;
        Ok(None)
    }

    fn finish(self, end: End) -> Result<ProbeFindings, Failure> {
        let Facts { services, port_owners, .. } = self.services.finish(end)?;
        Ok(ProbeFindings { services, port_owners, ..self.findings })
    }
}
