//! A command that runs on a host: what goes in, what comes out, how it ends. Alike for both implementations.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Pieces of output that wait for their reader; more makes the host wait.
const QUEUE: usize = 16;

/// How long output may stay away once the command has ended: a daemon that it left behind may hold the pipe.
pub(super) const LINGER: Duration = Duration::from_secs(3);

/// How long output is awaited in all once the command has ended.
pub(super) const LINGER_TOTAL: Duration = Duration::from_secs(30);

/// One piece of news from a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Bytes of its standard output.
    Stdout(Bytes),
    /// Bytes of its standard error.
    Stderr(Bytes),
    /// Its end; nothing comes after it.
    Exit(Exit),
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exit {
    /// It exited with this status.
    Code(u32),
    /// A signal ended it; the name without `SIG`, or `unknown`.
    Signal(String),
    /// The connection ended first; what became of the command is not known.
    Lost(String),
}

/// A running command. Its standard input stays open until [`Execution::close_input`]. Dropping the value closes
/// the channel, which programs with a watchdog on their standard input take as the order to end.
#[derive(Debug)]
pub struct Execution {
    output: mpsc::Receiver<Output>,
    input: CancellationToken,
}

impl Execution {
    /// A command and the end of it that the pump holds.
    pub(super) fn new() -> (Self, Pump) {
        let (sender, output) = mpsc::channel(QUEUE);
        let input = CancellationToken::new();
        (Self { output, input: input.clone() }, Pump { output: sender, input })
    }

    /// The next piece of news; `None` after [`Output::Exit`].
    pub async fn next(&mut self) -> Option<Output> {
        self.output.recv().await
    }

    /// Closes the command's standard input, after all that was to be written to it.
    pub fn close_input(&mut self) {
        self.input.cancel();
    }
}

/// What a pump task holds of an execution.
pub(super) struct Pump {
    /// Where news go; closed when the execution was dropped.
    pub output: mpsc::Sender<Output>,
    /// Cancelled when standard input is to be closed.
    pub input: CancellationToken,
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
