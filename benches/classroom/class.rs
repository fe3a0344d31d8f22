//! The class in the words of each tool: inventories, and the files of each host in two versions.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, ensure};

use crate::relay::Relay;
use crate::shared::lab::{Lab, LabHost, run};
use crate::shared::proxy::Proxy;
use crate::tool::{Tool, Work, learn_keys};

const LAB: &str = "bench-class";
const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/classroom/class");
const PAGE: &str = "var/www/html/index.html";
const SOCKET: &str = "opt/socket";
const BALANCER: &str = "etc/haproxy/haproxy.cfg";
/// Ansible asks for Python and its bindings to apt, which the images of clouds have. Lists are to be refreshed by all.
const PREPARE: &str = "apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-apt >/dev/null && \
                       find /var/lib/apt/lists -type f -delete && apt-get clean && touch -d @0 /var/lib/apt/lists";

/// Both are the same but for a line of every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    A,
    B,
}

impl Version {
    pub fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }
}

/// A lab, the way to it, and what the tools are given.
pub struct Class {
    pub lab: Lab,
    pub relay: Relay,
    folder: tempfile::TempDir,
    /// What the other tools bring; labs of one size share it.
    files: PathBuf,
}

impl Class {
    /// Makes hosts that have nothing yet. Their apt goes through the proxy.
    pub fn begin(count: usize, proxy: &Proxy, files: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
        let lab = Lab::up(LAB, folder.path(), count.saturating_sub(1).max(1))?;
        let gateway = lab.listed["gateway"].as_str().context("the lab has no gateway")?;
        let url = proxy.serve(TcpListener::bind((gateway, 0))?)?;
        thread::scope(|scope| {
            let prepare = |host: &LabHost| {
                lab.set_proxy(&host.name, &url)?;
                lab.on_host(&host.name, PREPARE).map(drop)
            };
            let hosts: Vec<_> = lab.hosts.iter().map(|host| scope.spawn(move || prepare(host))).collect();
            hosts
                .into_iter()
                .try_for_each(|host| host.join().unwrap_or_else(|_| anyhow::bail!("a thread died")))
        })?;
        let addresses = lab.hosts.iter().map(|host| Ok(SocketAddr::new(host.address.parse()?, 22)));
        let relay = Relay::open(addresses.collect::<Result<Vec<_>>>()?)?;
        let class = Self { lab, relay, folder, files: files.to_owned() };
        class.write()?;
        learn_keys(&class)?;
        Ok(class)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder with a folder for each host.
    pub fn files(&self, version: Version) -> PathBuf {
        self.files.join(format!("{version:?}"))
    }

    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.lab.hosts.iter().map(|host| host.name.as_str())
    }

    /// The first process of each host, as this machine numbers them.
    pub fn processes(&self) -> impl Iterator<Item = u64> {
        let listed = self.lab.listed["hosts"].as_array().into_iter().flatten();
        listed.filter_map(|host| host["pid"].as_u64())
    }

    /// A command whose home is the class's own.
    pub fn at_home(&self, mut command: Command) -> Command {
        command.env("HOME", self.folder.path()).env("LC_ALL", "C.UTF-8").env_remove("SSH_AUTH_SOCK");
        command
    }

    pub fn provision(&self, tool: Tool, work: Work, version: Version) -> Command {
        let verb = if work == Work::Plan { "plan" } else { "apply" };
        let mut command = self.lab.command(&[verb]);
        command.arg(self.path(&format!("class.{version:?}.yaml")));
        if tool == Tool::Provision && work != Work::Plan {
            command.arg("--no-verify");
        }
        command
    }

    /// Sets the hosts up with both versions, B at last, and keeps what they have then as what the other tools bring.
    pub fn render(&self) -> Result<()> {
        for version in [Version::A, Version::B] {
            run(&mut self.provision(Tool::Probes, Work::First, version))?;
            for (host, process) in self.hosts().zip(self.processes()) {
                let root = PathBuf::from(format!("/proc/{process}/root"));
                keep(&root, &self.files(version).join(host), host == "lb")?;
            }
        }
        Ok(())
    }

