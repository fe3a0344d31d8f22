//! Asks all probes of all hosts and tells each verdict as it falls.
//!
//! Owns: which probe waits for which, retries, how many are under way at once. Does not own: sessions (they are opened
//! elsewhere, perhaps meanwhile, and stay open) and judgement (`probes`).
//!
//! Each host costs one execution, for `ssh`, `service` and `socket` together, and one more for the commands of its
//! practices, which may do to the program that runs them whatever they like; everything else is asked through TCP
//! streams of its session or (`--direct`) from this machine. One cause makes one failure: what each probe needs stands
//! in its row of [`PROBES`], and what fails is told by the first that sees it. A later one whose failure that explains
//! is not judged, and says which probe explains it; what it does not explain fails all the same. Windows of retries run side by side: a
//! probe that waits for another one gets a window of its own only where that one passed.

mod ahead;
pub(super) mod ask;
mod cluster;
mod http;
mod local;
mod logs;
mod practice;
mod retry;
mod verdicts;

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use futures_util::future::join_all;
use tokio::sync::{Semaphore, SetOnce};

use crate::event::Event;
use crate::model::{
    Check, CheckKind, Cluster, Failure, FailureKind, Host, HostId, Probe, Resource, Standpoint, Whose,
};
use crate::probes::{
    BalancerExpectation, Ground, HostExpectation, KnownPages, PROBES, PracticeExpectation, Setback, Target,
    probe,
};
use crate::remote::Credentials;
use crate::transport::Session;

pub(super) use logs::read_logs;
pub use retry::Retry;
use verdicts::Verdicts;

#[derive(Clone, Copy)]
pub struct Verify<'a> {
    /// What each host should have.
    pub wanted: &'a HashMap<HostId, Vec<Resource>>,
    /// The pages of all web hosts of the inventory, selected or not, so that foreign ones can be named.
    pub pages: &'a KnownPages,
    /// The inventory's file as the user named it, for commands in hints.
    pub inventory: &'a Path,
    /// Whether pages are asked for from this machine, as a browser would, and not by the hosts.
    pub direct: bool,
    /// How long and how often to ask again.
    pub retry: Retry,
}

impl Verify<'_> {
    pub fn expectation(&self, cluster: &Cluster, host: &Host) -> HostExpectation {
        let wanted = self.wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        HostExpectation::new(cluster, host, wanted, self.inventory, self.direct)
    }
}

pub struct Subject<'a> {
    /// Its cluster, which tells what a balancer balances over.
    pub cluster: &'a Cluster,
    pub host: &'a Host,
    pub expectation: HostExpectation,
    /// Its session, or why there is none, as soon as that is known.
    pub session: SetOnce<Result<Arc<Session>, Failure>>,
    /// How root is gained there, to read logs.
    pub credentials: Credentials<'a>,
    /// Why root was refused there, once it was: another try with a wrong password may lock the account.
    pub root_refusal: Arc<OnceLock<Failure>>,
    /// By what this run has already failed there: then nothing is about to come up, and nothing is asked twice.
    pub setback: Option<Setback>,
}

pub struct Probed {
    /// In the order of the subjects. What was not asked any more is skipped.
    pub checks: Vec<Check>,
    pub is_complete: bool,
}

impl Probed {
    /// What subjects would have been asked that were not.
    pub fn nothing(subjects: &[Subject<'_>], verify: &Verify<'_>) -> Self {
        let all: Vec<_> = subjects.iter().map(|subject| Asked::new(subject, verify)).collect();
        Self { checks: Verdicts::new(&all, &|_| {}).finish(&all), is_complete: false }
    }
}

/// Runs the probes of all subjects, those of a cluster beside each other, as many at once as `gate` lets through, until they have ended or `stopping` comes
/// first.
pub async fn verify(
    subjects: &[Subject<'_>],
    verify: &Verify<'_>,
    gate: &Semaphore,
    tell: &dyn Fn(Event),
    stopping: impl Future<Output = ()>,
) -> Probed {
    let all: Vec<_> = subjects.iter().map(|subject| Asked::new(subject, verify)).collect();
    let verdicts = Verdicts::new(&all, tell);
    let round = Round { pages: verify.pages, gate, verdicts: &verdicts };
    let clusters = all.chunk_by(|one, next| one.subject.cluster.name == next.subject.cluster.name);
    let probing = join_all(clusters.map(|members| round.cluster(members)));
    let is_complete = tokio::select! {
        _ = probing => true,
        () = stopping => false,
    };
    Probed { checks: verdicts.finish(&all), is_complete }
}

/// A host that is asked, and what is expected of it.
struct Asked<'a> {
    subject: &'a Subject<'a>,
    expectation: &'a HostExpectation,
    direct: bool,
    retry: Retry,
    /// How the host sees itself, as soon as that is known.
    standpoint: SetOnce<Standpoint>,
}

impl<'a> Asked<'a> {
    fn new(subject: &'a Subject<'a>, verify: &Verify<'_>) -> Self {
        let Verify { direct, retry, .. } = *verify;
        Self {
            subject,
            expectation: &subject.expectation,
            direct,
            retry: if subject.setback.is_some() { retry.never() } else { retry },
            standpoint: SetOnce::new(),
        }
    }

