//! The templates: the tool's own, compiled into it, and the user's, layered over them.
//!
//! A user's template may extend or include the built-in ones by name, and files of its own folder and below. Nothing
//! outside of that folder is ever read, also not through a symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tera::{Context, Tera};

use super::template_error::unreadable;
use crate::model::{Inventory, Render, Role, Template, TemplateError, TemplateKind, Variables};
use crate::roles;

/// Larger files are no templates.
const MAX_BYTES: u64 = 1024 * 1024;
/// Prefix of the built-in templates' names within tera.
const BUILT_IN: &str = "built-in/";
/// Prefix of what a user's template includes.
const BESIDE: &str = "beside/";
/// Name of a user's template itself: without a prefix, so that it may extend a built-in one of its own name.
const MAIN: &str = "main";

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
            .map(|kind| (kind, Layer::compile(kind, BTreeMap::new())));
        Self { built_in: built_in.into(), own: BTreeMap::new() }
    }

    /// The tool's own templates, and those that the inventory names for roles that its hosts have. Reads each file
    /// once.
    pub fn load(inventory: &Inventory) -> Self {
        Self::of(inventory.hosts().flat_map(|host| &host.roles).map(AsRef::as_ref))
    }

    /// The tool's own templates, and those that roles name.
    pub(super) fn of<'a>(roles: impl IntoIterator<Item = &'a dyn Role>) -> Self {
        let mut templates = Self::builtin();
        for role in roles {
            if let Some((kind, path)) = own_kind(role.name()).zip(role.template()) {
                templates.own.entry((kind, path.to_owned())).or_insert_with(|| Layer::read(kind, path));
            }
        }
        templates
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
            return Err(TemplateError::new(own.unwrap_or(Path::new(name)), "this template was not read"));
        };
        let mut text = layer.as_ref().map_err(Clone::clone)?.render(name, variables)?;
        if !text.ends_with('\n') {
            // HAProxy refuses a file whose last line is not ended.
            text.push('\n');
        }
        Ok(text)
    }
}

/// How values enter a user's own template of a role.
fn own_kind(role: &str) -> Option<TemplateKind> {
    roles::ALL.iter().find(|definition| definition.name == role)?.own.map(|template| template.kind)
}

/// A set of templates that may refer to each other: the built-in ones, and over them one user's template with what
/// it includes.
#[derive(Debug)]
pub struct Layer {
    tera: Tera,
    own: BTreeMap<String, Source>,
}

