//! Answers from recordings. What no recording has an answer to ends the process at once, with a word for whoever wrote
//! the test: a run that went on would only show what became of it.
//!
//! `connect` is followed by `refused`, `no-route`, `timed-out`, `silent`, `unresolved`, `dropped WORDS`,
//! `not-ssh WORDS`, `host-key` or `login`; an end is `exit N`, `signal NAME`, `lost WORDS`, `silent` (it never ends),
//! `flood` (it never ends, and prints all the time; `flood < LINE` and `flood ! LINE` say a line again and again) or
//! `closed` (what follows comes once its input was closed).

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio_util::sync::CancellationToken;

use super::question::Question;
use super::recording::{Exchange, Recording};
use super::template::{self, Values};
use super::{Host, World};
use crate::model::{Connection, Failure, FailureKind, Text};
use crate::transport::execution::Pump;
use crate::transport::failure;
use crate::transport::{Execution, Exit, Feed, OpenError, Output, Session, Stream};

/// The exit code of a process that no recording could serve.
const NOT_RECORDED: i32 = 97;
/// What a stream holds until it is read.
const STREAM_BYTES: usize = 64 * 1024;

/// A piece of a flood.
const FLOOD_BYTES: usize = 32 * 1024;

/// Hosts that are recordings.
pub struct Player {
    folder: PathBuf,
    /// By address: hosts that are left and entered again go on where they were.
    recordings: Mutex<HashMap<String, Arc<Recorded>>>,
}

/// A host that is a recording.
struct Recorded(Mutex<Recording>);

impl Player {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), recordings: Mutex::default() }
    }

    fn recorded(&self, address: &str) -> Arc<Recorded> {
        let mut recordings = self.recordings.lock().unwrap_or_else(PoisonError::into_inner);
        let recorded = recordings.entry(address.to_owned()).or_insert_with(|| {
            let path = self.folder.join(address);
            let text = std::fs::read_to_string(&path)
                .unwrap_or_else(|error| not_recorded(&format!("there is no host {address}: {error}")));
            let mut recording = Recording::read(&text)
                .unwrap_or_else(|line| not_recorded(&format!("{}: cannot read `{line}`", path.display())));
            recording.values.insert("address".to_owned(), address.to_owned());
            Arc::new(Recorded(Mutex::new(recording)))
        });
        Arc::clone(recorded)
    }
}

impl World for Player {
    fn connect<'a>(
        &'a self,
        connection: &'a Connection,
        _real: BoxFuture<'a, Result<Session, Failure>>,
    ) -> BoxFuture<'a, Result<Box<dyn Host>, Failure>> {
        let recorded = self.recorded(&connection.address);
        let connect = recorded.get(|recording| recording.connect.clone());
        let host: Box<dyn Host> = Box::new(recorded);
        let answer = connect.map_or(Ok(host), |words| Err(refusal(&words, &connection.address)));
        std::future::ready(answer).boxed()
    }
}

