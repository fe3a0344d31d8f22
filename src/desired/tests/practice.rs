//! The socket lab in a folder of a test, its servers and clients as processes, and conversations with them.

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::{JoinHandle, sleep};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{host, inventory, set, wanted};
use crate::model::{Language, Resource};
use crate::roles::Socket;

pub const PATIENCE: Duration = Duration::from_secs(20);
/// Long enough for a server that wrongly answers, short enough for a test.
const SILENCE: Duration = Duration::from_millis(300);
pub const NEEDS_PYTHON: &str = "these tests run the lab itself: apt-get install python3";

/// The lab, written to a folder, with a port of its own.
pub struct Lab {
    pub folder: TempDir,
    pub port: u16,
}

impl Lab {
    pub fn new(language: Language) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut student = host("student", 1, "10.0.0.7", &["socket"]);
        set(&mut student, |role: &mut Socket| role.path = folder.path().display().to_string());
        set(&mut student, |role: &mut Socket| role.port = port);
        let mut inventory = inventory(vec![student]);
        inventory.language = language;
        write(&wanted(&inventory, 0));
        Self { folder, port }
    }

    pub fn python(&self, variant: &str, program: &str) -> Command {
        // Who started the tests may have had them ignore Ctrl-C, as a shell does with what runs in the background.
        let mut command = Command::new("env");
        command
            .args(["--default-signal=INT", "python3", "-u", program])
            .current_dir(self.folder.path().join(variant))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("PYTHONUTF8", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub fn serve(&self, variant: &str, program: &str) -> Server {
        let mut process = self.python(variant, program).spawn().expect(NEEDS_PYTHON);
        let said = vec![reader(process.stdout.take().unwrap()), reader(process.stderr.take().unwrap())];
        Server { process, said, is_interrupted: false }
    }

    /// Runs a client with these lines typed, and ends one that waits for ever.
    pub fn client(&self, variant: &str, program: &str, typed: &str) -> Output {
        let mut child = self.python(variant, program).spawn().expect(NEEDS_PYTHON);
        // A client that ended already, because nobody listens, takes no lines.
        let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
        let started = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if started.elapsed() > PATIENCE {
                child.kill().unwrap();
            }
            sleep(Duration::from_millis(10));
        }
        child.wait_with_output().unwrap()
    }

    pub fn connect(&self) -> Talk {
        let started = Instant::now();
        loop {
            match TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) {
                Ok(stream) => return Talk(stream),
                Err(error) if started.elapsed() > PATIENCE => panic!("no server: {error}"),
                Err(_) => sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// A port that nobody listens on, below those that the kernel hands out to connections: such a one could be taken
/// between this look and the server's start.
fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = std::process::id().wrapping_mul(61).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = u16::try_from(20_000 + number % 12_000).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

pub fn write(resources: &[Resource]) {
    for resource in resources {
        match resource {
            Resource::Directory(directory) => fs::create_dir_all(&directory.path).unwrap(),
            Resource::File(file) => fs::write(&file.path, &file.content).unwrap(),
            _ => {}
        }
    }
}

/// Reads all that a process prints, so that it never waits for a reader.
fn reader(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = String::new();
        pipe.read_to_string(&mut said).unwrap();
        said
    })
}

/// A server, ended with the test.
pub struct Server {
    process: Child,
    said: Vec<JoinHandle<String>>,
    is_interrupted: bool,
}

impl Server {
    /// Waits for the end and returns whether it was a good one, and what was printed.
    pub fn ended(mut self) -> (bool, String) {
        let (started, mut asked) = (Instant::now(), Instant::now());
        while self.process.try_wait().unwrap().is_none() {
            assert!(started.elapsed() < PATIENCE, "the server still runs");
            if self.is_interrupted && asked.elapsed() > PATIENCE / 4 {
                self.interrupt();
                asked = Instant::now();
            }
            sleep(Duration::from_millis(20));
        }
        let good = self.process.wait().unwrap().success();
        let said = std::mem::take(&mut self.said).into_iter();
        (good, said.map(|reader| reader.join().unwrap()).collect())
    }

    /// As by Ctrl-C. Python may miss one that comes right before it waits for a client, and somebody who sees that nothing
    /// happens presses again: so does [`Self::ended`].
    pub fn interrupt(&mut self) {
        self.is_interrupted = true;
        let id = rustix::process::Pid::from_child(&self.process);
        rustix::process::kill_process(id, rustix::process::Signal::INT).unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A conversation as a probe has it: raw messages, no lines.
pub struct Talk(pub TcpStream);

impl Talk {
    pub fn say(&mut self, message: &str) {
        self.0.write_all(message.as_bytes()).unwrap();
    }

    pub fn hear(&mut self, expected: &str) {
        self.0.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = vec![0; expected.len()];
        self.0.read_exact(&mut answer).unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), expected);
    }

    pub fn ask(&mut self, message: &str) {
        self.say(message);
        self.hear(&format!("{message}*"));
    }

    pub fn is_kept_waiting(&mut self) {
        self.0.set_read_timeout(Some(SILENCE)).unwrap();
        let error = self.0.read(&mut [0]).expect_err("an answer although another client is served");
        assert!([ErrorKind::WouldBlock, ErrorKind::TimedOut].contains(&error.kind()), "{error}");
    }

    /// Leaves with a reset instead of a goodbye, as a program that was killed with unread data does.
    pub fn vanish(self) {
        rustix::net::sockopt::set_socket_linger(&self.0, Some(Duration::ZERO)).unwrap();
    }
}
