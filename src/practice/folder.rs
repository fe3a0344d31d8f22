//! The folder of a practice: what it names is read once, and never outside of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::document::complaint::Complaint;
use crate::document::suggestion::shown;
use crate::model::text;

/// Larger files do not travel.
const LARGEST: u64 = 10_000_000;

#[derive(Debug)]
pub struct Folder {
    pub path: PathBuf,
    sources: RefCell<HashMap<PathBuf, Arc<[u8]>>>,
}

impl Folder {
    pub fn new(path: PathBuf) -> Self {
        Self { path, sources: RefCell::default() }
    }

    /// The file of a name; also through links none outside of the folder.
    pub fn file(&self, name: &str) -> Result<PathBuf, Complaint> {
        let stays = || {
            Complaint::new(
                text!(
                    en: "`{name}` is not in the folder of the practice",
                    pt: "`{name}` não está na pasta da prática", name = shown(name)
                ),
                text!(
                    en: "put the file into {path} or below, and name it from there",
                    pt: "ponha o arquivo em {path} ou abaixo, e indique-o a partir dali", path = self.path.display()
                ),
            )
        };
        let is_plain =
            !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
        if !is_plain || name.contains(char::is_control) {
            return Err(stays());
        }
        let path = self.path.join(name);
        let missing = |_| {
            Complaint::new(
                text!(
                    en: "there is no file `{path}`",
                    pt: "não existe o arquivo `{path}`", path = path.display()
                ),
                text!(
                    en: "check the name; it is relative to the folder of the practice",
                    pt: "confira o nome; ele é relativo à pasta da prática",
                ),
            )
        };
        let real = path.canonicalize().map_err(missing)?;
        let folder = self.path.canonicalize().map_err(missing)?;
        if !real.starts_with(folder) {
            return Err(stays());
        }
        if !real.is_file() {
            return Err(Complaint::new(
                text!(
                    en: "`{path}` is no regular file",
                    pt: "`{path}` não é um arquivo comum", path = path.display()
                ),
                text!(en: "name a file", pt: "indique um arquivo"),
            ));
        }
        Ok(path)
    }

    /// A file as it is.
    pub fn source(&self, name: &str) -> Result<Arc<[u8]>, Complaint> {
        let path = self.file(name)?;
        if let Some(known) = self.sources.borrow().get(&path) {
            return Ok(Arc::clone(known));
        }
        let unreadable = |error| {
            Complaint::new(
                text!(
                    en: "cannot read {path}: {error}",
                    pt: "não foi possível ler {path}: {error}", path = path.display()
                ),
                text!(en: "check who may read it", pt: "confira quem pode lê-lo"),
            )
        };
        let length = fs::metadata(&path).map_err(unreadable)?.len();
        if length > LARGEST {
            return Err(Complaint::new(
                text!(
                    en: "{path} has {length} bytes, the limit is 10 MB",
                    pt: "{path} tem {length} bytes, o limite é 10 MB", path = path.display()
                ),
                text!(
                    en: "have the hosts fetch it, by a package or a command",
                    pt: "faça as máquinas o buscarem, por um pacote ou comando",
                ),
            ));
        }
        let bytes: Arc<[u8]> = fs::read(&path).map_err(unreadable)?.into();
        self.sources.borrow_mut().insert(path, Arc::clone(&bytes));
        Ok(bytes)
    }
}
