//! One practice.yaml: read once, its templates compiled once, its faults and those of its templates collected.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::folder::Folder;
use super::raw;
use crate::document::complaint::Complaint;
use crate::document::fault::Faults;
use crate::document::reader::{Field, Reader};
use crate::document::recorder::{Place, Recorder};
use crate::document::syntax::{self, Subject};
use crate::document::tree::{self, NodeId, Tree};
use crate::document::zip::Zip;
use crate::model::{TemplateError, TemplateKind, Text, text};
use crate::template::{Layer, Sources};

pub const FILE: &str = "practice.yaml";

/// Larger files are no practices.
const SIZE_LIMIT: u64 = 1024 * 1024;

fn subject() -> Subject {
    Subject {
        name: text!(en: "a practice", pt: "uma prática"),
        empty: text!(
            en: "begin with `packages: [..]`; `provision practice new NAME` makes an example",
            pt: "comece com `packages: [..]`; `provision practice new NOME` cria um exemplo",
        ),
        no_map: text!(
            en: "begin it with `packages:`, `files:` or `services:`",
            pt: "comece com `packages:`, `files:` ou `services:`",
        ),
        merge: text!(en: "write the values out", pt: "escreva os valores por extenso"),
    }
}

/// Where a template stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// In practice.yaml itself.
    Text(String),
    File(PathBuf),
}

type Compiled = Rc<Result<Layer, TemplateError>>;

#[derive(Debug)]
pub struct Definition {
    pub name: String,
    pub raw: raw::Practice,
    pub folder: Folder,
    pub recorder: Recorder,
    path: PathBuf,
    text: String,
    /// What the nodes are of.
    parsed: String,
    /// To find one costs a parse.
    places: RefCell<HashMap<NodeId, Arc<str>>>,
    compiled: RefCell<HashMap<(TemplateKind, Origin), Compiled>>,
    /// What is wrong with templates that are files, and of how many other hosts.
    of_templates: RefCell<BTreeMap<PathBuf, Vec<(TemplateError, usize)>>>,
}

