//! The range grammar of names and values: `[01:10]`, `[a:c]`, `[1:9:2]`.
//!
//! Owns parsing and expansion. Which range goes with which is [`super::zip`]'s.

use std::fmt;

/// Text with any number of ranges in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Text that stays as it is, brackets that are no range (an IPv6 address, say) included.
    Text(String),
    Range(Range),
}

/// `[start:end]` or `[start:end:step]`, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    kind: Kind,
    start: u32,
    end: u32,
    step: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Numbers, filled with zeros up to a width.
    Numbers { width: usize },
    /// Letters, by their code.
    Letters,
}

impl Pattern {
    /// Splits a text into what stays and what is a range. Every text is a pattern.
    pub fn parse(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('[') {
            let inside = &rest[open + 1..];
            let range = inside
                .find(']')
                .and_then(|close| Some((Range::parse(&inside[..close])?, &inside[close + 1..])));
            plain.push_str(&rest[..open]);
            if let Some((range, after)) = range {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(Piece::Range(range));
                rest = after;
            } else {
                plain.push('[');
                rest = inside;
            }
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Self { pieces }
    }

    pub fn ranges(&self) -> impl Iterator<Item = &Range> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Range(range) => Some(range),
        })
    }

    /// The text with each range replaced by what `item` gives for it.
    pub fn fill(&self, mut item: impl FnMut(&Range) -> String) -> String {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.clone(),
                Piece::Range(range) => item(range),
            })
            .collect()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => formatter.write_str(text),
            Piece::Range(range) => range.fmt(formatter),
        })
    }
}

impl Range {
    /// Reads what stands between the brackets; `None` where that is not a range.
    fn parse(inside: &str) -> Option<Self> {
        let mut parts = inside.split(':');
        let (start, end) = (parts.next()?, parts.next()?);
        let step = parts.next().map_or(Some(1), |step| number(step).filter(|step| *step > 0))?;
        if parts.next().is_some() {
            return None;
        }
        let (kind, first, last) = if let (Some(first), Some(last)) = (number(start), number(end)) {
            let padded = |text: &str| text.len() > 1 && text.starts_with('0');
            // `[1:010]` could mean two things.
            if padded(end) && end.len() != start.len() {
                return None;
            }
            (Kind::Numbers { width: if padded(start) { start.len() } else { 1 } }, first, last)
        } else {
            let (first, last) = (letter(start)?, letter(end)?);
            if first.is_ascii_lowercase() != last.is_ascii_lowercase() {
                return None;
            }
            (Kind::Letters, u32::from(first), u32::from(last))
        };
        (first <= last).then_some(Self { kind, start: first, end: last, step })
    }

    /// How many values it has; never 0.
    pub fn length(&self) -> usize {
        ((self.end - self.start) / self.step) as usize + 1
    }

    /// The value at a position, counted from 0.
    pub fn item(&self, position: usize) -> String {
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        self.show(self.start.saturating_add(position.saturating_mul(self.step)).min(self.end))
    }

    fn show(&self, value: u32) -> String {
        match self.kind {
            Kind::Numbers { width } => format!("{value:0width$}"),
            Kind::Letters => char::from_u32(value).unwrap_or('?').to_string(),
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}:{}", self.show(self.start), self.show(self.end))?;
        if self.step != 1 {
            write!(formatter, ":{}", self.step)?;
        }
        formatter.write_str("]")
    }
}

/// Digits only, and few enough that no sum overflows.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn letter(text: &str) -> Option<char> {
    let mut characters = text.chars();
    characters.next().filter(|first| first.is_ascii_alphabetic() && characters.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn expand(text: &str) -> Vec<String> {
        let pattern = Pattern::parse(text);
        let length = pattern.ranges().next().map_or(1, Range::length);
        (0..length).map(|position| pattern.fill(|range| range.item(position))).collect()
    }

    #[test]
    fn ranges_expand() {
        for (text, expected) in [
            ("web", "web"),
            ("web[1:3]", "web1 web2 web3"),
            ("web[01:03]", "web01 web02 web03"),
            ("web[8:11]", "web8 web9 web10 web11"),
            ("web[08:11]", "web08 web09 web10 web11"),
            ("web[099:101]", "web099 web100 web101"),
            ("web[01:100:50]", "web01 web51"),
            ("[a:c]", "a b c"),
            ("[B:D]x", "Bx Cx Dx"),
            ("[1:9:2]", "1 3 5 7 9"),
            ("[1:10:4]", "1 5 9"),
            ("[a:e:2]", "a c e"),
            ("[0:2]", "0 1 2"),
            ("[5:5]", "5"),
            ("10.0.0.[51:52]", "10.0.0.51 10.0.0.52"),
            ("fe80::[1:2]", "fe80::1 fe80::2"),
            ("[[1:2]]", "[1] [2]"),
        ] {
            assert_eq!(expand(text).join(" "), expected, "{text}");
        }
    }

    #[test]
    fn other_brackets_stay() {
        for text in [
            "[2001:db8::1]",
            "[::1]",
            "[1::2]",
            "[3:1]",
            "[1-3]",
            "[1..3]",
            "[1:]",
            "[:3]",
            "[]",
            "[1:2:0]",
            "[1:010]",
            "[a:C]",
            "[a:3]",
            "[aa:cc]",
            "[1:2:3:4]",
            "[1:2",
            "1:2]",
            "[ 1:2]",
            "[+1:2]",
            "[1:9999999999]",
            "[á:é]",
        ] {
            assert_eq!(Pattern::parse(text).ranges().count(), 0, "{text}");
            assert_eq!(Pattern::parse(text).to_string(), text);
        }
    }

    proptest! {
        // A failing case is printed; nothing is written into the repository.
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_text_survives_parsing(text in "[a-z\\[\\]:0-9 ]{0,24}") {
            prop_assert_eq!(Pattern::parse(&text).to_string(), text);
        }

        #[test]
        fn numbers_count_up(start in 0_u32..5000, count in 1_u32..300, step in 1_u32..7, width in 1_usize..6) {
            let end = start + (count - 1) * step;
            let text = if step == 1 {
                format!("w[{start:0width$}:{end:0width$}]")
            } else {
                format!("w[{start:0width$}:{end:0width$}:{step}]")
            };
            prop_assume!(!format!("{end:0width$}").starts_with('0') || start.to_string().len() <= width);
            let expected: Vec<_> = (0..count).map(|position| {
                let value = start + position * step;
                let padded = format!("{start:0width$}").starts_with('0') && width > 1;
                if padded { format!("w{value:0width$}") } else { format!("w{value}") }
            }).collect();
            prop_assert_eq!(expand(&text), expected);
            prop_assert_eq!(Pattern::parse(&text).to_string(), text);
        }

        #[test]
        fn length_agrees_with_the_last_item(start in 0_u32..1000, span in 0_u32..1000, step in 1_u32..50) {
            let pattern = Pattern::parse(&format!("[{start}:{}:{step}]", start + span));
            let range = pattern.ranges().next().unwrap();
            let last: u32 = range.item(range.length() - 1).parse().unwrap();
            prop_assert!(last <= start + span && last + step > start + span);
        }
    }
}
