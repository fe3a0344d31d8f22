//! Looks at a cluster while it is drilled: steady requests through its balancer, and HAProxy's own word for the victim.

use std::cell::{Cell, Ref, RefCell};
use std::convert::Infallible;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::join3;
use futures_util::stream::FuturesUnordered;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::model::{Marks, Sample, Text, Timeline, text};
use crate::probes::{Answer, BalancerExpectation, KnownPages, Site, Target, drill, stats};
use crate::transport::Session;

use super::super::verify::ask::{self, Way};

/// How long one request is waited for.
const REQUEST_LIMIT: Duration = Duration::from_secs(2);
/// Without any answer for so long, the statistics of HAProxy included, nobody looks on any more.
const SILENCE: Duration = Duration::from_secs(10);
/// Between two looks at HAProxy's statistics: as exact as the figures are.
const LOOK: Duration = Duration::from_millis(200);
/// Between two looks at what was seen.
const PAUSE: Duration = Duration::from_millis(50);
/// Between two lines of progress.
const TELL: Duration = Duration::from_millis(500);

/// One cluster's observer. All its work is done by [`Self::watch`].
pub struct Observer<'a> {
    pub target: &'a Target,
    pub balancer: &'a BalancerExpectation,
    pub pages: &'a KnownPages,
    session: &'a Session,
    /// The victim's name in haproxy.cfg.
    server: &'a str,
    started: Instant,
    /// When anything last had an answer.
    answered: Cell<Instant>,
    phase: RefCell<Text>,
    timeline: RefCell<Timeline>,
}

impl<'a> Observer<'a> {
    pub fn new(
        session: &'a Session,
        target: &'a Target,
        balancer: &'a BalancerExpectation,
        pages: &'a KnownPages,
        server: &'a str,
    ) -> Self {
        let started = Instant::now();
        let (answered, phase, timeline) = (Cell::new(started), RefCell::default(), RefCell::default());
        Self { target, balancer, pages, session, server, started, answered, phase, timeline }
    }

    /// Looks on, until it is dropped.
    pub async fn watch(&self, rate: u16, tell: impl Fn(Text)) -> Infallible {
        join3(self.send_requests(rate), self.look_at_rotation(), self.tell(rate, tell)).await.0
    }

    pub fn timeline(&self) -> Ref<'_, Timeline> {
        self.timeline.borrow()
    }

    /// Names what is going on, for the line of progress.
    pub fn enter(&self, phase: Text) {
        *self.phase.borrow_mut() = phase;
    }

    /// Notes a moment, the first time that it is told.
    pub fn mark(&self, mark: impl FnOnce(&mut Marks) -> &mut Option<Duration>) {
        let now = self.started.elapsed();
        mark(&mut self.timeline.borrow_mut().marks).get_or_insert(now);
    }

    /// Waits until something is to be seen in the timeline; `None` where it was not in time.
    pub async fn until<T>(&self, limit: Duration, find: impl Fn(&Timeline) -> Option<T>) -> Option<T> {
        let deadline = Instant::now().checked_add(limit);
        loop {
            if let Some(found) = find(&self.timeline()) {
                return Some(found);
            }
            if deadline.is_some_and(|deadline| Instant::now() > deadline) {
                return None;
            }
            sleep(PAUSE).await;
        }
    }

    /// Returns once nobody can look on.
    pub async fn cut_off(&self) {
        self.until(Duration::MAX, |_| self.is_cut_off().then_some(())).await;
    }

    /// Whether the connection to the balancer has died, or everything that is asked over it is without an answer. A cluster
    /// that is drilled does not wait until TCP has given up.
    pub fn is_cut_off(&self) -> bool {
        self.session.is_closed() || self.answered.get().elapsed() > SILENCE
    }

    pub async fn statistics(&self) -> Answer {
        self.ask(&self.balancer.stats, stats::PATH, stats::SIZE_LIMIT).await
    }

    pub fn into_timeline(self) -> Timeline {
        let mut timeline = self.timeline.into_inner();
        timeline.samples.sort_by_key(|sample| sample.sent);
        timeline
    }

    async fn send_requests(&self, rate: u16) -> Infallible {
        let mut ticks = interval(Duration::from_secs(1) / u32::from(rate.max(1)));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        // Of requests that are waited for there are never more than the rate sends within their limit.
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                _ = ticks.tick() => under_way.push(self.send_request()),
                Some(sample) = under_way.next() => self.timeline.borrow_mut().samples.push(sample),
            }
        }
    }

    async fn send_request(&self) -> Sample {
        let sent = self.started.elapsed();
        let answer = self.ask(&self.balancer.site, "/", self.pages.size_limit()).await;
        let answer = drill::answered(self.balancer, self.pages, &answer);
        Sample { sent, took: self.started.elapsed().saturating_sub(sent), answer }
    }

    async fn ask(&self, site: &Site, path: &str, size_limit: usize) -> Answer {
        let asking = ask::page(Way::Streams(self.session), site, path, size_limit);
        let answer = timeout(REQUEST_LIMIT, asking).await.unwrap_or(Answer::TimedOut);
        if answer != Answer::TimedOut {
            self.answered.set(Instant::now());
        }
        answer
    }

    /// Notes each change. While HAProxy says nothing, what it said last holds.
    async fn look_at_rotation(&self) -> Infallible {
        loop {
            let asked = self.started.elapsed();
            if let Some(is_in) = stats::is_in_rotation(&self.statistics().await, self.server) {
                let rotation = &mut self.timeline.borrow_mut().rotation;
                if rotation.last().is_none_or(|(_, known)| *known != is_in) {
                    rotation.push((asked, is_in));
                }
            }
            sleep(LOOK).await;
        }
    }

    async fn tell(&self, rate: u16, tell: impl Fn(Text)) -> Infallible {
        loop {
            let lost = self.timeline().samples.iter().filter(|sample| sample.answer.is_err()).count();
            let phase = self.phase.borrow().clone();
            tell(text!(
                en: "{phase}: {rate} requests/s, {lost} lost",
                pt: "{phase}: {rate} requisições/s, {lost} perdidas", phase
            ));
            sleep(TELL).await;
        }
    }
}
