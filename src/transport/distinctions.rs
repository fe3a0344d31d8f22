//! Which names the ssh configuration tells apart, by its `Host` and `Match` lines (`ssh_config(5)`): where none of them
//! covers one of two names without the other, `ssh -G` says the same of both.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use wildmatch::WildMatch;

use super::user_configuration::Ssh;

/// Files that include each other further than this are refused by ssh.
const DEEPEST: usize = 16;

/// The patterns of a configuration.
#[derive(Debug)]
pub struct Distinctions(Vec<WildMatch>);

impl Distinctions {
    /// Reads what `ssh` would read. `None` where the name alone does not tell what holds of it: a `Match` runs a command
    /// or looks at the network, names are made canonical, or something is not understood.
    pub fn read(ssh: &Ssh, home: &Path) -> Option<Self> {
        let own = home.join(".ssh");
        let mut reader = Reader { home, patterns: BTreeSet::new() };
        if let Some(file) = &ssh.configuration {
            reader.file(file, &own, 0)?;
        } else {
            reader.file(&own.join("config"), &own, 0)?;
            reader.file(Path::new("/etc/ssh/ssh_config"), Path::new("/etc/ssh"), 0)?;
        }
        Some(Self(reader.patterns.iter().map(|pattern| WildMatch::new(pattern)).collect()))
    }

    /// Which patterns cover a name: names with the same answer are told apart by nothing.
    pub fn covering(&self, name: &str) -> Vec<bool> {
        self.0.iter().map(|pattern| pattern.matches(name)).collect()
    }
}

/// Collects the patterns of files; each step gives `None` where it does not understand.
struct Reader<'a> {
    home: &'a Path,
    patterns: BTreeSet<String>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path, folder: &Path, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Some(()),
            Err(_) => return None,
        };
        text.lines().try_for_each(|line| self.line(line.trim(), folder, depth))
    }

    fn line(&mut self, line: &str, folder: &Path, depth: usize) -> Option<()> {
        if line.starts_with('#') {
            return Some(());
        }
        let end = line.find(|letter: char| letter.is_whitespace() || letter == '=').unwrap_or(line.len());
        let (keyword, rest) = line.split_at(end);
        let rest = rest.trim_start();
        let words = || shlex::split(rest.strip_prefix('=').unwrap_or(rest));
        match keyword.to_ascii_lowercase().as_str() {
            // What is asked about a name that others are led to does not hold of those.
            "host" | "hostname" => words()?.iter().for_each(|pattern| self.add(pattern)),
            "match" => self.criteria(words()?)?,
            "include" => words()?.iter().try_for_each(|files| self.include(files, folder, depth))?,
            "canonicalizehostname" if words()? != ["no"] => return None,
            _ => {}
        }
        Some(())
    }

    fn criteria(&mut self, words: Vec<String>) -> Option<()> {
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let (criterion, value) = match word.split_once('=') {
                Some((criterion, value)) => (criterion.to_owned(), Some(value.to_owned())),
                None => (word, None),
            };
            match criterion.trim_start_matches('!').to_ascii_lowercase().as_str() {
                "all" => {}
                "host" | "originalhost" => {
                    let value = value.or_else(|| words.next())?;
                    value.split(',').for_each(|pattern| self.add(pattern));
                }
                // The same for all who are asked about with the same user and port.
                "user" | "localuser" | "tagged" | "command" | "sessiontype" | "version" => {
                    value.or_else(|| words.next())?;
                }
                _ => return None,
            }
        }
        Some(())
    }

    fn include(&mut self, files: &str, folder: &Path, depth: usize) -> Option<()> {
        if files.contains(['%', '$']) {
            return None;
        }
        let files = match files.strip_prefix('~') {
            Some(below) => self.home.join(below.strip_prefix('/')?),
            None => folder.join(files),
        };
        let files: Vec<PathBuf> = glob::glob(files.to_str()?).ok()?.collect::<Result<_, _>>().ok()?;
        files.iter().try_for_each(|file| self.file(file, folder, depth + 1))
    }

    /// `Host` looks at letters' case, `Match` does not.
    fn add(&mut self, pattern: &str) {
        let pattern = pattern.trim_start_matches('!');
        self.patterns.extend([pattern.to_owned(), pattern.to_ascii_lowercase()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hangs_on_more_than_the_name_is_not_told_apart_by_names() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("config");
        for (text, is_told) in [
            ("Host a\nMatch host b user c\nMatch all\nInclude none-of-that-name", true),
            ("CanonicalizeHostname no", true),
            ("CanonicalizeHostname yes", false),
            ("Match exec \"test -e /tmp\"", false),
            ("Match host a canonical", false),
            ("match !final all", false),
            ("Match localnetwork 10.0.0.0/8", false),
            ("Match of-the-future x", false),
            ("Match host", false),
            ("Host \"open", false),
            ("Include ~ana/config", false),
            ("Include %d/config", false),
            ("Include config", false),
        ] {
            fs::create_dir_all(folder.path().join(".ssh")).unwrap();
            fs::write(folder.path().join(".ssh/config"), text).unwrap();
            fs::write(&file, text).unwrap();
            let ssh = Ssh { program: "ssh".into(), configuration: Some(file.clone()) };
            assert_eq!(Distinctions::read(&ssh, folder.path()).is_some(), is_told, "{text}");
        }
    }
}
