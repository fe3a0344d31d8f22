//! The user's ssh configuration is law where the inventory is silent: `ssh` itself and the connector enter the same sshd
//! with the same configuration, and come to the same end.

mod rows;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base16ct::lower::encode_string;
use sha1::{Digest, Sha1};

use self::rows::Expected::{AsSsh, In, Out};
use self::rows::{HOST_KEYS, IDENTITIES, Row, WAYS};
use super::client::{Client, connection, run};
use super::login::Agent;
use super::sshd::{Sshd, USER, generate_key};
use crate::model::{Connection, FailureKind, TransportChoice};
use crate::transport::{Connector, ConnectorOptions};

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
struct End {
    /// Whom the login made us; `None` where it was refused.
    user: Option<String>,
    /// The fingerprint of the key that opened the account.
    key: Option<String>,
    /// Whether a host key was added to those that are known.
    kept: bool,
}

/// The files that rows name.
struct Field {
    folder: tempfile::TempDir,
    host: Sshd,
    gate: Sshd,
    agents: Vec<Agent>,
}

impl Field {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path();
        generate_key(&dir.join("authority"), "ed25519", "");
        let mut host = Sshd::start(&format!("TrustedUserCAKeys {}/authority.pub", dir.display()));
        host.certify(&dir.join("authority"));
        let gate = Sshd::start("");
        let field = Self { folder, host, gate, agents: Vec::new() };
        field.with_known_hosts().with_keys().with_agents()
    }

    fn dir(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.dir().join(name), text).unwrap();
    }

    fn with_known_hosts(self) -> Self {
        let key = |sshd: &Sshd| fs::read_to_string(sshd.path().join("host_key.pub")).unwrap();
        let (right, wrong) = (key(&self.host), key(&self.gate));
        let name = format!("[127.0.0.1]:{}", self.host.port);
        self.write("right", &format!("{name},lab {right}[127.0.0.1]:{} {wrong}", self.gate.port));
        self.write("wrong", &format!("{name} {wrong}"));
        self.write("pattern", &format!("[127.*]:* {right}"));
        self.write("negated", &format!("[127.*]:*,!{name} {right}"));
        self.write("alias", &format!("alias {right}"));
        self.write("revoked", &format!("@revoked {name} {right}"));
        self.write("hashed", &format!("{name} {right}"));
        keygen(&["-q", "-H", "-f"], &self.dir().join("hashed"));
        self.write("included", "User root\n");
        self.write("right-lab", &format!("{name} {right}"));
        self.write("revoked-keys", &right);
        let authority = fs::read_to_string(self.dir().join("authority.pub")).unwrap();
        self.write("vouched", &format!("@cert-authority {name} {authority}"));
        self.write("misvouched", &format!("@cert-authority {name} {wrong}"));
        self
    }

    fn with_keys(self) -> Self {
        let dir = self.dir().to_owned();
        let key = |name: &str, kind: &str, passphrase: &str| {
            generate_key(&dir.join(name), kind, passphrase);
            dir.join(format!("{name}.pub"))
        };
        for (name, kind, passphrase) in [
            ("right-key", "ed25519", ""),
            ("rsa", "rsa", ""),
            ("ecdsa", "ecdsa", ""),
            ("encrypted", "ed25519", "sesame"),
            ("open", "ed25519", ""),
            ("half", "ed25519", ""),
        ] {
            self.host.authorize(&key(name, kind, passphrase));
        }
        fs::set_permissions(dir.join("open"), PermissionsExt::from_mode(0o644)).unwrap();
        key("other", "ed25519", "");
        key("certified", "ed25519", "");
        let sign = ["-q", "-s", &format!("{}/authority", dir.display()), "-I", "id", "-n", "student,root"];
        keygen(&sign, &dir.join("certified.pub"));
        fs::copy(dir.join("certified"), dir.join("bare")).unwrap();
        self.gate.authorize(&key("gate-key", "ed25519", ""));
        self
    }

    fn with_agents(mut self) -> Self {
        let agent = Agent::start_at(self.dir().join("agent"));
        agent.add(&self.dir().join("half"));
        fs::remove_file(self.dir().join("half")).unwrap();
        for name in ["agent-student", concat!(env!("CARGO_PKG_NAME"), "-agent")] {
            symlink(self.dir().join("agent"), self.dir().join(name)).unwrap();
        }
        let certificates = Agent::start_at(self.dir().join("certificates"));
        certificates.add(&self.dir().join("certified"));
        self.agents = vec![agent, certificates];
        self
    }

    /// The key that opens the host, under the name that a row's tokens come to.
    fn name_key(&self, name: &str) {
        let target = self.dir().join(name);
        if !target.exists() {
            fs::copy(self.dir().join("right-key"), target).unwrap();
        }
    }

    /// The configuration of a row as a file, and the file for new host keys that it names.
    fn configure(&self, lines: &str, common: &str) -> (PathBuf, PathBuf) {
        let (file, known) = (self.dir().join("config"), self.dir().join("known"));
        let _ = fs::remove_file(&known);
        let text = format!(
            "Host lab\n{lines}\nHost lab\nHostName 127.0.0.1\nPort {{port}}\nUser {USER}\n{common}\n\
             Host gate lab-gate\nHostName 127.0.0.1\nPort {{gate}}\nUser {USER}\nIdentityFile {{dir}}/gate-key\nIdentitiesOnly yes\n\
             UserKnownHostsFile {{dir}}/right\n\
             Host 127.0.0.1\nIdentityFile {{dir}}/gate-key\nUserKnownHostsFile {{dir}}/right\n\
             Host closed\nHostName 127.0.0.1\nPort {{gate}}\nUser {USER}\nIdentityFile {{dir}}/other\n\
             UserKnownHostsFile {{dir}}/right\n\
             Host unknown\nHostName 127.0.0.1\nPort {{gate}}\nUser {USER}\nIdentityFile {{dir}}/gate-key\n\
             StrictHostKeyChecking yes\n\
             Host *\nUserKnownHostsFile {{dir}}/known\nGlobalKnownHostsFile none\nIdentityAgent none\n"
        );
        let text = text
            .replace("{port}", &self.host.port.to_string())
            .replace("{gate}", &self.gate.port.to_string())
            .replace("{dir}", &self.dir().display().to_string());
        fs::write(&file, text).unwrap();
        (file, known)
    }

    fn by_ssh(&self, configuration: &Path, known: &Path) -> End {
        let logged = self.host.log().len();
        let output = Command::new("timeout")
            .args(["20", "ssh", "-F"])
            .arg(configuration)
            .args(["-o", "BatchMode=yes", "lab", "id -un"])
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let user = output.status.success().then(|| words(&output.stdout));
        self.end(user, logged, known)
    }

    async fn by_connector(&self, configuration: &Path, known: &Path) -> End {
        let logged = self.host.log().len();
        let state = tempfile::tempdir().unwrap();
        let store = state.path().join("known_hosts");
        let mut options = ConnectorOptions::new(store.clone(), state.path().join("run"));
        options.surroundings.agent = None;
        if let Some(ssh) = &mut options.ssh {
            ssh.configuration = Some(configuration.to_owned());
        }
        let connector = Connector::new(options).unwrap();
        let lab = Connection {
            address: "lab".to_owned(),
            user: None,
            port: None,
            ..connection(0, TransportChoice::Auto)
        };
        let user = match connector.connect(&lab, None).await {
            Ok(session) => {
                let ran = run(&session, "id -un", b"").await;
                session.close().await;
                Some(words(&ran.stdout))
            }
            Err(_) => None,
        };
        let mut end = self.end(user, logged, known);
        end.kept |= fs::metadata(store).is_ok_and(|store| store.len() > 0);
        end
    }

    fn end(&self, user: Option<String>, logged: usize, known: &Path) -> End {
        let log = self.host.log();
        let accepted =
            log.get(logged..).unwrap_or_default().lines().find(|line| line.contains("Accepted publickey"));
        let key = user.as_ref().and(accepted).and_then(|line| Some(line.split_once("ssh2: ")?.1.to_owned()));
        End { user, key, kept: known.exists() }
    }

    /// What is wrong with a row.
    async fn fault(&self, (name, lines, expected): &Row, common: &str) -> Option<String> {
        let (configuration, known) = self.configure(lines, common);
        let ssh = self.by_ssh(&configuration, &known);
        // What ssh did besides is its own affair.
        for made in [&known, &self.dir().join("never")] {
            let _ = fs::remove_file(made);
        }
        let ours = self.by_connector(&configuration, &known).await;
        let holds = match expected {
            AsSsh => ours == ssh,
            In => ours.user.is_some() && ssh.user.is_none(),
            Out => ours.user.is_none() && ssh.user.is_some(),
        };
        let is_done = self.dir().join("never").exists();
        (!holds || is_done).then(|| format!("✗ {name}\n  ssh:  {ssh:?}\n  ours: {ours:?}\n  done: {is_done}"))
    }

    async fn all_hold(&self, rows: &[Row], common: &str) {
        let mut faults = Vec::new();
        for row in rows {
            faults.extend(self.fault(row, common).await);
        }
        let held = rows.len() - faults.len();
        assert!(faults.is_empty(), "{held}/{}\n{}", rows.len(), faults.join("\n"));
    }
}

