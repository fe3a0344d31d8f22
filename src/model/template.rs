//! Templates, and the names that they may use.

use std::path::{Path, PathBuf};

use super::text::Text;

/// A value of `vars`, handed to templates as it is.
pub type Value = serde_json::Value;

/// A template that comes with the tool.
#[derive(Debug, Clone, Copy)]
pub struct Template {
    /// The name by which a user's template extends it.
    pub name: &'static str,
    pub text: &'static str,
    pub kind: TemplateKind,
}

/// How values enter the text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TemplateKind {
    /// HTML: values are escaped.
    Page,
    /// Line-based text: a value that would begin a line of its own is refused.
    Configuration,
    /// A program of sh: each value is one quoted word, and there is no other way in.
    Command,
}

pub trait Render {
    /// Renders a template, or the user's own in its place.
    fn render(
        &self,
        template: &Template,
        own: Option<&Path>,
        variables: &Variables,
    ) -> Result<String, TemplateError>;

    /// Whether a template, or the user's own in its place, may ask for a name: what takes long to say is said only then.
    fn asks_for(&self, template: &Template, own: Option<&Path>, name: &str) -> bool;
}

/// A fault of a template, or of a value that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The template's file; `built-in/NAME` for one of the tool's own.
    pub path: PathBuf,
    /// Line in the template, from 1; `None` where the fault has no place in it.
    pub line: Option<usize>,
    /// Column in characters, from 1.
    pub column: Option<usize>,
    /// What is wrong, one line.
    pub message: Text,
    pub hint: Option<Text>,
    /// The name that has no value, where it is that.
    pub undefined: Option<Box<str>>,
}

fn position(line: Option<usize>, column: Option<usize>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(":{line}:{column}"),
        _ => String::new(),
    }
}

impl TemplateError {
    /// A fault of a whole file.
    pub fn new(path: impl Into<PathBuf>, message: Text) -> Self {
        Self { path: path.into(), line: None, column: None, message, hint: None, undefined: None }
    }

    /// It and its place, in one line.
    pub fn told(&self) -> Text {
        let place = format!("{}{}", self.path.display(), position(self.line, self.column));
        Text::join(&[Text::verbatim(place), self.message.clone()], ": ")
    }

    #[must_use]
    pub fn with_hint(mut self, hint: Text) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// Names and values for one rendering. The tool's own names win over the user's `vars`, which are whole under
/// `vars`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Variables(serde_json::Map<String, Value>);

impl From<serde_json::Map<String, Value>> for Variables {
    fn from(values: serde_json::Map<String, Value>) -> Self {
        Self(values)
    }
}

impl Variables {
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// The paths of values with such a character, e.g. `vars.motd`.
    pub fn with_characters(&self, such: fn(char) -> bool) -> Vec<String> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            collect(name, value, such, &mut found);
        }
        found
    }
}

fn collect(path: &str, value: &Value, such: fn(char) -> bool, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(such) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                collect(&format!("{path}[{position}]"), item, such, found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(&format!("{path}.{key}"), item, such, found);
            }
        }
        _ => {}
    }
}
