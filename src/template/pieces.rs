//! What a template is made of, as far as it is told apart without compiling it.

use std::ops::Range;

#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// `{{ .. }}`
    Value,
    /// `{% .. %}`, with what stands in it.
    Statement(&'a str),
    /// `{# .. #}`
    Comment,
}

/// The pieces that are no text, each with its place in bytes.
pub fn pieces(text: &str) -> impl Iterator<Item = (Range<usize>, Piece<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text.get(at..)?.find('{')?;
            let inside = text.get(start + 2..).unwrap_or_default();
            let (closing, value) = match text.get(start + 1..)?.chars().next() {
                Some('{') => ("}}", true),
                Some('%') => ("%}", true),
                Some('#') => ("#}", false),
                _ => {
                    at = start + 1;
                    continue;
                }
            };
            let length = closed(inside, closing, value).unwrap_or(inside.len());
            let end = (start + 2 + length + closing.len()).min(text.len());
            let word = inside[..length].trim_matches(|sign: char| sign == '-' || sign.is_whitespace());
            at = end;
            let piece = match closing {
                "}}" => Piece::Value,
                "#}" => Piece::Comment,
                _ => Piece::Statement(word),
            };
            if piece == Piece::Statement("raw") {
                // What follows is text, whatever it looks like.
                let rest = text.get(end..).unwrap_or_default();
                at = rest.find("endraw").map_or(text.len(), |found| end + found);
                at = text
                    .get(at..)
                    .and_then(|rest| rest.find("%}"))
                    .map_or(text.len(), |found| at + found + 2);
                return Some((start..at, piece));
            }
            return Some((start..end, piece));
        }
    })
}

/// Where something ends, not looking for that in strings.
fn closed(text: &str, closing: &str, has_strings: bool) -> Option<usize> {
    let mut quote = None;
    for (at, sign) in text.char_indices() {
        match quote {
            Some(open) => quote = Some(open).filter(|open| *open != sign),
            None if has_strings && "\"'`".contains(sign) => quote = Some(sign),
            None if text[at..].starts_with(closing) => return Some(at),
            None => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_the_rest() {
        let text = "a {{ x | default(value=\"}}\") }} {% if x -%} {# {{ y }} #} ${z} {% raw %}{{ w }}{% endraw %} {{ v";
        let found: Vec<_> = pieces(text).map(|(place, piece)| (&text[place], piece)).collect();
        assert_eq!(
            found,
            [
                ("{{ x | default(value=\"}}\") }}", Piece::Value),
                ("{% if x -%}", Piece::Statement("if x")),
                ("{# {{ y }} #}", Piece::Comment),
                ("{% raw %}{{ w }}{% endraw %}", Piece::Statement("raw")),
                ("{{ v", Piece::Value),
            ]
        );
    }
}
