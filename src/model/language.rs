//! The languages that the tool speaks to students.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Language of what students read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Language {
    /// Portuguese of Brazil.
    #[serde(rename = "pt-BR")]
    Portuguese,
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
}

impl Language {
    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Portuguese => "pt-BR",
        }
    }

    /// Numbers that are written with a decimal point, as they are written in this language.
    pub fn number(self, digits: &str) -> String {
        match self {
            Self::English => digits.to_owned(),
            Self::Portuguese => digits.replace('.', ","),
        }
    }
}
