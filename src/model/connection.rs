//! How a host is reached and how root is gained there. What an inventory chooses from is read as it stands here, and its
//! comments are what an editor shows.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

use super::secret::SecretSource;

pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// SSH settings of one host after inheritance. `None` means: as the user's ssh configuration says, else ssh's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Name or address that SSH connects to.
    pub address: String,
    pub user: Option<String>,
    pub port: Option<u16>,
    /// Private key file, made absolute.
    pub identity: Option<PathBuf>,
    pub jump: Option<Jump>,
    pub transport: TransportChoice,
    /// What to do with a host key that has not been seen before.
    pub host_keys: Option<HostKeyPolicy>,
    /// Limit for TCP connect, key exchange and login together.
    pub connect_timeout: Duration,
    /// Login password, where keys are not used.
    pub password: Option<SecretSource>,
}

impl Connection {
    /// One to an address of which nothing else is said.
    pub fn to(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            user: None,
            port: None,
            identity: None,
            jump: None,
            transport: TransportChoice::default(),
            host_keys: None,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            password: None,
        }
    }
}

/// A bastion: `user@host:port`, user and port optional.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Jump {
    pub user: Option<String>,
    pub host: String,
    pub port: Option<u16>,
}

/// Which SSH to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Deserialize, JsonSchema)]
#[serde(rename = "Transport", rename_all = "kebab-case")]
#[schemars(inline)]
pub enum TransportChoice {
    /// The built-in one, unless your ssh configuration asks for what it can't do.
    #[default]
    Auto,
    /// Your own `ssh` program.
    Openssh,
    /// The built-in one.
    Russh,
}

/// What to do with a host key never seen before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum HostKeyPolicy {
    /// Keep it; refuse it when it changes.
    AcceptNew,
    /// Refuse it.
    Strict,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Become {
    pub method: BecomeMethod,
    /// sudo's password, where it wants one.
    pub password: Option<SecretSource>,
}

/// The means to gain root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Deserialize, JsonSchema)]
#[serde(rename = "Method", rename_all = "kebab-case")]
#[schemars(inline)]
pub enum BecomeMethod {
    /// sudo; not used when the login is root already.
    #[default]
    Sudo,
    /// Nothing: the login must be root.
    None,
}
