//! Quotes around the cells of a table: one that is never closed makes one cell of all that follows.

use std::iter::Peekable;
use std::str::Chars;

/// The line, counted from 1, of a cell whose quote is not closed at its end: by nothing at all, or by one that belongs to
/// a cell of a later line.
pub fn open_quote(text: &str, delimiter: u8) -> Option<usize> {
    let is_end = |sign: char| sign == '\n' || sign == char::from(delimiter);
    let mut signs = text.chars().peekable();
    let mut line = 1;
    while signs.peek().is_some() {
        let begun = line;
        if signs.next_if_eq(&'"').is_some() {
            let lines = quoted(&mut signs);
            line += lines.unwrap_or_default();
            while signs.next_if_eq(&' ').is_some() {}
            let is_closed = lines == Some(0) || signs.peek().is_none_or(|sign| is_end(*sign));
            if lines.is_none() || !is_closed {
                return Some(begun);
            }
        }
        while signs.next_if(|sign| !is_end(*sign)).is_some() {}
        line += usize::from(signs.next() == Some('\n'));
    }
    None
}

/// How often a line ends before the quote is closed; `None` where it never is.
fn quoted(signs: &mut Peekable<Chars>) -> Option<usize> {
    let mut lines = 0;
    loop {
        match signs.next()? {
            '"' if signs.next_if_eq(&'"').is_none() => return Some(lines),
            '\n' => lines += 1,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_closed_where_their_cell_ends() {
        for (text, expected) in [
            ("a,b\nAna,\"10.0.0.1\nRui,10.0.0.2\n", Some(2)),
            ("a,b\nAna,\"10.0.0.1\nRui,\"10.0.0.2\"\n", Some(2)),
            ("a,b\n\"x\ny\",1\n\"z", Some(4)),
            ("a,b\n\"x\"\"", Some(2)),
            ("a,b\n\"10.0.0.1\n10.0.0.2\",b\n\"x\" ,\"\"\n", None),
            ("a,b\n\"Ana \"\"A\"\" Silva\",\"b, c\"", None),
            ("a,b\nAna \"A,b\"\n", None),
            ("a,b\n\"Ana\" Silva,b\n", None),
            ("", None),
        ] {
            assert_eq!(open_quote(text, b','), expected, "{text}");
        }
    }
}
