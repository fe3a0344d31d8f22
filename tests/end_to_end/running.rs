//! A program under a deadline, whose lines can be watched while it runs. A hang becomes a failed test.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

const PAUSE: Duration = Duration::from_millis(10);

/// A program that has ended.
#[derive(Debug)]
pub struct Ran {
    /// -1 where a signal ended it.
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    /// Lines of standard error with the moment each was read.
    pub lines: Vec<(Instant, String)>,
}

/// A program that runs.
pub struct Running {
    what: String,
    child: Child,
    keyboard: Option<ChildStdin>,
    deadline: Instant,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<()>>,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    lines: Mutex<(Vec<(Instant, String)>, bool)>,
    changed: Condvar,
}

impl Running {
    /// Starts a program with `input` on its standard input.
    pub fn start(command: Command, input: &str, limit: Duration) -> Self {
        let mut running = Self::start_typing(command, limit);
        running.type_in(input);
        running.keyboard = None;
        running
    }

    /// Starts a program whose standard input stays open for what [`Self::type_in`] writes.
    pub fn start_typing(mut command: Command, limit: Duration) -> Self {
        let what = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let keyboard = child.stdin.take();
        let mut stdout = child.stdout.take().unwrap();
        let stderr = child.stderr.take().unwrap();
        let said = Arc::new(Said::default());
        let listening = Arc::clone(&said);
        Self {
            what,
            child,
            keyboard,
            deadline: Instant::now() + limit,
            stdout: Some(std::thread::spawn(move || {
                let mut bytes = Vec::new();
                stdout.read_to_end(&mut bytes).unwrap();
                String::from_utf8_lossy(&bytes).into_owned()
            })),
            stderr: Some(std::thread::spawn(move || {
                for line in BufReader::new(stderr).split(b'\n').map_while(Result::ok) {
                    let line = String::from_utf8_lossy(&line).into_owned();
                    listening.lines.lock().unwrap().0.push((Instant::now(), line));
                    listening.changed.notify_all();
                }
                listening.lines.lock().unwrap().1 = true;
                listening.changed.notify_all();
            })),
            said,
        }
    }

    /// Writes to its standard input.
    pub fn type_in(&mut self, keys: &str) {
        // A program that reads nothing may be gone by now.
        let _ = self.keyboard.as_mut().unwrap().write_all(keys.as_bytes());
    }

    /// Waits for a line on standard error.
    pub fn await_line(&self, part: &str) {
        let mut lines = self.said.lines.lock().unwrap();
        while !lines.0.iter().any(|(_, line)| line.contains(part)) {
            let left = self.deadline.saturating_duration_since(Instant::now());
            let is_over = lines.1 || left.is_zero();
            assert!(!is_over, "{}: never said `{part}`, but\n{}", self.what, text(&lines.0));
            lines = self.said.changed.wait_timeout(lines, left).unwrap().0;
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Ran {
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            if Instant::now() > self.deadline {
                self.child.kill().unwrap();
                panic!("{} hangs; it said\n{}", self.what, text(&self.said.lines.lock().unwrap().0));
            }
            std::thread::sleep(PAUSE);
        };
        let stdout = self.stdout.take().unwrap().join().unwrap();
        self.stderr.take().unwrap().join().unwrap();
        let lines = self.said.lines.lock().unwrap().0.clone();
        Ran { code: status.code().unwrap_or(-1), stdout, stderr: text(&lines), lines }
    }
}

fn text(lines: &[(Instant, String)]) -> String {
    lines.iter().flat_map(|(_, line)| [line.as_str(), "\n"]).collect()
}

/// A test that fails meanwhile leaves no program behind.
impl Drop for Running {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Waits until something holds, and fails when it never does.
pub fn await_that(what: &str, limit: Duration, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !holds() {
        assert!(Instant::now() < deadline, "after {limit:?}, still not: {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
