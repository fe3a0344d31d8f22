//! The folder of a practice: what it names is read once, and never outside of it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::document::complaint::Complaint;
use crate::document::suggestion::shown;

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
                format!("`{}` is not in the folder of the practice", shown(name)),
                format!("put the file into {} or below, and name it from there", self.path.display()),
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
                format!("there is no file `{}`", path.display()),
                "check the name; it is relative to the folder of the practice",
            )
        };
        let real = path.canonicalize().map_err(missing)?;
        let folder = self.path.canonicalize().map_err(missing)?;
        if !real.starts_with(folder) {
            return Err(stays());
        }
        if !real.is_file() {
            return Err(Complaint::new(format!("`{}` is no regular file", path.display()), "name a file"));
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
            Complaint::new(format!("cannot read {}: {error}", path.display()), "check who may read it")
        };
        let length = fs::metadata(&path).map_err(unreadable)?.len();
        if length > LARGEST {
            return Err(Complaint::new(
                format!("{} has {length} bytes, the limit is 10 MB", path.display()),
                "have the hosts fetch it, by a package or a command",
            ));
        }
        let bytes: Arc<[u8]> = fs::read(&path).map_err(unreadable)?.into();
        self.sources.borrow_mut().insert(path, Arc::clone(&bytes));
        Ok(bytes)
    }
}
