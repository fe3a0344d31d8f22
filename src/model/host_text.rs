//! What a host said: it can be compared and parsed, and shown only after it was cleaned.

use std::fmt;

use super::clean::clean_line;
use super::command::shell_word;
use super::text::Text;

/// Longest name that is told.
const NAME_LIMIT: usize = 200;

/// It has no `Display`, and nothing but its cleaning makes a [`Text`] of it: a host can't put into a sentence what would
/// act on a terminal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct HostText(String);

impl HostText {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One clean line of at most so many characters.
    pub fn line(&self, limit: usize) -> String {
        clean_line(&self.0, limit)
    }

    /// A name, or another few words.
    pub fn name(&self) -> Text {
        Text::verbatim(self.line(NAME_LIMIT))
    }

    /// A name as one word of a command that people are told to run.
    pub fn word(&self) -> Text {
        Text::verbatim(shell_word(&self.line(NAME_LIMIT)))
    }

    /// Whether this stands in it.
    pub fn contains(&self, wanted: &str) -> bool {
        self.0.contains(wanted)
    }

    /// Its last clean lines that say something, so many at most and none of more than so many characters.
    pub fn last_lines(&self, most: usize, limit: usize) -> Vec<Text> {
        let lines = self.0.lines().rev().map(|line| clean_line(line, limit)).filter(|line| !line.is_empty());
        let mut lines: Vec<_> = lines.take(most).map(Text::verbatim).collect();
        lines.reverse();
        lines
    }

    /// As it came, for parsers and comparisons. `tests/architecture.rs` names the files that may look at it.
    pub fn raw(&self) -> &str {
        &self.0
    }
}

/// As hosts' bytes are shown in a test: escaped.
impl fmt::Debug for HostText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl<T: Into<String>> From<T> for HostText {
    fn from(said: T) -> Self {
        Self(said.into())
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for HostText {
    fn eq(&self, other: &T) -> bool {
        self.0 == other.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_it_does_not_act() {
        let said = HostText::from("a\u{1b}[2J\u{9b}31m\u{202e}b\r\nc");
        assert_eq!(said.line(80), "ab c");
        assert_eq!(said.name().english(), "ab c");
        assert_eq!(said.word().english(), "'ab c'");
        assert!(!format!("{said:?}").contains(char::is_control));
        assert!(said != *"ab c");
    }

    #[test]
    fn its_last_lines_are_clean_and_say_something() {
        let said = HostText::from("one\ntwo \u{1b}[31mred\r\n\u{1b}]0;title\n \t\u{0}\nfour\u{7}four\n\n");
        let lines =
            |most| said.last_lines(most, 7).iter().map(|line| line.english().to_owned()).collect::<Vec<_>>();
        assert_eq!(lines(2), ["two red", "fourfo…"]);
        assert_eq!(lines(9), ["one", "two red", "fourfo…"]);
        assert!(said.contains("one\ntwo") && !said.contains("two red"));
    }
}
