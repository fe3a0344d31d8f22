//! What a user's own template is made of: its file, and those beside it that it refers to.
//!
//! It may extend or include the built-in ones by name, and files of its own folder and below. Nothing outside of that
//! folder is ever read, also not through a symbolic link.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use crate::model::{TemplateError, Text, text};
use crate::roles;

/// Larger files are no templates.
const MAX_BYTES: u64 = 1024 * 1024;
/// Prefix of the built-in templates' names within tera.
pub const BUILT_IN: &str = "built-in/";
/// Prefix of what a user's template includes.
pub const BESIDE: &str = "beside/";
/// Name of a user's template itself: without a prefix, so that it may extend a built-in one of its own name.
pub const MAIN: &str = "main";

/// By their names within tera; none where a role's own template is used.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Sources {
    /// Reads a user's template and the files beside it that it refers to.
    pub fn read(path: &Path) -> Result<Self, TemplateError> {
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
        Ok(Self(own))
    }

    /// A text that stands in a file among others.
    pub fn of_text(path: &Path, text: &str) -> Self {
        Self(BTreeMap::from([(MAIN.to_owned(), Source { path: path.to_owned(), text: text.to_owned() })]))
    }

    /// Whether there is anything but one text that stands for itself.
    pub fn refers_to_others(&self) -> bool {
        self.0.len() != 1 || self.0.values().any(|source| references(&source.text).next().is_some())
    }

    /// Each with its name within tera.
    pub fn texts(&self) -> impl Iterator<Item = (String, &str)> {
        self.0.iter().map(|(name, source)| (name.clone(), source.text.as_str()))
    }

    /// The file behind a name within tera.
    pub fn path_of(&self, name: &str) -> PathBuf {
        match self.0.get(name) {
            Some(source) => source.path.clone(),
            None if name.starts_with(BUILT_IN) => PathBuf::from(name),
            None => Path::new(BUILT_IN).join(name),
        }
    }

    /// The text behind a name within tera, empty for built-in ones.
    pub fn text_of(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |source| &source.text)
    }

    /// The file that the inventory names.
    pub fn main_path(&self) -> PathBuf {
        self.path_of(MAIN)
    }

    pub fn hint_for_reference(&self, name: &str) -> Text {
        let own = roles::ALL.iter().filter_map(|role| role.own);
        let names: Vec<_> = own.map(|template| Text::verbatim(format!("`{}`", template.name))).collect();
        let built_in = Text::list(&names, names.len());
        let folder = self.main_path().parent().map(|folder| folder.display().to_string()).unwrap_or_default();
        if inside(name) {
            text!(
                en: "put the file into {folder}, or use a built-in template: {built_in}",
                pt: "ponha o arquivo em {folder}, ou use um template embutido: {built_in}", built_in
            )
        } else {
            text!(
                en: "a template may refer to files in {folder} and below only, and to the built-in {built_in}",
                pt: "um template só pode citar arquivos em {folder} e abaixo, e os embutidos {built_in}", built_in
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
pub fn references(text: &str) -> impl Iterator<Item = (&str, usize)> {
    text.match_indices("{%").filter_map(|(start, opening)| {
        let tag = text.get(start + opening.len()..)?.trim_start_matches('-').trim_start();
        let quoted = ["include", "extends"].iter().find_map(|word| tag.strip_prefix(word))?.trim_start();
        let quote = quoted.chars().next().filter(|quote| "\"'`".contains(*quote))?;
        let name = quoted.get(1..)?.split_once(quote)?.0;
        Some((name, text.len() - quoted.len()))
    })
}

pub fn read_text(path: &Path) -> Result<String, TemplateError> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(TemplateError::new(
            path,
            text!(en: "this is not a regular file", pt: "isto não é um arquivo comum"),
        )
        .with_hint(text!(en: "name a template file", pt: "indique um arquivo de template")));
    }
    if metadata.len() > MAX_BYTES {
        let message = text!(
            en: "the template has {metadata} bytes, the limit is {MAX_BYTES}",
            pt: "o template tem {metadata} bytes, o limite é {MAX_BYTES}", metadata = metadata.len()
        );
        return Err(TemplateError::new(path, message)
            .with_hint(text!(en: "is this the file you meant?", pt: "é o arquivo que você queria?")));
    }
    let bytes = fs::read(path).map_err(|error| unreadable(path, &error))?;
    let text = String::from_utf8(bytes).map_err(|_| {
        TemplateError::new(
            path,
            text!(en: "the template is not UTF-8 text", pt: "o template não é texto UTF-8"),
        )
        .with_hint(text!(en: "save it as UTF-8", pt: "salve como UTF-8"))
    })?;
    // Editors on Windows add a mark and carriage returns, which configuration files don't bear.
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

/// A file that could not be read.
fn unreadable(path: &Path, error: &io::Error) -> TemplateError {
    TemplateError::new(
        path,
        text!(
            en: "the template cannot be read: {error}",
            pt: "não foi possível ler o template: {error}",
        ),
    )
    .with_hint(text!(
        en: "relative paths are relative to the inventory",
        pt: "caminhos relativos são relativos ao inventário",
    ))
}
