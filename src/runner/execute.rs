//! Carries out the changes of one host: sends the program, follows its events, and keeps what became of each change.

use std::time::{Duration, Instant};

use crate::event::{Event, Level};
use crate::model::{ChangeResult, Failure, FailureKind, Host, Phase, Text, text};
use crate::remote::{self, ApplyEvent, ApplyReader, End, Program};
use crate::transport::{Input, Session};

use super::supply::Supply;
use super::{Runner, Worked, stopped};

/// Each step has limits of its own on the host; this one is for a host that stopped answering altogether.
const LIMIT: Duration = Duration::from_secs(60 * 60);
/// Changes that begin one right after another are made together.
const MOMENT: Duration = Duration::from_millis(100);
/// So many notes of a host are shown.
const NOTES: usize = 20;

/// Why a program stopped that was not told to.
fn unheard() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(
            en: "the host did not hear this run for a minute, and stopped after its step",
            pt: "a máquina não ouviu esta execução por um minuto e parou ao fim do passo",
        ),
        hint: Some(text!(
            en: "check the network, then run the same command again: it goes on where this run stopped",
            pt: "verifique a rede e rode o mesmo comando de novo: ele continua de onde esta execução parou",
        )),
    }
}

/// What a host has told while it is changed.
#[derive(Default)]
pub(super) struct Notes {
    told: usize,
    is_waiting: bool,
    /// The change under way, and when it began.
    began: Option<(usize, Instant)>,
}

impl Runner {
    /// Runs the program that carries out `worked`'s changes, and records the result of each; it may find that they are
    /// stale.
    pub(super) async fn execute(
        &self,
        host: &Host,
        session: &Session,
        program: Program<'_, ApplyReader>,
        supply: Option<&Supply>,
        worked: &mut Worked,
    ) -> Result<End, Failure> {
        for (_, result) in &mut worked.outcome.changes {
            result.get_or_insert((ChangeResult::NotRun, Duration::ZERO));
        }
        let mut failure = None;
        let mut notes = Notes::default();
        let Worked { outcome, log, .. } = worked;
        let ended = {
            let mut upload = None;
            let hear = |event, input: &Input| {
                if let ApplyEvent::Want(want) = event {
                    let upload = upload.get_or_insert_with(|| supply?.upload(&self.relay, input.clone()));
                    return upload.as_ref().map_or(Ok(()), |upload| upload.take(want));
                }
                self.follow(host, event, &mut notes, &mut outcome.changes, &mut failure);
                Ok(())
            };
            self.conversation(session, Some(LIMIT), log).follow(program, hear).await
        };
        let executed = match (failure, ended) {
            // A failed step is the cause; that the program ended early is its consequence.
            (Some((failure, refusal)), _) => {
                let reason = supply.zip(refusal).and_then(|(supply, number)| supply.admission.reason(number));
                Err(reason.map_or(failure, |reason| remote::refused_by_relay(&reason)))
            }
            (None, Err(broken)) => Err(broken.into()),
            (None, Ok(end @ (End::Complete | End::Stale))) => Ok(end),
            (None, Ok(End::Failed)) => Err(Failure {
                kind: FailureKind::Protocol,
                message: text!(
                    en: "the host says that a step failed, but not which",
                    pt: "a máquina diz que um passo falhou, mas não qual",
                ),
                hint: Some(text!(
                    en: "look at the log, then run the same command again",
                    pt: "veja o log e rode o mesmo comando de novo",
                )),
            }),
            (None, Ok(End::Interrupted)) => Err(self.ended()),
        };
        if let Some(supply) = supply {
            self.account(supply, &executed, log).await;
        }
        executed
    }

    /// Why a program stopped before its end.
    pub(super) fn ended(&self) -> Failure {
        if self.interrupt.is_stopping() { stopped() } else { unheard() }
    }

    pub(super) fn follow(
        &self,
        host: &Host,
        event: ApplyEvent,
        notes: &mut Notes,
        changes: &mut [super::Tried],
        failure: &mut Option<(Failure, Option<u32>)>,
    ) {
        if let ApplyEvent::Done(index, _) | ApplyEvent::Failed(index, ..) = &event
            && let Some((change, _)) = changes.get(*index)
            && let Some((_, began)) = notes.began
        {
            self.timings.add(&host.id, Phase::Change(change.resource.clone()), began);
        }
        let mut settle = |index: usize, result: ChangeResult, duration: Option<Duration>| {
            let (change, slot) = changes.get_mut(index)?;
            // Told once, however often a host says so.
            if result == ChangeResult::Done && matches!(slot, Some((ChangeResult::Done, _))) {
                return None;
            }
            let before = slot.take().map_or(Duration::ZERO, |(_, before)| before);
            *slot = Some((result, duration.unwrap_or(before)));
            Some((change.resource.clone(), change.action))
        };
        let was_waiting = std::mem::replace(&mut notes.is_waiting, matches!(event, ApplyEvent::Waiting(_)));
        match event {
            ApplyEvent::Waiting(what) => {
                let doing = text!(en: "waiting for {what}", pt: "esperando {what}", what);
                // Said again and again by the host, for bars; once is enough for lines.
                if !was_waiting {
                    self.pass_on(host, Level::Info, doing.clone(), notes);
                }
                self.progress(host, doing);
            }
            ApplyEvent::Started(index) => {
                if let Some((change, _)) = changes.get(index) {
                    // Packages are foreseen before the files that go ahead of them.
                    if let Some((before, began)) = notes.began.replace((index, Instant::now()))
                        && let Some((foreseen, Some((ChangeResult::NotRun, _)))) = changes.get(before)
                        && began.elapsed() > MOMENT
                    {
                        self.timings.add(&host.id, Phase::Change(foreseen.resource.clone()), began);
                    }
                    self.progress(host, Text::verbatim(change.resource.as_str()));
                }
            }
            ApplyEvent::Progress(doing) => self.progress(host, doing),
            ApplyEvent::Done(index, duration) => {
                if let Some((resource, action)) = settle(index, ChangeResult::Done, Some(duration)) {
                    self.send(Event::ChangeDone { host: host.id.clone(), resource, action, duration });
                }
            }
            ApplyEvent::Failed(index, cause, refusal) => {
                settle(index, ChangeResult::Failed, None);
                failure.get_or_insert((cause, refusal));
            }
            ApplyEvent::RolledBack(index) => {
                settle(index, ChangeResult::RolledBack, None);
            }
            ApplyEvent::Note(note) => self.pass_on(host, Level::Warning, note, notes),
            ApplyEvent::Want(_) => {}
        }
    }

    /// Tells a note of a host, or that there are more than are told.
    fn pass_on(&self, host: &Host, level: Level, message: Text, notes: &mut Notes) {
        match notes.told {
            ..NOTES => self.note(host, level, message),
            NOTES => self.note(
                host,
                Level::Warning,
                text!(en: "it has more to tell than is shown", pt: "ela tem mais a dizer do que se mostra"),
            ),
            _ => return,
        }
        notes.told += 1;
    }
}
