//! Simulated hosts: the server's side of SSH, which answers from the recordings of converged hosts.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use provision::Replay;
use russh::keys::PrivateKey;
use russh::server::{Auth, ChannelOpenHandle, Config, Handler, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId, MethodKind, MethodSet, SshId};
use tokio::net::{TcpListener, TcpStream};

use crate::class::{self, Role};
use crate::link::{self, Counts, Network, Tally};

/// What the simulated hosts are like.
#[derive(Debug, Clone, Copy)]
pub struct Nature {
    pub hosts: usize,
    pub network: Network,
    /// The first so many take a connection and say nothing.
    pub silent: usize,
    /// How long a program works until it answers.
    pub work: Duration,
}

/// Hosts that are served.
pub struct Served {
    /// All listen at it, each at an address of its own.
    pub port: u16,
    tallies: Arc<Mutex<Vec<Arc<Tally>>>>,
}

/// One connection.
struct Visitor {
    replay: Arc<Mutex<Replay>>,
    tally: Arc<Tally>,
    work: Duration,
    channels: HashMap<ChannelId, Asked>,
}

/// What was said on a channel so far.
struct Asked {
    /// `None` for a stream to a port.
    command: Option<String>,
    port: u16,
    input: Vec<u8>,
}

impl Served {
    /// What was counted since the last time, one for each connection.
    pub fn take_counts(&self) -> Vec<Counts> {
        let tallies = std::mem::take(&mut *self.tallies.lock().unwrap_or_else(PoisonError::into_inner));
        tallies.iter().map(|tally| tally.counts()).collect()
    }
}

/// Serves hosts until the runtime ends. Their key is that which is given.
pub async fn serve(nature: Nature, recordings: &Path, key: &Path) -> Result<Served> {
    let key = PrivateKey::from_openssh(std::fs::read(key)?)?;
    let config = Arc::new(Config {
        // That of the hosts that were recorded: clients do what they know this server to do.
        server_id: SshId::Standard("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7".into()),
        keys: vec![key],
        methods: MethodSet::from([MethodKind::PublicKey].as_slice()),
        auth_rejection_time: Duration::ZERO,
        inactivity_timeout: None,
        ..Config::default()
    });
    let recording = |role: &str| {
        let path = recordings.join(role).join("converged.txt");
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let recordings = [recording("lb")?, recording("web")?].map(Arc::<str>::from);
    let tallies: Arc<Mutex<Vec<Arc<Tally>>>> = Arc::default();
    let mut port = 0;
    for number in 0..nature.hosts {
        let address = IpAddr::V4(class::address(number));
        let listener = TcpListener::bind(SocketAddr::new(address, port)).await?;
        port = listener.local_addr()?.port();
        let [balancer, web] = &recordings;
        let recording = Arc::clone(if class::role(number) == Role::Balancer { balancer } else { web });
        let (config, tallies) = (Arc::clone(&config), Arc::clone(&tallies));
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    // Too many files are open for now.
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                };
                let tally = Arc::new(Tally::default());
                tallies.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&tally));
                if number < nature.silent {
                    tokio::spawn(be_silent(stream));
                    continue;
                }
                let text = own(&recording, number);
                tokio::spawn(visit(stream, nature, Arc::clone(&config), text, tally));
            }
        });
    }
    Ok(Served { port, tallies })
}

/// A recording with what this host has for itself.
fn own(recording: &str, number: usize) -> String {
    let (name, address) = (class::name(number), class::private_address(number));
    format!(
        "{recording}\nset name {name}\nset address {address}\nset machine {number:032x}\nset boot {number:032x}\n"
    )
}

async fn be_silent(stream: TcpStream) {
    let _ = stream.readable().await;
    tokio::time::sleep(Duration::from_secs(120)).await;
}

async fn visit(stream: TcpStream, nature: Nature, config: Arc<Config>, text: String, tally: Arc<Tally>) {
    let Ok(replay) = Replay::read(&text) else { return };
    let replay = Arc::new(Mutex::new(replay));
    let stream = link::lay(stream, nature.network, Arc::clone(&tally)).await;
    let visitor = Visitor { replay, tally, work: nature.work, channels: HashMap::new() };
    // A connection that ends in disorder shows at the tool.
    if let Ok(session) = russh::server::run_stream(config, stream, visitor).await {
        let _ = session.await;
    }
}

impl Visitor {
    /// Answers once all was said that an answer takes.
    fn answer(&mut self, channel: ChannelId, session: &Session) {
        let Some(asked) = self.channels.get(&channel) else { return };
        let mut replay = self.replay.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = match &asked.command {
            Some(command) if command == "true" => Some(Vec::new()),
            Some(command) => replay.execute(command, &asked.input),
            None => path(&asked.input).and_then(|path| replay.page(asked.port, path)),
        };
        let Some(answer) = answer else { return };
        let is_execution = asked.command.is_some();
        self.channels.remove(&channel);
        let (handle, work) = (session.handle(), if is_execution { self.work } else { Duration::ZERO });
        tokio::spawn(async move {
            tokio::time::sleep(work).await;
            let _ = handle.data(channel, answer).await;
            if is_execution {
                let _ = handle.exit_status_request(channel, 0).await;
            }
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
    }
}

/// The path that an HTTP request names, once it is whole.
fn path(request: &[u8]) -> Option<&str> {
    let request = std::str::from_utf8(request).ok()?;
    request.contains("\r\n\r\n").then(|| request.split(' ').nth(1)).flatten()
}

impl Handler for Visitor {
    type Error = russh::Error;

    async fn auth_publickey(
        &mut self,
        _user: &str,
        _key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        Ok(Auth::Accept)
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        _host: &str,
        port: u32,
        _originator: &str,
        _originator_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        let port = u16::try_from(port).unwrap_or_default();
        self.channels.insert(channel.id(), Asked { command: None, port, input: Vec::new() });
        self.tally.change(|counts| counts.streams += 1);
        reply.accept().await;
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let command = Some(String::from_utf8_lossy(command).into_owned());
        self.channels.insert(channel, Asked { command, port: 0, input: Vec::new() });
        self.tally.change(|counts| counts.executions += 1);
        session.channel_success(channel)?;
        self.answer(channel, session);
        Ok(())
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        if let Some(asked) = self.channels.get_mut(&channel) {
            asked.input.extend_from_slice(data);
        }
        self.answer(channel, session);
        Ok(())
    }
}
