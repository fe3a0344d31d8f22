//! What a practice says for one host: its texts with the values in place.

use std::path::PathBuf;

use super::definition::{Definition, Origin};
use crate::document::complaint::Complaint;
use crate::document::reader::Field;
use crate::document::tree::NodeId;
use crate::model::{TemplateError, TemplateKind, Variables, text};
use crate::template::{Scope, read_text};

/// What reads a script in which values are words of sh.
const SHELLS: [&str; 6] = ["sh", "dash", "bash", "ash", "ksh", "busybox"];
/// After so many names without a value nobody reads on.
const MOST_UNDEFINED: usize = 20;

pub struct Voice<'a> {
    pub definition: &'a Definition,
    pub scope: Scope<'a>,
    /// The host, where there is a real one.
    pub host: Option<&'a str>,
}

impl Voice<'_> {
    /// A text that has to be something.
    pub fn value<T>(
        &self,
        field: &Field<impl AsRef<str>>,
        check: impl FnOnce(&str) -> Result<T, Complaint>,
    ) -> Option<T> {
        let (at, text) = (field.at?, field.value.as_ref()?);
        let text = self.text(at, TemplateKind::Configuration, text.as_ref())?;
        self.sound(at, check(&text))
    }

    /// A text for sh.
    pub fn command(&self, field: &Field<String>) -> Option<String> {
        let (at, text) = (field.at?, field.value.as_ref()?);
        let command = self.text(at, TemplateKind::Command, text)?;
        let is_sound = !command.trim().is_empty() && !command.contains('\0');
        let complaint = || {
            Complaint::new(
                text!(en: "there is no command", pt: "não há comando"),
                text!(en: "write what sh should run", pt: "escreva o que o sh deve executar"),
            )
        };
        self.sound(at, is_sound.then_some(command).ok_or_else(complaint))
    }

    /// What was checked, or a fault.
    pub fn sound<T>(&self, at: NodeId, checked: Result<T, Complaint>) -> Option<T> {
        checked
            .map_err(|Complaint { message, hint }| {
                self.definition.recorder.add(at, message, hint);
            })
            .ok()
    }

    pub fn text(&self, at: NodeId, kind: TemplateKind, text: &str) -> Option<String> {
        if !is_template(kind, text) {
            return Some(text.to_owned());
        }
        self.render(at, kind, Origin::Text(text.to_owned()))
    }

    /// A program in a file.
    pub fn program(&self, at: NodeId, path: PathBuf) -> Option<String> {
        let text = match read_text(&path) {
            Ok(text) => text,
            Err(error) => {
                self.definition.add(at, &error);
                return None;
            }
        };
        if !is_template(TemplateKind::Command, &text) {
            return Some(text);
        }
        let first = text.lines().next().unwrap_or_default();
        let reader = first
            .strip_prefix("#!")
            .map(|reader| reader.trim().rsplit(['/', ' ']).next().unwrap_or_default());
        if reader.is_some_and(|reader| !SHELLS.contains(&reader)) {
            let message = text!(
                en: "values enter scripts of sh alone, and this one is for another program",
                pt: "valores só entram em scripts de sh, e este é para outro programa",
            );
            let hint = text!(
                en: "make it a file of the practice, and call that with the values: `run: /opt/x/setup {{{{ port }}}}`",
                pt: "faça dele um arquivo da prática, e chame-o com os valores: `run: /opt/x/setup {{{{ port }}}}`",
            );
            self.definition.add(at, &TemplateError::new(path, message).with_hint(hint));
            return None;
        }
        self.render(at, TemplateKind::Command, Origin::File(path))
    }

    /// Renders a template. Each name without a value is a fault.
    pub fn render(&self, at: NodeId, kind: TemplateKind, origin: Origin) -> Option<String> {
        let layer = self.definition.layer(kind, origin);
        let layer = match layer.as_ref() {
            Ok(layer) => layer,
            Err(error) => {
                self.definition.add(at, error);
                return None;
            }
        };
        let mut missing = Variables::default();
        for _ in 0..MOST_UNDEFINED {
            match layer.render_own(&self.scope.with_stand_ins(&missing)) {
                Ok(text) => return missing.names().is_empty().then_some(text),
                Err(error) => {
                    let is_known = |name: &str| missing.names().contains(&name);
                    let undefined = error.undefined.clone().filter(|name| !is_known(name.as_ref()));
                    // What follows from a stand-in is no fault of anybody's.
                    if undefined.is_some() || missing.names().is_empty() {
                        self.definition.add(at, &self.told(error));
                    }
                    missing.insert(&undefined?, "");
                }
            }
        }
        None
    }

    fn told(&self, error: TemplateError) -> TemplateError {
        match self.host {
            Some(host) => {
                let message = &error.message;
                TemplateError {
                    message: text!(
                        en: "for host `{host}`: {message}",
                        pt: "para a máquina `{host}`: {message}", message
                    ),
                    ..error
                }
            }
            None => error,
        }
    }
}

/// Whether a text is more than itself. `${#name}` alone is no comment, but sh's.
fn is_template(kind: TemplateKind, text: &str) -> bool {
    let has_comment = text.contains("{#") && kind != TemplateKind::Command;
    text.contains("{{") || text.contains("{%") || has_comment
}
