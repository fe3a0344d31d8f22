//! What the YAML parser refuses, in plain words.
//!
//! Owns the way from text to tree: limits before parsing, the repair of unquoted ranges so that one of them does not
//! hide the other faults, and the meaning of the parser's messages.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use super::complaint::Complaint;
use super::fault::Faults;
use super::mask;
use super::parser_error;
use super::recorder::Recorder;
use super::suggestion::shown;
use super::tree::{Node, Tree};
use crate::model::{Text, text};

/// Brackets open at once; the parser's cost grows with the square of it.
const BRACKET_LIMIT: usize = 200;

/// Unquoted ranges that are repaired before the rest is left to the next run.
const REPAIR_LIMIT: usize = 50;

/// What a document is, for messages.
pub struct Subject {
    /// `an inventory`.
    pub name: Text,
    /// What to do about an empty one.
    pub empty: Text,
    /// What to do about one that is no map.
    pub no_map: Text,
    /// What to do instead of a merge.
    pub merge: Text,
}

/// A document that could be parsed.
pub struct Document {
    /// What the tree was made of: the text, with unquoted ranges made harmless. As long as the text.
    pub text: String,
    /// Its nodes, as if the ranges had been quoted.
    pub tree: Tree,
}

/// Why a text of somebody else's is no YAML.
pub struct Broken {
    /// From 1.
    pub line: usize,
    pub complaint: Complaint,
}

/// Parses a text of which nothing is expected but that it is YAML: tags, merges and duplicate keys are its reader's.
pub fn parse_any(text: &str) -> Result<Tree, Broken> {
    let broken = |at: usize, complaint| {
        let before = text.get(..at).unwrap_or(text);
        Broken { line: before.matches('\n').count() + 1, complaint }
    };
    if let Some(at) = too_deep(text) {
        return Err(broken(at, too_many_brackets()));
    }
    Tree::parse(text).map_err(|error| {
        let at = error.location().map_or(0, |location| location.index());
        let (at, message, hint) = parser_error::explain(text, at, &error.to_string());
        broken(at, Complaint::new(message, hint))
    })
}

fn too_many_brackets() -> Complaint {
    Complaint::new(
        text!(en: "brackets are nested too deeply", pt: "colchetes aninhados demais"),
        text!(en: "close the `[` and `{{` that were opened before", pt: "feche os `[` e `{{` abertos antes"),
    )
}

/// Parses a text. What is wrong goes to the recorder; `None` means that nothing more can be found out.
pub fn parse(text: &str, subject: &Subject, recorder: &Recorder) -> Option<Document> {
    if let Some(at) = too_deep(text) {
        let Complaint { message, hint } = too_many_brackets();
        recorder.add(at..at + 1, message, hint);
        return None;
    }
    let mut parsed = text.to_owned();
    let mut repaired = BTreeMap::new();
    loop {
        match Tree::parse(&parsed) {
            Ok(mut tree) => {
                tree.replace_texts(&repaired);
                check(&tree, subject, recorder);
                return matches!(tree.node(Tree::ROOT), Node::Map(_))
                    .then_some(Document { text: parsed, tree });
            }
            Err(error) => {
                let at = error.location().map_or(0, |location| location.index());
                if repaired.len() < REPAIR_LIMIT
                    && let Some(word) = unquoted_range(&parsed, at)
                {
                    let written = parsed[word.clone()].to_owned();
                    let harmless = written.replace('[', "(").replace(']', ")");
                    let is_secret =
                        mask::literal_secrets(text).iter().any(|secret| secret.contains(&word.start));
                    let hint = parser_error::quote(&shown(&written), is_secret);
                    let what = if is_secret {
                        text!(en: "this value", pt: "este valor")
                    } else {
                        Text::verbatim(format!("`{}`", shown(&written)))
                    };
                    let message = text!(
                        en: "{what} has brackets and stands unquoted inside `{{..}}` or `[..]`",
                        pt: "{what} tem colchetes e está sem aspas dentro de `{{..}}` ou `[..]`", what
                    );
                    recorder.add(word.clone(), message, hint);
                    parsed.replace_range(word, &harmless);
                    repaired.insert(harmless, written);
                    continue;
                }
                if repaired.len() < REPAIR_LIMIT
                    && let Some(value) = parser_error::unquoted_value(&parsed, at)
                {
                    recorder.add(value..value + 2, parser_error::unquoted(), parser_error::quote_value());
                    let line = value + parsed[value..].find('\n').unwrap_or(parsed.len() - value);
                    let end = parsed[value..line].find("}}").map_or(line, |end| value + end + 2);
                    let harmless = parsed[value..end].replace('{', "(").replace('}', ")");
                    let written = parsed[value..end].to_owned();
                    parsed.replace_range(value..end, &harmless);
                    repaired.insert(harmless, written);
                    continue;
                }
                let (at, message, hint) = parser_error::explain(text, at, &error.to_string());
                let length = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
                recorder.add(at..at + length, message, hint);
                return None;
            }
        }
    }
}

