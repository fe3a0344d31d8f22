//! Asks all probes of all hosts and tells each verdict as it falls.
//!
//! Owns: which probe waits for which, retries, how many are under way at once. Does not own: sessions (they are
//! borrowed, and stay open) and judgement (`probes`).
//!
//! Each host costs one execution, for `ssh`, `service` and `socket` together; everything else is HTTP through TCP
//! streams of its session. `balance` waits for `http` of its cluster's web hosts, since what they show when asked
//! directly tells whose answer came through the balancer. A host that is not reached fails `ssh` and skips the rest;
//! the balancer of its cluster is judged all the same.

mod ask;
mod http;
mod local;
mod retry;

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::{join, join_all};
use tokio::sync::Semaphore;

use crate::event::Event;
use crate::model::{Check, CheckKind, Cluster, Failure, Host, HostId, HostStatus};
use crate::probes::{Answer, BalancerExpectation, HostExpectation, KnownPages, OwnPage, Verdict};
use crate::probes::{balance, http as page, stats};
use crate::transport::Session;

pub use retry::Retry;
use retry::{Attempt, until_passed};

/// A host to verify.
pub struct Subject<'a> {
    /// Its cluster, which tells what a balancer balances over.
    pub cluster: &'a Cluster,
    /// The host.
    pub host: &'a Host,
    /// Its session, or why there is none.
    pub session: Result<&'a Session, Failure>,
}

/// Runs the probes of all subjects, at most `forks` at once, and returns the checks in the order of the subjects.
/// `pages` are the pages of all web hosts of the inventory, selected or not, so that foreign ones can be named.
pub async fn verify(
    subjects: &[Subject<'_>],
    pages: &KnownPages,
    retry: Retry,
    forks: usize,
    tell: &dyn Fn(Event),
) -> Vec<Check> {
    let probes: Vec<_> = subjects.iter().map(Probe::new).collect();
    let board = Board::new(&probes, tell);
    let round = Round { pages, retry, gate: Semaphore::new(forks.max(1)), board: &board };
    let mut clusters: Vec<(&str, Vec<&Probe<'_>>)> = Vec::new();
    for probe in &probes {
        let name = probe.subject.cluster.name.as_str();
        match clusters.iter_mut().find(|(known, _)| *known == name) {
            Some((_, members)) => members.push(probe),
            None => clusters.push((name, vec![probe])),
        }
    }
    join_all(clusters.iter().map(|(_, members)| round.cluster(members))).await;
    board.into_checks(&probes)
}

/// A host and what is expected of it.
struct Probe<'a> {
    subject: &'a Subject<'a>,
    expectation: HostExpectation,
}

impl<'a> Probe<'a> {
    fn new(subject: &'a Subject<'a>) -> Self {
        Self { subject, expectation: HostExpectation::new(subject.cluster, subject.host) }
    }

    /// The checks of this host, in the order they are shown.
    fn kinds(&self) -> Vec<CheckKind> {
        let expectation = &self.expectation;
        CheckKind::ALL
            .into_iter()
            .filter(|kind| match kind {
                CheckKind::Ssh => true,
                CheckKind::Service => !expectation.services.is_empty(),
                CheckKind::Http => expectation.web_port.is_some(),
                CheckKind::Balance | CheckKind::Stats => expectation.balancer.is_some(),
                CheckKind::Socket => expectation.socket_path.is_some(),
            })
            .collect()
    }
}

/// What all probes of a round share.
struct Round<'a> {
    pages: &'a KnownPages,
    retry: Retry,
    gate: Semaphore,
    board: &'a Board<'a>,
}

