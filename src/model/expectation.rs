//! What probes ask of a role.

use std::time::Duration;

use super::host_id::HostId;
use super::probe::{CheckKind, Whose};

/// One thing that a role should do once it is set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expectation {
    /// It serves a page of its host's own.
    Page {
        port: u16,
        service: String,
        path: String,
    },
    Balance(Balance),
    /// The three variants of the socket lab speak their protocol.
    SocketLab {
        path: String,
        /// What its clients connect to.
        server: String,
    },
    /// What a practice says of itself.
    Practice(PracticeProbe),
}

/// A probe that a practice describes, with all values in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PracticeProbe {
    /// What its column is called.
    pub practice: String,
    pub name: String,
    /// The services of the practice: while one of them does not run, nothing else is asked of it.
    pub services: Vec<String>,
    pub question: Question,
}

/// What is asked on the host itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Somebody takes connections on a port.
    Tcp { port: u16 },
    Http {
        port: u16,
        /// With the `/` at its beginning.
        path: String,
        status: u16,
        /// Text within the answer's body.
        contains: Option<String>,
    },
    Command {
        /// Text for sh, which must end well.
        run: String,
        /// Text within what it prints.
        contains: Option<String>,
        limit: Duration,
        /// Whether root runs it, else whoever logs in.
        as_root: bool,
    },
}

impl Expectation {
    /// Whose probes tell how the role is.
    pub fn probes(&self) -> &'static [Whose] {
        use Whose::{All, Balancers, WithPage, WithServices, WithSocketLab};
        match self {
            Self::Page { .. } => &[All, WithServices, WithPage],
            Self::Balance(_) => &[All, WithServices, Balancers],
            Self::SocketLab { .. } => &[All, WithSocketLab],
            Self::Practice(probe) if probe.services.is_empty() => &[All],
            Self::Practice(_) => &[All, WithServices],
        }
    }

    /// The probe that no other role has.
    pub fn kind(&self) -> Option<CheckKind> {
        match self {
            Self::Practice(probe) => Some(probe.kind()),
            Self::Page { .. } | Self::Balance(_) | Self::SocketLab { .. } => None,
        }
    }
}

impl PracticeProbe {
    pub fn kind(&self) -> CheckKind {
        CheckKind::of_practice_probe(&self.practice, &self.name)
    }
}

/// A balancer shares requests out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    pub port: u16,
    pub stats_port: u16,
    pub service: String,
    /// Where the service takes orders.
    pub socket: String,
    /// How it spreads requests, in the words of its configuration.
    pub algorithm: String,
    /// In the order of the inventory.
    pub servers: Vec<ServerExpectation>,
    /// The file is made from the user's own template, which may give weights to the servers.
    pub own_template: bool,
}

/// One server of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerExpectation {
    pub host: HostId,
    /// Its name in the balancer's configuration and in the `X-Served-By` header.
    pub name: String,
    pub address: String,
    pub port: u16,
}
