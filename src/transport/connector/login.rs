//! Logins, each within its limit of time: few at once through one sshd, and again where a busy one hung up.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::configurations::Configurations;
use super::dial::{dial, reach};
use super::{Connector, held_by_agent};
use crate::model::{Connection, Failure, FailureKind, Text, text};
use crate::transport::builtin::{Builtin, HostKeyCheck, SetupError};
use crate::transport::destination::Destination;
use crate::transport::failure::{failure, lost, silent};
use crate::transport::keys::{Identity, KeyProblem};
use crate::transport::program::{LoginAgent, Order, Program, StartError};
use crate::transport::stream::Duplex;
use crate::transport::{Implementation, Session};

/// Logins at one time through one sshd: below the 10 at which `MaxStartups` begins to drop some.
const LOGINS_AT_ONCE: usize = 8;

/// A host that has said nothing for so long is no work, and keeps no other login waiting.
const SILENCE: Duration = Duration::from_secs(2);

/// Attempts at a server that hangs up before it showed a key.
const ATTEMPTS: u32 = 5;

pub struct Login<'a> {
    pub connection: &'a Connection,
    pub destination: Destination,
    pub password: Option<&'a str>,
    /// How many bastions were passed already.
    pub depth: usize,
}

impl Connector {
    fn gate(&self, destination: &Destination) -> Arc<Semaphore> {
        let sshd = format!("{:?} {} {}", destination.jumps, destination.host, destination.port);
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(sshd).or_insert_with(|| Arc::new(Semaphore::new(LOGINS_AT_ONCE))))
    }

    pub(super) async fn by_builtin(&self, login: &Login<'_>) -> Result<Builtin, SetupError> {
        let destination = &login.destination;
        let identities = self.identities(destination).await;
        check_named_key(destination, &identities, login.password).await?;
        let jump = self.jump(login, false).await?;
        let gate = self.gate(destination);
        let _turn = gate.acquire().await.map_err(|_| silent())?;
        let has_spoken = Arc::default();
        let entering = Box::pin(self.enter(login, &identities, jump.as_ref(), &has_spoken));
        in_turn(&self.logins, || !has_spoken.load(Ordering::Relaxed), entering).await
    }

    /// The login itself, within its limit of time.
    async fn enter(
        &self,
        login: &Login<'_>,
        identities: &[Identity],
        jump: Option<&Arc<Session>>,
        has_spoken: &Arc<AtomicBool>,
    ) -> Result<Builtin, SetupError> {
        let destination = &login.destination;
        let deadline = Instant::now() + login.connection.connect_timeout;
        let mut has_waited = false;
        for attempt in 1.. {
            let stream: Box<dyn Duplex> = match jump {
                None => Box::new(dial(&destination.host, destination.port, deadline).await?),
                Some(jump) => Box::new(reach(jump, destination, deadline).await?),
            };
            let host_key = HostKeyCheck {
                store: self.store.clone(),
                user_files: destination.known_hosts.clone(),
                name: destination.known_name(),
                new_keys: destination.new_keys,
            };
            let (password, jump, has_spoken) = (login.password, jump.cloned(), Arc::clone(has_spoken));
            let setup =
                Builtin::connect(stream, destination, host_key, identities, password, jump, has_spoken);
            match tokio::time::timeout_at(deadline, setup).await {
                Ok(Ok(builtin)) => return Ok(builtin),
                Ok(Err(SetupError::Dropped(failure))) => {
                    let pause = pause(attempt);
                    if attempt == ATTEMPTS || Instant::now() + pause >= deadline {
                        return Err(failure.into());
                    }
                    tokio::time::sleep(pause).await;
                }
                Ok(Err(SetupError::Starting(failure))) => {
                    if has_waited {
                        return Err(failure.into());
                    }
                    has_waited = true;
                    tokio::time::sleep(until_up(deadline)).await;
                }
                Ok(Err(error)) => return Err(error),
                Err(_) => return Err(silent().into()),
            }
        }
        Err(silent().into())
    }

    pub(super) async fn by_program(&self, login: &Login<'_>) -> Result<Program, Failure> {
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
        let through = match jump.as_deref().map(|session| &session.implementation) {
            Some(Implementation::Program(program)) => Some(program.control().to_owned()),
            _ => None,
        };
        let Destination { known_hosts, new_keys, .. } = destination;
        let known = self.store.known(&destination.known_name(), known_hosts, *new_keys)?;
        let Some(ssh) = self.configurations.as_ref().map(Configurations::ssh) else {
            return Err(lost(&text!(en: "there is no ssh program", pt: "não há programa ssh")));
        };
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
        let entering = Box::pin(async {
            let deadline = Instant::now() + login.connection.connect_timeout;
            for attempt in 1.. {
                let order = Order {
                    program: &ssh.program,
                    configuration: ssh.configuration.as_deref(),
                    destination,
                    user: login.connection.user.as_deref(),
                    port: login.connection.port,
                    identity: login.connection.identity.as_deref(),
                    store: &self.store.path,
                    host_key_algorithms: known.algorithm_names(),
                    agent: agent.as_ref().map(|agent| &*agent.socket),
                    through: through.as_deref(),
                    control: control.clone(),
                    limit: deadline - Instant::now(),
                };
                let words = match Program::connect(&order, jump.clone()).await {
                    Ok(program) => return Ok(program),
                    Err(StartError::TimedOut(failure)) => return Err(failure),
                    Err(StartError::NotStarted(error)) => return Err(not_started(&error)),
                    Err(StartError::Ended(words)) => words,
                };
                let pause = if words.is_starting() { until_up(deadline) } else { pause(attempt) };
                let has_waited = words.is_starting() && attempt > 1;
                if has_waited
                    || !words.worth_another_attempt()
                    || attempt == ATTEMPTS
                    || Instant::now() + pause >= deadline
                {
                    return Err(words.failure(destination, &identities, &known, login.password.is_some()));
                }
                tokio::time::sleep(pause).await;
            }
            Err(silent())
        });
        // What a process of its own hears is not known here.
        in_turn(&self.processes, || true, entering).await
    }

    fn control_path(&self) -> PathBuf {
        let number = self.sockets.fetch_add(1, Ordering::Relaxed);
        self.runtime.path().join(format!("c{number}"))
    }
}

/// Has a login wait for its turn, before its time begins to run. One of which nothing is heard keeps no other waiting.
async fn in_turn<T>(
    turns: &Semaphore,
    is_silent: impl Fn() -> bool,
    mut entering: impl Future<Output = T> + Unpin,
) -> T {
    let turn = turns.acquire().await;
    if let Ok(entered) = tokio::time::timeout(SILENCE, &mut entering).await {
        return entered;
    }
    let _kept = turn.ok().filter(|_| !is_silent());
    entering.await
}

fn not_started(error: &std::io::Error) -> Failure {
    failure(
        FailureKind::Connect,
        text!(
            en: "ssh could not be started on this machine",
            pt: "não foi possível iniciar o ssh neste computador",
        ),
        Text::verbatim(error.to_string()),
    )
}

/// How long a host that is starting is left alone: most of the time that is left.
fn until_up(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()) * 2 / 3
}

/// A pause before the next attempt that differs from host to host: they must not come back together.
fn pause(attempt: u32) -> Duration {
    let longest = 200 * 2_u64.saturating_pow(attempt.min(4));
    Duration::from_millis(rand::random_range(longest / 2..=longest))
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
