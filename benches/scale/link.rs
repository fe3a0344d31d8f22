//! The way between the tool and a simulated host: each piece arrives after a delay, and journeys are counted.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// What a piece that got lost waits for until it is sent again: the shortest time-out of Linux's TCP.
const RESEND: Duration = Duration::from_millis(200);

const BUFFER: usize = 64 * 1024;

/// How a network treats what goes over it.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// One way.
    pub delay: Duration,
    /// Each so many-th piece is lost once; 0 for none.
    pub loses_each: u64,
}

/// What went over one connection, as the tool sees it.
#[derive(Debug, Default)]
pub struct Tally(Mutex<Counts>);

#[derive(Debug, Default, Clone, Copy)]
pub struct Counts {
    pub bytes_up: u64,
    pub bytes_down: u64,
    pub executions: u64,
    pub streams: u64,
    /// Times that the tool spoke after it had heard something: what it said at once counts once.
    flights: u64,
    /// The last flight that was answered.
    answered: u64,
    has_heard: bool,
}

impl Tally {
    pub fn counts(&self) -> Counts {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn change(&self, change: impl FnOnce(&mut Counts)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn sent(&self, bytes: usize) {
        self.change(|counts| {
            counts.bytes_up += bytes as u64;
            if counts.has_heard || counts.flights == 0 {
                counts.flights += 1;
                counts.has_heard = false;
            }
        });
    }

    fn heard(&self, bytes: usize) {
        self.change(|counts| {
            counts.bytes_down += bytes as u64;
            counts.answered = counts.flights;
            counts.has_heard = true;
        });
    }
}

impl Counts {
    /// Journeys there and back that the tool waited for, with the one that opens a TCP connection.
    pub fn round_trips(&self) -> u64 {
        1 + self.answered
    }
}

/// Lays a way from an accepted connection to a server, whose end is returned once the connection would have arrived.
pub async fn lay(stream: TcpStream, network: Network, tally: Arc<Tally>) -> DuplexStream {
    let opened = Instant::now() + network.delay * 2;
    let (near, far) = tokio::io::duplex(BUFFER);
    // Small answers must not wait for each other.
    let _ = stream.set_nodelay(true);
    let (from_tool, to_tool) = stream.into_split();
    let (from_server, to_server) = tokio::io::split(near);
    let sent = Arc::clone(&tally);
    tokio::spawn(carry(from_tool, to_server, network, opened, move |bytes, is_arrival| {
        if !is_arrival {
            sent.sent(bytes);
        }
    }));
    tokio::spawn(carry(from_server, to_tool, network, opened, move |bytes, is_arrival| {
        if is_arrival {
            tally.heard(bytes);
        }
    }));
    tokio::time::sleep_until(opened + network.delay).await;
    far
}

/// Carries pieces one way, and tells when each leaves and arrives.
async fn carry(
    mut from: impl AsyncRead + Unpin + Send,
    mut to: impl AsyncWrite + Unpin + Send + 'static,
    network: Network,
    opened: Instant,
    tell: impl Fn(usize, bool) + Send + Sync + 'static,
) {
    let (sender, mut pieces) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let tell = Arc::new(tell);
    let tells = Arc::clone(&tell);
    tokio::spawn(async move {
        while let Some((arrival, piece)) = pieces.recv().await {
            tokio::time::sleep_until(arrival).await;
            // Told before: whoever hears it answers at once.
            tell(piece.len(), true);
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
        let _ = to.shutdown().await;
    });
    let mut buffer = vec![0; 16 * 1024];
    let mut number = 0_u64;
    let mut last = opened;
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        tells(length, false);
        number += 1;
        let is_lost = network.loses_each > 0 && number.is_multiple_of(network.loses_each);
        let wait = if is_lost { RESEND } else { Duration::ZERO };
        // What comes behind a lost piece waits for it.
        last = last.max(Instant::now().max(opened) + network.delay + wait);
        if sender.send((last, buffer[..length].to_vec())).is_err() {
            return;
        }
    }
}
