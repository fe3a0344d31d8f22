//! Asks one host: HTTP at an address that it asks itself, through its session, or at its address from here; and the
//! probe program.
//!
//! Owns limits of time and how failures of the transport become answers. Judges nothing.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::model::{Failure, FailureKind, Standpoint, Text, text};
use crate::probes::{Answer, Site};
use crate::remote::{
    AskRequest, OwnAnswer, ProbeFindings, ProbeRequest, RunAs, TrialRequest, Trials, ask, probe, trials,
};
use crate::transport::{Input, OpenError, Session, Stream};

use super::super::LOG_TAIL;
use super::super::conversation::{Broken, Conversation};
use super::super::host_log::HostLog;
use super::http::{self, Question};

const HTTP_LIMIT: Duration = Duration::from_secs(5);
/// Who does not close a connection for so long has taken it.
const TAKEN_LIMIT: Duration = Duration::from_millis(300);
/// What it takes to end a command that is late, and all that it began.
const ENDING_LIMIT: Duration = Duration::from_secs(10);
/// Limit for the probe program, which has tighter ones of its own.
const PROGRAM_LIMIT: Duration = Duration::from_secs(60);
/// What a host that asks itself may send of headers, and of all.
const HEADER_ROOM: usize = 16 * 1024;
const MOST_BY_HOST: usize = 360 * 1024;
/// Requests under way at once through one session: all that it takes for three web hosts.
const PARALLEL: usize = 32;
/// After so many requests without an HTTP answer no more are sent.
const ENOUGH_FAILURES: usize = 3;
/// And after so much time: what came by then is judged.
const PAGES_LIMIT: Duration = Duration::from_secs(20);

/// How a host's pages are reached.
#[derive(Clone, Copy)]
pub enum Way<'a> {
    /// As the host sees itself, through its SSH connection; where sshd opens no streams, by a program.
    Session(&'a Session),
    /// The same by streams alone, for what is measured.
    Streams(&'a Session),
    /// As a browser on this machine sees it.
    Direct,
}

/// `GET path` of a site.
pub async fn page(way: Way<'_>, site: &Site, path: &str, size_limit: usize) -> Answer {
    let authority = site.authority();
    let question = Question { path, authority: &authority, size_limit, time_limit: HTTP_LIMIT };
    match way {
        Way::Session(session) | Way::Streams(session) => {
            match timeout(HTTP_LIMIT, session.open_stream(site.address(), site.port)).await {
                Ok(Ok(stream)) => http::get(stream, question).await,
                Ok(Err(OpenError::Forbidden)) if matches!(way, Way::Session(_)) => {
                    asked_by_host(session, site, question, 1).await.pop().unwrap_or(Answer::Forbidden)
                }
                Ok(Err(error)) => error.into(),
                Err(_) => Answer::TimedOut,
            }
        }
        Way::Direct => match timeout(HTTP_LIMIT, TcpStream::connect((site.address(), site.port))).await {
            Ok(Ok(stream)) => http::get(stream, question).await,
            Ok(Err(error)) => of_system(&error),
            Err(_) => Answer::TimedOut,
        },
    }
}

/// Whether somebody takes connections on a site's port.
pub async fn connection(way: Way<'_>, site: &Site) -> Answer {
    match way {
        Way::Session(session) | Way::Streams(session) => {
            let answer = match timeout(HTTP_LIMIT, session.open_stream(site.address(), site.port)).await {
                Ok(Ok(stream)) => taken(stream).await,
                Ok(Err(error)) => error.into(),
                Err(_) => Answer::TimedOut,
            };
            // Some transports show a refusal as a connection that is closed at once; the host itself can tell.
            if !matches!(answer, Answer::Closed | Answer::Forbidden) || matches!(way, Way::Streams(_)) {
                return answer;
            }
            let question = Question { path: "", authority: "", size_limit: 0, time_limit: HTTP_LIMIT };
            asked_by_host(session, site, question, 1).await.pop().unwrap_or(answer)
        }
        Way::Direct => match timeout(HTTP_LIMIT, TcpStream::connect((site.address(), site.port))).await {
            Ok(Ok(_)) => Answer::Taken,
            Ok(Err(error)) => of_system(&error),
            Err(_) => Answer::TimedOut,
        },
    }
}

/// What a connection shows that was opened: it stays, or something comes.
async fn taken(mut stream: Stream) -> Answer {
    match timeout(TAKEN_LIMIT, stream.read(&mut [0])).await {
        Ok(Ok(0) | Err(_)) => Answer::Closed,
        Ok(Ok(_)) | Err(_) => Answer::Taken,
    }
}

impl From<OpenError> for Answer {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Refused => Self::Refused,
            OpenError::Forbidden => Self::Forbidden,
            OpenError::Lost(words) => Self::Lost(words),
            OpenError::TimedOut => Self::TimedOut,
        }
    }
}

/// Why this machine reached nobody.
fn of_system(error: &std::io::Error) -> Answer {
    match error.kind() {
        ErrorKind::ConnectionRefused => Answer::Refused,
        _ => Answer::NoWay(error.to_string()),
    }
}

