//! Sentences for people, in every language of the inventory at once.
//!
//! The terminal and JSON speak English; the page, the lab and the reports that students read speak the language of
//! the inventory. Whoever writes a sentence does not know who will read it, so it is written in all of them, side by
//! side, and the compiler sees to it that none is left out.
//!
//! A text is clean by construction: whatever went into it, a host's words or a file's name, it is read and does not act.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::clean::clean;
use super::language::Language;

/// A sentence, or a part of one. It has no `Display`: who shows it says in which language.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Text(Arc<Wordings>);

/// Behind a pointer, so that a failure stays small enough to be returned.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
struct Wordings {
    english: String,
    /// `None` where the words are the same.
    portuguese: Option<String>,
}

/// A [`Text`] from one format string for each language. Values are captured from around it as `format!` does; those
/// that are texts themselves are named behind the strings, and each is put in in its own language.
macro_rules! text {
    (en: $english:literal, pt: $portuguese:literal $(, $part:ident)* $(,)?) => {
        $crate::model::Text::new(|language| {
            $(let $part = $part.words(language);)*
            match language {
                $crate::model::Language::English => format!($english),
                $crate::model::Language::Portuguese => format!($portuguese),
            }
        })
    };
}
pub(crate) use text;

impl Text {
    /// What `words` says in each language.
    pub fn new(words: impl Fn(Language) -> String) -> Self {
        let [english, portuguese] =
            [Language::English, Language::Portuguese].map(|language| cleaned(words(language)));
        let portuguese = (portuguese != english).then_some(portuguese);
        Self(Arc::new(Wordings { english, portuguese }))
    }

    /// The same in every language: a name, a number, what a program said.
    pub fn verbatim(words: impl Into<String>) -> Self {
        Self(Arc::new(Wordings { english: cleaned(words.into()), portuguese: None }))
    }

    /// A number with a decimal point, or a comma where the language has one.
    pub fn number(digits: &str) -> Self {
        Self::new(|language| language.number(digits))
    }

    pub fn words(&self, language: Language) -> &str {
        match language {
            Language::English => &self.0.english,
            Language::Portuguese => self.0.portuguese.as_ref().unwrap_or(&self.0.english),
        }
    }

    /// The words on the terminal and in JSON.
    pub fn english(&self) -> &str {
        &self.0.english
    }

    /// The same done to the words of each language.
    #[must_use]
    pub fn map(&self, change: impl Fn(&str) -> String) -> Self {
        Self::new(|language| change(self.words(language)))
    }

    /// `a`, `a and b`, `a, b, c and 4 more`, of which the first `most` are named.
    pub fn list(items: &[Self], most: usize) -> Self {
        let (named, more) = items.split_at(items.len().min(most));
        let more = more.len();
        match named {
            [] => Self::default(),
            [first @ .., last] if more == 0 && !first.is_empty() => {
                let first = Self::join(first, ", ");
                text!(en: "{first} and {last}", pt: "{first} e {last}", first, last)
            }
            named => {
                let named = Self::join(named, ", ");
                if more == 0 {
                    named
                } else {
                    text!(en: "{named} and {more} more", pt: "{named} e mais {more}", named)
                }
            }
        }
    }

    /// Texts with something between them that is alike in every language.
    pub fn join(texts: &[Self], between: &str) -> Self {
        Self::new(|language| {
            let words: Vec<_> = texts.iter().map(|text| text.words(language)).collect();
            words.join(between)
        })
    }
}

/// In JSON, which speaks English.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.english())
    }
}

fn cleaned(words: String) -> String {
    match clean(&words) {
        Cow::Owned(clean) => clean,
        Cow::Borrowed(_) => words,
    }
}

#[cfg(test)]
impl Text {
    /// The words in both languages.
    pub fn sample(&self) -> String {
        format!("{}\n  pt: {}", self.english(), self.words(Language::Portuguese))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_in_the_language_of_the_whole() {
        let port = 80;
        let what = text!(en: "port {port}", pt: "porta {port}");
        let whole = text!(en: "{what} is free", pt: "a {what} está livre", what);
        assert_eq!(whole.english(), "port 80 is free");
        assert_eq!(whole.words(Language::Portuguese), "a porta 80 está livre");
        let both = Text::join(&[what, Text::verbatim("web01")], ", ").map(str::to_uppercase);
        assert_eq!(both.words(Language::English), "PORT 80, WEB01");
        assert_eq!(both.words(Language::Portuguese), "PORTA 80, WEB01");
        let name = "ca\u{202e}fe\u{301}";
        let dirty = text!(en: "a\u{1b}[2J{name}", pt: "b\r{name}");
        assert_eq!((dirty.english(), dirty.words(Language::Portuguese)), ("acafe\u{301}", "b\ncafe\u{301}"));
        let seconds = Text::number("1.5");
        assert_eq!((seconds.english(), seconds.words(Language::Portuguese)), ("1.5", "1,5"));
    }
}