    /// That each page is served as it should be, and by the balancer.
    pub fn check_pages(&self, version: Version) -> Result<()> {
        let balancer = &self.lab.hosts.first().context("the lab has no hosts")?.address;
        for host in self.lab.hosts.iter().skip(1) {
            let page = fs::read_to_string(self.files(version).join(&host.name).join("index.html"))?;
            let served =
                ureq::get(format!("http://{}/", host.address)).call()?.body_mut().read_to_string()?;
            ensure!(served == page, "{} serves another page", host.name);
            ureq::get(format!("http://{balancer}/")).call().context("the balancer serves no page")?;
        }
        Ok(())
    }

    fn write(&self) -> Result<()> {
        let user = self.lab.listed["user"].as_str().context("the lab has no user")?;
        let identity = self.lab.listed["identity"].as_str().context("the lab has no key")?;
        let (mut config, mut hosts) = (String::new(), String::new());
        for (host, port) in self.lab.hosts.iter().zip(&self.relay.ports) {
            let LabHost { name, address, .. } = host;
            config += &format!("Host {name}\n  HostName 127.0.0.1\n  Port {port}\n");
            let roles = if name == "lb" { "[balancer]" } else { "[web, socket]" };
            hosts += &format!(
                "  {name}: {{ address: 127.0.0.1, ssh: {{ port: {port} }}, private_address: {address}, roles: {roles} }}\n"
            );
        }
        let known_hosts = self.path("known_hosts");
        config += &format!(
            "Host *\n  User {user}\n  IdentityFile {identity}\n  IdentitiesOnly yes\n  BatchMode yes\n  \
             UserKnownHostsFile {}\n  StrictHostKeyChecking accept-new\n",
            known_hosts.display()
        );
        fs::write(self.path("ssh_config"), config)?;
        for version in [Version::A, Version::B] {
            let inventory = format!(
                "version: 1\nname: Turma {version:?}\nssh: {{ user: {user}, identity: {identity} }}\n\
                 packages: {{ via: host }}\nhosts:\n{hosts}"
            );
            fs::write(self.path(&format!("class.{version:?}.yaml")), inventory)?;
        }
        let web: Vec<_> = self.hosts().skip(1).collect();
        fs::write(self.path("hosts.ini"), format!("[balancer]\nlb\n[web]\n{}\n", web.join("\n")))?;
        let config = self.path("ssh_config");
        let python = format!(
            "data = {{\"ssh_config_file\": \"{}\", \"ssh_known_hosts_file\": \"{}\", \
             \"ssh_strict_host_key_checking\": \"accept-new\"}}\n\
             balancer = ([\"lb\"], data)\nweb = ({web:?}, data)\n",
            config.display(),
            known_hosts.display()
        );
        Ok(fs::write(self.path("inventory.py"), python)?)
    }
}

/// Keeps the files of a host, and the scripts that bring them there.
fn keep(root: &Path, kept: &Path, is_balancer: bool) -> Result<()> {
    fs::create_dir_all(kept)?;
    let (script, packages) =
        if is_balancer { ("balancer.sh", "haproxy") } else { ("web.sh", "apache2 python3") };
    if is_balancer {
        fs::copy(root.join(BALANCER), kept.join("haproxy.cfg"))?;
    } else {
        fs::copy(root.join(PAGE), kept.join("index.html"))?;
        run(Command::new("cp").arg("-rT").arg(root.join(SOCKET)).arg(kept.join("socket")))?;
    }
    fs::copy(Path::new(SCRIPTS).join(script), kept.join("setup.sh"))?;
    fs::copy(Path::new(SCRIPTS).join("apt.sh"), kept.join("apt.sh"))?;
    Ok(fs::write(kept.join("packages"), packages)?)
}
