//! Small pieces of sentences: counts, durations, and text fitted to a width.

use std::time::Duration;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::style::Style;

/// `0.4 s`, `41 s`, `2 min 05 s`, `1 h 02 min`: as exact as is of use.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..10 => format!("{:.1} s", duration.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// `4.1 s`: a time that was measured.
pub fn exact_seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Seconds to the millisecond, which is more than can be measured through SSH: a time in JSON.
pub fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000.0).round() / 1_000.0
}

/// `1.7%`
pub fn share(part: usize, whole: usize) -> String {
    #[expect(clippy::cast_precision_loss, reason = "what is counted is few")]
    let share = part as f64 * 100.0 / whole.max(1) as f64;
    format!("{share:.1}%")
}

/// `0.5 s`, `90 s`, `2 min 30 s`: a time that somebody chose, no more exact than that.
pub fn short_seconds(duration: Duration) -> String {
    match (duration.as_secs(), duration.subsec_millis()) {
        (seconds @ 0..120, 0) => format!("{seconds} s"),
        (0..120, _) => format!("{} s", duration.as_secs_f64()),
        _ => self::duration(duration),
    }
}

/// Like [`duration`], in whole seconds: for what is drawn again and again.
pub fn whole_seconds(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..10 => format!("{seconds} s"),
        _ => self::duration(duration),
    }
}

/// `999 bytes`, `4.8 MB`, `142 MB`: powers of a thousand, as exact as is of use.
pub fn bytes(number: u64) -> String {
    for (unit, size) in
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000_u64)]
    {
        let tenths = number / (size / 10);
        match tenths {
            0..10 => {}
            10..100 => return format!("{}.{} {unit}", tenths / 10, tenths % 10),
            _ => return format!("{} {unit}", number / size),
        }
    }
    format!("{number} bytes")
}

/// The columns that text takes on a terminal. Colours take none.
pub fn width(text: &str) -> usize {
    if text.contains('\u{1b}') {
        anstream::adapter::strip_str(text).map(UnicodeWidthStr::width).sum()
    } else {
        UnicodeWidthStr::width(text)
    }
}

/// Cuts text to a number of columns.
pub fn fit(text: &str, columns: usize, style: Style) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let ellipsis = style.ellipsis();
    let room = columns.saturating_sub(width(ellipsis));
    let mut cut = String::new();
    let mut taken = 0;
    for character in text.chars() {
        taken += character.width().unwrap_or(0);
        if taken > room {
            break;
        }
        cut.push(character);
    }
    if columns > width(ellipsis) {
        cut.push_str(ellipsis);
    }
    cut
}

/// Cuts text to a number of columns in its middle: up to `end` of them show how it ends, the others how it begins.
pub fn elide(text: &str, columns: usize, end: usize, style: Style) -> String {
    let most = columns.saturating_sub(width(style.ellipsis()) + 1);
    let end = end.min(most);
    if width(text) <= columns || end == 0 {
        return fit(text, columns, style);
    }
    let mut taken = 0;
    let fits = |(_, character): &(usize, char)| {
        taken += character.width().unwrap_or(0);
        taken <= end
    };
    let start = text.char_indices().rev().take_while(fits).last().map_or(text.len(), |(start, _)| start);
    // What combines with a character that is cut off goes with it.
    let ending = text[start..].trim_start_matches(|character: char| character.width() == Some(0));
    fit(text, columns - end, style) + ending
}

/// Cuts text to a number of columns, or fills it with spaces up to it.
pub fn pad(text: &str, columns: usize, style: Style) -> String {
    let fitted = fit(text, columns, style);
    let room = columns.saturating_sub(width(&fitted));
    format!("{fitted}{}", " ".repeat(room))
}

/// Breaks text at spaces into lines of at most that many columns. A longer word keeps a line of its own,
/// and the text's own line breaks stay.
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        if width(paragraph) <= columns {
            lines.push(paragraph.to_owned());
            continue;
        }
        let (indent, text) = paragraph.split_at(paragraph.len() - paragraph.trim_start_matches(' ').len());
        let mut words = text.split_whitespace();
        let mut line = format!("{indent}{}", words.next().unwrap_or_default());
        for word in words {
            if width(&line) + 1 + width(word) > columns {
                lines.push(std::mem::replace(&mut line, format!("{indent}{word}")));
            } else {
                line.push(' ');
                line.push_str(word);
            }
        }
        lines.push(line);
    }
    lines
}

