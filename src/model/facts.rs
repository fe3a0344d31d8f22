//! What one observation found on a host.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::host_text::HostText;
use super::journal::{Remembered, Unneeded};
use super::package::Remains;
use super::removal::Removal;
use super::resource::ResourceId;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// `ID` of /etc/os-release: `debian`, `ubuntu`.
    pub os_id: HostText,
    /// `VERSION_ID` of /etc/os-release: `12`, `24.04`.
    pub os_version: HostText,
    /// `PRETTY_NAME` of /etc/os-release.
    pub os_name: HostText,
    /// That of dpkg itself: `amd64`.
    pub architecture: HostText,
    /// Contents of /etc/machine-id; alike on cloned VMs.
    pub machine_id: HostText,
    /// The addresses of its interfaces, without loopback and link-local ones.
    pub addresses: Vec<IpAddr>,
    /// Whether its kernel has no IPv6.
    pub without_ipv6: bool,
    /// Seconds by which its clock is ahead of the laptop's, at the least; negative where it is behind, 0 where that was
    /// of no interest.
    pub clock_skew: i64,
    /// Whether systemd runs as process 1.
    pub systemd: bool,
    /// The packages asked for, by name.
    pub packages: BTreeMap<String, PackageFact>,
    /// The files, directories and links asked for, by path.
    pub paths: BTreeMap<String, PathFact>,
    /// The services asked for, by name.
    pub services: BTreeMap<String, ServiceFact>,
    /// What the guards of the commands asked for tell; none where nobody asked.
    pub guards: BTreeMap<ResourceId, GuardFact>,
    /// What the host's journal has that was not asked for.
    pub remembered: Vec<Remembered>,
    /// What becomes of packages among that.
    pub unneeded: Unneeded,
    /// By what a start of its kernel is told from any other.
    pub boot_id: HostText,
    /// Services whose reload is still due from a run that died.
    pub reloads_due: Vec<HostText>,
    /// What the last run on the host said of itself.
    pub last_run: HostText,
    /// The packages that an interrupted dpkg left half-done, which must be repaired before anything is installed; `None`
    /// where it is whole.
    pub dpkg_interrupted: Option<HostText>,
    /// What apt would remove to install what is missing, as far as its lists tell.
    pub removals: Vec<Removal>,
    /// Why apt cannot install what is missing, in its own words, as far as its lists tell.
    pub unmet: Option<HostText>,
    /// Why apt would do nothing at all, in its own words.
    pub apt_refuses: Option<HostText>,
    /// Whether something is missing, and others than root can't write to /tmp, as apt's own user has to.
    pub closed_tmp: bool,
    /// Where something is missing: a key of apt's sources that its own user can't read.
    pub closed_key: Option<HostText>,
    /// Where something is missing: a folder of programs of apt's, dpkg's or packages' that may not run there.
    pub barred: Option<HostText>,
    /// A folder of apt's that is not there, and that apt does not make.
    pub apt_folder_gone: Option<HostText>,
    /// Where something is missing: the release that the host's sources are of, where it is not its own, and its own.
    pub other_release: Option<(HostText, HostText)>,
    /// Where something is missing: a file of the host's accounts that can't be written.
    pub fixed_accounts: Option<HostText>,
    /// Whether something is missing, and the host has no lists that tell what apt would do for it.
    pub lists_unread: bool,
    /// The file systems that an apply writes to, each once, by the first of [`ROOMS`] that is on it.
    pub rooms: Vec<Room>,
    /// A folder that is mounted read-only and must not be: /etc, /var or, where packages are missing, one of theirs.
    pub read_only: Option<HostText>,
    /// Whether the host's own package sources answer; `None` where nothing must be installed or nobody asked.
    pub mirror_reachable: Option<bool>,
    /// The text of the host's apt source files, one after the other; empty where no wanted package is missing.
    pub apt_sources: HostText,
    /// Hosts of https sources that only the host itself can speak with, since it has a key, an authority or a login of its
    /// own for them; `any` for all. From apt's configuration, empty where no wanted package is missing.
    pub own_tls: Vec<HostText>,
    /// What is to be left of each package that somebody asked us for, by the host's journal.
    pub remains: BTreeMap<String, Remains>,
    /// Who listens on the TCP ports asked for, by port: `apache2`; empty where the program is unknown.
    pub port_owners: BTreeMap<u16, HostText>,
}

/// The folders that an apply and apt write to, the one that takes most first.
pub const ROOMS: [&str; 20] = [
    "/var",
    "/",
    "/usr",
    "/tmp",
    "/run",
    "/var/lib",
    "/var/lib/apt",
    "/var/lib/apt/lists",
    "/var/lib/dpkg",
    "/var/cache",
    "/var/cache/apt",
    "/var/cache/apt/archives",
    "/var/log",
    "/var/www",
    "/var/www/html",
    "/usr/lib",
    "/usr/share",
    "/etc",
    "/opt",
    "/opt/socket",
];

/// What is free on the file system of a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// One of [`ROOMS`].
    pub folder: &'static str,
    pub free: u64,
    /// Free inodes; `None` where that file system does not count them.
    pub inodes: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PackageFact {
    /// The installed version; `None` where it is not fully installed.
    pub version: Option<HostText>,
    /// Whether an administrator put it on hold.
    pub held: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PathFact {
    pub kind: PathKind,
    pub mode: u32,
    /// `user:group`.
    pub owner: HostText,
    /// Hex SHA-256 of a regular file.
    pub sha256: Option<HostText>,
    /// Content of a regular file that differs from what is wanted and is not too large to show.
    pub content: Option<Vec<u8>>,
    pub target: Option<HostText>,
    /// SHA-256 (for a link: target) of what we last put there, by the host's journal; `None` where we never did.
    pub applied: Option<HostText>,
    /// Whether a run that died left what was to take its place.
    pub left: bool,
    /// A link above it that leads to nothing, and where to.
    pub dangling: Option<(HostText, HostText)>,
    /// What is on the way to it, or itself, and root can't write to.
    pub unwritable: Option<HostText>,
}

/// What the guard of a command tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GuardFact {
    /// It need not be run.
    Holds,
    Open,
    /// It did not end in time, which says nothing; so the command is run.
    Silent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PathKind {
    #[default]
    Absent,
    File,
    Directory,
    Link,
    /// A socket, device or anything else.
    Other,
    /// Whatever a link leads to that somebody else than root can put on the way.
    Astray,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceFact {
    /// Whether the unit is known at all.
    pub exists: bool,
    pub enabled: bool,
    pub active: bool,
    /// Whether an administrator masked it.
    pub masked: bool,
    /// systemd's `ActiveState/SubState`, or `running`, `stopped` without systemd.
    pub state: HostText,
    /// Process id of its main process, 0 where none.
    pub main_pid: u32,
}
