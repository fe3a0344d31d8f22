//! What a preflight asks of a host, and the answers of `examine.sh` → [`Examination`].

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Examination, FailingService, Failure, HostText, MirrorWay, Reach, SilentMirror};

use super::apply::words;
use super::data::Data;
use super::dialogue::{End, Reader};
use super::facts::ObserveReader;
use super::failure;
use super::invocation::{self, Credentials, JOURNAL, RUN, RunAs};
use super::names;
use super::observe::{self, ObserveRequest, ServiceRequest};
use super::program::Program;
use super::python;

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/started.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/entries.sh"),
    include_str!("programs/lists.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/machine.sh"),
    include_str!("programs/outlook.sh"),
    include_str!("programs/mirror.sh"),
    include_str!("programs/apt_common.sh"),
    include_str!("programs/roots.sh"),
    include_str!("programs/standing.sh"),
    include_str!("programs/leaving.sh"),
    include_str!("programs/unwanted.sh"),
    include_str!("programs/paths.sh"),
    include_str!("programs/room.sh"),
    include_str!("programs/odd.sh"),
    include_str!("programs/names.sh"),
    include_str!("programs/drop_ins.sh"),
    include_str!("programs/failing.sh"),
    include_str!("programs/python.sh"),
    include_str!("programs/packaged.sh"),
    include_str!("programs/examine.sh"),
];

/// More of anything is not kept, whatever a host says.
const MOST: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExamineRequest {
    /// What a plan is made of, so that a plan is made here, too.
    pub look: ObserveRequest,
    /// TCP ports whose holders are of interest.
    pub ports: Vec<u16>,
    pub peers: Vec<PeerRequest>,
    pub leftovers: Vec<String>,
    pub lines: Vec<LinesRequest>,
    /// Services of which is asked with which files they were started.
    pub started: Vec<String>,
    /// Names that clients on the host connect to, to be resolved there.
    pub names: Vec<String>,
    /// What everybody there has to reach.
    pub shared: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerRequest {
    /// Its address or name, as the asking host sees it.
    pub address: String,
    pub port: u16,
    /// The port that is asked where that one refuses.
    pub ssh_port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesRequest {
    pub path: String,
    /// An extended regular expression of grep.
    pub pattern: String,
}

/// The program that examines a host, as root where root can be gained.
pub fn examine<'a>(
    request: &ExamineRequest,
    credentials: Credentials<'a>,
) -> Result<Program<'a, ExamineReader>, Failure> {
    let (data, reader) = (encode(request, JOURNAL, RUN)?, ExamineReader::new(request));
    Ok(Program { run_as: RunAs::RootOrLogin(credentials), parts: PARTS, data, reader })
}

pub(super) fn encode(request: &ExamineRequest, journal: &str, run: &str) -> Result<Data, Failure> {
    let mut data = observe::begin(&request.look, journal, run)?;
    for ServiceRequest { name, check, .. } in &request.look.services {
        data.line(format!("{} {}", invocation::service(name)?, words(check.as_deref())));
    }
    data.end();
    for port in &request.ports {
        data.line(port.to_string());
    }
    data.end();
    for PeerRequest { address, port, ssh_port } in &request.peers {
        data.line(format!("{} {port} {ssh_port}", invocation::address(address)?));
    }
    data.end();
    for path in &request.leftovers {
        data.line(invocation::path(path)?);
    }
    data.end();
    for LinesRequest { path, pattern } in &request.lines {
        data.line(format!("{} {}", STANDARD.encode(pattern), invocation::path(path)?));
    }
    data.end();
    for service in &request.started {
        data.line(invocation::service(service)?);
    }
    data.end();
    for name in &request.names {
        data.line(invocation::address(name)?);
    }
    data.end();
    for path in &request.shared {
        data.line(invocation::path(path)?);
    }
    data.end();
    data.line(if request.look.mirror { "mirror" } else { "-" });
    Ok(data)
}

#[derive(Debug)]
pub struct ExamineReader {
    /// The machine and its packages are told as in any look at a host.
    facts: ObserveReader,
    examination: Examination,
    peers: Vec<Reach>,
    names: Vec<String>,
}

impl ExamineReader {
    pub(super) fn new(request: &ExamineRequest) -> Self {
        Self {
            facts: ObserveReader::new(request.look.clone()),
            examination: Examination {
                resolves_itself: true,
                lines: vec![0; request.lines.len()],
                ..Examination::default()
            },
            // Who has said nothing by the end did not answer in time.
            peers: vec![Reach::Unreachable; request.peers.len()],
            names: request.names.clone(),
        }
    }

