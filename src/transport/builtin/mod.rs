//! SSH without the ssh program: russh. Owns one connection: handshake, login, channels. Knows nothing of the
//! inventory, of jump hosts, or of retries; the connector does.

mod channels;
mod guard;
mod handler;
mod login;
mod shared;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use russh::client::{Config, Handle};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Algorithm, PublicKey};
use russh::{ChannelOpenFailure, Disconnect, Preferred};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::sync::{CancellationToken, DropGuard};

pub use self::handler::HostKeyCheck;

use self::guard::{Greeting, Guarded};
use self::handler::{ClientHandler, ConnectionError};
use self::shared::Shared;
use super::Session;
use super::destination::Destination;
use super::execution::{Execution, Feed};
use super::failure::{
    dropped, failure, handshake, is_starting, lost, no_answer, not_begun, not_ssh, quoting, starting,
    turned_away,
};
use super::keys::Identity;
use super::stream::{Duplex, ForwardError, OpenError, ReverseForward, Stream};
use crate::model::{Failure, FailureKind, Text, text};

/// sshd's default of `MaxSessions`. Commands beyond it wait for a place.
pub const SESSION_LIMIT: usize = 10;

/// How long the host may take to open a channel, or to answer a request.
pub const ANSWER_LIMIT: Duration = Duration::from_secs(15);

/// How long a busy host is asked again for a channel: a place is free only once the command before has ended.
pub const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// Connections to one reverse forward that wait to be accepted.
pub const BACKLOG: usize = 32;

/// Silence after which the host is asked whether it still lives, again and again.
const KEEPALIVE: Duration = Duration::from_secs(5);
/// So many questions without answer end it. After a gap of 20 seconds TCP itself may need five more to try again.
const UNANSWERED: usize = 7;

#[derive(Debug)]
pub enum SetupError {
    /// The server closed it before it showed a key, as a busy one does: worth another attempt.
    Dropped(Failure),
    /// The host lets nobody in before it is up: worth one more attempt, as sshd counts those that it turns away.
    Starting(Failure),
    /// The host said something that is no UTF-8, such as a banner: the ssh program takes any encoding.
    Undecodable,
    Failed(Failure),
}

impl From<Failure> for SetupError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<SetupError> for Failure {
    fn from(error: SetupError) -> Self {
        match error {
            SetupError::Dropped(failure) | SetupError::Starting(failure) | SetupError::Failed(failure) => {
                failure
            }
            SetupError::Undecodable => failure(
                FailureKind::Login,
                text!(
                    en: "the host's banner or question is no UTF-8",
                    pt: "o aviso ou a pergunta da máquina não é UTF-8",
                ),
                text!(
                    en: "save /etc/issue.net, or what sshd's `Banner` names, as UTF-8 on the host, or log in by a key and \
                         with `ssh.transport: auto`",
                    pt: "salve o /etc/issue.net, ou o arquivo que o `Banner` do sshd indica, como UTF-8 na máquina, ou \
                         entre por chave e com `ssh.transport: auto`",
                ),
            ),
        }
    }
}

pub struct Builtin {
    handle: Arc<Handle<ClientHandler>>,
    shared: Arc<Shared>,
    slots: Arc<Semaphore>,
    /// The connection that carries this one.
    jump: Option<Arc<Session>>,
    /// When the handshake was over, and the login began.
    pub greeted: Instant,
    _cut: DropGuard,
}

