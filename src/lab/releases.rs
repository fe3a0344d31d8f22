//! The releases that practice hosts can run, and the one that they run where none is asked for. Pure.

/// Release of hosts whose image comes from a registry, which has all of them.
pub(super) const USUAL: &str = "bookworm";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Release {
    /// What the release's package archive is called.
    pub codename: &'static str,
    /// The distribution, as `/etc/os-release` and the registries call it.
    pub distribution: &'static str,
    version: &'static str,
}

const RELEASES: [Release; 4] = [
    Release { codename: "bookworm", distribution: "debian", version: "12" },
    Release { codename: "trixie", distribution: "debian", version: "13" },
    Release { codename: "jammy", distribution: "ubuntu", version: "22.04" },
    Release { codename: "noble", distribution: "ubuntu", version: "24.04" },
];

impl Release {
    pub fn named(codename: &str) -> Option<Self> {
        RELEASES.into_iter().find(|release| release.codename == codename)
    }

    /// Its plain image in the registry that podman and docker both know.
    pub fn registry_image(self) -> String {
        format!("docker.io/library/{}:{}", self.distribution, self.version)
    }
}

/// What `/etc/os-release` tells of this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct System {
    pub distribution: String,
    pub codename: String,
}

impl System {
    pub fn parse(os_release: &str) -> Self {
        let value = |key: &str| {
            let value = os_release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            value.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        Self { distribution: value("ID"), codename: value("VERSION_CODENAME") }
    }

    /// The release of hosts that are made of this machine's own package sources: its own one where the usual one is of
    /// another distribution.
    pub fn usual_release(&self) -> &str {
        let is_others = Release::named(USUAL).is_none_or(|usual| usual.distribution != self.distribution);
        match Release::named(&self.codename) {
            Some(own) if is_others => own.codename,
            _ => USUAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEBIAN: &str = "PRETTY_NAME=\"Debian GNU/Linux 13 (trixie)\"\nVERSION_ID=\"13\"\nVERSION_CODENAME=trixie\n\
                          ID=debian\n";
    const UBUNTU: &str =
        "NAME=\"Ubuntu\"\nVERSION_CODENAME=noble\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=noble\n";

    #[test]
    fn values_of_os_release_lose_their_quotes() {
        let system = System::parse("ID=\"fedora\"\nVARIANT_ID=x\nVERSION_CODENAME=''\n");
        assert_eq!(system, System { distribution: "fedora".to_owned(), codename: String::new() });
    }

    #[test]
    fn hosts_are_of_the_machines_own_distribution() {
        for (os_release, usual) in [
            (DEBIAN, "bookworm"),
            (UBUNTU, "noble"),
            ("ID=ubuntu\nVERSION_CODENAME=warty\n", USUAL),
            ("", USUAL),
        ] {
            assert_eq!(System::parse(os_release).usual_release(), usual, "{os_release}");
        }
    }

    #[test]
    fn images_are_named_as_registries_name_them() {
        let images = ["bookworm", "noble"].map(|name| Release::named(name).unwrap().registry_image());
        assert_eq!(images, ["docker.io/library/debian:12", "docker.io/library/ubuntu:24.04"]);
    }
}
