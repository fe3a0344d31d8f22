//! A command that runs on a host: what goes in, what comes out, how it ends. Alike for both implementations.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::model::Text;

/// Pieces of output that wait for their reader; more makes the host wait.
const QUEUE: usize = 16;

/// Pieces of input that wait for the host to read them; more makes the writer wait.
const INPUT_QUEUE: usize = 1;

/// How long output may stay away once the command has ended: a daemon that it left behind may hold the pipe.
pub(super) const LINGER: Duration = Duration::from_secs(3);

/// How long output is awaited in all once the command has ended.
pub(super) const LINGER_TOTAL: Duration = Duration::from_secs(30);

/// One piece of news from a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    Stdout(Bytes),
    Stderr(Bytes),
    /// Its end; nothing comes after it.
    Exit(Exit),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    Code(u32),
    /// A signal ended it; the name without `SIG`, or `unknown`.
    Signal(String),
    /// The connection ended first; what became of the command is not known.
    Lost(Text),
}

/// A running command. Its standard input stays open until [`Execution::close_input`]. Dropping the value closes
/// the channel, which programs with a watchdog on their standard input take as the order to end.
#[derive(Debug)]
pub struct Execution {
    output: mpsc::Receiver<Output>,
    input: Input,
    closing: CancellationToken,
}

/// What a command is started with on its standard input. Each piece is made when the host takes it, so that much of it is
/// never in memory.
pub struct Feed(Box<dyn Iterator<Item = Bytes> + Send>);

impl Feed {
    pub fn new(pieces: impl Iterator<Item = Bytes> + Send + 'static) -> Self {
        Self(Box::new(pieces))
    }

    /// All of it at once.
    pub(super) fn bytes(self) -> Vec<u8> {
        self.0.flatten().collect()
    }
}

impl Iterator for Feed {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.0.next()
    }
}

impl From<Vec<u8>> for Feed {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(std::iter::once(bytes.into()))
    }
}

/// The standard input of a running command, for what it asks for while it runs. Clones write to the same one.
#[derive(Debug, Clone)]
pub struct Input(mpsc::Sender<Bytes>);

/// Nobody reads the input any more: the command ended, or its input was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputClosed;

impl Input {
    /// Writes behind all that was written before. Waits until the host has taken most of it, so that whoever writes
    /// much holds little in memory.
    pub async fn write(&self, bytes: impl Into<Bytes>) -> Result<(), InputClosed> {
        self.0.send(bytes.into()).await.map_err(|_| InputClosed)
    }

    /// Writes what is worth nothing later: not at all where others wait to be written.
    pub fn offer(&self, bytes: impl Into<Bytes>) {
        let _ = self.0.try_send(bytes.into());
    }
}

impl Execution {
    /// A command and the end of it that the pump holds.
    pub(super) fn new() -> (Self, Pump) {
        let (sender, output) = mpsc::channel(QUEUE);
        let (input, pieces) = mpsc::channel(INPUT_QUEUE);
        let closing = CancellationToken::new();
        let pump = Pump { output: sender, input: Pieces { pieces, closing: closing.clone() } };
        (Self { output, input: Input(input), closing }, pump)
    }

    /// The next piece of news; `None` after [`Output::Exit`].
    pub async fn next(&mut self) -> Option<Output> {
        self.output.recv().await
    }

    /// The command's standard input, behind the input that it was started with.
    pub fn input(&self) -> Input {
        self.input.clone()
    }

    /// Closes the command's standard input, after the input that it was started with. Pieces that wait are dropped.
    pub fn close_input(&mut self) {
        self.closing.cancel();
    }
}

/// What a pump task holds of an execution.
pub(super) struct Pump {
    /// Where news go; closed when the execution was dropped.
    pub output: mpsc::Sender<Output>,
    /// What is to be written to standard input.
    pub input: Pieces,
}

/// The pump's end of an [`Input`].
pub(super) struct Pieces {
    pieces: mpsc::Receiver<Bytes>,
    closing: CancellationToken,
}

impl Pieces {
    /// The next piece; `None` when standard input is to be closed.
    pub async fn next(&mut self) -> Option<Bytes> {
        // The execution itself holds a sender, so pieces end with it and not before.
        self.closing.run_until_cancelled(self.pieces.recv()).await.flatten()
    }
}

/// The time that output may still be awaited after the command's end.
pub(super) struct Linger {
    left: Duration,
}

impl Linger {
    pub fn new() -> Self {
        Self { left: LINGER_TOTAL }
    }

    /// Awaits the next piece; `None` once the patience is used up.
    pub async fn wait<T>(&mut self, next: impl Future<Output = T>) -> Option<T> {
        let started = tokio::time::Instant::now();
        let result = tokio::time::timeout(LINGER.min(self.left), next).await.ok();
        self.left = self.left.saturating_sub(started.elapsed());
        result
    }
}
