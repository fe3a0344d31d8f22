//! All that a journal remembers → the plan to undo it.

use crate::model::{Action, Change, JOURNAL, Operation, Remembered, RememberedKind, ResourceId, Step, text};

use super::undo;

/// What undoing a journal takes, in the order of execution; the journal itself, which stands at a path, goes last.
pub fn reset(remembered: &[Remembered]) -> Vec<Step> {
    // A service that came with us goes with its package, unless its unit is a file of ours.
    let has_own_unit = |service: &Remembered| {
        let unit = format!("/systemd/system/{}.service", service.name);
        remembered.iter().any(|entry| entry.name.ends_with(&unit))
    };
    let stays = |entry: &&Remembered| !undo::came_with_us(entry) || has_own_unit(entry);
    let mut entries: Vec<_> = remembered.iter().filter(stays).collect();
    undo::sort(&mut entries);
    let steps = entries.into_iter().map(|entry| {
        let operation = match entry.kind {
            RememberedKind::Package => Operation::PurgePackage(entry.name.clone()),
            _ => Operation::Undo { key: entry.key.clone(), notify: None },
        };
        undo::step(entry, operation)
    });
    let forget = Change {
        resource: ResourceId::new(format!("journal:{JOURNAL}")),
        action: Action::Delete,
        reason: text!(en: "nothing is left to be remembered", pt: "não há mais o que lembrar"),
        before: None,
        after: None,
        diff: None,
        foreign: false,
    };
    steps.chain([forget.by(Operation::ForgetJournal)]).collect()
}
