//! Makes connections: one connector for a run. Decides which implementation serves a host, shares connections to
//! jump hosts, keeps logins through one sshd few at a time, and tries again what a busy sshd dropped.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::{OnceCell, Semaphore};
use tokio::time::Instant;

use super::builtin::{Builtin, HostKeyCheck, SetupError};
use super::destination::{Destination, Surroundings};
use super::failure::{
    connect_timed_out, failure, lost, refused, silent, through_jump, unreachable, unresolved,
};
use super::keys::{Identity, KeyProblem, KeyRing};
use super::known_hosts::Store;
use super::program::{LoginAgent, Order, Program, StartError};
use super::stream::{Duplex, OpenError};
use super::user_configuration::{Ssh, UserConfiguration};
use super::{Implementation, Session};
use crate::error::{Error, Result as ToolResult};
use crate::model::{Connection, Failure, FailureKind, HostKeyPolicy, Jump, TransportChoice};

/// Logins at one time through one sshd: below the 10 at which MaxStartups begins to drop some.
const LOGINS_AT_ONCE: usize = 8;

/// Attempts at a server that hangs up before it showed a key.
const ATTEMPTS: u32 = 5;

/// `ssh -G` processes at one time.
const QUESTIONS_AT_ONCE: usize = 8;

/// Bastions behind bastions.
const JUMP_LIMIT: usize = 5;

/// A control socket's path must leave room for the suffix that ssh adds while it makes it.
const CONTROL_PATH_LIMIT: usize = 80;

/// Where a connector finds and keeps things.
#[derive(Debug, Clone)]
pub struct ConnectorOptions {
    /// The tool's own known_hosts file.
    pub known_hosts: PathBuf,
    /// A folder for control sockets, the user's own.
    pub runtime_dir: PathBuf,
    /// The user's home folder.
    pub home: PathBuf,
    /// The user's login name on this machine.
    pub user: String,
    /// The socket of the user's agent.
    pub agent: Option<PathBuf>,
    /// The ssh program; without one the built-in implementation does what it can.
    pub ssh: Option<PathBuf>,
    /// A configuration file for ssh instead of the user's and the system's.
    pub ssh_configuration: Option<PathBuf>,
}

impl ConnectorOptions {
    /// Options with all the rest as this process finds it.
    pub fn new(known_hosts: PathBuf, runtime_dir: PathBuf) -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let user = ["USER", "LOGNAME"].into_iter().find_map(variable);
        Self {
            known_hosts,
            runtime_dir,
            home: std::env::home_dir().unwrap_or_else(|| PathBuf::from("/")),
            user: user.map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned()),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
            ssh: which::which("ssh").ok(),
            ssh_configuration: None,
        }
    }
}

/// Makes all connections of a run.
pub struct Connector {
    ssh: Option<Ssh>,
    surroundings: Surroundings,
    store: Store,
    runtime: TempDir,
    keys: Arc<KeyRing>,
    system: OnceCell<UserConfiguration>,
    configurations: Mutex<HashMap<Question, Arc<OnceCell<Result<Arc<UserConfiguration>, Failure>>>>>,
    jumps: Mutex<HashMap<JumpKey, Arc<tokio::sync::Mutex<JumpState>>>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    sockets: std::sync::atomic::AtomicUsize,
}

/// What `ssh -G` is asked: host, user, port.
type Question = (String, Option<String>, Option<u16>);

/// Connections to a bastion are shared where all of this is alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct JumpKey {
    hops: Vec<Jump>,
    identity: Option<PathBuf>,
    program: bool,
    policy: HostKeyPolicy,
}

/// A bastion's shared connection.
#[derive(Default)]
enum JumpState {
    #[default]
    Closed,
    Open(Arc<Session>),
    /// It refused us, which it would do again: not asked a second time in this run.
    Refused(Failure),
}

/// What a login needs besides the destination.
struct Login<'a> {
    connection: &'a Connection,
    destination: Destination,
    password: Option<&'a str>,
    depth: usize,
}

