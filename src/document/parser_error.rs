//! The YAML parser's messages in plain words.

use super::mask;
use super::tree;
use crate::model::holds_secret;

/// What a message means: a part of it, what is wrong, what to do.
struct Meaning(&'static str, &'static str, &'static str);

const MEANINGS: [Meaning; 13] = [
    Meaning(tree::TOO_MANY_NODES, ALIASES, "write the values out"),
    Meaning("repetition limit", ALIASES, "write the values out"),
    Meaning("recursion limit", "values are nested too deeply", "no more than a few levels are needed"),
    Meaning("tab character", TAB, SPACES),
    Meaning(
        "unknown anchor",
        "`*` refers to an anchor that is not defined",
        "quote a value that begins with `*`",
    ),
    Meaning(
        "mapping values are not allowed",
        "a `:` can not stand here",
        "quote a value that contains `: `; else check that keys of one level have the same indentation",
    ),
    Meaning("expected ',' or '}'", "a `,` or the closing `}` is missing before this", BRACKETS),
    Meaning("expected ',' or ']'", "a `,` or the closing `]` is missing before this", BRACKETS),
    Meaning("expected key", INDENTATION, "give keys of one level the same indentation"),
    Meaning("expected '-' indicator", INDENTATION, "give items of one list the same indentation"),
    Meaning("find expected ':'", "a key without `:`", "write `key: value`, with a space behind the colon"),
    Meaning(
        "unexpected end of stream",
        "a quote is opened here and never closed",
        "close it on the same line",
    ),
    Meaning(
        "escape",
        "this is no escape that YAML knows",
        "in double quotes write `\\\\` for a backslash, or use single quotes",
    ),
];

pub const UNQUOTED_VALUE: &str = "`{{ .. }}` stands unquoted, where YAML reads a map of keys";
pub const QUOTE_VALUE: &str = "put the whole text in quotes: \"{{ name }}\"";
const TAB: &str = "a tab is used for indentation";
const SPACES: &str = "indent with spaces; YAML allows no tabs there";
const ALIASES: &str = "the aliases (`*name`) of this file expand to too many values";
const BRACKETS: &str = "close what was opened before, and quote values that contain brackets";
const INDENTATION: &str = "the indentation of this line fits no line above";

/// The place, meaning and remedy of an error that the parser met at an offset.
pub fn explain(text: &str, at: usize, error: &str) -> (usize, String, String) {
    let rest = text.get(at..).unwrap_or_default();
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    if error.contains("more than one document") {
        let second = text.match_indices("\n---").map(|(at, _)| at + 1).last().unwrap_or(at);
        let hint = "there is one document in a file: remove this `---` line, or keep two files";
        return (second, "a second document begins here".into(), hint.into());
    }
    let no_token = error.contains("cannot start any token");
    if (no_token && rest.starts_with('\t')) || (line.contains('\t') && line.trim().is_empty()) {
        return (at, TAB.into(), SPACES.into());
    }
    if no_token {
        let word: String =
            rest.chars().take_while(|character| !" ,}]\n".contains(*character)).take(40).collect();
        let is_secret =
            holds_secret(&word) || mask::literal_secrets(text).iter().any(|secret| secret.contains(&at));
        let hint =
            if is_secret { "quote it".to_owned() } else { format!("quote it: \"{}\"", word.escape_debug()) };
        let sign = rest.chars().next().unwrap_or(' ');
        return (at, format!("a value can not begin with '{}'", sign.escape_debug()), hint);
    }
    let Some(Meaning(_, message, hint)) = MEANINGS.iter().find(|Meaning(part, ..)| error.contains(part))
    else {
        let problem = error.split(" at line ").next().unwrap_or(error);
        let hint = "check quotes, brackets and indentation around here";
        return (at, format!("this is not valid YAML: {problem}"), hint.into());
    };
    // Where something is never closed, the parser tells also where it was opened.
    match opening(text, error).filter(|opened| *opened < at) {
        Some(opened) if error.contains("end of stream") => (opened, (*message).into(), (*hint).into()),
        Some(opened) if hint == &BRACKETS => {
            let line = text[..opened].matches('\n').count() + 1;
            (at, (*message).into(), hint.replace("before", &format!("in line {line}")))
        }
        _ => (at, (*message).into(), (*hint).into()),
    }
}

/// The `{{` of a template's value that YAML took for a map, in the line of an offset.
pub fn unquoted_value(text: &str, at: usize) -> Option<usize> {
    let before = text.get(..at)?;
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..)?.lines().next()?;
    let value = line.find("{{")?;
    let is_quoted = |quote| line[..value].matches(quote).count() % 2 == 1;
    (!is_quoted('"') && !is_quoted('\'')).then_some(start + value)
}

/// The place that the second half of a message names: `.., while parsing a flow mapping at line 2 column 6`.
fn opening(text: &str, error: &str) -> Option<usize> {
    let (line, column) = error.split_once(", while ")?.1.split_once(" at line ")?.1.split_once(" column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.trim().parse().ok()?);
    let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    let into = text.get(start..)?.char_indices().nth(column.checked_sub(1)?)?.0;
    Some(start + into)
}
