//! A `known_hosts` file as it was read, with its lines found by name: a class asks it about each of its hosts, more than
//! once.

use std::collections::HashMap;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use russh::keys::PublicKey;
use russh::keys::ssh_key::known_hosts::{HostPatterns, Marker};

use super::pattern;

/// A file larger than this is not read to its end.
const SIZE_LIMIT: u64 = 16 << 20;

/// All files that were read, each as it is now.
#[derive(Debug, Default)]
pub struct Books(HashMap<PathBuf, Book>);

impl Books {
    /// A file as it stands, read anew only where it has changed. One that is not there says nothing.
    ///
    /// # Errors
    /// Any other trouble with it, for what it says may forbid to go on.
    pub fn open(&mut self, file: &Path) -> std::io::Result<&mut Book> {
        let state = match std::fs::metadata(file) {
            Ok(metadata) => Some(State::of(&metadata)),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let book = self.0.entry(file.to_owned()).or_default();
        if book.state != state {
            *book = Book::default();
            if state.is_some() {
                let mut text = Vec::new();
                File::open(file)?.take(SIZE_LIMIT).read_to_end(&mut text)?;
                *book = Book::read(&String::from_utf8_lossy(&text));
                // Of before it was read: what came meanwhile is seen the next time.
                book.state = state;
            }
        }
        Ok(book)
    }
}

/// The lines of one file.
#[derive(Debug, Default)]
pub struct Book {
    state: Option<State>,
    lines: Vec<Line>,
    /// Lines for names alone, by each of their names.
    by_name: HashMap<String, Vec<usize>>,
    /// Lines with wildcards, and those whose names are hashed.
    others: Vec<usize>,
    /// What was looked up. A hashed name costs a digest each time.
    found: HashMap<String, Vec<usize>>,
}

/// A line that could be understood; its key is read when it is asked for.
#[derive(Debug)]
pub struct Line {
    pub marker: Option<Marker>,
    patterns: HostPatterns,
    key: String,
}

/// By what a change of a file shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    device: u64,
    number: u64,
    length: u64,
    changed: (i64, i64),
}

impl State {
    fn of(metadata: &Metadata) -> Self {
        Self {
            device: metadata.dev(),
            number: metadata.ino(),
            length: metadata.len(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Book {
    pub fn read(text: &str) -> Self {
        let mut book = Self::default();
        text.lines().filter_map(Line::read).for_each(|line| book.push(line));
        book
    }

    /// A line that was written to the file, which is now like this.
    pub fn add(&mut self, line: &str, file: &Metadata) {
        if let Some(line) = Line::read(line) {
            self.push(line);
        }
        self.found.clear();
        self.state = Some(State::of(file));
    }

    /// The lines that cover a name, in their order.
    pub fn covering(&mut self, name: &str) -> impl Iterator<Item = &Line> {
        let Self { lines, by_name, others, found, .. } = self;
        let found = found.entry(name.to_owned()).or_insert_with(|| {
            let covers = |line: &&usize| pattern::matches(&lines[**line].patterns, name);
            let named = by_name.get(name).into_iter().flatten();
            let mut covering: Vec<_> = named.chain(others.iter().filter(covers)).copied().collect();
            covering.sort_unstable();
            covering.dedup();
            covering
        });
        found.iter().map(|line| &lines[*line])
    }

    fn push(&mut self, line: Line) {
        let number = self.lines.len();
        match &line.patterns {
            HostPatterns::Patterns(names) if !names.iter().any(|name| name.contains(['*', '?', '!'])) => {
                for name in names {
                    self.by_name.entry(name.to_ascii_lowercase()).or_default().push(number);
                }
            }
            _ => self.others.push(number),
        }
        self.lines.push(line);
    }
}

impl Line {
    fn read(line: &str) -> Option<Self> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (marker, rest) = if line.starts_with('@') {
            let (word, rest) = line.split_once(char::is_whitespace)?;
            (Some(word.parse().ok()?), rest.trim_start())
        } else {
            (None, line)
        };
        let (patterns, key) = rest.split_once(char::is_whitespace)?;
        Some(Self { marker, patterns: patterns.parse().ok()?, key: key.trim_start().to_owned() })
    }

    /// `None` for a kind of key that is not known.
    pub fn key(&self) -> Option<PublicKey> {
        self.key.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";

    #[test]
    fn lines_are_found_by_name_in_their_order() {
        let lines =
            ["w* C", "web,db A", "other B", "|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= D"];
        let text =
            [&lines[..], &["WEB,web E", "# web F", "@revoked web,!x G", "@unheard-of web H", "web"]].concat();
        let mut book = Book::read(&text.join("\n"));
        for (name, keys) in
            [("web", &["C", "A", "E", "G"][..]), ("db", &["A"]), ("192.168.1.61", &["D"]), ("nobody", &[])]
        {
            for _ in 0..2 {
                let found: Vec<_> = book.covering(name).map(|line| line.key.as_str()).collect();
                assert_eq!(found, keys, "{name}");
            }
        }
    }

    #[test]
    fn a_file_is_read_anew_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known_hosts");
        let mut books = Books::default();
        let mut count = |name: &str| books.open(&file).unwrap().covering(name).count();
        assert_eq!(count("web"), 0, "it is not there");
        std::fs::write(&file, format!("web {KEY}\n")).unwrap();
        assert_eq!((count("web"), count("db")), (1, 0));
        std::fs::write(&file, format!("db {KEY}\ndb {KEY}\n")).unwrap();
        assert_eq!((count("web"), count("db")), (0, 2));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(count("db"), 0);
        std::fs::create_dir(&file).unwrap();
        assert!(books.open(&file).is_err());
    }
}
