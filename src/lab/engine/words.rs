//! The command lines of podman and docker: the subset that both have, and the few words in which they differ. Pure.

use std::fmt;
use std::path::Path;

use crate::lab::ports::LOOPBACK;
use crate::lab::shape::{HostShape, Ports};
use crate::lab::subnet::Subnet;

/// Marks what belongs to a lab, by the lab's folder: its name alone could be another user's.
const LAB_LABEL: &str = "provision.lab";
/// Marks the images that hosts are made of.
const IMAGE_LABEL: &str = "provision.image";
/// What the services of a real machine may do, and its root to its own network: systemd mounts for the services that it
/// shuts in, and only who may look into other users' processes knows who listens on a port.
pub(super) const CAPABILITIES: [&str; 5] = ["AUDIT_WRITE", "NET_ADMIN", "NET_RAW", "SYS_ADMIN", "SYS_PTRACE"];
/// Podman prepares a container for systemd; docker leaves its control groups read-only.
const BOOT_UNDER_DOCKER: &str = "mount -o remount,rw /sys/fs/cgroup; exec /sbin/init";

/// A container engine, by its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    Podman,
    Docker,
}

impl Program {
    pub fn name(self) -> &'static str {
        match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// Name of a lab's network, and what the names of its containers begin with.
pub(super) fn network(lab: &str) -> String {
    format!("provision.{lab}")
}

pub(super) fn container(lab: &str, hostname: &str) -> String {
    format!("provision.{lab}.{hostname}")
}

fn label(folder: &Path) -> String {
    format!("{LAB_LABEL}={}", folder.display())
}

/// Makes the network of a lab. Where its hosts are reached by their addresses, it leads nowhere else.
pub(super) fn make_network(lab: &str, folder: &Path, subnet: Subnet, is_published: bool) -> Vec<String> {
    let mut words = words(["network", "create", "--subnet", &subnet.to_string(), "--label", &label(folder)]);
    if !is_published {
        words.push("--internal".to_owned());
    }
    words.push(network(lab));
    words
}

/// Makes the container of a host, which does not run yet.
pub(super) fn create(
    program: Program,
    lab: &str,
    folder: &Path,
    host: &HostShape,
    ports: Option<Ports>,
    image: &str,
) -> Vec<String> {
    let mut words =
        words(["create", "--name", &container(lab, &host.hostname), "--hostname", &host.hostname]);
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), value.to_owned()]);
    option("--label", &label(folder));
    option("--network", &network(lab));
    option("--ip", &host.address);
    // Newer clients of docker can't tell older engines one.
    if program == Program::Podman {
        option("--mac-address", &host.hardware_address());
    }
    let pairs = ports.map(|Ports { ssh, web, statistics }| [(ssh, 22), (web, 80), (statistics, 8404)]);
    for (outside, inside) in pairs.into_iter().flatten() {
        option("--publish", &format!("{LOOPBACK}:{outside}:{inside}"));
    }
    for capability in CAPABILITIES {
        option("--cap-add", capability);
    }
    // The engines' profile forbids what the capabilities are for.
    option("--security-opt", "apparmor=unconfined");
    match program {
        Program::Podman => option("--systemd", "always"),
        Program::Docker => {
            option("--cgroupns", "private");
            for folder in ["/run", "/run/lock", "/tmp"] {
                option("--tmpfs", folder);
            }
        }
    }
    words.push(image.to_owned());
    if program == Program::Docker {
        words.extend(["sh", "-c", BOOT_UNDER_DOCKER].map(str::to_owned));
    }
    words
}

/// Runs a command in a host, with this process's standard input and, where it has one, its terminal.
pub(super) fn exec(lab: &str, hostname: &str, has_terminal: bool, command: &[String]) -> Vec<String> {
    let mut words = words(["exec", "--interactive"]);
    if has_terminal {
        words.push("--tty".to_owned());
    }
    words.push(container(lab, hostname));
    words.extend_from_slice(command);
    words
}

/// Names of all containers of a lab, running or not.
pub(super) fn list_containers(folder: &Path) -> Vec<String> {
    words(["ps", "--all", "--filter", &format!("label={}", label(folder)), "--format", "{{.Names}}"])
}

/// For each container its name and its process 1, 0 where it is stopped.
pub(super) fn inspect(containers: &[String]) -> Vec<String> {
    [words(["container", "inspect", "--format", "{{.Name}} {{.State.Pid}}"]), containers.to_vec()].concat()
}

pub(super) fn list_networks(folder: &Path) -> Vec<String> {
    words(["network", "ls", "--filter", &format!("label={}", label(folder)), "--format", "{{.Name}}"])
}

/// Builds an image from a folder with a `Dockerfile`.
pub(super) fn build(name: &str, folder: &Path) -> Vec<String> {
    words(["build", "--tag", name, "--label", &format!("{IMAGE_LABEL}=1"), &folder.display().to_string()])
}

/// Takes the files of a system, as a tar archive on standard input, as an image.
pub(super) fn import(name: &str) -> Vec<String> {
    words(["import", "--change", &format!("LABEL {IMAGE_LABEL}=1"), "-", name])
}

/// Removes the images of hosts that no container stands on.
pub(super) fn prune_images() -> Vec<String> {
    words(["image", "prune", "--all", "--force", "--filter", &format!("label={IMAGE_LABEL}")])
}

/// The end of what a container said on its console.
pub(super) fn logs(container: &str) -> Vec<String> {
    words(["logs", "--tail", "15", container])
}

pub(super) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::shape::Options;

    const FOLDER: &str = "/home/ana/.local/state/provision-lab/labs/lab";

    /// Command lines as they would be typed, an option on each line.
    fn typed(program: Program, words: &[String]) -> String {
        let line = shlex::try_join(words.iter().map(String::as_str)).unwrap();
        format!("{program} {line}").replace(" --", " \\\n  --")
    }

    fn everything(program: Program, ports: Option<Ports>) -> String {
        let options = Options { web: 1, ..Options::default() };
        let subnet = Subnet::new(10, 213);
        let folder = Path::new(FOLDER);
        let host = &options.hosts(subnet)[1];
        let image = "localhost/provision-lab:bookworm-0123456789ab";
        let containers = ["lb", "web01"].map(|host| container("lab", host));
        let uptime = words(["uptime"]);
        [
            import("localhost/provision-base:bookworm"),
            build(image, Path::new("/state/context")),
            make_network("lab", folder, subnet, ports.is_some()),
            create(program, "lab", folder, host, ports, image),
            exec("lab", "web01", false, &uptime),
            exec("lab", "web01", true, &uptime),
            list_containers(folder),
            inspect(&containers),
            list_networks(folder),
            logs(&containers[0]),
            prune_images(),
        ]
        .map(|words| typed(program, &words))
        .join("\n")
    }

    #[test]
    fn podman_with_addresses_that_are_reached() {
        insta::assert_snapshot!(everything(Program::Podman, None));
    }

    #[test]
    fn docker_with_published_ports() {
        let ports = Ports { ssh: 22001, web: 23001, statistics: 24001 };
        insta::assert_snapshot!(everything(Program::Docker, Some(ports)));
    }
}