impl Builtin {
    /// Makes the handshake over a stream and logs in. The caller limits the time; to drop the future ends it all.
    pub async fn connect(
        stream: impl Duplex + 'static,
        destination: &Destination,
        host_key: HostKeyCheck,
        identities: &[Identity],
        password: Option<&str>,
        jump: Option<Arc<Session>>,
        has_spoken: Arc<AtomicBool>,
    ) -> Result<Self, SetupError> {
        let cut = CancellationToken::new();
        let guard = cut.clone().drop_guard();
        let greeting = Greeting::telling(has_spoken);
        let HostKeyCheck { store, user_files, name, new_keys } = &host_key;
        let known = store.known(name, user_files, *new_keys).map_err(SetupError::Failed)?;
        let shared = Arc::new(Shared::default());
        let config = Arc::new(config(&known.algorithms()));
        let handler = ClientHandler { host_key, known, shared: Arc::clone(&shared) };
        let guarded = Guarded::new(stream, cut, greeting.clone());
        let mut handle = match russh::client::connect_stream(config, guarded, handler).await {
            Ok(handle) => handle,
            Err(error) => return Err(setup_error(error, &shared, &greeting)),
        };
        let greeted = Instant::now();
        if let Err(failure) = login::login(&mut handle, &shared, destination, identities, password).await {
            let said = shared.said();
            return Err(if shared.undecodable.load(Ordering::Relaxed) {
                SetupError::Undecodable
            } else if is_starting(&said) {
                SetupError::Starting(starting())
            } else {
                quoting(failure, &said).into()
            });
        }
        Ok(Self {
            handle: Arc::new(handle),
            shared,
            slots: Arc::new(Semaphore::new(SESSION_LIMIT)),
            jump,
            greeted,
            _cut: guard,
        })
    }

    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    pub async fn exec(&self, command: &str, input: Feed, patience: Duration) -> Result<Execution, Failure> {
        let patience = patience.max(ANSWER_LIMIT);
        let closed = || lost(&self.shared.lost());
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| closed())?;
        let channel = self.open_session(patience).await?;
        channel.exec(true, command).await.map_err(|_| closed())?;
        let (execution, pump) = Execution::new();
        let (accepted, answer) = oneshot::channel();
        tokio::spawn(channels::run(channel, input, pump, Arc::clone(&self.shared), slot, accepted));
        match tokio::time::timeout(patience, answer).await {
            Ok(Ok(true)) => return Ok(execution),
            Ok(Ok(false)) => {}
            Ok(Err(_)) => return Err(turned_away(&self.shared.lost())),
            Err(_) => return Err(not_begun()),
        }
        Err(failure(
            FailureKind::Unsupported,
            text!(en: "sshd refuses to run commands", pt: "o sshd se recusa a rodar comandos"),
            text!(
                en: "look for ForceCommand, a restricted key or a limit of processes (`ulimit -u`) on the host; its log \
                     tells more: `journalctl -u ssh`",
                pt: "procure ForceCommand, uma chave restrita ou um limite de processos (`ulimit -u`) na máquina; o log dela \
                     diz mais: `journalctl -u ssh`",
            ),
        ))
    }

    async fn open_session(&self, patience: Duration) -> Result<russh::Channel<russh::client::Msg>, Failure> {
        let asked = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            match tokio::time::timeout(patience, self.handle.channel_open_session()).await {
                Err(_) => return Err(not_begun()),
                Ok(Ok(channel)) => return Ok(channel),
                Ok(Err(russh::Error::ChannelOpenFailure(_))) if asked.elapsed() < BUSY_LIMIT => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Ok(Err(russh::Error::ChannelOpenFailure(_))) => return Err(super::failure::no_session()),
                Ok(Err(_)) => return Err(lost(&self.shared.lost())),
            }
        }
    }

    /// Opens a stream to an address as the host sees it.
    pub async fn open_tcp(&self, host: &str, port: u16) -> Result<Stream, OpenError> {
        let open = self.handle.channel_open_direct_tcpip(host, u32::from(port), "127.0.0.1", 0);
        match tokio::time::timeout(ANSWER_LIMIT, open).await {
            Err(_) => Err(OpenError::TimedOut),
            Ok(Ok(channel)) => Ok(channels::stream(channel)),
            Ok(Err(russh::Error::ChannelOpenFailure(ChannelOpenFailure::AdministrativelyProhibited))) => {
                Err(OpenError::Forbidden)
            }
            Ok(Err(russh::Error::ChannelOpenFailure(_))) => Err(OpenError::Refused),
            Ok(Err(_)) => Err(OpenError::Lost(self.shared.lost())),
        }
    }

    /// Opens a port on the host's loopback address.
    pub async fn reverse_forward(&self) -> Result<ReverseForward, ForwardError> {
        let port = match tokio::time::timeout(ANSWER_LIMIT, self.handle.tcpip_forward("127.0.0.1", 0)).await {
            Err(_) => return Err(ForwardError::Failed(no_answer())),
            Ok(Ok(port)) => port,
            Ok(Err(russh::Error::RequestDenied)) => return Err(ForwardError::Forbidden),
            Ok(Err(_)) => return Err(ForwardError::Failed(lost(&self.shared.lost()))),
        };
        let number = u16::try_from(port).map_err(|_| ForwardError::Failed(no_answer()))?;
        let (sender, incoming) = mpsc::channel(BACKLOG);
        self.shared.register(port, sender);
        let dropped = CancellationToken::new();
        let guard = dropped.clone().drop_guard();
        let (handle, shared) = (Arc::clone(&self.handle), Arc::clone(&self.shared));
        tokio::spawn(async move {
            dropped.cancelled().await;
            shared.unregister(port);
            // Where the connection is gone, so is the port.
            let _ = tokio::time::timeout(ANSWER_LIMIT, handle.cancel_tcpip_forward("127.0.0.1", port)).await;
        });
        Ok(ReverseForward::new(number, incoming, guard))
    }

    pub async fn close(self) {
        let goodbye = self.handle.disconnect(Disconnect::ByApplication, "", "");
        // A connection that can't take it is cut right after.
        let _ = tokio::time::timeout(Duration::from_secs(1), goodbye).await;
        let left = async {
            while !self.handle.is_closed() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_millis(500), left).await;
        drop(self.jump);
    }
}

