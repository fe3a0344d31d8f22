//! What is wrong with a template, and where: tera's errors, made into one shape with a hint.

use std::path::PathBuf;

use tera::ErrorKind;

use super::command;
use super::scope::Scope;
use super::sources::{Sources, references};
use crate::model::{TemplateError, TemplateKind};

const SYNTAX_HINT: &str = "every `{{` needs its `}}`, every `{% if %}`, `{% for %}` and `{% block %}` its end; \
     the language is Tera: https://keats.github.io/tera/docs/";

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
                Self::new(sources.path_of(report.filename()), lower_first(report.message()))
                    .at(span.start_line, span.start_col + 1)
                    .with_hint(SYNTAX_HINT)
            }
            ErrorKind::MissingParent { current, parent } => {
                let fault = Self::new(sources.path_of(current), format!("there is no template `{parent}`"))
                    .with_hint(sources.hint_for_reference(parent));
                match references(sources.text_of(current)).find(|(name, _)| name == parent) {
                    Some((_, offset)) => fault.at_offset(sources.text_of(current), offset),
                    None => fault,
                }
            }
            ErrorKind::CircularExtend { tpl, .. } | ErrorKind::CircularInclude { tpl, .. } => {
                Self::new(sources.path_of(tpl), "the template includes or extends itself")
                    .with_hint("remove one `include` or `extends` of the circle")
            }
            ErrorKind::Msg(text) => Self::from_report(text, sources),
            other => Self::new(sources.main_path(), lower_first(&other.to_string())),
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
                Self::new(sources.path_of(file), lower_first(message)).at(line, column)
            }
            None => Self::new(sources.main_path(), lower_first(message)),
        };
        match message.strip_prefix("Unknown template `").and_then(|rest| rest.strip_suffix('`')) {
            Some(name) => fault.with_hint(sources.hint_for_reference(name)),
            None => fault.with_hint(SYNTAX_HINT),
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
                    message.trim_end_matches('.').to_owned(),
                    names.split(", ").filter(|name| scope.is_told(name)).collect(),
                )
            }
            None if report.message().contains("undefined") => {
                let expression =
                    sources.text_of(report.filename()).get(span.range.clone()).unwrap_or_default();
                (format!("`{}` is not defined", expression.trim()), scope.names())
            }
            None => (report.message().to_owned(), Vec::new()),
        };
        // Functions and filters of our own know what to do next.
        let (message, advice) = match message.split_once('\n') {
            Some((message, advice)) => (message.to_owned(), Some(advice.to_owned())),
            None => (message, None),
        };
        let mut fault = Self::new(path, lower_first(&message)).at(span.start_line, span.start_col + 1);
        fault.undefined = undefined(&message);
        fault.with_hint(advice.or_else(|| hint_for_name(&message, &known)).unwrap_or_else(|| {
            "the template is read well, but these values do not fit the expression".to_owned()
        }))
    }

    /// Output was refused: a value would begin a line of its own.
    fn from_value(error: &tera::Error, path: PathBuf, kind: TemplateKind, scope: &Scope<'_>) -> Self {
        if !matches!(error.kind(), ErrorKind::Io(_)) {
            return Self::new(path, lower_first(&error.to_string()));
        }
        let (such, what): (fn(char) -> bool, _) = match kind {
            TemplateKind::Command => {
                (command::is_refused, "a value with a line break may not enter a command")
            }
            _ => (
                char::is_control,
                "a value with a line break or control character may not enter a configuration file",
            ),
        };
        let culprits = scope.with_characters(such).join("`, `");
        Self::new(path, format!("{what}: `{culprits}`"))
            .with_hint("write the value on one line in the inventory")
    }
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
fn hint_for_name(message: &str, known: &[&str]) -> Option<String> {
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
        Some((_, name)) => format!("did you mean `{name}`? These are defined: {names}"),
        None => format!("these are defined: {names}; add others under `vars` in the inventory"),
    })
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_lowercase().collect::<String>()).unwrap_or_default();
    first + characters.as_str()
}