impl Recorded {
    fn get<T>(&self, get: impl FnOnce(&mut Recording) -> T) -> T {
        get(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn answer(&self, question: &Question) -> (Exchange, Values) {
        self.get(|recording| {
            recording.answer(question).unwrap_or_else(|| {
                let (source, asked) = (&recording.source, question.lines.join("\n"));
                let trouble = if recording.knows(question) {
                    let recorded = recording.asked(question);
                    format!("{source} has no answer to what is asked now:\n{asked}\nbut to\n{recorded}")
                } else {
                    let head = question.head();
                    format!(
                        "{source} is stale, or not of this verb: no program in it is `{head}`, asked\n{asked}"
                    )
                };
                not_recorded(&format!("{trouble}\nmake it anew: tests/record (as root, on lab hosts)"))
            })
        })
    }
}

impl Host for Arc<Recorded> {
    fn exec<'a>(&'a self, command: &'a str, input: Feed) -> BoxFuture<'a, Result<Execution, Failure>> {
        let question = Question::read(command, &input.bytes()).unwrap_or_else(|| {
            not_recorded("the input of an execution is laid out in another way than before")
        });
        let (exchange, values) = self.answer(&question);
        let (execution, pump) = Execution::new();
        tokio::spawn(play(exchange, values, pump));
        std::future::ready(Ok(execution)).boxed()
    }

    fn open_stream<'a>(&'a self, _host: &'a str, port: u16) -> BoxFuture<'a, Result<Stream, OpenError>> {
        let opening = self.get(|recording| {
            let opening = recording.open(port);
            opening.unwrap_or_else(|| not_recorded(&format!("{} knows no port {port}", recording.source)))
        });
        let stream = match opening {
            Ok(()) => {
                let (ours, theirs) = tokio::io::duplex(STREAM_BYTES);
                tokio::spawn(serve(Self::clone(self), port, theirs));
                Ok(Stream::new(ours, None))
            }
            Err(word) => Err(match word.as_str() {
                "forbidden" => OpenError::Forbidden,
                "lost" => OpenError::Lost(Text::verbatim("the connection was closed")),
                "silent" => OpenError::TimedOut,
                _ => OpenError::Refused,
            }),
        };
        std::future::ready(stream).boxed()
    }

    fn is_closed(&self) -> bool {
        false
    }
}

/// Why a session cannot be had, in the words of the real transports.
fn refusal(words: &str, address: &str) -> Failure {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    let plain = |kind, words| Failure { kind, message: Text::verbatim(words), hint: None };
    match word {
        "refused" => failure::refused(),
        "no-route" => failure::no_route(),
        "timed-out" => failure::connect_timed_out(),
        "silent" => failure::silent(),
        "unresolved" => failure::unresolved(address),
        "dropped" => failure::dropped(rest),
        "not-ssh" => failure::not_ssh(rest),
        "login" => plain(FailureKind::Login, "the key was refused"),
        "host-key" => plain(FailureKind::HostKey, "the host key has changed"),
        _ => not_recorded(&format!("`connect {words}` means nothing")),
    }
}

/// Says what was recorded, to its end.
async fn play(exchange: Exchange, values: Values, pump: Pump) {
    let Pump { output, mut input } = pump;
    let closed = CancellationToken::new();
    let closes = closed.clone();
    tokio::spawn(async move {
        while input.next().await.is_some() {}
        closes.cancel();
    });
    for line in &exchange.answer {
        let (mark, words) = line.split_once(' ').unwrap_or((line, ""));
        let news = match mark {
            "*" => match ended(words) {
                Some(exit) => Output::Exit(exit),
                None if words == "closed" => {
                    closed.cancelled().await;
                    continue;
                }
                None if words.starts_with("flood") => flood(words, &values),
                // A host that says nothing is awaited until whoever waits has enough.
                None => return output.closed().await,
            },
            "!" => Output::Stderr(said(words, "\n", &values)),
            "<+" => Output::Stdout(said(words, "", &values)),
            _ => Output::Stdout(said(words, "\n", &values)),
        };
        // Whoever asked may have gone.
        while output.send(news.clone()).await.is_ok() && words.starts_with("flood") {}
    }
}

/// A piece of what is said without end.
fn flood(words: &str, values: &Values) -> Output {
    let many = |line: &str| {
        let line = said(line, "\n", values);
        Bytes::from(line.repeat(FLOOD_BYTES.div_ceil(line.len())))
    };
    match words.split_once(' ').map(|(_, line)| line.split_once(' ').unwrap_or((line, ""))) {
        None => Output::Stdout(Bytes::from(vec![b'x'; FLOOD_BYTES])),
        Some(("!", line)) => Output::Stderr(many(line)),
        Some((_, line)) => Output::Stdout(many(line)),
    }
}

/// How a program ends; `None` where it does not.
fn ended(words: &str) -> Option<Exit> {
    let (word, rest) = words.split_once(' ').unwrap_or((words, ""));
    match word {
        "exit" => Some(Exit::Code(rest.parse().unwrap_or_default())),
        "signal" => Some(Exit::Signal(rest.to_owned())),
        "lost" => Some(Exit::Lost(Text::verbatim(rest))),
        "closed" | "flood" | "silent" => None,
        _ => not_recorded(&format!("`* {words}` means nothing")),
    }
}

fn said(line: &str, end: &str, values: &Values) -> Bytes {
    let mut values = values.clone();
    let now = std::time::UNIX_EPOCH.elapsed().map(|elapsed| elapsed.as_secs()).unwrap_or_default();
    values.insert("now".to_owned(), now.to_string());
    let filled = template::fill(line, &values);
    let mut bytes = filled.unwrap_or_else(|what| not_recorded(&format!("{what} has no value in `{line}`")));
    bytes.extend_from_slice(end.as_bytes());
    bytes.into()
}

/// Answers one `GET` and closes.
async fn serve(host: Arc<Recorded>, port: u16, mut stream: DuplexStream) {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if stream.read_buf(&mut request).await.is_ok_and(|length| length > 0) {
            continue;
        }
        return;
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (exchange, values) = host.get(|recording| {
        let page = recording.page(port, path).unwrap_or_else(|| {
            not_recorded(&format!("{} has no answer to GET {path} at port {port}", recording.source))
        });
        (page, recording.values.clone())
    });
    for line in &exchange.answer {
        let (mark, words) = line.split_once(' ').unwrap_or((line, ""));
        let end = if mark == "<+" { "" } else { "\n" };
        if mark == "*" {
            return std::future::pending().await;
        }
        // Whoever asked may have enough.
        let _ = stream.write_all(&said(words, end, &values)).await;
    }
}

fn not_recorded(trouble: &str) -> ! {
    let _ = writeln!(std::io::stderr(), "recorded hosts: {trouble}");
    std::process::exit(NOT_RECORDED)
}
