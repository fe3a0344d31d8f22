//! SSH by the user's own ssh program: for what only that can do. Owns one master process and what runs over it.

mod agent;
mod control;
mod diagnosis;
mod master;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

pub use self::agent::LoginAgent;
pub use self::master::{Order, StartError};

use self::control::{Answer, Control, ControlSession};
use self::master::Master;
use super::builtin::{ANSWER_LIMIT, SESSION_LIMIT};
use super::execution::{Execution, Exit, Linger, Output, Pump};
use super::failure::{lost, no_session};
use super::stream::{ForwardError, OpenError, ReverseForward, Stream};
use crate::model::Failure;

/// How long a busy host is asked again for a channel.
const BUSY_LIMIT: Duration = Duration::from_secs(5);

/// Connections to one reverse forward that wait to be accepted.
const BACKLOG: usize = 32;

/// A command whose end was not told: so long the master may take to end too, which tells a lost connection.
const FAREWELL: Duration = Duration::from_millis(300);

/// A logged-in connection.
pub struct Program {
    master: Arc<Master>,
    slots: Arc<Semaphore>,
    /// The connection that carries this one.
    jump: Option<Arc<super::Session>>,
}

impl Program {
    /// Starts a master and waits for its login.
    pub async fn connect(order: &Order<'_>) -> Result<Self, StartError> {
        let master = Master::start(order).await?;
        Ok(Self { master: Arc::new(master), slots: Arc::new(Semaphore::new(SESSION_LIMIT)), jump: None })
    }

    /// Keeps the connection to the bastion that carries this one.
    pub fn through(self, jump: Option<Arc<super::Session>>) -> Self {
        Self { jump, ..self }
    }

    /// Whether the connection is gone.
    pub fn is_closed(&self) -> bool {
        self.master.gone().is_cancelled()
    }

    /// The control socket, for connections through this host.
    pub fn control(&self) -> &Path {
        self.master.control()
    }

    fn lost(&self) -> String {
        if self.is_closed() {
            self.master.words().last()
        } else {
            "the ssh master does not answer".to_owned()
        }
    }

