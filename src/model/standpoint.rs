//! A host as it sees itself, where pages are asked for from it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::host_text::HostText;

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standpoint {
    /// The addresses of its interfaces, without loopback and link-local ones.
    pub addresses: Vec<IpAddr>,
    /// Where the names asked for lead from there; nowhere where one is missing.
    pub names: BTreeMap<String, Vec<IpAddr>>,
    /// What stands at the paths asked for, where the login may see that.
    pub paths: BTreeMap<String, Standing>,
    /// Services, each with the files that a process of it was started with, in one line.
    pub started: Vec<(HostText, HostText)>,
    /// Whether its kernel has no IPv6.
    pub without_ipv6: bool,
    /// Whether the interface is down by which it reaches itself.
    pub without_loopback: bool,
    /// Whether something else than systemd is process 1.
    pub without_systemd: bool,
    pub without_dpkg: bool,
}

/// What stands at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    Nothing,
    /// A file, by its hex SHA-256.
    File(HostText),
    /// A link, by its target.
    Link(HostText),
    /// A file that not everybody may read.
    Hidden,
}

impl Standpoint {
    /// Whether an address, or a name that leads to one, is the host's own.
    pub fn has(&self, address: &str) -> bool {
        let own = |address: &IpAddr| address.is_loopback() || self.addresses.contains(address);
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        match bare.parse() {
            Ok(address) => own(&address),
            Err(_) => self.leads_to(address).iter().any(own),
        }
    }

    /// Where a name leads.
    pub fn leads_to(&self, name: &str) -> &[IpAddr] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }
}
