//! The stanzas of an OpenSSH client configuration, as ssh finds what holds for a name.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use wildmatch::WildMatch;

use super::plain::shown;
use super::remark::{Place, Remarks};
use crate::model::text;

/// The lines below one `Host`, or those before the first.
struct Stanza {
    patterns: Vec<Pattern>,
    place: Place,
    lines: Vec<Line>,
}

struct Pattern {
    text: String,
    matches: WildMatch,
    excludes: bool,
}

impl Pattern {
    fn of(word: &str) -> Self {
        let (text, excludes) = match word.strip_prefix('!') {
            Some(rest) => (rest, true),
            None => (word, false),
        };
        Self { text: text.to_owned(), matches: WildMatch::new(text), excludes }
    }

    /// Whether it stands for one host.
    fn is_name(&self) -> bool {
        !self.excludes && !self.text.contains(['*', '?'])
    }
}

pub struct Line {
    /// In small letters.
    pub key: String,
    /// As it is written.
    pub written: String,
    words: Vec<String>,
    pub place: Place,
}

impl Stanza {
    fn holds_for(&self, alias: &str) -> bool {
        let matching = |pattern: &&Pattern| pattern.matches.matches(alias);
        let mut matching = self.patterns.iter().filter(matching).peekable();
        matching.peek().is_some() && !matching.any(|pattern| pattern.excludes)
    }
}

/// All stanzas, found again by the names that they hold for.
pub struct Config {
    stanzas: Vec<Stanza>,
    /// Names that stand for one host each, in the order of the file, with the stanzas that name them.
    names: IndexMap<String, Vec<usize>>,
    /// Stanzas that may hold for any name.
    patterns: Vec<usize>,
}

impl Config {
    pub fn read(text: &str, source: usize, remarks: &mut Remarks) -> Self {
        let stanzas = parse(text, source, remarks);
        let mut names: IndexMap<String, Vec<usize>> = IndexMap::new();
        let mut patterns = Vec::new();
        for (number, stanza) in stanzas.iter().enumerate() {
            for pattern in stanza.patterns.iter().filter(|pattern| pattern.is_name()) {
                names.entry(pattern.text.clone()).or_default().push(number);
            }
            if !stanza.patterns.iter().all(Pattern::is_name) {
                patterns.push(number);
            }
        }
        Self { stanzas, names, patterns }
    }

    pub fn aliases(&self) -> impl Iterator<Item = (&str, Place)> {
        self.names
            .iter()
            .filter_map(|(name, stanzas)| Some((name.as_str(), self.stanzas[*stanzas.first()?].place)))
    }

    pub fn names(&self, alias: &str) -> bool {
        self.names.contains_key(alias)
    }

    /// The lines that hold for a name, in the order of the file.
    pub fn lines(&self, alias: &str) -> Vec<&Line> {
        let named = self.names.get(alias).into_iter().flatten();
        let stanzas: BTreeSet<usize> = named.chain(&self.patterns).copied().collect();
        let stanzas = stanzas.into_iter().map(|number| &self.stanzas[number]);
        stanzas.filter(|stanza| stanza.holds_for(alias)).flat_map(|stanza| &stanza.lines).collect()
    }
}

fn parse(text: &str, source: usize, remarks: &mut Remarks) -> Vec<Stanza> {
    let everybody = |place| Stanza { patterns: vec![Pattern::of("*")], place, lines: Vec::new() };
    let mut stanzas = vec![everybody(Place::line(source, 1))];
    for (number, line) in text.lines().enumerate() {
        let place = Place::line(source, number + 1);
        let Some(Line { key, written, words, place }) = line_of(line, place) else { continue };
        match key.as_str() {
            "host" => {
                let patterns = words.iter().map(|word| Pattern::of(word)).collect();
                stanzas.push(Stanza { patterns, place, lines: Vec::new() });
            }
            "match" if words.iter().map(|word| word.to_lowercase()).eq(["all"]) => {
                stanzas.push(everybody(place));
            }
            "match" => {
                remarks.lost(
                    place,
                    text!(
                        en: "`Match` and the lines below it are left out: whether they hold is found out at connecting",
                        pt: "`Match` e as linhas abaixo ficam de fora: só ao conectar se sabe se valem"
                    ),
                );
                // Holds for nobody.
                stanzas.push(Stanza { patterns: Vec::new(), place, lines: Vec::new() });
            }
            "include" => {
                let files = shown(&words.join(" "));
                remarks.lost(
                    place,
                    text!(
                        en: "`Include {files}` is not followed: import that file by its own name",
                        pt: "`Include {files}` não é seguido: importe esse arquivo pelo próprio nome"
                    ),
                );
            }
            _ => {
                if let Some(stanza) = stanzas.last_mut() {
                    stanza.lines.push(Line { key, written, words, place });
                }
            }
        }
    }
    stanzas
}

