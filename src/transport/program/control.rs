//! The control protocol of a running `ssh` master (PROTOCOL.mux of OpenSSH): commands, streams whose refusal is
//! told, reverse forwards on a port that the host chooses.
//!
//! A control connection must stay open until the output of its command was read: the master throws away what it
//! has not yet written when that connection ends, also after the exit status.

use std::io::{Error, ErrorKind, IoSlice, Result};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::pin::Pin;
use std::task::{Context, Poll};

use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags, sendmsg};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, Interest, ReadBuf};
use tokio::net::UnixStream;
use tokio::net::unix::pipe;

const VERSION: u32 = 4;
const HELLO: u32 = 1;
const NEW_SESSION: u32 = 0x1000_0002;
const OPEN_FORWARD: u32 = 0x1000_0006;
const CLOSE_FORWARD: u32 = 0x1000_0007;
const NEW_STREAM: u32 = 0x1000_0008;
const OK: u32 = 0x8000_0001;
const PERMISSION_DENIED: u32 = 0x8000_0002;
const FAILURE: u32 = 0x8000_0003;
const EXIT_MESSAGE: u32 = 0x8000_0004;
const SESSION_OPENED: u32 = 0x8000_0006;
const REMOTE_PORT: u32 = 0x8000_0007;
const FORWARD_REMOTE: u32 = 2;
const NO_ESCAPE_CHARACTER: u32 = 0xffff_ffff;
/// In place of a port: the address is the path of a Unix socket.
const PORT_IS_PATH: u32 = 0xffff_fffe;
const REQUEST: u32 = 1;
/// No answer is longer.
const ANSWER_LIMIT: u32 = 64 * 1024;

/// What the master answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// Done; the host chose this port.
    Port(u32),
    /// The host, or the master, would not.
    Refused,
}

/// A connection to the control socket, good for one request.
pub struct Control {
    socket: UnixStream,
}

impl Control {
    /// Connects and greets. Succeeds only while the master lives.
    pub async fn connect(path: &Path) -> Result<Self> {
        let mut control = Self { socket: UnixStream::connect(path).await? };
        control.send(&[HELLO, VERSION], &[]).await?;
        let hello = control.receive().await?;
        match (number(&hello, 0), number(&hello, 1)) {
            (Some(HELLO), Some(VERSION)) => Ok(control),
            _ => Err(Error::new(ErrorKind::InvalidData, "the ssh master speaks another control protocol")),
        }
    }

    /// Starts a command. `None` where the host gives no place for it.
    pub async fn open_session(mut self, command: &str) -> Result<Option<ControlSession>> {
        let (stdin, their_stdin) = pipe::pipe()?;
        let (their_stdout, stdout) = pipe::pipe()?;
        let (their_stderr, stderr) = pipe::pipe()?;
        let theirs = [
            their_stdin.into_blocking_fd()?,
            their_stdout.into_blocking_fd()?,
            their_stderr.into_blocking_fd()?,
        ];
        let mut fields = text("");
        // No terminal, no X11, no agent, no subsystem.
        for number in [0, 0, 0, 0, NO_ESCAPE_CHARACTER] {
            fields.extend(u32::to_be_bytes(number));
        }
        fields.extend(text(""));
        fields.extend(text(command));
        self.send(&[NEW_SESSION, REQUEST], &fields).await?;
        for descriptor in &theirs {
            self.send_descriptor(descriptor.as_fd()).await?;
        }
        Ok(match self.answer().await? {
            Answer::Refused => None,
            _ => Some(ControlSession { stdin, stdout, stderr, end: SessionEnd { control: self } }),
        })
    }

    /// Asks for a stream to an address as the host sees it. `None` where that was refused.
    pub async fn open_stream(mut self, host: &str, port: u16) -> Result<Option<ControlStream>> {
        let (write, their_input) = pipe::pipe()?;
        let (their_output, read) = pipe::pipe()?;
        let theirs = [their_input.into_blocking_fd()?, their_output.into_blocking_fd()?];
        let mut fields = text("");
        fields.extend(text(host));
        fields.extend(u32::from(port).to_be_bytes());
        self.send(&[NEW_STREAM, REQUEST], &fields).await?;
        for descriptor in &theirs {
            self.send_descriptor(descriptor.as_fd()).await?;
        }
        Ok(match self.answer().await? {
            Answer::Refused => None,
            _ => Some(ControlStream { read, write: Some(write), _control: self.socket }),
        })
    }

