//! Where a page is asked for: on the host itself, or at its address as a browser sees it.

use std::net::Ipv6Addr;

use crate::model::{Host, Text, text};

use super::target::Target;

/// SSH's own port. Another one is mostly a forward of a NAT.
const SSH_PORT: u16 = 22;

/// A port that serves pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub port: u16,
    /// Where it is asked from this machine, and not by the host itself.
    pub outside: Option<Outside>,
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
        Self { port, outside: None }
    }

    /// The same port at the address that the inventory gives.
    pub fn outside(host: &Host, port: u16) -> Self {
        let connection = &host.connection;
        let outside = Outside {
            address: connection.address.clone(),
            ssh_port: connection.port.unwrap_or(SSH_PORT),
            bastion: connection.jump.is_some(),
        };
        Self { port, outside: Some(outside) }
    }

    /// Whether this machine asks, and not the host itself.
    pub fn is_outside(&self) -> bool {
        self.outside.is_some()
    }

    /// For the `Host` header.
    pub fn authority(&self) -> String {
        let address = self.outside.as_ref().map_or("127.0.0.1", |outside| outside.address.as_str());
        let address = match address.parse::<Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => address.to_owned(),
        };
        if self.port == 80 { address } else { format!("{address}:{}", self.port) }
    }

    /// What it may mean that nothing came back to this machine, and how to find out.
    pub fn caveat(&self, host: &Target) -> Text {
        let between = match &self.outside {
            Some(Outside { bastion: true, .. }) => text!(
                en: "SSH reaches this host through a bastion, and this machine has no such way for HTTP",
                pt: "o SSH chega a esta máquina por uma máquina de salto, e este computador não tem esse caminho para o HTTP",
            ),
            Some(Outside { ssh_port, .. }) if *ssh_port != SSH_PORT => text!(
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
        if self.is_outside() {
            let authority = self.authority();
            text!(en: "at http://{authority}/", pt: "em http://{authority}/")
        } else {
            let port = self.port;
            text!(en: "on port {port}", pt: "na porta {port}")
        }
    }
}
