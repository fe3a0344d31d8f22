//! Where the verdicts of a round are collected and told, and where probes look up what others found.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::event::Event;
use crate::model::{Check, CheckKind, CheckStatus, Failure, HostId, HostStatus, text};
use crate::probes::{Cause, Causes, Verdict, ssh};

use super::Asked;

pub struct Verdicts<'a> {
    tell: &'a dyn Fn(Event),
    started: Instant,
    checks: RefCell<HashMap<(HostId, CheckKind), Check>>,
    changed: Notify,
    /// Why web hosts can't be expected to answer through their balancer.
    causes: RefCell<Causes>,
    /// Services that do not run.
    stopped: RefCell<HashMap<HostId, BTreeSet<String>>>,
}

impl<'a> Verdicts<'a> {
    /// None yet; tells that the hosts have begun.
    pub fn new(all: &[Asked<'_>], tell: &'a dyn Fn(Event)) -> Self {
        for asked in all {
            tell(Event::HostStarted { host: asked.id().clone() });
        }
        Self {
            tell,
            started: Instant::now(),
            checks: RefCell::default(),
            changed: Notify::new(),
            causes: RefCell::default(),
            stopped: RefCell::default(),
        }
    }

    pub fn settle(&self, asked: &Asked<'_>, kind: CheckKind, verdict: Verdict, duration: Duration) {
        let host = asked.id();
        let verdict = match asked.explanation(kind) {
            Some(setback) if verdict.failed() => verdict.explained_by_setback(setback),
            _ => verdict,
        };
        let check = verdict.into_check(kind, host.clone(), duration);
        (self.tell)(Event::CheckFinished(check.clone()));
        self.checks.borrow_mut().insert((host.clone(), kind), check);
        self.changed.notify_waiters();
        let left = asked.kinds().into_iter().find(|kind| self.status(asked, *kind).is_none());
        if let Some(next) = left {
            return (self.tell)(Event::ProbeAwaited { host: host.clone(), kind: next });
        }
        let failure = asked.subject.session.get().and_then(|session| session.as_ref().err());
        (self.tell)(Event::HostFinished {
            host: host.clone(),
            status: if failure.is_none() { HostStatus::Ok } else { HostStatus::Unreachable },
            changes: 0,
            failure: failure.cloned(),
            duration: self.started.elapsed(),
        });
    }

    /// Fails `ssh` and skips what is asked through it.
    pub fn unreachable(&self, asked: &Asked<'_>, failure: &Failure) {
        for kind in asked.kinds().into_iter().filter(|kind| asked.needs_session(*kind)) {
            let verdict =
                if kind == CheckKind::SSH { ssh::unreached(failure) } else { ssh::not_asked(failure) };
            self.settle(asked, kind, verdict, Duration::ZERO);
        }
    }

    /// The verdict of a probe that this round asks, as soon as there is one.
    pub async fn settled(&self, asked: &Asked<'_>, kind: CheckKind) -> CheckStatus {
        loop {
            // Made before the look, so that no change is missed in between.
            let changed = self.changed.notified();
            if let Some(status) = self.status(asked, kind) {
                return status;
            }
            changed.await;
        }
    }

    fn status(&self, asked: &Asked<'_>, kind: CheckKind) -> Option<CheckStatus> {
        self.checks.borrow().get(&(asked.id().clone(), kind)).map(|check| check.status)
    }

    /// Remembers which probe says why a web host can't be expected to answer.
    pub fn blame(&self, asked: &Asked<'_>, kind: CheckKind) {
        let is_setback = asked.explanation(kind).is_some();
        let cause = Cause { is_setback, ..Cause::new(kind, asked.id()) };
        self.causes.borrow_mut().insert(asked.id().clone(), cause);
    }

    /// Why web hosts can't be expected to answer, as far as it is known.
    pub fn causes(&self) -> Causes {
        self.causes.borrow().clone()
    }

    pub fn note_stopped(&self, host: &HostId, services: BTreeSet<String>) {
        self.stopped.borrow_mut().insert(host.clone(), services);
    }

    pub fn is_stopped(&self, host: &HostId, service: &str) -> bool {
        self.stopped.borrow().get(host).is_some_and(|services| services.contains(service))
    }

    /// All checks, in the order of the hosts. What has no verdict was not asked before the run was interrupted.
    pub fn finish(self, all: &[Asked<'_>]) -> Vec<Check> {
        let mut checks = self.checks.into_inner();
        let not_asked = |(host, kind): (HostId, CheckKind)| {
            let reason = text!(
                en: "not asked: the run was interrupted",
                pt: "não testado: a execução foi interrompida",
            );
            Verdict::skip(reason, None).into_check(kind, host, Duration::ZERO)
        };
        all.iter()
            .flat_map(|asked| asked.kinds().into_iter().map(|kind| (asked.id().clone(), kind)))
            .map(|key| checks.remove(&key).unwrap_or_else(|| not_asked(key)))
            .collect()
    }
}
