//! What a lab needs of this machine: refused clearly where it can't be had, installed where it can.

use std::fs;
use std::path::Path;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::Tell;
use super::driver::{Driver, other_ways};
use super::program::{interrupted, run};
use super::record::{make_folder, names, remove_tree, write_file};
use crate::error::{Error, Result};
use crate::model::text;

/// Programs that labs are made with, and the Debian packages that hold them.
const PROGRAMS: [(&str, &str); 9] = [
    ("systemd-nspawn", "systemd-container"),
    ("mmdebstrap", "mmdebstrap"),
    ("ip", "iproute2"),
    ("mount", "mount"),
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("setsid", "util-linux"),
    ("setpriv", "util-linux"),
    ("perl", "perl-base"),
];
/// Seconds that apt waits for another holder of its lock.
const APT_LOCK_SECONDS: u32 = 300;
const INOTIFY_INSTANCES: &str = "fs.inotify.max_user_instances";
const INOTIFY_PATH: &str = "/proc/sys/fs/inotify/max_user_instances";
/// The file that remembers the limit's value from before the first lab.
const INOTIFY_MEMORY: &str = "inotify-instances-before";
/// Kernel objects of that kind which a host's systemd takes, and those that this machine keeps for itself.
const INOTIFY_FOR_HOST: u64 = 8;
const INOTIFY_FOR_MACHINE: u64 = 32;

/// What runs hosts on this machine, for this user; refused where they can't have a lab at all. Reads only.
pub(super) fn check_machine() -> Result<Driver> {
    let driver = Driver::here()?;
    if !rustix::process::geteuid().is_root() {
        return Err(Error::machine(text!(
            en: "only root can make practice hosts: they are containers with a network of their own",
            pt: "só root pode criar máquinas de treino: são contêineres com rede própria",
        ))
        .hint(text!(en: "run it again with sudo", pt: "execute de novo com sudo"))
        .hint(other_ways()));
    }
    Ok(driver)
}

/// Refuses a folder whose name can't be passed on to mount and ip as it is.
pub(super) fn check_folder(state: &Path) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let text = state.to_string_lossy();
    if state.is_absolute() && text.chars().all(plain) {
        return Ok(());
    }
    Err(Error::machine(text!(en: "labs can't live in `{text}`", pt: "labs não podem ficar em `{text}`"))
        .hint(text!(
            en: "PROVISION_LAB_DIR must be an absolute path of letters, digits, `.`, `_`, `+` and `-`",
            pt: "PROVISION_LAB_DIR tem de ser um caminho absoluto de letras, dígitos, `.`, `_`, `+` e `-`",
        )))
}

pub(super) async fn install(cancel: &CancellationToken, tell: Tell<'_>) -> Result<()> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    if which::which("apt-get").is_err() {
        let hint = text!(
            en: "install the programs of these Debian packages: {missing}",
            pt: "instale os programas destes pacotes do Debian: {missing}", missing = missing.join(", ")
        );
        return Err(Error::machine(text!(
            en: "programs that practice hosts need are missing, and there is no apt",
            pt: "faltam programas de que as máquinas de treino precisam, e não há apt",
        ))
        .hint(hint));
    }
    if cancel.is_cancelled() {
        return Err(interrupted());
    }
    tell(text!(
        en: "installing with apt: {missing}",
        pt: "instalando com o apt: {missing}", missing = missing.join(" ")
    ));
    // An interrupted dpkg leaves the machine half-configured: once begun, it is let finish.
    let never = CancellationToken::new();
    let words: Vec<&str> =
        ["install", "--yes", "--no-install-recommends"].into_iter().chain(missing.iter().copied()).collect();
    if apt_get(&words, &never).await.is_err() {
        apt_get(&["update"], &never).await.ok();
        apt_get(&words, &never).await.map_err(|error| {
            error.hint(text!(
                en: "install {missing} yourself, then try again",
                pt: "instale {missing} você mesmo, e tente de novo", missing = missing.join(", ")
            ))
        })?;
    }
    Ok(())
}

/// Packages whose programs are not there.
fn missing() -> Vec<&'static str> {
    let mut packages: Vec<&str> = PROGRAMS
        .into_iter()
        .filter(|(program, _)| which::which(program).is_err())
        .map(|(_, package)| package)
        .collect();
    packages.dedup();
    packages
}

async fn apt_get(words: &[&str], cancel: &CancellationToken) -> Result<Vec<u8>> {
    let mut command = Command::new("apt-get");
    command.arg("--quiet").arg(format!("-oDPkg::Lock::Timeout={APT_LOCK_SECONDS}")).args(words);
    command.env("DEBIAN_FRONTEND", "noninteractive").env("NEEDRESTART_SUSPEND", "1");
    run(command, "", cancel).await
}

