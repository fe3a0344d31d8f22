//! Probes hosts: over the sessions that are open, or each as soon as it is reached.

use std::sync::Arc;

use futures_util::future::join;
use tokio::sync::SetOnce;

use crate::event::{Event, Stage};
use crate::model::{Check, CheckKind, Cluster, Failure, Host};
use crate::transport::Session;

use super::verify::{self, Probed, Subject, Verify};
use super::watch::lost;
use super::{Runner, Worked};

impl Runner {
    /// Connects to hosts and runs all probes, as a stage of its own. Results in the order given.
    pub async fn reach_and_verify(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
    ) -> (Vec<Check>, Vec<Worked>) {
        let tell = |event: Event| self.send(event);
        let probing = self.probe_as_reached(members, how, &tell);
        let (probed, worked) = self.stage(Stage::Verify, members.len(), probing).await;
        (probed.checks, worked)
    }

    /// Runs all probes over the sessions that hosts were worked on with.
    pub async fn verify(
        &self,
        members: &[(&Cluster, &Host)],
        worked: &[Worked],
        how: &Verify<'_>,
    ) -> Vec<Check> {
        let subjects: Vec<_> =
            members.iter().zip(worked).map(|(member, worked)| self.subject(*member, worked)).collect();
        let tell = |event: Event| self.send(event);
        let probing = self.probe(&subjects, how, &tell);
        self.stage(Stage::Verify, subjects.len(), probing).await.checks
    }

    /// Connects to hosts, and probes each as soon as it is reached: one that does not answer holds up nobody but the
    /// balancer whose requests it should answer.
    pub(super) async fn probe_as_reached(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        tell: &dyn Fn(Event),
    ) -> (Probed, Vec<Worked>) {
        let subjects: Vec<_> = members
            .iter()
            .map(|(cluster, host)| Subject {
                cluster,
                host,
                session: SetOnce::new(),
                credentials: self.credentials(host),
                has_failed: false,
            })
            .collect();
        let awaited: Vec<&Subject<'_>> = subjects.iter().collect();
        let reaching = self.each(&awaited, async |subject| {
            let mut worked = Worked::begun(subject.host);
            match self.connect(subject.host).await {
                Ok(session) => worked.session = Some(Arc::new(session)),
                Err(failure) => worked.fail(failure),
            }
            self.progress(subject.host, CheckKind::Ssh.as_str());
            // Nobody else sets it.
            let _ = subject.session.set(worked.connection());
            worked
        });
        let (reached, probed) = join(reaching, self.probe(&subjects, how, tell)).await;
        let hosts: Vec<&Host> = members.iter().map(|(_, host)| *host).collect();
        (probed, Worked::or_not_begun(&hosts, reached))
    }

    /// Runs all probes, until Ctrl-C.
    pub(super) async fn probe(
        &self,
        subjects: &[Subject<'_>],
        how: &Verify<'_>,
        tell: &dyn Fn(Event),
    ) -> Probed {
        verify::verify(subjects, how, self.forks, tell, self.interrupt.stopping()).await
    }

    /// A host that was worked on, as the probes take it.
    pub(super) fn subject<'a>(
        &'a self,
        (cluster, host): (&'a Cluster, &'a Host),
        worked: &Worked,
    ) -> Subject<'a> {
        Subject {
            cluster,
            host,
            session: SetOnce::new_with(Some(worked.connection())),
            credentials: self.credentials(host),
            has_failed: worked.outcome.failure.is_some(),
        }
    }
}

impl Worked {
    /// The session, or why there is none.
    fn connection(&self) -> Result<Arc<Session>, Failure> {
        let no_session = || self.outcome.failure.clone().unwrap_or_else(lost);
        self.session.clone().ok_or_else(no_session)
    }
}
