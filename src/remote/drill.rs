//! Taking a server out of service for a while: the invocation, and what it says meanwhile.
//!
//! Closing the program's stdin brings the server back. Whatever becomes of the program, a timer on the host does it too.
//! Another program holds the cluster meanwhile, so that nobody else drills it.

use std::time::Duration;

use crate::model::{Failure, FailureKind, text};

use super::apply::{Place, UPLOAD, words};
use super::data::Data;
use super::dialogue::{End, Reader};
use super::failure;
use super::invocation::{self, Credentials, JOURNAL, RUN, RunAs};
use super::program::Program;

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/packaged.sh"),
    include_str!("programs/check.sh"),
    include_str!("programs/drop_ins.sh"),
    include_str!("programs/service.sh"),
    include_str!("programs/drill.sh"),
];

pub(super) const HOLD: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/hold.sh")];

/// A drill never waits for another run: what was seen before need not hold after it.
const PATIENCE_SECONDS: u32 = 0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DrillTarget<'a> {
    /// A service of the host itself, and the command that tells whether it could start again.
    Service { name: &'a str, check: Option<&'a str> },
    /// A server of the host's balancer, by the socket that this service listens on.
    Server { service: &'a str, socket: &'a str, backend: &'a str, server: &'a str },
}

/// The program that takes a target out and brings it back, at the latest after `limit`.
pub fn drill<'a>(
    target: DrillTarget<'_>,
    limit: Duration,
    credentials: Credentials<'a>,
) -> Result<Program<'a, DrillReader>, Failure> {
    let data = encode(target, limit, JOURNAL, RUN)?;
    Ok(Program { run_as: RunAs::Root(credentials), parts: PARTS, data, reader: DrillReader })
}

pub(super) fn encode(
    target: DrillTarget<'_>,
    limit: Duration,
    journal: &str,
    run: &str,
) -> Result<Data, Failure> {
    let mut data = Place { journal, run, patience: PATIENCE_SECONDS, last_run: None, token: "-" }.begin();
    data.line(limit.as_secs().max(1).to_string());
    data.line(match target {
        DrillTarget::Service { name, check } => {
            format!("service {} {}", invocation::service(name)?, words(check))
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

/// The program that keeps other drills of a cluster away, on its balancer, until its stdin is closed and for `limit` at
/// most. It says [`DrillEvent::Held`], or is refused.
pub fn hold(limit: Duration, credentials: Credentials<'_>) -> Program<'_, DrillReader> {
    let data = encode_hold(limit, RUN);
    Program { run_as: RunAs::Root(credentials), parts: HOLD, data, reader: DrillReader }
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
}

/// Tells what happens; of a failure, [`DrillEvent::Failed`] said why.
#[derive(Debug)]
pub struct DrillReader;

impl Reader for DrillReader {
    type Event = DrillEvent;
    type Answer = ();

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<DrillEvent>, Failure> {
        Ok(event(word, rest))
    }

    fn finish(self, end: End) -> Result<(), Failure> {
        match end {
            End::Complete | End::Interrupted => Ok(()),
            End::Failed | End::Stale => Err(Failure {
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

fn event(word: &str, rest: &str) -> Option<DrillEvent> {
    Some(match word {
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
