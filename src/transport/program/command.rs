//! One command over the master, run by the openssh crate.
//!
//! The crate ends the control connection as soon as it has read the exit status, and the master then throws away
//! what it has not yet written of the output. So the status is read last: it waits in the connection until both
//! outputs have come to their end, which the master brings about only when everything is written.
//!
//! A daemon that a command leaves behind may hold an output open for ever. Then silence has to do for the end: the
//! status is looked for without waiting for it. If it is not there yet, the connection's waker tells when it comes,
//! without reading it, and silence counts from then.
//!
//! The first look is the one moment that trusts to time: a status that came just then, after seconds of silence,
//! with output still behind it, costs that output. sshd closes the input of a command that has ended, and the
//! master passes that on before the status, so with an input that is still open the look is put off in time. What
//! remains at risk is a command of three silent seconds whose input was closed before, or that another server than
//! OpenSSH runs, and that ends in the very millisecond of the look.

use std::convert::Infallible;
use std::future::{pending, ready};
use std::pin::pin;
use std::process::ExitStatus;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt};
use openssh::{ChildStdin, Error, Session};
use tokio::io::{AsyncRead, AsyncWriteExt, Interest};
use tokio::net::unix::pipe;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc};
use tokio_util::io::ReaderStream;

use super::master::Master;
use crate::transport::execution::{Exit, Feed, Linger, Output, Pieces, Pump};

/// A command whose end was not told: so long the master may take to end too, which tells a lost connection.
const FAREWELL: Duration = Duration::from_millis(300);

const PIECE: usize = 32 * 1024;

/// A command that the master carries, with all three pipes.
pub type Child = openssh::Child<Arc<Session>>;

/// Runs a command until it ended or its execution was dropped, which closes its channel.
pub async fn run(mut child: Child, input: Feed, pump: Pump, master: Arc<Master>, slot: OwnedSemaphorePermit) {
    let (stdin, stdout, stderr) = (child.stdin().take(), child.stdout().take(), child.stderr().take());
    let (Some(stdin), Some(stdout), Some(stderr)) = (stdin, stdout, stderr) else { return };
    let outputs = stream::select(pieces(stdout, Output::Stdout), pieces(stderr, Output::Stderr));
    let Pump { output, input: more } = pump;
    let hint = Arc::new(Hint::default());
    let exit = tokio::select! {
        // The hint comes before what heeds it.
        biased;
        () = output.closed() => return,
        never = write(stdin, input, more, &hint) => match never {},
        status = follow(child, outputs, &output, &hint) => exit(status, &master).await,
    };
    // The execution may just have been dropped; then nobody asks.
    let _ = output.send(Output::Exit(exit)).await;
    drop(slot);
}

/// Rings when a command may just have ended.
#[derive(Default)]
struct Hint(Notify);

impl Wake for Hint {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }
}

fn pieces(reader: impl AsyncRead + Unpin, wrap: fn(Bytes) -> Output) -> impl Stream<Item = Output> + Unpin {
    // After an error comes nothing more.
    ReaderStream::with_capacity(reader, PIECE).filter_map(move |piece| ready(piece.ok().map(wrap)))
}

/// Writes input and closes it when told. Never ends: a command that does not read its input is no failure, and
/// tells its end itself.
async fn write(stdin: ChildStdin, input: Feed, mut more: Pieces, hint: &Hint) -> Infallible {
    let written = async {
        let mut stdin = pipe::Sender::from_owned_fd(stdin.into_owned_fd()?)?;
        for piece in input {
            stdin.write_all(&piece).await?;
        }
        loop {
            let piece = tokio::select! {
                piece = more.next() => piece,
                // What this waits for is that nobody reads it any more.
                broken = stdin.ready(Interest::ERROR) => broken.and(Err(std::io::ErrorKind::BrokenPipe.into()))?,
            };
            match piece {
                Some(piece) => stdin.write_all(&piece).await?,
                None => return Ok::<_, std::io::Error>(()),
            }
        }
    };
    if written.await.is_err() {
        hint.0.notify_one();
    }
    pending().await
}

/// Hands on output, and then reads the status.
async fn follow(
    child: Child,
    mut outputs: impl Stream<Item = Output> + Unpin,
    news: &mpsc::Sender<Output>,
    hint: &Arc<Hint>,
) -> Result<ExitStatus, Error> {
    let mut status = pin!(child.wait());
    let waker = Waker::from(Arc::clone(hint));
    // Runs while the status may be there, so from the start.
    let mut linger = Some(Linger::new());
    loop {
        let next = tokio::select! {
            biased;
            () = hint.0.notified() => {
                linger = Some(Linger::new());
                continue;
            }
            next = patiently(&mut linger, outputs.next()) => next,
        };
        match next {
            // Where nobody takes it any more, all this is about to be dropped.
            Some(Some(piece)) => drop(news.send(piece).await),
            Some(None) => return status.await,
            None => match status.as_mut().poll(&mut Context::from_waker(&waker)) {
                Poll::Ready(status) => return status,
                Poll::Pending => linger = None,
            },
        }
    }
}

/// Awaits something, with the patience that is left where there is a limit to it.
async fn patiently<T>(linger: &mut Option<Linger>, next: impl Future<Output = T>) -> Option<T> {
    match linger {
        Some(linger) => linger.wait(next).await,
        None => Some(next.await),
    }
}

async fn exit(status: Result<ExitStatus, Error>, master: &Master) -> Exit {
    match status.map(|status| status.code().and_then(|code| u32::try_from(code).ok())) {
        Ok(Some(code)) => Exit::Code(code),
        // The crate takes 127 for "not found"; it is a status like others.
        Err(Error::Remote(_)) => Exit::Code(127),
        // A signal ended the command, or the connection ended; the protocol does not tell which.
        Ok(None) | Err(_) => {
            let gone = tokio::time::timeout(FAREWELL, master.gone.cancelled()).await.is_ok();
            if gone || master.session.check().await.is_err() {
                Exit::Lost(master.words().last())
            } else {
                Exit::Signal("unknown".to_owned())
            }
        }
    }
}
