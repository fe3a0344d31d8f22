//! Where a connector finds and keeps things.

use std::path::PathBuf;

/// Where a connector finds and keeps things.
#[derive(Debug, Clone)]
pub struct ConnectorOptions {
    pub known_hosts: PathBuf,
    /// A folder for control sockets, the user's own.
    pub runtime_dir: PathBuf,
    pub home: PathBuf,
    pub user: String,
    pub agent: Option<PathBuf>,
    /// The ssh program; without one the built-in implementation does what it can.
    pub ssh: Option<PathBuf>,
    /// A configuration file for ssh instead of the user's and the system's.
    pub ssh_configuration: Option<PathBuf>,
}

impl ConnectorOptions {
    /// Options with all the rest as this process finds it.
    pub fn new(known_hosts: PathBuf, runtime_dir: PathBuf) -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let user = ["USER", "LOGNAME"].into_iter().find_map(variable);
        Self {
            known_hosts,
            runtime_dir,
            home: std::env::home_dir().unwrap_or_else(|| PathBuf::from("/")),
            user: user.map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned()),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
            ssh: which::which("ssh").ok(),
            ssh_configuration: None,
        }
    }
}
