//! The YAML parser's messages in plain words.

use super::mask;
use super::tree;
use crate::model::{Text, holds_secret, text};

/// What a message of the parser means: what is wrong, and what to do.
fn meaning(error: &str) -> Option<(Text, Text)> {
    let means = |part: &str| error.contains(part);
    Some(match () {
        () if means(tree::TOO_MANY_NODES) || means("repetition limit") => (
            text!(
                en: "the aliases (`*name`) of this file expand to too many values",
                pt: "os apelidos (`*nome`) deste arquivo se expandem em valores demais",
            ),
            text!(en: "write the values out", pt: "escreva os valores por extenso"),
        ),
        () if means("recursion limit") => (
            text!(en: "values are nested too deeply", pt: "valores aninhados demais"),
            text!(en: "no more than a few levels are needed", pt: "bastam poucos níveis"),
        ),
        () if means("tab character") => tab(),
        () if means("unknown anchor") => (
            text!(
                en: "`*` refers to an anchor that is not defined",
                pt: "`*` cita uma âncora que não está definida",
            ),
            text!(
                en: "quote a value that begins with `*`",
                pt: "ponha entre aspas um valor que começa com `*`",
            ),
        ),
        () if means("mapping values are not allowed") => (
            text!(en: "a `:` can not stand here", pt: "um `:` não pode ficar aqui"),
            text!(
                en: "quote a value that contains `: `; else check that keys of one level have the same indentation",
                pt: "ponha entre aspas um valor que contém `: `; senão, confira se as chaves de um nível têm o mesmo recuo",
            ),
        ),
        () if means("expected ',' or '}'") => (
            text!(
                en: "a `,` or the closing `}}` is missing before this",
                pt: "falta uma `,` ou o `}}` que fecha, antes disto",
            ),
            brackets(None),
        ),
        () if means("expected ',' or ']'") => (
            text!(
                en: "a `,` or the closing `]` is missing before this",
                pt: "falta uma `,` ou o `]` que fecha, antes disto",
            ),
            brackets(None),
        ),
        () if means("expected key") => (
            indentation(),
            text!(
                en: "give keys of one level the same indentation",
                pt: "dê o mesmo recuo às chaves de um nível",
            ),
        ),
        () if means("expected '-' indicator") => (
            indentation(),
            text!(
                en: "give items of one list the same indentation",
                pt: "dê o mesmo recuo aos itens de uma lista",
            ),
        ),
        () if means("find expected ':'") => (
            text!(en: "a key without `:`", pt: "uma chave sem `:`"),
            text!(
                en: "write `key: value`, with a space behind the colon",
                pt: "escreva `chave: valor`, com um espaço depois dos dois-pontos",
            ),
        ),
        () if means("unexpected end of stream") => (
            text!(
                en: "a quote is opened here and never closed",
                pt: "uma aspa é aberta aqui e nunca fechada",
            ),
            text!(en: "close it on the same line", pt: "feche-a na mesma linha"),
        ),
        () if means("escape") => (
            text!(en: "this is no escape that YAML knows", pt: "isto não é um escape que o YAML conheça"),
            text!(
                en: "in double quotes write `\\\\` for a backslash, or use single quotes",
                pt: "entre aspas duplas escreva `\\\\` para uma barra invertida, ou use aspas simples",
            ),
        ),
        () => return None,
    })
}

pub fn unquoted() -> Text {
    text!(
        en: "`{{{{ .. }}}}` stands unquoted, where YAML reads a map of keys",
        pt: "`{{{{ .. }}}}` está sem aspas, onde o YAML lê um mapa de chaves",
    )
}

pub fn quote_value() -> Text {
    text!(
        en: "put the whole text in quotes: \"{{{{ name }}}}\"",
        pt: "ponha o texto inteiro entre aspas: \"{{{{ nome }}}}\"",
    )
}

/// Such a value, and the same in quotes; nothing of it where it is a secret.
pub fn quote(word: &str, is_secret: bool) -> Text {
    if is_secret {
        text!(en: "quote it", pt: "ponha entre aspas")
    } else {
        text!(en: "quote it: \"{word}\"", pt: "ponha entre aspas: \"{word}\"")
    }
}

fn tab() -> (Text, Text) {
    (
        text!(en: "a tab is used for indentation", pt: "o recuo usa uma tabulação"),
        text!(
            en: "indent with spaces; YAML allows no tabs there",
            pt: "recue com espaços; o YAML não aceita tabulações ali",
        ),
    )
}

/// What to do about brackets, of which the opening one may be in a line that is known.
fn brackets(line: Option<usize>) -> Text {
    match line {
        None => text!(
            en: "close what was opened before, and quote values that contain brackets",
            pt: "feche o que foi aberto antes, e ponha entre aspas valores que contêm colchetes ou chaves",
        ),
        Some(line) => text!(
            en: "close what was opened in line {line}, and quote values that contain brackets",
            pt: "feche o que foi aberto na linha {line}, e ponha entre aspas valores que contêm colchetes ou chaves",
        ),
    }
}

fn indentation() -> Text {
    text!(
        en: "the indentation of this line fits no line above",
        pt: "o recuo desta linha não combina com nenhuma linha acima",
    )
}

/// The place, meaning and remedy of an error that the parser met at an offset.
pub fn explain(text: &str, at: usize, error: &str) -> (usize, Text, Text) {
    let rest = text.get(at..).unwrap_or_default();
    let line = text.get(..at).and_then(|before| before.rsplit('\n').next()).unwrap_or_default();
    if error.contains("more than one document") {
        let second = text.match_indices("\n---").map(|(at, _)| at + 1).last().unwrap_or(at);
        return (
            second,
            text!(en: "a second document begins here", pt: "um segundo documento começa aqui"),
            text!(
                en: "there is one document in a file: remove this `---` line, or keep two files",
                pt: "há um documento por arquivo: tire esta linha `---`, ou use dois arquivos",
            ),
        );
    }
    let no_token = error.contains("cannot start any token");
    if (no_token && rest.starts_with('\t')) || (line.contains('\t') && line.trim().is_empty()) {
        let (message, hint) = tab();
        return (at, message, hint);
    }
    if no_token {
        let word: String =
            rest.chars().take_while(|character| !" ,}]\n".contains(*character)).take(40).collect();
        let is_secret =
            holds_secret(&word) || mask::literal_secrets(text).iter().any(|secret| secret.contains(&at));
        let sign = rest.chars().next().unwrap_or(' ').escape_debug().to_string();
        let message =
            text!(en: "a value can not begin with '{sign}'", pt: "um valor não pode começar com '{sign}'");
        return (at, message, quote(&word.escape_debug().to_string(), is_secret));
    }
    let Some((message, hint)) = meaning(error) else {
        let problem = error.split(" at line ").next().unwrap_or(error);
        return (
            at,
            text!(en: "this is not valid YAML: {problem}", pt: "isto não é YAML válido: {problem}"),
            text!(
                en: "check quotes, brackets and indentation around here",
                pt: "confira aspas, colchetes e recuo por aqui",
            ),
        );
    };
    // Where something is never closed, the parser tells also where it was opened.
    match opening(text, error).filter(|opened| *opened < at) {
        Some(opened) if error.contains("end of stream") => (opened, message, hint),
        Some(opened) if hint == brackets(None) => {
            let line = text[..opened].matches('\n').count() + 1;
            (at, message, brackets(Some(line)))
        }
        _ => (at, message, hint),
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
