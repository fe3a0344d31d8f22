//! What is wrong with a template, and where: tera's errors, made into one shape with a hint.

use std::path::PathBuf;

use tera::ErrorKind;

use super::command;
use super::scope::Scope;
use super::sources::{Sources, references};
use crate::model::{TemplateError, TemplateKind, Text, text};

fn syntax_hint() -> Text {
    text!(
        en: "every `{{{{` needs its `}}}}`, every `{{% if %}}`, `{{% for %}}` and `{{% block %}}` its end; the language is Tera: https://keats.github.io/tera/docs/",
        pt: "cada `{{{{` precisa do seu `}}}}`, cada `{{% if %}}`, `{{% for %}}` e `{{% block %}}` do seu fim; a linguagem é Tera: https://keats.github.io/tera/docs/",
    )
}

impl TemplateError {
    fn at(mut self, line: usize, column: usize) -> Self {
        (self.line, self.column) = (Some(line), Some(column));
        self
    }

    /// The same at an offset of its text.
    pub(super) fn at_offset(self, text: &str, offset: usize) -> Self {
        let (line, column) = line_and_column(text, offset);
        self.at(line, column)
    }

    /// A template that does not compile, or names another that is not there.
    pub(super) fn from_compiling(error: &tera::Error, sources: &Sources) -> Self {
        match error.kind() {
            ErrorKind::SyntaxError(report) => {
                let span = report.span();
                Self::new(sources.path_of(report.filename()), Text::verbatim(lower_first(report.message())))
                    .at(span.start_line, span.start_col + 1)
                    .with_hint(syntax_hint())
            }
            ErrorKind::MissingParent { current, parent } => {
                let fault = Self::new(
                    sources.path_of(current),
                    text!(
                        en: "there is no template `{parent}`",
                        pt: "não existe o template `{parent}`",
                    ),
                )
                .with_hint(sources.hint_for_reference(parent));
                match references(sources.text_of(current)).find(|(name, _)| name == parent) {
                    Some((_, offset)) => fault.at_offset(sources.text_of(current), offset),
                    None => fault,
                }
            }
            ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => Self::new(
                sources.path_of(tpl),
                text!(
                    en: "the template includes or extends itself",
                    pt: "o template inclui ou estende a si mesmo",
                ),
            )
            .with_hint(text!(
                en: "remove one `include` or `extends` of the circle",
                pt: "tire um `include` ou `extends` do círculo",
            )),
            ErrorKind::Msg(text) => Self::from_report(text, sources),
            other => Self::new(sources.main_path(), Text::verbatim(lower_first(&other.to_string()))),
        }
    }

    /// Faults of names that tera finds once all files are there come as the text of a report only:
    /// `error: MESSAGE`, then `--> FILE:LINE:COLUMN`.
    fn from_report(text: &str, sources: &Sources) -> Self {
        let mut lines = text.lines();
        let message = lines.next().unwrap_or(text);
        let message = message.strip_prefix("error: ").unwrap_or(message);
        let place = lines.next().and_then(|line| line.trim_start().strip_prefix("--> ")).and_then(|place| {
            let mut parts = place.rsplitn(3, ':');
            let column = parts.next()?.parse().ok()?;
            let line = parts.next()?.parse().ok()?;
            Some((parts.next()?, line, column))
        });
        let fault = match place {
            Some((file, line, column)) => {
                Self::new(sources.path_of(file), Text::verbatim(lower_first(message))).at(line, column)
            }
            None => Self::new(sources.main_path(), Text::verbatim(lower_first(message))),
        };
        match message.strip_prefix("Unknown template `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => fault.with_hint(sources.hint_for_reference(name)),
            None => fault.with_hint(syntax_hint()),
        }
    }

