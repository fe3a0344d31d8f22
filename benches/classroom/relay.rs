//! The way to the hosts: a port of loopback for each, which counts, and holds each chunk for a while.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Chunks that are on their way in one direction; who sends more waits.
const ON_THE_WAY: usize = 4096;
const CHUNK: usize = 32 * 1024;

pub struct Relay {
    /// Where each host is reached.
    pub ports: Vec<u16>,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    /// Half of the round trip that is added, in microseconds.
    hold: AtomicU64,
    connections: AtomicU64,
    up: AtomicU64,
    down: AtomicU64,
}

/// What went over the relay since it began.
#[derive(Clone, Copy)]
pub struct Traffic {
    pub connections: u64,
    pub up: u64,
    pub down: u64,
}

impl Relay {
    pub fn open(hosts: impl IntoIterator<Item = SocketAddr>) -> Result<Self> {
        let mut relay = Self { ports: Vec::new(), counts: Arc::default() };
        for host in hosts {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            relay.ports.push(listener.local_addr()?.port());
            let counts = Arc::clone(&relay.counts);
            thread::spawn(move || {
                for client in listener.incoming().map_while(std::io::Result::ok) {
                    let counts = Arc::clone(&counts);
                    // A host that cannot be reached shows in what the tool says.
                    thread::spawn(move || drop(carry(&client, host, &counts)));
                }
            });
        }
        Ok(relay)
    }

    /// Adds a round trip to the way, for connections to come.
    pub fn set_round_trip(&self, round_trip: Duration) {
        let half = u64::try_from((round_trip / 2).as_micros()).unwrap_or(u64::MAX);
        self.counts.hold.store(half, Ordering::Relaxed);
    }

    pub fn traffic(&self) -> Traffic {
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let Counts { connections, up, down, .. } = &*self.counts;
        Traffic { connections: count(connections), up: count(up), down: count(down) }
    }
}

/// One connection. Its handshake takes a round trip, too, which loopback answers at once.
fn carry(client: &TcpStream, host: SocketAddr, counts: &Arc<Counts>) -> Result<()> {
    let hold = Duration::from_micros(counts.hold.load(Ordering::Relaxed));
    counts.connections.fetch_add(1, Ordering::Relaxed);
    thread::sleep(3 * hold);
    let server = TcpStream::connect(host)?;
    for stream in [client, &server] {
        stream.set_nodelay(true)?;
    }
    let (from, to, counted) = (client.try_clone()?, server.try_clone()?, Arc::clone(counts));
    // What the client sent meanwhile has come this far with the handshake.
    let up = thread::spawn(move || pass(from, to, hold, &counted.up));
    pass(server, client.try_clone()?, hold, &counts.down)?;
    up.join().unwrap_or(Ok(()))
}

/// Passes on what comes, each chunk so long after it came, until the end of it.
fn pass(mut from: TcpStream, to: TcpStream, hold: Duration, counter: &AtomicU64) -> Result<()> {
    let (send, held) = sync_channel(ON_THE_WAY);
    let sending = thread::spawn(move || release(&held, to));
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).unwrap_or(0);
        counter.fetch_add(length as u64, Ordering::Relaxed);
        let due = Instant::now() + hold;
        if send.send((due, chunk.get(..length).unwrap_or_default().to_vec())).is_err() || length == 0 {
            break;
        }
    }
    drop(send);
    sending.join().unwrap_or(Ok(()))
}

/// An empty chunk is the end of what comes.
fn release(held: &Receiver<(Instant, Vec<u8>)>, mut to: TcpStream) -> Result<()> {
    for (due, chunk) in held {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if chunk.is_empty() {
            to.shutdown(Shutdown::Write)?;
        } else if to.write_all(&chunk).is_err() {
            // Who does not listen any more shall not be read from either.
            to.shutdown(Shutdown::Both)?;
            break;
        }
    }
    Ok(())
}
