//! Taking a server out of service for a while: the invocation, and what it says meanwhile.
//!
//! Closing the program's stdin brings the server back. Whatever becomes of the program, a timer on the host does it too.
//! Another program holds the cluster meanwhile, so that nobody else drills it.

use std::time::Duration;

use crate::model::{Failure, FailureKind, text};

use super::apply::{Place, UPLOAD, command};
use super::dialogue::{Dialogue, End, Item};
use super::failure;
use super::invocation::{self, Credentials, Data, Invocation, JOURNAL, Nonce, RUN, RunAs, invoke};

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/service.sh"),
    include_str!("programs/drill.sh"),
];

pub(super) const HOLD: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/hold.sh")];

/// A drill never waits for another run: what was seen before need not hold after it.
const PATIENCE_SECONDS: u32 = 0;

/// What is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillTarget<'a> {
    /// A service of the host itself, and the command that tells whether it could start again.
    Service { name: &'a str, check: Option<&'a str> },
    /// A server of the host's balancer, by the socket that this service listens on.
    Server { service: &'a str, socket: &'a str, backend: &'a str, server: &'a str },
}

/// The invocation that takes a target out and brings it back, at the latest after `limit`. Read the answers with
/// [`DrillReader`].
pub fn drill(
    target: DrillTarget<'_>,
    limit: Duration,
    credentials: Credentials<'_>,
    nonce: &Nonce,
) -> Result<Invocation, Failure> {
    invoke(RunAs::Root(credentials), nonce, PARTS, &encode(target, limit, JOURNAL, RUN)?)
}

pub(super) fn encode(
    target: DrillTarget<'_>,
    limit: Duration,
    journal: &str,
    run: &str,
) -> Result<Data, Failure> {
    let mut data = Place { journal, run, patience: PATIENCE_SECONDS }.begin();
    data.line(limit.as_secs().max(1).to_string());
    data.line(match target {
        DrillTarget::Service { name, check } => {
            format!("service {} {}", invocation::service(name)?, command(check))
        }
        DrillTarget::Server { service, socket, backend, server } => {
            let (service, socket) = (invocation::service(service)?, invocation::path(socket)?);
            let [backend, server] = [invocation::server(backend)?, invocation::server(server)?];
            format!("server {socket} {backend}/{server} {service}")
        }
    });
    data.line("#end");
    Ok(data)
}

/// The invocation that keeps other drills of a cluster away, on its balancer, until its stdin is closed and for `limit`
/// at most. It says [`DrillEvent::Held`], or is refused.
pub fn hold(limit: Duration, credentials: Credentials<'_>, nonce: &Nonce) -> Result<Invocation, Failure> {
    invoke(RunAs::Root(credentials), nonce, HOLD, &encode_hold(limit, RUN))
}

pub(super) fn encode_hold(limit: Duration, run: &str) -> Data {
    let mut data = Data::default();
    data.line(run);
    data.line(limit.as_secs().max(1).to_string());
    data
}

/// What happens on the host. Text comes from the host and is not cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DrillEvent {
    /// No other drill of the cluster can begin.
    Held,
    /// The target is about to be taken out; the timer that brings it back is set.
    Leaving,
    Left,
    /// It is about to be brought back.
    Returning,
    Returned,
    Failed(Failure),
    /// A line of log.
    Log(String),
}

#[derive(Debug)]
pub struct DrillReader {
    dialogue: Dialogue,
}

impl DrillReader {
    /// A reader for the answers with this nonce.
    pub fn new(nonce: &Nonce) -> Self {
        Self { dialogue: Dialogue::new(nonce) }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<DrillEvent>, Failure> {
        Ok(self.dialogue.feed(bytes)?.into_iter().filter_map(event).collect())
    }

    /// Judges the end, once stdout is over. Of a failure, [`DrillEvent::Failed`] said why.
    pub fn finish(&mut self) -> Result<(), Failure> {
        match self.dialogue.conclude()? {
            End::Complete | End::Interrupted => Ok(()),
            End::Failed => Err(Failure {
                kind: FailureKind::Protocol,
                message: text!(
                    en: "the host says that the drill failed, but not why",
                    pt: "a máquina diz que o drill falhou, mas não por quê",
                ),
                hint: Some(text!(
                    en: "look at the log, then run the same command again",
                    pt: "veja o log e rode o mesmo comando de novo",
                )),
            }),
        }
    }
}

fn event(item: Item) -> Option<DrillEvent> {
    let (word, rest) = match item {
        Item::Log(line) => return Some(DrillEvent::Log(line)),
        Item::Answer(word, rest) => (word, rest),
    };
    Some(match word.as_str() {
        "held" => DrillEvent::Held,
        "leaving" => DrillEvent::Leaving,
        "left" => DrillEvent::Left,
        "returning" => DrillEvent::Returning,
        "returned" => DrillEvent::Returned,
        // Behind the index of the step, of which there is one.
        "failed" => DrillEvent::Failed(failure::fault(rest.split_once(' ').map_or("", |(_, words)| words))),
        _ => return None,
    })
}
