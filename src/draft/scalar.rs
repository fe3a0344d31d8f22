//! Texts in YAML: as they are where nobody takes them for anything else, else in quotes.

use serde_json::Value;

use crate::document::range::Pattern;

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// On its line, behind its key.
    Line,
    /// Within `{..}` or `[..]`.
    Brackets,
}

/// Words that YAML 1.1, which other programs read, takes for something else than text.
const WORDS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A text that means itself.
pub fn text(text: &str, place: Place) -> String {
    if is_plain(text, place) { text.to_owned() } else { quoted(text) }
}

/// A text with ranges. Within brackets its own would end it.
pub fn range(text: &str, place: Place) -> String {
    let one_of_them = Pattern::parse(text).fill(|range| range.item(0));
    let plain = place == Place::Line && !text.starts_with('[') && is_plain(&one_of_them, place);
    if plain { text.to_owned() } else { quoted(text) }
}

/// A key: plain wherever it stands.
pub fn key(key: &str) -> String {
    text(key, Place::Brackets)
}

fn is_plain(text: &str, place: Place) -> bool {
    let begins = text.starts_with(|first: char| first.is_alphanumeric() || "/_".contains(first))
        || text.starts_with("~/");
    let signs = if place == Place::Line { " -_./@+~:,()" } else { " -_./@+~" };
    let ends = !text.ends_with([' ', ':']);
    let apart = text.contains(": ");
    begins
        && ends
        && !apart
        && text.chars().all(|sign| sign.is_alphanumeric() || signs.contains(sign))
        && !WORDS.contains(&text.to_lowercase().as_str())
        && !may_be_number(text)
        && serde_yaml::from_str::<Value>(text).is_ok_and(|value| value == text)
}

/// What begins like a number, unless it is an IPv4 address or has a letter that no number or time has.
fn may_be_number(text: &str) -> bool {
    text.starts_with(|first: char| first.is_numeric())
        && text.parse::<std::net::Ipv4Addr>().is_err()
        && !text.chars().any(|sign| sign.is_ascii_lowercase() && !"abcdefotxz".contains(sign))
}

/// In double quotes, by the rules of JSON, which are YAML's too; what YAML refuses to see as it is gets an escape.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for sign in Value::from(text).to_string().chars() {
        let hidden = matches!(sign,
            '\u{7f}'..='\u{a0}' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff0}'..='\u{ffff}');
        if hidden {
            quoted.push_str(&format!("\\u{:04x}", u32::from(sign)));
        } else {
            quoted.push(sign);
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_clear_stands_without_quotes() {
        for plain in [
            "ubuntu",
            "Sistemas Distribuídos",
            "10.0.0.51",
            "web01.example.org",
            "~/.ssh/labsuser.pem",
            "/home/ana/.ssh/id_ed25519",
            "env:SENHA",
            "ubuntu@bastion:22",
            "accept-new",
            "5s",
            "1m 30s",
            "2a turma",
            "João (manhã)",
        ] {
            assert_eq!(text(plain, Place::Line), plain);
        }
        for (written, expected) in [
            ("", r#""""#),
            ("no", r#""no""#),
            ("Yes", r#""Yes""#),
            ("null", r#""null""#),
            ("~", r#""~""#),
            ("1e3", r#""1e3""#),
            ("007", r#""007""#),
            ("0x1f", r#""0x1f""#),
            ("12:30", r#""12:30""#),
            ("2026-03-01", r#""2026-03-01""#),
            ("1.5", r#""1.5""#),
            ("a: b", r#""a: b""#),
            ("a:", r#""a:""#),
            ("a #b", r#""a #b""#),
            ("#b", r##""#b""##),
            ("[1:3]", r#""[1:3]""#),
            ("a [1:3]", r#""a [1:3]""#),
            ("{{ x }}", r#""{{ x }}""#),
            ("- a", r#""- a""#),
            (" a", r#"" a""#),
            ("a ", r#""a ""#),
            ("a\nb", r#""a\nb""#),
            ("say \"hi\"\\", r#""say \"hi\"\\""#),
            ("🐧", r#""🐧""#),
            ("a\u{202e}b\u{85}\u{feff}", r#""a\u202eb\u0085\ufeff""#),
            ("!vault", r#""!vault""#),
            ("%x", r#""%x""#),
            ("---", r#""---""#),
        ] {
            assert_eq!(text(written, Place::Line), expected);
            let read: Value = serde_yaml::from_str(expected).unwrap();
            assert_eq!(read, written);
        }
        assert_eq!(text("env:A", Place::Brackets), r#""env:A""#);
        assert_eq!(text("a, b", Place::Brackets), r#""a, b""#);
    }

    #[test]
    fn ranges() {
        assert_eq!(range("10.0.0.[51:53]", Place::Line), "10.0.0.[51:53]");
        assert_eq!(range("10.0.0.[51:53]", Place::Brackets), r#""10.0.0.[51:53]""#);
        assert_eq!(range("web[01:03]", Place::Line), "web[01:03]");
        assert_eq!(range("Equipe [1:3]", Place::Line), "Equipe [1:3]");
        assert_eq!(range("22[01:03]", Place::Line), r#""22[01:03]""#);
        assert_eq!(range("[1:3]", Place::Line), r#""[1:3]""#);
        assert_eq!(range("fd00::[1:3]", Place::Line), "fd00::[1:3]");
        assert_eq!(range("a: [1:3]", Place::Line), r#""a: [1:3]""#);
    }
}
