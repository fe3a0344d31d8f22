//! The `ssh` process behind an openssh connection: its command line, its life and its last words. It must not
//! outlive this process, however that ends, and must not hear the Ctrl-C that is meant for the tool.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openssh::Session;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{ChildStdin, Command};
use tokio_util::sync::CancellationToken;

use super::diagnosis::Words;
use crate::model::Failure;
use crate::transport::destination::Destination;
use crate::transport::failure::{connect_timed_out, silent};
use crate::transport::known_hosts::NewKeys;

/// Holds `ssh` by a pipe: when the other end of standard input is gone, for whatever reason, so is `ssh`.
const LIFELINE: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
master=$!
(read -r _ <&3; kill "$master") >/dev/null 2>&1 &
watch=$!
exec 3<&-
wait "$master"
status=$?
kill "$watch" 2>/dev/null
exit "$status"
"#;

const POLL: Duration = Duration::from_millis(20);

/// Lines and bytes of a line that are kept of what ssh says.
const LINES: usize = 400;
const LINE_LIMIT: u64 = 2048;

pub struct Order<'a> {
    pub program: &'a Path,
    /// Its configuration file, where not the user's own.
    pub configuration: Option<&'a Path>,
    pub destination: &'a Destination,
    /// Settings of the inventory that are put above the configuration.
    pub user: Option<&'a str>,
    pub port: Option<u16>,
    pub identity: Option<&'a Path>,
    pub store: &'a Path,
    pub host_key_algorithms: Option<String>,
    /// An agent to use instead of the configured one.
    pub agent: Option<&'a Path>,
    /// The control socket of a master on the bastion.
    pub through: Option<&'a Path>,
    pub control: PathBuf,
    pub limit: Duration,
}

pub struct Master {
    /// What asks it for commands and forwards.
    pub session: Arc<Session>,
    words: Log,
    /// Cancelled once the process has ended.
    pub gone: CancellationToken,
    _lifeline: ChildStdin,
}

#[derive(Debug, Clone, Default)]
struct Log(Arc<Mutex<VecDeque<String>>>);

impl Log {
    fn words(&self) -> Words {
        Words::new(self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned())
    }

    async fn keep(self, stderr: impl AsyncRead + Unpin) {
        let mut reader = BufReader::new(stderr);
        let mut line = Vec::new();
        loop {
            line.clear();
            match (&mut reader).take(LINE_LIMIT).read_until(b'\n', &mut line).await {
                Ok(0) | Err(_) => return,
                Ok(_) => {
                    let text = crate::model::clean_bytes(&line).trim_end().to_owned();
                    let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                    if lines.len() == LINES {
                        lines.pop_front();
                    }
                    lines.push_back(text);
                }
            }
        }
    }
}

pub enum StartError {
    /// It ended; what it said tells why.
    Ended(Words),
    /// It was silent for too long.
    TimedOut(Failure),
    /// It could not be started at all.
    NotStarted(std::io::Error),
}

impl Master {
    /// Starts `ssh` and waits until it is logged in.
    pub async fn start(order: &Order<'_>) -> Result<Self, StartError> {
        let mut command = Command::new("/bin/sh");
        command
            .args(["-c", LIFELINE, "ssh-lifeline"])
            .arg(order.program)
            .args(arguments(order))
            .env("LC_ALL", "C")
            .env_remove("SSH_ASKPASS")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0);
        let mut child = command.spawn().map_err(StartError::NotStarted)?;
        let (Some(lifeline), Some(stderr)) = (child.stdin.take(), child.stderr.take()) else {
            return Err(StartError::NotStarted(std::io::ErrorKind::BrokenPipe.into()));
        };
        let words = Log::default();
        let gone = CancellationToken::new();
        let listening = tokio::spawn(words.clone().keep(stderr));
        let ended = gone.clone();
        tokio::spawn(async move {
            // Only the end matters; its cause is in what ssh said.
            let _ = child.wait().await;
            let _ = tokio::time::timeout(Duration::from_millis(200), listening).await;
            ended.cancel();
        });
        let session = Arc::new(Session::resume_mux(order.control.clone().into(), None));
        let master = Self { session, words, gone, _lifeline: lifeline };
        match tokio::time::timeout(order.limit, master.ready()).await {
            Ok(true) => Ok(master),
            Ok(false) => Err(StartError::Ended(master.words.words())),
            Err(_) if master.words.words().connected() => Err(StartError::TimedOut(silent())),
            Err(_) => Err(StartError::TimedOut(connect_timed_out())),
        }
    }

    /// Waits for the control socket, or for the end.
    async fn ready(&self) -> bool {
        loop {
            if self.session.check().await.is_ok() {
                return true;
            }
            tokio::select! {
                () = self.gone.cancelled() => return false,
                () = tokio::time::sleep(POLL) => {}
            }
        }
    }

    /// Asks it to take nothing new, and to end when what it carries has ended.
    pub async fn end(&self) {
        let session = Session::resume_mux(self.session.control_socket().into(), None);
        // Where it does not answer, it has ended, or its lifeline ends it.
        let _ = session.close().await;
    }

    pub fn words(&self) -> Words {
        self.words.words()
    }
}

