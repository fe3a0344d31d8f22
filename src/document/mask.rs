//! Hides literal passwords in the lines that faults show. An inventory must not hold any, and the message that says so
//! must not spread it.

use std::ops::Range;

use super::secret;
use crate::model::is_secret_name;

/// What stands in for a password, whatever its length.
const MASK: &str = "********";

/// A line with its passwords hidden.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// What may be shown.
    pub text: String,
    /// What was hidden, as positions in the line before.
    hidden: Vec<Range<usize>>,
}

impl Masked {
    /// Where a position of the line before is now.
    pub fn place(&self, offset: usize) -> usize {
        let mut shift = 0_isize;
        for hidden in &self.hidden {
            if offset >= hidden.end {
                shift += signed(MASK.len()) - signed(hidden.len());
            } else if offset > hidden.start {
                return hidden.start.saturating_add_signed(shift) + MASK.len();
            }
        }
        offset.saturating_add_signed(shift)
    }
}

fn signed(length: usize) -> isize {
    isize::try_from(length).unwrap_or(isize::MAX)
}

/// Hides the parts of a line that `secrets` (positions in the whole text) cover.
pub fn mask(text: &str, line: Range<usize>, secrets: &[Range<usize>]) -> Masked {
    let mut masked = Masked { text: String::new(), hidden: Vec::new() };
    let mut at = line.start;
    for secret in secrets {
        let (start, end) = (secret.start.max(at), secret.end.min(line.end));
        if start < end {
            masked.text.push_str(&text[at..start]);
            masked.text.push_str(MASK);
            masked.hidden.push(start - line.start..end - line.start);
            at = end;
        }
    }
    masked.text.push_str(&text[at..line.end]);
    masked
}

/// Keys that hold a secret have one of these in their name, also when they are misspelt or another tool's.
const STEMS: [&str; 5] = ["pas", "pwd", "secret", "senha", "token"];

/// The literal passwords of a text, in order. Reads the text as it stands, so that it works on what is not YAML, too;
/// it rather hides too much than too little.
pub fn literal_secrets(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (colon, _) in text.match_indices(':') {
        let rest = &text[colon + 1..];
        if !rest.is_empty() && !rest.starts_with([' ', '\t', '\n', '\r', '"', '\'']) {
            continue;
        }
        let before = text[..colon].trim_end_matches([' ', '"', '\'']);
        let stops = |stop: char| stop.is_whitespace() || "{[,\"'".contains(stop);
        let key = before.len() - before.rsplit(stops).next().map_or(0, str::len);
        let name = &before[key..];
        let lower = name.to_lowercase();
        if !is_secret_name(name) && !STEMS.iter().any(|stem| lower.contains(stem)) {
            continue;
        }
        let value = rest.trim_start_matches([' ', '\t']);
        let indent = key - text[..key].rfind('\n').map_or(0, |newline| newline + 1);
        let secret = value[..length(value, indent)].trim();
        let begin = text.len() - value.trim_start().len();
        if !secret.is_empty() && !is_reference(secret) && found.last().is_none_or(|last| last.end <= begin) {
            found.push(begin..begin + secret.len());
        }
    }
    found
}

/// How far a value reaches whose key stands at a column.
fn length(value: &str, indent: usize) -> usize {
    let line_end = value.find('\n').unwrap_or(value.len());
    let with_deeper_lines = line_end + deeper_lines(&value[line_end..], indent);
    match value.chars().next() {
        None => 0,
        Some(quote @ ('"' | '\'')) => value[1..].find(quote).map_or(value.len(), |at| at + 2),
        Some('\n' | '\r' | '|' | '>' | '#' | '&' | '!' | '{' | '[') => with_deeper_lines,
        Some(_) => {
            let line = &value[..line_end];
            // A plain value goes on in deeper lines, unless something ends it.
            [", ", "}", " #"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(with_deeper_lines)
        }
    }
}

/// Whether a value says where the secret is, rather than what it is.
fn is_reference(value: &str) -> bool {
    let bare = value.trim_matches(['"', '\'']);
    secret::parse(bare).is_ok()
}

/// The length of the lines at the start of `text` that are blank or deeper than a column.
fn deeper_lines(text: &str, indent: usize) -> usize {
    let mut length = 0;
    for line in text.split_inclusive('\n') {
        let depth = line.len() - line.trim_start_matches(' ').len();
        if length > 0 && !line.trim().is_empty() && depth <= indent {
            break;
        }
        length += line.len();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        mask(text, 0..text.len(), &literal_secrets(text)).text
    }

    #[test]
    fn passwords_are_hidden_wherever_they_stand() {
        for (text, expected) in [
            ("password: hunter2\nport: 1", "password: ********\nport: 1"),
            ("{ password: hunter2, port: 1 }", "{ password: ********, port: 1 }"),
            ("{ port: 1, password: hunter2 }", "{ port: 1, password: ******** }"),
            ("password: 'a, b' # c", "password: ******** # c"),
            ("\"password\": \"x}y\"", "\"password\": ********"),
            ("password: \"never closed", "password: ********"),
            ("  password: |\n    one\n    two\n  port: 1", "  password: ********\n  port: 1"),
            ("password:\n  hunter2\nport: 1", "password:\n  ********\nport: 1"),
            ("password: hunter\n  two\nport: 1", "password: ********\nport: 1"),
            ("password: promt", "password: ********"),
            ("password: prompt, x", "password: prompt, x"),
            ("passwrod: x, port: 1", "passwrod: ********, port: 1"),
            ("db_pw: hunter2\nport: 1", "db_pw: ********\nport: 1"),
            ("ansible_ssh_pass: x", "ansible_ssh_pass: ********"),
            ("password: env:hunter2 hunter2", "password: ********"),
            ("password: env:SECRET", "password: env:SECRET"),
            ("password: 'file:~/secret'", "password: 'file:~/secret'"),
            ("the password is short", "the password is short"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn positions_move_with_the_mask() {
        let text = "{ password: ab, port: 0 }";
        let masked = mask(text, 0..text.len(), &literal_secrets(text));
        let port = masked.place(text.find("port: 0").unwrap());
        assert!(masked.text[port..].starts_with("port: 0"), "{masked:?}");
        assert_eq!(masked.place(2), 2);
        assert_eq!(masked.place(13), masked.text.find(", port").unwrap());
    }
}