    /// A template that failed on the values of one host.
    pub(super) fn from_rendering(
        error: &tera::Error,
        sources: &Sources,
        name: &str,
        kind: TemplateKind,
        scope: &Scope<'_>,
    ) -> Self {
        let ErrorKind::RenderingError(report) = error.kind() else {
            return Self::from_value(error, sources.path_of(name), kind, scope);
        };
        let span = report.span();
        let path = sources.path_of(report.filename());
        let (message, known) = match report.message().split_once(" Available ") {
            Some((message, list)) => {
                let names = list.split_once(": ").map_or("", |(_, names)| names);
                (
                    Text::verbatim(message.trim_end_matches('.')),
                    names.split(", ").filter(|name| scope.is_told(name)).collect(),
                )
            }
            None if report.message().contains("undefined") => {
                let expression =
                    sources.text_of(report.filename()).get(span.range.clone()).unwrap_or_default();
                (
                    text!(
                        en: "`{trim}` is not defined",
                        pt: "`{trim}` não está definido", trim = expression.trim()
                    ),
                    scope.names(),
                )
            }
            None => {
                return Self::from_function(path, report.message()).at(span.start_line, span.start_col + 1);
            }
        };
        let english = message.english();
        let mut fault = Self::new(path, message.map(lower_first)).at(span.start_line, span.start_col + 1);
        fault.undefined = undefined(english);
        fault.with_hint(hint_for_name(english, &known).unwrap_or_else(does_not_fit))
    }

    /// What a function or filter refused. Those of our own know what to do next.
    fn from_function(path: PathBuf, said: &str) -> Self {
        let (message, advice) = said.split_once('\n').unwrap_or((said, ""));
        let hint = if advice.is_empty() { does_not_fit() } else { Text::unpacked(advice) };
        let message = Text::unpacked(message);
        let undefined = undefined(message.english());
        Self { undefined, ..Self::new(path, message.map(lower_first)).with_hint(hint) }
    }

    /// Output was refused: a value would begin a line of its own.
    fn from_value(error: &tera::Error, path: PathBuf, kind: TemplateKind, scope: &Scope<'_>) -> Self {
        if !matches!(error.kind(), ErrorKind::Io(_)) {
            return Self::new(path, Text::verbatim(lower_first(&error.to_string())));
        }
        let (such, what): (fn(char) -> bool, _) = match kind {
            TemplateKind::Command => (
                command::is_refused,
                text!(
                    en: "a value with a line break may not enter a command",
                    pt: "um valor com quebra de linha não pode entrar em um comando",
                ),
            ),
            _ => (
                char::is_control,
                text!(
                    en: "a value with a line break or control character may not enter a configuration file",
                    pt: "um valor com quebra de linha ou caractere de controle não pode entrar em um arquivo de configuração",
                ),
            ),
        };
        let culprits = scope.with_characters(such).join("`, `");
        Self::new(path, text!(en: "{what}: `{culprits}`", pt: "{what}: `{culprits}`", what)).with_hint(text!(
            en: "write the value on one line in the inventory",
            pt: "escreva o valor em uma linha no inventário",
        ))
    }
}

fn does_not_fit() -> Text {
    text!(
        en: "the template is read well, but these values do not fit the expression",
        pt: "o template está certo, mas estes valores não servem para a expressão",
    )
}

/// The name that a message is about, where that is a whole name without a value.
fn undefined(message: &str) -> Option<Box<str>> {
    let bare = message.strip_prefix("Variable ").unwrap_or(message);
    let name = bare.strip_prefix('`')?.strip_suffix("` is not defined")?;
    let is_name = name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    is_name.then(|| name.into())
}

/// Line and column, both from 1, of a byte offset.
fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
    (before.matches('\n').count() + 1, column)
}

/// `did you mean …?` and the names that are there.
fn hint_for_name(message: &str, known: &[&str]) -> Option<Text> {
    if known.is_empty() {
        return None;
    }
    let wanted = message.split('`').nth(1).unwrap_or_default();
    let names = known.join(", ");
    let near = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, wanted), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min_by_key(|(distance, _)| *distance);
    Some(match near {
        Some((_, name)) => {
            text!(
                en: "did you mean `{name}`? These are defined: {names}",
                pt: "seria `{name}`? Estes estão definidos: {names}",
            )
        }
        None => {
            text!(
                en: "these are defined: {names}; add others under `vars` in the inventory",
                pt: "estes estão definidos: {names}; acrescente outros em `vars` no inventário",
            )
        }
    })
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_lowercase().collect::<String>()).unwrap_or_default();
    first + characters.as_str()
}
