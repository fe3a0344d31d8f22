//! What is wrong with a value, and what to do about it.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub message: String,
    pub hint: String,
}

impl Complaint {
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    /// One that went through serde, whose errors are text; or serde's own words.
    pub fn from_serde(text: &str) -> Self {
        let (message, hint) = text.split_once('\n').unwrap_or((text, "correct this value"));
        Self::new(message, hint)
    }
}

/// For serde alone: see [`Complaint::from_serde`].
impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}\n{}", self.message, self.hint)
    }
}
