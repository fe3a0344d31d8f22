//! Where a value may stand in a program of sh: where its quotes are quotes, so that it is one word whatever it holds.
//!
//! Reads as much of the language as it takes to know that, and refuses where it can't tell.

use crate::model::{Text, text};

/// Begins a value in a text.
pub const BEGIN: char = '\u{1}';
/// Ends it.
pub const END: char = '\u{2}';

/// Why a value may not stand where it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    Quoted,
    Escaped,
    Backquoted,
    HereDocument,
    Expanded,
    /// Behind something that is read one way or another.
    Unclear,
}

impl Misplaced {
    pub fn message(self) -> Text {
        match self {
            Self::Quoted => {
                text!(en: "this value stands within quotes", pt: "este valor está dentro de aspas")
            }
            Self::Escaped => {
                text!(
                    en: "this value stands behind a `\\` or `$`, which would take its quotes apart",
                    pt: "este valor está atrás de um `\\` ou `$`, que desfaria as aspas dele",
                )
            }
            Self::Backquoted => {
                text!(en: "this value stands within backquotes", pt: "este valor está dentro de crases")
            }
            Self::HereDocument => {
                text!(
                    en: "this value stands within a here-document, where quotes are not read",
                    pt: "este valor está dentro de um here-document, onde aspas não são lidas",
                )
            }
            Self::Expanded => {
                text!(
                    en: "this value stands within `${{..}}` or `((..))`, where quotes are not read",
                    pt: "este valor está dentro de `${{..}}` ou `((..))`, onde aspas não são lidas",
                )
            }
            Self::Unclear => {
                text!(
                    en: "it is not clear how sh reads what stands before this value",
                    pt: "não é claro como o sh lê o que vem antes deste valor",
                )
            }
        }
    }

    pub fn hint(self) -> Text {
        match self {
            Self::Quoted => {
                text!(
                    en: "leave the quotes away: `{{{{ .. }}}}` is one quoted word of the shell already",
                    pt: "tire as aspas: `{{{{ .. }}}}` já é uma palavra do shell entre aspas",
                )
            }
            Self::Backquoted => {
                text!(
                    en: "write `$(..)` in place of the backquotes",
                    pt: "escreva `$(..)` no lugar das crases",
                )
            }
            Self::HereDocument => {
                text!(
                    en: "write the text by `printf '%s\\n' {{{{ .. }}}}`, or make it a file with a template",
                    pt: "escreva o texto com `printf '%s\\n' {{{{ .. }}}}`, ou faça dele um arquivo com template",
                )
            }
            Self::Escaped | Self::Expanded | Self::Unclear => {
                text!(
                    en: "assign it on a line of its own at the beginning, `name={{{{ .. }}}}`, and use \"$name\" here",
                    pt: "atribua-o numa linha própria no início, `nome={{{{ .. }}}}`, e use \"$nome\" aqui",
                )
            }
        }
    }
}

/// What the place that is read stands in, from the outside to the inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    /// `(..)`, also of arithmetic.
    Parentheses,
    /// `$(..)`, in which quoting begins anew.
    Substitution,
    DoubleQuotes,
    /// `${..}`
    Expansion,
    /// `((..))`, with how many parentheses are open.
    Arithmetic(usize),
}

/// A here-document whose body begins at the next line.
struct HereDocument {
    delimiter: String,
    strips_tabs: bool,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    within: Vec<Within>,
    here_documents: Vec<HereDocument>,
    /// Something was met that this does not read.
    unclear: bool,
}

/// The first value of a text that stands where it may not, with its place in bytes.
pub fn misplaced(text: &str) -> Option<(usize, Misplaced)> {
    let mut scanner = Scanner { text, at: 0, within: Vec::new(), here_documents: Vec::new(), unclear: false };
    while let Some(sign) = scanner.next() {
        if let Err(found) = scanner.step(sign) {
            return Some(found);
        }
    }
    None
}

type Step = Result<(), (usize, Misplaced)>;

