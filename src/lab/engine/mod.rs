//! Hosts in containers of podman or docker: for who has no root, no Linux or no systemd-nspawn.
//!
//! The two understand the same command lines, but for what systemd needs of a container. What belongs to a lab is marked
//! with its folder, and found by that mark.

mod host;
mod image;
mod words;

use std::path::Path;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

pub(super) use words::Program;

use super::Tell;
use super::container::Container;
use super::program::run;
use super::record::{Folder, Record};
use crate::error::Result;
use crate::model::{Text, text};

/// What a container engine tells of itself.
const FACTS_OF_PODMAN: &str = "{{.Host.Security.Rootless}} {{.Host.ServiceIsRemote}}";
const FACTS_OF_DOCKER: &str = "{{.OperatingSystem}}\t{{.SecurityOptions}}";

/// A container engine that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Engine {
    pub program: Program,
    /// Whether hosts are reached by ports of this machine: their own addresses lie in a network of the engine alone.
    pub is_published: bool,
}

impl Engine {
    /// The engine of this machine and user, or why there is none.
    pub async fn find(program: Program, cancel: &CancellationToken) -> Result<Self, Text> {
        let name = program.name();
        if which::which(name).is_err() {
            return Err(text!(en: "{name} is not installed", pt: "o {name} não está instalado"));
        }
        let facts = match program {
            Program::Podman => FACTS_OF_PODMAN,
            Program::Docker => FACTS_OF_DOCKER,
        };
        let answer = engine(program, &words::words(["info", "--format", facts]), "", cancel).await;
        let answer = answer.map_err(|error| {
            let cause = error.causes.first().map(Text::english).unwrap_or_default();
            let cause = cause.lines().last().unwrap_or_default();
            text!(en: "{name} does not answer ({cause})", pt: "o {name} não responde ({cause})")
        })?;
        let is_published = !cfg!(target_os = "linux") || is_apart(program, &String::from_utf8_lossy(&answer));
        Ok(Self { program, is_published })
    }

    /// Makes the network of a lab, unless it is there.
    pub async fn lay_network(
        self,
        record: &Record,
        folder: &Folder,
        cancel: &CancellationToken,
    ) -> Result<()> {
        if !self.lines(&words::list_networks(folder.path()), cancel).await?.is_empty() {
            return Ok(());
        }
        let lab = &record.options.name;
        let words = words::make_network(lab, folder.path(), record.subnet, self.is_published);
        self.run(&words, "", cancel).await.map(drop).map_err(|error| {
            error.hint(text!(
                en: "is a network of this name left? see `{program} network ls`",
                pt: "sobrou uma rede com esse nome? veja `{program} network ls`", program = self.program
            ))
        })
    }

    /// The hosts of a lab that run. Where the engine does not answer, none does.
    pub async fn running(self, folder: &Folder) -> Vec<Container> {
        let never = CancellationToken::new();
        let names = self.lines(&words::list_containers(folder.path()), &never).await.unwrap_or_default();
        if names.is_empty() {
            return Vec::new();
        }
        let lines = self.lines(&words::inspect(&names), &never).await.unwrap_or_default();
        let prefix = words::container(&folder.lab(), "");
        lines.iter().filter_map(|line| running(line, &prefix)).collect()
    }

    /// Whether something of a lab is there although its folder is not.
    pub async fn is_left(self, folder: &Folder) -> bool {
        let never = CancellationToken::new();
        for words in [words::list_containers(folder.path()), words::list_networks(folder.path())] {
            if self.lines(&words, &never).await.is_ok_and(|names| !names.is_empty()) {
                return true;
            }
        }
        false
    }

    /// Removes what a lab has in the engine.
    pub async fn remove(self, folder: &Folder) -> Result<()> {
        let never = CancellationToken::new();
        let containers = self.lines(&words::list_containers(folder.path()), &never).await?;
        self.remove_containers(&containers).await?;
        for network in self.lines(&words::list_networks(folder.path()), &never).await? {
            self.run(&words::words(["network", "rm", &network]), "", &never).await?;
        }
        Ok(())
    }

