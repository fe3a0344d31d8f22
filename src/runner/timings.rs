//! Takes down what hosts are busy with, and when.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Check, Host, HostId, HostTiming, Phase, Span};
use crate::transport::Session;

/// What was taken down since a run began.
#[derive(Debug)]
pub struct Timings {
    began: Instant,
    spans: Mutex<HashMap<HostId, Vec<Span>>>,
}

impl Timings {
    pub fn begin() -> Self {
        Self { began: Instant::now(), spans: Mutex::default() }
    }

    /// A host was busy with this from a moment until now.
    pub(super) fn add(&self, host: &HostId, phase: Phase, from: Instant) {
        self.push(host, Span { phase, from: self.moment(from), to: self.now() });
    }

    /// A host was connected to since a moment, as far as that went.
    pub(super) fn add_connection(&self, host: &HostId, from: Instant, session: Option<&Session>) {
        let greeted = session.and_then(Session::greeted);
        let [began, met] = [from, greeted.unwrap_or_else(Instant::now)].map(|moment| self.moment(moment));
        self.push(host, Span { phase: Phase::Connect, from: began, to: met });
        if greeted.is_some() {
            self.push(host, Span { phase: Phase::Login, from: met, to: self.now() });
        }
    }

    pub(super) fn add_check(&self, check: &Check) {
        self.push(&check.host, Span::of_check(check, self.now()));
    }

    /// All of it, in the order of the hosts.
    pub fn of<'a>(&self, hosts: impl IntoIterator<Item = &'a Host>) -> Vec<HostTiming> {
        let mut spans = std::mem::take(&mut *self.spans.lock().unwrap_or_else(PoisonError::into_inner));
        let timing = |host: &Host| Some(HostTiming { host: host.id.clone(), spans: spans.remove(&host.id)? });
        hosts.into_iter().filter_map(timing).collect()
    }

    fn moment(&self, moment: Instant) -> Duration {
        moment.saturating_duration_since(self.began)
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn push(&self, host: &HostId, span: Span) {
        let mut spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.entry(host.clone()).or_default().push(span);
    }
}