    /// Keeps what is known first.
    fn saw(&self, standpoint: Standpoint) {
        let _ = self.standpoint.set(standpoint);
    }

    /// How the host sees itself. Asked from here, nobody waits for it: it says no more than whose fault an answer is.
    async fn standpoint(&self) -> Standpoint {
        if self.direct {
            self.standpoint.get().cloned().unwrap_or_default()
        } else {
            self.standpoint.wait().await.clone()
        }
    }

    /// Waits until the host has told how it sees itself, or nobody can ask it: what failed is then told with its reason.
    async fn looked_at(&self) {
        if self.session().await.is_ok() {
            self.standpoint.wait().await;
        }
    }

    /// What it does as a balancer, with what its host sees of itself by now.
    async fn balancer(&self) -> Option<BalancerExpectation> {
        let balancer = self.expectation.balancer.as_ref()?;
        let standpoint = self.standpoint().await;
        let started = self.expectation.started_otherwise(&standpoint);
        Some(balancer.seen_from(&standpoint, self.is_intact(CheckKind::BALANCE), started))
    }

    /// Whether all that a service reads is as it should be, where that is known by now.
    fn is_intact(&self, kind: CheckKind) -> Option<bool> {
        self.expectation.is_intact(kind, self.standpoint.get()?)
    }

    /// The host with what is known of it by now.
    fn target(&self) -> Target {
        let standpoint = self.standpoint.get().cloned().unwrap_or_default();
        self.expectation.host.on(Ground::seen_from(self.subject.setback.is_some(), &standpoint))
    }

    /// What this run failed by there, where that is why such a probe fails.
    fn explanation(&self, kind: CheckKind) -> Option<&'a Setback> {
        self.subject.setback.as_ref().filter(|setback| setback.explains(kind))
    }

    fn id(&self) -> &HostId {
        &self.expectation.host.id
    }

    /// The checks of this host, in the order they are shown.
    fn kinds(&self) -> Vec<CheckKind> {
        let is_asked = |probe: &&Probe| match probe.of {
            Whose::All => true,
            Whose::WithServices => !self.expectation.services.is_empty(),
            Whose::WithPage => self.expectation.web.is_some(),
            Whose::Balancers => self.expectation.balancer.is_some(),
            Whose::WithSocketLab => self.expectation.socket_path.is_some(),
        };
        let built_in = PROBES.iter().filter(is_asked).map(|probe| probe.kind);
        built_in.chain(self.expectation.practices.iter().map(|practice| practice.probe.kind())).collect()
    }

    /// Whether a check is asked over the host's session.
    fn needs_session(&self, kind: CheckKind) -> bool {
        let asks_outside = || match probe(kind) {
            Some(probe) => probe.asks_pages,
            None => self.practice(kind).is_some_and(|practice| practice.site.is_some()),
        };
        !(self.direct && asks_outside())
    }

    fn practice(&self, kind: CheckKind) -> Option<&'a PracticeExpectation> {
        self.expectation.practices.iter().find(|practice| practice.probe.kind() == kind)
    }

    /// The session, or why there is none, once that is known.
    async fn session(&self) -> Result<&'a Session, &'a Failure> {
        self.subject.session.wait().await.as_deref()
    }

    /// Whether SSH found nobody at the host's address, so that a browser will not, either.
    fn is_off(&self) -> bool {
        let failure = self.subject.session.get().and_then(|session| session.as_ref().err());
        let is_nobody_there =
            |failure: &Failure| matches!(failure.kind, FailureKind::Connect | FailureKind::Resolve);
        self.subject.host.connection.jump.is_none() && failure.is_some_and(is_nobody_there)
    }

    /// The way to the host's pages, where there is one.
    async fn way(&self) -> Option<ask::Way<'a>> {
        if self.direct { Some(ask::Way::Direct) } else { self.session().await.ok().map(ask::Way::Session) }
    }
}

/// What all probes of a round share.
struct Round<'a> {
    pages: &'a KnownPages,
    /// Shared with other rounds that go on at the same time.
    gate: &'a Semaphore,
    verdicts: &'a Verdicts<'a>,
}

#[cfg(test)]
mod tests;
