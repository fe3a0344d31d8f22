//! Sentences for people, in every language of the inventory at once.
//!
//! The terminal speaks the language of who sits at it; the page, the lab and the reports that students read speak the
//! language of the inventory; JSON speaks English. Whoever writes a sentence does not know who will read it, so it is written in all of them, side by
//! side, and the compiler sees to it that none is left out.
//!
//! A text is clean by construction: whatever went into it, a host's words or a file's name, it is read and does not act.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::clean::clean;
use super::language::Language;

/// Between packed wordings. No text holds it, for it is no sign that is read.
const SEPARATOR: char = '\u{1e}';

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
/// that are texts themselves are named behind the strings, and each is put in in its own language; what is not at hand
/// by a name of its own is given one there.
macro_rules! text {
    (en: $english:literal, pt: $portuguese:literal $(, $part:ident $(= $value:expr)?)* $(,)?) => {
        $crate::model::Text::new(|language| {
            $(let $part = $crate::model::text::part!(language, $part $(= $value)?);)*
            match language {
                $crate::model::Language::English => format!($english),
                $crate::model::Language::Portuguese => format!($portuguese),
            }
        })
    };
}
pub(crate) use text;

/// What stands for a name in a [`text!`]: a value, or the words of a text.
macro_rules! part {
    ($language:ident, $part:ident = $value:expr) => {
        &$value
    };
    ($language:ident, $part:ident) => {
        $part.words($language)
    };
}
pub(crate) use part;

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

    /// The words in JSON, and in what programs read.
    pub fn english(&self) -> &str {
        &self.0.english
    }

    /// Both wordings in one string, for errors of libraries, which carry nothing else.
    pub fn packed(&self) -> String {
        [Language::English, Language::Portuguese]
            .map(|language| self.words(language))
            .join(&SEPARATOR.to_string())
    }

    /// One that was packed; else what a library says itself.
    pub fn unpacked(said: &str) -> Self {
        let (english, portuguese) = said.split_once(SEPARATOR).unwrap_or((said, said));
        Self::new(|language| match language {
            Language::English => english.to_owned(),
            Language::Portuguese => portuguese.to_owned(),
        })
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
        let packed = Text::unpacked(&whole.packed());
        assert_eq!((packed, Text::unpacked("x")), (whole, Text::verbatim("x")));
        let seconds = Text::number("1.5");
        assert_eq!((seconds.english(), seconds.words(Language::Portuguese)), ("1.5", "1,5"));
    }
}
