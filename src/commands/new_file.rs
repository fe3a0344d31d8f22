//! A file that is made for the user, such as an inventory: whole or not at all.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::error::{Error, Result};

/// Writes it. Where it may not replace another one, one that has come into being meanwhile stays.
pub fn write(path: &Path, text: &str, replaces: bool) -> Result<()> {
    let written = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // Readable by others as far as the umask allows: there is no secret in it.
        builder.permissions(PermissionsExt::from_mode(0o666));
        let mut file = builder.tempfile_in(folder(path))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        let done = if replaces { file.persist(path) } else { file.persist_noclobber(path) };
        done.map(drop).map_err(|error| error.error)
    };
    written().map_err(|error| {
        let cannot = Error::file(format!("cannot write {}", path.display()));
        match error.kind() {
            io::ErrorKind::AlreadyExists => is_there(path),
            io::ErrorKind::NotFound => cannot.hint("its folder does not exist: make it first"),
            // Without the name of the file beside it, which means nothing to anybody.
            kind => cannot.hint("check who may write there").because(io::Error::from(kind)),
        }
    })
}

/// That a file is there, and nobody said that it may be replaced.
pub fn is_there(path: &Path) -> Error {
    Error::file(format!("{} is there already", path.display()))
        .hint("choose another name, or replace it: `--force`")
}

/// The folder that a file is in.
pub fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