fn arguments(order: &Order<'_>) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    if let Some(file) = order.configuration {
        arguments.extend(["-F".into(), file.into()]);
    }
    arguments.extend(["-M", "-N", "-T", "-a", "-x", "-S"].map(OsString::from));
    arguments.push(order.control.clone().into());
    let strict = match order.destination.new_keys {
        NewKeys::Kept | NewKeys::Forgotten => "accept-new",
        NewKeys::RefusedByInventory | NewKeys::RefusedByConfiguration => "yes",
    };
    // The first one gets what is new.
    let mut files = match order.destination.new_keys {
        NewKeys::Forgotten => "/dev/null".to_owned(),
        _ => quoted(order.store),
    };
    for file in &order.destination.known_hosts {
        files.push(' ');
        files.push_str(&quoted(file));
    }
    let mut options = vec![
        "BatchMode=yes".to_owned(),
        "ClearAllForwardings=yes".to_owned(),
        // Whole seconds; the exact limit is kept outside.
        format!("ConnectTimeout={}", order.limit.as_secs() + 1),
        "ConnectionAttempts=1".to_owned(),
        "ControlPersist=no".to_owned(),
        "ExitOnForwardFailure=no".to_owned(),
        "ForwardAgent=no".to_owned(),
        "ForwardX11=no".to_owned(),
        "LogLevel=DEBUG1".to_owned(),
        "PermitLocalCommand=no".to_owned(),
        "RemoteCommand=none".to_owned(),
        "ServerAliveCountMax=8".to_owned(),
        "ServerAliveInterval=5".to_owned(),
        format!("StrictHostKeyChecking={strict}"),
        "Tunnel=no".to_owned(),
        "UpdateHostKeys=no".to_owned(),
        format!("UserKnownHostsFile={files}"),
    ];
    if let Some(algorithms) = &order.host_key_algorithms {
        options.push(format!("HostKeyAlgorithms={algorithms}"));
    }
    if let Some(agent) = order.agent {
        options.push(format!("IdentityAgent={}", quoted(agent)));
    }
    if let Some(control) = order.through {
        // One connection to the bastion carries all. Were it gone, this must fail and not connect by itself.
        options.push(format!(
            "ProxyCommand='{}' -F none -o ProxyCommand=false -S '{}' -W '[%h]:%p' -- jump.invalid",
            percent(order.program),
            percent(control),
        ));
    }
    for option in options {
        arguments.extend(["-o".into(), option.into()]);
    }
    if let Some(identity) = order.identity {
        arguments.extend(["-o".into(), "IdentitiesOnly=yes".into(), "-o".into()]);
        arguments.push(format!("IdentityFile={}", quoted(identity)).into());
    }
    if let Some(user) = order.user {
        arguments.extend(["-l".into(), user.into()]);
    }
    if let Some(port) = order.port {
        arguments.extend(["-p".into(), port.to_string().into()]);
    }
    arguments.extend(["--".into(), OsString::from(&order.destination.address)]);
    arguments
}

/// A file name as an option's value: blanks kept by quotes, `%` doubled because it begins a token.
fn quoted(path: &Path) -> String {
    format!("\"{}\"", percent(path))
}

fn percent(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%%")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a `sleep` with this argument runs.
    fn runs(argument: &str) -> bool {
        std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            command.split(|byte| *byte == 0).eq(["sleep", argument, ""].map(str::as_bytes))
        })
    }

    async fn until(what: impl Fn() -> bool) {
        let wait = async {
            while !what() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.unwrap();
    }

    #[tokio::test]
    async fn a_master_does_not_outlive_the_tool() {
        let argument = format!("60.{}", std::process::id());
        let mut child = Command::new("/bin/sh")
            .args(["-c", LIFELINE, "lifeline", "sleep", &argument])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        until(|| runs(&argument)).await;
        drop(child.stdin.take());
        until(|| !runs(&argument)).await;
        child.wait().await.unwrap();
    }

    #[tokio::test]
    async fn the_end_of_a_master_is_passed_on() {
        let mut child = Command::new("/bin/sh")
            .args(["-c", LIFELINE, "lifeline", "sh", "-c", "exit 3"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let _lifeline = child.stdin.take();
        assert_eq!(child.wait().await.unwrap().code(), Some(3));
    }
}
