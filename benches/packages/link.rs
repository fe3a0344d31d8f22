//! A slow link to the internet: a namespace with one cable into the lab's switch, shaped at both ends.

use std::fs::File;
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

const NAMESPACE: &str = "provision-bench-link";
const PORT: &str = "slow";

/// The link; it is gone when dropped.
pub struct Link {
    /// The namespace of the lab's switch.
    switch: String,
    /// Where the far end listens.
    address: String,
}

impl Link {
    /// Plugs the link into the switch of a lab whose hosts have addresses like this.
    pub fn lay(lab: &str, host: &str) -> Result<Self> {
        let mut bytes = host.split('.');
        let network = bytes.next().zip(bytes.next()).context("the lab's hosts have no IPv4 address")?;
        let address = format!("{}.{}.0.2", network.0, network.1);
        let link = Self { switch: format!("provision.{lab}"), address };
        link.take_up();
        let switch = &link.switch;
        ip(&["netns", "add", NAMESPACE])?;
        ip(&[
            "-netns", switch, "link", "add", PORT, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE,
        ])?;
        ip(&["-netns", switch, "link", "set", PORT, "master", "switch", "up"])?;
        ip(&["-netns", NAMESPACE, "address", "add", &format!("{}/16", link.address), "dev", "eth0"])?;
        ip(&["-netns", NAMESPACE, "link", "set", "eth0", "up"])?;
        Ok(link)
    }

    /// Slows both directions down to a rate in the words of `tc`.
    pub fn shape(&self, rate: &str) -> Result<()> {
        for (namespace, device) in [(self.switch.as_str(), PORT), (NAMESPACE, "eth0")] {
            let shape = [
                "qdisc", "add", "dev", device, "root", "tbf", "rate", rate, "burst", "64kb", "latency",
                "100ms",
            ];
            run(Command::new("tc").args(["-netns", namespace]).args(shape))?;
        }
        Ok(())
    }

    /// A port at the far end. Only the thread that opens it goes there.
    pub fn listen(&self) -> Result<TcpListener> {
        let address = self.address.clone();
        let opening = std::thread::spawn(move || {
            let namespace = File::open(format!("/run/netns/{NAMESPACE}"))?;
            move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::Network))?;
            Ok::<_, anyhow::Error>(TcpListener::bind((address.as_str(), 0))?)
        });
        opening.join().ok().context("the listener's thread died")?
    }

    /// Bytes that came over the link, headers included.
    pub fn bytes(&self) -> Result<u64> {
        let show = ["-j", "-s", "link", "show", "dev", PORT];
        let shown = run(Command::new("ip").args(["-netns", &self.switch]).args(show))?;
        let shown: serde_json::Value = serde_json::from_slice(&shown)?;
        shown[0]["stats64"]["rx"]["bytes"].as_u64().context("`ip` counts no bytes")
    }

    fn take_up(&self) {
        // Where there is none, nothing is to be done; with a namespace goes the cable into it.
        let _ = Command::new("ip").args(["-netns", &self.switch, "link", "delete", PORT]).output();
        let _ = Command::new("ip").args(["netns", "delete", NAMESPACE]).output();
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.take_up();
    }
}

fn ip(arguments: &[&str]) -> Result<()> {
    run(Command::new("ip").args(arguments)).map(drop)
}

fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
