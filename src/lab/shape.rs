//! What a lab is asked to be, and the hosts that follow from it. Pure.

use std::fmt;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::releases::Release;
use super::subnet::Subnet;
use crate::error::{Error, Result};
use crate::model::{Language, text};

/// Web hosts that a cluster can have: their addresses end in .11 and up.
const MOST_WEB_HOSTS: u16 = 200;
/// Clusters that a lab can have: each has a third octet of its own.
const MOST_CLUSTERS: u16 = 250;
/// Last octet of a balancer; web hosts follow it.
pub(super) const BALANCER_OCTET: u8 = 10;

/// What runs the hosts of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DriverKind {
    /// What ran all labs that were recorded without one.
    #[default]
    Nspawn,
    Podman,
    Docker,
}

impl fmt::Display for DriverKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Nspawn => "systemd-nspawn",
            Self::Podman => "podman",
            Self::Docker => "docker",
        })
    }
}

/// The ports of this machine that lead to a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ports {
    pub ssh: u16,
    pub web: u16,
    pub statistics: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// Name of the lab, part of every name it gives away.
    pub name: String,
    pub web: u16,
    /// Clusters, each with a balancer of its own.
    pub clusters: u16,
    /// What runs the hosts; where none is named, what is there.
    #[serde(skip)]
    pub driver: Option<DriverKind>,
    /// Code names of releases, dealt out to the hosts in turn; where none is named, the usual one.
    pub releases: Vec<String>,
    /// The container image that the hosts are made of, in place of a release.
    #[serde(default)]
    pub image: Option<String>,
    pub user: String,
    pub sudo_password: bool,
    /// What its inventory speaks, and so the pages of its hosts.
    #[serde(default)]
    pub language: Language,
    /// Where the inventory is written; in the lab's folder by default.
    pub inventory: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            name: "lab".to_owned(),
            web: 3,
            clusters: 1,
            driver: None,
            releases: Vec::new(),
            image: None,
            user: "aluno".to_owned(),
            sudo_password: false,
            language: Language::default(),
            inventory: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct HostShape {
    /// `web01`, `team01/web01`.
    pub name: String,
    /// `web01`, `team01-web01`.
    pub hostname: String,
    pub address: String,
    /// The code name of its release, or the name of the image that it is made of.
    pub release: String,
}

