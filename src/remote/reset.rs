//! Undoing what the host's journal remembers: how that is read, and the invocation that carries out the plan made of it.

use crate::model::{Failure, FailureKind, HostText, Operation, Remembered, Step, Text, text};

use super::apply::{NOTING, Place, UPLOAD};
use super::data::Data;
use super::dialogue::{End, Reader};
use super::events::ApplyReader;
use super::failure::cannot_apply;
use super::invocation::{self, Credentials, RunAs};
use super::journal;
use super::program::Program;
use super::sentence;

pub(super) const RECALL: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/entries.sh"),
    include_str!("programs/damage.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/standing.sh"),
    include_str!("programs/recall.sh"),
];

pub(super) const PARTS: &[&str] = &[
    include_str!("programs/common.sh"),
    include_str!("programs/place.sh"),
    include_str!("programs/clock.sh"),
    include_str!("programs/run.sh"),
    UPLOAD,
    include_str!("programs/journal.sh"),
    include_str!("programs/room.sh"),
    include_str!("programs/candidate.sh"),
    include_str!("programs/apt_common.sh"),
    include_str!("programs/dpkg.sh"),
    include_str!("programs/dpkg_query.sh"),
    include_str!("programs/entries.sh"),
    include_str!("programs/damage.sh"),
    include_str!("programs/lists.sh"),
    include_str!("programs/removals.sh"),
    include_str!("programs/roots.sh"),
    include_str!("programs/packages.sh"),
    include_str!("programs/apt_verdict.sh"),
    NOTING,
    include_str!("programs/apt_news.sh"),
    include_str!("programs/apt.sh"),
    include_str!("programs/drop_ins.sh"),
    include_str!("programs/service.sh"),
    include_str!("programs/undo.sh"),
    include_str!("programs/purge.sh"),
    include_str!("programs/session.sh"),
    include_str!("programs/command.sh"),
    include_str!("programs/reset.sh"),
];

/// What a journal may hold, whatever a host says.
const MOST_THINGS: usize = 5_000;
const MOST_BYTES: usize = 1024 * 1024;

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
        data.line(match &step.operation {
            Operation::PurgePackage(name) => format!("purge {index} {}", invocation::package(name)?),
            Operation::ForgetJournal => format!("forget {index}"),
            Operation::Undo { key, .. } => format!("undo {index} {}", invocation::key(key)?),
            _ => return Err(cannot_apply()),
        });
    }
    data.line("#end");
    Ok(data)
}

/// Reads a host's journal.
#[derive(Debug, Default)]
pub struct JournalReader {
    /// Whether there is a journal.
    exists: bool,
    last_run: HostText,
    /// How much it names.
    things: usize,
    bytes: usize,
    remembered: Vec<Remembered>,
}

impl Reader for JournalReader {
    /// Whom it waits for.
    type Event = Text;
    /// What it remembers, where there is one; and which run was the last. `None` where it was told to stop before.
    type Answer = Option<(Option<Vec<Remembered>>, HostText)>;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Text>, Failure> {
        match word {
            "waiting" => return Ok(Some(sentence::waiting(rest))),
            "journal" => self.exists = true,
            "last-run" => self.last_run = rest.into(),
            "record" => {
                let remembered = journal::remembered(rest);
                self.things += remembered.len();
                self.bytes += rest.len();
                if self.things > MOST_THINGS || self.bytes > MOST_BYTES {
                    return Err(endless());
                }
                self.remembered.extend(remembered);
            }
            "now" => {
                let (key, state) = rest.split_once(' ').unwrap_or((rest, ""));
                if let Some(entry) = self.remembered.last_mut().filter(|entry| entry.key == key) {
                    entry.now = Some(state.to_owned());
                }
            }
            "undo" => {
                let (key, text) = rest.split_once(' ').unwrap_or((rest, ""));
                if let Some(entry) = self.remembered.last_mut().filter(|entry| entry.key == key) {
                    entry.undo = journal::undo(text);
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn finish(mut self, end: End) -> Result<Self::Answer, Failure> {
        match end {
            End::Complete => {
                let remembered = self.exists.then(|| std::mem::take(&mut self.remembered));
                Ok(Some((remembered, self.last_run)))
            }
            End::Interrupted => Ok(None),
            End::Failed | End::Stale => Err(self.cut_off()),
        }
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