    /// Asks the host to listen on a port of its choice and to send connections to a Unix socket here.
    pub async fn open_reverse(mut self, socket: &Path) -> Result<Answer> {
        self.send(&[OPEN_FORWARD, REQUEST, FORWARD_REMOTE], &reverse(socket)).await?;
        self.answer().await
    }

    /// Takes such a request back.
    pub async fn close_reverse(mut self, socket: &Path) -> Result<Answer> {
        self.send(&[CLOSE_FORWARD, REQUEST, FORWARD_REMOTE], &reverse(socket)).await?;
        self.answer().await
    }

    async fn send(&mut self, numbers: &[u32], fields: &[u8]) -> Result<()> {
        let length = u32::try_from(numbers.len() * 4 + fields.len()).map_err(Error::other)?;
        let mut message = length.to_be_bytes().to_vec();
        for number in numbers {
            message.extend(number.to_be_bytes());
        }
        message.extend(fields);
        self.socket.write_all(&message).await
    }

    async fn receive(&mut self) -> Result<Vec<u8>> {
        let length = self.socket.read_u32().await?;
        if length > ANSWER_LIMIT {
            return Err(ErrorKind::InvalidData.into());
        }
        let mut message = vec![0; length as usize];
        self.socket.read_exact(&mut message).await?;
        Ok(message)
    }

    async fn answer(&mut self) -> Result<Answer> {
        let message = self.receive().await?;
        match number(&message, 0) {
            Some(OK | SESSION_OPENED) => Ok(Answer::Done),
            Some(REMOTE_PORT) => number(&message, 2).map(Answer::Port).ok_or(ErrorKind::InvalidData.into()),
            Some(FAILURE | PERMISSION_DENIED) => Ok(Answer::Refused),
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }

    /// Descriptors travel one by one, each beside one byte.
    async fn send_descriptor(&self, descriptor: BorrowedFd<'_>) -> Result<()> {
        let send = || {
            let descriptors = [descriptor];
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
            let mut beside = SendAncillaryBuffer::new(&mut space);
            beside.push(SendAncillaryMessage::ScmRights(&descriptors));
            sendmsg(&self.socket, &[IoSlice::new(&[0])], &mut beside, SendFlags::empty()).map_err(Error::from)
        };
        self.socket.async_io(Interest::WRITABLE, send).await.map(drop)
    }
}

fn number(message: &[u8], index: usize) -> Option<u32> {
    let bytes = message.get(index * 4..index * 4 + 4)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

fn text(text: &str) -> Vec<u8> {
    let mut field = u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes().to_vec();
    field.extend(text.as_bytes());
    field
}

fn reverse(socket: &Path) -> Vec<u8> {
    let mut fields = text("127.0.0.1");
    fields.extend(0_u32.to_be_bytes());
    fields.extend(text(&socket.to_string_lossy()));
    fields.extend(PORT_IS_PATH.to_be_bytes());
    fields
}

/// A command that the master carries.
pub struct ControlSession {
    /// Its standard input; dropping it closes that.
    pub stdin: pipe::Sender,
    /// Its standard output.
    pub stdout: pipe::Receiver,
    /// Its standard error.
    pub stderr: pipe::Receiver,
    /// Its end. Dropping it ends the command's channel.
    pub end: SessionEnd,
}

/// Where the end of a command is told.
pub struct SessionEnd {
    control: Control,
}

impl SessionEnd {
    /// Waits for the exit status; `None` where the channel ended without one.
    pub async fn wait(&mut self) -> Option<u32> {
        loop {
            let message = self.control.receive().await.ok()?;
            if number(&message, 0) == Some(EXIT_MESSAGE) {
                return number(&message, 2);
            }
        }
    }
}

/// A stream that the master carries. It ends when the control connection does, so that one is kept with it.
pub struct ControlStream {
    read: pipe::Receiver,
    write: Option<pipe::Sender>,
    _control: UnixStream,
}

impl AsyncRead for ControlStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        Pin::new(&mut self.read).poll_read(context, buffer)
    }
}

impl AsyncWrite for ControlStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        match &mut self.write {
            Some(write) => Pin::new(write).poll_write(context, bytes),
            None => Poll::Ready(Err(ErrorKind::BrokenPipe.into())),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Result<()>> {
        self.write = None;
        Poll::Ready(Ok(()))
    }
}
