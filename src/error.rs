//! What ends a run before or besides hosts: kind, cause and hints, and how each maps to an exit code.

use std::fmt;

/// Exit codes of the tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    Success = 0,
    /// Usage, inventory or internal error.
    Usage = 1,
    /// A host failed; with `plan --detailed-exitcode` also: changes pending.
    HostFailed = 2,
    ProbeFailed = 3,
    /// A host was unreachable.
    Unreachable = 4,
    Interrupted = 130,
}

/// An error of the tool itself, for people: what happened, why, and what to do next.
#[derive(Debug)]
pub struct Error {
    /// What happened, one line or a rendered block.
    pub message: String,
    /// What to do next, shown after a blank line.
    pub hints: Vec<String>,
    pub code: ExitCode,
    pub cause: Option<anyhow::Error>,
}

impl Error {
    /// A usage, inventory or internal error.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hints: Vec::new(), code: ExitCode::Usage, cause: None }
    }

    /// Adds what to do next.
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

    /// Changes the exit code.
    #[must_use]
    pub fn code(mut self, code: ExitCode) -> Self {
        self.code = code;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A result with the tool's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