/// Wraps text behind a lead: the first line follows it, the others stand under the first.
pub fn hang(lead: &str, text: &str, columns: usize) -> String {
    let indent = width(lead);
    let lines = wrap(text, columns.saturating_sub(indent).max(20));
    lines.join(&format!("\n{}", " ".repeat(indent)))
}

/// Breaks lines that are too long; what is broken goes on a little further in.
pub fn fold(text: &str, columns: usize) -> String {
    let fold = |line: &str| {
        if width(line) <= columns {
            return line.to_owned();
        }
        let indent = line.len() - line.trim_start().len();
        let further = " ".repeat(indent + 2);
        format!("{}{}", " ".repeat(indent), hang(&further, line.trim_start(), columns))
    };
    text.lines().map(fold).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    const PLAIN: Style = Style { colour: false, unicode: true, language: Language::English };

    #[test]
    fn durations_are_as_exact_as_is_of_use() {
        let words = |milliseconds| duration(Duration::from_millis(milliseconds));
        assert_eq!(words(0), "0.0 s");
        assert_eq!(words(4_120), "4.1 s");
        assert_eq!(words(41_900), "41 s");
        assert_eq!(words(125_000), "2 min 05 s");
        assert_eq!(words(3_725_000), "1 h 02 min");
    }

    #[test]
    fn bytes_are_as_exact_as_is_of_use() {
        for (number, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (4_890_000, "4.8 MB"),
            (142_900_000, "142 MB"),
            (999_999_999, "999 MB"),
            (2_000_000_000, "2.0 GB"),
            (u64::MAX, "18446744 TB"),
        ] {
            assert_eq!(bytes(number), words);
        }
    }

    #[test]
    fn text_is_cut_and_filled_by_columns_not_characters() {
        assert_eq!(fit("Servidor web", 8, PLAIN), "Servido…");
        assert_eq!(fit("日本語のページ", 7, PLAIN), "日本語…");
        assert_eq!(fit("abcdef", 5, Style { unicode: false, ..PLAIN }), "ab...");
        assert_eq!(fit("abc", 0, PLAIN), "");
        assert_eq!(pad("日本", 6, PLAIN), "日本  ");
    }

    #[test]
    fn a_cut_in_the_middle_leaves_both_ends() {
        for (end, cut) in [(0, "servidor-…"), (2, "servido…12"), (5, "serv…eb-12"), (99, "s…r-web-12")]
        {
            assert_eq!(elide("servidor-web-12", 10, end, PLAIN), cut);
        }
        assert_eq!(elide("servidor-web-12", 10, 3, Style { unicode: false, ..PLAIN }), "serv...-12");
        assert_eq!(elide("web-12", 6, 3, PLAIN), "web-12");
        assert_eq!(elide("日本語のページ", 9, 5, PLAIN), "日…ージ");
        // Each `é` is two characters in one column.
        let combining = "e\u{301}".repeat(8);
        assert_eq!(elide(&combining, 5, 2, PLAIN), "e\u{301}e\u{301}…e\u{301}e\u{301}");
        assert_eq!(elide(&format!("abcd日{combining}"), 13, 9, PLAIN), format!("abc…{combining}"));
        for columns in 0..12 {
            assert!(width(&elide("日本語のページ", columns, columns / 2, PLAIN)) <= columns);
        }
    }

    #[test]
    fn a_broken_line_goes_on_further_in() {
        let hint = "it is down\n      -> check that it is on, and its address";
        assert_eq!(fold(hint, 31), "it is down\n      -> check that it is on,\n        and its address");
        assert_eq!(fold("as wide as this", 15), "as wide as this");
    }

    #[test]
    fn text_breaks_at_spaces_and_keeps_its_own_lines() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("run:\n  ssh web01", 40), ["run:", "  ssh web01"]);
        assert_eq!(wrap("/a/very/long/path x", 5), ["/a/very/long/path", "x"]);
        assert_eq!(hang("next: ", "one two three", 13), "one two three");
    }
}
