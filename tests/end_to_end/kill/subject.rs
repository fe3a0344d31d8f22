//! A host on which runs have accidents at exact operations.
//!
//! Stand-ins for the programs that our remote programs use (`operation.sh`) count their uses. At the one that is asked
//! for, that program fails, or the remote program is killed, or all waits until the tool or the link was killed.

use std::cell::Cell;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::fingerprint::{self, Fingerprint};
use crate::practice::Practice;
use crate::running::{Ran, Running};

const OPERATION: &str = include_str!("operation.sh");
/// What our programs change a host by, and what they look by.
const OPERATIONS: &str = "mkdir mktemp mkfifo mv cp chmod chown ln rm rmdir sync timeout flock systemctl systemd-run \
                          setsid perl sh stat sha256sum base64 dpkg dpkg-query apt-get update-rc.d";
/// The use at which nothing happens, since there are never so many.
const NEVER: usize = 1_000_000;

/// What happens at an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accident {
    /// The operation fails.
    Fails,
    /// The remote program dies with all that it started in its group.
    ProgramDies,
    /// Its shell dies, and what it started goes on.
    ShellDies,
    /// The laptop dies.
    ToolDies,
    /// The connection dies.
    LinkDies,
}

impl Accident {
    pub const ALL: [Self; 5] =
        [Self::Fails, Self::ProgramDies, Self::ShellDies, Self::ToolDies, Self::LinkDies];

    fn word(self) -> &'static str {
        match self {
            Self::Fails => "fail",
            Self::ProgramDies => "group",
            Self::ShellDies => "shell",
            Self::ToolDies | Self::LinkDies => "wait",
        }
    }

    /// At which of all operations it is tried.
    pub fn stride(self) -> usize {
        match self {
            // What they leave to be done is the same at each operation of a step.
            Self::ToolDies | Self::LinkDies => 3,
            Self::Fails | Self::ProgramDies | Self::ShellDies => 1,
        }
    }
}

pub struct Subject<'a> {
    practice: &'a Practice,
    pub host: &'a str,
    /// Whether verbs concern this host alone.
    is_alone: bool,
    /// What its last command said.
    said: Cell<String>,
}

impl<'a> Subject<'a> {
    /// A host whose verbs leave the others of its class alone.
    pub fn new(practice: &'a Practice, host: &'a str) -> Self {
        Self { is_alone: true, ..Self::of_class(practice, host) }
    }

    /// Puts the stand-ins on a host.
    pub fn of_class(practice: &'a Practice, host: &'a str) -> Self {
        let subject = Self { practice, host, is_alone: false, said: Cell::default() };
        practice.inside_with(
            host,
            &format!(
                "cat >/usr/local/sbin/operation && chmod 755 /usr/local/sbin/operation && \
                 cd /usr/local/sbin && for name in {OPERATIONS}; do ln -sf operation $name; done"
            ),
            OPERATION,
        );
        subject
    }

