//! The folder of an export: nothing is written through links, and what an earlier export left there goes.

use std::collections::{BTreeMap, HashSet};
use std::fs::{self, Metadata};
use std::io;
use std::path::{Component, Path};

use crate::commands::new_file;
use crate::error::{Error, Result};
use crate::export::ExportedFile;
use crate::model::{Text, sha256, shell_word, text};
use crate::report;

/// A record that is larger is none of ours.
const LARGEST_RECORD: u64 = 16 << 20;

/// Writes files, and what was written for the next time: the record, which `sha256sum -c` reads. Gives what became of
/// the files of an earlier export that are not among them, one sentence each.
pub fn write(folder: &Path, record: &str, files: &[ExportedFile], replaces: bool) -> Result<Vec<Text>> {
    let lines = files.iter().map(|file| format!("{}  {}\n", sha256(&file.content), file.path));
    let record = ExportedFile::new(record, lines.collect::<String>());
    for file in files.iter().chain([&record]) {
        look(folder, &file.path)?;
    }
    let mut told = Vec::new();
    let written: HashSet<_> = files.iter().map(|file| file.path.as_str()).collect();
    for (path, digest) in earlier(&folder.join(&record.path)) {
        if !written.contains(path.as_str()) {
            told.extend(take_away(folder, &path, &digest)?);
        }
    }
    // The record goes first: what a run that was cut short has written is known, too.
    for file in [&record].into_iter().chain(files) {
        let path = folder.join(&file.path);
        let made = fs::create_dir_all(report::folder(&path));
        made.map_err(|error| cannot("write", &path, error))?;
        if file.is_private {
            new_file::write_private(&path, &file.content, replaces)?;
        } else {
            new_file::write(&path, &file.content, replaces)?;
        }
    }
    Ok(told)
}

/// Makes sure that a path leads through folders to a file or to nothing.
fn look(folder: &Path, path: &str) -> Result<Option<Metadata>> {
    let mut place = folder.to_owned();
    let mut parts = Path::new(path).components().peekable();
    while let Some(part) = parts.next() {
        place.push(part);
        let found = match place.symlink_metadata() {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(cannot("look at", &place, error)),
        };
        let is_last = parts.peek().is_none();
        let shown = place.display();
        let trouble = match found.file_type() {
            kind if kind.is_symlink() => text!(
                en: "{shown} is a link, through which nothing is written",
                pt: "{shown} é um link, e por ele nada é escrito",
            ),
            kind if is_last && !kind.is_file() => text!(
                en: "{shown} is no file, and one goes there",
                pt: "{shown} não é um arquivo, e ali vai um",
            ),
            kind if !is_last && !kind.is_dir() => text!(
                en: "{shown} is no folder, and files go below it",
                pt: "{shown} não é uma pasta, e arquivos vão abaixo dela",
            ),
            _ if is_last => return Ok(Some(found)),
            _ => continue,
        };
        return Err(Error::file(trouble).hint(text!(
            en: "move it away, or choose another folder",
            pt: "tire-o dali, ou escolha outra pasta",
        )));
    }
    Ok(None)
}

/// The files that an earlier export wrote, by its record, with their digests.
fn earlier(record: &Path) -> BTreeMap<String, String> {
    let is_small = record.symlink_metadata().is_ok_and(|found| found.len() <= LARGEST_RECORD);
    let text = is_small.then(|| fs::read_to_string(record)).and_then(io::Result::ok).unwrap_or_default();
    let lines = text.lines().filter_map(|line| line.split_once("  "));
    let is_below = |path: &str| {
        !path.is_empty() && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
    };
    lines
        .filter(|(_, path)| is_below(path))
        .map(|(digest, path)| (path.to_owned(), digest.to_owned()))
        .collect()
}