impl Definition {
    /// Reads the practice in a folder.
    pub fn read(name: &str, folder: PathBuf) -> Result<Self, Faults> {
        let path = folder.join(FILE);
        let refused = |message: Text, hint: Text| {
            Err(Faults::new(&path, "", vec![(0..0, Complaint::new(message, hint))], 0))
        };
        let bytes = match fs::metadata(&path) {
            Ok(metadata) if metadata.len() > SIZE_LIMIT => {
                return refused(
                    text!(en: "this file is larger than 1 MiB", pt: "este arquivo tem mais de 1 MiB"),
                    text!(en: "is this the file you meant?", pt: "é o arquivo que você queria?"),
                );
            }
            Ok(_) => fs::read(&path),
            Err(error) => Err(error),
        };
        let text = match bytes {
            Ok(bytes) => syntax::decode(&path, bytes)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return refused(
                    text!(en: "there is no such file", pt: "esse arquivo não existe"),
                    text!(
                        en: "name the folder of one practice, or its name",
                        pt: "indique a pasta de uma prática, ou o nome dela",
                    ),
                );
            }
            Err(error) => {
                return refused(
                    text!(
                        en: "cannot read this file: {error}",
                        pt: "não foi possível ler este arquivo: {error}",
                    ),
                    text!(en: "check who may read it", pt: "confira quem pode lê-lo"),
                );
            }
        };
        let recorder = Recorder::new(text!(en: "for other hosts", pt: "para outras máquinas"));
        let Some(document) = syntax::parse(&text, &subject(), &recorder) else {
            return Err(recorder.finish(&path, &text, &text));
        };
        let raw = Reader::new(&document.tree, &recorder, &Zip::default(), Tree::ROOT).read();
        let definition = Self {
            name: name.to_owned(),
            raw: raw.unwrap_or_default(),
            folder: Folder::new(folder),
            recorder,
            path,
            text,
            parsed: document.text,
            places: RefCell::default(),
            compiled: RefCell::default(),
            of_templates: RefCell::default(),
        };
        definition.refuse_unquoted_modes();
        Ok(definition)
    }

    /// What people call it, or else its name.
    pub fn title(&self) -> Text {
        self.raw.title.value.as_ref().map_or_else(|| Text::verbatim(&self.name), |title| title.0.clone())
    }

    /// `0755` without quotes arrives as text, too.
    fn refuse_unquoted_modes(&self) {
        let directories = items(&self.raw.directories).map(|(_, directory)| &directory.mode);
        let files = items(&self.raw.files).map(|(_, file)| &file.mode);
        for mode in directories.chain(files).filter(|mode| mode.value.is_some()) {
            let first = |at| self.parsed.get(tree::offset(&self.parsed, at)?..)?.chars().next();
            if let Some(at) = mode.at
                && first(at).is_some_and(|first| first.is_ascii_digit())
            {
                let Complaint { message, hint } = raw::unquoted_mode();
                self.recorder.add(at, message, hint);
            }
        }
    }

    /// A template, compiled at its first use.
    pub fn layer(&self, kind: TemplateKind, origin: Origin) -> Compiled {
        let key = (kind, origin);
        if let Some(known) = self.compiled.borrow().get(&key) {
            return Rc::clone(known);
        }
        let compiled = Rc::new(match &key.1 {
            Origin::Text(text) => Layer::of_text(kind, Path::new(""), text),
            Origin::File(path) => Sources::read(path).and_then(|sources| Layer::compile(kind, sources)),
        });
        self.compiled.borrow_mut().insert(key, Rc::clone(&compiled));
        compiled
    }

    /// Records what is wrong with a template that a node is, or names.
    pub fn add(&self, at: NodeId, error: &TemplateError) {
        let hint = error.hint.clone().unwrap_or_else(|| text!(en: "correct it there", pt: "corrija ali"));
        match (error.line, error.column) {
            _ if error.path.as_os_str().is_empty() => {
                let place = error
                    .line
                    .zip(error.column)
                    .map_or(Place::Node(at), |(line, column)| Place::Within(at, line, column));
                self.recorder.add(place, error.message.clone(), hint);
            }
            _ => {
                let mut of_templates = self.of_templates.borrow_mut();
                let known = of_templates.entry(error.path.clone()).or_default();
                let place = |error: &TemplateError| (error.line, error.column, error.hint.clone());
                match known.iter_mut().find(|(other, _)| place(other) == place(error)) {
                    Some((other, _)) if other.message == error.message => {}
                    Some((_, again)) => *again += 1,
                    None => known.push((error.clone(), 0)),
                }
            }
        }
    }

    /// Where a node stands, for faults of other files.
    pub fn place(&self, at: NodeId) -> Arc<str> {
        let mut places = self.places.borrow_mut();
        let place = places.entry(at).or_insert_with(|| {
            let before = tree::offset(&self.parsed, at).and_then(|offset| self.parsed.get(..offset));
            let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
            format!("{}:{line}", self.path.display()).into()
        });
        Arc::clone(place)
    }

    /// All that was found to be wrong.
    pub fn faults(self) -> Faults {
        let own = self.recorder.finish(&self.path, &self.text, &self.parsed);
        let of_templates = self.of_templates.into_inner().into_iter().map(|(path, found)| {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let found = found.into_iter().map(|(error, again)| {
                let mut message = error.message;
                if again > 0 {
                    message = text!(
                        en: "{message} (and {again} more for other hosts)",
                        pt: "{message} (e mais {again} para outras máquinas)", message
                    );
                }
                let start = offset(&text, error.line.unwrap_or(1), error.column.unwrap_or(1));
                let hint = error.hint.unwrap_or_else(|| text!(en: "correct it there", pt: "corrija ali"));
                (start..start + 1, Complaint::new(message, hint))
            });
            Faults::new(&path, &text, found.collect(), 0)
        });
        Faults::together(std::iter::once(own).chain(of_templates))
    }
}

/// The items of a list that were understood, each with its place.
pub fn items<T>(list: &raw::List<T>) -> impl Iterator<Item = (NodeId, &T)> {
    let fields = list.value.iter().flatten();
    fields.filter_map(|field: &Field<T>| field.at.zip(field.value.as_ref()))
}

/// The offset of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.char_indices().nth(column - 1).map_or(0, |(into, _)| into)
}
