//! The addresses of a lab: one private /16, chosen so that it clashes with nothing this machine reaches. Pure.

use std::fmt;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// Length of the network part.
const PREFIX: u8 = 16;

/// A /16: hosts of cluster `c` are in `a.b.c.0`, this machine is `a.b.0.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Ipv4Net")]
pub struct Subnet(Ipv4Net);

impl Subnet {
    /// `first.second.0.0/16`.
    pub(super) fn new(first: u8, second: u8) -> Self {
        Self(Ipv4Net::new_assert(Ipv4Addr::new(first, second, 0, 0), PREFIX))
    }

    pub(super) fn host(self, third: u8, fourth: u8) -> Ipv4Addr {
        let [first, second, ..] = self.0.addr().octets();
        Ipv4Addr::new(first, second, third, fourth)
    }

    /// This machine's address in the lab.
    pub(super) fn laptop(self) -> Ipv4Addr {
        self.host(0, 1)
    }

    /// The address with the length of the network part, as `ip address add` wants it.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "for systemd-nspawn alone"))]
    pub(super) fn with_prefix(address: impl fmt::Display) -> String {
        format!("{address}/{PREFIX}")
    }

    /// Name of the interface by which this machine reaches the lab: unique, as the subnet is.
    pub(super) fn interface(self) -> String {
        let [first, second, ..] = self.0.addr().octets();
        format!("plab-{first}-{second}")
    }

    /// The subnets that a lab may take, in the order of preference: corners of the private ranges that routers,
    /// container engines and virtual machines leave alone, then the range reserved for benchmarks.
    pub(super) fn candidates() -> impl Iterator<Item = Self> {
        let tens = (213..=254).map(|second| Self::new(10, second));
        let middle = (26..=30).map(|second| Self::new(172, second));
        let benchmark = (18..=19).map(|second| Self::new(198, second));
        tens.chain(middle).chain(benchmark)
    }

    /// Whether a network, as `ip route` prints it, holds any of these addresses.
    pub(super) fn clashes_with(self, network: &str) -> bool {
        let network = network.parse::<Ipv4Net>().or_else(|_| network.parse().map(Ipv4Addr::into));
        let shares = |other: &Ipv4Net| other.contains(&self.0) || self.0.contains(other);
        network.is_ok_and(|network| network.prefix_len() > 0 && shares(&network))
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl TryFrom<Ipv4Net> for Subnet {
    type Error = String;

    fn try_from(network: Ipv4Net) -> Result<Self, Self::Error> {
        let is_labs = network.prefix_len() == PREFIX;
        is_labs.then_some(Self(network)).ok_or_else(|| format!("`{network}` is not a subnet of a lab"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_from_the_subnet() {
        let subnet = Subnet::new(10, 213);
        assert_eq!(subnet.to_string(), "10.213.0.0/16");
        assert_eq!(subnet.laptop().to_string(), "10.213.0.1");
        assert_eq!(subnet.host(2, 11).to_string(), "10.213.2.11");
        assert_eq!(serde_json::to_string(&subnet).unwrap(), "\"10.213.0.0/16\"");
        assert_eq!(serde_json::from_str::<Subnet>("\"10.213.0.0/16\"").unwrap(), subnet);
        assert!(serde_json::from_str::<Subnet>("\"10.213.0.0/24\"").is_err());
    }

    #[test]
    fn interface_names_fit_the_kernel() {
        assert!(Subnet::candidates().all(|subnet| subnet.interface().len() <= 15));
    }

    #[test]
    fn clashes_are_overlaps_of_either_size() {
        let subnet = Subnet::new(10, 213);
        for network in ["10.0.0.0/8", "10.213.4.0/24", "10.213.0.0/16", "10.213.7.7", "10.212.0.0/15"] {
            assert!(subnet.clashes_with(network), "{network}");
        }
        for network in
            ["default", "0.0.0.0/0", "10.214.0.0/16", "192.168.0.0/24", "fe80::/64", "172.17.0.0/16"]
        {
            assert!(!subnet.clashes_with(network), "{network}");
        }
    }
}