    fn reach(&mut self, index: &str, reach: &str) {
        let peer = index.parse::<usize>().ok().and_then(|index| self.peers.get_mut(index));
        if let Some(peer) = peer {
            *peer = match reach {
                "reached" => Reach::Reached,
                "refused" => Reach::Refused,
                "rejected" => Reach::Rejected,
                "unknown" => Reach::Unknown,
                _ => Reach::Unreachable,
            };
        }
    }
}

impl Reader for ExamineReader {
    type Event = Infallible;
    type Answer = Examination;

    fn clock_skew(&mut self, seconds: i64) {
        self.facts.clock_skew(seconds);
    }

    fn finish(self, end: End) -> Result<Examination, Failure> {
        Ok(Examination { facts: self.facts.finish(end)?, ..self.examination })
    }

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        let examination = &mut self.examination;
        match word {
            "no-root" => examination.no_root = Some(failure::refusal(rest)),
            "name" => examination.hostname = rest.into(),
            "nameless" => examination.resolves_itself = false,
            "boot" => examination.boot_id = rest.into(),
            "key" if examination.host_keys.len() < MOST => examination.host_keys.push(rest.into()),
            "memory" => {
                let kilobytes: Vec<u64> =
                    rest.split_whitespace().filter_map(|word| word.parse().ok()).collect();
                if let [_, available, swap] = kilobytes[..] {
                    examination.memory_available = available.saturating_add(swap).saturating_mul(1024);
                }
            }
            "apt-lock" => examination.apt_holder = Some(rest.into()),
            "failing" if examination.failing.len() < MOST => {
                let mut words = rest.split(' ').filter(|word| !word.is_empty());
                if let (Some(name), Some(why)) = (words.next(), words.next()) {
                    let drop_ins = words.take(MOST).map(HostText::from).collect();
                    examination.failing.push(FailingService { name: name.into(), why: why.into(), drop_ins });
                }
            }
            "closed" if examination.closed.len() < MOST => examination.closed.push(rest.into()),
            "no-loopback" => examination.without_loopback = true,
            "leads" => names::lead(&self.names, &mut examination.names, rest),
            "no-python" | "bad-python" | "python-variable" | "python-said" => {
                python::hear(&mut examination.python, word, rest);
            }
            "cloud-init" => examination.cloud_init = true,
            "stripped" if examination.stripped.len() < MOST => {
                if let Some((package, file)) = rest.split_once(' ') {
                    examination.stripped.push((package.into(), file.into()));
                }
            }
            "excludes" if examination.excluded.len() < MOST => examination.excluded.push(rest.into()),
            "distrusts" if examination.distrusted.len() < MOST => {
                let (whose, words) = rest.split_once(' ').unwrap_or((rest, ""));
                examination.distrusted.push((whose == "main", words.into()));
            }
            "rejects" if examination.rejected.len() < MOST => {
                let (service, words) = rest.split_once(' ').unwrap_or((rest, ""));
                let words = STANDARD.decode(words).unwrap_or_default();
                let words = String::from_utf8_lossy(&words).as_ref().into();
                examination.rejected.push((service.into(), words));
            }
            "started" if examination.started.len() < MOST => {
                examination.started.extend(observe::started(rest));
            }
            "mirror" => {
                let mut words = rest.splitn(4, ' ').skip(1);
                if let (Some(name), Some(way)) = (words.next(), words.next()) {
                    let detail = words.next().unwrap_or_default();
                    let way = match way {
                        "proxy" => MirrorWay::Proxy(detail.into()),
                        "certificate" => MirrorWay::Untrusted(detail.into()),
                        "unknown" => MirrorWay::Unknown,
                        "without" => MirrorWay::Without(detail.into()),
                        "unreadable" => MirrorWay::Unreadable(detail.into()),
                        _ => MirrorWay::Known,
                    };
                    examination.silent_mirror = Some(SilentMirror { name: name.into(), way });
                }
            }
            "leftover" if examination.leftovers.len() < MOST => examination.leftovers.push(rest.into()),
            "lines" => {
                let (index, count) = rest.split_once(' ').unwrap_or_default();
                let index = index.parse::<usize>().ok();
                if let Some(lines) = index.and_then(|index| examination.lines.get_mut(index)) {
                    *lines = count.parse().unwrap_or_default();
                }
            }
            "peer" => {
                if let Some((index, reach)) = rest.split_once(' ') {
                    self.reach(index, reach);
                }
            }
            "peers-done" => examination.peers = std::mem::take(&mut self.peers),
            // The rest is told as in any look at a host, or by a later version of the program.
            _ => {}
        }
        self.facts.answer(word, rest)
    }
}
