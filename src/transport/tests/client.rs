//! The client's side of a test: a connector that knows nothing of the developer's own ssh files.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::sshd::{Sshd, USER, generate_key};
use crate::model::{Connection, TransportChoice, samples};
use crate::transport::tokens::Surroundings;
use crate::transport::user_configuration::Ssh;
use crate::transport::{Connector, ConnectorOptions, Execution, Exit, Output, Session};

pub struct Client {
    pub connector: Connector,
    pub folder: TempDir,
    pub key: PathBuf,
}

impl Client {
    pub fn new() -> Self {
        Self::with_configuration("")
    }

    pub fn with_configuration(extra: &str) -> Self {
        Self::with(extra, |_| {})
    }

    pub fn with(extra: &str, change: impl FnOnce(&mut ConnectorOptions)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let configuration = path.join("ssh_config");
        let lines = format!(
            "{extra}\nHost *\n  UserKnownHostsFile {}\n  GlobalKnownHostsFile none\n  IdentityAgent none\n  IdentityFile {}\n",
            path.join("user_known_hosts").display(),
            path.join("no_such_key").display(),
        );
        std::fs::write(&configuration, lines).unwrap();
        let key = path.join("key");
        generate_key(&key, "ed25519", "");
        let mut options = ConnectorOptions {
            known_hosts: path.join("known_hosts"),
            runtime_dir: path.join("run"),
            surroundings: Surroundings { home: path.to_owned(), user: USER.to_owned(), agent: None },
            ssh: Some(Ssh {
                program: which::which("ssh").expect("ssh is missing: install openssh-client"),
                configuration: Some(configuration),
            }),
        };
        change(&mut options);
        Self { connector: Connector::new(options).unwrap(), folder, key }
    }

    /// Settings that reach a test's sshd with the client's key.
    pub fn to(&self, sshd: &Sshd, transport: TransportChoice) -> Connection {
        sshd.authorize(&self.key.with_extension("pub"));
        Connection { identity: Some(self.key.clone()), ..connection(sshd.port, transport) }
    }

    pub async fn connect(&self, sshd: &Sshd, transport: TransportChoice) -> Session {
        self.session(&self.to(sshd, transport), sshd).await
    }

    pub async fn session(&self, connection: &Connection, sshd: &Sshd) -> Session {
        match self.connector.connect(connection, None).await {
            Ok(session) => session,
            Err(failure) => panic!("{failure:?}\n{}", sshd.log()),
        }
    }
}

pub fn connection(port: u16, transport: TransportChoice) -> Connection {
    Connection {
        user: Some(USER.to_owned()),
        port: Some(port),
        transport,
        connect_timeout: Duration::from_secs(15),
        ..samples::connection("127.0.0.1")
    }
}

/// Everything a command gave, to its end.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Finished {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub exit: Option<Exit>,
}

pub async fn finish(mut execution: Execution) -> Finished {
    let mut finished = Finished::default();
    let all = async {
        while let Some(output) = execution.next().await {
            match output {
                Output::Stdout(bytes) => finished.stdout.extend(bytes),
                Output::Stderr(bytes) => finished.stderr.extend(bytes),
                Output::Exit(exit) => finished.exit = Some(exit),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("the command ends");
    finished
}

pub async fn run(session: &Session, command: &str, input: &[u8]) -> Finished {
    let mut execution = session.exec(command, input.to_vec()).await.unwrap();
    execution.close_input();
    finish(execution).await
}
