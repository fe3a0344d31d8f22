//! The host's journal, `/var/lib/provision`, as the programs keep it and as this side reads it.
//!
//! ```text
//! entries/KEY/record     one line: KEY KIND ORIGINAL STATE NOTIFY NAME
//! entries/KEY/original   what stood there before us (`cp -a`), where ORIGINAL is `kept`
//! entries/KEY/undo       what takes a command back, and beside it the `limit` that it has, in seconds
//! entries/KEY/next       the STATE that a run is about to put there, until it is recorded
//! due/SERVICE/           a reload is due; holds what the service still runs with, to put back where it fails
//! new-packages           what an apt run that has not been recorded yet was about to add, noted under apt's own lock
//! before-packages        the same of version 0.1: what was installed before that run
//! folders                state that packages have, in which something may be left by a purge
//! unpacked               what packages hold that dpkg was cut short in, of which it knows nothing
//! edited/                configuration files that a purge would take although somebody wrote or changed them
//! ```
//! KEY is made of the resource's identity ([`key`]); an entry is renamed into place whole and only ever gains its
//! STATE, what we last put there: a file's SHA-256, a link's target in base64, a directory's mode, with `:USER:GROUP` by
//! number where we gave it away. ORIGINAL is `absent` or `kept` for files and links, `absent` or `MODE:USER:GROUP` for
//! directories (in version 0.1 the mode alone), and how a service was: `absent`, or `enabled`, `active`, `enabled+active`,
//! `idle`. That of a command is `files-N` or `services-N`: what it came behind, and its number among those that were ever
//! begun; its STATE is `done`. NAME is a path, a service, a command as `ROLE/NAME`, or (KEY `packages`) the packages we
//! added.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{HostText, ResourceId, sha256};

/// The journal's key of a resource.
pub(super) fn key(resource: &ResourceId) -> String {
    sha256(resource.as_str().as_bytes()).chars().take(16).collect()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) key: String,
    pub(super) kind: RecordKind,
    /// What stood there before us.
    pub(super) original: String,
    /// What we last put there; `None` where we never finished.
    pub(super) state: Option<String>,
    /// The service that reads it.
    pub(super) notify: Option<String>,
    pub(super) name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RecordKind {
    File,
    Link,
    Directory,
    Service,
    Command,
    Packages,
}

impl Record {
    /// `None` for a line that no version of ours wrote.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        let key = words.next()?.to_owned();
        let kind = match words.next()? {
            "file" => RecordKind::File,
            "link" => RecordKind::Link,
            "directory" => RecordKind::Directory,
            "service" => RecordKind::Service,
            "command" => RecordKind::Command,
            "packages" => RecordKind::Packages,
            _ => return None,
        };
        let given = |word: &str| (word != "-").then(|| word.to_owned());
        let original = words.next()?.to_owned();
        let (state, notify) = (given(words.next()?), given(words.next()?));
        let name = words.next()?.to_owned();
        Some(Self { key, kind, original, state, notify, name })
    }

    /// How many things it names.
    pub(super) fn things(&self) -> usize {
        match self.kind {
            RecordKind::Packages => self.name.split_whitespace().count().max(1),
            _ => 1,
        }
    }

    pub(super) fn path(&self) -> Option<&String> {
        matches!(self.kind, RecordKind::File | RecordKind::Link | RecordKind::Directory).then_some(&self.name)
    }

    /// What we last put there, in the words of `PathFact::applied`.
    pub(super) fn applied(&self) -> Option<HostText> {
        let state = self.state.as_ref()?;
        match self.kind {
            RecordKind::File => Some(state.as_str().into()),
            RecordKind::Link => {
                STANDARD.decode(state).ok().map(|target| String::from_utf8_lossy(&target).into())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_records() {
        let record = Record::parse("ab12 file kept 00ff haproxy /etc/haproxy/with space.cfg").unwrap();
        assert_eq!(record.path().unwrap(), "/etc/haproxy/with space.cfg");
        assert_eq!(record.applied().unwrap(), "00ff");
        assert_eq!(record.notify.as_deref(), Some("haproxy"));

        let record = Record::parse("ab12 link absent L29wdA== - /srv/x").unwrap();
        assert_eq!(record.applied().unwrap(), "/opt");
        assert_eq!(Record::parse("ab12 file absent - - /x").unwrap().applied(), None);
        for odd in ["", "ab12", "ab12 socket kept - - /x", "ab12 file kept"] {
            assert_eq!(Record::parse(odd), None, "{odd:?}");
        }
    }
}
