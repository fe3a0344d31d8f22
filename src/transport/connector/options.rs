//! Where a connector finds and keeps things.

use std::path::PathBuf;

use crate::transport::tokens::{Surroundings, home};
use crate::transport::user_configuration::Ssh;

#[derive(Debug, Clone)]
pub struct ConnectorOptions {
    pub known_hosts: PathBuf,
    /// A folder for control sockets, the user's own.
    pub runtime_dir: PathBuf,
    pub surroundings: Surroundings,
    /// Without one the built-in implementation does what it can.
    pub ssh: Option<Ssh>,
}

impl ConnectorOptions {
    /// Options with all the rest as this process finds it.
    pub fn new(known_hosts: PathBuf, runtime_dir: PathBuf) -> Self {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let user = ["USER", "LOGNAME"].into_iter().find_map(variable);
        let surroundings = Surroundings {
            home: home(),
            user: user.map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned()),
            agent: variable("SSH_AUTH_SOCK").map(PathBuf::from),
        };
        let ssh = which::which("ssh").ok().map(|program| Ssh { program, configuration: None });
        Self { known_hosts, runtime_dir, surroundings, ssh }
    }
}
