//! The pages of one cluster: each web host's own, then the balancer's count of them and what comes through it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::time::Instant;

use crate::model::{CheckKind, CheckStatus, HostId};
use crate::probes::{Answer, BalancerExpectation, Cause, Causes, OwnPage, Running, Site, Verdict};
use crate::probes::{balance, http, stats};

use super::retry::{Attempt, Window, until_settled};
use super::{Probe, Round, ask, local};

/// What HAProxy said at last.
struct Statistics {
    answer: Answer,
    duration: Duration,
}

impl Round<'_> {
    /// Asks everything of the members of one cluster.
    pub(super) async fn cluster(&self, members: &[&Probe<'_>]) {
        for probe in members {
            if let Err(failure) = &probe.subject.session {
                self.board.unreachable(probe, failure);
            }
        }
        let local = members.iter().filter_map(|probe| {
            let session = *probe.subject.session.as_ref().ok()?;
            Some(local::run(self, probe, session))
        });
        join(join_all(local), self.pages(members)).await;
    }

    async fn pages(&self, members: &[&Probe<'_>]) {
        let began = Instant::now();
        let balancers: Vec<_> = members
            .iter()
            .filter_map(|probe| Some((*probe, probe.expectation.balancer.as_ref()?)))
            .filter(|(probe, _)| probe.way().is_some())
            .map(|(probe, balancer)| (probe, balancer, Window::held(probe.retry)))
            .collect();
        let web = async {
            let seen: HashMap<_, _> =
                join_all(members.iter().map(|probe| self.http(probe))).await.into_iter().flatten().collect();
            // HAProxy needs a moment to see a web host that has just come up, and none for one that has not.
            let causes = self.board.causes();
            let is_well = members.iter().all(|probe| !causes.contains_key(probe.id()));
            let since = if is_well { Instant::now() } else { began };
            for (_, _, window) in &balancers {
                window.open(since);
            }
            (seen, since)
        };
        let statistics = join_all(
            balancers.iter().map(|(probe, balancer, window)| self.statistics(probe, balancer, window)),
        );
        let ((seen, since), statistics) = join(web, statistics).await;
        let judged = balancers.iter().zip(&statistics).map(|((probe, balancer, _), statistics)| {
            self.balancer(probe, balancer, &seen, statistics, Window::since(probe.retry, since))
        });
        join_all(judged).await;
    }

    /// A web host's own page; what it showed at last is kept for `balance`.
    async fn http(&self, probe: &Probe<'_>) -> Option<(HostId, OwnPage)> {
        let (site, way) = (probe.expectation.web.as_ref()?, probe.way()?);
        let mut last = Answer::Closed;
        let (verdict, duration) = until_settled(&Window::new(probe.retry), &self.gate, async || {
            last = ask::page(way, site, "/", self.pages.size_limit()).await;
            let verdict = http::judge(&probe.expectation.host, site, self.pages, &last);
            Attempt { verdict, is_final: last.is_final() }
        })
        .await;
        let verdict = self.unless_stopped(probe, "apache2", site, &last, verdict).await;
        let cause = match verdict.status {
            CheckStatus::Pass => None,
            CheckStatus::Skip => Some(CheckKind::Service),
            // What keeps us from asking need not keep the balancer from it.
            CheckStatus::Fail if last == Answer::Forbidden || site.is_outside() && last.is_no_reply() => None,
            CheckStatus::Fail => Some(CheckKind::Http),
        };
        if !last.is_page() {
            self.board.want_log(probe, CheckKind::Http);
        }
        self.board.blame(probe.id(), cause);
        self.board.settle(probe, CheckKind::Http, verdict, duration);
        Some((probe.id().clone(), OwnPage::new(&last)?))
    }

    /// HAProxy's own count, asked until it is as it should be or explained by what is known meanwhile.
    async fn statistics(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        window: &Window,
    ) -> Statistics {
        let mut answer = Answer::Closed;
        let Some(way) = probe.way() else { return Statistics { answer, duration: Duration::ZERO } };
        let (_, duration) = until_settled(window, &self.gate, async || {
            answer = ask::page(way, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await;
            let causes = self.board.causes();
            let judged = stats::judge(&probe.expectation.host, balancer, self.pages, &causes, &answer);
            Attempt { verdict: judged.verdict, is_final: answer.is_final() }
        })
        .await;
        Statistics { answer, duration }
    }

    /// Settles `stats` and `balance`, which may explain each other.
    async fn balancer(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        seen: &HashMap<HostId, OwnPage>,
        statistics: &Statistics,
        window: Window,
    ) {
        let host = &probe.expectation.host;
        let Statistics { answer, duration } = statistics;
        let mut causes = self.board.causes();
        let counted = stats::judge(host, balancer, self.pages, &causes, answer);
        let verdict = self.unless_stopped(probe, "haproxy", &balancer.stats, answer, counted.verdict).await;
        // A web host that HAProxy leaves out can't answer through it.
        for left_out in &counted.left_out {
            causes.entry(left_out.clone()).or_insert_with(|| Cause::new(CheckKind::Stats, &host.id));
        }
        if !counted.only_differs {
            self.board.want_log(probe, CheckKind::Stats);
        }
        let is_settled = verdict.status != CheckStatus::Fail || !counted.only_differs;
        if is_settled {
            self.board.settle(probe, CheckKind::Stats, verdict.clone(), *duration);
        }
        let foreign_page = self.balance(probe, balancer, seen, &causes, answer, &window).await;
        if !is_settled {
            // Whose page it is says more of a configuration than names and addresses do.
            let verdict = if foreign_page {
                Verdict::explained(counted.seen, [&Cause::new(CheckKind::Balance, &host.id)])
            } else {
                verdict
            };
            self.board.settle(probe, CheckKind::Stats, verdict, *duration);
        }
    }

    /// Many requests through the balancer; tells whether a foreign page came.
    async fn balance(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        seen: &HashMap<HostId, OwnPage>,
        causes: &Causes,
        statistics: &Answer,
        window: &Window,
    ) -> bool {
        let Some(way) = probe.way() else { return false };
        let running = Running::read(statistics);
        let running = running.as_ref();
        let requests = balance::requests_for(balancer, running);
        let (mut first, mut foreign_page) = (Answer::Closed, false);
        let (verdict, duration) = until_settled(window, &self.gate, async || {
            let answers = ask::pages(way, &balancer.site, requests, self.pages.size_limit()).await;
            let evidence = balance::Evidence { known: self.pages, seen, running, causes, answers: &answers };
            let judged = balance::judge(&probe.expectation.host, balancer, &evidence);
            foreign_page = judged.foreign_page;
            let is_final = answers.iter().any(Answer::is_final);
            if !answers.iter().all(Answer::is_page) {
                self.board.want_log(probe, CheckKind::Balance);
            }
            first = answers.into_iter().next().unwrap_or(Answer::Closed);
            Attempt { verdict: judged.verdict, is_final }
        })
        .await;
        let verdict = self.unless_stopped(probe, "haproxy", &balancer.site, &first, verdict).await;
        self.board.settle(probe, CheckKind::Balance, verdict, duration);
        foreign_page
    }

    /// The verdict, unless nobody answered because the host's service does not run, which `service` tells.
    async fn unless_stopped(
        &self,
        probe: &Probe<'_>,
        service: &str,
        site: &Site,
        answer: &Answer,
        verdict: Verdict,
    ) -> Verdict {
        let is_explained = verdict.status == CheckStatus::Fail
            && answer.is_refusal()
            && self.board.settled(probe, CheckKind::Service).await == CheckStatus::Fail
            && self.board.is_stopped(probe.id(), service);
        if is_explained {
            let seen = format!("{} {site}", answer.describe(self.pages));
            Verdict::explained(seen, [&Cause::new(CheckKind::Service, probe.id())])
        } else {
            verdict
        }
    }
}