/// Whether an agent holds a key. An agent that does not answer holds nothing.
pub async fn agent_holds(socket: &Path, key: &PublicKey) -> bool {
    let is_it = |held: &AgentIdentity| matches!(held, AgentIdentity::PublicKey { key: held, .. } if held.key_data() == key.key_data());
    held_by(socket).await.iter().any(is_it)
}

/// Whether an agent holds certificates, which the built-in connection does not show.
pub async fn agent_certifies(socket: &Path) -> bool {
    held_by(socket).await.iter().any(|held| matches!(held, AgentIdentity::Certificate { .. }))
}

/// What an agent holds. One that is gone or silent holds nothing.
async fn held_by(socket: &Path) -> Vec<AgentIdentity> {
    let ask = async { AgentClient::connect_uds(socket).await.ok()?.request_identities().await.ok() };
    tokio::time::timeout(login::AGENT_LIMIT, ask).await.ok().flatten().unwrap_or_default()
}

fn config(known: &[Algorithm]) -> Config {
    // SHA-1 signatures stay out; kinds of key that the host is known by come first.
    let all = Preferred::DEFAULT.key;
    let all = all.iter().filter(|algorithm| !matches!(algorithm, Algorithm::Rsa { hash: None }));
    let is_rsa = |algorithm: &Algorithm| matches!(algorithm, Algorithm::Rsa { .. });
    let is_known = |algorithm: &&Algorithm| {
        known.iter().any(|known| known == *algorithm || (is_rsa(known) && is_rsa(algorithm)))
    };
    let (mut key, rest): (Vec<_>, Vec<_>) = all.partition(is_known);
    key.extend(rest);
    Config {
        client_id: russh::SshId::Standard(concat!("SSH-2.0-provision_", env!("CARGO_PKG_VERSION")).into()),
        window_size: 1 << 20,
        channel_buffer_size: 32,
        keepalive_interval: Some(KEEPALIVE),
        keepalive_max: UNANSWERED,
        nodelay: true,
        preferred: Preferred {
            key: key.into_iter().cloned().collect::<Vec<_>>().into(),
            compression: vec![russh::compression::NONE].into(),
            ..Preferred::DEFAULT
        },
        ..Config::default()
    }
}

fn setup_error(error: ConnectionError, shared: &Shared, greeting: &Greeting) -> SetupError {
    let (said, is_ssh) = greeting.heard();
    let error = match error {
        ConnectionError::Refused(failure) => return SetupError::Failed(failure),
        ConnectionError::Protocol(error) => error,
    };
    match error {
        russh::Error::Disconnect | russh::Error::HUP | russh::Error::IO(_)
            if !shared.key_shown.load(Ordering::Relaxed) =>
        {
            let failure = dropped(&said);
            // A busy sshd says nothing, or just that. What says other things is no sshd, or will not have us.
            if !said.trim().is_empty() && !said.contains("MaxStartups") {
                SetupError::Failed(failure)
            } else {
                SetupError::Dropped(failure)
            }
        }
        russh::Error::Version if !is_ssh => SetupError::Failed(not_ssh(&said)),
        russh::Error::NoCommonAlgo { kind, theirs, .. } => {
            let theirs = theirs.join(", ");
            SetupError::Failed(handshake(&text!(
                en: "no common {kind:?} algorithm; the host offers {theirs}",
                pt: "nenhum algoritmo {kind:?} em comum; a máquina oferece {theirs}",
            )))
        }
        other => SetupError::Failed(handshake(&Text::verbatim(other.to_string()))),
    }
}
