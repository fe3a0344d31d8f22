//! The templates: the tool's own, compiled into it, and the user's, layered over them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{Inventory, Render, Role, Template, TemplateError, TemplateKind, Variables, text};
use crate::roles;
use crate::template::{Layer, MAIN, Scope, Sources};

/// All templates of a run. A template that is missing or does not compile is a fault of the hosts that use it, told
/// when they are rendered.
#[derive(Debug)]
pub struct Templates {
    built_in: BTreeMap<TemplateKind, Result<Layer, TemplateError>>,
    own: BTreeMap<(TemplateKind, PathBuf), Result<Layer, TemplateError>>,
}

impl Templates {
    /// The tool's own templates alone.
    pub fn builtin() -> Self {
        let built_in = [TemplateKind::Page, TemplateKind::Configuration]
            .map(|kind| (kind, Layer::compile(kind, Sources::default())));
        Self { built_in: built_in.into(), own: BTreeMap::new() }
    }

    /// The tool's own templates, and those that the inventory names for roles that its hosts have. Reads each file
    /// once.
    pub fn load(inventory: &Inventory) -> Self {
        let mut templates = Self::builtin();
        for role in inventory.hosts().flat_map(|host| &host.roles) {
            templates.add(role.as_ref());
        }
        templates
    }

    /// Adds the template that a role names, unless it is there.
    pub(super) fn add(&mut self, role: &dyn Role) {
        if let Some((kind, path)) = own(role) {
            let compile = || Layer::compile(kind, Sources::read(path)?);
            self.own.entry((kind, path.to_owned())).or_insert_with(compile);
        }
    }

    /// Whether the template that a role names may ask for a name.
    pub(super) fn asks_of_role(&self, role: &dyn Role, name: &str) -> bool {
        own(role).is_some_and(|(kind, path)| self.own_asks_for(kind, path, name))
    }

    fn own_asks_for(&self, kind: TemplateKind, path: &Path, name: &str) -> bool {
        let layer = self.own.get(&(kind, path.to_owned())).and_then(|layer| layer.as_ref().ok());
        layer.is_some_and(|layer| layer.asks_for(name))
    }
}

impl Render for Templates {
    fn render(
        &self,
        template: &Template,
        own: Option<&Path>,
        variables: &Variables,
    ) -> Result<String, TemplateError> {
        let (layer, name) = match own {
            Some(path) => (self.own.get(&(template.kind, path.to_owned())), MAIN),
            None => (self.built_in.get(&template.kind), template.name),
        };
        let Some(layer) = layer else {
            return Err(TemplateError::new(
                own.unwrap_or(Path::new(name)),
                text!(en: "this template was not read", pt: "este template não foi lido"),
            ));
        };
        let mut text = layer.as_ref().map_err(Clone::clone)?.render(name, &Scope::new(variables))?;
        if !text.ends_with('\n') {
            // HAProxy refuses a file whose last line is not ended.
            text.push('\n');
        }
        Ok(text)
    }

    fn asks_for(&self, template: &Template, own: Option<&Path>, name: &str) -> bool {
        match own {
            None => template.text.contains(name),
            Some(path) => self.own_asks_for(template.kind, path, name),
        }
    }
}

/// The template that a role names, with how values enter it.
fn own(role: &dyn Role) -> Option<(TemplateKind, &Path)> {
    let definition = roles::ALL.iter().find(|definition| definition.name == role.name())?;
    Some((definition.own?.kind, role.template()?))
}
