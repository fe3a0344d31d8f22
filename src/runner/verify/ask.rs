//! Asks one host through its session: HTTP on its own loopback address, and the probe program.
//!
//! Owns limits of time and how failures of the transport become answers. Judges nothing.

use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;

use crate::model::{Failure, FailureKind};
use crate::probes::Answer;
use crate::remote::{Nonce, ProbeFindings, ProbeReader, ProbeRequest, probe};
use crate::transport::{Exit, OpenError, Output, Session};

use super::http::{self, Question};

/// Limit for one HTTP answer.
const HTTP_LIMIT: Duration = Duration::from_secs(5);
/// Limit for the probe program, which has tighter ones of its own.
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);
/// Requests under way at once through one session.
const PARALLEL: usize = 6;
/// After so many requests without an HTTP answer no more are sent.
const ENOUGH_FAILURES: usize = 3;

/// `GET path` from a port of the host, as the host sees it.
pub async fn page(session: &Session, port: u16, path: &str, size_limit: usize) -> Answer {
    let question = Question { path, port, size_limit, time_limit: HTTP_LIMIT };
    match tokio::time::timeout(HTTP_LIMIT, session.open_stream("127.0.0.1", port)).await {
        Ok(Ok(stream)) => http::get(stream, question).await,
        Ok(Err(OpenError::Refused)) => Answer::Refused,
        Ok(Err(OpenError::Forbidden)) => Answer::Forbidden,
        Ok(Err(OpenError::Lost(words))) => Answer::Lost(words),
        Ok(Err(OpenError::TimedOut)) | Err(_) => Answer::TimedOut,
    }
}

/// `GET /` so many times, each on a connection of its own.
pub async fn pages(session: &Session, port: u16, requests: usize, size_limit: usize) -> Vec<Answer> {
    let mut under_way =
        stream::iter(0..requests).map(|_| page(session, port, "/", size_limit)).buffer_unordered(PARALLEL);
    let mut answers = Vec::with_capacity(requests);
    let mut failures = 0;
    while let Some(answer) = under_way.next().await {
        failures += usize::from(!matches!(answer, Answer::Reply(_)));
        answers.push(answer);
        if failures >= ENOUGH_FAILURES {
            break;
        }
    }
    answers
}

/// What the probe program found, and how long the host took to begin.
pub struct Found {
    /// From sending the program to its first words; `None` where there were none.
    pub latency: Option<Duration>,
    /// What it found.
    pub findings: Result<ProbeFindings, Failure>,
}

/// Runs the probe program.
pub async fn host(session: &Session, request: &ProbeRequest) -> Found {
    let mut latency = None;
    let findings = match tokio::time::timeout(PROGRAM_LIMIT, run(session, request, &mut latency)).await {
        Ok(findings) => findings,
        Err(_) => Err(Failure {
            kind: FailureKind::Timeout,
            message: "the probe program did not end in time".to_owned(),
            hint: Some("the host may be overloaded: look at `top` there, then verify again".to_owned()),
        }),
    };
    Found { latency, findings }
}

async fn run(
    session: &Session,
    request: &ProbeRequest,
    latency: &mut Option<Duration>,
) -> Result<ProbeFindings, Failure> {
    let nonce = Nonce::new(rand::random());
    let invocation = probe(request, &nonce)?;
    let mut reader = ProbeReader::new(request, &nonce);
    let started = Instant::now();
    let mut execution = session.exec(invocation.command, invocation.input).await?;
    while let Some(output) = execution.next().await {
        match output {
            Output::Stdout(bytes) => {
                latency.get_or_insert_with(|| started.elapsed());
                reader.feed(&bytes)?;
            }
            Output::Exit(Exit::Lost(words)) => {
                return Err(Failure {
                    kind: FailureKind::Lost,
                    message: format!("the connection was lost: {words}"),
                    hint: Some("check the host and the network, then verify again".to_owned()),
                });
            }
            Output::Stderr(_) | Output::Exit(_) => {}
        }
    }
    reader.finish()
}