impl Scanner<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.rest().chars().next()?;
        self.at += sign.len_utf8();
        Some(sign)
    }

    fn takes(&mut self, prefix: &str) -> bool {
        let found = self.rest().starts_with(prefix);
        if found {
            self.at += prefix.len();
        }
        found
    }

    /// What stands before a sign of some length that was just read.
    fn before(&self, length: usize) -> Option<char> {
        self.text.get(..self.at - length)?.chars().next_back()
    }

    fn begins_word(&self, length: usize) -> bool {
        self.before(length).is_none_or(|before| before.is_whitespace() || ";&|()<>".contains(before))
    }

    /// Goes behind the next such sign; a value on the way is at the wrong place.
    fn skip_to(&mut self, end: char, why: Misplaced) -> Step {
        while let Some(sign) = self.next() {
            match sign {
                BEGIN => return Err((self.at - 1, why)),
                '\\' if end == '`' && self.next() == Some(BEGIN) => return Err((self.at - 1, why)),
                sign if sign == end => return Ok(()),
                _ => {}
            }
        }
        Ok(())
    }

    fn step(&mut self, sign: char) -> Step {
        match self.within.last() {
            Some(Within::DoubleQuotes) => self.in_double_quotes(sign),
            Some(Within::Expansion) => self.in_expansion(sign),
            Some(Within::Arithmetic(open)) => self.in_arithmetic(sign, *open),
            Some(Within::Parentheses | Within::Substitution) | None => self.in_words(sign),
        }
    }

    fn in_words(&mut self, sign: char) -> Step {
        match sign {
            BEGIN if self.unclear => return Err((self.at - 1, Misplaced::Unclear)),
            BEGIN => self.at += self.rest().find(END).map_or(0, |end| end + END.len_utf8()),
            '\'' => self.skip_to('\'', Misplaced::Quoted)?,
            '"' => self.within.push(Within::DoubleQuotes),
            '#' if self.begins_word(1) => {
                self.at += self.rest().find('\n').unwrap_or(self.rest().len());
            }
            '(' if self.takes("(") => self.within.push(Within::Arithmetic(2)),
            '(' => self.within.push(Within::Parentheses),
            // One that nothing opened ends a pattern of `case`.
            ')' => drop(self.within.pop()),
            '<' if self.takes("<<") => {}
            '<' if self.takes("<") => self.here_document()?,
            '\n' => self.bodies()?,
            // The pattern of a `case` has a `)` that closes nothing.
            'c' if self.within.contains(&Within::Substitution) && self.begins_word(1) => {
                self.unclear |= self.rest().starts_with("ase");
            }
            sign => self.common(sign)?,
        }
        Ok(())
    }

    fn in_double_quotes(&mut self, sign: char) -> Step {
        match sign {
            BEGIN => Err((self.at - 1, Misplaced::Quoted)),
            '"' => {
                self.within.pop();
                Ok(())
            }
            sign => self.common(sign),
        }
    }

    fn in_expansion(&mut self, sign: char) -> Step {
        match sign {
            BEGIN => return Err((self.at - 1, Misplaced::Expanded)),
            '}' => drop(self.within.pop()),
            // Whether these are quotes here depends on the shell, and on what is around.
            '\'' | '"' => self.unclear = true,
            sign => self.common(sign)?,
        }
        Ok(())
    }

    fn in_arithmetic(&mut self, sign: char, open: usize) -> Step {
        match (sign, self.within.last_mut()) {
            (BEGIN, _) => return Err((self.at - 1, Misplaced::Expanded)),
            ('(', Some(within)) => *within = Within::Arithmetic(open + 1),
            (')', _) if open == 1 => drop(self.within.pop()),
            (')', Some(within)) => *within = Within::Arithmetic(open - 1),
            ('\'' | '"', _) => self.unclear = true,
            (sign, _) => self.common(sign)?,
        }
        Ok(())
    }

    /// What is read alike in words and in double quotes.
    fn common(&mut self, sign: char) -> Step {
        match sign {
            '\\' if self.next() == Some(BEGIN) => Err((self.at - 1, Misplaced::Escaped)),
            '`' => self.skip_to('`', Misplaced::Backquoted),
            '$' if self.rest().starts_with(BEGIN) => Err((self.at, Misplaced::Escaped)),
            // Of a kind of quotes that not every shell knows.
            '$' if self.rest().starts_with('\'') && self.within.last() != Some(&Within::DoubleQuotes) => {
                self.unclear = true;
                Ok(())
            }
            '$' => {
                if self.takes("((") {
                    self.within.push(Within::Arithmetic(2));
                } else if self.takes("(") {
                    self.within.push(Within::Substitution);
                } else if self.takes("{") {
                    self.within.push(Within::Expansion);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// The word behind `<<`.
    fn here_document(&mut self) -> Step {
        let strips_tabs = self.takes("-");
        while self.takes(" ") || self.takes("\t") {}
        let word = self.rest();
        let end = word.find(|sign: char| sign.is_whitespace() || ";&|()<>".contains(sign));
        let word = &word[..end.unwrap_or(word.len())];
        if let Some(value) = word.find(BEGIN) {
            return Err((self.at + value, Misplaced::HereDocument));
        }
        let delimiter = word.replace(['\'', '"', '\\'], "");
        self.at += word.len();
        self.here_documents.push(HereDocument { delimiter, strips_tabs });
        Ok(())
    }

    /// The bodies of the here-documents that the line before began.
    fn bodies(&mut self) -> Step {
        for here_document in std::mem::take(&mut self.here_documents) {
            loop {
                let rest = self.rest();
                if rest.is_empty() {
                    break;
                }
                let line = rest.split_inclusive('\n').next().unwrap_or_default();
                if let Some(value) = line.find(BEGIN) {
                    return Err((self.at + value, Misplaced::HereDocument));
                }
                let text = line.trim_end_matches('\n');
                let text = if here_document.strips_tabs { text.trim_start_matches('\t') } else { text };
                let ends = text == here_document.delimiter;
                self.at += line.len();
                if ends {
                    break;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text in which each `@` is a value.
    fn judged(text: &str) -> Option<(usize, Misplaced)> {
        misplaced(&text.replace('@', "\u{1}v\u{2}"))
    }

    #[test]
    fn values_may_stand_where_words_stand() {
        for text in [
            "echo @ @",
            "name=@; echo \"$name\" 'it is' @",
            "echo a@b \"x\"@'y'",
            "echo \"$(printf %s @)\" @",
            "echo \"$(printf %s \"$(id @)\")\" @",
            "# it's a comment @\necho @",
            "echo it\\'s @ \\$@",
            "cat <<EOF\nit's\nEOF\necho @",
            "cat <<-'E O'\n\tx\n",
            "case $1 in a) echo @ ;; esac; echo '(' @",
            "(cd @ && ls)",
            "echo `id` @",
            "[ ${x} -gt $((1 + 2)) ] && echo @",
            "cat <<< @",
            "echo ${x:-y}@ $# @",
            "test @ = @ > @",
        ] {
            assert_eq!(judged(text), None, "{text}");
        }
    }

    #[test]
    fn and_nowhere_else() {
        use Misplaced::{Backquoted, Escaped, Expanded, HereDocument, Quoted, Unclear};
        for (text, why) in [
            ("echo '@'", Quoted),
            ("echo \"@\"", Quoted),
            ("echo \"a $(id) @\"", Quoted),
            ("sh -c 'echo @'", Quoted),
            ("echo 'a\n@'", Quoted),
            ("echo \\@", Escaped),
            ("echo $@", Escaped),
            ("echo \"\\@\"", Escaped),
            ("echo `id @`", Backquoted),
            ("cat <<EOF\n@\nEOF", HereDocument),
            ("cat <<'EOF'\n@\nEOF", HereDocument),
            ("cat <<EOF; cat <<X\nEOF\n@\nX", HereDocument),
            ("cat <<@\nx", HereDocument),
            ("echo ${x:-@}", Expanded),
            ("echo \"${x:-@}\"", Expanded),
            ("echo $((1 + @))", Expanded),
            ("((x = @))", Expanded),
            ("echo $'it' @", Unclear),
            ("echo \"${x:-'}\" @", Unclear),
            ("echo \"$(case x in a) echo \" @", Unclear),
        ] {
            assert_eq!(judged(text).map(|(_, found)| found), Some(why), "{text}");
        }
    }
}
