//! Probes hosts: over the sessions that are open, or each as soon as it is reached.

use std::sync::Arc;

use futures_util::future::join;
use tokio::sync::SetOnce;

use crate::event::{Event, Stage};
use crate::model::{Check, CheckKind, Cluster, Failure, Host};
use crate::transport::Session;

use super::verify::{self, Subject, Verify};
use super::watch::lost;
use super::{Runner, Worked};

impl Runner {
    /// Connects to hosts and runs all probes, as a stage of its own. Results in the order given; no checks where
    /// Ctrl-C ends the probes.
    pub async fn reach_and_verify(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
    ) -> (Vec<Check>, Vec<Worked>) {
        let tell = |event: Event| self.send(event);
        let probing = self.probe_as_reached(members, how, &tell);
        let (checks, worked) = self.stage(Stage::Verify, members.len(), probing).await;
        (checks.unwrap_or_default(), worked)
    }

    /// Runs all probes over the sessions that hosts were worked on with, unless Ctrl-C ends them: then there are none.
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
        self.stage(Stage::Verify, subjects.len(), probing).await.unwrap_or_default()
    }

    /// Connects to hosts, and probes each as soon as it is reached: one that does not answer holds up nobody but the
    /// balancer whose requests it should answer. No checks where Ctrl-C came first.
    pub(super) async fn probe_as_reached(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        tell: &dyn Fn(Event),
    ) -> (Option<Vec<Check>>, Vec<Worked>) {
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
        let (reached, checks) = join(reaching, self.probe(&subjects, how, tell)).await;
        let hosts: Vec<&Host> = members.iter().map(|(_, host)| *host).collect();
        (checks, Worked::or_not_begun(&hosts, reached))
    }

    /// Runs all probes, unless Ctrl-C ends them.
    pub(super) async fn probe(
        &self,
        subjects: &[Subject<'_>],
        how: &Verify<'_>,
        tell: &dyn Fn(Event),
    ) -> Option<Vec<Check>> {
        tokio::select! {
            checks = verify::verify(subjects, how, self.forks, tell) => Some(checks),
            () = self.interrupt.stopping() => None,
        }
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