fn words(output: &[u8]) -> String {
    String::from_utf8_lossy(output).trim().to_owned()
}

fn keygen(arguments: &[&str], file: &Path) {
    let status = Command::new("ssh-keygen").args(arguments).arg(file).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn host_keys_are_believed_as_ssh_believes_them() {
    Field::new().all_hold(HOST_KEYS, "IdentityFile {dir}/right-key").await;
}

#[tokio::test]
async fn keys_are_found_as_ssh_finds_them() {
    let field = Field::new();
    let host = words(&Command::new("uname").arg("-n").output().unwrap().stdout);
    let full = words(&Command::new("hostname").arg("-f").output().unwrap().stdout);
    let short = host.split('.').next().unwrap_or_default();
    let local = words(&Command::new("id").arg("-un").output().unwrap().stdout);
    let port = field.host.port;
    for name in [
        "a key",
        "100%",
        "h-127.0.0.1",
        "n-lab",
        "k-lab",
        "provision",
        "r-student",
        "i-0",
        &format!("p-{port}"),
        &format!("u-{local}"),
        &format!("L-{short}"),
        &format!("l-{host}"),
        &format!("l-{full}"),
    ] {
        field.name_key(name);
    }
    for host in [&host, &full] {
        field.name_key(&encode_string(&Sha1::digest(format!("{host}127.0.0.1{port}{USER}"))));
    }
    field.all_hold(IDENTITIES, "UserKnownHostsFile {dir}/right").await;
}

#[tokio::test]
async fn ways_are_taken_as_ssh_takes_them() {
    Field::new().all_hold(WAYS, "IdentityFile {dir}/right-key\nUserKnownHostsFile {dir}/right").await;
}

#[tokio::test]
async fn banners_are_taken_in_any_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let banner = folder.path().join("banner");
    fs::write(&banner, b"institui\xe7\xe3o\n").unwrap();
    let sshd = Sshd::start(&format!("Banner {}", banner.display()));
    let client = Client::new();
    let session = client.session(&client.to(&sshd, TransportChoice::Auto), &sshd).await;
    assert_eq!(session.description.english(), "openssh, because the host's banner is no UTF-8");
    let builtin = client.to(&sshd, TransportChoice::Russh);
    let failure = client.connector.connect(&builtin, None).await.err().unwrap();
    assert_eq!(failure.message.english(), "the host's banner or question is no UTF-8");
}

#[tokio::test]
async fn a_list_of_known_hosts_that_cannot_be_read_lets_nobody_in() {
    let (sshd, client) = (Sshd::start(""), Client::new());
    fs::create_dir(client.folder.path().join("user_known_hosts")).unwrap();
    for transport in [TransportChoice::Russh, TransportChoice::Openssh] {
        let failure = client.connector.connect(&client.to(&sshd, transport), None).await.err().unwrap();
        assert_eq!(failure.kind, FailureKind::HostKey);
        assert_eq!(failure.message.english(), "which host keys are known can't be read");
    }
}
