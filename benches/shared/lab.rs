//! Lab hosts for benches: made by the tool itself, gone when dropped.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_provision");

/// A lab of fresh hosts: one balancer, and web hosts.
pub struct Lab {
    name: &'static str,
    /// The home of all that runs here.
    pub folder: PathBuf,
    pub inventory: PathBuf,
    /// The lab in the words of `lab list`.
    pub listed: Value,
    pub hosts: Vec<LabHost>,
}

pub struct LabHost {
    pub name: String,
    pub address: String,
}

impl Lab {
    /// Makes the hosts anew, with their inventory in the folder.
    pub fn up(name: &'static str, folder: &Path, web: usize) -> Result<Self> {
        let (folder, inventory) = (folder.to_owned(), folder.join("inventory.yaml"));
        let mut lab = Self { name, folder, inventory, listed: Value::Null, hosts: Vec::new() };
        lab.down();
        let mut up = lab.command(&["lab", "up", "--name", name, "--web", &web.to_string(), "--inventory"]);
        run(up.arg(&lab.inventory))?;
        let listed: Value = serde_json::from_slice(&run(&mut lab.command(&["lab", "list", "-o", "json"]))?)?;
        let labs = listed["labs"].as_array().context("`lab list` names no labs")?;
        lab.listed = labs.iter().find(|listed| listed["name"] == name).context("no such lab")?.clone();
        let hosts = lab.listed["hosts"].as_array().context("the lab has no hosts")?;
        let hosts: Option<_> = hosts.iter().map(LabHost::of).collect();
        lab.hosts = hosts.context("a host lacks its name or address")?;
        Ok(lab)
    }

    /// The tool, with a home of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).stdin(Stdio::null()).env("HOME", &self.folder).env_remove("SSH_AUTH_SOCK");
        for name in ["XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
            command.env(name, &self.folder);
        }
        for name in ["HTTP_PROXY", "no_proxy", "NO_PROXY"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs a program of the shell as root on a host, without ssh.
    pub fn on_host(&self, host: &str, program: &str) -> Result<Vec<u8>> {
        run(&mut self.command(&["lab", "exec", host, "--name", self.name, "--", "sh", "-c", program]))
    }

    /// Gives a host's own apt a proxy.
    pub fn set_proxy(&self, host: &str, url: &str) -> Result<()> {
        let setting = format!("echo 'Acquire::http::Proxy \"{url}\";' >/etc/apt/apt.conf.d/80bench");
        self.on_host(host, &setting).map(drop)
    }

    fn down(&self) {
        // Where there is no such lab, nothing is to be done.
        let _ = self.command(&["lab", "down", "--name", self.name]).output();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        self.down();
    }
}

impl LabHost {
    fn of(listed: &Value) -> Option<Self> {
        let text = |key: &str| listed[key].as_str().map(str::to_owned);
        Some(Self { name: text("name")?, address: text("address")? })
    }
}

pub fn run(command: &mut Command) -> Result<Vec<u8>> {
    let output = command.output()?;
    ensure!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(output.stdout)
}