impl Connector {
    /// A connector. Makes its folders where they are missing.
    pub fn new(options: ConnectorOptions) -> ToolResult<Self> {
        use std::os::unix::fs::DirBuilderExt;
        let trouble = |path: &Path, error: std::io::Error| {
            Error::new(format!("`{}` can't be written", path.display()))
                .hint("the tool keeps host keys and sockets there: check its owner and the free space")
                .because(error)
        };
        let store =
            Store::open(options.known_hosts.clone()).map_err(|error| trouble(&options.known_hosts, error))?;
        let mut folder = options.runtime_dir;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| trouble(&folder, error))?;
        if folder.as_os_str().len() > CONTROL_PATH_LIMIT - 20 {
            folder = std::env::temp_dir();
        }
        let runtime = tempfile::Builder::new()
            .prefix("ssh-")
            .rand_bytes(6)
            .tempdir_in(&folder)
            .map_err(|error| trouble(&folder, error))?;
        let configuration = options.ssh_configuration;
        Ok(Self {
            ssh: options.ssh.map(|program| Ssh { program, configuration }),
            surroundings: Surroundings { home: options.home, user: options.user, agent: options.agent },
            store,
            runtime,
            keys: Arc::default(),
            system: OnceCell::new(),
            configurations: Mutex::default(),
            jumps: Mutex::default(),
            gates: Mutex::default(),
            sockets: std::sync::atomic::AtomicUsize::new(0),
        })
    }

    /// Does what may need a person, before any progress is shown: reads the ssh configuration of all hosts, loads
    /// their keys, and asks once for the passphrase of each encrypted key that no agent holds. What fails here
    /// fails again, host by host, when they are connected to.
    pub async fn prepare(&self, hosts: &[&Connection], ask: &(dyn Fn(&str) -> Option<String> + Sync)) {
        let destinations = futures_util::stream::iter(hosts)
            .map(async |connection| {
                let destination = self.resolve(connection).await.ok()?;
                Some((destination, connection.password.is_some()))
            })
            .buffered(QUESTIONS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut asked = std::collections::HashSet::new();
        for (destination, password) in destinations.into_iter().flatten() {
            // A default key is not worth a question where the host is entered by password.
            if password && !destination.identity_named {
                continue;
            }
            for identity in self.identities(&destination).await {
                let locked = identity.secret.as_ref().err() == Some(&KeyProblem::Encrypted);
                if !locked
                    || !asked.insert(identity.path.clone())
                    || held_by_agent(&destination, &identity).await
                {
                    continue;
                }
                if let Some(passphrase) = ask(&format!("Passphrase for {}", identity.path.display())) {
                    let keys = Arc::clone(&self.keys);
                    // Its outcome is kept with the key; a panic there leaves the key locked.
                    let _ =
                        tokio::task::spawn_blocking(move || keys.unlock(&identity.path, &passphrase)).await;
                }
            }
        }
    }

    /// Connects and logs in. The password, where there is one, is tried once.
    pub async fn connect(&self, connection: &Connection, password: Option<&str>) -> Result<Session, Failure> {
        self.connect_at(connection, password, None, 0).await
    }

    async fn connect_at(
        &self,
        connection: &Connection,
        password: Option<&str>,
        route: Option<&[Jump]>,
        depth: usize,
    ) -> Result<Session, Failure> {
        let mut destination = self.resolve(connection).await?;
        if let Some(route) = route {
            destination.jumps = route.to_vec();
        }
        let (program, reason) = self.choose(connection, &destination).await?;
        let login = Login { connection, destination, password, depth };
        let implementation = if program {
            Implementation::Program(self.by_program(&login).await?)
        } else {
            Implementation::Builtin(self.by_builtin(&login).await?)
        };
        Ok(Session::new(implementation, reason))
    }

    async fn resolve(&self, connection: &Connection) -> Result<Destination, Failure> {
        // Before ssh is asked: a name that could be an option must not reach its command line.
        let plain = Destination::resolve(connection, None, &self.surroundings)?;
        if self.ssh.is_none() {
            return Ok(plain);
        }
        let configuration = self.configuration(connection).await?;
        Destination::resolve(connection, configuration.as_deref(), &self.surroundings)
    }

    async fn configuration(
        &self,
        connection: &Connection,
    ) -> Result<Option<Arc<UserConfiguration>>, Failure> {
        let Some(ssh) = &self.ssh else { return Ok(None) };
        let question = (connection.address.clone(), connection.user.clone(), connection.port);
        let cell = {
            let mut cells = self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(question).or_default())
        };
        let ask = || async {
            UserConfiguration::ask(ssh, &connection.address, connection.user.as_deref(), connection.port)
                .await
                .map(Arc::new)
        };
        cell.get_or_init(ask).await.clone().map(Some)
    }

    /// Which implementation serves a host, and why, in words.
    async fn choose(
        &self,
        connection: &Connection,
        destination: &Destination,
    ) -> Result<(bool, String), Failure> {
        let Some(ssh) = &self.ssh else {
            return match connection.transport {
                TransportChoice::Openssh => Err(failure(
                    FailureKind::Connect,
                    "there is no ssh program on this machine",
                    "install it (`apt install openssh-client`), or set `ssh.transport: russh`",
                )),
                _ => Ok((
                    false,
                    "russh, without a user configuration: there is no ssh program here".to_owned(),
                )),
            };
        };
        match connection.transport {
            TransportChoice::Openssh => return Ok((true, "openssh, as the inventory says".to_owned())),
            TransportChoice::Russh => return Ok((false, "russh, as the inventory says".to_owned())),
            TransportChoice::Auto => {}
        }
        let system = self.system.get_or_try_init(|| UserConfiguration::ask_system(ssh)).await?;
        let mut reasons = Vec::new();
        if let Some(configuration) = self.configuration(connection).await? {
            reasons = configuration.needs_openssh(system, has_kerberos_ticket());
            if connection.jump.is_some() || !destination.jumps.is_empty() {
                reasons.retain(|reason| *reason != "ProxyCommand");
            }
        }
        let named = |names: &[&str]| {
            format!("openssh, because the ssh configuration of this machine sets {}", names.join(", "))
        };
        if !reasons.is_empty() {
            return Ok((true, named(&reasons)));
        }
        if self.store.known(&destination.known_name(), &destination.known_hosts).has_authority() {
            return Ok((
                true,
                "openssh, because a certificate authority vouches for the host's key".to_owned(),
            ));
        }
        for identity in self.identities(destination).await {
            if identity.secret.as_ref().err() == Some(&KeyProblem::SecurityKey)
                && !held_by_agent(destination, &identity).await
            {
                let key = identity.path.display();
                return Ok((
                    true,
                    format!("openssh, because {key} is in a security key that no agent holds"),
                ));
            }
        }
        Ok((false, "russh".to_owned()))
    }

    /// The key files of a destination. Default keys that do not exist are not worth a word.
    async fn identities(&self, destination: &Destination) -> Vec<Identity> {
        let keys = Arc::clone(&self.keys);
        let (paths, named) = (destination.identities.clone(), destination.identity_named);
        let load = move || {
            let identities = paths.iter().map(|path| keys.identity(path));
            identities
                .filter(|identity| named || identity.secret.as_ref().err() != Some(&KeyProblem::Missing))
                .collect()
        };
        tokio::task::spawn_blocking(load).await.unwrap_or_default()
    }

    fn gate(&self, destination: &Destination) -> Arc<Semaphore> {
        let sshd = format!("{:?} {} {}", destination.jumps, destination.host, destination.port);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(sshd).or_insert_with(|| Arc::new(Semaphore::new(LOGINS_AT_ONCE))))
    }

    async fn by_builtin(&self, login: &Login<'_>) -> Result<Builtin, Failure> {
        let destination = &login.destination;
        let identities = self.identities(destination).await;
        check_named_key(destination, &identities, login.password).await?;
        let jump = self.jump(login, false).await?;
        let gate = self.gate(destination);
        let _turn = gate.acquire().await.map_err(|_| silent())?;
        let deadline = Instant::now() + login.connection.connect_timeout;
        for attempt in 1.. {
            let stream: Box<dyn Duplex> = match &jump {
                None => Box::new(dial(&destination.host, destination.port, deadline).await?),
                Some(jump) => Box::new(reach(jump, destination, deadline).await?),
            };
            let host_key = HostKeyCheck {
                store: self.store.clone(),
                user_files: destination.known_hosts.clone(),
                name: destination.known_name(),
                policy: login.connection.host_keys,
            };
            let setup = Builtin::connect(stream, destination, host_key, &identities, login.password);
            match tokio::time::timeout_at(deadline, setup).await {
                Ok(Ok(builtin)) => return Ok(builtin.through(jump)),
                Ok(Err(SetupError::Failed(failure))) => return Err(failure),
                Ok(Err(SetupError::Dropped(failure))) if attempt == ATTEMPTS => return Err(failure),
                Ok(Err(SetupError::Dropped(failure))) => {
                    let pause = pause(attempt);
                    if Instant::now() + pause >= deadline {
                        return Err(failure);
                    }
                    tokio::time::sleep(pause).await;
                }
                Err(_) => return Err(silent()),
            }
        }
        Err(silent())
    }

    async fn by_program(&self, login: &Login<'_>) -> Result<Program, Failure> {
        let destination = &login.destination;
        let identities = self.identities(destination).await;
        if destination.identity_named
            && let [Identity { path, secret: Err(problem), .. }] = identities.as_slice()
            && matches!(
                problem,
                KeyProblem::Missing | KeyProblem::Unreadable(_) | KeyProblem::OpenToOthers(_)
            )
        {
            return Err(problem.failure(path));
        }
        let jump = self.jump(login, true).await?;
        let through = match jump.as_deref().map(Session::implementation) {
            Some(Implementation::Program(program)) => Some(program.control().to_owned()),
            _ => None,
        };
        let known = self.store.known(&destination.known_name(), &destination.known_hosts);
        let Some(ssh) = &self.ssh else { return Err(lost("there is no ssh program")) };
        let control = self.control_path();
        let unlocked = identities.iter().filter(|identity| identity.unlocked);
        let unlocked: Vec<_> = unlocked.filter_map(|identity| identity.secret.clone().ok()).collect();
        let agent = if unlocked.is_empty() {
            None
        } else {
            let agent = LoginAgent::start(control.with_extension("a"), &unlocked).await;
            Some(agent.map_err(|error| not_started(&error))?)
        };
        let gate = self.gate(destination);
        let _turn = gate.acquire().await.map_err(|_| silent())?;
        let deadline = Instant::now() + login.connection.connect_timeout;
        for attempt in 1.. {
            let order = Order {
                program: &ssh.program,
                configuration: ssh.configuration.as_deref(),
                destination,
                user: login.connection.user.as_deref(),
                port: login.connection.port,
                identity: login.connection.identity.as_deref(),
                store: self.store.path(),
                policy: login.connection.host_keys,
                host_key_algorithms: known.algorithm_names(),
                agent: agent.as_ref().map(LoginAgent::socket),
                through: through.as_deref(),
                control: control.clone(),
                limit: deadline - Instant::now(),
            };
            let words = match Program::connect(&order).await {
                Ok(program) => return Ok(program.through(jump)),
                Err(StartError::TimedOut(failure)) => return Err(failure),
                Err(StartError::NotStarted(error)) => return Err(not_started(&error)),
                Err(StartError::Ended(words)) => words,
            };
            let pause = pause(attempt);
            if !words.worth_another_attempt() || attempt == ATTEMPTS || Instant::now() + pause >= deadline {
                return Err(words.failure(destination, &identities, &known, login.password.is_some()));
            }
            tokio::time::sleep(pause).await;
        }
        Err(silent())
    }

    fn control_path(&self) -> PathBuf {
        let number = self.sockets.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.runtime.path().join(format!("c{number}"))
    }

    /// The shared connection to the bastion of a destination, if it has one.
    async fn jump(&self, login: &Login<'_>, program: bool) -> Result<Option<Arc<Session>>, Failure> {
        let hops = &login.destination.jumps;
        let Some((nearest, before)) = hops.split_last() else { return Ok(None) };
        if login.depth >= JUMP_LIMIT || before.len() >= JUMP_LIMIT {
            return Err(failure(
                FailureKind::Jump,
                "there are too many jump hosts behind each other",
                "look for a ProxyJump in the ssh configuration that leads back to itself",
            ));
        }
        let key = JumpKey {
            hops: hops.clone(),
            identity: login.connection.identity.clone(),
            program,
            policy: login.connection.host_keys,
        };
        let state = {
            let mut jumps = self.jumps.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(jumps.entry(key).or_default())
        };
        let mut state = state.lock().await;
        match &*state {
            JumpState::Open(session) if !session.is_closed() => return Ok(Some(Arc::clone(session))),
            JumpState::Refused(failure) => return Err(failure.clone()),
            _ => {}
        }
        let bastion = Connection {
            address: nearest.host.clone(),
            user: nearest.user.clone(),
            port: nearest.port,
            identity: login.connection.identity.clone(),
            jump: None,
            transport: if program { TransportChoice::Openssh } else { TransportChoice::Auto },
            host_keys: login.connection.host_keys,
            connect_timeout: login.connection.connect_timeout,
            // A host's password is none of the bastion's business.
            password: None,
        };
        // The first bastion's own ProxyJump holds; for the others the list says how to get there.
        let route = (!before.is_empty()).then_some(before);
        match Box::pin(self.connect_at(&bastion, None, route, login.depth + 1)).await {
            Ok(session) => {
                let session = Arc::new(session);
                *state = JumpState::Open(Arc::clone(&session));
                Ok(Some(session))
            }
            Err(failure) => {
                let final_word = matches!(failure.kind, FailureKind::Login | FailureKind::HostKey);
                let failure = through_jump(failure);
                if final_word {
                    *state = JumpState::Refused(failure.clone());
                }
                Err(failure)
            }
        }
    }
}

