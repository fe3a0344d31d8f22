//! The byte stream under a built-in connection: it can be cut from outside, notices a peer that stopped taking
//! bytes, and remembers what the peer said before SSH began.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::transport::stream::Duplex;

/// How long a peer may refuse to take bytes.
const STALL: Duration = Duration::from_secs(45);

const GREETING_LIMIT: usize = 512;

/// The first bytes that a peer sent.
#[derive(Debug, Clone, Default)]
pub struct Greeting {
    kept: Arc<Mutex<Vec<u8>>>,
    has_spoken: Arc<AtomicBool>,
}

impl Greeting {
    /// One that tells when the peer has spoken.
    pub fn telling(has_spoken: Arc<AtomicBool>) -> Self {
        Self { has_spoken, ..Self::default() }
    }

    fn add(&self, bytes: &[u8]) {
        self.has_spoken.store(true, Ordering::Relaxed);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let room = GREETING_LIMIT - kept.len().min(GREETING_LIMIT);
        kept.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// What was said before the SSH version line, if anything; and whether that line came.
    pub fn heard(&self) -> (String, bool) {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&kept).into_owned();
        let mut before = String::new();
        for line in text.lines() {
            if line.starts_with("SSH-") {
                return (before, true);
            }
            before.push_str(line);
            before.push('\n');
        }
        (before, false)
    }
}

pub struct Guarded {
    inner: Box<dyn Duplex>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    stall: Option<Pin<Box<Sleep>>>,
    greeting: Greeting,
}

impl Guarded {
    /// Guards a stream. Cancelling the token ends it.
    pub fn new(inner: impl Duplex + 'static, cut: CancellationToken, greeting: Greeting) -> Self {
        Self { inner: Box::new(inner), cut: Box::pin(cut.cancelled_owned()), stall: None, greeting }
    }

    fn watch<T>(
        &mut self,
        context: &mut Context<'_>,
        result: Poll<std::io::Result<T>>,
    ) -> Poll<std::io::Result<T>> {
        if result.is_ready() {
            self.stall = None;
            return result;
        }
        if self.cut.as_mut().poll(context).is_ready() {
            return Poll::Ready(Err(std::io::ErrorKind::ConnectionAborted.into()));
        }
        let stall = self.stall.get_or_insert_with(|| Box::pin(tokio::time::sleep(STALL)));
        match stall.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(std::io::Error::new(
                std::io::ErrorKind::TimedOut,
                "the host took no bytes for 45 seconds",
            ))),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Guarded {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(context, buffer) {
            Poll::Pending if self.cut.as_mut().poll(context).is_ready() => Poll::Ready(Ok(())),
            Poll::Ready(Ok(())) => {
                self.greeting.add(&buffer.filled()[before..]);
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl AsyncWrite for Guarded {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let result = Pin::new(&mut self.inner).poll_write(context, bytes);
        self.watch(context, result)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_flush(context);
        self.watch(context, result)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let result = Pin::new(&mut self.inner).poll_shutdown(context);
        self.watch(context, result)
    }
}
