//! Compiled templates.

use std::io::{self, Write};
use std::path::Path;

use tera::{Kwargs, State, Tera};

use super::command;
use super::peers;
use super::pieces::{Piece, pieces};
use super::scope::Scope;
use super::sources::{BESIDE, BUILT_IN, MAIN, Sources};
use crate::model::{TemplateError, TemplateKind};
use crate::roles;

/// What stands for all names at once in a template.
const ALL_NAMES: &str = "__tera_context";

/// A set of templates that may refer to each other: the built-in ones, and over them one user's template with what
/// it includes.
#[derive(Debug)]
pub struct Layer {
    tera: Tera,
    own: Sources,
    kind: TemplateKind,
    /// What stands in the expressions and statements of the user's template and of what it includes.
    asks: String,
}

impl Layer {
    pub fn compile(kind: TemplateKind, own: Sources) -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        // Whatever the file is called: every value is escaped, or checked.
        tera.autoescape_on([""]);
        tera.register_function(peers::FUNCTION, peers::hosts_with);
        match kind {
            TemplateKind::Page => {}
            TemplateKind::Configuration => tera.set_escape_fn(refuse_control_characters),
            TemplateKind::Command => {
                command::check(&own)?;
                tera.set_escape_fn(command::quote);
                for filter in command::RAW_FILTERS {
                    tera.register_filter(filter, |_: tera::Value, _: Kwargs, _: &State| {
                        command::no_raw_form()
                    });
                }
            }
        }
        let built_in = roles::ALL.iter().flat_map(|role| role.templates);
        let built_in = built_in.map(|template| (format!("{BUILT_IN}{}", template.name), template.text));
        let compiled = tera.set_fallback_prefixes([BESIDE, BUILT_IN]).and_then(|()| {
            // What goes without others is compiled without them.
            if own.refers_to_others() {
                tera.add_raw_templates(built_in.chain(own.texts()))
            } else {
                tera.add_raw_templates(own.texts())
            }
        });
        match compiled {
            Ok(()) => Ok(Self { tera, asks: asked(&own), own, kind }),
            Err(error) => Err(TemplateError::from_compiling(&error, &own)),
        }
    }

    /// Compiles a text that stands in a file, for which faults are told.
    pub fn of_text(kind: TemplateKind, path: &Path, text: &str) -> Result<Self, TemplateError> {
        Self::compile(kind, Sources::of_text(path, text))
    }

    /// Renders the user's template.
    pub fn render_own(&self, scope: &Scope<'_>) -> Result<String, TemplateError> {
        self.render(MAIN, scope)
    }

    pub fn render(&self, name: &str, scope: &Scope<'_>) -> Result<String, TemplateError> {
        let text = self
            .tera
            .render(name, scope.context())
            .map_err(|error| TemplateError::from_rendering(&error, &self.own, name, self.kind, scope))?;
        if self.kind == TemplateKind::Command {
            return command::finish(&text, &self.own.path_of(name));
        }
        Ok(text)
    }

    /// Whether the user's template may ask for a name, itself or by what it refers to.
    pub fn asks_for(&self, name: &str) -> bool {
        let mut built_in = roles::ALL.iter().flat_map(|role| role.templates);
        self.asks.contains(name)
            || self.asks.contains(ALL_NAMES)
            || built_in.any(|template| template.text.contains(name) && self.asks.contains(template.name))
    }
}

fn asked(own: &Sources) -> String {
    let mut asked = String::new();
    for (_, text) in own.texts() {
        for (place, _) in pieces(text).filter(|(_, piece)| *piece != Piece::Comment) {
            asked.push_str(&text[place]);
        }
    }
    asked
}

/// Takes the place of HTML escaping in configuration files.
fn refuse_control_characters(text: &str, output: &mut dyn Write) -> io::Result<()> {
    if text.contains(char::is_control) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "control character in a value"));
    }
    output.write_all(text.as_bytes())
}