#[derive(Debug)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Layer {
    /// Reads a user's template and the files beside it that it refers to, and compiles them.
    fn read(kind: TemplateKind, path: &Path) -> Result<Self, TemplateError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let text = read_text(path)?;
        let mut wanted: Vec<String> = references(&text).map(|(name, _)| name.to_owned()).collect();
        let mut own = BTreeMap::from([(MAIN.to_owned(), Source { path: path.to_owned(), text })]);
        let mut seen = BTreeSet::new();
        while let Some(name) = wanted.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some(path) = beside(folder, &name, path) else { continue };
            let text = read_text(&path)?;
            wanted.extend(references(&text).map(|(name, _)| name.to_owned()));
            own.insert(format!("{BESIDE}{name}"), Source { path, text });
        }
        Self::compile(kind, own)
    }

    fn compile(kind: TemplateKind, own: BTreeMap<String, Source>) -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        // Whatever the file is called: every value is escaped, or checked.
        tera.autoescape_on([""]);
        if kind == TemplateKind::Configuration {
            tera.set_escape_fn(refuse_control_characters);
        }
        let mut layer = Self { tera, own };
        let built_in = roles::ALL.iter().flat_map(|role| role.templates);
        let built_in = built_in.map(|template| (format!("{BUILT_IN}{}", template.name), template.text));
        let own = layer.own.iter().map(|(name, source)| (name.clone(), source.text.as_str()));
        let compiled = layer
            .tera
            .set_fallback_prefixes([BESIDE, BUILT_IN])
            .and_then(|()| layer.tera.add_raw_templates(built_in.chain(own)));
        match compiled {
            Ok(()) => Ok(layer),
            Err(error) => Err(TemplateError::from_compiling(&error, &layer)),
        }
    }

    fn render(&self, name: &str, variables: &Variables) -> Result<String, TemplateError> {
        let mut context = Context::new();
        for (name, value) in variables.iter() {
            context.insert(name.clone(), value);
        }
        self.tera
            .render(name, &context)
            .map_err(|error| TemplateError::from_rendering(&error, self, name, variables))
    }

    /// The file behind a name within tera.
    pub(super) fn path_of(&self, name: &str) -> PathBuf {
        match self.own.get(name) {
            Some(source) => source.path.clone(),
            None if name.starts_with(BUILT_IN) => PathBuf::from(name),
            None => Path::new(BUILT_IN).join(name),
        }
    }

    /// The text behind a name within tera, empty for built-in ones.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.own.get(name).map_or("", |source| &source.text)
    }

    /// The file that the inventory names.
    pub(super) fn main_path(&self) -> PathBuf {
        self.path_of(MAIN)
    }

    pub(super) fn hint_for_reference(&self, name: &str) -> String {
        let names =
            roles::ALL.iter().filter_map(|role| role.own).map(|template| format!("`{}`", template.name));
        let built_in = names.collect::<Vec<_>>().join(" and ");
        let folder = self.main_path().parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        if inside(name) {
            format!("put the file into {folder}, or use a built-in template: {built_in}")
        } else {
            format!(
                "a template may refer to files in {folder} and below only, and to the built-in {built_in}"
            )
        }
    }
}

/// Whether a name stays within its folder.
fn inside(name: &str) -> bool {
    Path::new(name).components().all(|component| matches!(component, Component::Normal(_)))
}

/// The file of a name beside a user's template, where it is one; never that template itself.
fn beside(folder: &Path, name: &str, main: &Path) -> Option<PathBuf> {
    if !inside(name) {
        return None;
    }
    let path = folder.join(name);
    // Resolves symbolic links, so that none leads out of the folder.
    let real = path.canonicalize().ok()?;
    let is_main = main.canonicalize().is_ok_and(|main| main == real);
    (real.starts_with(folder.canonicalize().ok()?) && !is_main).then_some(path)
}

/// The names that a template's text includes or extends, with the byte offset of each. May find more than tera does,
/// e.g. in comments: what is not there is then simply not read.
pub(super) fn references(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.match_indices("{%").filter_map(|(start, opening)| {
        let tag = text.get(start + opening.len()..)?.trim_start_matches('-').trim_start();
        let quoted = ["include", "extends"].iter().find_map(|word| tag.strip_prefix(word))?.trim_start();
        let quote = quoted.chars().next().filter(|quote| "\"'`".contains(*quote))?;
        let name = quoted.get(1..)?.split_once(quote)?.0;
        Some((name, text.len() - quoted.len()))
    })
}

fn read_text(path: &Path) -> Result<String, TemplateError> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(TemplateError::new(path, "this is not a regular file").with_hint("name a template file"));
    }
    if metadata.len() > MAX_BYTES {
        let message = format!("the template has {} bytes, the limit is {MAX_BYTES}", metadata.len());
        return Err(TemplateError::new(path, message).with_hint("is this the file you meant?"));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        TemplateError::new(path, "the template is not UTF-8 text").with_hint("save it as UTF-8")
    })?;
    // Editors on Windows add a mark and carriage returns, which configuration files don't bear.
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// Takes the place of HTML escaping in configuration files.
fn refuse_control_characters(text: &str, output: &mut dyn Write) -> io::Result<()> {
    if text.contains(char::is_control) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "control character in a value"));
    }
    output.write_all(text.as_bytes())
}
