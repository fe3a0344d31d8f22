//! Writes down what real hosts answer, in the form that the player reads. No password gets there: a question is read
//! without it, and where a host says it, it is struck out.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::question::Question;
use super::recording::Exchange;
use super::template::escape;
use super::{Host, World};
use crate::model::{Connection, Failure};
use crate::transport::execution::Pump;
use crate::transport::{Execution, Exit, Feed, OpenError, Output, Session, Stream};

const STREAM_BYTES: usize = 64 * 1024;

/// The real world, written down.
pub struct Recorder {
    folder: PathBuf,
}

/// A real host whose answers are written down.
struct Recorded {
    session: Session,
    notes: Arc<Notes>,
}

/// The file of one host.
struct Notes(PathBuf);

impl Recorder {
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }
}

impl World for Recorder {
    fn connect<'a>(
        &'a self,
        connection: &'a Connection,
        real: BoxFuture<'a, Result<Session, Failure>>,
    ) -> BoxFuture<'a, Result<Box<dyn Host>, Failure>> {
        let notes = Arc::new(Notes(self.folder.join(&connection.address)));
        async move {
            let host: Box<dyn Host> = Box::new(Recorded { session: real.await?, notes });
            Ok(host)
        }
        .boxed()
    }
}

impl Host for Recorded {
    fn exec<'a>(&'a self, command: &'a str, input: Feed) -> BoxFuture<'a, Result<Execution, Failure>> {
        async move {
            let input = input.bytes();
            let question = Question::read(command, &input);
            let real = self.session.exec(command, input).await?;
            let Some(question) = question else { return Ok(real) };
            let (execution, pump) = Execution::new();
            tokio::spawn(write_down(question, real, pump, Arc::clone(&self.notes)));
            Ok(execution)
        }
        .boxed()
    }

    fn open_stream<'a>(&'a self, host: &'a str, port: u16) -> BoxFuture<'a, Result<Stream, OpenError>> {
        async move {
            let real = match self.session.open_stream(host, port).await {
                Ok(real) => real,
                Err(error) => {
                    let word = match error {
                        OpenError::Refused => "refused",
                        OpenError::Forbidden => "forbidden",
                        OpenError::TimedOut => "silent",
                        OpenError::Lost(_) => "lost",
                    };
                    self.notes.add(&Exchange::new(&format!("open {port} {word}")));
                    return Err(error);
                }
            };
            let (ours, theirs) = tokio::io::duplex(STREAM_BYTES);
            tokio::spawn(write_page(port, real, theirs, Arc::clone(&self.notes)));
            Ok(Stream::new(ours, None))
        }
        .boxed()
    }

    fn is_closed(&self) -> bool {
        self.session.is_closed()
    }
}

impl Notes {
    fn add(&self, exchange: &Exchange) {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.0);
        let written = file.and_then(|mut file| file.write_all(exchange.text().as_bytes()));
        if let Err(error) = written {
            let _ = writeln!(std::io::stderr(), "{} cannot be written: {error}", self.0.display());
        }
    }
}

/// Passes an execution on, both ways, and writes it down when it is over.
async fn write_down(question: Question, mut real: Execution, pump: Pump, notes: Arc<Notes>) {
    let Pump { output, mut input } = pump;
    let (mut printed, mut errors, mut end) = (Vec::new(), Vec::new(), "silent".to_owned());
    let to_host = real.input();
    let mut is_open = true;
    loop {
        let news = tokio::select! {
            news = real.next() => news,
            piece = input.next(), if is_open => {
                if let Some(piece) = piece {
                    // A program that ended reads no more.
                    let _ = to_host.write(piece).await;
                } else {
                    is_open = false;
                    real.close_input();
                }
                continue;
            }
        };
        let Some(news) = news else { break };
        match &news {
            Output::Stdout(bytes) => printed.extend_from_slice(bytes),
            Output::Stderr(bytes) => errors.extend_from_slice(bytes),
            Output::Exit(Exit::Code(code)) => end = format!("exit {code}"),
            Output::Exit(Exit::Signal(name)) => end = format!("signal {name}"),
            Output::Exit(Exit::Lost(words)) => end = format!("lost {}", words.english()),
        }
        // Whoever asked may have gone; what comes is written down all the same.
        let _ = output.send(news).await;
    }
    let mut exchange = Exchange::new(&question.head());
    exchange.asked = question.lines.iter().map(|line| escape(line.as_bytes())).collect();
    exchange.answer = lines("<", &printed);
    exchange.answer.extend(lines("!", &errors));
    for line in &mut exchange.answer {
        *line = line.replace(&question.nonce, "{nonce}");
        if let Some(password) = &question.password {
            *line = line.replace(password, "******");
        }
    }
    exchange.answer.push(format!("* {end}"));
    notes.add(&exchange);
}

/// Passes a stream on, both ways, and writes down what was got over it.
async fn write_page(port: u16, real: Stream, ours: tokio::io::DuplexStream, notes: Arc<Notes>) {
    let (mut from_us, mut to_us) = tokio::io::split(ours);
    let (mut from_host, mut to_host) = tokio::io::split(real);
    let (mut request, mut answer) = (Vec::new(), Vec::new());
    let (mut asked, mut answered) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            length = from_us.read(&mut asked) => {
                let bytes = asked.get(..length.unwrap_or_default()).unwrap_or_default();
                request.extend_from_slice(bytes);
                if bytes.is_empty() || to_host.write_all(bytes).await.is_err() {
                    break;
                }
            }
            length = from_host.read(&mut answered) => {
                let bytes = answered.get(..length.unwrap_or_default()).unwrap_or_default();
                answer.extend_from_slice(bytes);
                if bytes.is_empty() {
                    break;
                }
                // Whoever asked may have enough.
                let _ = to_us.write_all(bytes).await;
            }
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut exchange = Exchange::new(&format!("get {port} {path}"));
    exchange.answer = lines("<", String::from_utf8_lossy(&answer).replace("\r\n", "\n").as_bytes());
    notes.add(&exchange);
}

/// Lines with their mark; the last with another one where no newline ends it.
fn lines(mark: &str, bytes: &[u8]) -> Vec<String> {
    let line = |line: &[u8]| match line.strip_suffix(b"\n") {
        Some(line) => format!("{mark} {}", escape(line)),
        None if mark == "<" => format!("<+ {}", escape(line)),
        None => format!("{mark} {}", escape(line)),
    };
    bytes.split_inclusive(|byte| *byte == b'\n').map(line).collect()
}