impl Round<'_> {
    async fn cluster(&self, members: &[&Probe<'_>]) {
        let reached: Vec<_> = members
            .iter()
            .filter_map(|probe| match &probe.subject.session {
                Ok(session) => Some((*probe, *session)),
                Err(failure) => {
                    self.board.unreachable(probe, failure);
                    None
                }
            })
            .collect();
        let balancers: Vec<_> = reached
            .iter()
            .filter_map(|(probe, session)| Some((*probe, *session, probe.expectation.balancer.as_ref()?)))
            .collect();
        let through_balancers = async {
            let direct = reached.iter().map(|(probe, session)| self.http(probe, session));
            let statistics =
                balancers.iter().map(|(probe, session, balancer)| self.stats(probe, session, balancer));
            let (direct, statistics) = join(join_all(direct), join_all(statistics)).await;
            let seen: HashMap<_, _> = direct.into_iter().flatten().collect();
            let balanced = balancers.iter().zip(&statistics);
            join_all(balanced.map(|((probe, session, balancer), statistics)| {
                self.balance(probe, session, balancer, &seen, statistics)
            }))
            .await;
        };
        let local = reached.iter().map(|(probe, session)| local::run(self, probe, session));
        join(join_all(local), through_balancers).await;
    }

    /// A web host's own page; what it showed at last is kept for `balance`.
    async fn http(&self, probe: &Probe<'_>, session: &Session) -> Option<(HostId, OwnPage)> {
        let port = probe.expectation.web_port?;
        let host = &probe.expectation.host;
        let mut seen = None;
        let (verdict, duration) = until_passed(self.retry, &self.gate, async || {
            let answer = ask::page(session, port, "/", self.pages.size_limit()).await;
            seen = OwnPage::new(&answer);
            Attempt { verdict: page::judge(host, port, self.pages, &answer), is_final: answer.is_final() }
        })
        .await;
        self.board.settle(probe, CheckKind::Http, verdict, duration);
        Some((host.clone(), seen?))
    }

    /// HAProxy's own count.
    async fn stats(&self, probe: &Probe<'_>, session: &Session, balancer: &BalancerExpectation) -> Answer {
        let mut last = Answer::Closed;
        let (verdict, duration) = until_passed(self.retry, &self.gate, async || {
            last = ask::page(session, balancer.stats_port, stats::PATH, stats::SIZE_LIMIT).await;
            let verdict = stats::judge(&probe.expectation.host, balancer, self.pages, &last);
            Attempt { verdict, is_final: last.is_final() }
        })
        .await;
        self.board.settle(probe, CheckKind::Stats, verdict, duration);
        last
    }

    /// Many requests through the balancer.
    async fn balance(
        &self,
        probe: &Probe<'_>,
        session: &Session,
        balancer: &BalancerExpectation,
        seen: &HashMap<HostId, OwnPage>,
        statistics: &Answer,
    ) {
        // Our own template gives no weights, so other weights are a fault; the user's may.
        let weights = if balancer.own_template { stats::weights(statistics) } else { HashMap::new() };
        let requests = balance::requests_for(balancer);
        let (verdict, duration) = until_passed(self.retry, &self.gate, async || {
            let answers = ask::pages(session, balancer.port, requests, self.pages.size_limit()).await;
            let host = &probe.expectation.host;
            Attempt {
                verdict: balance::judge(host, balancer, self.pages, seen, &weights, &answers),
                is_final: answers.iter().any(Answer::is_final),
            }
        })
        .await;
        self.board.settle(probe, CheckKind::Balance, verdict, duration);
    }
}

/// Where verdicts are collected and told.
struct Board<'a> {
    tell: &'a dyn Fn(Event),
    started: Instant,
    checks: RefCell<HashMap<(HostId, CheckKind), Check>>,
}

impl<'a> Board<'a> {
    fn new(probes: &[Probe<'_>], tell: &'a dyn Fn(Event)) -> Self {
        for probe in probes {
            tell(Event::HostStarted { host: probe.expectation.host.clone() });
        }
        Self { tell, started: Instant::now(), checks: RefCell::default() }
    }

    fn settle(&self, probe: &Probe<'_>, kind: CheckKind, verdict: Verdict, duration: Duration) {
        let host = &probe.expectation.host;
        let check = verdict.into_check(kind, host.clone(), duration);
        (self.tell)(Event::CheckFinished(check.clone()));
        self.checks.borrow_mut().insert((host.clone(), kind), check);
        let kinds = probe.kinds();
        let checks = self.checks.borrow();
        let left = kinds.iter().find(|kind| !checks.contains_key(&(host.clone(), **kind)));
        let event = match left {
            Some(next) => Event::HostProgress { host: host.clone(), doing: next.as_str().to_owned() },
            None => Event::HostFinished {
                host: host.clone(),
                status: if probe.subject.session.is_ok() { HostStatus::Ok } else { HostStatus::Unreachable },
                changes: 0,
                failure: probe.subject.session.as_ref().err().cloned(),
                duration: self.started.elapsed(),
            },
        };
        drop(checks);
        (self.tell)(event);
    }

    /// Fails `ssh` and skips the rest.
    fn unreachable(&self, probe: &Probe<'_>, failure: &Failure) {
        for kind in probe.kinds() {
            let verdict = if kind == CheckKind::Ssh {
                failed(failure)
            } else {
                Verdict::skip(format!("not asked: {}", failure.message), None)
            };
            self.settle(probe, kind, verdict, Duration::ZERO);
        }
    }

    fn into_checks(self, probes: &[Probe<'_>]) -> Vec<Check> {
        let mut checks = self.checks.into_inner();
        probes
            .iter()
            .flat_map(|probe| probe.kinds().into_iter().map(|kind| (probe.expectation.host.clone(), kind)))
            .filter_map(|key| checks.remove(&key))
            .collect()
    }
}

/// `ssh` where the host was not reached.
fn failed(failure: &Failure) -> Verdict {
    let next =
        failure.hint.as_deref().unwrap_or("check that the host is on and reachable, then verify again");
    Verdict::fail(&failure.message, "a login over SSH", next)
}

#[cfg(test)]
mod tests;
