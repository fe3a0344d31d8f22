//! No-op apply of 20 converged lab hosts against 20 parallel `ssh host true`, in turn, in one run.
//!
//! `cargo bench --bench noop_apply` takes root: it makes the lab, applies once, measures, and takes the lab down.
//! `PROVISION_BENCH_WEB` (default 19, with one balancer) and `PROVISION_BENCH_ROUNDS` (default 7) scale it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

fn main() {
    let setting = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let web = setting("PROVISION_BENCH_WEB", 19);
    let rounds = setting("PROVISION_BENCH_ROUNDS", 7);
    let folder = tempfile::tempdir().unwrap();
    let inventory = folder.path().join("inventory.yaml");
    let inventory = inventory.to_str().unwrap();
    let lab = Lab { folder: folder.path() };

    let started = Instant::now();
    lab.run(&["lab", "up", "--name", "bench", "--web", &web.to_string(), "--inventory", inventory]);
    println!("lab up of {} hosts: {:.1} s", web + 1, started.elapsed().as_secs_f64());
    let (first, memory) = lab.timed(&["apply", inventory]);
    println!("first apply with probes: {:.1} s, {} MB at its peak", first.as_secs_f64(), memory / 1_000_000);

    let listed =
        Command::new(lab.program()).args(["inventory", "list", inventory, "-o", "json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let identity = identity_of(inventory);
    let destinations: Vec<_> = listed["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| format!("{}@{}", host["user"].as_str().unwrap(), host["address"].as_str().unwrap()))
        .collect();
    assert_eq!(destinations.len(), web + 1);

    let mut ratios = Vec::new();
    let mut applies = Vec::new();
    let mut logins = Vec::new();
    let mut peak = 0;
    // The first round warms caches and known hosts, and does not count.
    for round in 0..=rounds {
        let (apply, memory) = lab.timed(&["apply", inventory, "--no-verify"]);
        let login = all_at_once(&destinations, &identity, folder.path());
        if round > 0 {
            ratios.push(apply.as_secs_f64() / login.as_secs_f64());
            applies.push(apply.as_secs_f64());
            logins.push(login.as_secs_f64());
            peak = peak.max(memory);
        }
    }
    println!("no-op apply: median {:.3} s", median(&mut applies));
    println!("{} × `ssh host true` at once: median {:.3} s", destinations.len(), median(&mut logins));
    println!("ratio apply / ssh, round by round: median {:.2}", median(&mut ratios));
    println!("peak memory of the no-op apply: {} MB", peak / 1_000_000);
    let binary = std::fs::metadata(lab.program()).unwrap().len();
    println!("binary: {:.1} MB", binary as f64 / 1e6);
}

/// The tool with a home of its own, and a lab that is gone at the end, whatever happens.
struct Lab<'a> {
    folder: &'a Path,
}

impl Lab<'_> {
    fn program(&self) -> &'static str {
        env!("CARGO_BIN_EXE_provision")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command
            .args(arguments)
            .env("HOME", self.folder)
            .env("XDG_STATE_HOME", self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) {
        let status = self.command(arguments).stderr(Stdio::inherit()).status().unwrap();
        assert!(status.success(), "{arguments:?}: {status}");
    }

    /// Wall time and peak memory in bytes.
    fn timed(&self, arguments: &[&str]) -> (Duration, u64) {
        let started = Instant::now();
        let mut child = self.command(arguments).spawn().unwrap();
        let used = child.wait4().unwrap();
        assert!(used.status.success(), "{arguments:?}: {}", used.status);
        (started.elapsed(), used.rusage.maxrss)
    }
}

impl Drop for Lab<'_> {
    fn drop(&mut self) {
        let _ = self.command(&["lab", "down", "--name", "bench"]).status();
    }
}

/// What an instructor would type instead: one cold `ssh` a host, all at once, ssh's defaults.
fn all_at_once(destinations: &[String], identity: &str, folder: &Path) -> Duration {
    let known_hosts = format!("UserKnownHostsFile={}", folder.join("known_hosts.ssh").display());
    let started = Instant::now();
    let children: Vec<Child> = destinations
        .iter()
        .map(|destination| {
            Command::new("ssh")
                .args(["-F", "none", "-i", identity, "-o", "BatchMode=yes", "-o", &known_hosts])
                .args(["-o", "StrictHostKeyChecking=accept-new", destination, "true"])
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut child in children {
        assert!(child.wait().unwrap().success(), "an `ssh host true` failed");
    }
    started.elapsed()
}

fn identity_of(inventory: &str) -> String {
    let text = std::fs::read_to_string(inventory).unwrap();
    let line = text.lines().find_map(|line| line.trim().strip_prefix("identity:")).unwrap();
    line.trim().trim_matches('"').to_owned()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