    /// Removes some hosts of a lab.
    pub async fn remove_hosts(self, folder: &Folder, hostnames: &[String]) -> Result<()> {
        let lab = folder.lab();
        let added: Vec<String> = hostnames.iter().map(|hostname| words::container(&lab, hostname)).collect();
        let never = CancellationToken::new();
        let mut there = self.lines(&words::list_containers(folder.path()), &never).await?;
        there.retain(|container| added.contains(container));
        self.remove_containers(&there).await
    }

    async fn remove_containers(self, containers: &[String]) -> Result<()> {
        if containers.is_empty() {
            return Ok(());
        }
        // A host has nothing to say at its end: it is killed.
        let words = [words::words(["rm", "--force", "--volumes"]), containers.to_vec()].concat();
        self.run(&words, "", &CancellationToken::new()).await.map(drop)
    }

    async fn lines(self, words: &[String], cancel: &CancellationToken) -> Result<Vec<String>> {
        let output = self.run(words, "", cancel).await?;
        Ok(String::from_utf8_lossy(&output).lines().map(str::to_owned).collect())
    }

    async fn run(self, words: &[String], input: &str, cancel: &CancellationToken) -> Result<Vec<u8>> {
        engine(self.program, words, input, cancel).await
    }
}

/// Says what hosts are allowed that containers usually are not.
pub(super) fn announce(tell: Tell<'_>) {
    tell(text!(
        en: "its containers get the capabilities {capabilities} and no AppArmor profile, for systemd and the services of a host; they are not privileged",
        pt: "os contêineres recebem as capacidades {capabilities} e nenhum perfil do AppArmor, para o systemd e os serviços de uma máquina; não são privilegiados", capabilities = words::CAPABILITIES.join(", ")
    ));
}

async fn engine(
    program: Program,
    words: &[String],
    input: &str,
    cancel: &CancellationToken,
) -> Result<Vec<u8>> {
    run(command(program, words), input, cancel).await
}

fn command(program: Program, words: &[String]) -> Command {
    let mut command = Command::new(program.name());
    command.args(words).current_dir(Path::new("/"));
    command
}

/// Whether an engine on Linux runs its containers where this machine can't reach them.
fn is_apart(program: Program, facts: &str) -> bool {
    match program {
        Program::Podman => facts.split_whitespace().any(|word| word == "true"),
        Program::Docker => facts.contains("name=rootless") || facts.starts_with("Docker Desktop"),
    }
}

/// A host by what the engine tells of its container, if it runs.
fn running(line: &str, prefix: &str) -> Option<Container> {
    let (name, pid) = line.trim_start_matches('/').split_once(' ')?;
    let pid: u32 = pid.trim().parse().ok().filter(|pid| *pid > 0)?;
    Some(Container { hostname: name.strip_prefix(prefix)?.to_owned(), pid: Some(pid) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_without_root_publish_ports() {
        for (program, facts, expected) in [
            (Program::Podman, "false false\n", false),
            (Program::Podman, "true false\n", true),
            (Program::Podman, "false true\n", true),
            (Program::Docker, "Debian GNU/Linux 12 (bookworm)\t[name=seccomp,profile=default]\n", false),
            (Program::Docker, "Ubuntu 24.04\t[name=seccomp,profile=builtin name=rootless]\n", true),
            (Program::Docker, "Docker Desktop\t[name=seccomp,profile=unconfined]\n", true),
        ] {
            assert_eq!(is_apart(program, facts), expected, "{facts}");
        }
    }

    #[test]
    fn containers_are_hosts_by_their_names() {
        let host = |hostname: &str, pid| Some(Container { hostname: hostname.to_owned(), pid: Some(pid) });
        let prefix = words::container("lab", "");
        assert_eq!(running("provision.lab.web01 4711", &prefix), host("web01", 4711));
        assert_eq!(running("/provision.lab.lb 12", &prefix), host("lb", 12));
        for line in ["provision.lab.web01 0", "provision.other.web01 7", ""] {
            assert_eq!(running(line, &prefix), None);
        }
    }
}
