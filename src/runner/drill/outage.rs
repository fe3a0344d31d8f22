//! The program that takes the victim out and brings it back, from the laptop's side.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::event::Level;
use crate::model::{DrillMode, Failure, FailureKind, text};
use crate::probes::stats;
use crate::remote::{self, DrillEvent, DrillTarget};
use crate::transport::{Input, Session};

use super::super::Runner;
use super::super::host_log::HostLog;
use super::DrillSubject;
use super::observer::Observer;

/// What the program may take besides waiting: stopping, starting.
const ALLOWANCE: Duration = Duration::from_secs(400);

impl Runner {
    /// Takes the victim out, brings it back when `stop` is cancelled, and notes the moments.
    pub(super) async fn outage(
        &self,
        subject: &DrillSubject<'_>,
        session: &Session,
        observer: &Observer<'_>,
        restore_after: Duration,
        stop: &CancellationToken,
        log: &mut HostLog,
    ) -> Result<(), Failure> {
        let target = match subject.drill.mode {
            DrillMode::Stop => {
                DrillTarget::Service { name: &subject.service.name, check: subject.service.check.as_deref() }
            }
            DrillMode::Maintenance => DrillTarget::Server {
                service: &subject.balance.service,
                socket: &subject.balance.socket,
                backend: stats::BACKEND,
                server: &subject.victim.name,
            },
        };
        let program = remote::drill(target, restore_after, self.credentials(subject.actor()))?;
        let mut failure = None;
        let mut conversation = self.conversation(session, Some(restore_after + ALLOWANCE), log);
        conversation.stop = stop.clone();
        let hear = |event, _: &Input| {
            match event {
                DrillEvent::Failed(cause) => failure = Some(cause),
                event => self.follow_outage(subject, observer, &event),
            }
            Ok(())
        };
        let ended = conversation.follow(program, hear).await;
        if let Some(failure) = failure {
            return Err(failure);
        }
        let ended = ended.map_err(Failure::from);
        let marks = observer.timeline().marks;
        if marks.leaving.is_some() && marks.returned.is_none() {
            return ended.map_err(|failure| comes_back(failure, restore_after));
        }
        ended
    }

    fn follow_outage(&self, subject: &DrillSubject<'_>, observer: &Observer<'_>, event: &DrillEvent) {
        let (stops, service) = (subject.drill.mode == DrillMode::Stop, &subject.service.name);
        let message = match event {
            DrillEvent::Leaving => {
                observer.enter(text!(en: "being taken out", pt: "sendo retirada"));
                return observer.mark(|marks| &mut marks.leaving);
            }
            DrillEvent::Left => {
                observer.enter(text!(
                    en: "out, and the balancer has to notice",
                    pt: "fora, e o balanceador tem de perceber",
                ));
                observer.mark(|marks| &mut marks.left);
                if stops {
                    text!(en: "{service} is stopped", pt: "{service} parado")
                } else {
                    text!(en: "in maintenance", pt: "em manutenção")
                }
            }
            DrillEvent::Returning => {
                observer.enter(text!(en: "coming back", pt: "voltando"));
                return observer.mark(|marks| &mut marks.returning);
            }
            DrillEvent::Returned => {
                observer.mark(|marks| &mut marks.returned);
                if stops {
                    text!(en: "{service} runs again", pt: "{service} de volta")
                } else {
                    text!(en: "no more in maintenance", pt: "fora de manutenção")
                }
            }
            DrillEvent::Held | DrillEvent::Failed(_) => return,
        };
        self.note(subject.victim, Level::Info, message);
    }
}

/// What the laptop does not see any more, the host does.
fn comes_back(failure: Failure, restore_after: Duration) -> Failure {
    let seconds = restore_after.as_secs();
    let message = match failure.kind {
        FailureKind::Interrupted => text!(
            en: "left by Ctrl-C while a web host was out",
            pt: "interrompido com Ctrl-C enquanto um servidor web estava fora",
        ),
        _ => failure.message,
    };
    let promise = text!(
        en: "the host brings it back by itself, at the latest {seconds} s after it was taken out",
        pt: "a própria máquina o traz de volta, no máximo {seconds} s depois de tirado",
    );
    Failure { kind: failure.kind, message, hint: Some(promise) }
}
