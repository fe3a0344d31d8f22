//! What a base image is made of where mmdebstrap makes it: packages, this machine's own package sources, and settings of
//! its apt.

use std::fs;
use std::path::Path;

use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use super::program::run;
use super::releases::{Release, System};
use super::sources::{Source, as_lines, for_release, read};
use crate::error::{Error, Result};
use crate::model::text;

pub(super) const PACKAGES: &str = "systemd,systemd-sysv,dbus,openssh-server,sudo,iproute2,iputils-ping,netbase,procps,\
                        ca-certificates";
/// Units that only cost time in a throwaway container: logins on consoles it does not have, and timers.
pub(super) const MASKED_UNITS: [&str; 14] = [
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "console-getty.service",
    "container-getty@.service",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "getty.target",
    "sshd-keygen.service",
    "systemd-networkd-wait-online.service",
    "systemd-pstore.service",
    "systemd-tmpfiles-clean.timer",
    "systemd-firstboot.service",
];
/// Settings of this machine's apt that an image needs to reach the same mirrors under the same clock.
const KEPT_IN_IMAGE: [&str; 2] = ["Acquire::Check-Valid-Until", "Acquire::Check-Date"];
/// Settings that are needed only while the image is made.
const USED_FOR_BUILDING: [&str; 2] = ["Acquire::http::Proxy", "Acquire::https::Proxy"];

/// This machine's distribution.
pub(super) fn system() -> System {
    System::parse(&fs::read_to_string("/etc/os-release").unwrap_or_default())
}

/// This machine's own package sources, for another release.
pub(super) fn sources_of(release: &str) -> Result<Vec<Source>> {
    derived(&read(Path::new("/etc/apt")), &system(), release)
}

fn derived(own: &[Source], system: &System, release: &str) -> Result<Vec<Source>> {
    let distribution = Release::named(release).map_or("debian", |release| release.distribution);
    let sources = for_release(own, &system.codename, release);
    if sources.is_empty() || distribution != system.distribution {
        return Err(Error::machine(text!(
            en: "this machine's apt names no {distribution} mirror that a base image of {release} could come from",
            pt: "o apt deste computador não indica nenhum espelho de {distribution} de onde possa vir uma imagem base de {release}",
        ))
        .hint(text!(
            en: "ask for a release of this machine's own distribution: --release {usual}",
            pt: "peça uma versão da distribuição deste computador: --release {usual}", usual = system.usual_release()
        ))
        .hint(text!(
            en: "podman and docker make hosts of other distributions: --driver podman",
            pt: "o podman e o docker fazem máquinas de outras distribuições: --driver podman",
        )));
    }
    Ok(sources)
}

/// Settings of this machine's apt, as lines of its configuration.
pub(super) async fn apt_settings(cancel: &CancellationToken) -> Vec<String> {
    let mut command = Command::new("apt-config");
    command.arg("dump");
    let dump = run(command, "", cancel).await.unwrap_or_default();
    select_settings(&String::from_utf8_lossy(&dump))
}

fn select_settings(dump: &str) -> Vec<String> {
    dump.lines()
        .filter(|line| {
            let (name, value) = line.split_once(' ').unwrap_or((line, ""));
            KEPT_IN_IMAGE.iter().chain(&USED_FOR_BUILDING).any(|wanted| name.eq_ignore_ascii_case(wanted))
                && value != "\"\";"
        })
        .map(str::to_owned)
        .collect()
}

/// Those that an image goes on to need, as the text of a file of its apt.
pub(super) fn kept_settings(settings: &[String]) -> String {
    let is_kept = |line: &&String| KEPT_IN_IMAGE.iter().any(|name| line.starts_with(name));
    let lines = settings.iter().filter(is_kept).flat_map(|line| [line.as_str(), "\n"]);
    lines.collect()
}

/// mmdebstrap, which writes the system to `target`. Run by root it is put in namespaces of its own: killed, it leaves
/// neither processes nor mounts.
pub(super) fn mmdebstrap(
    release: &str,
    target: &str,
    sources: &[Source],
    settings: &[String],
    is_root: bool,
) -> Vec<String> {
    // Even where this process is killed, nothing goes on writing to the target.
    let mut words = vec!["setpriv", "--pdeathsig", "KILL"];
    if is_root {
        words.extend(["unshare", "--mount", "--propagation", "slave"]);
        words.extend(["--pid", "--fork", "--kill-child", "--mount-proc"]);
    }
    let (mode, format) = (
        if is_root { "--mode=root" } else { "--mode=unshare" },
        if target == "-" { "--format=tar" } else { "--format=directory" },
    );
    words.extend(["mmdebstrap", "--quiet", mode, "--variant=minbase", format]);
    words.extend(["--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/doc/*"]);
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words.push(format!("--include={PACKAGES}"));
    words.extend(settings.iter().map(|setting| format!("--aptopt={setting}")));
    words.extend([release.to_owned(), target.to_owned()]);
    words.extend(as_lines(sources, true));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_settings_that_matter_are_taken_over() {
        let dump = "APT::Architecture \"amd64\";\nAcquire::http::Proxy \"http://proxy.example:3128/\";\n\
                    Acquire::https::Proxy \"\";\nAcquire::Check-Date \"false\";\nAcquire::GzipIndexes \"true\";\n";
        assert_eq!(
            select_settings(dump),
            ["Acquire::http::Proxy \"http://proxy.example:3128/\";", "Acquire::Check-Date \"false\";"]
        );
    }

    fn ubuntu() -> Vec<Source> {
        let source = |uri: &str, suites: &[&str]| Source {
            uri: uri.to_owned(),
            suites: suites.iter().map(ToString::to_string).collect(),
            components: ["main", "universe"].map(str::to_owned).into(),
            signed_by: Some("/usr/share/keyrings/ubuntu-archive-keyring.gpg".to_owned()),
        };
        vec![
            source("http://br.archive.ubuntu.com/ubuntu/", &["noble", "noble-updates", "noble-backports"]),
            source("http://security.ubuntu.com/ubuntu/", &["noble-security"]),
        ]
    }

    #[test]
    fn a_machine_with_ubuntu_makes_hosts_of_its_own_sources() {
        let system = System { distribution: "ubuntu".to_owned(), codename: "noble".to_owned() };
        for release in ["noble", "jammy"] {
            let sources = derived(&ubuntu(), &system, release).unwrap();
            let words = mmdebstrap(release, "/state/images/draft", &sources, &[], true);
            insta::assert_snapshot!(format!("mmdebstrap_of_{release}"), words.join("\n"));
        }
        let error = derived(&ubuntu(), &system, "bookworm").unwrap_err();
        assert!(error.message.english().contains("no debian mirror"), "{error:?}");
        assert!(error.hints[0].english().contains("--release noble"), "{error:?}");
    }

    #[test]
    fn an_ordinary_user_makes_an_archive_in_a_namespace_of_users() {
        let words = mmdebstrap("noble", "-", &ubuntu(), &[], false);
        assert!(words.contains(&"--mode=unshare".to_owned()) && words.contains(&"--format=tar".to_owned()));
        assert!(!words.contains(&"unshare".to_owned()), "{words:?}");
    }
}