    fn at(&self, name: &str) -> PathBuf {
        self.practice.root(self.host).join("run/kill").join(name)
    }

    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint::take(self.practice, self.host)
    }

    /// Runs a verb of which nothing is expected but that it ends.
    pub fn start(&self, verb: &[&str]) -> Running {
        let limit = ["--limit", self.host];
        let verb = [verb, if self.is_alone { &limit } else { &[] }].concat();
        self.practice.start(&verb)
    }

    /// Runs a verb undisturbed; what is wrong where it does not end well.
    pub fn run(&self, verb: &[&str]) -> Result<(), String> {
        let ran = self.start(verb).end();
        let words = format!("{verb:?} ended with {}:\n{}{}", ran.code, ran.stdout, ran.stderr);
        if ran.code == 0 { Ok(()) } else { Err(words) }
    }

    /// Gives the host back as it was, as far as a failure lets it.
    pub fn recover(&self, base: &Fingerprint) -> Result<(), String> {
        if self.fingerprint() == *base {
            return Ok(());
        }
        self.run(&["apply", "--no-verify"])?;
        self.run(&["reset", "--yes"])?;
        self.remove_more_than(base);
        self.compare("recovered", base)
    }

    /// Removes the paths that a failure left.
    fn remove_more_than(&self, wanted: &Fingerprint) {
        let found = self.fingerprint();
        let more = found.difference(wanted).filter_map(|line| line.strip_prefix("path ")?.split(' ').next());
        let paths: Vec<&str> = more.collect();
        self.inside(&format!("rm -rf -- {}", shlex::try_join(paths).unwrap()));
    }

    /// What is wrong where a host is not as it should be.
    pub fn compare(&self, what: &str, wanted: &Fingerprint) -> Result<(), String> {
        self.compare_by(what, wanted, Fingerprint::clone)
    }

    /// The same, by a part of what it is.
    pub fn compare_by(
        &self,
        what: &str,
        wanted: &Fingerprint,
        part: impl Fn(&Fingerprint) -> Fingerprint,
    ) -> Result<(), String> {
        let differences = fingerprint::differences(wanted, || part(&self.fingerprint()));
        if differences.is_empty() {
            return Ok(());
        }
        let shown = &differences[..differences.len().min(12)];
        Err(format!("{what}: {} differences\n    {}", differences.len(), shown.join("\n    ")))
    }

    /// Runs a verb with an accident at its nth operation; the operation, unless there are not so many.
    pub fn disturb(&self, verb: &[&str], accident: Accident, nth: usize) -> Option<String> {
        self.arm(accident, nth);
        let running = self.start(verb);
        let ran = self.await_accident(running, accident);
        self.said.set(format!("the disturbed run ended with {}:\n{}{}", ran.code, ran.stdout, ran.stderr));
        self.disarm()
    }

    /// A trouble with what the disturbed run said, for whoever has to find out what went wrong.
    pub fn with_what_was_said(&self, trouble: &str) -> String {
        format!("{trouble}\n  {}", self.said.take().replace('\n', "\n  "))
    }

    /// Runs a shell script on it.
    pub fn inside(&self, script: &str) -> String {
        self.practice.inside(self.host, script)
    }

    /// The number of operations that a verb takes.
    pub fn count(&self, verb: &[&str]) -> Result<usize, String> {
        self.arm(Accident::Fails, NEVER);
        let ran = self.run(verb);
        let count = fs::read_to_string(self.at("count")).unwrap_or_default();
        self.disarm();
        ran.map(|()| count.trim().parse().unwrap_or_default())
    }

    fn arm(&self, accident: Accident, nth: usize) {
        // A host that was off has lost the folder.
        fs::create_dir_all(self.at("")).unwrap();
        for name in ["count", "reached", "go"] {
            let _ = fs::remove_file(self.at(name));
        }
        fs::write(self.at("how"), format!("{}\n", accident.word())).unwrap();
        fs::write(self.at("at"), format!("{nth}\n")).unwrap();
    }

    fn disarm(&self) -> Option<String> {
        let _ = fs::remove_file(self.at("at"));
        fs::read_to_string(self.at("reached")).ok().map(|operation| operation.trim().to_owned())
    }

    fn await_accident(&self, mut running: Running, accident: Accident) -> Ran {
        let deadline = Instant::now() + Duration::from_secs(300);
        while accident.word() == "wait" && !running.has_ended() && Instant::now() < deadline {
            if self.at("reached").exists() {
                match accident {
                    Accident::ToolDies => running.signal(Signal::KILL),
                    _ => self.cut_link(),
                }
                // The host has a moment to notice, as it would have in an operation that takes longer.
                std::thread::sleep(Duration::from_millis(100));
                fs::write(self.at("go"), "").unwrap();
                break;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        running.end()
    }

    fn cut_link(&self) {
        self.practice.inside(
            self.host,
            "for process in /proc/[0-9]*; do
                 case $(tr '\\0' ' ' <$process/cmdline 2>/dev/null) in
                     'sshd: aluno'*) kill -KILL ${process#/proc/} ;;
                 esac
             done; true",
        );
    }
}