impl Options {
    pub(super) fn check(&self) -> Result<()> {
        check_name(&self.name)?;
        if !is_word(&self.user, 31) || self.user == "root" {
            return Err(Error::usage(text!(
                en: "`{user}` can't be the login name of a lab's hosts",
                pt: "`{user}` não pode ser o login das máquinas de um lab", user = self.user
            ))
                .hint(text!(
                    en: "use lower-case letters, digits and `-`, beginning with a letter; root has its own account",
                    pt: "use letras minúsculas, dígitos e `-`, começando por letra; root tem conta própria",
                )));
        }
        for (what, value, most) in [
            (text!(en: "web hosts", pt: "servidores web"), self.web, MOST_WEB_HOSTS),
            (text!(en: "clusters", pt: "clusters"), self.clusters, MOST_CLUSTERS),
        ] {
            if !(1..=most).contains(&value) {
                return Err(Error::usage(text!(
                    en: "a lab can't have {value} {what}",
                    pt: "um lab não pode ter {value} {what}", what
                ))
                .hint(text!(en: "ask for 1 to {most}", pt: "peça de 1 a {most}")));
            }
        }
        if let Some(bad) = self.releases.iter().find(|release| Release::named(release).is_none()) {
            return Err(Error::usage(text!(
                en: "`{bad}` is not the code name of a release that a lab can have",
                pt: "`{bad}` não é o codinome de uma versão que um lab possa ter",
            ))
            .hint(text!(en: "try bookworm or trixie", pt: "tente bookworm ou trixie")));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-/:@".contains(c);
        if let Some(bad) = &self.image
            && !(bad.starts_with(|c: char| c.is_ascii_alphanumeric()) && bad.chars().all(plain))
        {
            return Err(Error::usage(
                text!(en: "`{bad}` is not the name of an image", pt: "`{bad}` não é o nome de uma imagem"),
            )
            .hint(text!(
                en: "try `--image docker.io/library/ubuntu:24.04`",
                pt: "tente `--image docker.io/library/ubuntu:24.04`",
            )));
        }
        Ok(())
    }

    /// The hosts, in the order of the inventory.
    pub(super) fn hosts(&self, subnet: Subnet) -> Vec<HostShape> {
        let image = self.image.as_slice();
        let mut releases = if image.is_empty() { &self.releases } else { image }.iter().cycle();
        let mut hosts = Vec::new();
        for cluster in 1..=self.clusters {
            for index in 0..=self.web {
                let host = if index == 0 { "lb".to_owned() } else { numbered("web", index, self.web) };
                let (name, hostname) = if self.clusters == 1 {
                    (host.clone(), host)
                } else {
                    let team = numbered("team", cluster, self.clusters);
                    (format!("{team}/{host}"), format!("{team}-{host}"))
                };
                let (Ok(third), Ok(fourth)) =
                    (u8::try_from(cluster), u8::try_from(u16::from(BALANCER_OCTET) + index))
                else {
                    continue; // `check` has refused such sizes.
                };
                let address = subnet.host(third, fourth).to_string();
                let release = releases.next().cloned().unwrap_or_default();
                hosts.push(HostShape { name, hostname, address, release });
            }
        }
        hosts
    }
}

impl HostShape {
    /// It follows from the address: neighbours that remember it are right after a restart.
    pub fn hardware_address(&self) -> String {
        let bytes = self.address.parse().map_or([0; 4], |address: Ipv4Addr| address.octets());
        let [first, second, third, fourth] = bytes;
        // The first byte marks an address as chosen by the administrator.
        format!("02:4c:{first:02x}:{second:02x}:{third:02x}:{fourth:02x}")
    }
}

/// Refuses a lab's name that could not be part of a path, a namespace's and a host's name.
pub(super) fn check_name(name: &str) -> Result<()> {
    if is_word(name, 32) {
        return Ok(());
    }
    Err(Error::usage(text!(
        en: "`{name}` can't be the name of a lab",
        pt: "`{name}` não pode ser o nome de um lab",
    ))
    .hint(text!(
        en: "use lower-case letters, digits and `-`, beginning with a letter, 32 at most",
        pt: "use letras minúsculas, dígitos e `-`, começando por letra, no máximo 32",
    )))
}

/// `web01`; as many digits as the last one of its kind needs, two at least.
fn numbered(word: &str, number: u16, last: u16) -> String {
    let width = digits(last);
    format!("{word}{number:0width$}")
}

/// Digits of the highest number, two at least.
pub(super) fn digits(last: u16) -> usize {
    last.to_string().len().max(2)
}

fn is_word(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(options: &Options) -> Vec<String> {
        options
            .hosts(Subnet::new(10, 213))
            .iter()
            .map(|host| format!("{} {} {} {}", host.name, host.hostname, host.address, host.release))
            .collect()
    }

    #[test]
    fn one_cluster_has_plain_names() {
        let options = Options { web: 2, releases: vec!["bookworm".to_owned()], ..Options::default() };
        assert_eq!(
            lines(&options),
            [
                "lb lb 10.213.1.10 bookworm",
                "web01 web01 10.213.1.11 bookworm",
                "web02 web02 10.213.1.12 bookworm"
            ]
        );
    }

    #[test]
    fn releases_are_dealt_out_in_turn_and_clusters_have_their_own_octet() {
        let releases = vec!["bookworm".to_owned(), "trixie".to_owned()];
        let options = Options { web: 1, clusters: 2, releases, ..Options::default() };
        assert_eq!(
            lines(&options),
            [
                "team01/lb team01-lb 10.213.1.10 bookworm",
                "team01/web01 team01-web01 10.213.1.11 trixie",
                "team02/lb team02-lb 10.213.2.10 bookworm",
                "team02/web01 team02-web01 10.213.2.11 trixie"
            ]
        );
    }

    #[test]
    fn hardware_addresses_are_local_and_follow_from_the_address() {
        let hosts = Options::default().hosts(Subnet::new(10, 213));
        assert_eq!(hosts[1].hardware_address(), "02:4c:0a:d5:01:0b");
    }

    #[test]
    fn an_image_takes_the_place_of_releases() {
        let options = Options { web: 1, image: Some("ubuntu:24.04".to_owned()), ..Options::default() };
        options.check().unwrap();
        assert_eq!(lines(&options)[1], "web01 web01 10.213.1.11 ubuntu:24.04");
        for bad in ["", "--privileged", "a b", "$(x)"] {
            assert!(Options { image: Some(bad.to_owned()), ..Options::default() }.check().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_that_could_leave_the_folder_are_refused() {
        for name in ["", "..", "a/b", "-a", "a-", "Lab", "a.b", "a b", &"a".repeat(33)] {
            assert!(check_name(name).is_err(), "{name}");
        }
        check_name("e2e-two").unwrap();
    }

    #[test]
    fn sizes_out_of_reach_are_refused() {
        for (web, clusters) in [(0, 1), (1, 0), (201, 1), (1, 251)] {
            assert!(Options { web, clusters, ..Options::default() }.check().is_err());
        }
        Options { web: 200, clusters: 250, ..Options::default() }.check().unwrap();
    }
}
