//! What ends a run before or besides hosts: kind, cause and hints, and how each kind maps to an exit code.

use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    Success = 0,
    /// Usage, inventory or internal error.
    Usage = 1,
    /// A host failed; with `plan --detailed-exitcode` also: changes pending.
    HostFailed = 2,
    ProbeFailed = 3,
    Unreachable = 4,
    Interrupted = 130,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// What was asked for makes no sense, or names what is not there.
    Usage,
    /// The faults of an inventory: the message is a block with a heading for each.
    Faults,
    /// A file can't be read, written or used.
    File,
    /// This machine lacks something, or one of its programs failed.
    Machine,
    Host,
    Interrupted,
    /// What never fails has failed.
    Internal,
}

impl ErrorKind {
    pub fn code(self) -> ExitCode {
        match self {
            Self::Usage | Self::Faults | Self::File | Self::Machine | Self::Internal => ExitCode::Usage,
            Self::Host => ExitCode::HostFailed,
            Self::Interrupted => ExitCode::Interrupted,
        }
    }
}

/// An error of the tool itself, for people: what happened, why, and what to do next.
#[derive(Debug)]
pub struct Error {
    pub kind: ErrorKind,
    /// What happened, one line or the block of [`ErrorKind::Faults`].
    pub message: String,
    /// What to do next, shown after a blank line.
    pub hints: Vec<String>,
    pub cause: Option<anyhow::Error>,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new(), cause: None }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub fn file(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::File, message)
    }

    pub fn machine(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Machine, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
