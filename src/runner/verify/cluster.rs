//! The pages of one cluster: each web host's own, then the balancer's count of them and what comes through it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::{join, join_all};
use tokio::time::Instant;

use crate::model::{CheckKind, CheckStatus, HostId, Text};
use crate::probes::{Answer, BalancerExpectation, Cause, Causes, HaproxyState, OwnPage, Site, Verdict};
use crate::probes::{balance, http, stats};

use super::retry::{Attempt, Window, until_settled};
use super::{Probe, Round, ask, local};

/// What HAProxy said at last.
struct Statistics {
    answer: Answer,
    duration: Duration,
}

/// What follows from what HAProxy said.
struct Counted {
    answer: Answer,
    judged: stats::Judged,
    running: Option<HaproxyState>,
    /// Why web hosts can't be expected to answer through this balancer.
    causes: Causes,
}

impl Round<'_> {
    /// Asks everything of the members of one cluster.
    pub(super) async fn cluster(&self, members: &[&Probe<'_>]) {
        let local = members.iter().map(async |probe| match probe.session().await {
            Ok(session) => local::run(self, probe, session).await,
            Err(failure) => self.verdicts.unreachable(probe, failure),
        });
        join(join_all(local), self.pages(members)).await;
    }

    async fn pages(&self, members: &[&Probe<'_>]) {
        let began = Instant::now();
        let balancers: Vec<_> = members
            .iter()
            .filter_map(|probe| {
                Some((*probe, probe.expectation.balancer.as_ref()?, Window::held(probe.retry)))
            })
            .collect();
        let web = async {
            let seen: HashMap<_, _> =
                join_all(members.iter().map(|probe| self.http(probe))).await.into_iter().flatten().collect();
            // HAProxy needs a moment to see a web host that has just come up, and none for one that has not.
            let causes = self.verdicts.causes();
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
        let judged = balancers.iter().zip(statistics).filter_map(|((probe, balancer, _), statistics)| {
            Some(self.balancer(probe, balancer, &seen, statistics?, Window::since(probe.retry, since)))
        });
        join_all(judged).await;
    }

    /// A web host's own page; what it showed at last is kept for `balance`.
    async fn http(&self, probe: &Probe<'_>) -> Option<(HostId, OwnPage)> {
        let site = probe.expectation.web.as_ref()?;
        let Some(way) = probe.way().await else {
            // By then it is known why the balancer can't expect an answer of this host.
            self.verdicts.settled(probe, CheckKind::Ssh).await;
            return None;
        };
        let mut last = Answer::Closed;
        let (verdict, duration) = until_settled(&Window::new(probe.retry), self.gate, async || {
            last = ask::page(way, site, "/", self.pages.size_limit()).await;
            let verdict = http::judge(&probe.expectation.host, site, self.pages, &last);
            Attempt { verdict, is_final: last.is_final() || last.is_no_reply() && probe.is_off() }
        })
        .await;
        let (verdict, explained) = self.unless_explained(probe, "apache2", site, &last, verdict).await;
        let cause = match verdict.status {
            CheckStatus::Pass => None,
            CheckStatus::Skip => explained,
            // What keeps us from asking need not keep the balancer from it.
            CheckStatus::Fail if last == Answer::Forbidden || site.is_outside() && last.is_no_reply() => None,
            CheckStatus::Fail => Some(CheckKind::Http),
        };
        if !last.is_page() {
            self.verdicts.want_log(probe, CheckKind::Http);
        }
        self.verdicts.blame(probe.id(), cause);
        self.verdicts.settle(probe, CheckKind::Http, verdict, duration);
        Some((probe.id().clone(), OwnPage::new(&last)?))
    }

    /// HAProxy's own count, asked until it is as it should be or explained by what is known meanwhile. `None` where
    /// there is no way to ask.
    async fn statistics(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        window: &Window,
    ) -> Option<Statistics> {
        let way = probe.way().await?;
        let mut answer = Answer::Closed;
        let (_, duration) = until_settled(window, self.gate, async || {
            answer = ask::page(way, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await;
            let causes = self.verdicts.causes();
            let judged = stats::judge(&probe.expectation.host, balancer, self.pages, &causes, &answer);
            Attempt { verdict: judged.verdict, is_final: answer.is_final() }
        })
        .await;
        Some(Statistics { answer, duration })
    }

    /// What HAProxy's answer says, and what it explains.
    fn count(&self, probe: &Probe<'_>, balancer: &BalancerExpectation, answer: Answer) -> Counted {
        let host = &probe.expectation.host;
        let mut causes = self.verdicts.causes();
        let judged = stats::judge(host, balancer, self.pages, &causes, &answer);
        // A web host that HAProxy leaves out can't answer through it.
        for left_out in &judged.left_out {
            causes.entry(left_out.clone()).or_insert_with(|| Cause::new(CheckKind::Stats, &host.id));
        }
        Counted { running: HaproxyState::read(&answer), answer, judged, causes }
    }

    /// Settles `stats` and `balance`, which may explain each other.
    async fn balancer(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        seen: &HashMap<HostId, OwnPage>,
        statistics: Statistics,
        window: Window,
    ) {
        let Statistics { answer, duration } = statistics;
        let mut counted = self.count(probe, balancer, answer);
        // Whose page comes says more of a configuration than names and addresses do, and a web host may die after
        // HAProxy was asked: until `balance` is judged, these are not told.
        let is_open = counted.judged.verdict.passed() || counted.judged.only_differs;
        if !is_open {
            self.settle_statistics(probe, balancer, &counted, duration).await;
        }
        let foreign_page = self.balance(probe, balancer, seen, &mut counted, is_open, &window).await;
        if is_open {
            if foreign_page && counted.judged.only_differs {
                let cause = Cause::new(CheckKind::Balance, probe.id());
                counted.judged.verdict = Verdict::explained(counted.judged.seen.clone(), [&cause]);
            }
            self.settle_statistics(probe, balancer, &counted, duration).await;
        }
    }

    async fn settle_statistics(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        counted: &Counted,
        duration: Duration,
    ) {
        let Counted { answer, judged, .. } = counted;
        if !judged.only_differs {
            self.verdicts.want_log(probe, CheckKind::Stats);
        }
        let verdict = judged.verdict.clone();
        let (verdict, _) = self.unless_explained(probe, "haproxy", &balancer.stats, answer, verdict).await;
        self.verdicts.settle(probe, CheckKind::Stats, verdict, duration);
    }

    /// Many requests through the balancer; tells whether a foreign page came. HAProxy is asked once more when something
    /// is wrong: others may have asked meanwhile and, where `may_recount`, it may have left out a web host since.
    async fn balance(
        &self,
        probe: &Probe<'_>,
        balancer: &BalancerExpectation,
        seen: &HashMap<HostId, OwnPage>,
        counted: &mut Counted,
        may_recount: bool,
        window: &Window,
    ) -> bool {
        let Some(way) = probe.way().await else { return false };
        let judge = |before: Option<&HaproxyState>, counted: &Counted, answers: &[Answer]| {
            let Counted { running, causes, .. } = counted;
            let running = running.as_ref();
            let evidence = balance::Evidence { known: self.pages, seen, before, running, causes, answers };
            balance::judge(&probe.expectation.host, balancer, &evidence)
        };
        let mut last = None;
        let (_, duration) = until_settled(window, self.gate, async || {
            let requests = balance::requests_for(balancer, counted.running.as_ref());
            let answers = ask::pages(way, &balancer.site, requests, self.pages.size_limit()).await;
            let mut judged = judge(None, counted, &answers);
            let is_final = answers.iter().any(Answer::is_final);
            if !is_final && worse(&judged.verdict, &counted.judged.verdict).failed() {
                let answer = ask::page(way, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await;
                let before = counted.running.take();
                if may_recount {
                    *counted = self.count(probe, balancer, answer);
                } else {
                    counted.running = HaproxyState::read(&answer);
                }
                judged = judge(before.as_ref(), counted, &answers);
            }
            if !answers.iter().all(Answer::is_page) {
                self.verdicts.want_log(probe, CheckKind::Balance);
            }
            let of_both = worse(&judged.verdict, &counted.judged.verdict);
            let verdict = if may_recount { of_both } else { &judged.verdict }.clone();
            last = Some((judged, answers.into_iter().next().unwrap_or(Answer::Closed)));
            Attempt { verdict, is_final }
        })
        .await;
        let Some((judged, first)) = last else { return false };
        let (verdict, _) =
            self.unless_explained(probe, "haproxy", &balancer.site, &first, judged.verdict).await;
        self.verdicts.settle(probe, CheckKind::Balance, verdict, duration);
        judged.foreign_page
    }

    /// The verdict, unless nobody answered and another probe of the host tells why: the connection was lost
    /// meanwhile, the service does not run, or the host is off.
    async fn unless_explained(
        &self,
        probe: &Probe<'_>,
        service: &str,
        site: &Site,
        answer: &Answer,
        verdict: Verdict,
    ) -> (Verdict, Option<CheckKind>) {
        let fails = async |kind| self.verdicts.settled(probe, kind).await == CheckStatus::Fail;
        let may_be_unreachable = if site.is_outside() {
            answer.is_no_reply()
        } else {
            matches!(answer, Answer::TimedOut | Answer::Closed | Answer::Lost(_))
        };
        let kind = if !verdict.failed() {
            None
        } else if answer.is_refusal()
            && fails(CheckKind::Service).await
            && self.verdicts.is_stopped(probe.id(), service)
        {
            Some(CheckKind::Service)
        } else if may_be_unreachable && fails(CheckKind::Ssh).await && (!site.is_outside() || probe.is_off())
        {
            Some(CheckKind::Ssh)
        } else {
            None
        };
        let Some(kind) = kind else { return (verdict, None) };
        let seen = Text::join(&[answer.describe(self.pages), site.describe()], " ");
        (Verdict::explained(seen, [&Cause::new(kind, probe.id())]), Some(kind))
    }
}

/// The verdict that failed, where one did.
fn worse<'a>(balance: &'a Verdict, stats: &'a Verdict) -> &'a Verdict {
    if stats.failed() && !balance.failed() { stats } else { balance }
}