/// What parses and still is not for people to rely on: duplicate keys, merges, tags, and documents that are no map.
fn check(tree: &Tree, subject: &Subject, recorder: &Recorder) {
    match tree.node(Tree::ROOT) {
        Node::Map(_) | Node::Tagged => {}
        Node::Null => recorder.add(
            Tree::ROOT,
            text!(en: "there is nothing in this file", pt: "não há nada neste arquivo"),
            subject.empty.clone(),
        ),
        _ => recorder.add(
            Tree::ROOT,
            {
                let name = &subject.name;
                text!(en: "{name} is a map of keys", pt: "{name} é um mapa de chaves", name)
            },
            subject.no_map.clone(),
        ),
    }
    for (id, node) in tree.nodes() {
        match node {
            Node::Tagged => {
                recorder.add(
                    id,
                    text!(
                        en: "tags (`!name`) are not used here",
                        pt: "etiquetas (`!nome`) não se usam aqui",
                    ),
                    text!(
                        en: "quote a value that begins with `!`",
                        pt: "ponha entre aspas um valor que começa com `!`",
                    ),
                );
            }
            Node::Map(entries) => {
                let mut seen = BTreeMap::new();
                for (key, _) in entries {
                    let Some(name) = tree.scalar(*key) else { continue };
                    if name == "<<" {
                        recorder.add(
                            *key,
                            text!(
                                en: "merges (`<<`) are not supported",
                                pt: "mesclas (`<<`) não são possíveis",
                            ),
                            subject.merge.clone(),
                        );
                    } else if let Some(first) = seen.get(&name) {
                        let message = text!(
                            en: "duplicate key `{name}`",
                            pt: "chave repetida `{name}`", name = shown(&name)
                        );
                        recorder.add_related(
                            *key,
                            *first,
                            message,
                            text!(en: "keep one of the two", pt: "fique com uma das duas"),
                        );
                    } else {
                        seen.insert(name, *key);
                    }
                }
            }
            _ => {}
        }
    }
}

pub fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, Faults> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
        let complaint = Complaint::new(
            text!(en: "this is not UTF-8 text", pt: "isto não é texto UTF-8"),
            text!(en: "save the file as UTF-8", pt: "salve o arquivo como UTF-8"),
        );
        Faults::new(path, &text, vec![(at..at + 1, complaint)], 0)
    })
}

/// Where brackets become too many to parse in reasonable time. Rough, but no inventory comes near.
fn too_deep(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut comment = false;
    let mut before = '\n';
    // Up to where a text in quotes goes, in which brackets mean nothing.
    let mut quoted = 0;
    for (at, character) in text.char_indices() {
        match character {
            _ if at < quoted => {}
            '\n' => comment = false,
            '#' if before.is_whitespace() => comment = true,
            '[' | '{' if !comment => depth += 1,
            ']' | '}' if !comment => depth = depth.saturating_sub(1),
            '"' | '\'' if !comment && begins_value(&text[..at], depth) => quoted = quote_end(text, at),
            _ => {}
        }
        if depth > BRACKET_LIMIT {
            return Some(at);
        }
        before = character;
    }
    None
}

/// Whether a value begins behind a text, which a quote within plain words does not.
fn begins_value(before: &str, depth: usize) -> bool {
    let has_space = before.ends_with(char::is_whitespace);
    let before = before.trim_end();
    let is_key = |before: &str| before.ends_with(['"', '\'']);
    match before.chars().next_back() {
        None | Some('[' | '{' | ',') => true,
        Some(':') => has_space || is_key(&before[..before.len() - 1]),
        Some('-') => has_space && depth == 0,
        _ => false,
    }
}

/// Behind the quote that closes the one at an offset, if it does so in its line.
fn quote_end(text: &str, at: usize) -> usize {
    let line = text[at..].lines().next().unwrap_or_default();
    let mut signs = line.char_indices();
    let quote = signs.next().map(|(_, quote)| quote);
    while let Some((offset, sign)) = signs.next() {
        match sign {
            '\\' if quote == Some('"') => _ = signs.next(),
            sign if Some(sign) == quote => return at + offset + 1,
            _ => {}
        }
    }
    at
}

/// A plain value in `{..}` or `[..]` ends at a bracket, so `{ address: 10.0.0.[1:2] }` is no YAML. Finds such a value
/// where the parser stopped.
fn unquoted_range(text: &str, at: usize) -> Option<Range<usize>> {
    let stops = |character: char| character.is_whitespace() || ",{}\"'".contains(character);
    // The parser stops at the bracket, or at what comes after the list that it took the range for.
    [at, at.saturating_sub(1)].into_iter().find_map(|at| {
        let start = at - text.get(..at)?.rsplit(stops).next().map_or(0, str::len);
        let rest = text.get(start..)?;
        let mut word = rest[..rest.find(stops).unwrap_or(rest.len())].trim_end_matches(':');
        // The last brackets may close a list around the value.
        while word.matches(']').count() > word.matches('[').count() {
            word = word.strip_suffix(']')?;
        }
        (word.contains('[') && word.contains(']')).then_some(start..start + word.len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_are_counted_where_they_open_something() {
        let (deep, shut) = ("[".repeat(300), format!("{}{}", "[".repeat(300), "]".repeat(300)));
        for plain in [
            format!("a: \"{deep}\"\n"),
            format!("a: '{deep}'\n"),
            format!("{{\"a\":\"\\\"{deep}\"}}"),
            format!("- '{deep}'\n"),
            format!("# {deep}\n"),
        ] {
            assert_eq!(too_deep(&plain), None, "{plain}");
        }
        for nested in [
            deep.clone(),
            shut.clone(),
            format!("a: [x '{deep}']"),
            format!("a: [don't, {shut}, don't]"),
            format!("a: [x - '{deep}']"),
            format!("a: [\"never closed\n{deep}"),
        ] {
            assert!(too_deep(&nested).is_some(), "{nested}");
        }
    }
}
