//! No-op apply of 20 converged lab hosts against 20 `ssh host true` at once, in turn, in one run.
//!
//! `cargo bench --bench noop_apply` takes root: it makes a lab, applies twice, measures, and takes the lab down, also
//! when it fails midway. `PROVISION_BENCH_WEB` (default 19, with one balancer) and `PROVISION_BENCH_ROUNDS` (default
//! 7) scale it. It fails where what is promised is missed.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use wait4::Wait4;

const LAB: &str = "bench-noop";
/// What logins leave on the hosts, such as sessions to be closed, must not burden who is measured next.
const PAUSE: Duration = Duration::from_millis(300);
const MEGABYTE: f64 = 1e6;

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches, too, without this word.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let setting = |name: &str, default: usize| {
        std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (web, rounds) = (setting("PROVISION_BENCH_WEB", 19), setting("PROVISION_BENCH_ROUNDS", 7).max(1));
    let folder = tempfile::tempdir()?;
    let inventory = folder.path().join("inventory.yaml");
    let inventory = inventory.to_str().context("the temporary folder has an odd name")?;
    let lab = Lab { home: folder.path() };
    lab.down();

    let started = Instant::now();
    lab.run(&["lab", "up", "--name", LAB, "--web", &web.to_string(), "--inventory", inventory])?;
    println!("lab up of {} hosts: {:.1} s", web + 1, started.elapsed().as_secs_f64());
    let first = lab.timed(&["apply", inventory])?;
    println!("first apply, probes included: {:.1} s, peak memory {:.0} MB", first.seconds, first.megabytes);
    let again: serde_json::Value =
        serde_json::from_slice(&lab.run(&["apply", inventory, "--no-verify", "-o", "json"])?)?;
    ensure!(again["summary"]["unchanged"] == web + 1, "the second apply was no no-op: {}", again["summary"]);

    let logins = Logins::of(&lab, inventory)?;
    let (mut applies, mut others, mut ratios, mut peak) = (Vec::new(), Vec::new(), Vec::new(), 0_f64);
    // The first round fills caches and known hosts, and does not count. Who comes first changes from round to round.
    for round in 0..=rounds {
        let (apply, login) = if round % 2 == 0 {
            let apply = lab.timed(&["apply", inventory, "--no-verify"])?;
            (apply, logins.all_at_once()?)
        } else {
            let login = logins.all_at_once()?;
            (lab.timed(&["apply", inventory, "--no-verify"])?, login)
        };
        if round > 0 {
            println!("  apply {:.3} s, ssh {login:.3} s", apply.seconds);
            applies.push(apply.seconds);
            others.push(login);
            ratios.push(apply.seconds / login);
            peak = peak.max(apply.megabytes);
        }
    }
    let ratio = median(&mut ratios);
    println!("no-op apply: median {:.3} s, peak memory {peak:.0} MB", median(&mut applies));
    println!("{} × `ssh host true` at once: median {:.3} s", web + 1, median(&mut others));
    println!(
        "apply ÷ ssh, round by round: median {ratio:.2}, from {:.2} to {:.2}",
        ratios[0],
        ratios[rounds - 1]
    );
    ensure!(ratio < 1.0, "a no-op apply takes longer than the logins alone");
    ensure!(first.megabytes < 100.0 && peak < 100.0, "an apply takes 100 MB or more");
    Ok(())
}

/// The tool with a home of its own, and a lab that is gone at the end, whatever happens.
struct Lab<'a> {
    home: &'a Path,
}

/// One run of the tool.
struct Timed {
    seconds: f64,
    megabytes: f64,
}

impl Lab<'_> {
    const PROGRAM: &'static str = env!("CARGO_BIN_EXE_provision");

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.env("HOME", self.home).env_remove("SSH_AUTH_SOCK");
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, self.home);
        }
        command
    }

    /// Runs the tool and returns what it prints.
    fn run(&self, arguments: &[&str]) -> Result<Vec<u8>> {
        let mut command = self.command(Self::PROGRAM, arguments);
        let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?.wait_with_output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{arguments:?}: {}\n{said}", output.status);
        Ok(output.stdout)
    }

    fn timed(&self, arguments: &[&str]) -> Result<Timed> {
        std::thread::sleep(PAUSE);
        let started = Instant::now();
        let used = self.command(Self::PROGRAM, arguments).spawn()?.wait4()?;
        let seconds = started.elapsed().as_secs_f64();
        ensure!(used.status.success(), "{arguments:?}: {}", used.status);
        #[expect(clippy::cast_precision_loss, reason = "no process is that large")]
        let megabytes = used.rusage.maxrss as f64 / MEGABYTE;
        Ok(Timed { seconds, megabytes })
    }

    fn down(&self) {
        // Where there is no such lab, nothing is to be done.
        let _ = self.command(Self::PROGRAM, &["lab", "down", "--name", LAB]).status();
    }
}

impl Drop for Lab<'_> {
    fn drop(&mut self) {
        self.down();
    }
}

/// What an instructor could type instead: one cold `ssh` a host, all at once, with ssh's defaults.
struct Logins<'a> {
    lab: &'a Lab<'a>,
    destinations: Vec<String>,
    options: Vec<String>,
}

impl<'a> Logins<'a> {
    fn of(lab: &'a Lab, inventory: &str) -> Result<Self> {
        let listed: serde_json::Value =
            serde_json::from_slice(&lab.run(&["inventory", "list", inventory, "-o", "json"])?)?;
        let hosts = listed["hosts"].as_array().context("`inventory list` names no hosts")?;
        let destination = |host: &serde_json::Value| {
            Some(format!("{}@{}", host["user"].as_str()?, host["address"].as_str()?))
        };
        let destinations: Option<Vec<_>> = hosts.iter().map(destination).collect();
        let text = std::fs::read_to_string(inventory)?;
        let identity = text.lines().find_map(|line| line.trim().strip_prefix("identity:"));
        let identity = identity.context("the inventory names no key")?.trim().trim_matches('"');
        let known_hosts = lab.home.join("known_hosts.ssh");
        let options = [
            "-F".to_owned(),
            "none".to_owned(),
            format!("-oIdentityFile={identity}"),
            format!("-oUserKnownHostsFile={}", known_hosts.display()),
            "-oStrictHostKeyChecking=accept-new".to_owned(),
            "-oBatchMode=yes".to_owned(),
        ];
        let destinations = destinations.context("a host has no user or address")?;
        Ok(Self { lab, destinations, options: options.into() })
    }

    /// Seconds from the first start to the last end.
    fn all_at_once(&self) -> Result<f64> {
        std::thread::sleep(PAUSE);
        let started = Instant::now();
        let children: std::io::Result<Vec<Child>> = self
            .destinations
            .iter()
            .map(|destination| {
                self.lab.command("ssh", &[]).args(&self.options).args([destination, "true"]).spawn()
            })
            .collect();
        for mut child in children? {
            ensure!(child.wait()?.success(), "an `ssh host true` failed");
        }
        Ok(started.elapsed().as_secs_f64())
    }
}

/// The value in the middle; sorts on the way.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
