//! What hosts in systemd-nspawn containers need of this machine: refused clearly where it can't be had, installed where
//! it can.

use std::path::Path;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, Result};
use crate::lab::Tell;
use crate::lab::program::{interrupted, run};
use crate::lab::record::{make_folder, remove_tree};
use crate::model::{Text, text};

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

/// Why this machine, or this user, can't have hosts in systemd-nspawn containers. Reads only.
pub(in crate::lab) fn refusal() -> Option<Text> {
    if !rustix::process::geteuid().is_root() {
        return Some(text!(en: "systemd-nspawn takes root", pt: "o systemd-nspawn precisa de root"));
    }
    let is_complete = missing().is_empty() || which::which("apt-get").is_ok();
    (!is_complete).then(|| {
        text!(
            en: "systemd-nspawn or mmdebstrap is missing, and there is no apt",
            pt: "falta o systemd-nspawn ou o mmdebstrap, e não há apt",
        )
    })
}

/// Refuses a folder whose name can't be passed on to mount and ip as it is.
pub(in crate::lab) fn check_folder(state: &Path) -> Result<()> {
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

pub(in crate::lab) async fn install(cancel: &CancellationToken, tell: Tell<'_>) -> Result<()> {
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
pub(in crate::lab) async fn try_overlay(trial: &Path, cancel: &CancellationToken) -> Result<()> {
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