/// `GET /` so many times, each on a connection of its own.
pub async fn pages(way: Way<'_>, site: &Site, requests: usize, size_limit: usize) -> Vec<Answer> {
    if let Way::Session(session) = way
        && !session.opens_streams()
    {
        let authority = site.authority();
        let question = Question { path: "/", authority: &authority, size_limit, time_limit: HTTP_LIMIT };
        let answers = asked_by_host(session, site, question, requests).await;
        return if answers.is_empty() { vec![Answer::Forbidden] } else { answers };
    }
    let mut under_way =
        stream::iter(0..requests).map(|_| page(way, site, "/", size_limit)).buffer_unordered(PARALLEL);
    let mut answers = Vec::with_capacity(requests);
    let mut failures = 0;
    let started = Instant::now();
    while let Some(answer) = under_way.next().await {
        failures += usize::from(!matches!(answer, Answer::Reply(_)));
        answers.push(answer);
        if failures >= ENOUGH_FAILURES || started.elapsed() > PAGES_LIMIT {
            break;
        }
    }
    answers
}

/// What the host itself is answered, where its sshd opens no connections for us; nothing where it cannot ask, either.
async fn asked_by_host(session: &Session, site: &Site, question: Question<'_>, count: usize) -> Vec<Answer> {
    // Of a connection nothing is wanted but that it is taken.
    let most = match question.size_limit {
        0 => 0,
        limit => limit.saturating_add(HEADER_ROOM).min(MOST_BY_HOST),
    };
    let request =
        AskRequest { address: site.address(), port: site.port, count, most, request: &question.text() };
    let mut log = HostLog::default();
    let asking = async {
        let program = ask(&request)?;
        Conversation::new(session, Some(PROGRAM_LIMIT), &mut log).ask(program).await.map_err(unanswered)
    };
    let answers = match asking.await {
        Ok(answers) => answers,
        Err(failure) => return vec![Answer::Lost(failure.message)],
    };
    let mut read = Vec::with_capacity(answers.len());
    for answer in answers {
        read.push(match answer {
            OwnAnswer::Answered(_) if most == 0 => Answer::Taken,
            OwnAnswer::Answered(bytes) => http::read_bytes(&bytes, question).await,
            OwnAnswer::Refused => Answer::Refused,
            OwnAnswer::Silent => Answer::TimedOut,
            OwnAnswer::Closed => Answer::Closed,
            OwnAnswer::NoWay => return Vec::new(),
        });
    }
    read
}

/// What the probe program found, and how long the host took to begin.
pub struct Found {
    /// From sending the program to its first words; `None` where there were none.
    pub latency: Option<Duration>,
    pub findings: Result<ProbeFindings, Failure>,
    /// The last lines of what it said besides.
    pub said: Vec<Text>,
}

/// Runs the probe program; how the host sees itself is told as soon as it is known.
pub async fn host(session: &Session, request: &ProbeRequest, hear: impl Fn(Standpoint)) -> Found {
    let mut log = HostLog::default();
    let mut conversation = Conversation::new(session, Some(PROGRAM_LIMIT), &mut log);
    let hear = |standpoint, _: &Input| {
        hear(standpoint);
        Ok(())
    };
    let findings = match probe(request) {
        Ok(program) => conversation.follow(program, hear).await.map_err(unanswered),
        Err(failure) => Err(failure),
    };
    let latency = conversation.latency;
    Found { latency, findings, said: log.tail(LOG_TAIL) }
}

/// What came of commands, and what the host said besides.
pub struct Tried {
    pub trials: Result<Trials, Failure>,
    pub said: Vec<Text>,
}

/// Runs commands on the host, one behind the other. Each has a limit of its own there.
pub async fn commands(session: &Session, requests: &[TrialRequest<'_>], run_as: RunAs<'_>) -> Tried {
    let limit = requests.iter().map(|request| request.limit + ENDING_LIMIT).sum::<Duration>();
    let mut log = HostLog::default();
    let mut conversation = Conversation::new(session, Some(PROGRAM_LIMIT + limit), &mut log);
    let trials = conversation.ask(trials(requests, run_as)).await.map_err(unanswered);
    Tried { trials, said: log.tail(LOG_TAIL) }
}

fn unanswered(broken: Broken) -> Failure {
    match broken {
        Broken::Lost(words) => Failure {
            kind: FailureKind::Lost,
            message: text!(en: "the connection was lost: {words}", pt: "a conexão caiu: {words}", words),
            hint: Some(text!(
                en: "check the host and the network, then verify again",
                pt: "verifique a máquina e a rede e rode verify de novo",
            )),
        },
        Broken::TimedOut(_) => Failure {
            kind: FailureKind::Timeout,
            message: text!(
                en: "the probe program did not end in time",
                pt: "o programa de teste não terminou no prazo",
            ),
            hint: Some(text!(
                en: "the host may be overloaded: look at `top` there, then verify again",
                pt: "a máquina pode estar sobrecarregada: veja o `top` nela e rode verify de novo",
            )),
        },
        Broken::Failed(failure) => failure,
    }
}
