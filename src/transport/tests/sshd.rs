//! A real sshd on loopback for one test, in name spaces of its own: it has a user of its own, and nothing of it
//! is left when the test ends, however that ends.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The account on the test's sshd.
pub const USER: &str = "student";
pub const PASSWORD: &str = "correct horse";
/// `openssl passwd -6 -salt provision 'correct horse'`
const PASSWORD_HASH: &str =
    "$6$provision$6jKntzXGP/wdecwq33p9sE243xb.IOMUKkdj5zmmIute7rYBgkp.xclLatCNS.YZvNRybthDfyVhMJWPzybp..";

/// Gives the sshd accounts and folders that exist in its own mount name space only.
const START: &str = r#"
set -e
mount --make-rprivate /
mount --bind "$1/passwd" /etc/passwd
mount --bind "$1/shadow" /etc/shadow
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mkdir -m 755 /run/sshd
exec "$2" -D -e -f "$1/sshd_config"
"#;

pub struct Sshd {
    child: Option<Child>,
    pub port: u16,
    folder: TempDir,
    program: PathBuf,
}

impl Sshd {
    /// Starts one that takes the client's key, with lines put before its configuration.
    pub fn start(extra: &str) -> Self {
        let program = which::which_in("sshd", Some("/usr/sbin:/usr/local/sbin:/sbin"), "/");
        let program = program.expect("sshd is missing: install openssh-server");
        let folder = tempfile::tempdir().unwrap();
        let mut sshd = Self { child: None, port: free_port(), folder, program };
        sshd.generate_key("host_key", "ed25519");
        let path = sshd.path();
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
        std::fs::write(path.join("passwd"), format!("{passwd}{USER}:x:12345:12345::/:/bin/sh\n")).unwrap();
        let shadow =
            std::fs::read_to_string("/etc/shadow").expect("these tests need root, for an sshd with users");
        let line = format!("{USER}:{PASSWORD_HASH}:19000:0:99999:7:::\n");
        std::fs::write(path.join("shadow"), format!("{shadow}{line}")).unwrap();
        std::fs::write(path.join("authorized_keys"), "").unwrap();
        let configuration = format!(
            "{extra}\nPort {}\nListenAddress 127.0.0.1\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\n\
             StrictModes no\nUsePAM no\nLogLevel DEBUG1\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nUseDNS no\n",
            sshd.port,
            path.join("host_key").display(),
            path.join("authorized_keys").display(),
        );
        std::fs::write(path.join("sshd_config"), configuration).unwrap();
        std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).unwrap();
        sshd.run();
        sshd
    }

    fn run(&mut self) {
        let log = std::fs::File::create(self.path().join("log")).unwrap();
        let child = Command::new("unshare")
            .args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", START, "sshd"])
            .arg(self.path())
            .arg(&self.program)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("unshare is missing: install util-linux"));
        let started = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(20), "sshd does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// Lets a public key in.
    pub fn authorize(&self, public: &Path) {
        let path = self.path().join("authorized_keys");
        let mut keys = std::fs::read_to_string(&path).unwrap();
        keys.push_str(&std::fs::read_to_string(public).unwrap());
        std::fs::write(path, keys).unwrap();
    }

    /// Ends it and everything that runs below it, at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
            // What it started ends a little later, and must not be taken for the next one.
            let ended = Instant::now();
            while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok() {
                assert!(ended.elapsed() < Duration::from_secs(20), "sshd does not end");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }

    /// Starts it again on the same port with a new host key of a kind.
    pub fn replace_host_key(&mut self, kind: &str) {
        self.kill();
        for name in ["host_key", "host_key.pub"] {
            std::fs::remove_file(self.path().join(name)).unwrap();
        }
        self.generate_key("host_key", kind);
        self.run();
    }

    /// Starts it again with a certificate of an authority for its host key.
    pub fn certify(&mut self, authority: &Path) {
        self.kill();
        let public = self.path().join("host_key.pub");
        let mut sign = Command::new("ssh-keygen");
        sign.args(["-q", "-h", "-I", "host", "-n", "127.0.0.1", "-s"]).arg(authority).arg(public);
        assert!(sign.status().unwrap().success());
        let (file, certificate) = (self.path().join("sshd_config"), self.path().join("host_key-cert.pub"));
        let configuration = std::fs::read_to_string(&file).unwrap();
        std::fs::write(file, format!("HostCertificate {}\n{configuration}", certificate.display())).unwrap();
        self.run();
    }

    fn generate_key(&self, name: &str, kind: &str) {
        generate_key(&self.path().join(name), kind, "");
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn generate_key(path: &Path, kind: &str, passphrase: &str) {
    let status =
        Command::new("ssh-keygen").args(["-q", "-t", kind, "-N", passphrase, "-f"]).arg(path).status();
    assert!(status.expect("ssh-keygen is missing: install openssh-client").success());
}

pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}
