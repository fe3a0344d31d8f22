//! The templates: the tool's own, compiled into it, and the user's, layered over them.
//!
//! A user's template may extend or include the built-in ones by name, and files of its own folder and below. Nothing
//! outside of that folder is ever read, also not through a symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

use tera::{Context, Tera};

use super::template_error::{TemplateError, unreadable};
use super::variables::Variables;
use crate::model::{Host, Inventory, Role};

/// Larger files are no templates.
const MAX_BYTES: u64 = 1024 * 1024;
/// Prefix of the built-in templates' names within tera.
const BUILT_IN: &str = "built-in/";
/// Prefix of what a user's template includes.
const BESIDE: &str = "beside/";
/// Name of a user's template itself: without a prefix, so that it may extend a built-in one of its own name.
const MAIN: &str = "main";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    Haproxy,
    /// A web host's index.html.
    Page,
    ApachePorts,
    /// Apache's default site.
    ApacheSite,
    /// Apache's `ServerName`.
    ApacheName,
    /// constCS.py of the socket lab.
    Constants,
}

impl BuiltIn {
    const ALL: [Self; 6] =
        [Self::Haproxy, Self::Page, Self::ApachePorts, Self::ApacheSite, Self::ApacheName, Self::Constants];

    /// The name by which a user's template extends it.
    fn name(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy.cfg.tera",
            Self::Page => "index.html.tera",
            Self::ApachePorts => "apache2/ports.conf.tera",
            Self::ApacheSite => "apache2/000-default.conf.tera",
            Self::ApacheName => "apache2/servername.conf.tera",
            Self::Constants => "socket/constCS.py.tera",
        }
    }

    fn text(self) -> &'static str {
        match self {
            Self::Haproxy => include_str!("../../templates/haproxy.cfg.tera"),
            Self::Page => include_str!("../../templates/index.html.tera"),
            Self::ApachePorts => include_str!("../../templates/apache2/ports.conf.tera"),
            Self::ApacheSite => include_str!("../../templates/apache2/000-default.conf.tera"),
            Self::ApacheName => include_str!("../../templates/apache2/servername.conf.tera"),
            Self::Constants => include_str!("../../templates/socket/constCS.py.tera"),
        }
    }

    fn kind(self) -> Kind {
        if self == Self::Page { Kind::Page } else { Kind::Configuration }
    }
}

/// How values enter the text of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// HTML: values are escaped.
    Page,
    /// Line-based text: a value that would begin a line of its own is refused.
    Configuration,
}

/// All templates of a run. A template that is missing or does not compile is a fault of the hosts that use it, told
/// when they are rendered.
#[derive(Debug)]
pub struct Templates {
    built_in: BTreeMap<Kind, Result<Layer, TemplateError>>,
    own: BTreeMap<(Kind, PathBuf), Result<Layer, TemplateError>>,
}

impl Templates {
    /// The tool's own templates alone.
    pub fn builtin() -> Self {
        let built_in =
            [Kind::Page, Kind::Configuration].map(|kind| (kind, Layer::compile(kind, BTreeMap::new())));
        Self { built_in: built_in.into(), own: BTreeMap::new() }
    }

    /// The tool's own templates, and those that the inventory names for roles that its hosts have. Reads each file
    /// once.
    pub fn load(inventory: &Inventory) -> Self {
        let mut templates = Self::builtin();
        for host in inventory.hosts() {
            templates.add_those_of(host);
        }
        templates
    }

    /// The tool's own templates, and those that one host names for roles that it has.
    pub(super) fn of_host(host: &Host) -> Self {
        let mut templates = Self::builtin();
        templates.add_those_of(host);
        templates
    }

    fn add_those_of(&mut self, host: &Host) {
        let named = [
            (Role::Web, Kind::Page, &host.web.template),
            (Role::Balancer, Kind::Configuration, &host.balancer.template),
        ];
        for (role, kind, path) in named {
            if let Some(path) = path.as_ref().filter(|_| host.has(role)) {
                self.own.entry((kind, path.clone())).or_insert_with(|| Layer::read(kind, path));
            }
        }
    }

    /// Renders a built-in template, or the user's own in its place.
    pub(super) fn render(
        &self,
        built_in: BuiltIn,
        own: Option<&Path>,
        variables: &Variables,
    ) -> Result<String, TemplateError> {
        let kind = built_in.kind();
        let (layer, name) = match own {
            Some(path) => (self.own.get(&(kind, path.to_owned())), MAIN),
            None => (self.built_in.get(&kind), built_in.name()),
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

/// A set of templates that may refer to each other: the built-in ones, and over them one user's template with what
/// it includes.
#[derive(Debug)]
pub struct Layer {
    tera: Tera,
    own: BTreeMap<String, Source>,
}

/// A file of the user's.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Layer {
    /// Reads a user's template and the files beside it that it refers to, and compiles them.
    fn read(kind: Kind, path: &Path) -> Result<Self, TemplateError> {
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

    fn compile(kind: Kind, own: BTreeMap<String, Source>) -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        // Whatever the file is called: every value is escaped, or checked.
        tera.autoescape_on([""]);
        if kind == Kind::Configuration {
            tera.set_escape_fn(refuse_control_characters);
        }
        let mut layer = Self { tera, own };
        let built_in =
            BuiltIn::ALL.map(|template| (format!("{BUILT_IN}{}", template.name()), template.text()));
        let own = layer.own.iter().map(|(name, source)| (name.clone(), source.text.as_str()));
        let compiled = layer
            .tera
            .set_fallback_prefixes([BESIDE, BUILT_IN])
            .and_then(|()| layer.tera.add_raw_templates(built_in.into_iter().chain(own)));
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

    /// What a template may refer to.
    pub(super) fn hint_for_reference(&self, name: &str) -> String {
        let built_in = format!("`{}` and `{}`", BuiltIn::Haproxy.name(), BuiltIn::Page.name());
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
