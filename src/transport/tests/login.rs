//! Login: keys, agents, passwords, and what is said when it fails.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use super::client::{Client, connection, run};
use super::over_both;
use super::sshd::{PASSWORD, Sshd, USER, generate_key};
use crate::model::{Connection, Failure, FailureKind, Text, TransportChoice};

over_both!(
    an_encrypted_key_is_asked_for_once_and_opened,
    a_wrong_passphrase_is_named,
    no_passphrase_is_named,
    a_wrong_key_is_named,
    key_files_that_cannot_work_are_named,
    the_agent_signs_with_the_key_that_is_named,
    keys_of_the_agent_are_tried_within_limits,
    the_users_configuration_holds,
    a_password_that_is_wanted_and_missing_is_named,
);

async fn refusal(client: &Client, connection: &Connection, password: Option<&str>) -> Failure {
    let failure = client.connector.connect(connection, password).await.err().expect("the login is refused");
    assert_eq!(failure.kind, FailureKind::Login, "{failure:?}");
    assert!(failure.hint.is_some());
    failure
}

fn encrypted(client: &Client, sshd: &Sshd, transport: TransportChoice) -> Connection {
    let key = client.folder.path().join("encrypted");
    generate_key(&key, "ed25519", "open sesame");
    sshd.authorize(&key.with_extension("pub"));
    Connection { identity: Some(key), ..connection(sshd.port, transport) }
}

async fn an_encrypted_key_is_asked_for_once_and_opened(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = encrypted(&client, &sshd, transport);
    let asked = AtomicUsize::new(0);
    let ask = |_: &Text| {
        asked.fetch_add(1, Ordering::Relaxed);
        Some("open sesame".to_owned())
    };
    client.connector.prepare(&[&connection, &connection], &ask).await;
    for _ in 0..2 {
        let session = client.session(&connection, &sshd).await;
        assert_eq!(run(&session, "echo in", b"").await.stdout, b"in\n");
    }
    assert_eq!(asked.into_inner(), 1);
}

async fn a_wrong_passphrase_is_named(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = encrypted(&client, &sshd, transport);
    client.connector.prepare(&[&connection], &|_| Some("wrong".to_owned())).await;
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(failure.message.english(), "the passphrase does not open the private key");
}

async fn no_passphrase_is_named(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = encrypted(&client, &sshd, transport);
    client.connector.prepare(&[&connection], &|_| None).await;
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(
        failure.message.english(),
        "the private key is encrypted, and neither a passphrase nor an agent is at hand"
    );
}

async fn a_wrong_key_is_named(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = Connection { identity: Some(client.key.clone()), ..connection(sshd.port, transport) };
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(failure.message.english(), "the key was refused");
}

async fn key_files_that_cannot_work_are_named(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let mut connection = client.to(&sshd, transport);
    std::fs::set_permissions(&client.key, PermissionsExt::from_mode(0o644)).unwrap();
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(failure.message.english(), "the private key file is open to other users of this machine");
    connection.identity = Some(client.folder.path().join("nothing"));
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(failure.message.english(), "the private key file does not exist");
}

/// An agent of the test's own, ended with it.
pub struct Agent(std::process::Child, std::path::PathBuf);

impl Agent {
    fn start(folder: &Path) -> Self {
        Self::start_at(folder.join("agent"))
    }

