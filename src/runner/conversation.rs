//! Runs one remote program over a session: sends its input, hands its output on, keeps its log, holds it to its limit
//! of time, and stops it gracefully after Ctrl-C.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::model::{Failure, FailureKind, Host, Text, text};
use crate::remote::{Credentials, Invocation, Nonce};
use crate::transport::{Execution, Exit, Output, Session};

use super::host_log::HostLog;
use super::{Runner, interrupted};

/// A nonce that no host can foresee.
pub(super) fn new_nonce() -> Nonce {
    Nonce::new(rand::random())
}

impl Runner {
    /// How root is gained on a host.
    pub fn credentials<'a>(&'a self, host: &'a Host) -> Credentials<'a> {
        Credentials { method: host.r#become.method, password: self.secrets.r#become(host) }
    }

    /// Runs a program to its end and hands each piece of its standard output to `feed`. The caller's reader judges
    /// whether the program said all that it should.
    pub(super) async fn converse(
        &self,
        session: &Session,
        invocation: Invocation,
        limit: Option<Duration>,
        log: &mut HostLog,
        feed: impl FnMut(&[u8], &mut HostLog) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let execution = session.exec(invocation.command, invocation.input).await?;
        self.listen(execution, limit, log, feed).await
    }

    /// The same for a program that runs already.
    pub(super) async fn listen(
        &self,
        execution: Execution,
        limit: Option<Duration>,
        log: &mut HostLog,
        feed: impl FnMut(&[u8], &mut HostLog) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let stop = self.interrupt.token();
        self.listen_until(execution, limit, &stop, log, feed).await
    }

    /// The same for a program that is told to stop by `stop`, which Ctrl-C should cancel too.
    pub(super) async fn listen_until(
        &self,
        mut execution: Execution,
        limit: Option<Duration>,
        stop: &CancellationToken,
        log: &mut HostLog,
        mut feed: impl FnMut(&[u8], &mut HostLog) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut errors = Vec::new();
        let mut stopping = false;
        let expiry = async {
            match limit {
                Some(limit) => tokio::time::sleep(limit).await,
                None => std::future::pending().await,
            }
        };
        tokio::pin!(expiry);
        let exit = loop {
            let output = tokio::select! {
                output = execution.next() => output,
                () = &mut expiry => return Err(timed_out(limit.unwrap_or_default())),
                () = self.interrupt.leaving() => return Err(interrupted()),
                // A closed input tells the program to finish the step under way and start nothing new.
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    execution.close_input();
                    continue;
                }
            };
            match output {
                Some(Output::Stdout(chunk)) => feed(&chunk, log)?,
                Some(Output::Stderr(chunk)) => log_lines(&mut errors, &chunk, log),
                Some(Output::Exit(exit)) => break exit,
                None => break Exit::Lost(closed()),
            }
        };
        log_lines(&mut errors, b"\n", log);
        match exit {
            Exit::Lost(reason) => Err(Failure {
                kind: FailureKind::Lost,
                message: text!(
                    en: "the connection was lost while a program was running: {reason}",
                    pt: "a conexão caiu enquanto um programa rodava: {reason}",
                    reason,
                ),
                hint: Some(text!(
                    en: "what was begun on the host is finished there; run the same command again",
                    pt: "o que foi começado na máquina termina lá; rode o mesmo comando de novo",
                )),
            }),
            Exit::Code(_) | Exit::Signal(_) => Ok(()),
        }
    }
}

fn closed() -> Text {
    text!(en: "the connection was closed", pt: "a conexão foi fechada")
}

/// Moves whole lines from chunks of bytes to the log; a line without end is cut.
fn log_lines(pending: &mut Vec<u8>, chunk: &[u8], log: &mut HostLog) {
    const LONGEST: usize = 8 * 1024;
    for &byte in chunk {
        if byte == b'\n' || pending.len() >= LONGEST {
            if !pending.is_empty() {
                log.push(&String::from_utf8_lossy(pending));
            }
            pending.clear();
        }
        if byte != b'\n' {
            pending.push(byte);
        }
    }
}

fn timed_out(limit: Duration) -> Failure {
    let limit = humantime::format_duration(limit);
    Failure {
        kind: FailureKind::Timeout,
        message: text!(en: "no end within {limit}", pt: "não terminou em {limit}"),
        hint: Some(text!(
            en: "look at the host's load and disk, then run the same command again",
            pt: "veja a carga e o disco da máquina e rode o mesmo comando de novo",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_output_becomes_whole_lines_and_is_bounded() {
        let mut log = HostLog::default();
        let mut pending = Vec::new();
        log_lines(&mut pending, b"one\ntw", &mut log);
        log_lines(&mut pending, b"o\n\nthree", &mut log);
        log_lines(&mut pending, b"\n", &mut log);
        assert_eq!(log.tail(10), ["one", "two", "three"]);
        log_lines(&mut pending, &[b'x'; 16_000], &mut log);
        assert!(pending.len() <= 8 * 1024);
    }
}
