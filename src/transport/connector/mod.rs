//! Makes connections: one connector for a run. Reads the user's ssh configuration and keys, and decides which
//! implementation serves a host.

mod configurations;
mod dial;
mod jump;
mod login;
mod options;

use std::collections::{HashMap, HashSet};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex};

use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::sync::Semaphore;

pub use self::options::ConnectorOptions;

use self::configurations::Configurations;
use self::jump::{JumpKey, JumpState};
use self::login::Login;
use super::builtin::SetupError;
use super::destination::Destination;
use super::failure::failure;
use super::keys::{Identity, KeyProblem, KeyRing};
use super::known_hosts::Store;
use super::tokens::Surroundings;
use super::{Implementation, Session, recorded};
use crate::error::{Error, Result as ToolResult};
use crate::model::{Connection, Failure, FailureKind, Jump, Text, TransportChoice, text};

/// `ssh -G` processes at one time.
const QUESTIONS_AT_ONCE: usize = 8;

/// Logins at one time with the built-in connection. Each is work for this machine, whose time counts against its limit.
const LOGINS_UNDER_WAY: usize = 256;
/// The same with processes of ssh, which are more work.
const PROCESSES_UNDER_WAY: usize = 30;

/// A control socket's path must leave room for the suffix that ssh adds while it makes it.
const CONTROL_PATH_LIMIT: usize = 80;

pub struct Connector {
    /// `None` without an ssh program.
    configurations: Option<Configurations>,
    surroundings: Surroundings,
    store: Store,
    runtime: TempDir,
    keys: Arc<KeyRing>,
    jumps: Mutex<HashMap<JumpKey, Arc<tokio::sync::Mutex<JumpState>>>>,
    gates: Mutex<HashMap<String, Arc<Semaphore>>>,
    logins: Semaphore,
    processes: Semaphore,
    /// Whether they hold certificates, by their sockets.
    agents: tokio::sync::Mutex<HashMap<PathBuf, bool>>,
    sockets: AtomicUsize,
}

impl Connector {
    /// A connector. Makes its folders where they are missing.
    pub fn new(options: ConnectorOptions) -> ToolResult<Self> {
        let ConnectorOptions { known_hosts, runtime_dir: mut folder, surroundings, ssh } = options;
        let trouble = |path: &Path, error: std::io::Error| {
            Error::file(text!(
                en: "`{path}` can't be written",
                pt: "não foi possível escrever `{path}`", path = path.display()
            ))
            .hint(text!(
                en: "the tool keeps host keys and sockets there: check its owner and the free space",
                pt: "a ferramenta guarda ali chaves de máquinas e sockets: confira o dono e o espaço livre",
            ))
            .because(error)
        };
        let store = Store::open(known_hosts.clone()).map_err(|error| trouble(&known_hosts, error))?;
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
        let configurations = ssh.map(|ssh| Configurations::new(ssh, surroundings.home.clone()));
        Ok(Self {
            configurations,
            surroundings,
            store,
            runtime,
            keys: Arc::default(),
            jumps: Mutex::default(),
            gates: Mutex::default(),
            logins: Semaphore::new(LOGINS_UNDER_WAY),
            processes: Semaphore::new(PROCESSES_UNDER_WAY),
            agents: tokio::sync::Mutex::default(),
            sockets: AtomicUsize::new(0),
        })
    }

