//! The one place where text that came from a host is made fit for a terminal, a log or a report.
//!
//! It takes away what could act instead of being read: escape sequences, control characters (C0 and C1),
//! characters that reorder or hide text. Escaping for HTML, XML or JSON belongs to the reporters.

use std::borrow::Cow;
use std::iter::Peekable;
use std::str::Chars;

const ESCAPE: char = '\u{1b}';
const BELL: char = '\u{7}';
const STRING_TERMINATOR: char = '\u{9c}';

/// Cleans text of any number of lines. Newlines and tabs stay; `\r\n` and a lone `\r` become a newline.
pub fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(|character| character == '\r' || acts(character)) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\r' => {
                if characters.peek() != Some(&'\n') {
                    cleaned.push('\n');
                }
            }
            ESCAPE => match characters.next_if(|next| !acts(*next)) {
                Some('[') => skip_control_sequence(&mut characters),
                Some(']' | 'P' | 'X' | '^' | '_') => skip_control_string(&mut characters),
                // Escapes with intermediate bytes, such as the choice of a character set.
                Some(' '..='/') => {
                    while characters.next_if(|next| (' '..='/').contains(next)).is_some() {}
                    characters.next_if(|next| ('0'..='~').contains(next));
                }
                _ => {}
            },
            '\u{9b}' => skip_control_sequence(&mut characters),
            '\u{90}' | '\u{98}' | '\u{9d}'..='\u{9f}' => skip_control_string(&mut characters),
            character if acts(character) => {}
            character => cleaned.push(character),
        }
    }
    Cow::Owned(cleaned)
}

/// Cleans bytes of any encoding: what is not UTF-8 becomes `�`.
pub fn clean_bytes(bytes: &[u8]) -> String {
    clean(&String::from_utf8_lossy(bytes)).into_owned()
}

/// Cleans text into one line of at most `limit` characters: runs of white space become one space, and what is
/// cut off is shown as `…`.
pub fn clean_line(text: &str, limit: usize) -> String {
    let cleaned = clean(text);
    let mut line = String::new();
    let mut length = 0;
    for word in cleaned.split_whitespace() {
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        for character in word.chars() {
            line.push(character);
            length += 1;
            if length > limit {
                for _ in 0..2 {
                    line.pop();
                }
                let kept = line.trim_end().len();
                line.truncate(kept);
                line.push('…');
                return line;
            }
        }
    }
    line
}

/// Whether a character does something to a terminal or to the order of text, instead of being shown.
fn acts(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control() && !matches!(character, '\n' | '\t');
    }
    // Marks, embeddings, overrides and isolates of the bidirectional algorithm.
    let reorders = matches!(character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // Line and paragraph separators, invisible operators, byte order mark, annotations, tags.
    let hides = matches!(character,
        '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    reorders || hides || character.is_control()
}

/// Skips the rest of `CSI`: parameters, intermediates, one final byte.
fn skip_control_sequence(characters: &mut Peekable<Chars<'_>>) {
    while characters.next_if(|next| (' '..='?').contains(next)).is_some() {}
    characters.next_if(|next| ('@'..='~').contains(next));
}

/// Skips the rest of a control string (`OSC`, `DCS` …) to its end, and to the end of the line where it has none, so
/// that one unfinished sequence can't hide all that follows.
fn skip_control_string(characters: &mut Peekable<Chars<'_>>) {
    while let Some(character) = characters.next_if(|next| *next != '\n') {
        match character {
            BELL | STRING_TERMINATOR => return,
            ESCAPE => {
                characters.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_away_what_acts() {
        for (dirty, expected) in [
            ("plain", "plain"),
            ("ação — 日本 👩‍💻", "ação — 日本 👩‍💻"),
            ("a\tb\nc", "a\tb\nc"),
            ("a\r\nb\rc\r", "a\nb\nc\n"),
            ("\u{1b}[31;1mred\u{1b}[0m", "red"),
            ("\u{1b}[2J\u{1b}[Hgone", "gone"),
            ("\u{1b}]0;title\u{7}text", "text"),
            ("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("\u{1b}]52;c;aGk=\nnext line", "\nnext line"),
            ("\u{1b}Pq#0\u{1b}\\after", "after"),
            ("\u{1b}(Btext\u{1b}c\u{1b}7", "text"),
            ("\u{9b}31mred\u{9d}0;t\u{9c}x", "redx"),
            ("a\u{0}b\u{8}c\u{7f}d\u{85}e", "abcde"),
            ("a\u{202e}b\u{2066}c\u{200f}d\u{feff}e\u{2028}f", "abcdef"),
            ("end\u{1b}", "end"),
            ("end\u{1b}[", "end"),
            ("\u{1b}\u{1b}[31mx", "x"),
            ("\u{1b}[3\u{7}1mx", "1mx"),
        ] {
            assert_eq!(clean(dirty), expected, "{dirty:?}");
            assert!(!clean(dirty).contains(acts), "{dirty:?}");
        }
    }

    #[test]
    fn clean_text_is_borrowed() {
        assert!(matches!(clean("nothing to do\n"), Cow::Borrowed(_)));
    }

    #[test]
    fn bytes_of_any_encoding() {
        assert_eq!(clean_bytes(b"caf\xe9 \x9b31m \x1b[0mok"), "caf\u{fffd} \u{fffd}31m ok");
    }

    #[test]
    fn one_bounded_line() {
        assert_eq!(clean_line("  a \n b\t\tc  ", 10), "a b c");
        assert_eq!(clean_line("abcdef", 6), "abcdef");
        assert_eq!(clean_line("abcdefg", 6), "abcde…");
        assert_eq!(clean_line("ação maior", 6), "ação…");
        assert_eq!(clean_line("", 5), "");
    }

    #[test]
    fn a_random_mix_never_acts() {
        let alphabet = [
            'a', '\u{1b}', '[', ']', '\\', '\u{7}', '\u{9b}', '\u{9c}', 'm', ';', '\n', '\r', '(', '\u{202e}',
        ];
        let mut state = 1_usize;
        for _ in 0..5_000 {
            let text: String = (0..12)
                .map(|_| {
                    state =
                        state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    alphabet[(state >> 33) % alphabet.len()]
                })
                .collect();
            let cleaned = clean(&text);
            assert!(!cleaned.contains(|character| character == '\r' || acts(character)), "{text:?}");
        }
    }
}
