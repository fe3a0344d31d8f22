//! Undoing what the host's journal remembers: the plan made from it, and the invocation that carries it out.
//!
//! Commands that came behind services are taken back first. Services that did not run before stop; then the other commands
//! are taken back, the last one first, links and files go back in place, folders from the deepest up,
//! services that did run before read their old files again, packages that we added are purged, and the journal goes last.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{
    Action, Change, Failure, FailureKind, HostText, Operation, ResourceId, Step, Text, clean_line, text,
};

use super::apply::{Place, UPLOAD};
use super::dialogue::{End, Reader};
use super::events::ApplyReader;
use super::failure::cannot_apply;
use super::invocation::{self, Credentials, Data, JOURNAL, RunAs};
use super::journal::{Record, RecordKind};
use super::program::Program;

pub(super) const RECALL: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/recall.sh"),
];

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/journal.sh"),
    include_str!("programs/candidate.sh"),
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/apt_verdict.sh"),
    include_str!("programs/apt.sh"),
    include_str!("programs/service.sh"),
    include_str!("programs/undo.sh"),
    include_str!("programs/purge.sh"),
    include_str!("programs/session.sh"),
    include_str!("programs/command.sh"),
    include_str!("programs/reset.sh"),
];

/// The key of the journal itself, which goes last.
const FORGET: &str = "journal";
/// What makes a key that of a package.
const PACKAGE: &str = "package:";

/// What a journal may hold, whatever a host says.
const MOST_THINGS: usize = 5_000;
const MOST_BYTES: usize = 1024 * 1024;
/// So much is shown of what takes a command back.
const UNDO_LENGTH: usize = 500;

/// The program that reads a host's journal when no other run is under way there. One with the same token hands over to
/// it.
pub fn observe_journal<'a>(credentials: Credentials<'a>, token: &str) -> Program<'a, JournalReader> {
    let data = encode_recall(Place { token, ..Place::of_host() });
    Program { run_as: RunAs::Root(credentials), parts: RECALL, data, reader: JournalReader::default() }
}

pub(super) fn encode_recall(place: Place<'_>) -> Data {
    let mut data = place.begin();
    data.line("#end");
    data
}

/// The program that undoes the changes of a plan made by [`JournalReader`], each with the index that its answers have,
/// unless there was another run after `last_run`. One with the same token hands over to it.
pub fn reset<'a>(
    steps: &[(usize, Step)],
    credentials: Credentials<'a>,
    token: &str,
    last_run: Option<&HostText>,
) -> Result<Program<'a, ApplyReader>, Failure> {
    let data = encode(steps, Place { last_run, token, ..Place::of_host() })?;
    Ok(Program { run_as: RunAs::Root(credentials), parts: PARTS, data, reader: ApplyReader })
}

pub(super) fn encode(steps: &[(usize, Step)], place: Place<'_>) -> Result<Data, Failure> {
    let mut data = place.begin();
    for (index, step) in steps {
        let Operation::Undo(key) = &step.operation else { return Err(cannot_apply()) };
        data.line(match key.strip_prefix(PACKAGE) {
            Some(name) => format!("purge {index} {}", invocation::package(name)?),
            None if key == FORGET => format!("forget {index}"),
            None if key.chars().all(|c| c.is_ascii_hexdigit()) => format!("undo {index} {key}"),
            None => return Err(cannot_apply()),
        });
    }
    data.line("#end");
    Ok(data)
}

/// Reads a host's journal and plans to undo it.
#[derive(Debug, Default)]
pub struct JournalReader {
    /// Whether there is a journal.
    exists: bool,
    last_run: HostText,
    /// How much the records name.
    things: usize,
    bytes: usize,
    records: Vec<Record>,
    /// What now stands at a path, by the journal's key.
    now: BTreeMap<String, String>,
    /// The beginning of what takes a command back, by the journal's key.
    undo: BTreeMap<String, String>,
}