    /// Does what may need a person, before any progress is shown: reads the ssh configuration of all hosts, loads
    /// their keys, and asks once for the passphrase of each encrypted key that no agent holds. What fails here
    /// fails again, host by host, when they are connected to.
    pub async fn prepare(&self, hosts: &[&Connection], ask: &(dyn Fn(&Text) -> Option<String> + Sync)) {
        if recorded::world().is_some() {
            return;
        }
        let destinations = futures_util::stream::iter(hosts)
            .map(async |connection| {
                let destination = self.resolve(connection).await.ok()?;
                Some((destination, connection.password.is_some()))
            })
            .buffered(QUESTIONS_AT_ONCE)
            .collect::<Vec<_>>()
            .await;
        let mut asked = HashSet::new();
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
                let path = identity.path.display();
                let question = text!(en: "Passphrase for {path}: ", pt: "Frase secreta de {path}: ");
                if let Some(passphrase) = ask(&question) {
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
        let real = self.connect_at(connection, password, None, 0);
        let Some(world) = recorded::world() else { return real.await };
        let host = world.connect(connection, Box::pin(real)).await?;
        Ok(Session::new(Implementation::Recorded(host), Text::verbatim("a recording"), connection))
    }

    async fn connect_at(
        &self,
        connection: &Connection,
        password: Option<&str>,
        route: Option<&[Jump]>,
        depth: usize,
    ) -> Result<Session, Failure> {
        let mut destination = self.resolve(connection).await?;
        if depth > 0 {
            self.prefer_own_keys(connection, &mut destination).await?;
        }
        if let Some(route) = route {
            destination.jumps = route.to_vec();
        }
        let (program, description) = self.choose(connection, &destination).await?;
        let login = Login { connection, destination, password, depth };
        if program {
            let implementation = Implementation::Program(Box::pin(self.by_program(&login)).await?);
            return Ok(Session::new(implementation, description, connection));
        }
        match self.by_builtin(&login).await {
            // The ssh program is not given passwords.
            Err(SetupError::Undecodable) if self.may_take_program(&login) => {
                let implementation = Implementation::Program(Box::pin(self.by_program(&login)).await?);
                let description = text!(
                    en: "openssh, because the host's banner is no UTF-8",
                    pt: "openssh, porque o banner da máquina não é UTF-8",
                );
                Ok(Session::new(implementation, description, connection))
            }
            login => Ok(Session::new(Implementation::Builtin(login?), description, connection)),
        }
    }

    fn may_take_program(&self, login: &Login<'_>) -> bool {
        let is_open = login.connection.transport == TransportChoice::Auto;
        is_open && self.configurations.is_some() && login.password.is_none()
    }

    async fn resolve(&self, connection: &Connection) -> Result<Destination, Failure> {
        // Before ssh is asked: a name that could be an option must not reach its command line.
        let plain = Destination::resolve(connection, None, &self.surroundings)?;
        let Some(configurations) = &self.configurations else { return Ok(plain) };
        let configuration = configurations.of(connection).await?;
        Destination::resolve(connection, Some(&configuration), &self.surroundings)
    }

    /// A bastion is entered with the keys that the ssh configuration has for it, where it has some; the inventory's is
    /// one more.
    async fn prefer_own_keys(
        &self,
        connection: &Connection,
        destination: &mut Destination,
    ) -> Result<(), Failure> {
        let Some(configurations) = &self.configurations else { return Ok(()) };
        let configuration = configurations.of(connection).await?;
        if configuration.all("identityfile").ne(configurations.system().await?.all("identityfile")) {
            let by_configuration = Connection { identity: None, ..connection.clone() };
            let own = Destination::resolve(&by_configuration, Some(&configuration), &self.surroundings)?;
            let inventory = std::mem::replace(destination, own).identities;
            destination.identities.extend(inventory.into_iter().filter(|_| connection.identity.is_some()));
        }
        Ok(())
    }

    /// Which implementation serves a host, and why, in words.
    async fn choose(
        &self,
        connection: &Connection,
        destination: &Destination,
    ) -> Result<(bool, Text), Failure> {
        let Some(configurations) = &self.configurations else {
            return match connection.transport {
                TransportChoice::Openssh => Err(no_program()),
                _ => Ok((
                    false,
                    text!(
                        en: "russh, without a user configuration: there is no ssh program here",
                        pt: "russh, sem configuração do usuário: não há programa ssh aqui",
                    ),
                )),
            };
        };
        match connection.transport {
            TransportChoice::Openssh => {
                return Ok((
                    true,
                    text!(en: "openssh, as the inventory says", pt: "openssh, como diz o inventário"),
                ));
            }
            TransportChoice::Russh => {
                return Ok((
                    false,
                    text!(en: "russh, as the inventory says", pt: "russh, como diz o inventário"),
                ));
            }
            TransportChoice::Auto => {}
        }
        let configuration = configurations.of(connection).await?;
        let mut reasons = configuration.needs_openssh(configurations.system().await?, has_kerberos_ticket());
        if connection.jump.is_some() || !destination.jumps.is_empty() {
            reasons.retain(|reason| *reason != "ProxyCommand");
        }
        let named = |names: &[&str]| {
            let names = names.join(", ");
            text!(
                en: "openssh, because the ssh configuration of this machine sets {names}",
                pt: "openssh, porque a configuração do ssh deste computador define {names}",
            )
        };
        if !reasons.is_empty() {
            return Ok((true, named(&reasons)));
        }
        let Destination { known_hosts, new_keys, .. } = destination;
        if self.store.known(&destination.known_name(), known_hosts, *new_keys)?.authorities {
            return Ok((
                true,
                text!(
                    en: "openssh, because a certificate authority vouches for the host's key",
                    pt: "openssh, porque uma autoridade certificadora atesta a chave da máquina",
                ),
            ));
        }
        for identity in self.identities(destination).await {
            if identity.certified {
                let key = identity.path.display();
                return Ok((
                    true,
                    text!(
                        en: "openssh, because a certificate lies beside {key}",
                        pt: "openssh, porque há um certificado ao lado de {key}",
                    ),
                ));
            }
            if identity.secret.as_ref().err() == Some(&KeyProblem::SecurityKey)
                && !held_by_agent(destination, &identity).await
            {
                let key = identity.path.display();
                return Ok((
                    true,
                    text!(
                        en: "openssh, because {key} is in a security key that no agent holds",
                        pt: "openssh, porque {key} está numa chave de segurança que nenhum agente guarda",
                    ),
                ));
            }
        }
        if let Some(agent) = destination.agent.as_deref()
            && self.certifies(agent).await
        {
            return Ok((
                true,
                text!(
                    en: "openssh, because the agent holds a certificate",
                    pt: "openssh, porque o agente guarda um certificado",
                ),
            ));
        }
        Ok((
            false,
            text!(
                en: "russh: the ssh configuration asks for nothing that needs the ssh program",
                pt: "russh: a configuração do ssh não pede nada que precise do programa ssh",
            ),
        ))
    }

    /// Whether an agent holds certificates. Each is asked once in a run.
    async fn certifies(&self, agent: &Path) -> bool {
        let mut agents = self.agents.lock().await;
        match agents.get(agent) {
            Some(certifies) => *certifies,
            None => *agents.entry(agent.to_owned()).or_insert(super::builtin::agent_certifies(agent).await),
        }
    }

    /// The key files of a destination. Default keys that do not exist are not worth a word.
    async fn identities(&self, destination: &Destination) -> Vec<Identity> {
        let (keys, paths) = (Arc::clone(&self.keys), destination.identities.clone());
        let read = move || paths.iter().map(|path| keys.identity(path)).collect();
        // All hosts but the first have keys that were read: no thread is worth waking for them.
        let mut identities = match self.keys.known(&destination.identities) {
            Some(identities) => identities,
            None => tokio::task::spawn_blocking(read).await.unwrap_or_default(),
        };
        let is_there = |identity: &Identity| identity.secret.as_ref().err() != Some(&KeyProblem::Missing);
        identities.retain(|identity| destination.identity_named || is_there(identity));
        identities
    }
}

async fn held_by_agent(destination: &Destination, identity: &Identity) -> bool {
    let (Some(socket), Some(public)) = (&destination.agent, &identity.public) else { return false };
    super::builtin::agent_holds(socket, public).await
}

/// Whether this user has a Kerberos ticket that GSSAPI could use.
fn has_kerberos_ticket() -> bool {
    std::env::var_os("KRB5CCNAME").is_some()
        || Path::new(&format!("/tmp/krb5cc_{}", rustix::process::getuid().as_raw())).exists()
}

/// The inventory asks for a program that is not there.
fn no_program() -> Failure {
    failure(
        FailureKind::Connect,
        text!(en: "there is no ssh program on this machine", pt: "não há programa ssh neste computador"),
        text!(
            en: "install it (`apt install openssh-client`), or set `ssh.transport: russh`",
            pt: "instale-o (`apt install openssh-client`), ou use `ssh.transport: russh`",
        ),
    )
}
