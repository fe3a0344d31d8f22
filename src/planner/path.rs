//! Directories, files and links: what stands at a path against what should.

use crate::model::{Action, Change, File, Link, Operation, PathFact, PathKind, Resource};

use super::diff;

pub(super) fn directory(resource: &Resource, path: &str, mode: u32, fact: &PathFact) -> Option<Change> {
    let (action, reason, before) = match fact.kind {
        PathKind::Directory if fact.mode == mode => return None,
        PathKind::Directory => {
            (Action::Update, format!("mode {:04o} instead of {mode:04o}", fact.mode), Some(octal(fact.mode)))
        }
        PathKind::Absent => (Action::Create, missing(fact), None),
        other => (Action::Create, format!("{} stands there", name(other)), Some(name(other).to_owned())),
    };
    Some(Change {
        resource: resource.id(),
        action,
        reason,
        before,
        after: Some(octal(mode)),
        diff: None,
        operation: Operation::MakeDirectory { path: path.to_owned(), mode },
    })
}

pub(super) fn file(resource: &Resource, file: &File, fact: &PathFact) -> Option<Change> {
    let wanted = file.sha256();
    let same = fact.sha256.as_deref() == Some(&wanted);
    // Who else may read a file is kept as it is, unless those who must read it can't.
    let hidden = file.mode & 0o044 & !fact.mode != 0;
    let (action, reason) = match fact.kind {
        PathKind::Absent => (Action::Create, missing(fact)),
        PathKind::File if same && !hidden => return None,
        PathKind::File if same => {
            (Action::Update, format!("mode {:04o} keeps others from reading it", fact.mode))
        }
        PathKind::File => (Action::Update, differs(fact, fact.sha256.as_deref())),
        other => (Action::Update, format!("{} stands there", name(other))),
    };
    let before = match fact.kind {
        PathKind::Absent => None,
        PathKind::File if same => Some(octal(fact.mode)),
        PathKind::File => Some(short(fact.sha256.as_deref())),
        other => Some(name(other).to_owned()),
    };
    let (after, diff) = if same {
        (octal(fact.mode | (file.mode & 0o044)), None)
    } else {
        let content_is_known = fact.kind != PathKind::File || fact.content.is_some();
        let diff =
            content_is_known.then(|| diff::unified(&file.path, fact.content.as_deref(), &file.content));
        (short(Some(&wanted)), diff.flatten())
    };
    Some(Change {
        resource: resource.id(),
        action,
        reason,
        before,
        after: Some(after),
        diff,
        operation: Operation::WriteFile(file.clone()),
    })
}

pub(super) fn link(resource: &Resource, link: &Link, fact: &PathFact) -> Option<Change> {
    let (action, reason, before) = match fact.kind {
        PathKind::Link if fact.target.as_deref() == Some(&link.target) => return None,
        PathKind::Link => (Action::Update, differs(fact, fact.target.as_deref()), fact.target.clone()),
        PathKind::Absent => (Action::Create, missing(fact), None),
        other => (Action::Update, format!("{} stands there", name(other)), Some(name(other).to_owned())),
    };
    Some(Change {
        resource: resource.id(),
        action,
        reason,
        before,
        after: Some(link.target.clone()),
        diff: None,
        operation: Operation::MakeLink(link.clone()),
    })
}

fn missing(fact: &PathFact) -> String {
    if fact.applied.is_some() { "removed on the host since the last apply" } else { "missing" }.to_owned()
}

/// Why the state of something that exists is not the wanted one, by what the host's journal says we put there.
fn differs(fact: &PathFact, state: Option<&str>) -> String {
    match fact.applied.as_deref() {
        None => "never applied: something else stands there",
        applied if applied == state => "the inventory or a template changed",
        Some(_) => "changed on the host since the last apply",
    }
    .to_owned()
}

fn name(kind: PathKind) -> &'static str {
    match kind {
        PathKind::Absent => "nothing",
        PathKind::File => "a file",
        PathKind::Directory => "a directory",
        PathKind::Link => "a link",
        PathKind::Other => "something that is no file",
    }
}

fn octal(mode: u32) -> String {
    format!("mode {mode:04o}")
}

/// Enough of a hash to tell two apart.
fn short(hash: Option<&str>) -> String {
    format!("sha256:{}", hash.unwrap_or_default().chars().take(12).collect::<String>())
}
