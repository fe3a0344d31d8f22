//! Probes hosts: over the sessions that are open, or each as soon as it is reached.

use std::sync::{Arc, OnceLock};

use futures_util::future::join;
use tokio::sync::{Semaphore, SetOnce};

use crate::event::{Event, Stage};
use crate::model::{Check, CheckKind, Cluster, Failure, FailureKind, Host, text};
use crate::probes::Setback;
use crate::transport::Session;

use super::slot::{Slot, visits};
use super::verify::{self, Probed, Subject, Verify};
use super::{Runner, Worked};

/// How much goes on at one time, also where clusters are probed apart from each other. Connections have a limit of
/// their own, so that hosts that do not answer keep nobody from being asked.
pub(super) struct Limits {
    pub connecting: Semaphore,
    pub asking: Semaphore,
}

impl Limits {
    pub fn new(forks: usize) -> Self {
        let visits = visits(forks);
        Self { connecting: Semaphore::new(visits), asking: Semaphore::new(visits) }
    }
}

impl Runner {
    /// Connects to hosts and runs all probes, as a stage of its own. Results in the order given.
    pub async fn reach_and_verify(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
    ) -> (Vec<Check>, Vec<Worked>) {
        let tell = |event: Event| self.send(self.timed(event));
        let probing = async {
            let limits = Limits::new(self.forks);
            let (mut probed, worked) = self.probe_as_reached(members, how, &limits, &tell).await;
            self.read_logs(&mut probed, &self.subjects(members, &worked, how)).await;
            (probed.checks, worked)
        };
        self.stage(Stage::Verify, members.len(), probing).await
    }

    /// Connects to hosts, and probes each as soon as it is reached: one that does not answer holds up nobody but the
    /// balancer whose requests it should answer.
    pub(super) async fn probe_as_reached(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        limits: &Limits,
        tell: &dyn Fn(Event),
    ) -> (Probed, Vec<Worked>) {
        let subjects: Vec<_> = members
            .iter()
            .map(|(cluster, host)| Subject {
                cluster,
                host,
                expectation: how.expectation(cluster, host),
                session: SetOnce::new(),
                credentials: self.credentials(host),
                root_refusal: Arc::default(),
                setback: None,
            })
            .collect();
        let awaited: Vec<&Subject<'_>> = subjects.iter().collect();
        let reaching = self.each(&awaited, async |subject: &Subject<'_>, slot: &mut Slot<'_>| {
            let root_refusal = Arc::clone(&subject.root_refusal);
            let mut worked = Worked { root_refusal, ..Worked::begun(subject.host) };
            let _turn = limits.connecting.acquire().await;
            match self.connect(subject.host, slot).await {
                Ok(session) => worked.session = Some(Arc::new(session)),
                Err(failure) => worked.fail(failure),
            }
            self.send(Event::ProbeAwaited { host: subject.host.id.clone(), kind: CheckKind::SSH });
            // Nobody else sets it.
            let _ = subject.session.set(worked.connection());
            worked
        });
        let (reached, probed) = join(reaching, self.probe(&subjects, how, limits, tell)).await;
        let hosts: Vec<&Host> = members.iter().map(|(_, host)| *host).collect();
        (probed, Worked::or_not_begun(&hosts, reached))
    }

    /// Runs all probes, until Ctrl-C.
    pub(super) async fn probe(
        &self,
        subjects: &[Subject<'_>],
        how: &Verify<'_>,
        limits: &Limits,
        tell: &dyn Fn(Event),
    ) -> Probed {
        verify::verify(subjects, how, &limits.asking, tell, self.interrupt.graceful.cancelled()).await
    }

    /// Adds logs to what failed, where all was asked, until Ctrl-C.
    pub(super) async fn read_logs(&self, probed: &mut Probed, subjects: &[Subject<'_>]) {
        if probed.is_complete {
            tokio::select! {
                () = verify::read_logs(&mut probed.checks, subjects, self.forks) => {}
                () = self.interrupt.graceful.cancelled() => {}
            }
        }
    }

    /// Hosts that were worked on, as the probes take them.
    pub(super) fn subjects<'a>(
        &'a self,
        members: &[(&'a Cluster, &'a Host)],
        worked: impl IntoIterator<Item = &'a Worked>,
        how: &Verify<'_>,
    ) -> Vec<Subject<'a>> {
        let subject = |(member, worked): (&(&'a Cluster, &'a Host), &Worked)| {
            let (cluster, host) = *member;
            Subject {
                cluster,
                host,
                expectation: how.expectation(cluster, host),
                session: SetOnce::new_with(Some(worked.connection())),
                credentials: self.credentials(host),
                root_refusal: worked.root_refusal(),
                setback: worked.setback(),
            }
        };
        members.iter().zip(worked).map(subject).collect()
    }

    /// What a probe tells, with how long that took taken down.
    pub(super) fn timed(&self, event: Event) -> Event {
        if let Event::CheckFinished(check) = &event {
            self.timings.add_check(check);
        }
        event
    }
}

impl Worked {
    /// Why root was refused, by the work or by a probe. Then sudo is left alone: one more try with a wrong password may
    /// lock the account.
    fn root_refusal(&self) -> Arc<OnceLock<Failure>> {
        let refused = self.outcome.failure.as_ref().filter(|failure| failure.kind == FailureKind::Become);
        if let Some(failure) = refused {
            self.root_refusal.get_or_init(|| failure.clone());
        }
        Arc::clone(&self.root_refusal)
    }

    /// Why its host is not as it was to be.
    fn setback(&self) -> Option<Setback> {
        let failure = self.outcome.failure.as_ref()?;
        let change = self.outcome.failed_change().cloned();
        Some(change.map_or_else(|| Setback::Failure(failure.message.clone()), Setback::Change))
    }

    /// The session, or why there is none.
    fn connection(&self) -> Result<Arc<Session>, Failure> {
        let no_session = || self.outcome.failure.clone().unwrap_or_else(lost);
        self.session.clone().ok_or_else(no_session)
    }
}

/// Why there is no session where there was one.
pub(super) fn lost() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(en: "the connection was lost", pt: "a conexão caiu"),
        hint: Some(text!(
            en: "check the host and the network, then verify again",
            pt: "verifique a máquina e a rede e rode verify de novo",
        )),
    }
}
