//! A file that is made for the user, such as an inventory: whole or not at all.

use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::model::text;
use crate::report::folder;

/// Writes it. Where it may not replace another one, one that has come into being meanwhile stays; one that is replaced
/// leaves its mode, and behind a link it is the file that the link leads to.
pub fn write(path: &Path, content: impl AsRef<[u8]>, replaces: bool) -> Result<()> {
    write_with(path, content.as_ref(), replaces, None)
}

/// The same for its owner alone, whatever the mode of one that is replaced.
pub fn write_private(path: &Path, content: impl AsRef<[u8]>, replaces: bool) -> Result<()> {
    write_with(path, content.as_ref(), replaces, Some(Permissions::from_mode(0o600)))
}

fn write_with(path: &Path, content: &[u8], replaces: bool, mode: Option<Permissions>) -> Result<()> {
    let replaced = if replaces { plain_file(path)? } else { None };
    let (target, old_mode) = match replaced {
        Some((target, mode)) => (target, Some(mode)),
        None => (path.to_owned(), None),
    };
    let mode = mode.or(old_mode);
    let written = || -> io::Result<()> {
        let mut builder = tempfile::Builder::new();
        // Readable by others as far as the umask allows: there is no secret in it.
        builder.permissions(mode.clone().unwrap_or(Permissions::from_mode(0o666)));
        let mut file = builder.tempfile_in(folder(&target))?;
        file.write_all(content)?;
        if let Some(mode) = &mode {
            file.as_file().set_permissions(mode.clone())?;
        }
        file.as_file().sync_all()?;
        let done = if replaces { file.persist(&target) } else { file.persist_noclobber(&target) };
        done.map(drop).map_err(|error| error.error)
    };
    written().map_err(|error| {
        let cannot = Error::file(text!(
            en: "cannot write {path}",
            pt: "não foi possível escrever {path}", path = path.display()
        ));
        match error.kind() {
            io::ErrorKind::AlreadyExists => is_there(path),
            io::ErrorKind::NotFound => cannot.hint(text!(
                en: "its folder does not exist: make it first",
                pt: "a pasta dele não existe: crie-a antes",
            )),
            // Without the name of the file beside it, which means nothing to anybody.
            kind => cannot
                .hint(text!(
                    en: "check who may write there",
                    pt: "confira quem pode escrever ali",
                ))
                .because(io::Error::from(kind)),
        }
    })
}

/// Refuses what [`write`] would, before work is done for it.
pub fn check(path: &Path, replaces: bool) -> Result<()> {
    match plain_file(path)? {
        Some(_) if !replaces => Err(is_there(path)),
        _ => Ok(()),
    }
}

/// The file at a path, behind all links, with its mode; `None` where there is nothing. What is no plain file, such as a
/// folder, a device or a link to nothing, is never written to.
fn plain_file(path: &Path) -> Result<Option<(PathBuf, Permissions)>> {
    let shown = path.display();
    let no_file = |what| {
        Error::file(what).hint(text!(
            en: "name another file for what is written",
            pt: "indique outro arquivo para o que se escreve",
        ))
    };
    let unreadable = |error: io::Error| {
        Error::file(text!(en: "cannot look at {shown}", pt: "não foi possível olhar {shown}"))
            .hint(text!(en: "check who may go into its folder", pt: "confira quem pode entrar na pasta dele"))
            .because(error)
    };
    match fs::metadata(path) {
        Ok(there) if there.is_file() => {
            let target = fs::canonicalize(path).map_err(unreadable)?;
            Ok(Some((target, Permissions::from_mode(there.permissions().mode() & 0o777))))
        }
        Ok(_) => Err(no_file(text!(en: "{shown} is no plain file", pt: "{shown} não é um arquivo comum"))),
        Err(_) if path.is_symlink() => Err(no_file(text!(
            en: "{shown} is a link that leads to no file",
            pt: "{shown} é um link que não leva a um arquivo",
        ))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(error)),
    }
}

/// That a file is there, and nobody said that it may be replaced.
fn is_there(path: &Path) -> Error {
    Error::file(text!(en: "{path} is there already", pt: "{path} já existe", path = path.display())).hint(
        text!(
            en: "choose another name, or replace it: `--force`",
            pt: "escolha outro nome, ou substitua: `--force`",
        ),
    )
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{FileTypeExt, symlink};

    use super::*;

    #[test]
    fn a_file_is_replaced_where_it_is_and_keeps_its_mode() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("file"), "old").unwrap();
        fs::create_dir(path("elsewhere")).unwrap();
        symlink("../file", path("elsewhere/link")).unwrap();
        for (mode, name) in [(0o600, "file"), (0o664, "elsewhere/link")] {
            fs::set_permissions(path("file"), Permissions::from_mode(mode)).unwrap();
            let refused = write(&path(name), "new", false).unwrap_err();
            assert!(refused.message.english().ends_with("is there already"), "{refused:?}");
            write(&path(name), name, true).unwrap();
            assert_eq!(fs::read_to_string(path("file")).unwrap(), name);
            assert_eq!(fs::metadata(path("file")).unwrap().permissions().mode() & 0o7777, mode);
        }
        assert!(path("elsewhere/link").is_symlink());
        for name in ["file", "private"] {
            write_private(&path(name), "new", true).unwrap();
            assert_eq!(fs::metadata(path(name)).unwrap().permissions().mode() & 0o7777, 0o600);
        }
        write(&path("fresh"), "new", true).unwrap();
        assert_eq!(fs::read_to_string(path("fresh")).unwrap(), "new");
    }

    #[test]
    fn what_is_no_plain_file_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, path("pipe"), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        fs::create_dir(path("folder")).unwrap();
        symlink("pipe", path("to pipe")).unwrap();
        symlink("nothing", path("to nothing")).unwrap();
        for name in ["pipe", "folder", "to pipe", "to nothing"] {
            for replaces in [true, false] {
                let refused = check(&path(name), replaces).unwrap_err();
                assert!(
                    refused.message.english().contains("is no plain file") || name == "to nothing",
                    "{refused:?}"
                );
            }
            assert!(write(&path(name), "new", true).is_err(), "{name}");
        }
        assert!(fs::metadata(path("pipe")).unwrap().file_type().is_fifo());
        assert!(path("to pipe").is_symlink() && !path("nothing").exists());
    }
}