fn not_started(error: &std::io::Error) -> Failure {
    failure(FailureKind::Connect, "ssh could not be started on this machine", error.to_string())
}

/// A pause before the next attempt that differs from host to host: they must not come back together.
fn pause(attempt: u32) -> Duration {
    let longest = 200 * 2_u64.saturating_pow(attempt.min(4));
    Duration::from_millis(rand::random_range(longest / 2..=longest))
}

/// Connects to the first address of a name that answers; each gets its share of the time.
async fn dial(host: &str, port: u16, deadline: Instant) -> Result<TcpStream, Failure> {
    let lookup = tokio::net::lookup_host((host, port));
    let addresses = match tokio::time::timeout_at(deadline, lookup).await {
        Ok(Ok(addresses)) => addresses.collect::<Vec<_>>(),
        _ => return Err(unresolved(host)),
    };
    let mut last = unresolved(host);
    for (index, address) in addresses.iter().enumerate() {
        let left = u32::try_from(addresses.len() - index).unwrap_or(1);
        let share = deadline.saturating_duration_since(Instant::now()) / left;
        match tokio::time::timeout(share, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                // Small answers must not wait for each other; where it can't be set they merely do.
                let _ = stream.set_nodelay(true);
                return Ok(stream);
            }
            Ok(Err(error)) => last = unreachable(&error),
            Err(_) => last = connect_timed_out(),
        }
    }
    Err(last)
}

