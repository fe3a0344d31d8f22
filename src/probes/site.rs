//! Where a page is asked for: by the host itself, where its users ask, or at its address as a browser here sees it.

use std::net::{IpAddr, Ipv6Addr};

use crate::model::{Host, Standpoint, Text, text};

use super::target::Target;

const LOOPBACK: &str = "127.0.0.1";
/// SSH's own port. Another one is mostly a forward of a NAT.
const SSH_PORT: u16 = 22;

/// A port that serves pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub port: u16,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// An address that the host itself asks.
    At(String),
    /// Where others reach the host: which of its addresses it asks itself shows when it was looked at.
    Own(Own),
    /// Asked from this machine, and not by the host itself.
    Outside(Outside),
}

/// The addresses of a host, by the inventory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Own {
    /// The one that hosts of its cluster use, where that is another.
    private_address: Option<String>,
    address: String,
    /// Whether its users come by the private address, so that it is asked whether it seems to be the host's or not.
    is_front: bool,
}

/// A host as a browser on this machine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    pub address: String,
    /// The port on which SSH reaches the host.
    pub ssh_port: u16,
    /// Whether SSH goes through another host.
    pub bastion: bool,
}

impl Site {
    /// A port of the host's own loopback address.
    pub fn inside(port: u16) -> Self {
        Self { port, place: Place::At(LOOPBACK.to_owned()) }
    }

    /// A port of the host, asked by itself.
    pub fn own(host: &Host, port: u16, is_front: bool) -> Self {
        let address = host.connection.address.clone();
        let private_address = Some(host.private_address.clone()).filter(|private| *private != address);
        Self { port, place: Place::Own(Own { private_address, address, is_front }) }
    }

    /// The same at the one address that the host asks.
    #[must_use]
    pub fn seen_from(&self, standpoint: &Standpoint) -> Self {
        match &self.place {
            Place::Own(own) => Self { port: self.port, place: Place::At(own.choose(standpoint)) },
            Place::At(_) | Place::Outside(_) => self.clone(),
        }
    }

    /// Where it is asked if the host sees itself as the inventory says; nothing where that is a name.
    pub fn expected(&self) -> Option<Self> {
        match &self.place {
            Place::Own(Own { private_address, address, .. }) => {
                let address = private_address.as_ref().unwrap_or(address);
                is_address(address).then(|| Self { port: self.port, place: Place::At(address.clone()) })
            }
            Place::At(_) | Place::Outside(_) => Some(self.clone()),
        }
    }

    /// The same port at the address that the inventory gives.
    pub fn outside(host: &Host, port: u16) -> Self {
        let connection = &host.connection;
        let outside = Outside {
            address: connection.address.clone(),
            ssh_port: connection.port.unwrap_or(SSH_PORT),
            bastion: connection.jump.is_some(),
        };
        Self { port, place: Place::Outside(outside) }
    }

    /// Whether this machine asks, and not the host itself.
    pub fn is_outside(&self) -> bool {
        matches!(self.place, Place::Outside(_))
    }

    /// The names that must be resolved to know where it is asked.
    pub fn names(&self) -> Vec<&str> {
        let Place::Own(Own { private_address, address, .. }) = &self.place else { return Vec::new() };
        let addresses = private_address.iter().chain([address]).map(String::as_str);
        addresses.filter(|address| !is_address(address)).collect()
    }

    /// Where the connection leads.
    pub fn address(&self) -> &str {
        match &self.place {
            Place::At(address) | Place::Outside(Outside { address, .. }) => bare(address),
            Place::Own(_) => LOOPBACK,
        }
    }

    /// Whether the host asks itself where nobody else can.
    pub fn is_loopback(&self) -> bool {
        !self.is_outside() && self.address().parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// For the `Host` header.
    pub fn authority(&self) -> String {
        let address = self.address();
        let address = match address.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => address.to_owned(),
        };
        if self.port == 80 { address } else { format!("{address}:{}", self.port) }
    }

    /// What it may mean that nothing came back to this machine, and how to find out.
    pub fn caveat(&self, host: &Target) -> Text {
        let between = match &self.place {
            Place::Outside(Outside { bastion: true, .. }) => text!(
                en: "SSH reaches this host through a bastion, and this machine has no such way for HTTP",
                pt: "o SSH chega a esta máquina por uma máquina de salto, e este computador não tem esse caminho para o HTTP",
            ),
            Place::Outside(Outside { ssh_port, .. }) if *ssh_port != SSH_PORT => text!(
                en: "SSH reaches this host on port {ssh_port}: where that is a NAT's forward, HTTP needs a forward of its own",
                pt: "o SSH chega a esta máquina pela porta {ssh_port}: se isso é um redirecionamento do NAT, o HTTP precisa de um próprio",
            ),
            _ => text!(
                en: "a firewall or a cloud's security group may keep this machine out",
                pt: "um firewall ou o grupo de segurança da nuvem pode estar barrando este computador",
            ),
        };
        let verify = host.command("verify");
        text!(
            en: "{between}; {verify} asks through SSH and tells whether the server itself is well",
            pt: "{between}; {verify} pergunta pelo SSH e diz se o servidor em si está bem",
            between,
        )
    }

