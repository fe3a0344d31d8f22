//! The host's journal, `/var/lib/provision`, as the programs keep it and as this side reads it.
//!
//! ```text
//! entries/KEY/record     one line: KEY KIND ORIGINAL STATE NOTIFY NAME
//! entries/KEY/original   what stood there before us (`cp -a`), where ORIGINAL is `kept`
//! entries/KEY/undo       what takes a command back, and beside it the `limit` that it has, in seconds
//! entries/KEY/inventory  who asked for it last: ID HOST NAME
//! entries/KEY/next       the STATE that a run is about to put there, until it is recorded
//! entries/packages/roots    the packages that were asked for, a line each: PACKAGE ID HOST NAME
//! entries/packages/remains  what is to be left of them once they go: PACKAGE and `data` or `nothing`; else nobody said
//! entries/packages/removed  those of the record that were taken away without what they keep, which a reset purges
//! due/SERVICE/           a reload is due; holds what the service still runs with, to put back where it fails
//! new-packages           what an apt run that has not been recorded yet was about to add, noted under apt's own lock
//! before-packages        the same of version 0.1: what was installed before that run
//! folders                state that packages have, in which something may be left by a purge
//! removed-folders        the same of packages that an apply removed, for when all is purged
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
//!
//! Of an inventory, ID is 16 digits of a SHA-256 over the laptop and the file's path, HOST the entry that is meant, NAME
//! the file's own name. What bears none of that is of an earlier version, and counts as of the inventory that looks.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{HostText, Maker, Remembered, RememberedKind, ResourceId, sha256};

use super::invocation;

/// The journal's key of a resource.
pub(super) fn key(resource: &ResourceId) -> String {
    sha256(resource.as_str().as_bytes()).chars().take(16).collect()
}

/// What a line of a journal remembers: one thing, or the packages that were added. Nothing where no version of ours wrote
/// that.
pub(super) fn remembered(line: &str) -> Vec<Remembered> {
    let Some(Record { key, kind, original, state, notify, name }) = Record::parse(line) else {
        return Vec::new();
    };
    let one = |kind, name: &str| Remembered {
        key: key.to_owned(),
        kind,
        name: name.to_owned(),
        original: original.to_owned(),
        state: given(state),
        now: None,
        undo: None,
        notify: given(notify),
        maker: None,
    };
    let of_path = |kind| invocation::path(name).ok().map(|path| one(kind, path)).into_iter().collect();
    match kind {
        "file" => of_path(RememberedKind::File),
        "link" => of_path(RememberedKind::Link),
        "directory" => of_path(RememberedKind::Directory),
        "command" if !name.is_empty() && !name.contains(char::is_control) => {
            vec![one(RememberedKind::Command, name)]
        }
        "service" => invocation::service(name)
            .ok()
            .map(|name| one(RememberedKind::Service, name))
            .into_iter()
            .collect(),
        "packages" => {
            let names = name.split_whitespace().filter(|name| invocation::package(name).is_ok());
            names.map(|name| one(RememberedKind::Package, name)).collect()
        }
        _ => Vec::new(),
    }
}

/// Of the words `ID HOST NAME`.
pub(super) fn maker(words: &str) -> Option<Maker> {
    let mut words = words.splitn(3, ' ');
    let (inventory, host, name) = (words.next()?, words.next()?, words.next()?);
    Some(Maker { inventory: inventory.into(), host: host.into(), name: name.into() })
}

/// The same as a line; nothing where nobody asked.
pub(super) fn maker_line(maker: &Maker) -> String {
    let Maker { inventory, host, name } = maker;
    if inventory.is_empty() {
        return String::new();
    }
    [inventory, host, name].map(|word| word.line(MAKER_LENGTH)).join(" ")
}

/// So many characters of each word are kept.
const MAKER_LENGTH: usize = 200;

/// What we last put there, in the words of `PathFact::applied`.
pub(super) fn applied(remembered: &Remembered) -> Option<HostText> {
    let state = remembered.state.as_ref()?;
    match remembered.kind {
        RememberedKind::File => Some(state.as_str().into()),
        RememberedKind::Link => {
            STANDARD.decode(state).ok().map(|target| String::from_utf8_lossy(&target).into())
        }
        RememberedKind::Directory
        | RememberedKind::Command
        | RememberedKind::Service
        | RememberedKind::Package => None,
    }
}

/// The first line of what takes a command back, from base64.
pub(super) fn undo(text: &str) -> Option<HostText> {
    let text = STANDARD.decode(text).ok()?;
    String::from_utf8_lossy(&text).lines().find(|line| !line.trim().is_empty()).map(HostText::from)
}

pub(super) fn given(word: &str) -> Option<String> {
    (word != "-").then(|| word.to_owned())
}

/// The words of a line.
struct Record<'a> {
    key: &'a str,
    kind: &'a str,
    original: &'a str,
    state: &'a str,
    notify: &'a str,
    name: &'a str,
}

impl<'a> Record<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let mut words = line.splitn(6, ' ');
        Some(Self {
            key: words.next()?,
            kind: words.next()?,
            original: words.next()?,
            state: words.next()?,
            notify: words.next()?,
            name: words.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_become_what_is_remembered() {
        let only = |line| remembered(line).pop().unwrap();
        let file = only("ab12 file kept 00ff haproxy /etc/haproxy/with space.cfg");
        assert_eq!((file.kind, file.name.as_str()), (RememberedKind::File, "/etc/haproxy/with space.cfg"));
        assert_eq!(applied(&file).unwrap(), "00ff");
        assert_eq!(file.notify.as_deref(), Some("haproxy"));

        assert_eq!(applied(&only("ab12 link absent L29wdA== - /srv/x")).unwrap(), "/opt");
        assert_eq!(applied(&only("ab12 file absent - - /x")), None);
        assert_eq!(remembered("packages packages absent - - nano libc6:amd64 -o=x").len(), 2);
        for odd in [
            "",
            "ab12",
            "ab12 socket kept - - /x",
            "ab12 file kept",
            "ab12 file kept - - etc/passwd",
            "ab12 file kept - - /opt/../etc/passwd",
            "ab12 file kept - - /opt/\u{1b}[2J",
            "ab12 service idle - - ../x",
        ] {
            assert_eq!(remembered(odd), [], "{odd:?}");
        }
    }

    #[test]
    fn who_asked_travels_as_words() {
        let asked =
            Maker { inventory: "00ff".into(), host: "ana/web01".into(), name: "my class.yaml".into() };
        assert_eq!(maker(&maker_line(&asked)), Some(asked));
        assert_eq!(maker("00ff"), None);
        assert_eq!(maker_line(&Maker::default()), "");
    }
}
