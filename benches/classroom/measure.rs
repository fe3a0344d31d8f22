//! One run of a tool, and what it used here, on the way and on the hosts.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use crate::class::Class;
use crate::group::{self, Group};
use crate::tool::{Tool, Work};

/// What logins leave on the hosts, such as sessions to be closed, is theirs, and must not burden who comes next.
const PAUSE: Duration = Duration::from_millis(500);
const SAMPLE: Duration = Duration::from_millis(20);
const MEGABYTE: f64 = 1e6;

/// Where and when a run took place. Runs of one round are compared with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub hosts: usize,
    /// Milliseconds that are added to the round trip.
    pub delay: u128,
    pub round: usize,
}

#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub place: Place,
    pub tool: Tool,
    pub work: Work,
    pub figures: [f64; FIGURES.len()],
}

/// The figures of a run, in this order.
pub const FIGURES: [&str; 7] = [
    "seconds",
    "CPU here, s",
    "CPU of a host, s",
    "memory, MB",
    "connections a host",
    "kB up a host",
    "kB down a host",
];

/// Runs a command, and returns its figures and what it said.
pub fn run(group: &Group, class: &Class, command: &Command) -> Result<([f64; FIGURES.len()], String)> {
    thread::sleep(PAUSE);
    let said = class.path("said");
    let mut child = in_group(group, command);
    child.stdin(Stdio::null()).stdout(File::create(&said)?).stderr(File::options().append(true).open(&said)?);
    let hosts = || class.processes().map(group::host_cpu_seconds).sum::<Result<f64>>();
    let (own_before, hosts_before, before) = (group.cpu_seconds()?, hosts()?, class.relay.traffic());
    let is_over = AtomicBool::new(false);
    let started = Instant::now();
    let (status, seconds, memory) = thread::scope(|scope| {
        let sampling = scope.spawn(|| {
            let mut peak = 0;
            while !is_over.load(Ordering::Relaxed) {
                peak = peak.max(group.memory().unwrap_or_default());
                thread::sleep(SAMPLE);
            }
            peak
        });
        let status = child.status();
        let seconds = started.elapsed().as_secs_f64();
        is_over.store(true, Ordering::Relaxed);
        (status, seconds, sampling.join().unwrap_or_default())
    });
    // What it left running for the next time, as connections that are kept: each run is to begin with nothing.
    group.end_all();
    thread::sleep(PAUSE);
    let after = class.relay.traffic();
    let text = fs::read_to_string(&said).context("what was said is no text")?;
    ensure!(status?.success(), "{command:?}\n{text}");
    #[expect(clippy::cast_precision_loss, reason = "no run uses that much")]
    let (a_host, number) = (|value: f64| value / class.lab.hosts.len() as f64, |value: u64| value as f64);
    let figures = [
        seconds,
        group.cpu_seconds()? - own_before,
        a_host(hosts()? - hosts_before),
        number(memory) / MEGABYTE,
        a_host(number(after.connections - before.connections)),
        a_host(number(after.up - before.up)) / 1e3,
        a_host(number(after.down - before.down)) / 1e3,
    ];
    Ok((figures, text))
}

/// The same command, by a shell that first enters the group.
fn in_group(group: &Group, command: &Command) -> Command {
    let entries = group.entries();
    let enter = "count=$1; shift; while [ \"$count\" -gt 0 ]; do echo $$ >\"$1\"; shift; count=$((count - 1)); done; exec \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", enter, "enter", &entries.len().to_string()]).args(entries);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}
