//! One task for each channel of a built-in connection. It takes in what arrives, keeps to the window when it
//! sends, and always closes the channel: a channel that is merely dropped keeps its slot on the server.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use russh::client::Msg;
use russh::{Channel, ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use crate::model::text;
use crate::transport::execution::{Exit, Feed, Linger, Output, Pump};
use crate::transport::stream::Stream;

/// Bytes that wait in a stream, each way.
const BUFFER: usize = 64 * 1024;

/// How long the server may take to confirm that a channel is closed.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// Runs an `exec` channel until the command ended or its execution was dropped. Its input goes with the order, before the
/// server has `accepted` it: an answer costs a journey there and back.
pub async fn run(
    channel: Channel<Msg>,
    input: Feed,
    pump: Pump,
    shared: Arc<Shared>,
    slot: OwnedSemaphorePermit,
    accepted: oneshot::Sender<bool>,
) {
    let (mut read, write) = channel.split();
    let Pump { output, input: mut pieces } = pump;
    let ended = CancellationToken::new();
    let mut closed = false;
    let write_input = async {
        let feed = async {
            for piece in input {
                write.data_bytes(piece).await?;
            }
            while let Some(piece) = pieces.next().await {
                write.data_bytes(piece).await?;
            }
            Ok::<_, russh::Error>(())
        };
        tokio::select! {
            _ = feed => {}
            // Whoever still reads, a watchdog for one, is to learn that the command is over.
            () = ended.cancelled() => {}
        }
        // Nobody is left to hear of a failure here: the reading side tells of a lost connection.
        let _ = write.eof().await;
    };
    let read_output = async {
        let exit = take_output(&mut read, accepted, &output, &ended, &mut closed).await;
        ended.cancel();
        exit
    };
    let work = async { tokio::join!(read_output, write_input).0 };
    let exit = tokio::select! {
        exit = work => Some(exit),
        () = output.closed() => None,
    };
    if let Some(exit) = exit {
        let exit = exit.unwrap_or_else(|| {
            Exit::Lost(if closed {
                text!(en: "the host closed the channel early", pt: "a máquina fechou o canal antes da hora")
            } else {
                shared.lost()
            })
        });
        // The execution may just have been dropped; then nobody asks.
        let _ = output.send(Output::Exit(exit)).await;
    }
    drop(output);
    close(read, &write, closed).await;
    drop(slot);
}

/// Hands on output until the channel ends; how the command ended, if that was told.
async fn take_output(
    read: &mut ChannelReadHalf,
    accepted: oneshot::Sender<bool>,
    news: &mpsc::Sender<Output>,
    ended: &CancellationToken,
    closed: &mut bool,
) -> Option<Exit> {
    let mut exit = None;
    let mut linger = Linger::new();
    let mut accepted = Some(accepted);
    let mut answer = |is_yes| {
        // Whoever has given up waiting drops the execution, too.
        let _ = accepted.take().map(|accepted| accepted.send(is_yes));
    };
    loop {
        let message = if exit.is_some() {
            match linger.wait(read.wait()).await {
                Some(message) => message,
                None => return exit,
            }
        } else {
            read.wait().await
        };
        let output = match message {
            None => return exit,
            Some(ChannelMsg::Success) => {
                answer(true);
                continue;
            }
            Some(ChannelMsg::Failure) => {
                answer(false);
                return exit;
            }
            Some(ChannelMsg::Close) => {
                *closed = true;
                answer(false);
                return exit;
            }
            Some(ChannelMsg::Data { data }) => Output::Stdout(data),
            Some(ChannelMsg::ExtendedData { data, ext: 1 }) => Output::Stderr(data),
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                exit = Some(Exit::Code(exit_status));
                ended.cancel();
                continue;
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                exit = Some(Exit::Signal(signal(&signal_name)));
                ended.cancel();
                continue;
            }
            Some(_) => continue,
        };
        if news.send(output).await.is_err() {
            return exit;
        }
    }
}

fn signal(signal: &Sig) -> String {
    match signal {
        Sig::Custom(name) => crate::model::clean_line(name, 20),
        known => format!("{known:?}"),
    }
}

/// A stream over an open channel, fed by a task of its own.
pub fn stream(channel: Channel<Msg>) -> Stream {
    let (near, far) = tokio::io::duplex(BUFFER);
    let dropped = CancellationToken::new();
    tokio::spawn(carry(channel, far, dropped.clone()));
    Stream::new(near, Some(dropped.drop_guard()))
}

async fn carry(channel: Channel<Msg>, far: DuplexStream, dropped: CancellationToken) {
    let (mut read, write) = channel.split();
    let (from_user, to_user) = tokio::io::split(far);
    let mut closed = false;
    {
        let mut inward = pin!(take_in(&mut read, to_user, &mut closed));
        let mut outward = pin!(send_out(&write, from_user));
        let mut overdue = pin!(async {
            dropped.cancelled().await;
            tokio::time::sleep(CLOSE_LIMIT).await;
        });
        let mut sending = true;
        loop {
            tokio::select! {
                () = &mut inward => break,
                () = &mut outward, if sending => sending = false,
                // What was written before the stream was dropped is still to arrive.
                () = dropped.cancelled(), if !sending => break,
                () = &mut overdue => break,
            }
        }
    }
    close(read, &write, closed).await;
}

/// Bytes from the host, until it closes the channel.
async fn take_in(read: &mut ChannelReadHalf, mut user: WriteHalf<DuplexStream>, closed: &mut bool) {
    while let Some(message) = read.wait().await {
        match message {
            ChannelMsg::Data { data } => {
                // Whoever dropped the stream wants no more, and what it wrote may still be on its way.
                let _ = user.write_all(&data).await;
            }
            ChannelMsg::Eof => {
                // A stream that was dropped meanwhile needs no end.
                let _ = user.shutdown().await;
            }
            ChannelMsg::Close => {
                *closed = true;
                return;
            }
            _ => {}
        }
    }
}

/// Bytes to the host, until the user ends them.
async fn send_out(write: &ChannelWriteHalf<Msg>, mut user: ReadHalf<DuplexStream>) {
    let mut buffer = vec![0; 32 * 1024];
    loop {
        match user.read(&mut buffer).await {
            Ok(0) | Err(_) => {
                // A dead connection shows on the reading side.
                let _ = write.eof().await;
                return;
            }
            Ok(length) => {
                if write.data_bytes(Bytes::copy_from_slice(&buffer[..length])).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// Closes a channel and waits, within limits, until the server has closed it too.
async fn close(mut read: ChannelReadHalf, write: &ChannelWriteHalf<Msg>, closed: bool) {
    if closed {
        return;
    }
    let closing = async {
        if write.close().await.is_ok() {
            while !matches!(read.wait().await, None | Some(ChannelMsg::Close)) {}
        }
    };
    // A host that does not confirm has a dead connection, which its own limits end.
    let _ = tokio::time::timeout(CLOSE_LIMIT, closing).await;
}
