//! A TCP stream by the control protocol of a running `ssh` master (PROTOCOL.mux of OpenSSH): what the openssh crate
//! has not. It can only listen here for a forward, and there a refused address looks like a connection that ends.

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
const NEW_STREAM: u32 = 0x1000_0008;
const PERMISSION_DENIED: u32 = 0x8000_0002;
const FAILURE: u32 = 0x8000_0003;
const SESSION_OPENED: u32 = 0x8000_0006;
const REQUEST: u32 = 1;
/// No answer is longer.
const ANSWER_LIMIT: u32 = 64 * 1024;

/// Asks the master at a control socket for a stream to an address as the host sees it. `None` where that was
/// refused.
pub async fn open_stream(control: &Path, host: &str, port: u16) -> Result<Option<ControlStream>> {
    let mut control = UnixStream::connect(control).await?;
    send(&mut control, &[HELLO, VERSION], &[]).await?;
    let hello = receive(&mut control).await?;
    if (number(&hello, 0), number(&hello, 1)) != (Some(HELLO), Some(VERSION)) {
        return Err(Error::new(ErrorKind::InvalidData, "the ssh master speaks another control protocol"));
    }
    let (write, their_input) = pipe::pipe()?;
    let (their_output, read) = pipe::pipe()?;
    let mut fields = text("");
    fields.extend(text(host));
    fields.extend(u32::from(port).to_be_bytes());
    send(&mut control, &[NEW_STREAM, REQUEST], &fields).await?;
    for descriptor in [their_input.into_blocking_fd()?, their_output.into_blocking_fd()?] {
        send_descriptor(&control, descriptor.as_fd()).await?;
    }
    match number(&receive(&mut control).await?, 0) {
        Some(SESSION_OPENED) => Ok(Some(ControlStream { read, write: Some(write), _control: control })),
        Some(FAILURE | PERMISSION_DENIED) => Ok(None),
        _ => Err(ErrorKind::InvalidData.into()),
    }
}

async fn send(control: &mut UnixStream, numbers: &[u32], fields: &[u8]) -> Result<()> {
    let length = u32::try_from(numbers.len() * 4 + fields.len()).map_err(Error::other)?;
    let mut message = length.to_be_bytes().to_vec();
    for number in numbers {
        message.extend(number.to_be_bytes());
    }
    message.extend(fields);
    control.write_all(&message).await
}

async fn receive(control: &mut UnixStream) -> Result<Vec<u8>> {
    let length = control.read_u32().await?;
    if length > ANSWER_LIMIT {
        return Err(ErrorKind::InvalidData.into());
    }
    let mut message = vec![0; length as usize];
    control.read_exact(&mut message).await?;
    Ok(message)
}

/// Descriptors travel one by one, each beside one byte.
async fn send_descriptor(control: &UnixStream, descriptor: BorrowedFd<'_>) -> Result<()> {
    let send = || {
        let descriptors = [descriptor];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        beside.push(SendAncillaryMessage::ScmRights(&descriptors));
        sendmsg(control, &[IoSlice::new(&[0])], &mut beside, SendFlags::empty()).map_err(Error::from)
    };
    control.async_io(Interest::WRITABLE, send).await.map(drop)
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