/// Removes a file that is as an earlier export wrote it, with the folders that are empty then.
fn take_away(folder: &Path, path: &str, digest: &str) -> Result<Option<Text>> {
    let place = folder.join(path);
    let shown = shell_word(&place.to_string_lossy()).into_owned();
    match look(folder, path) {
        Ok(Some(_)) => {}
        Ok(None) => return Ok(None),
        Err(_) => {
            return Ok(Some(text!(
                en: "{shown} stays: an earlier export wrote a file there",
                pt: "{shown} fica: uma exportação anterior escreveu um arquivo ali",
            )));
        }
    }
    let content = fs::read(&place).map_err(|error| cannot("read", &place, error))?;
    if sha256(&content) != digest {
        return Ok(Some(text!(
            en: "{shown} stays: it was changed since an earlier export, and this one has no such file",
            pt: "{shown} fica: mudou desde uma exportação anterior, e esta não tem esse arquivo",
        )));
    }
    fs::remove_file(&place).map_err(|error| cannot("remove", &place, error))?;
    for above in place.ancestors().skip(1).take_while(|above| *above != folder) {
        if fs::remove_dir(above).is_err() {
            break;
        }
    }
    Ok(Some(text!(
        en: "{shown} is removed: an earlier export wrote it, and this one has no such file",
        pt: "{shown} é removido: uma exportação anterior o escreveu, e esta não tem esse arquivo",
    )))
}

fn in_portuguese(verb: &str) -> &str {
    match verb {
        "look at" => "olhar",
        "read" => "ler",
        "remove" => "remover",
        "write" => "escrever",
        other => other,
    }
}

fn cannot(what: &str, path: &Path, error: io::Error) -> Error {
    let (path, verbo) = (path.display(), in_portuguese(what));
    Error::file(text!(en: "cannot {what} {path}", pt: "não foi possível {verbo} {path}"))
        .hint(text!(en: "check who may write there", pt: "confira quem pode escrever ali"))
        .because(error)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    const RECORD: &str = ".record";

    fn export(folder: &Path, files: &[(&str, &str)]) -> Result<Vec<Text>> {
        let files: Vec<_> = files.iter().map(|(path, text)| ExportedFile::new(*path, *text)).collect();
        write(folder, RECORD, &files, true)
    }

    #[test]
    fn nothing_is_written_through_what_stands_in_the_way() {
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("file"), "theirs").unwrap();
        for name in ["roles", "roles/web", "roles/web/file", RECORD] {
            let folder = tempfile::tempdir().unwrap();
            let place = folder.path().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            let target = if place.ends_with("file") { "file" } else { "" };
            symlink(outside.path().join(target), &place).unwrap();
            let error = export(folder.path(), &[("first", ""), ("roles/web/file", "ours")]).unwrap_err();
            assert!(error.message.english().contains(&format!("{name} is a link")), "{error:?}");
            assert!(!folder.path().join("first").exists(), "{name}");
        }
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(outside.path().join("file")).unwrap(), "theirs");
    }

    #[test]
    fn a_pipe_is_no_file() {
        for name in ["file", RECORD] {
            let folder = tempfile::tempdir().unwrap();
            mknodat(CWD, folder.path().join(name), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
            let error = export(folder.path(), &[("file", "")]).unwrap_err();
            assert!(error.message.english().contains("is no file"), "{error:?}");
        }
    }

    #[test]
    fn what_an_earlier_export_left_goes_unless_it_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let first = [("a/b/old", "1"), ("a/changed", "2"), ("kept", "3"), ("gone", "4")];
        assert_eq!(export(folder.path(), &first).unwrap(), Vec::<Text>::new());
        fs::write(at("a/changed"), "theirs").unwrap();
        fs::write(at("foreign"), "theirs").unwrap();
        fs::remove_file(at("gone")).unwrap();
        let told = export(folder.path(), &[("kept", "5")]).unwrap();
        assert!(
            told[0].english().contains("a/b/old is removed") && told[1].english().contains("a/changed stays"),
            "{told:?}"
        );
        assert_eq!(told.len(), 2);
        assert!(!at("a/b").exists() && at("foreign").exists());
        assert_eq!(fs::read_to_string(at("a/changed")).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(at("kept")).unwrap(), "5");
        assert_eq!(export(folder.path(), &[("kept", "5")]).unwrap(), Vec::<Text>::new());
    }

    #[test]
    fn a_record_names_nothing_outside() {
        let outside = tempfile::tempdir().unwrap();
        let folder = outside.path().join("folder");
        fs::create_dir(&folder).unwrap();
        fs::write(outside.path().join("file"), "theirs").unwrap();
        symlink(outside.path(), folder.join("link")).unwrap();
        let digest = sha256(b"theirs");
        let absolute = outside.path().join("file");
        let paths = ["../file", "link/file", absolute.to_str().unwrap()];
        let lines = paths.map(|path| format!("{digest}  {path}\n")).concat();
        fs::write(folder.join(RECORD), lines).unwrap();
        export(&folder, &[]).unwrap();
        assert!(absolute.exists());
    }
}
