//! How a host is reached and how root is gained there.

use std::path::PathBuf;
use std::time::Duration;

use super::secret::SecretSource;

/// The default of `ssh.connect_timeout`.
pub const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// SSH settings of one host after inheritance. `None` means: as the user's ssh configuration says, else ssh's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Name or address that SSH connects to.
    pub address: String,
    pub user: Option<String>,
    /// TCP port of sshd.
    pub port: Option<u16>,
    /// Private key file, made absolute.
    pub identity: Option<PathBuf>,
    pub jump: Option<Jump>,
    pub transport: TransportChoice,
    /// What to do with a host key that has not been seen before.
    pub host_keys: HostKeyPolicy,
    /// Limit for TCP connect, key exchange and login together.
    pub connect_timeout: Duration,
    /// Login password, where keys are not used.
    pub password: Option<SecretSource>,
}

/// A bastion: `user@host:port`, user and port optional.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Jump {
    pub user: Option<String>,
    /// Name or address of the bastion.
    pub host: String,
    /// TCP port of the bastion's sshd.
    pub port: Option<u16>,
}

/// `ssh.transport`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum TransportChoice {
    /// russh, unless the user's ssh configuration asks for what it can't do.
    #[default]
    Auto,
    /// The user's own `ssh` program.
    Openssh,
    /// The built-in SSH implementation.
    Russh,
}

/// `ssh.host_keys`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum HostKeyPolicy {
    /// A key seen for the first time is kept; a changed key is refused.
    #[default]
    AcceptNew,
    /// Only keys that are known already are accepted.
    Strict,
}

/// How root is gained after login.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Become {
    pub method: BecomeMethod,
    /// sudo's password, where it wants one.
    pub password: Option<SecretSource>,
}

/// `become.method`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum BecomeMethod {
    /// `sudo`, skipped when the login is root already.
    #[default]
    Sudo,
    /// Nothing: the login must be root.
    None,
}
