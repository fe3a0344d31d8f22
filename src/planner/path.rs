//! Directories, files and links: what stands at a path against what should.

use crate::model::{
    Action, Change, Directory, Facts, File, HostText, Link, Operation, PathFact, PathKind, Resource,
    ResourceId, Step, Text, text,
};

use super::attributes::{drift, octal};
use super::diff;

/// Signs of a SHA-256 in hex.
const SUM_LENGTH: usize = 64;

/// What runs that died left beside what is wanted.
pub(super) fn left(facts: &Facts) -> impl Iterator<Item = Step> {
    facts.paths.iter().filter(|(_, fact)| fact.left).map(|(path, _)| {
        Change {
            resource: ResourceId::new(format!("left:{path}")),
            action: Action::Run,
            reason: text!(
                en: "a run that died was about to replace it",
                pt: "uma execução que morreu estava para substituí-lo",
            ),
            before: Some(text!(en: "half-written", pt: "escrito pela metade")),
            after: Some(text!(en: "taken away", pt: "removido")),
            diff: None,
            foreign: false,
        }
        .by(Operation::Sweep(path.clone()))
    })
}

pub(super) fn directory(resource: &Resource, directory: &Directory, fact: &PathFact) -> Option<Step> {
    let mode = directory.wanted.mode.unwrap_or(Directory::MODE);
    let (action, reason, before, after) = match fact.kind {
        PathKind::Directory => {
            let drift = drift(&directory.wanted, fact)?;
            (Action::Update, drift.reason, Some(drift.before), drift.after)
        }
        PathKind::Absent => (Action::Create, missing(fact), None, octal(mode)),
        other => (Action::Create, stands_there(other), Some(name(other)), octal(mode)),
    };
    Some(
        Change {
            resource: resource.id(),
            action,
            reason,
            before,
            after: Some(after),
            diff: None,
            foreign: false,
        }
        .by(Operation::MakeDirectory(directory.clone())),
    )
}

pub(super) fn file(resource: &Resource, file: &File, fact: &PathFact) -> Option<Step> {
    let wanted = file.sha256();
    let same = is(fact.sha256.as_ref(), &wanted);
    // Who else may read a file is kept as it is, unless those who must read it can't.
    let hidden = file.wanted.mode.is_none() && file.mode & 0o044 & !fact.mode != 0;
    let drift = (fact.kind == PathKind::File).then(|| drift(&file.wanted, fact)).flatten();
    let (action, reason) = match fact.kind {
        PathKind::Absent => (Action::Create, missing(fact)),
        PathKind::File if same && !hidden && drift.is_none() => return None,
        PathKind::File if same => {
            let mode = octal(fact.mode);
            (
                Action::Update,
                text!(
                    en: "{mode} keeps others from reading it",
                    pt: "{mode} impede que outros o leiam", mode
                ),
            )
        }
        PathKind::File => (Action::Update, differs(fact, fact.sha256.as_ref())),
        other => (Action::Update, stands_there(other)),
    };
    let reason = match &drift {
        Some(drift) if same && !hidden => drift.reason.clone(),
        Some(drift) => Text::join(&[reason, drift.reason.clone()], ", "),
        None => reason,
    };
    let before = match fact.kind {
        PathKind::Absent => None,
        PathKind::File if same => {
            Some(drift.as_ref().map_or_else(|| octal(fact.mode), |drift| drift.before.clone()))
        }
        PathKind::File => {
            Some(short(&fact.sha256.as_ref().map(|sum| sum.line(SUM_LENGTH)).unwrap_or_default()))
        }
        other => Some(name(other)),
    };
    let (after, diff) = if same {
        let readable = octal(fact.mode | (file.mode & 0o044));
        (drift.map_or(readable, |drift| drift.after), None)
    } else if file.text().is_none() {
        let size = size(file.content.len());
        (text!(en: "binary, {size}", pt: "binário, {size}", size), None)
    } else {
        let content_is_known = fact.kind != PathKind::File || fact.content.is_some();
        let diff =
            content_is_known.then(|| diff::unified(&file.path, fact.content.as_deref(), &file.content));
        (short(&wanted), diff.flatten().map(Text::verbatim))
    };
    let operation =
        if same { Operation::SetAttributes(file.clone()) } else { Operation::WriteFile(file.clone()) };
    Some(
        Change { resource: resource.id(), action, reason, before, after: Some(after), diff, foreign: false }
            .by(operation),
    )
}

pub(super) fn link(resource: &Resource, link: &Link, fact: &PathFact) -> Option<Step> {
    let (action, reason, before) = match fact.kind {
        PathKind::Link if is(fact.target.as_ref(), &link.target) => return None,
        PathKind::Link => {
            (Action::Update, differs(fact, fact.target.as_ref()), fact.target.as_ref().map(HostText::name))
        }
        PathKind::Absent => (Action::Create, missing(fact), None),
        other => (Action::Update, stands_there(other), Some(name(other))),
    };
    Some(
        Change {
            resource: resource.id(),
            action,
            reason,
            before,
            after: Some(Text::verbatim(&link.target)),
            diff: None,
            foreign: false,
        }
        .by(Operation::MakeLink(link.clone())),
    )
}

fn is(said: Option<&HostText>, wanted: &str) -> bool {
    said.is_some_and(|said| said == wanted)
}

fn missing(fact: &PathFact) -> Text {
    match fact.applied {
        Some(_) => text!(
            en: "removed on the host since the last apply",
            pt: "removido na máquina desde o último apply",
        ),
        None => text!(en: "missing", pt: "não existe"),
    }
}

/// Why the state of something that exists is not the wanted one, by what the host's journal says we put there.
fn differs(fact: &PathFact, state: Option<&HostText>) -> Text {
    match fact.applied.as_ref() {
        None => text!(
            en: "never applied: something else stands there",
            pt: "nunca aplicado: há outra coisa no lugar",
        ),
        applied if applied == state => text!(
            en: "the inventory or a template changed",
            pt: "o inventário ou um modelo mudou",
        ),
        Some(_) => text!(
            en: "changed on the host since the last apply",
            pt: "alterado na máquina desde o último apply",
        ),
    }
}

fn stands_there(kind: PathKind) -> Text {
    let what = name(kind);
    text!(en: "{what} stands there", pt: "há {what} no lugar", what)
}

fn name(kind: PathKind) -> Text {
    match kind {
        PathKind::Absent => text!(en: "nothing", pt: "nada"),
        PathKind::File => text!(en: "a file", pt: "um arquivo"),
        PathKind::Directory => text!(en: "a directory", pt: "uma pasta"),
        PathKind::Link => text!(en: "a link", pt: "um link"),
        PathKind::Astray => text!(en: "something behind a link", pt: "algo atrás de um link"),
        PathKind::Other => text!(en: "something that is no file", pt: "algo que não é arquivo"),
    }
}

/// `512 bytes`, `48 kB`, `3.1 MB`
fn size(bytes: usize) -> Text {
    match bytes {
        ..1_000 => text!(en: "{bytes} bytes", pt: "{bytes} bytes"),
        1_000..1_000_000 => Text::verbatim(format!("{} kB", bytes / 1_000)),
        _ => {
            let megabytes = Text::number(&format!("{}.{}", bytes / 1_000_000, bytes / 100_000 % 10));
            text!(en: "{megabytes} MB", pt: "{megabytes} MB", megabytes)
        }
    }
}

/// Enough of a hash to tell two apart.
fn short(hash: &str) -> Text {
    Text::verbatim(format!("sha256:{}", hash.chars().take(12).collect::<String>()))
}
