//! Modes and owners: what is named is wanted, and anything else is drift.

use crate::model::{Attributes, PathFact, Text, text};

/// So many characters of an owner's name are told.
const OWNER_LENGTH: usize = 80;

/// What stands at a path has other attributes than are wanted.
pub(super) struct Drift {
    pub(super) reason: Text,
    pub(super) before: Text,
    pub(super) after: Text,
}

/// `None` where what stands there is as wanted.
pub(super) fn drift(wanted: &Attributes, fact: &PathFact) -> Option<Drift> {
    let (found, mode) = (fact.mode, wanted.mode.unwrap_or(fact.mode));
    let owner = fact.owner.line(OWNER_LENGTH);
    let (user, group) = owner.split_once(':').unwrap_or((owner.as_str(), ""));
    let owner_wanted =
        format!("{}:{}", wanted.owner.as_deref().unwrap_or(user), wanted.group.as_deref().unwrap_or(group));
    let is_foreign = (wanted.owner.is_some() || wanted.group.is_some()) && owner != owner_wanted;
    let mut reasons = Vec::new();
    if is_foreign {
        reasons.push(text!(
            en: "owner {owner} instead of {owner_wanted}",
            pt: "dono {owner} em vez de {owner_wanted}",
        ));
    }
    if mode != found {
        reasons.push(text!(
            en: "mode {found:04o} instead of {mode:04o}",
            pt: "modo {found:04o} em vez de {mode:04o}",
        ));
    }
    let words = |mode, owner| {
        let owner = is_foreign.then(|| Text::verbatim(owner));
        Text::join(&[octal(mode)].into_iter().chain(owner).collect::<Vec<_>>(), ", ")
    };
    (!reasons.is_empty()).then(|| Drift {
        reason: Text::join(&reasons, ", "),
        before: words(found, owner.clone()),
        after: words(mode, owner_wanted),
    })
}

pub(super) fn octal(mode: u32) -> Text {
    text!(en: "mode {mode:04o}", pt: "modo {mode:04o}")
}
