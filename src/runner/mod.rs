//! Works on many hosts at once. Owns the fan-out, limits, interruption and the order of steps on one host; what a
//! host should have is decided elsewhere, and nothing is printed here: events go out, outcomes come back.

mod apply;
mod changes;
mod conversation;
mod deletion;
mod drill;
mod events;
mod examine;
mod exec;
mod execute;
mod fetch;
mod host_log;
mod interrupt;
mod link;
mod order;
mod proof;
mod reach;
mod reset;
mod secrets;
mod slot;
mod supply;
mod timings;
mod upload;
mod verify;
mod watch;

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::event::{Event, Level, Stage};
use crate::model::{
    Change, ChangeResult, Concern, Failure, FailureKind, Host, HostId, HostOutcome, HostPlan, HostStatus,
    Text, text,
};
use crate::packages::PackageRelay;
use crate::transport::{Connector, Session};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

pub use apply::{Apply, Intent, Planning};
pub use deletion::Consent;
pub use drill::{DrillSettings, DrillSubject};
pub use events::{EventReceiver, EventSender, events};
pub use host_log::HostLog;
pub use interrupt::Interrupt;
pub use secrets::Secrets;
pub use timings::Timings;
pub use verify::{Retry, Verify};
pub use watch::Watched;

use slot::{Room, Slot};

/// So many last lines of a failed host's output are shown; the rest is in the log.
const LOG_TAIL: usize = 12;

/// What all hosts of a run share.
pub struct Runner {
    pub connector: Connector,
    /// The passwords that the inventory names.
    pub secrets: Secrets,
    /// Serves packages to hosts that cannot reach a mirror.
    pub relay: PackageRelay,
    pub events: EventSender,
    pub timings: Timings,
    pub interrupt: Interrupt,
    /// How many hosts are changed at once. More than these are visited.
    pub forks: usize,
}

/// A change with what became of it.
type Tried = (Change, Option<(ChangeResult, Duration)>);

/// How work on a host ended, after how many changes, and why it failed.
type End = (HostStatus, usize, Option<Failure>);

/// A host at the end of a stage.
pub struct Worked {
    pub outcome: HostOutcome,
    /// `None` where the host was not reached, or where no stage follows that speaks with it.
    pub session: Option<Arc<Session>>,
    /// What the host said besides answers.
    pub log: HostLog,
    /// Why root was refused to probes, so that it is not tried again.
    root_refusal: Arc<OnceLock<Failure>>,
}

impl Runner {
    /// Runs `work` for every host (or cluster), as many at once as are visited, and returns the results in the order
    /// given. They begin in this order, and after Ctrl-C none begins. Work that costs takes a fork of its slot.
    async fn each<'a, H, T>(
        &self,
        hosts: &[&'a H],
        work: impl AsyncFn(&'a H, &mut Slot<'_>) -> T,
    ) -> Vec<Option<T>> {
        let room = Room::new(self.forks);
        let (room, work) = (&room, &work);
        let mut results: Vec<Option<T>> = hosts.iter().map(|_| None).collect();
        let running = hosts.iter().enumerate().map(|(position, host)| async move {
            let mut slot = Slot::take(room).await;
            if self.interrupt.is_stopping() {
                return (position, None);
            }
            // On the heap: those that have not begun take next to no memory.
            (position, Some(Box::pin(work(host, &mut slot)).await))
        });
        let mut running: FuturesUnordered<_> = running.collect();
        while let Some((position, result)) = running.next().await {
            if let Some(slot) = results.get_mut(position) {
                *slot = result;
            }
        }
        drop(running);
        results
    }

    /// Tells when a stage begins and ends.
    async fn stage<T>(&self, stage: Stage, hosts: usize, work: impl Future<Output = T>) -> T {
        let started = Instant::now();
        self.send(Event::StageStarted { stage, hosts });
        let result = tokio::select! {
            result = work => result,
            never = self.watch_packages() => match never {},
        };
        self.send(Event::StageFinished { stage, duration: started.elapsed() });
        result
    }

