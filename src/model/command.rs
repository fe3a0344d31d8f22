//! Words as a shell takes them, for commands that people are told to run.

use std::borrow::Cow;

/// Text as a shell takes it for one word.
pub fn shell_word(text: &str) -> Cow<'_, str> {
    // Nothing that has a place in a command line holds a NUL.
    shlex::try_quote(text).unwrap_or(Cow::Borrowed(""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_where_a_shell_would_take_them_apart() {
        for (text, word) in [
            ("labs/ana.yaml", "labs/ana.yaml"),
            ("ana/web01", "ana/web01"),
            ("my class.yaml", "'my class.yaml'"),
            ("ana/*,!ana/web02", "'ana/*,!ana/web02'"),
            ("João's `id`", "\"João's \"'`id`'"),
            ("", "''"),
        ] {
            assert_eq!(shell_word(text), word);
            if !text.is_empty() {
                assert_eq!(shlex::split(&shell_word(text)).unwrap(), [text]);
            }
        }
    }
}
