//! What a preflight asks of a host, and the answers of `examine.sh` → [`Examination`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Examination, Failure, MirrorWay, Reach, SilentMirror};

use super::dialogue::{Dialogue, Item};
use super::facts::ObserveReader;
use super::failure;
use super::invocation::{self, Credentials, Data, Invocation, Nonce, RunAs, invoke};
use super::observe::ObserveRequest;

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/services.sh"),
    include_str!("programs/machine.sh"),
    include_str!("programs/mirror.sh"),
    include_str!("programs/apt_common.sh"),
    include_str!("programs/examine.sh"),
];

/// More of anything is not kept, whatever a host says.
const MOST: usize = 100;

/// What one examination should find out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExamineRequest {
    pub packages: Vec<String>,
    /// TCP ports whose holders are of interest.
    pub ports: Vec<u16>,
    /// What it should reach.
    pub peers: Vec<PeerRequest>,
    /// Files to look for.
    pub leftovers: Vec<String>,
    /// Lines to count.
    pub lines: Vec<LinesRequest>,
    /// Whether to find out if the host's own package sources answer, should a package be missing.
    pub mirror: bool,
}

/// A port of another host, to be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerRequest {
    /// Its address or name, as the asking host sees it.
    pub address: String,
    pub port: u16,
    /// The port that is asked where that one refuses.
    pub ssh_port: u16,
}

/// Lines of a file that are to be counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesRequest {
    pub path: String,
    /// An extended regular expression of grep.
    pub pattern: String,
}

/// The invocation that examines a host, as root where root can be gained. Read the answers with [`ExamineReader`].
pub fn examine(
    request: &ExamineRequest,
    credentials: Credentials<'_>,
    nonce: &Nonce,
) -> Result<Invocation, Failure> {
    invoke(RunAs::RootOrLogin(credentials), nonce, PARTS, &encode(request)?)
}

pub(super) fn encode(request: &ExamineRequest) -> Result<Data, Failure> {
    let mut data = Data::default();
    for package in &request.packages {
        data.line(invocation::package(package)?);
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
    data.line(if request.mirror { "mirror" } else { "-" });
    Ok(data)
}

#[derive(Debug)]
pub struct ExamineReader {
    dialogue: Dialogue,
    /// The machine and its packages are told as in any look at a host.
    facts: ObserveReader,
    examination: Examination,
    peers: Vec<Reach>,
}

impl ExamineReader {
    /// A reader of the answers to this request.
    pub fn new(request: &ExamineRequest, nonce: &Nonce) -> Self {
        let observe = ObserveRequest { packages: request.packages.clone(), ..ObserveRequest::default() };
        Self {
            dialogue: Dialogue::new(nonce),
            facts: ObserveReader::new(&observe, nonce),
            examination: Examination {
                resolves_itself: true,
                lines: vec![0; request.lines.len()],
                ..Examination::default()
            },
            // Who has said nothing by the end did not answer in time.
            peers: vec![Reach::Unreachable; request.peers.len()],
        }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        self.facts.feed(bytes)?;
        for item in self.dialogue.feed(bytes)? {
            if let Item::Answer(word, rest) = item {
                self.answer(&word, &rest);
            }
        }
        Ok(())
    }

    /// What the host's clock said, in seconds since 1970, once it was read.
    pub fn clock(&self) -> Option<u64> {
        self.facts.clock()
    }

    /// The examination, once stdout is over.
    pub fn finish(&mut self) -> Result<Examination, Failure> {
        self.dialogue.conclude()?;
        Ok(Examination { facts: self.facts.finish()?, ..std::mem::take(&mut self.examination) })
    }

    fn answer(&mut self, word: &str, rest: &str) {
        let examination = &mut self.examination;
        match word {
            "no-root" => examination.no_root = Some(failure::refusal(rest)),
            "name" => rest.clone_into(&mut examination.hostname),
            "nameless" => examination.resolves_itself = false,
            "boot" => rest.clone_into(&mut examination.boot_id),
            "key" if examination.host_keys.len() < MOST => examination.host_keys.push(rest.to_owned()),
            "memory" => {
                let kilobytes: Vec<u64> =
                    rest.split_whitespace().filter_map(|word| word.parse().ok()).collect();
                if let [_, available, swap] = kilobytes[..] {
                    examination.memory_available = available.saturating_add(swap).saturating_mul(1024);
                }
            }
            "apt-lock" => examination.apt_holder = Some(rest.to_owned()),
            "cloud-init" => examination.cloud_init = true,
            "mirror" => {
                let mut words = rest.split(' ').skip(1).map(str::to_owned);
                if let (Some(name), Some(way)) = (words.next(), words.next()) {
                    let way = match way.as_str() {
                        "proxy" => MirrorWay::Proxy(words.next().unwrap_or_default()),
                        "unknown" => MirrorWay::Unknown,
                        _ => MirrorWay::Known,
                    };
                    examination.silent_mirror = Some(SilentMirror { name, way });
                }
            }
            "leftover" if examination.leftovers.len() < MOST => examination.leftovers.push(rest.to_owned()),
            "lines" => {
                let Some((index, count)) = rest.split_once(' ') else { return };
                let index = index.parse::<usize>().ok();
                if let Some(lines) = index.and_then(|index| examination.lines.get_mut(index)) {
                    *lines = count.parse().unwrap_or_default();
                }
            }
            "peer" => {
                let Some((index, reach)) = rest.split_once(' ') else { return };
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
            "peers-done" => examination.peers = std::mem::take(&mut self.peers),
            // The rest is told as in any look at a host, or by a later version of the program.
            _ => {}
        }
    }
}
