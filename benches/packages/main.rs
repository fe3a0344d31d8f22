//! Packages through the laptop: what a class gains on a slow link, and what the relay costs on a fast one.
//!
//! `cargo bench --bench packages` takes root: it makes a lab of fresh hosts behind a link of 20 Mbit/s, lets them
//! install through the laptop, makes them anew, and lets each download for itself over the same link. Then it measures
//! the relay's cache against nginx on loopback. All it made is gone at the end, also when it fails midway.
//! `PROVISION_BENCH_WEB` (default 7, with one balancer) scales the lab, 0 leaves it out.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod link;
mod proxy;
mod throughput;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};

use self::link::Link;
use self::proxy::Proxy;

const LAB: &str = "bench-packages";
const RATE: &str = "20mbit";

fn main() -> Result<()> {
    // `cargo test --all-targets` runs benches, too, without this word.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(());
    }
    let web = std::env::var("PROVISION_BENCH_WEB").ok().and_then(|value| value.parse().ok()).unwrap_or(7);
    let folder = tempfile::tempdir()?;
    if web > 0 {
        first_applies(folder.path(), web)?;
    }
    throughput::measure(folder.path())
}

/// How packages reach the hosts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Laptop,
    Host,
}

fn first_applies(folder: &Path, web: usize) -> Result<()> {
    let proxy = Proxy::default();
    fill(&proxy, &Lab::up(folder, 1)?)?;
    let (through_laptop, laptop_bytes) = first_apply(&proxy, &Lab::up(folder, web)?, Way::Laptop)?;
    let (by_themselves, host_bytes) = first_apply(&proxy, &Lab::up(folder, web)?, Way::Host)?;
    #[expect(clippy::cast_precision_loss, reason = "a class does not download that much")]
    let (laptop, hosts) = (laptop_bytes as f64 / 1e6, host_bytes as f64 / 1e6);
    let (fast, slow) = (through_laptop.as_secs_f64(), by_themselves.as_secs_f64());
    println!("first apply of {} fresh hosts behind one link of {RATE}/s:", web + 1);
    println!("  packages through the laptop: {fast:.1} s, {laptop:.1} MB over the link");
    println!("  each host for itself:        {slow:.1} s, {hosts:.1} MB over the link");
    println!(
        "  each for itself ÷ through the laptop: {:.2} in time, {:.2} in bytes",
        slow / fast,
        hosts / laptop
    );
    Ok(())
}

/// Lets the proxy fetch what hosts will want, in either way, while nobody counts.
fn fill(proxy: &Proxy, lab: &Lab) -> Result<()> {
    let link = Link::lay(LAB, &lab.hosts[0].1)?;
    let url = proxy.serve(link.listen()?)?;
    let mut fetch = lab.command(&["packages", "fetch", &lab.inventory]);
    run(fetch.env("http_proxy", &url).env("XDG_CACHE_HOME", lab.folder.join("filling")))?;
    lab.set_proxy(&lab.hosts[0].0, &url)?;
    run(&mut lab.command(&[
        "lab",
        "exec",
        &lab.hosts[0].0,
        "--name",
        LAB,
        "--",
        "apt-get",
        "update",
        "-qq",
    ]))?;
    Ok(())
}

/// Seconds, and bytes over the link.
fn first_apply(proxy: &Proxy, lab: &Lab, way: Way) -> Result<(Duration, u64)> {
    let link = Link::lay(LAB, &lab.hosts[0].1)?;
    let url = proxy.serve(link.listen()?)?;
    link.shape(RATE)?;
    let mut apply = lab.command(&["apply", &lab.inventory, "--no-verify"]);
    apply.env("XDG_CACHE_HOME", lab.folder.join("empty"));
    match way {
        Way::Laptop => _ = apply.env("http_proxy", &url),
        Way::Host => {
            let inventory = std::fs::read_to_string(&lab.inventory)?;
            std::fs::write(&lab.inventory, inventory.replace("via: laptop", "via: host"))?;
            for (host, _) in &lab.hosts {
                lab.set_proxy(host, &url)?;
            }
        }
    }
    let (before, started) = (link.bytes()?, Instant::now());
    run(&mut apply)?;
    let took = started.elapsed();
    Ok((took, link.bytes()? - before))
}

/// Fresh hosts, gone when dropped.
struct Lab<'a> {
    folder: &'a Path,
    inventory: String,
    /// Names and addresses.
    hosts: Vec<(String, String)>,
}

impl<'a> Lab<'a> {
    fn up(folder: &'a Path, web: usize) -> Result<Self> {
        let inventory = folder.join("inventory.yaml").display().to_string();
        let mut lab = Self { folder, inventory, hosts: Vec::new() };
        lab.down();
        let web = web.to_string();
        run(&mut lab.command(&["lab", "up", "--name", LAB, "--web", &web, "--inventory", &lab.inventory]))?;
        let listed: serde_json::Value =
            serde_json::from_slice(&run(&mut lab.command(&["lab", "list", "-o", "json"]))?)?;
        let labs = listed["labs"].as_array().context("`lab list` names no labs")?;
        let own = labs.iter().find(|listed| listed["name"] == LAB).context("the lab is not listed")?;
        let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
        let hosts = own["hosts"].as_array().context("the lab has no hosts")?;
        let hosts: Option<_> =
            hosts.iter().map(|host| text(&host["name"]).zip(text(&host["address"]))).collect();
        lab.hosts = hosts.context("a host has no name or address")?;
        Ok(lab)
    }

    /// The tool, with a home of its own.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_provision"));
        command.args(arguments).stdin(Stdio::null()).env("HOME", self.folder).env_remove("SSH_AUTH_SOCK");
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, self.folder);
        }
        for name in ["HTTP_PROXY", "no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        command
    }

    /// Gives a host's own apt a way to the link.
    fn set_proxy(&self, host: &str, url: &str) -> Result<()> {
        let setting = format!("echo 'Acquire::http::Proxy \"{url}\";' >/etc/apt/apt.conf.d/80link");
        run(&mut self.command(&["lab", "exec", host, "--name", LAB, "--", "sh", "-c", &setting])).map(drop)
    }

    fn down(&self) {
        // Where there is no such lab, nothing is to be done.
        let _ = self.command(&["lab", "down", "--name", LAB]).output();
    }
}

impl Drop for Lab<'_> {
    fn drop(&mut self) {
        self.down();
    }
}

fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
