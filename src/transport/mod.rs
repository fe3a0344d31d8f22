//! SSH connections to hosts: commands, TCP streams and reverse forwards over them.
//!
//! One [`Connector`] serves a run. A [`Session`] is one logged-in connection over either implementation: the
//! built-in one (russh), or the user's own ssh program (openssh), for what only that can do. Owns host keys, login
//! and everything about connections; knows nothing of what is sent over them, and prints nothing.

mod builtin;
mod connector;
mod destination;
mod diagnosis;
mod distinctions;
mod execution;
mod failure;
mod keys;
mod known_hosts;
mod program;
mod recorded;
mod stream;
mod tokens;
mod user_configuration;

#[cfg(test)]
pub mod tests;

pub use self::connector::{Connector, ConnectorOptions};
pub use self::execution::{Execution, Exit, Feed, Input, InputClosed, Output};
pub use self::failure::turned_away;
pub use self::recorded::{Replay, play, record};
pub use self::stream::{ForwardError, OpenError, ReverseForward, Stream};

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::builtin::Builtin;
use self::program::Program;
use crate::model::{Connection, Failure, Text};

/// A logged-in connection to a host. Dropping it ends it.
pub struct Session {
    implementation: Implementation,
    /// Which implementation serves the host, and why.
    pub description: Text,
    /// Whether its sshd was seen to open no streams.
    opens_no_streams: AtomicBool,
    /// How long the host may take to begin with a command, at least.
    patience: Duration,
}

enum Implementation {
    Builtin(Builtin),
    Program(Program),
    /// Only in tests of the whole tool.
    Recorded(Box<dyn recorded::Host>),
}

impl Session {
    pub fn is_closed(&self) -> bool {
        match &self.implementation {
            Implementation::Builtin(builtin) => builtin.is_closed(),
            Implementation::Program(program) => program.is_closed(),
            Implementation::Recorded(host) => host.is_closed(),
        }
    }

    /// When its handshake was over and the login began, where that can be told apart.
    pub fn greeted(&self) -> Option<Instant> {
        match &self.implementation {
            Implementation::Builtin(builtin) => Some(builtin.greeted),
            Implementation::Program(_) | Implementation::Recorded(_) => None,
        }
    }

    /// Runs a command by the login shell of the host. `input` is written to its standard input, which then stays
    /// open. More commands at one time than sshd allows on a connection wait for each other.
    pub async fn exec(&self, command: &str, input: impl Into<Feed>) -> Result<Execution, Failure> {
        let input = input.into();
        match &self.implementation {
            Implementation::Builtin(builtin) => builtin.exec(command, input, self.patience).await,
            Implementation::Program(program) => program.exec(command, input, self.patience).await,
            Implementation::Recorded(host) => host.exec(command, input).await,
        }
    }

    /// Opens a TCP stream to an address as the host sees it. A refused one is an error, not an early end.
    pub async fn open_stream(&self, host: &str, port: u16) -> Result<Stream, OpenError> {
        let opened = match &self.implementation {
            Implementation::Builtin(builtin) => builtin.open_tcp(host, port).await,
            Implementation::Program(program) => program.open_tcp(host, port).await,
            Implementation::Recorded(recorded) => recorded.open_stream(host, port).await,
        };
        if matches!(opened, Err(OpenError::Forbidden)) {
            self.opens_no_streams.store(true, Ordering::Relaxed);
        }
        opened
    }

    /// Whether its sshd is not known to open no streams.
    pub fn opens_streams(&self) -> bool {
        !self.opens_no_streams.load(Ordering::Relaxed)
    }

    fn new(implementation: Implementation, description: Text, connection: &Connection) -> Self {
        let patience = connection.connect_timeout;
        Self { implementation, description, opens_no_streams: AtomicBool::new(false), patience }
    }

    /// What a slow host was granted for its login, it is granted for what begins after it.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Opens a port on the host's 127.0.0.1 whose connections arrive here.
    pub async fn reverse_forward(&self) -> Result<ReverseForward, ForwardError> {
        match &self.implementation {
            Implementation::Builtin(builtin) => builtin.reverse_forward().await,
            Implementation::Program(program) => program.reverse_forward().await,
            Implementation::Recorded(host) => host.reverse_forward(),
        }
    }

    /// Ends the connection in good order.
    pub async fn close(self) {
        match self.implementation {
            Implementation::Builtin(builtin) => builtin.close().await,
            Implementation::Program(program) => program.close().await,
            Implementation::Recorded(_) => {}
        }
    }
}