/// `Key word "two words" # comment`, or with `=` between.
fn line_of(line: &str, place: Place) -> Option<Line> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|sign: char| sign.is_whitespace() || sign == '=').unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    Some(Line { key: key.to_lowercase(), written: key.to_owned(), words: words(rest), place })
}

/// The words of a line as ssh takes them: quotes keep spaces, `#` at the beginning of a word ends the line.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut signs = text.chars().peekable();
    loop {
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        match signs.peek() {
            None | Some('#') => return words,
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(sign) = signs.next_if(|sign| quote.is_some() || !sign.is_whitespace()) {
            match sign {
                '"' | '\'' if quote.is_none() => quote = Some(sign),
                sign if quote == Some(sign) => quote = None,
                '\\' if matches!(signs.peek(), Some('"' | '\'' | '\\')) => word.extend(signs.next()),
                sign => word.push(sign),
            }
        }
        words.push(word);
    }
}

/// The first line of a key.
pub fn first<'a>(lines: &[&'a Line], key: &str) -> Option<&'a Line> {
    lines.iter().find(|line| line.key == key && !line.words.is_empty()).copied()
}

pub fn word(line: &Line) -> &str {
    line.words.first().map_or("", String::as_str)
}

/// What a name leads to.
pub fn address(lines: &[&Line], alias: &str) -> String {
    let written = first(lines, "hostname").map_or(alias, word);
    expanded(written, |sign| (sign == 'h').then(|| alias.to_owned()))
}

/// A text with what ssh puts in place of `%` and a letter; `%%` is a percent sign, and what is not known stays.
pub fn expanded(text: &str, known: impl Fn(char) -> Option<String>) -> String {
    let mut signs = text.chars();
    let mut expanded = String::new();
    while let Some(sign) = signs.next() {
        match (sign, if sign == '%' { signs.next() } else { None }) {
            ('%', Some('%')) => expanded.push('%'),
            ('%', Some(letter)) => match known(letter) {
                Some(value) => expanded.push_str(&value),
                None => expanded.extend(['%', letter]),
            },
            (sign, _) => expanded.push(sign),
        }
    }
    expanded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_ssh() {
        for (line, expected) in [
            ("a b", "a|b"),
            ("\"C:/a b/key\" c # d", "C:/a b/key|c"),
            ("a#b", "a#b"),
            ("'a \"b'", "a \"b"),
            ("a\\\"b", "a\"b"),
            ("\"never closed", "never closed"),
            ("# only", ""),
            ("\"\"", ""),
        ] {
            assert_eq!(words(line).join("|"), expected, "{line}");
        }
        for (written, expected) in [("%h.x", "a.x"), ("%%h", "%h"), ("a%u%", "a%u%"), ("%%%h", "%a")] {
            assert_eq!(expanded(written, |sign| (sign == 'h').then(|| "a".to_owned())), expected);
        }
        let line = line_of("  Port=22", Place::line(0, 1)).unwrap();
        assert_eq!((line.key.as_str(), word(&line)), ("port", "22"));
        let line = line_of("User = ana", Place::line(0, 1)).unwrap();
        assert_eq!((line.key.as_str(), word(&line)), ("user", "ana"));
    }
}
