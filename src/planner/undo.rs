//! How what a journal remembers is taken back, entry by entry: by a reset, and where the inventory no longer wants it.

use std::cmp::Reverse;

use crate::model::{Action, Change, Operation, Remembered, RememberedKind, ResourceId, Step, Text, text};

/// So many characters of what takes a command back are told.
const UNDO_LENGTH: usize = 500;

/// Commands that came behind services are taken back first. Services that did not run before stop; then the other commands
/// are taken back, the last one first, links and files go back in place, folders from the deepest up, services that did run
/// before read their old files again, and packages that we added go last.
pub(super) fn sort(remembered: &mut [&Remembered]) {
    remembered.sort_by_key(|entry| {
        (stage(entry), Reverse(number(entry)), Reverse(entry.name.split('/').count()), entry.name.clone())
    });
}

pub(super) fn id(entry: &Remembered) -> ResourceId {
    ResourceId::new(format!("{}:{}", entry.kind.name(), entry.name))
}

/// What taking it back does to it, by an operation.
pub(super) fn step(entry: &Remembered, operation: Operation) -> Step {
    let (action, reason, before, after) = match entry.kind {
        RememberedKind::Package => (
            Action::Delete,
            text!(en: "installed by apply", pt: "instalado pelo apply"),
            Some(text!(en: "installed", pt: "instalado")),
            None,
        ),
        RememberedKind::Service if came_with_us(entry) => {
            (Action::Delete, text!(en: "started by apply", pt: "iniciado pelo apply"), None, None)
        }
        RememberedKind::Service => {
            let before = words_of_service(&entry.original);
            let reason = text!(
                en: "was {before} before the first apply",
                pt: "estava {before} antes do primeiro apply",
                before,
            );
            (Action::Update, reason, None, Some(before))
        }
        RememberedKind::Command => undo_of_command(entry),
        RememberedKind::Directory => undo_of_directory(entry),
        RememberedKind::File | RememberedKind::Link => {
            let kept = entry.original == "kept";
            let after = text!(en: "as before the first apply", pt: "como antes do primeiro apply");
            let action = if kept { Action::Update } else { Action::Delete };
            (action, reason_of_path(entry, kept), None, kept.then_some(after))
        }
    };
    Change { resource: id(entry), action, reason, before, after, diff: None, foreign: false }.by(operation)
}

/// Whether there was no such service before us.
pub(super) fn came_with_us(entry: &Remembered) -> bool {
    entry.kind == RememberedKind::Service && entry.original == "absent"
}

fn undo_of_directory(entry: &Remembered) -> (Action, Text, Option<Text>, Option<Text>) {
    let before = entry.state.as_ref().map(|state| Text::verbatim(mode(state)));
    if entry.original == "absent" {
        let reason = text!(
            en: "made by apply; removed if it is empty",
            pt: "criada pelo apply; removida se estiver vazia",
        );
        return (Action::Delete, reason, before, None);
    }
    let reason = if entry.state.as_ref().is_some_and(|state| state.contains(':')) {
        text!(
            en: "had another mode or owner before the first apply",
            pt: "tinha outro modo ou dono antes do primeiro apply",
        )
    } else {
        text!(en: "had another mode before the first apply", pt: "tinha outro modo antes do primeiro apply")
    };
    (Action::Update, reason, before, Some(Text::verbatim(mode(&entry.original))))
}

/// The mode in the state of a directory, which may go on with its owner.
fn mode(state: &str) -> &str {
    state.split(':').next().unwrap_or_default()
}

/// What a command did, only the practice knew. Where it gave no way back, that stays.
fn undo_of_command(entry: &Remembered) -> (Action, Text, Option<Text>, Option<Text>) {
    let Some(text) = &entry.undo else {
        let stays = text!(
            en: "run by apply and without `undo`: what it did stays, and is forgotten",
            pt: "rodado pelo apply e sem `undo`: o que ele fez fica, e é esquecido",
        );
        return (Action::Delete, stays, None, None);
    };
    let reason =
        text!(en: "run by apply; its `undo` takes it back", pt: "rodado pelo apply; o `undo` o desfaz");
    (Action::Run, reason, None, Some(Text::verbatim(text.line(UNDO_LENGTH))))
}

/// That of a command among those that were ever begun.
fn number(entry: &Remembered) -> u32 {
    let number = entry.original.rsplit_once('-').filter(|_| entry.kind == RememberedKind::Command);
    number.and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}

fn reason_of_path(entry: &Remembered, kept: bool) -> Text {
    let now = entry.now.as_deref();
    let mut reasons = vec![if kept {
        text!(
            en: "something else stood there before the first apply",
            pt: "havia outra coisa no lugar antes do primeiro apply",
        )
    } else {
        text!(en: "written by apply", pt: "escrito pelo apply")
    }];
    if now == Some("absent") {
        reasons.push(text!(en: "it is gone", pt: "não existe mais"));
    } else if now != entry.state.as_deref() {
        reasons.push(text!(
            en: "it was changed since, and a copy stays beside it (.before-reset)",
            pt: "foi alterado desde então, e uma cópia fica ao lado (.before-reset)",
        ));
    }
    Text::join(&reasons, "; ")
}

fn stage(entry: &Remembered) -> u8 {
    match entry.kind {
        RememberedKind::Command if entry.original.starts_with("services") => 0,
        RememberedKind::Service if !entry.original.contains("active") => 1,
        RememberedKind::Command => 2,
        RememberedKind::Link => 3,
        RememberedKind::File => 4,
        RememberedKind::Directory => 5,
        RememberedKind::Service => 6,
        RememberedKind::Package => 7,
    }
}

fn words_of_service(original: &str) -> Text {
    match original {
        "enabled+active" => text!(en: "running, enabled", pt: "rodando, habilitado"),
        "enabled" => text!(en: "stopped, enabled", pt: "parado, habilitado"),
        "active" => text!(en: "running, not enabled", pt: "rodando, não habilitado"),
        _ => text!(en: "stopped, not enabled", pt: "parado, não habilitado"),
    }
}
