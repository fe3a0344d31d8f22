//! Packages through the laptop: what a class gains on a slow link, and what the relay costs on a fast one.
//!
//! `cargo bench --bench packages` takes root: it makes a lab of fresh hosts behind a link of 20 Mbit/s, lets them
//! install through the laptop, makes them anew, and lets each download for itself over the same link. Then it measures
//! the relay's cache against nginx on loopback. All it made is gone at the end, also when it fails midway.
//! `PROVISION_BENCH_WEB` (default 7, with one balancer) scales the lab, 0 leaves it out.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod link;
#[path = "../shared/mod.rs"]
mod shared;
mod throughput;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

use self::link::Link;
use self::shared::lab::{Lab, run};
use self::shared::proxy::Proxy;

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
    fill(&proxy, &Lab::up(LAB, folder, 1)?)?;
    let (through_laptop, laptop_bytes) = first_apply(&proxy, &Lab::up(LAB, folder, web)?, Way::Laptop)?;
    let (by_themselves, host_bytes) = first_apply(&proxy, &Lab::up(LAB, folder, web)?, Way::Host)?;
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
    let link = Link::lay(LAB, &lab.hosts[0].address)?;
    let url = proxy.serve(link.listen()?)?;
    let mut fetch = lab.command(&["packages", "fetch"]);
    fetch.arg(&lab.inventory).env("http_proxy", &url).env("XDG_CACHE_HOME", lab.folder.join("filling"));
    run(&mut fetch)?;
    lab.set_proxy(&lab.hosts[0].name, &url)?;
    lab.on_host(&lab.hosts[0].name, "apt-get update -qq").map(drop)
}

/// Seconds, and bytes over the link.
fn first_apply(proxy: &Proxy, lab: &Lab, way: Way) -> Result<(Duration, u64)> {
    let link = Link::lay(LAB, &lab.hosts[0].address)?;
    let url = proxy.serve(link.listen()?)?;
    link.shape(RATE)?;
    let mut apply = lab.command(&["apply", "--no-verify"]);
    apply.arg(&lab.inventory).env("XDG_CACHE_HOME", lab.folder.join("empty"));
    match way {
        Way::Laptop => _ = apply.env("http_proxy", &url),
        Way::Host => {
            let inventory = std::fs::read_to_string(&lab.inventory)?;
            std::fs::write(&lab.inventory, inventory.replace("via: laptop", "via: host"))?;
            for host in &lab.hosts {
                lab.set_proxy(&host.name, &url)?;
            }
        }
    }
    let (before, started) = (link.bytes()?, Instant::now());
    run(&mut apply)?;
    let took = started.elapsed();
    Ok((took, link.bytes()? - before))
}
