//! The fixed words of reports that students read, in the language of the inventory. What probes saw keeps its own
//! words.

use crate::model::Language;

/// A thing that is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noun {
    one: &'static str,
    many: &'static str,
}

impl Noun {
    const fn new(one: &'static str, many: &'static str) -> Self {
        Self { one, many }
    }

    /// The form that goes with a number.
    pub fn of(self, number: usize) -> &'static str {
        if number == 1 { self.one } else { self.many }
    }
}

/// One language.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// Between two numbers, of which the first are part of the second.
    of: &'static str,
    /// A check was not judged.
    pub skip: &'static str,
    /// After `3 of 4`.
    probes_passed: Noun,
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Portuguese => &PORTUGUESE,
        }
    }

    /// `3 of 4 probes passed`.
    pub fn passed_of(&self, passed: usize, all: usize) -> String {
        format!("{passed} {} {all} {}", self.of, self.probes_passed.of(all))
    }
}

const ENGLISH: Words =
    Words { of: "of", skip: "not judged", probes_passed: Noun::new("probe passed", "probes passed") };

const PORTUGUESE: Words =
    Words { of: "de", skip: "não avaliado", probes_passed: Noun::new("teste passou", "testes passaram") };
