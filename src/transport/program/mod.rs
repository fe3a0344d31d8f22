//! SSH by the user's own ssh program: for what only that can do. Owns one master process and what runs over it.

mod agent;
mod command;
mod control;
mod diagnosis;
mod master;
mod ports;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use openssh::{Error, ForwardType, Stdio};
use tokio::net::UnixListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

pub use self::agent::LoginAgent;
pub use self::master::{Order, StartError};

use self::command::Child;
use self::control::open_stream;
use self::master::Master;
use self::ports::{Ports, on_host};
use super::Session;
use super::builtin::{ANSWER_LIMIT, BACKLOG, BUSY_LIMIT, SESSION_LIMIT};
use super::execution::{Execution, Feed};
use super::failure::{lost, no_answer, no_session, not_begun};
use super::stream::{ForwardError, OpenError, ReverseForward, Stream};
use crate::model::{Failure, Text, text};

/// Ports that are tried for a reverse forward.
const PORT_ATTEMPTS: usize = 4;

pub struct Program {
    master: Arc<Master>,
    slots: Arc<Semaphore>,
    /// For its reverse forwards.
    ports: Ports,
    /// The connection that carries this one.
    jump: Option<Arc<Session>>,
}

impl Program {
    /// Starts a master and waits for its login.
    pub async fn connect(order: &Order<'_>, jump: Option<Arc<Session>>) -> Result<Self, StartError> {
        let master = Master::start(order).await?;
        Ok(Self {
            master: Arc::new(master),
            slots: Arc::new(Semaphore::new(SESSION_LIMIT)),
            ports: Ports::new(),
            jump,
        })
    }

    pub fn is_closed(&self) -> bool {
        self.master.gone.is_cancelled()
    }

    pub fn control(&self) -> &Path {
        self.master.session.control_socket()
    }

    fn lost(&self) -> Text {
        if self.is_closed() {
            self.master.words().last()
        } else {
            text!(en: "the ssh master does not answer", pt: "o ssh mestre não responde")
        }
    }

    pub async fn exec(&self, command: &str, input: Feed, patience: Duration) -> Result<Execution, Failure> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| lost(&self.lost()))?;
        let child = self.spawn(command, patience.max(ANSWER_LIMIT)).await?;
        let (execution, pump) = Execution::new();
        tokio::spawn(command::run(child, input, pump, Arc::clone(&self.master), slot));
        Ok(execution)
    }

    async fn spawn(&self, command: &str, patience: Duration) -> Result<Child, Failure> {
        let asked = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let mut command = Arc::clone(&self.master.session).arc_raw_command(command);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
            match tokio::time::timeout(patience, command.spawn()).await {
                Err(_) => return Err(not_begun()),
                Ok(Ok(child)) => return Ok(child),
                Ok(Err(error)) => match self.cause(&error).await {
                    Some(failure) => return Err(failure),
                    None if asked.elapsed() < BUSY_LIMIT => {
                        tokio::time::sleep(pause).await;
                        pause *= 2;
                    }
                    None => return Err(no_session()),
                },
            }
        }
    }

    /// Why the crate failed; `None` where the host refused, over a connection that is in order.
    async fn cause(&self, error: &Error) -> Option<Failure> {
        match error {
            Error::SshMux(_) | Error::Disconnected => {
                let check = tokio::time::timeout(ANSWER_LIMIT, self.master.session.check());
                (!matches!(check.await, Ok(Ok(())))).then(|| lost(&self.lost()))
            }
            _ => Some(lost(&Text::verbatim(error.to_string()))),
        }
    }

    /// Opens a stream to an address as the host sees it.
    pub async fn open_tcp(&self, host: &str, port: u16) -> Result<Stream, OpenError> {
        let refusals = self.master.words().refusals();
        match tokio::time::timeout(ANSWER_LIMIT, open_stream(self.control(), host, port)).await {
            Err(_) => Err(OpenError::TimedOut),
            Ok(Ok(Some(stream))) => Ok(Stream::new(stream, None)),
            Ok(Ok(None)) => {
                // The cause is only in what the master writes, which may arrive after its answer.
                for _ in 0..20 {
                    if self.master.words().refusals() > refusals {
                        break;
                    }
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                let forbidden = self.master.words().forwarding_forbidden();
                Err(if forbidden { OpenError::Forbidden } else { OpenError::Refused })
            }
            Ok(Err(_)) => Err(OpenError::Lost(self.lost())),
        }
    }

    /// Opens a port on the host's loopback address.
    pub async fn reverse_forward(&self) -> Result<ReverseForward, ForwardError> {
        let here = |error: std::io::Error| {
            ForwardError::Failed(lost(
                &text!(en: "no local socket: {error}", pt: "sem socket local: {error}"),
            ))
        };
        let folder = self.control().parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix("r").rand_bytes(4).tempdir_in(folder).map_err(here)?;
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).map_err(here)?;
        let port = self.listen_for(&socket).await?;
        let (sender, incoming) = mpsc::channel(BACKLOG);
        let dropped = CancellationToken::new();
        let guard = dropped.clone().drop_guard();
        let master = Arc::clone(&self.master);
        tokio::spawn(async move {
            tokio::select! {
                () = accept(&listener, &sender) => {}
                () = dropped.cancelled() => {}
                () = master.gone.cancelled() => {}
            }
            drop(sender);
            // Where the connection is gone, so is the port.
            let close = master.session.close_port_forward(ForwardType::Remote, on_host(port), socket);
            let _ = tokio::time::timeout(ANSWER_LIMIT, close).await;
            drop(folder);
        });
        Ok(ReverseForward::new(port, incoming, guard))
    }

    /// Has the host listen on a port. The crate can't take a port that the host chooses, so some are tried.
    async fn listen_for(&self, socket: &Path) -> Result<u16, ForwardError> {
        for _ in 0..PORT_ATTEMPTS {
            let port = self.ports.next();
            let ask = self.master.session.request_port_forward(ForwardType::Remote, on_host(port), socket);
            match tokio::time::timeout(ANSWER_LIMIT, ask).await {
                Ok(Ok(())) => return Ok(port),
                Ok(Err(error)) => {
                    if let Some(failure) = self.cause(&error).await {
                        return Err(ForwardError::Failed(failure));
                    }
                }
                Err(_) => return Err(ForwardError::Failed(no_answer())),
            }
        }
        // All of them can't have been taken.
        Err(ForwardError::Forbidden)
    }

    /// Ends the connection in good order. Where that takes too long, dropping the master's lifeline ends it.
    pub async fn close(self) {
        let Self { master, jump, .. } = self;
        let end = async {
            master.end().await;
            master.gone.cancelled().await;
        };
        let _ = tokio::time::timeout(Duration::from_secs(1), end).await;
        // A command that still runs holds the master for as long as it needs.
        drop((master, jump));
    }
}

async fn accept(listener: &UnixListener, sender: &mpsc::Sender<Stream>) {
    while let Ok((stream, _)) = listener.accept().await {
        if sender.send(Stream::new(stream, None)).await.is_err() {
            return;
        }
    }
}