    /// Starts a command.
    pub async fn exec(&self, command: &str, input: Vec<u8>) -> Result<Execution, Failure> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| lost(&self.lost()))?;
        let session = self.open_session(command).await?;
        let (execution, pump) = Execution::new();
        tokio::spawn(run(session, input, pump, Arc::clone(&self.master), slot));
        Ok(execution)
    }

    async fn open_session(&self, command: &str) -> Result<ControlSession, Failure> {
        let asked = tokio::time::Instant::now();
        let mut pause = Duration::from_millis(50);
        loop {
            let open = async { Control::connect(self.control()).await?.open_session(command).await };
            match tokio::time::timeout(ANSWER_LIMIT, open).await {
                Err(_) => return Err(lost("the host did not answer in time")),
                Ok(Ok(Some(session))) => return Ok(session),
                Ok(Ok(None)) if asked.elapsed() < BUSY_LIMIT => {
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Ok(Ok(None)) => return Err(no_session()),
                Ok(Err(_)) => return Err(lost(&self.lost())),
            }
        }
    }

    /// Opens a stream to an address as the host sees it.
    pub async fn open_tcp(&self, host: &str, port: u16) -> Result<Stream, OpenError> {
        let refusals = self.master.words().refusals();
        let open = async { Control::connect(self.control()).await?.open_stream(host, port).await };
        match tokio::time::timeout(ANSWER_LIMIT, open).await {
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
        let here = |error: std::io::Error| ForwardError::Failed(lost(&format!("no local socket: {error}")));
        let folder = self.control().parent().unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix("r").rand_bytes(4).tempdir_in(folder).map_err(here)?;
        let socket = folder.path().join("s");
        let listener = UnixListener::bind(&socket).map_err(here)?;
        let ask = async { Control::connect(self.control()).await?.open_reverse(&socket).await };
        let port = match tokio::time::timeout(ANSWER_LIMIT, ask).await {
            Ok(Ok(Answer::Port(port))) => u16::try_from(port).unwrap_or_default(),
            // The host was free to choose a port, so it was not the port that it did not like.
            Ok(Ok(_)) => return Err(ForwardError::Forbidden),
            Ok(Err(_)) => return Err(ForwardError::Failed(lost(&self.lost()))),
            Err(_) => return Err(ForwardError::Failed(lost("the host did not answer in time"))),
        };
        let (sender, incoming) = mpsc::channel(BACKLOG);
        let dropped = CancellationToken::new();
        let guard = dropped.clone().drop_guard();
        let master = Arc::clone(&self.master);
        tokio::spawn(async move {
            tokio::select! {
                () = accept(&listener, &sender) => {}
                () = dropped.cancelled() => {}
                () = master.gone().cancelled() => {}
            }
            drop(sender);
            // Where the connection is gone, so is the port.
            let ask = async { Control::connect(master.control()).await?.close_reverse(&socket).await };
            let _ = tokio::time::timeout(ANSWER_LIMIT, ask).await;
            drop(folder);
        });
        Ok(ReverseForward::new(port, incoming, guard))
    }

    /// Asks the master to end. Where it does not, dropping its lifeline ends it.
    pub async fn close(self) {
        let gone = self.master.gone().clone();
        let jump = self.jump;
        drop(self.master);
        // What still runs over it holds it for as long as it needs.
        let _ = tokio::time::timeout(Duration::from_secs(1), gone.cancelled()).await;
        drop(jump);
    }
}

async fn accept(listener: &UnixListener, sender: &mpsc::Sender<Stream>) {
    while let Ok((stream, _)) = listener.accept().await {
        if sender.send(Stream::new(stream, None)).await.is_err() {
            return;
        }
    }
}

/// Runs a command until it ended or its execution was dropped, which closes its channel.
async fn run(
    session: ControlSession,
    input: Vec<u8>,
    pump: Pump,
    master: Arc<Master>,
    slot: OwnedSemaphorePermit,
) {
    let ControlSession { mut stdin, stdout, stderr, mut end } = session;
    let ended = CancellationToken::new();
    let write_input = async {
        let feed = async {
            stdin.write_all(&input).await?;
            pump.input.cancelled().await;
            Ok::<_, std::io::Error>(())
        };
        tokio::select! {
            // A command that does not read its input is no failure: it says how it ended itself.
            _ = feed => {}
            () = ended.cancelled() => {}
        }
        drop(stdin);
    };
    let wait = async {
        let status = end.wait().await;
        ended.cancel();
        status
    };
    let work = async {
        let read_stdout = hand_on(stdout, Output::Stdout, &pump, &ended);
        let read_stderr = hand_on(stderr, Output::Stderr, &pump, &ended);
        tokio::join!(wait, write_input, read_stdout, read_stderr).0
    };
    let status = tokio::select! {
        status = work => status,
        () = pump.output.closed() => return,
    };
    let exit = match status {
        Some(code) => Exit::Code(code),
        None => exit_without_status(&master).await,
    };
    // The execution may just have been dropped; then nobody asks.
    let _ = pump.output.send(Output::Exit(exit)).await;
    drop((end, slot));
}

/// A signal ended the command, or the connection ended; the protocol does not tell which.
async fn exit_without_status(master: &Master) -> Exit {
    let gone = tokio::time::timeout(FAREWELL, master.gone().cancelled()).await.is_ok();
    if gone || Control::connect(master.control()).await.is_err() {
        Exit::Lost(master.words().last())
    } else {
        Exit::Signal("unknown".to_owned())
    }
}

async fn hand_on(
    mut reader: impl AsyncRead + Unpin,
    wrap: fn(bytes::Bytes) -> Output,
    pump: &Pump,
    ended: &CancellationToken,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut linger = Linger::new();
    loop {
        let read = if ended.is_cancelled() {
            linger.wait(reader.read(&mut buffer)).await
        } else {
            tokio::select! {
                biased;
                read = reader.read(&mut buffer) => Some(read),
                () = ended.cancelled() => continue,
            }
        };
        match read {
            Some(Ok(length)) if length > 0 => {
                let bytes = bytes::Bytes::copy_from_slice(&buffer[..length]);
                if pump.output.send(wrap(bytes)).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}
