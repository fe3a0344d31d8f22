//! What a run left: exit code, standard output, standard error.

use std::cell::Cell;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// A run that has ended. As text it is all that it left. What a test does not look at must be empty, and the code 0.
pub struct Output {
    line: String,
    code: Looked<i32>,
    stdout: Looked<String>,
    stderr: Looked<String>,
    peak: u64,
}

/// A value, and whether the test looked at it.
struct Looked<T>(T, Cell<bool>);

impl<T> Looked<T> {
    fn new(value: T) -> Self {
        Self(value, Cell::new(false))
    }

    fn look(&self) -> &T {
        self.1.set(true);
        &self.0
    }
}

impl Output {
    /// Waits for the end of a run, with a Ctrl-C as soon as it says `stop_at` on standard error. The name of the test's
    /// folder is left out of what it said.
    pub fn of(
        line: String,
        mut child: Child,
        screen: Option<Screen>,
        folder: &Path,
        stop_at: Option<&str>,
    ) -> Self {
        let peak = watched_peak(&child);
        let mut stdout = child.stdout.take().unwrap();
        let printing = std::thread::spawn(move || read(&mut stdout));
        let stderr = match (screen, child.stderr.take()) {
            (Some(mut screen), _) => screen.text(),
            (None, Some(mut stderr)) => {
                let before = stop_at.map(|words| {
                    let before = read_until(&mut stderr, words);
                    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
                    before
                });
                before.unwrap_or_default() + &read(&mut stderr)
            }
            (None, None) => String::new(),
        };
        let stdout = printing.join().unwrap();
        let peak = peak.join().unwrap();
        // -1 where a signal ended it.
        let code = child.wait().unwrap().code().unwrap_or(-1);
        let plain = |text: String| text.replace(folder.to_str().unwrap(), "[folder]");
        Self {
            line,
            code: Looked::new(code),
            stdout: Looked::new(plain(stdout)),
            stderr: Looked::new(plain(stderr)),
            peak,
        }
    }

    /// Whether it ended because a recording lacks an answer.
    pub fn is_of_no_recording(&self) -> bool {
        self.code.0 == 97
    }

    /// Its exit code.
    pub fn code(&self) -> i32 {
        *self.code.look()
    }

    /// The most memory that it took, in bytes.
    pub fn peak(&self) -> u64 {
        self.peak
    }

    /// Its standard output.
    pub fn printed(&self) -> String {
        self.stdout.look().clone()
    }

    /// Its standard error.
    pub fn says(&self) -> String {
        self.stderr.look().clone()
    }

    /// Expects an exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        let exits = self.code();
        assert_eq!(exits, code, "{self}");
        self
    }

    /// Expects all of its standard output.
    #[track_caller]
    pub fn prints(self, text: &str) -> Self {
        assert_eq!(self.printed(), text, "{self}");
        self
    }
}

impl fmt::Display for Output {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (code, stdout, stderr) = (self.code(), self.printed(), self.says());
        writeln!(formatter, "$ {}\n{stdout}", self.line)?;
        if !stderr.is_empty() {
            writeln!(formatter, "--- standard error\n{stderr}")?;
        }
        write!(formatter, "--- exit {code}")
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        // A second panic would hide the first.
        if std::thread::panicking() {
            return;
        }
        let is_expected = (self.code.1.get() || self.code.0 == 0)
            && (self.stdout.1.get() || self.stdout.0.is_empty())
            && (self.stderr.1.get() || self.stderr.0.is_empty());
        assert!(is_expected, "the test did not expect all of this:\n{self}");
    }
}

/// A terminal, seen from behind.
pub struct Screen {
    behind: File,
    front: OwnedFd,
}

impl Screen {
    pub fn open(columns: u16) -> Self {
        let behind = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&behind).unwrap();
        unlockpt(&behind).unwrap();
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&behind, size).unwrap();
        let name = ptsname(&behind, Vec::new()).unwrap();
        let front = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        Self { behind: behind.into(), front: front.into() }
    }

    /// The terminal as a stream of a program.
    pub fn stream(&self) -> Stdio {
        self.front.try_clone().unwrap().into()
    }

    /// All that is written to it, until nobody has it open any more.
    fn text(&mut self) -> String {
        let null = File::open("/dev/null").unwrap();
        drop(std::mem::replace(&mut self.front, null.into()));
        read(&mut self.behind).replace("\r\n", "\n")
    }
}

/// The most memory that a process takes until it ends, in bytes. What `wait4` tells of it begins with what its parent had
/// taken before `exec`.
fn watched_peak(child: &Child) -> JoinHandle<u64> {
    let status = format!("/proc/{}/status", child.id());
    std::thread::spawn(move || {
        let mut peak = 0;
        while let Some(bytes) = peak_of(&status) {
            peak = bytes;
            std::thread::sleep(Duration::from_millis(5));
        }
        peak
    })
}

/// None of a process that has ended.
fn peak_of(status: &str) -> Option<u64> {
    let status = fs::read_to_string(status).ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

/// Reads to the end of these words.
fn read_until(stream: &mut impl Read, words: &str) -> String {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(words.as_bytes()) {
        stream
            .read_exact(&mut byte)
            .unwrap_or_else(|_| panic!("`{words}` is not in\n{}", String::from_utf8_lossy(&text)));
        text.extend(byte);
    }
    String::from_utf8_lossy(&text).into_owned()
}

/// Reads to the end, which a terminal tells by an error.
fn read(stream: &mut impl Read) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    String::from_utf8_lossy(&bytes).into_owned()
}
