//! Commands: what is run because its guard does not hold.

use crate::model::{
    Action, Change, Command, Facts, Guard, GuardFact, Operation, Resource, Script, Step, Text, clean_line,
    text,
};

use super::diff;

/// So much is shown of the line that stands for a command.
const LINE_LENGTH: usize = 500;

pub(super) fn run(resource: &Resource, command: &Command, facts: &Facts) -> Option<Step> {
    let id = resource.id();
    let fact = facts.guards.get(&id);
    if fact == Some(&GuardFact::Holds) {
        return None;
    }
    let reason = match &command.guard {
        Guard::Unless(_) if fact == Some(&GuardFact::Silent) => text!(
            en: "its guard is open: `unless` does not end within 10 s",
            pt: "a guarda está aberta: `unless` não termina em 10 s",
        ),
        Guard::Unless(_) => text!(
            en: "its guard is open: `unless` does not hold",
            pt: "a guarda está aberta: `unless` não vale",
        ),
        Guard::Creates(path) => text!(
            en: "its guard is open: {path} is missing",
            pt: "a guarda está aberta: {path} não existe",
        ),
    };
    let (Script::Shell(whole) | Script::Program(whole)) = &command.run;
    let mut lines = whole.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let first = clean_line(lines.next().unwrap_or_default(), LINE_LENGTH);
    let diff = lines.next().and_then(|_| diff::unified(id.as_str(), None, whole.as_bytes()));
    Some(
        Change {
            resource: id,
            action: Action::Run,
            reason,
            before: None,
            after: Some(Text::verbatim(first)),
            diff: diff.map(Text::verbatim),
            foreign: false,
        }
        .by(Operation::RunCommand(command.clone())),
    )
}
