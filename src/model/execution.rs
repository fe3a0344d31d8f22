//! What the user's own command did.

use std::time::Duration;

use super::failure::Failure;
use super::host_id::HostId;
use super::text::Text;

/// The result of a command on many hosts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExecOutcome {
    /// Without those that had not begun when Ctrl-C was pressed.
    pub hosts: Vec<CommandOutcome>,
    /// Whether Ctrl-C ended it early.
    pub interrupted: bool,
    pub duration: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandOutcome {
    pub host: HostId,
    /// The command's exit status, or why it could not be run.
    pub status: Result<u8, Failure>,
    /// What it printed on standard output, bounded.
    pub output: Text,
    /// What it printed on standard error, bounded.
    pub log: Text,
}
