//! What is wrong with a value, and what to do about it.

use std::fmt;

use crate::model::{Text, text};

/// Between message and hint on their way through serde, whose errors are strings; no text holds it.
const SEPARATOR: char = '\u{1f}';

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complaint {
    pub message: Text,
    pub hint: Text,
}

impl Complaint {
    pub fn new(message: Text, hint: Text) -> Self {
        Self { message, hint }
    }

    /// One that went through serde; or serde's own words.
    pub fn from_serde(said: &str) -> Self {
        match said.split_once(SEPARATOR) {
            Some((message, hint)) => Self::new(Text::unpacked(message), Text::unpacked(hint)),
            None => {
                Self::new(Text::verbatim(said), text!(en: "correct this value", pt: "corrija este valor"))
            }
        }
    }
}

/// For serde alone: see [`Complaint::from_serde`].
impl fmt::Display for Complaint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{SEPARATOR}{}", self.message.packed(), self.hint.packed())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_through_serde_in_both_languages() {
        let (word, number) = ("a\u{1e}b\nc", 7);
        let complaint = Complaint::new(
            text!(en: "no {word}", pt: "nada de {word}"),
            text!(en: "take {number}", pt: "use {number}"),
        );
        assert_eq!(Complaint::from_serde(&complaint.to_string()), complaint);
        assert_eq!(Complaint::from_serde("missing field").message, Text::verbatim("missing field"));
    }
}