/// Opens a stream to a destination through a bastion.
async fn reach(
    jump: &Session,
    destination: &Destination,
    deadline: Instant,
) -> Result<impl Duplex + use<>, Failure> {
    let open = jump.open_stream(&destination.host, destination.port);
    let failed = match tokio::time::timeout_at(deadline, open).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(error)) => error,
        Err(_) => OpenError::TimedOut,
    };
    Err(match failed {
        OpenError::Refused => Failure {
            hint: Some(
                "as seen from the jump host: check the host's address and port, and that it is on".to_owned(),
            ),
            ..refused()
        },
        OpenError::TimedOut => connect_timed_out(),
        OpenError::Forbidden => through_jump(failure(
            FailureKind::Jump,
            "it forbids TCP forwarding",
            "allow it in the jump host's sshd_config: `AllowTcpForwarding yes`",
        )),
        OpenError::Lost(reason) => through_jump(lost(&reason)),
    })
}

/// A named key that can't work fails before the host is troubled, unless a password may do.
async fn check_named_key(
    destination: &Destination,
    identities: &[Identity],
    password: Option<&str>,
) -> Result<(), Failure> {
    if let [identity] = identities
        && destination.identity_named
        && password.is_none()
        && let Err(problem) = &identity.secret
        && !held_by_agent(destination, identity).await
    {
        return Err(problem.failure(&identity.path));
    }
    Ok(())
}

/// Whether the destination's agent holds a key.
async fn held_by_agent(destination: &Destination, identity: &Identity) -> bool {
    let (Some(socket), Some(public)) = (&destination.agent, &identity.public) else { return false };
    super::builtin::agent_holds(socket, public).await
}

/// Whether this user has a Kerberos ticket that GSSAPI could use.
fn has_kerberos_ticket() -> bool {
    std::env::var_os("KRB5CCNAME").is_some()
        || Path::new(&format!("/tmp/krb5cc_{}", rustix::process::getuid().as_raw())).exists()
}
