//! Which addresses the relay may connect to. Owns the rules; resolving names is `names`' work.
//!
//! Anybody on a VM can ask the relay for a file, so that it must never become a way into the laptop or the
//! laptop's own network. Documentation ranges are not refused: they lead nowhere by themselves, and training
//! networks use them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use nix::sys::socket::SockaddrStorage;

use crate::model::{Text, text};

/// Networks that the laptop itself is part of, by its own address in each.
#[derive(Debug, Clone, Default)]
pub struct Networks(Vec<IpNet>);

impl Networks {
    /// Reads the laptop's interfaces. Where that fails, only the fixed rules hold.
    pub fn of_this_machine() -> Self {
        let Ok(interfaces) = nix::ifaddrs::getifaddrs() else { return Self::default() };
        let ip = |address: SockaddrStorage| match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
            (Some(v4), _) => Some(IpAddr::V4(v4.ip())),
            (_, v6) => v6.map(|v6| IpAddr::V6(v6.ip())),
        };
        let networks = interfaces.filter_map(|interface| {
            let own = ip(interface.address?)?;
            let network = interface.netmask.and_then(ip).and_then(|mask| IpNet::with_netmask(own, mask).ok());
            Some(network.unwrap_or_else(|| own.into()))
        });
        Self(networks.collect())
    }

    fn contains(&self, address: IpAddr) -> bool {
        // An interface without a prefix of its own must not swallow the whole internet.
        self.0.iter().any(|network| match network.prefix_len() {
            0 => network.addr() == address,
            _ => network.contains(&address),
        })
    }

    /// Why an address must not be connected to; `None` where it may.
    pub fn refusal(&self, address: IpAddr) -> Option<Text> {
        let address = address.to_canonical();
        let fixed = match address {
            IpAddr::V4(v4) => refusal_v4(v4),
            IpAddr::V6(v6) => refusal_v6(v6),
        };
        fixed.or_else(|| {
            self.contains(address).then(|| {
                text!(
                    en: "an address of the laptop's own network",
                    pt: "um endereço da própria rede do notebook",
                )
            })
        })
    }
}

fn refusal_v4(address: Ipv4Addr) -> Option<Text> {
    let [a, b, c, d] = address.octets();
    match (a, b, c, d) {
        (0, ..) => Some(text!(en: "an unspecified address", pt: "um endereço não especificado")),
        (127, ..) => Some(text!(en: "a loopback address", pt: "um endereço de loopback")),
        (10, ..) | (172, 16..=31, ..) | (192, 168, ..) => {
            Some(text!(en: "a private address", pt: "um endereço privado"))
        }
        (100, 64..=127, ..) => {
            Some(text!(en: "a carrier's private address", pt: "um endereço privado de operadora"))
        }
        (169, 254, ..) => {
            Some(text!(en: "a link-local address", pt: "um endereço de enlace local (link-local)"))
        }
        (168, 63, 129, 16) => {
            Some(text!(en: "a cloud's metadata address", pt: "um endereço de metadados de nuvem"))
        }
        (192, 0, 0, _) | (198, 18..=19, ..) => {
            Some(text!(en: "a special-purpose address", pt: "um endereço de uso especial"))
        }
        (224..=239, ..) => Some(text!(en: "a multicast address", pt: "um endereço de multicast")),
        (240..=255, ..) => Some(text!(en: "a reserved address", pt: "um endereço reservado")),
        _ => None,
    }
}

fn refusal_v6(address: Ipv6Addr) -> Option<Text> {
    if address.is_unspecified() {
        return Some(text!(en: "an unspecified address", pt: "um endereço não especificado"));
    }
    if address.is_loopback() {
        return Some(text!(en: "a loopback address", pt: "um endereço de loopback"));
    }
    let segments = address.segments();
    let tail = |from: usize| {
        let (high, low) = (segments[from].to_be_bytes(), segments[from + 1].to_be_bytes());
        Ipv4Addr::new(high[0], high[1], low[0], low[1])
    };
    match segments {
        [0, 0, 0, 0, 0, 0, ..] => Some(
            text!(en: "an obsolete IPv4-compatible address", pt: "um endereço obsoleto compatível com IPv4"),
        ),
        [0, 0, 0, 0, 0xffff, 0, ..] => {
            Some(text!(en: "an IPv4-translated address", pt: "um endereço IPv4 traduzido"))
        }
        // NAT64 and 6to4 carry the IPv4 address that is reached in the end.
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => refusal_v4(tail(6)),
        [0x2002, ..] => refusal_v4(tail(1)),
        [0x2001, 0, ..] => Some(text!(en: "a Teredo address", pt: "um endereço Teredo")),
        [0x64, 0xff9b, ..] | [0xfc00..=0xfdff, ..] => {
            Some(text!(en: "a private address", pt: "um endereço privado"))
        }
        [0xfe80..=0xfebf, ..] => {
            Some(text!(en: "a link-local address", pt: "um endereço de enlace local (link-local)"))
        }
        [0xfec0..=0xfeff, ..] => {
            Some(text!(en: "a site-local address", pt: "um endereço local do site (site-local)"))
        }
        [0xff00..=0xffff, ..] => Some(text!(en: "a multicast address", pt: "um endereço de multicast")),
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => refusal_v4(tail(6)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_in_every_form() {
        let networks = Networks::default();
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "127.0.0.1",
            "127.255.255.254",
            "10.0.0.1",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "168.63.129.16",
            "192.0.0.170",
            "198.18.0.1",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::ffff:0:127.0.0.1",
            "64:ff9b::127.0.0.1",
            "64:ff9b::a00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a9fe:a9fe::1",
            "2001:0:1::1",
            "fd00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2a00::5efe:10.0.0.1",
        ] {
            assert!(networks.refusal(address.parse().unwrap()).is_some(), "{address} was let through");
        }
    }

    #[test]
    fn public_addresses_pass_and_so_do_documentation_ranges() {
        let networks = Networks::default();
        for address in [
            "203.0.113.80",
            "192.0.2.1",
            "151.101.2.132",
            "172.32.0.1",
            "100.128.0.1",
            "2a04:4e42::644",
            "2001:db8::1",
            "::ffff:151.101.2.132",
            "64:ff9b::151.101.2.132",
            "2002:9765:284::1",
        ] {
            assert_eq!(networks.refusal(address.parse().unwrap()), None, "{address}");
        }
    }

    #[test]
    fn the_laptops_own_public_network_is_refused() {
        let networks = ["198.51.100.7/24", "2001:db8:1::7/64", "203.0.113.9/32", "192.0.2.9/0"];
        let networks = Networks(networks.map(|network| network.parse().unwrap()).to_vec());
        for address in [
            "198.51.100.7",
            "::ffff:198.51.100.7",
            "192.0.2.9",
            "198.51.100.200",
            "2001:db8:1::1",
            "203.0.113.9",
        ] {
            assert!(networks.refusal(address.parse().unwrap()).is_some(), "{address}");
        }
        for address in ["198.51.101.1", "2001:db8:2::1", "203.0.113.80"] {
            assert_eq!(networks.refusal(address.parse().unwrap()), None, "{address}");
        }
        // This machine has a loopback interface at least.
        assert!(Networks::of_this_machine().contains("127.0.0.1".parse().unwrap()));
    }
}