/// Lays one folder over another below `trial`, in namespaces like those of the hosts, and forgets them.
pub(super) async fn try_overlay(trial: &Path, cancel: &CancellationToken) -> Result<()> {
    remove_tree(trial).await?;
    for name in ["lower", "upper", "work", "root"] {
        make_folder(&trial.join(name), 0o755)?;
    }
    let mut command = Command::new("unshare");
    command.args(["--mount", "--net", "--pid", "--uts", "--ipc", "--fork", "--propagation", "slave"]);
    command.args(["mount", "-t", "overlay", "overlay"]);
    command.args(["-o", "lowerdir=lower,upperdir=upper,workdir=work", "root"]);
    command.current_dir(trial);
    let outcome = run(command, "", cancel).await.map(drop).map_err(|error| {
        if cancel.is_cancelled() {
            return error;
        }
        let causes = if error.causes.is_empty() { vec![error.message] } else { error.causes };
        let refused = Error::machine(text!(
            en: "this machine can't make practice hosts: it refuses namespaces or overlayfs",
            pt: "este computador não consegue fazer máquinas de treino: recusa namespaces ou overlayfs",
        ))
            .hint(text!(
                en: "inside a container it takes a privileged one",
                pt: "dentro de um contêiner, só num privilegiado",
            ))
            .hint(text!(
                en: "{trial} must lie on a file system such as ext4, xfs or tmpfs: choose another with PROVISION_LAB_DIR",
                pt: "{trial} tem de estar num sistema de arquivos como ext4, xfs ou tmpfs: escolha outra pasta com PROVISION_LAB_DIR", trial = trial.display()
            ));
        Error { causes, ..refused }
    });
    remove_tree(trial).await?;
    outcome
}

/// Raises the kernel's limits where so many hosts would meet them, and remembers what they were.
pub(super) fn raise_limits(state: &Path, hosts: usize, tell: Tell<'_>) -> Result<()> {
    let Ok(text) = fs::read_to_string(INOTIFY_PATH) else { return Ok(()) };
    let before: u64 = text.trim().parse().unwrap_or(u64::MAX);
    let after = INOTIFY_FOR_MACHINE + INOTIFY_FOR_HOST * hosts as u64;
    if before >= after {
        return Ok(());
    }
    let memory = state.join(INOTIFY_MEMORY);
    if !memory.exists() {
        write_file(&memory, text.as_bytes(), 0o644)?;
    }
    fs::write(INOTIFY_PATH, after.to_string()).map_err(|error| {
        Error::machine(text!(
            en: "{hosts} hosts need {INOTIFY_INSTANCES} to be at least {after}; it is {before}",
            pt: "{hosts} máquinas precisam de {INOTIFY_INSTANCES} de pelo menos {after}; está em {before}",
        ))
        .because(error)
        .hint(text!(
            en: "raise it: sysctl -w {INOTIFY_INSTANCES}={after}",
            pt: "aumente: sysctl -w {INOTIFY_INSTANCES}={after}",
        ))
    })?;
    tell(text!(
        en: "{INOTIFY_INSTANCES} goes from {before} to {after}",
        pt: "{INOTIFY_INSTANCES} passa de {before} para {after}",
    ));
    Ok(())
}

/// Puts the kernel's limits back once no host runs any more.
pub(super) fn restore_limits(driver: Driver, state: &Path, tell: Tell<'_>) {
    let memory = state.join(INOTIFY_MEMORY);
    let value = |path: &Path| fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u64>().ok());
    let Some(after) = value(&memory) else { return };
    // A lab that is being made has a folder before it has hosts.
    if !driver.running(Path::new("/")).is_empty() || names(state).is_ok_and(|labs| !labs.is_empty()) {
        return;
    }
    let before = value(Path::new(INOTIFY_PATH)).unwrap_or_default();
    if before > after && fs::write(INOTIFY_PATH, after.to_string()).is_ok() {
        tell(text!(
            en: "{INOTIFY_INSTANCES} goes from {before} to {after}",
            pt: "{INOTIFY_INSTANCES} passa de {before} para {after}",
        ));
    }
    fs::remove_file(memory).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_that_mount_would_misread_are_refused() {
        for bad in ["relative/path", "/var/lib/a,b", "/var/lib/a:b", "/var/lib/a b", "/tmp/$(x)"] {
            assert!(check_folder(Path::new(bad)).is_err(), "{bad}");
        }
        check_folder(Path::new("/var/lib/provision-lab")).unwrap();
    }
}