    /// `on port 80`, `at http://192.0.2.1/`
    pub fn describe(&self) -> Text {
        if self.is_loopback() {
            let port = self.port;
            text!(en: "on port {port}", pt: "na porta {port}")
        } else {
            let authority = self.authority();
            text!(en: "at http://{authority}/", pt: "em http://{authority}/")
        }
    }
}

impl Own {
    /// A NAT or a cloud gives a host addresses that lead back to it, if at all, by ways that its users do not go: such
    /// a one is not asked, but loopback of its family.
    fn choose(&self, standpoint: &Standpoint) -> String {
        let Self { private_address, address, is_front } = self;
        let is_known = |private: &&String| is_address(private) || !standpoint.leads_to(private).is_empty();
        let private = private_address.as_ref().filter(is_known);
        let own = private.filter(|private| *is_front || standpoint.has(private));
        own.or_else(|| Some(address).filter(|address| standpoint.has(address))).cloned().unwrap_or_else(
            || {
                let of_name = || standpoint.leads_to(address).first().copied();
                let is_v6 = bare(address)
                    .parse()
                    .ok()
                    .or_else(of_name)
                    .is_some_and(|family: IpAddr| family.is_ipv6());
                let loopback = if is_v6 { "::1" } else { LOOPBACK };
                loopback.to_owned()
            },
        )
    }
}

pub fn is_address(text: &str) -> bool {
    bare(text).parse::<IpAddr>().is_ok()
}

/// An address without the brackets that IPv6 may have.
fn bare(address: &str) -> &str {
    address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_host_asks_itself_where_its_users_do() {
        let names =
            [("lab.example", "10.0.0.5"), ("nat.example", "198.51.100.7"), ("six.example", "2001:db8::9")];
        let names = names.map(|(name, address)| (name.to_owned(), vec![address.parse().unwrap()]));
        let addresses = ["10.0.0.5", "172.16.0.5", "fd00::5"].map(|address| address.parse().unwrap());
        let standpoint =
            Standpoint { addresses: addresses.into(), names: BTreeMap::from(names), ..Standpoint::default() };
        // address, private address, asked by a balancer, asked by a web host
        for (address, private, front, behind) in [
            ("10.0.0.5", "10.0.0.5", "10.0.0.5", "10.0.0.5"),
            ("fd00::5", "fd00::5", "fd00::5", "fd00::5"),
            ("[fd00::5]", "[fd00::5]", "fd00::5", "fd00::5"),
            ("lab.example", "lab.example", "lab.example", "lab.example"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.1"),
            // A cloud's public address, with the private one and without.
            ("198.51.100.7", "172.16.0.5", "172.16.0.5", "172.16.0.5"),
            ("198.51.100.7", "198.51.100.7", "127.0.0.1", "127.0.0.1"),
            ("nat.example", "nat.example", "127.0.0.1", "127.0.0.1"),
            ("2001:db8::7", "2001:db8::7", "::1", "::1"),
            ("six.example", "six.example", "::1", "::1"),
            // Another's address is asked all the same where users come by it.
            ("10.0.0.5", "172.16.0.77", "172.16.0.77", "10.0.0.5"),
            // A name that only others know.
            ("10.0.0.5", "only.others", "10.0.0.5", "10.0.0.5"),
            ("unknown.example", "unknown.example", "127.0.0.1", "127.0.0.1"),
        ] {
            let asked = |is_front| {
                let private_address = Some(private.to_owned()).filter(|private| private != address);
                let own = Own { private_address, address: address.to_owned(), is_front };
                let site = Site { port: 80, place: Place::Own(own) };
                site.seen_from(&standpoint).address().to_owned()
            };
            assert_eq!((asked(true).as_str(), asked(false).as_str()), (front, behind), "{address} {private}");
        }
    }

    #[test]
    fn a_host_is_expected_where_the_inventory_says_by_address() {
        for (address, private, expected) in [
            ("10.0.0.5", "10.0.0.5", Some("10.0.0.5")),
            ("198.51.100.7", "172.16.0.5", Some("172.16.0.5")),
            ("[fd00::5]", "[fd00::5]", Some("fd00::5")),
            ("lab.example", "lab.example", None),
            ("10.0.0.5", "only.others", None),
        ] {
            let private_address = Some(private.to_owned()).filter(|private| private != address);
            let own = Own { private_address, address: address.to_owned(), is_front: true };
            let site = Site { port: 80, place: Place::Own(own) }.expected();
            assert_eq!(site.as_ref().map(Site::address), expected, "{address} {private}");
        }
    }
}
