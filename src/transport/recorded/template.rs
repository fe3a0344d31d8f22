//! A line of a recording. `{name}` stands for a value of today, `\xNN` for a byte that is no text, `\\` and `\{` for
//! themselves.

use std::collections::BTreeMap;

/// What `{name}` stands for.
pub type Values = BTreeMap<String, String>;

/// What was said, as a line of a recording.
pub fn escape(bytes: &[u8]) -> String {
    let mut line = String::new();
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            match character {
                '\\' | '{' => line.extend(['\\', character]),
                _ if character.is_control() => {
                    push_bytes(&mut line, character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                _ => line.push(character),
            }
        }
        push_bytes(&mut line, chunk.invalid());
    }
    line
}

fn push_bytes(line: &mut String, bytes: &[u8]) {
    for byte in bytes {
        line.push_str(&format!("\\x{byte:02x}"));
    }
}

/// A line with the values of today; an error names what cannot be read.
pub fn fill(line: &str, values: &Values) -> Result<Vec<u8>, String> {
    let mut filled = Vec::new();
    let mut rest = line;
    while let Some(position) = rest.find(['\\', '{']) {
        let (text, special) = rest.split_at(position);
        filled.extend_from_slice(text.as_bytes());
        let unread = || format!("`{special}`");
        if let Some(name) = special.strip_prefix('{') {
            let (name, after) = name.split_once('}').ok_or_else(unread)?;
            filled.extend_from_slice(values.get(name).ok_or_else(|| format!("`{{{name}}}`"))?.as_bytes());
            rest = after;
        } else if let Some(digits) = special.strip_prefix("\\x") {
            let byte = digits.get(..2).and_then(|digits| u8::from_str_radix(digits, 16).ok());
            filled.push(byte.ok_or_else(unread)?);
            rest = digits.get(2..).unwrap_or_default();
        } else {
            let escaped = special.get(1..2).ok_or_else(unread)?;
            filled.extend_from_slice(escaped.as_bytes());
            rest = special.get(2..).unwrap_or_default();
        }
    }
    filled.extend_from_slice(rest.as_bytes());
    Ok(filled)
}

/// Whether a line of a question is what is asked now, word by word. A word `{name}` that has no value yet takes the
/// word of today.
pub fn matches(line: &str, asked: &str, values: &mut Values) -> bool {
    let (mut words, mut asked) = (line.split(' '), asked.split(' '));
    loop {
        match (words.next(), asked.next()) {
            (None, None) => return true,
            (Some(word), Some(asked)) => {
                let name = word.strip_prefix('{').and_then(|word| word.strip_suffix('}'));
                if let Some(name) = name.filter(|name| !values.contains_key(*name)) {
                    values.insert(name.to_owned(), asked.to_owned());
                } else if !fill(word, values).is_ok_and(|word| word == asked.as_bytes()) {
                    return false;
                }
            }
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_comes_back_from_its_line() {
        for bytes in ["a {b} \\ ç".as_bytes(), b"\x1b[0m\xff\r", "\u{9b}31m\u{202e}".as_bytes(), b""] {
            assert_eq!(fill(&escape(bytes), &Values::new()).unwrap(), bytes);
        }
        assert_eq!(escape(b"\x1b{"), "\\x1b\\{");
    }

    #[test]
    fn values_are_filled_in_and_what_has_none_is_named() {
        let values = Values::from([("name".to_owned(), "web01".to_owned())]);
        assert_eq!(fill("I am {name}.", &values).unwrap(), b"I am web01.");
        assert_eq!(fill("{who}", &values).unwrap_err(), "`{who}`");
        for unread in ["{", "\\", "\\xg0", "\\x1"] {
            assert!(fill(unread, &values).is_err(), "{unread}");
        }
    }

    #[test]
    fn a_word_without_a_value_takes_that_of_today_and_keeps_it() {
        let mut values = Values::new();
        assert!(matches("{1} /etc/a", "c0ffee /etc/a", &mut values));
        assert!(matches("again {1}", "again c0ffee", &mut values));
        assert!(!matches("again {1}", "again beef", &mut values));
        assert!(!matches("/etc/a", "/etc/b", &mut values));
        assert!(!matches("/etc/a", "/etc/a more", &mut values));
    }
}