    pub fn start_at(socket: std::path::PathBuf) -> Self {
        let child = Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn();
        let agent = Self(child.expect("ssh-agent is missing: install openssh-client"), socket);
        // The socket is there a moment before anybody listens.
        while std::os::unix::net::UnixStream::connect(&agent.1).is_err() {
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        agent
    }

    pub fn add(&self, key: &Path) {
        let status = Command::new("ssh-add").arg("-q").arg(key).env("SSH_AUTH_SOCK", &self.1).status();
        assert!(status.unwrap().success());
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

async fn the_agent_signs_with_the_key_that_is_named(transport: TransportChoice) {
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(folder.path());
    let (sshd, client) = (Sshd::start(""), client_with(&agent));
    for number in 0..7 {
        let key = folder.path().join(format!("other{number}"));
        generate_key(&key, "ed25519", "");
        agent.add(&key);
    }
    // Encrypted on disk, open in the agent: nobody needs to be asked.
    let key = folder.path().join("named");
    generate_key(&key, "ed25519", "");
    agent.add(&key);
    let status =
        Command::new("ssh-keygen").args(["-q", "-p", "-P", "", "-N", "sesame", "-f"]).arg(&key).status();
    assert!(status.unwrap().success());
    sshd.authorize(&key.with_extension("pub"));
    let connection = Connection { identity: Some(key), ..connection(sshd.port, transport) };
    client.connector.prepare(&[&connection], &|question| panic!("{question:?}")).await;
    client.session(&connection, &sshd).await;
}

async fn keys_of_the_agent_are_tried_within_limits(transport: TransportChoice) {
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(folder.path());
    let (sshd, client) = (Sshd::start(""), client_with(&agent));
    agent.add(&client.key);
    sshd.authorize(&client.key.with_extension("pub"));
    client.session(&connection(sshd.port, transport), &sshd).await;
    // Without the right one among many, that is said, and not that the connection broke.
    let stranger = Sshd::start("");
    for number in 0..8 {
        let key = folder.path().join(format!("other{number}"));
        generate_key(&key, "ed25519", "");
        agent.add(&key);
    }
    let failure = refusal(&client, &connection(stranger.port, transport), None).await;
    let expected = ["the key was refused", "the server allows no more attempts"];
    assert!(expected.contains(&failure.message.english()), "{failure:?}");
}

/// A client whose ssh configuration leads to an agent.
fn client_with(agent: &Agent) -> Client {
    Client::with_configuration(&format!("IdentityAgent {}", agent.1.display()))
}

async fn the_users_configuration_holds(transport: TransportChoice) {
    let sshd = Sshd::start("");
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    generate_key(&key, "ecdsa", "");
    sshd.authorize(&key.with_extension("pub"));
    let client = Client::with_configuration(&format!(
        "Host lab\n  HostName 127.0.0.1\n  User {USER}\n  Port {}\n  IdentityFile {}\n  HostKeyAlias the-lab\n",
        sshd.port,
        key.display()
    ));
    let wanted =
        Connection { address: "lab".to_owned(), user: None, port: None, ..connection(sshd.port, transport) };
    let session = client.session(&wanted, &sshd).await;
    assert_eq!(run(&session, "id -un", b"").await.stdout, format!("{USER}\n").into_bytes());
    let known = std::fs::read_to_string(client.folder.path().join("known_hosts")).unwrap();
    assert!(known.starts_with("the-lab ssh-ed25519 "), "{known}");
}

async fn a_password_that_is_wanted_and_missing_is_named(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start("PasswordAuthentication yes\nPubkeyAuthentication no"), Client::new());
    let failure = refusal(&client, &connection(sshd.port, transport), None).await;
    assert_eq!(failure.message.english(), "the server takes passwords only, and none was given");
}

#[tokio::test]
async fn a_password_logs_in_and_a_wrong_one_is_tried_once() {
    let (sshd, client) = (Sshd::start("PasswordAuthentication yes"), Client::new());
    let connection = connection(sshd.port, TransportChoice::Russh);
    let session = client.connector.connect(&connection, Some(PASSWORD)).await.unwrap();
    assert_eq!(run(&session, "id -un", b"").await.stdout, format!("{USER}\n").into_bytes());
    let failure = refusal(&client, &connection, Some("wrong")).await;
    assert_eq!(failure.message.english(), "the password was refused");
    assert_eq!(sshd.log().matches("Failed password").count(), 1);
    let keys_only = Sshd::start("");
    let connection = Connection { port: Some(keys_only.port), ..connection };
    let failure = refusal(&client, &connection, Some(PASSWORD)).await;
    assert_eq!(failure.message.english(), "the server takes keys only, and there is no key to log in with");
}

#[tokio::test]
async fn questions_are_answered_like_a_password() {
    let (sshd, client) = (Sshd::start("UsePAM yes\nKbdInteractiveAuthentication yes"), Client::new());
    let connection = connection(sshd.port, TransportChoice::Russh);
    if let Err(failure) = client.connector.connect(&connection, Some(PASSWORD)).await {
        panic!("{failure:?}\n{}", sshd.log());
    }
    let failure = refusal(&client, &connection, Some("wrong")).await;
    assert_eq!(failure.message.english(), "the password was refused");
}

#[tokio::test]
async fn a_key_and_a_password_may_both_be_wanted() {
    let extra = "PasswordAuthentication yes\nAuthenticationMethods publickey,password";
    let (sshd, client) = (Sshd::start(extra), Client::new());
    let connection = client.to(&sshd, TransportChoice::Russh);
    client.connector.connect(&connection, Some(PASSWORD)).await.unwrap();
    let failure = refusal(&client, &connection, None).await;
    assert_eq!(failure.message.english(), "the server wants a second means of login");
}

#[tokio::test]
async fn the_ssh_program_is_not_given_passwords() {
    let (sshd, client) = (Sshd::start("PasswordAuthentication yes"), Client::new());
    let failure = refusal(&client, &connection(sshd.port, TransportChoice::Openssh), Some(PASSWORD)).await;
    assert_eq!(failure.message.english(), "the openssh transport does not send passwords");
}
