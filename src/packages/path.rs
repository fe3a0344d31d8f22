//! The paths of URLs, in one spelling.

use super::refusal::Refusal;
use crate::model::text;

/// One spelling for each path: dot segments gone, needless percent-encodings undone, the others in upper case.
/// Refuses what two servers may read in two ways.
pub(super) fn normal_path(path: &str) -> Result<String, Refusal> {
    let mut plain = String::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        let (byte, encoded) = if byte == b'%' {
            let digits =
                [rest.next(), rest.next()].map(|digit| digit.and_then(|d| char::from(d).to_digit(16)));
            let [Some(high), Some(low)] = digits else {
                return Err(Refusal::malformed(text!(
                    en: "the path has a broken percent-encoding",
                    pt: "o caminho tem um código de porcentagem incompleto",
                )));
            };
            (u8::try_from(high * 16 + low).unwrap_or_default(), true)
        } else {
            (byte, false)
        };
        match byte {
            b'/' | b'%' if encoded => {
                return Err(Refusal::forbidden(text!(
                    en: "the path hides a separator in a percent-encoding",
                    pt: "o caminho esconde um separador em um código de porcentagem",
                )));
            }
            b'\\' | 0..=0x1f | 0x7f => {
                return Err(Refusal::forbidden(text!(
                    en: "the path has a forbidden character",
                    pt: "o caminho tem um caractere proibido",
                )));
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                plain.push(char::from(byte));
            }
            b'/' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'=' | b':'
            | b'@'
                if !encoded =>
            {
                plain.push(char::from(byte));
            }
            // `%2B` and `+` name the same file in a path.
            b'+' => plain.push('+'),
            _ => plain.extend(format!("%{byte:02X}").chars()),
        }
    }
    let mut segments: Vec<&str> = Vec::new();
    let mut directory = false;
    for segment in plain.strip_prefix('/').unwrap_or(&plain).split('/') {
        directory = matches!(segment, "." | "..");
        match segment {
            ".." if segments.pop().is_none() => {
                return Err(Refusal::forbidden(text!(
                    en: "the path leads out of the mirror",
                    pt: "o caminho leva para fora do espelho",
                )));
            }
            "." | ".." => {}
            _ => segments.push(segment),
        }
    }
    let slash = if directory && !segments.is_empty() { "/" } else { "" };
    Ok(format!("/{}{slash}", segments.join("/")))
}