impl Reader for JournalReader {
    /// Whom it waits for.
    type Event = HostText;
    /// What undoing the journal takes, in the order of execution, empty where there is none; and which run was the last.
    type Answer = (Vec<Step>, HostText);

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<HostText>, Failure> {
        match word {
            "waiting" => return Ok(Some(rest.into())),
            "journal" => self.exists = true,
            "last-run" => self.last_run = rest.into(),
            "record" => {
                let record = Record::parse(rest);
                self.things += record.as_ref().map_or(0, Record::things);
                self.bytes += rest.len();
                if self.things > MOST_THINGS || self.bytes > MOST_BYTES {
                    return Err(endless());
                }
                self.records.extend(record);
            }
            "now" => {
                let (key, state) = rest.split_once(' ').unwrap_or((rest, ""));
                if self.records.last().is_some_and(|record| record.key == key) {
                    self.now.insert(key.to_owned(), state.to_owned());
                }
            }
            "undo" => {
                let (key, text) = rest.split_once(' ').unwrap_or((rest, ""));
                if self.records.last().is_some_and(|record| record.key == key) {
                    let text = STANDARD.decode(text).unwrap_or_default();
                    self.undo.insert(key.to_owned(), String::from_utf8_lossy(&text).into_owned());
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn finish(mut self, end: End) -> Result<Self::Answer, Failure> {
        if end != End::Complete {
            return Err(self.cut_off());
        }
        if !self.exists {
            return Ok((Vec::new(), self.last_run));
        }
        let mut records = std::mem::take(&mut self.records);
        records.sort_by_key(|record| (stage(record), Reverse(depth(record)), Reverse(number(record))));
        let mut steps: Vec<Step> = records.iter().flat_map(|record| self.undo(record, &records)).collect();
        steps.push(
            Change {
                resource: ResourceId::new(format!("journal:{JOURNAL}")),
                action: Action::Delete,
                reason: text!(en: "nothing is left to be remembered", pt: "não há mais o que lembrar"),
                before: None,
                after: None,
                diff: None,
                foreign: false,
            }
            .by(Operation::Undo(FORGET.to_owned())),
        );
        Ok((steps, self.last_run))
    }
}

impl JournalReader {
    fn undo(&self, record: &Record, all: &[Record]) -> Vec<Step> {
        match record.kind {
            RecordKind::Packages => record.name.split_whitespace().map(purge).collect(),
            RecordKind::Service if record.original == "absent" => {
                let unit = format!("/systemd/system/{}.service", record.name);
                let is_ours = all.iter().filter_map(Record::path).any(|path| path.ends_with(&unit));
                let reason = text!(en: "started by apply", pt: "iniciado pelo apply");
                // Else it goes with its package.
                let stop = || undo(record, "service", Action::Delete, reason, None, None);
                is_ours.then(stop).into_iter().collect()
            }
            RecordKind::Service => {
                let before = words_of_service(&record.original);
                let reason = text!(
                    en: "was {before} before the first apply",
                    pt: "estava {before} antes do primeiro apply",
                    before,
                );
                vec![undo(record, "service", Action::Update, reason, None, Some(before))]
            }
            RecordKind::Directory if record.original == "absent" => {
                let reason = text!(
                    en: "made by apply; removed if it is empty",
                    pt: "criada pelo apply; removida se estiver vazia",
                );
                let before = record.state.as_ref().map(|state| Text::verbatim(mode(state)));
                vec![undo(record, "directory", Action::Delete, reason, before, None)]
            }
            RecordKind::Directory => {
                let state = record.state.as_deref().unwrap_or_default();
                let reason = if state.contains(':') {
                    text!(
                        en: "had another mode or owner before the first apply",
                        pt: "tinha outro modo ou dono antes do primeiro apply",
                    )
                } else {
                    text!(
                        en: "had another mode before the first apply",
                        pt: "tinha outro modo antes do primeiro apply",
                    )
                };
                let before = record.state.as_ref().map(|state| Text::verbatim(mode(state)));
                let after = Some(Text::verbatim(mode(&record.original)));
                vec![undo(record, "directory", Action::Update, reason, before, after)]
            }
            RecordKind::File | RecordKind::Link => vec![self.undo_path(record)],
            RecordKind::Command => vec![self.undo_command(record)],
        }
    }

    fn undo_path(&self, record: &Record) -> Step {
        let kind = if record.kind == RecordKind::File { "file" } else { "link" };
        let now = self.now.get(&record.key).map(String::as_str);
        let changed = now != Some("absent") && now != record.state.as_deref();
        let kept = record.original == "kept";
        let mut reasons = vec![if kept {
            text!(
                en: "something else stood there before the first apply",
                pt: "havia outra coisa no lugar antes do primeiro apply",
            )
        } else {
            text!(en: "written by apply", pt: "escrito pelo apply")
        }];
        if changed {
            reasons.push(text!(
                en: "it was changed since, and a copy stays beside it (.before-reset)",
                pt: "foi alterado desde então, e uma cópia fica ao lado (.before-reset)",
            ));
        } else if now == Some("absent") {
            reasons.push(text!(en: "it is gone", pt: "não existe mais"));
        }
        let action = if kept { Action::Update } else { Action::Delete };
        let after = text!(en: "as before the first apply", pt: "como antes do primeiro apply");
        undo(record, kind, action, Text::join(&reasons, "; "), None, kept.then_some(after))
    }

    /// What a command did, only the practice knew. Where it gave no way back, that stays.
    fn undo_command(&self, record: &Record) -> Step {
        let text =
            self.undo.get(&record.key).and_then(|text| text.lines().find(|line| !line.trim().is_empty()));
        let (action, reason) = match text {
            Some(_) => (
                Action::Run,
                text!(en: "run by apply; its `undo` takes it back", pt: "rodado pelo apply; o `undo` o desfaz"),
            ),
            None => (
                Action::Delete,
                text!(
                    en: "run by apply and without `undo`: what it did stays, and is forgotten",
                    pt: "rodado pelo apply e sem `undo`: o que ele fez fica, e é esquecido",
                ),
            ),
        };
        let after = text.map(|line| Text::verbatim(clean_line(line, UNDO_LENGTH)));
        undo(record, "command", action, reason, None, after)
    }
}

fn endless() -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message: text!(
            en: "the host's journal names more than {MOST_THINGS} things, and no apply writes so many",
            pt: "o diário da máquina traz mais de {MOST_THINGS} itens, e nenhum apply grava tantos",
        ),
        hint: Some(text!(
            en: "nothing was undone; look at `ls /var/lib/provision/entries` on the host",
            pt: "nada foi desfeito; veja `ls /var/lib/provision/entries` na máquina",
        )),
    }
}

fn undo(
    record: &Record,
    kind: &str,
    action: Action,
    reason: Text,
    before: Option<Text>,
    after: Option<Text>,
) -> Step {
    Change {
        resource: ResourceId::new(format!("{kind}:{}", record.name)),
        action,
        reason,
        before,
        after,
        diff: None,
        foreign: false,
    }
    .by(Operation::Undo(record.key.clone()))
}

fn purge(name: &str) -> Step {
    Change {
        resource: ResourceId::new(format!("package:{name}")),
        action: Action::Delete,
        reason: text!(en: "installed by apply", pt: "instalado pelo apply"),
        before: Some(text!(en: "installed", pt: "instalado")),
        after: None,
        diff: None,
        foreign: false,
    }
    .by(Operation::Undo(format!("{PACKAGE}{name}")))
}

fn stage(record: &Record) -> u8 {
    match record.kind {
        RecordKind::Command if record.original.starts_with("services") => 0,
        RecordKind::Service if !record.original.contains("active") => 1,
        RecordKind::Command => 2,
        RecordKind::Link => 3,
        RecordKind::File => 4,
        RecordKind::Directory => 5,
        RecordKind::Service => 6,
        RecordKind::Packages => 7,
    }
}

fn depth(record: &Record) -> usize {
    record.path().map_or(0, |path| path.split('/').count())
}

/// The mode in the state of a directory, which may go on with its owner.
fn mode(state: &str) -> &str {
    state.split(':').next().unwrap_or_default()
}

/// That of a command among those that were ever begun.
fn number(record: &Record) -> u32 {
    record.original.rsplit_once('-').and_then(|(_, number)| number.parse().ok()).unwrap_or_default()
}

fn words_of_service(original: &str) -> Text {
    match original {
        "enabled+active" => text!(en: "running, enabled", pt: "rodando, habilitado"),
        "enabled" => text!(en: "stopped, enabled", pt: "parado, habilitado"),
        "active" => text!(en: "running, not enabled", pt: "rodando, não habilitado"),
        _ => text!(en: "stopped, not enabled", pt: "parado, não habilitado"),
    }
}
