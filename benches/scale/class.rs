//! A class of simulated hosts: clusters of two web hosts and a balancer, each host at an address of its own below
//! 127.1.0.0, which loopback has without being told.

use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Result;
use russh::keys::PrivateKey;
use russh::keys::ssh_key::LineEnding;
use russh::keys::ssh_key::private::{Ed25519Keypair, KeypairData};

/// Hosts of a cluster.
const MEMBERS: usize = 3;
/// Hosts that differ in the last byte of their address.
const LAST_BYTES: usize = 250;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Balancer,
    Web,
}

/// The last of a cluster balances, so that hosts which are left over are web hosts alone.
pub fn role(number: usize) -> Role {
    if number % MEMBERS == MEMBERS - 1 { Role::Balancer } else { Role::Web }
}

pub fn name(number: usize) -> &'static str {
    ["web01", "web02", "lb"][number % MEMBERS]
}

/// Where SSH finds a host.
pub fn address(number: usize) -> Ipv4Addr {
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, 1, byte(number / LAST_BYTES), byte(number % LAST_BYTES + 1))
}

/// Where the hosts of its cluster find it: clusters are alike, as behind a router each.
pub fn private_address(number: usize) -> &'static str {
    ["192.0.2.11", "192.0.2.12", "192.0.2.10"][number % MEMBERS]
}

/// The files of a class, in a folder that is the home of whoever runs the tool.
pub struct Class {
    pub folder: PathBuf,
    pub inventory: PathBuf,
    pub key: PathBuf,
}

impl Class {
    pub fn new(folder: &Path) -> Result<Self> {
        let pair = KeypairData::Ed25519(Ed25519Keypair::from_seed(&rand::random()));
        let key = folder.join("key");
        fs::write(&key, PrivateKey::new(pair, "bench")?.to_openssh(LineEnding::LF)?.as_bytes())?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        // Pages of the recordings are of this template.
        fs::write(folder.join("page.html.tera"), "<!DOCTYPE html>\n<title>{{ host }}</title>\n")?;
        Ok(Self { folder: folder.to_owned(), inventory: folder.join("class.yaml"), key })
    }

    /// Writes the inventory of so many hosts, which listen at a port.
    pub fn write(&self, hosts: usize, port: u16) -> Result<()> {
        let mut text = format!(
            "ssh: {{user: aluno, port: {port}, identity: key}}\nweb: {{template: page.html.tera}}\nclusters:\n"
        );
        for number in 0..hosts {
            if number % MEMBERS == 0 {
                text.push_str(&format!("  team{:04}:\n    hosts:\n", number / MEMBERS));
            }
            let roles = if role(number) == Role::Balancer { "balancer" } else { "web, socket" };
            let (name, address, private) = (name(number), address(number), private_address(number));
            let host = format!("{{address: {address}, private_address: {private}, roles: [{roles}]}}");
            text.push_str(&format!("      {name}: {host}\n"));
        }
        Ok(fs::write(&self.inventory, text)?)
    }

    /// The tool, or another program, with nothing of this machine's user.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env("HOME", &self.folder).env_remove("SSH_AUTH_SOCK").current_dir(&self.folder);
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, &self.folder);
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}
