//! What is compared, and what each runs for which work.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use strum::{Display, EnumString};

use crate::class::{Class, Version};
use crate::shared::lab::run;

const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/classroom/class");
/// Runs a script on a host, in the folder of its files.
const SETUP: &str = "sudo sh setup.sh";
const APT: &str = "sudo sh apt.sh";

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, Display)]
#[strum(serialize_all = "lowercase")]
pub enum Tool {
    Provision,
    /// The tool with the probes at its end.
    Probes,
    Ansible,
    /// Ansible over Mitogen.
    Mitogen,
    Pyinfra,
    /// The class scripts on all hosts at once.
    Scripts,
    /// What nobody is faster than: apt alone for a first apply, else `ssh host true`.
    Floor,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, Display)]
#[strum(serialize_all = "lowercase")]
pub enum Work {
    /// On hosts that have nothing.
    First,
    /// On hosts that have everything.
    Again,
    /// What would be done, where nothing is to be done.
    Plan,
    /// One line of every page is another.
    Change,
}

impl Tool {
    pub const ALL: [Self; 7] = [
        Self::Provision,
        Self::Probes,
        Self::Ansible,
        Self::Mitogen,
        Self::Pyinfra,
        Self::Scripts,
        Self::Floor,
    ];

    pub fn is_ours(self) -> bool {
        matches!(self, Self::Provision | Self::Probes)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Probes => "provision with probes",
            Self::Ansible => "Ansible",
            Self::Mitogen => "Ansible + Mitogen",
            Self::Pyinfra => "pyinfra",
            Self::Scripts => "class scripts",
            Self::Floor => "floor",
        }
    }

    pub fn can(self, work: Work) -> bool {
        match self {
            Self::Provision | Self::Ansible | Self::Mitogen | Self::Pyinfra => true,
            Self::Scripts => work != Work::Plan,
            // To a first apply they add a second.
            Self::Probes => matches!(work, Work::Again | Work::Change),
            Self::Floor => matches!(work, Work::First | Work::Again),
        }
    }

    /// Whether it tells that nothing was to be done, where it tells such a thing at all.
    pub fn changes_nothing(self, said: &str) -> bool {
        match self {
            Self::Provision | Self::Probes => {
                said.contains("nothing to change") || said.contains("No changes")
            }
            Self::Ansible | Self::Mitogen => {
                let hosts: Vec<_> = said.lines().filter(|line| line.contains("changed=")).collect();
                !hosts.is_empty() && hosts.iter().all(|line| line.contains("changed=0"))
            }
            // The total has hosts, then those where something changed.
            Self::Pyinfra => said
                .lines()
                .find_map(|line| line.split_once("Grand total"))
                .is_none_or(|(_, counts)| counts.split_whitespace().nth(1) == Some("-")),
            Self::Scripts | Self::Floor => true,
        }
    }
}

impl Work {
    pub const ALL: [Self; 4] = [Self::First, Self::Again, Self::Plan, Self::Change];

    pub fn name(self) -> &'static str {
        match self {
            Self::First => "first apply",
            Self::Again => "nothing to do",
            Self::Plan => "plan, nothing to do",
            Self::Change => "a line of every page",
        }
    }
}

/// The tools of others, in a virtual environment that is thrown away.
pub struct Tools {
    environment: PathBuf,
    /// Where Mitogen keeps its strategies for Ansible.
    strategies: String,
}

impl Tools {
    pub fn install(folder: &Path) -> Result<Self> {
        let environment = folder.join("environment");
        run(Command::new("python3").args(["-m", "venv"]).arg(&environment))
            .context("python3-venv is needed")?;
        let requirements = format!("{FILES}/requirements.txt");
        run(Command::new(environment.join("bin/pip")).args([
            "install",
            "--quiet",
            "--requirement",
            &requirements,
        ]))?;
        let find = "import ansible_mitogen; print(ansible_mitogen.__path__[0])";
        let found = run(Command::new(environment.join("bin/python")).args(["-c", find]))?;
        let strategies = format!("{}/plugins/strategy", String::from_utf8(found)?.trim());
        Ok(Self { environment, strategies })
    }

    pub fn command(&self, tool: Tool, work: Work, class: &Class, version: Version) -> Command {
        match tool {
            Tool::Provision | Tool::Probes => class.provision(tool, work, version),
            Tool::Ansible | Tool::Mitogen => self.ansible(tool, work, class, version),
            Tool::Pyinfra => self.pyinfra(work, class, version),
            Tool::Scripts => everywhere(class, &class.files(version), SETUP),
            Tool::Floor if work == Work::First => everywhere(class, &class.files(version), APT),
            Tool::Floor => everywhere(class, Path::new("-"), "true"),
        }
    }

    fn ansible(&self, tool: Tool, work: Work, class: &Class, version: Version) -> Command {
        let mut command = Command::new(self.environment.join("bin/ansible-playbook"));
        command.arg("--inventory").arg(class.path("hosts.ini"));
        command.arg("--extra-vars").arg(format!("class_files={}", class.files(version).display()));
        command.arg(format!("{FILES}/playbook.yaml"));
        if work == Work::Plan {
            command.args(["--check", "--diff"]);
        }
        // Settings that its users find first when it is slow.
        command.env("ANSIBLE_PIPELINING", "1").env("ANSIBLE_FORKS", "30");
        command.env("ANSIBLE_PYTHON_INTERPRETER", "/usr/bin/python3").env("ANSIBLE_NOCOLOR", "1");
        command.env(
            "ANSIBLE_SSH_ARGS",
            format!("-C -oControlMaster=auto -oControlPersist=60s -F {}", class.path("ssh_config").display()),
        );
        command.env("ANSIBLE_SSH_CONTROL_PATH_DIR", class.path("control"));
        if tool == Tool::Mitogen {
            command.env("ANSIBLE_STRATEGY_PLUGINS", &self.strategies);
            command.env("ANSIBLE_STRATEGY", "mitogen_linear");
        }
        class.at_home(command)
    }

    fn pyinfra(&self, work: Work, class: &Class, version: Version) -> Command {
        let mut command = Command::new(self.environment.join("bin/pyinfra"));
        command.arg("--data").arg(format!("class_files={}", class.files(version).display()));
        command.args(match work {
            Work::Plan => ["--dry", "--diff"].as_slice(),
            _ => &["--yes"],
        });
        command.arg(class.path("inventory.py")).arg(format!("{FILES}/deploy.py"));
        class.at_home(command)
    }
}

/// Has the host keys of a class known to `ssh`, as they are to who works with it: Mitogen takes no others.
pub fn learn_keys(class: &Class) -> Result<()> {
    run(&mut everywhere(class, Path::new("-"), "true")).map(drop)
}

fn everywhere(class: &Class, files: &Path, on_host: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg(format!("{FILES}/everywhere.sh")).arg(class.path("ssh_config")).arg(files).arg(on_host);
    command.args(class.hosts());
    class.at_home(command)
}
