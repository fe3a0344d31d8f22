//! The addresses of a lab: one private /16, chosen so that it clashes with nothing this machine reaches. Pure.

use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// Length of the network part.
const PREFIX: u8 = 16;

/// A /16: hosts of cluster `c` are in `a.b.c.0`, this machine is `a.b.0.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subnet {
    first: u8,
    second: u8,
}

impl Subnet {
    /// `first.second.0.0/16`.
    pub(super) fn new(first: u8, second: u8) -> Self {
        Self { first, second }
    }

    pub(super) fn host(self, third: u8, fourth: u8) -> Ipv4Addr {
        Ipv4Addr::new(self.first, self.second, third, fourth)
    }

    /// This machine's address in the lab.
    pub(super) fn laptop(self) -> Ipv4Addr {
        self.host(0, 1)
    }

    /// The address with the length of the network part, as `ip address add` wants it.
    pub(super) fn with_prefix(address: impl fmt::Display) -> String {
        format!("{address}/{PREFIX}")
    }

    /// Name of the interface by which this machine reaches the lab: unique, as the subnet is.
    pub(super) fn interface(self) -> String {
        format!("plab-{}-{}", self.first, self.second)
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
        let (address, length) = match network.split_once('/') {
            Some((address, length)) => (address, length.parse::<u32>().unwrap_or(32)),
            None => (network, 32),
        };
        let Ok(address) = address.parse::<Ipv4Addr>() else { return false };
        let common = length.min(u32::from(PREFIX));
        let mask = if common == 0 { 0 } else { u32::MAX << (32 - common) };
        common > 0 && (u32::from(address) & mask) == (u32::from(self.host(0, 0)) & mask)
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{PREFIX}", self.host(0, 0))
    }
}

impl From<Subnet> for String {
    fn from(subnet: Subnet) -> Self {
        subnet.to_string()
    }
}

impl TryFrom<String> for Subnet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.strip_suffix("/16")
            .and_then(|address| address.parse::<Ipv4Addr>().ok())
            .map(|address| address.octets())
            .map(|[first, second, ..]| Self { first, second })
            .ok_or_else(|| format!("`{text}` is not a subnet of a lab"))
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
        assert_eq!(Subnet::try_from("10.213.0.0/16".to_owned()), Ok(subnet));
        assert!(Subnet::try_from("10.213.0.0/24".to_owned()).is_err());
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
