//! TCP streams that run inside an SSH connection, and listeners on the host's side.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::mpsc;
use tokio_util::sync::DropGuard;

use super::failure::failure;
use crate::model::{Failure, FailureKind, Text, text};

/// Anything that bytes go through both ways.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Duplex for S {}

/// A TCP stream as the host sees it. Dropping it closes it.
pub struct Stream {
    inner: Box<dyn Duplex>,
    _closes: Option<DropGuard>,
}

impl Stream {
    /// Wraps a stream; the guard ends whatever feeds it when the stream is dropped.
    pub(super) fn new(inner: impl Duplex + 'static, closes: Option<DropGuard>) -> Self {
        Self { inner: Box::new(inner), _closes: closes }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Stream")
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OpenError {
    /// The host could not connect there.
    Refused,
    /// sshd does not forward.
    Forbidden,
    TimedOut,
    Lost(Text),
}

/// A port on the host's loopback address whose connections arrive here. Dropping it closes the port.
pub struct ReverseForward {
    /// On 127.0.0.1 of the host.
    pub port: u16,
    incoming: mpsc::Receiver<Stream>,
    _closes: DropGuard,
}

impl ReverseForward {
    pub(super) fn new(port: u16, incoming: mpsc::Receiver<Stream>, closes: DropGuard) -> Self {
        Self { port, incoming, _closes: closes }
    }

    /// The next connection; `None` when the SSH connection is gone.
    pub async fn accept(&mut self) -> Option<Stream> {
        self.incoming.recv().await
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardError {
    /// sshd forbids it; other means may do.
    Forbidden,
    Failed(Failure),
}

impl From<ForwardError> for Failure {
    fn from(error: ForwardError) -> Self {
        match error {
            ForwardError::Forbidden => failure(
                FailureKind::Unsupported,
                text!(
                    en: "sshd forbids remote port forwarding",
                    pt: "o sshd proíbe o redirecionamento remoto de portas",
                ),
                text!(
                    en: "allow it in the host's sshd_config: `AllowTcpForwarding yes`",
                    pt: "permita-o no sshd_config da máquina: `AllowTcpForwarding yes`",
                ),
            ),
            ForwardError::Failed(failure) => failure,
        }
    }
}