    /// Works on every host and tells when each begins and ends; a failure becomes the host's outcome. Its connection is
    /// closed at its end, unless the next stage needs it. Results in the order given.
    async fn work(
        &self,
        stage: Stage,
        hosts: &[&Host],
        keeps_sessions: bool,
        steps: impl AsyncFn(&Host, &mut Worked, &mut Slot<'_>) -> Result<(), Failure>,
    ) -> Vec<Worked> {
        let steps = &steps;
        let working = self.each(hosts, async |host: &Host, slot| {
            let work = Box::pin(async {
                let mut worked = Worked::begun(host);
                if let Err(failure) = steps(host, &mut worked, slot).await {
                    worked.fail(failure);
                }
                worked
            });
            let mut worked = self.on_host(&host.id, work, Worked::end).await;
            if !keeps_sessions {
                slot.leave();
                worked.close().await;
            }
            worked
        });
        let results = self.stage(stage, hosts.len(), working).await;
        Worked::or_not_begun(hosts, results)
    }

    /// Opens a session to a host, unless Ctrl-C comes first.
    async fn connect(&self, host: &Host, slot: &mut Slot<'_>) -> Result<Session, Failure> {
        self.progress(host, text!(en: "connecting", pt: "conectando"));
        slot.hurry(Box::pin(self.open_session(host))).await
    }

    /// Waits until a host may be changed, unless Ctrl-C comes first.
    async fn take_fork(&self, host: &Host, slot: &mut Slot<'_>) -> Result<(), Failure> {
        if slot.has_fork() {
            return Ok(());
        }
        self.progress(host, text!(en: "waiting for its turn", pt: "esperando a vez"));
        tokio::select! {
            () = slot.take_fork() => Ok(()),
            () = self.interrupt.graceful.cancelled() => Err(not_begun()),
        }
    }

    /// The same for a host that has no line of its own among those at work.
    async fn open_session(&self, host: &Host) -> Result<Session, Failure> {
        let began = Instant::now();
        let connecting = self.connector.connect(&host.connection, self.secrets.login(host));
        let session = tokio::select! {
            session = connecting => {
                self.timings.add_connection(&host.id, began, session.as_ref().ok());
                session?
            }
            () = self.interrupt.graceful.cancelled() => return Err(not_begun()),
        };
        let way = &session.description;
        self.note(host, Level::Detail, text!(en: "connected by {way}", pt: "conectada por {way}", way));
        Ok(session)
    }

    /// Tells when work on a host begins and ends. `end` says how it ended. The work is on the heap: a
    /// future that takes another one by value is twice as large as that one.
    async fn on_host<T>(
        &self,
        host: &HostId,
        work: impl Future<Output = T> + Unpin,
        end: impl FnOnce(&T) -> End,
    ) -> T {
        let started = Instant::now();
        self.send(Event::HostStarted { host: host.clone() });
        let result = work.await;
        let (status, changes, failure) = end(&result);
        let (host, duration) = (host.clone(), started.elapsed());
        self.send(Event::HostFinished { host, status, changes, failure, duration });
        result
    }

    fn send(&self, event: Event) {
        self.events.send(event);
    }

    fn progress(&self, host: &Host, doing: Text) {
        self.send(Event::HostProgress { host: host.id.clone(), doing });
    }

    fn note(&self, host: &Host, level: Level, message: Text) {
        self.send(Event::Note { host: Some(host.id.clone()), level, message });
    }
}

impl Worked {
    fn begun(host: &Host) -> Self {
        let outcome = HostOutcome {
            host: host.id.clone(),
            status: HostStatus::Ok,
            changes: Vec::new(),
            failure: None,
            warnings: Vec::new(),
            log_tail: Vec::new(),
        };
        Self { outcome, session: None, log: HostLog::default(), root_refusal: Arc::default() }
    }

    /// What [`Runner::each`] gave for these hosts; some had not begun when Ctrl-C was pressed.
    fn or_not_begun(hosts: &[&Host], results: Vec<Option<Self>>) -> Vec<Self> {
        let not_begun = |host: &Host| {
            let mut worked = Self::begun(host);
            worked.fail(not_begun());
            worked
        };
        let results = hosts.iter().zip(results);
        results.map(|(host, result)| result.unwrap_or_else(|| not_begun(host))).collect()
    }

    /// Ends its connection in good order.
    async fn close(&mut self) {
        if let Some(session) = self.session.take().and_then(Arc::into_inner) {
            session.close().await;
        }
    }

    /// Takes over what is planned, before any of it is done.
    fn plan(&mut self, plan: &HostPlan) {
        self.outcome.warnings = plan.warnings.iter().map(Concern::words).collect();
        self.outcome.changes.retain(|(_, result)| matches!(result, Some((ChangeResult::Left, _))));
        self.outcome.changes.extend(plan.steps.iter().map(|step| (step.change.clone(), None)));
    }

    fn end(&self) -> End {
        let HostOutcome { status, changes, failure, .. } = &self.outcome;
        // A planned change has no result yet; one that was tried counts where it was made.
        let counts =
            |(_, result): &&Tried| result.as_ref().is_none_or(|(result, _)| *result == ChangeResult::Done);
        (*status, changes.iter().filter(counts).count(), failure.clone())
    }

    fn fail(&mut self, failure: Failure) {
        self.outcome.status = status_of(&failure);
        self.outcome.failure = Some(failure);
        self.outcome.log_tail = self.log.tail(LOG_TAIL);
    }
}

/// How work that changes nothing ended.
fn end_of<T>(result: &Result<T, Failure>) -> End {
    match result {
        Ok(_) => (HostStatus::Ok, 0, None),
        Err(failure) => (status_of(failure), 0, Some(failure.clone())),
    }
}

pub fn status_of(failure: &Failure) -> HostStatus {
    if failure.kind.is_unreachable() { HostStatus::Unreachable } else { HostStatus::Failed }
}

fn not_begun() -> Failure {
    Failure {
        kind: FailureKind::Interrupted,
        message: text!(
            en: "not begun: the run was interrupted",
            pt: "não começou: a execução foi interrompida",
        ),
        hint: Some(text!(en: "run the same command again", pt: "rode o mesmo comando de novo")),
    }
}

fn stopped() -> Failure {
    Failure {
        kind: FailureKind::Interrupted,
        message: text!(
            en: "stopped by Ctrl-C after the step under way",
            pt: "parado com Ctrl-C ao fim do passo em andamento",
        ),
        hint: Some(text!(
            en: "run the same command again: it goes on where this run stopped",
            pt: "rode o mesmo comando de novo: ele continua de onde esta execução parou",
        )),
    }
}

fn interrupted() -> Failure {
    Failure {
        kind: FailureKind::Interrupted,
        message: text!(
            en: "left by Ctrl-C while a step was under way; that step may be half-done",
            pt: "abandonado com Ctrl-C durante um passo, que pode ter ficado pela metade",
        ),
        hint: Some(text!(
            en: "run `provision apply` again: it finishes what was begun",
            pt: "rode `provision apply` de novo: ele termina o que foi começado",
        )),
    }
}
