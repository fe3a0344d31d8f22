//! What ends a run before or besides hosts: kind, cause and hints, and how each kind maps to an exit code.

use std::fmt::Debug;

use crate::model::{Language, Text, text};

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
    /// The faults of an inventory, shown as a block with a heading for each.
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
    /// What happened, one line.
    pub message: Text,
    /// What to do next, shown after a blank line.
    pub hints: Vec<Text>,
    /// Why, the nearest cause first.
    pub causes: Vec<Text>,
    /// Shown in place of all that, where there is one.
    pub block: Option<Box<dyn Block>>,
}

/// An error that has a layout of its own.
pub trait Block: Debug + Send + Sync {
    fn render(&self, language: Language, colour: bool) -> String;
}

impl Error {
    pub fn new(kind: ErrorKind, message: Text) -> Self {
        Self { kind, message, hints: Vec::new(), causes: Vec::new(), block: None }
    }

    pub fn usage(message: Text) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// What is wrong with a document.
    pub fn faults(faults: impl Block + 'static) -> Self {
        let message = text!(en: "there are faults", pt: "há erros");
        Self { block: Some(Box::new(faults)), ..Self::new(ErrorKind::Faults, message) }
    }

    pub fn file(message: Text) -> Self {
        Self::new(ErrorKind::File, message)
    }

    pub fn machine(message: Text) -> Self {
        Self::new(ErrorKind::Machine, message)
    }

    pub fn internal(message: Text) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: Text) -> Self {
        self.hints.push(hint);
        self
    }

    /// Why, as the system or a library says it.
    #[must_use]
    pub fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.causes.extend(cause.into().chain().map(|cause| Text::verbatim(cause.to_string())));
        self
    }
}

#[cfg(test)]
impl Error {
    /// What it says in English, on one line.
    pub fn sample(&self) -> String {
        let said: Vec<_> = std::iter::once(&self.message).chain(&self.hints).map(Text::english).collect();
        said.join(" / ")
    }
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}
