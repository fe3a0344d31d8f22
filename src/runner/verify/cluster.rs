//! The pages of one cluster: each web host's own, then the balancer's count of them and what comes through it.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::future::{join_all, join3};
use tokio::time::Instant;

use crate::model::{CheckKind, CheckStatus, HostId, Text};
use crate::probes::{Answer, BalancerExpectation, Cause, Causes, HaproxyState, OwnPage, Site, Verdict};
use crate::probes::{balance, http, probe, stats};

use super::ahead::Early;
use super::retry::{Attempt, Window, until_settled};
use super::{Asked, Round, ask, local};

/// What HAProxy said at last.
struct Statistics {
    answer: Answer,
    duration: Duration,
}

/// What the pages that come through a balancer are judged by, and when.
struct Through<'a> {
    /// What each web host showed itself.
    seen: &'a HashMap<HostId, OwnPage>,
    /// What came before all else was known.
    early: Option<Early<Vec<Answer>>>,
    window: Window,
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
    pub(super) async fn cluster(&self, members: &[Asked<'_>]) {
        let local = members.iter().map(async |asked| match asked.session().await {
            Ok(session) => local::run(self, asked, session).await,
            Err(failure) => self.verdicts.unreachable(asked, failure),
        });
        let practices = members.iter().map(|asked| self.practices(asked));
        join3(join_all(local), self.pages(members), join_all(practices)).await;
    }

    async fn pages(&self, members: &[Asked<'_>]) {
        let began = Instant::now();
        let balancers: Vec<_> = members
            .iter()
            .filter(|asked| asked.expectation.balancer.is_some())
            .map(|asked| (asked, Window::held(asked.retry)))
            .collect();
        let web = async {
            let seen: HashMap<_, _> =
                join_all(members.iter().map(|asked| self.http(asked))).await.into_iter().flatten().collect();
            // HAProxy needs a moment to see a web host that has just come up, and none for one that has not.
            let causes = self.verdicts.causes();
            let is_well = members.iter().all(|asked| !causes.contains_key(asked.id()));
            let since = if is_well { Instant::now() } else { began };
            for (_, window) in &balancers {
                window.open(since);
            }
            (seen, since)
        };
        let statistics = join_all(balancers.iter().map(|(asked, window)| self.statistics(asked, window)));
        let early = join_all(balancers.iter().map(|(asked, _)| self.early_pages(asked)));
        let ((seen, since), statistics, early) = join3(web, statistics, early).await;
        let asked = balancers.iter().zip(statistics).zip(early);
        let judged = asked.filter_map(|(((asked, _), statistics), early)| {
            let through = Through { seen: &seen, early, window: Window::since(asked.retry, since) };
            Some(self.balancer(asked, statistics?, through))
        });
        join_all(judged).await;
    }

    /// A web host's own page; what it showed at last is kept for `balance`.
    async fn http(&self, asked: &Asked<'_>) -> Option<(HostId, OwnPage)> {
        let site = asked.expectation.web.as_ref()?;
        let Some(way) = asked.way().await else {
            self.verdicts.blame(asked, CheckKind::SSH);
            self.verdicts.settled(asked, CheckKind::SSH).await;
            return None;
        };
        let mut early = self.early_page(asked, site, "/", self.pages.size_limit()).await;
        let ahead = early.as_ref().map_or(Duration::ZERO, |early| early.duration);
        let site = &site.seen_from(&asked.standpoint().await);
        let judge = |answer: &Answer| {
            let is_intact = asked.is_intact(CheckKind::HTTP);
            http::judge(&asked.target(), site, self.pages, answer, is_intact)
        };
        let mut last = Answer::Closed;
        let (mut verdict, duration) = until_settled(&Window::new(asked.retry), self.gate, async || {
            last = match early.take() {
                Some(early) => early.answer,
                None => ask::page(way, site, "/", self.pages.size_limit()).await,
            };
            let is_final = last.is_final() || last.is_no_reply() && asked.is_off();
            Attempt { verdict: judge(&last), is_final }
        })
        .await;
        if verdict.failed() {
            asked.looked_at().await;
            verdict = judge(&last);
        }
        let verdict =
            if last.is_page() { verdict } else { verdict.about(asked.expectation.service(CheckKind::HTTP)) };
        let (verdict, explained) = self.unless_explained(asked, CheckKind::HTTP, site, &last, verdict).await;
        let cause = match verdict.status {
            CheckStatus::Pass => None,
            CheckStatus::Skip => explained,
            // What keeps us from asking need not keep the balancer from it.
            CheckStatus::Fail if site.is_outside() && last.is_no_reply() => None,
            CheckStatus::Fail => Some(CheckKind::HTTP),
        };
        if let Some(kind) = cause {
            self.verdicts.blame(asked, kind);
        }
        self.verdicts.settle(asked, CheckKind::HTTP, verdict, ahead + duration);
        Some((asked.id().clone(), OwnPage::new(&last)?))
    }

    /// HAProxy's own count, asked until it is as it should be or explained by what is known meanwhile. `None` where
    /// there is no way to ask.
    async fn statistics(&self, asked: &Asked<'_>, window: &Window) -> Option<Statistics> {
        let way = asked.way().await?;
        let mut early = self.early_statistics(asked, asked.expectation.balancer.as_ref()?).await;
        let ahead = early.as_ref().map_or(Duration::ZERO, |early| early.duration);
        let balancer = asked.balancer().await?;
        let mut answer = Answer::Closed;
        let (_, duration) = until_settled(window, self.gate, async || {
            answer = match early.take() {
                Some(early) => early.answer,
                None => ask::page(way, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await,
            };
            let causes = self.verdicts.causes();
            let judged = stats::judge(&asked.target(), &balancer, self.pages, &causes, &answer);
            Attempt { verdict: judged.verdict, is_final: answer.is_final() }
        })
        .await;
        Some(Statistics { answer, duration: ahead + duration })
    }

    /// What HAProxy's answer says, and what it explains.
    fn count(&self, asked: &Asked<'_>, balancer: &BalancerExpectation, answer: Answer) -> Counted {
        let host = &asked.target();
        let mut causes = self.verdicts.causes();
        let judged = stats::judge(host, balancer, self.pages, &causes, &answer);
        // A web host that HAProxy leaves out can't answer through it.
        for left_out in &judged.left_out {
            causes.entry(left_out.clone()).or_insert_with(|| Cause::new(CheckKind::STATS, &host.id));
        }
        Counted { running: HaproxyState::read(&answer), answer, judged, causes }
    }

    /// Settles `stats` and `balance`, which may explain each other.
    async fn balancer(&self, asked: &Asked<'_>, statistics: Statistics, through: Through<'_>) {
        let Statistics { answer, duration } = statistics;
        asked.looked_at().await;
        let Some(balancer) = &asked.balancer().await else { return };
        let mut counted = self.count(asked, balancer, answer);
        // Whose page comes says more of a configuration than names and addresses do, and a web host may die after
        // HAProxy was asked: until `balance` is judged, these are not told.
        let is_open = counted.judged.verdict.passed() || counted.judged.only_differs;
        if !is_open {
            self.settle_statistics(asked, balancer, &counted, duration).await;
        }
        let foreign_page = self.balance(asked, balancer, &mut counted, is_open, through).await;
        if is_open {
            if foreign_page && counted.judged.only_differs {
                let cause = Cause::new(CheckKind::BALANCE, asked.id());
                counted.judged.verdict = Verdict::explained(counted.judged.seen.clone(), [&cause]);
            }
            self.settle_statistics(asked, balancer, &counted, duration).await;
        }
    }

    async fn settle_statistics(
        &self,
        asked: &Asked<'_>,
        balancer: &BalancerExpectation,
        counted: &Counted,
        duration: Duration,
    ) {
        let Counted { answer, judged, .. } = counted;
        let verdict = judged.verdict.clone();
        let verdict = if judged.only_differs {
            verdict
        } else {
            verdict.about(asked.expectation.service(CheckKind::STATS))
        };
        let (verdict, _) =
            self.unless_explained(asked, CheckKind::STATS, &balancer.stats, answer, verdict).await;
        self.verdicts.settle(asked, CheckKind::STATS, verdict, duration);
    }

    /// Many requests through the balancer; tells whether a foreign page came. HAProxy is asked once more when something
    /// is wrong: others may have asked meanwhile and, where `may_recount`, it may have left out a web host since.
    async fn balance(
        &self,
        asked: &Asked<'_>,
        balancer: &BalancerExpectation,
        counted: &mut Counted,
        may_recount: bool,
        Through { seen, early, window }: Through<'_>,
    ) -> bool {
        let Some(way) = asked.way().await else { return false };
        let judge = |before: Option<&HaproxyState>, counted: &Counted, answers: &[Answer]| {
            let Counted { running, causes, .. } = counted;
            let running = running.as_ref();
            let evidence = balance::Evidence { known: self.pages, seen, before, running, causes, answers };
            balance::judge(&asked.target(), balancer, &evidence)
        };
        // What came before all else was known counts only where it proves that all is well.
        let mut early = early.filter(|Early { answer: answers, .. }| {
            answers.len() == balance::requests_for(balancer, counted.running.as_ref())
                && judge(None, counted, answers).verdict.passed()
        });
        let ahead = early.as_ref().map_or(Duration::ZERO, |early| early.duration);
        let mut last = None;
        let mut only_pages = true;
        let (_, duration) = until_settled(&window, self.gate, async || {
            let requests = balance::requests_for(balancer, counted.running.as_ref());
            let answers = match early.take() {
                Some(early) => early.answer,
                None => ask::pages(way, &balancer.site, requests, self.pages.size_limit()).await,
            };
            let mut judged = judge(None, counted, &answers);
            let is_final = answers.iter().any(Answer::is_final);
            if !is_final && worse(&judged.verdict, &counted.judged.verdict).failed() {
                let answer = ask::page(way, &balancer.stats, stats::PATH, stats::SIZE_LIMIT).await;
                let before = counted.running.take();
                if may_recount {
                    *counted = self.count(asked, balancer, answer);
                } else {
                    counted.running = HaproxyState::read(&answer);
                }
                judged = judge(before.as_ref(), counted, &answers);
            }
            only_pages &= answers.iter().all(Answer::is_page);
            let of_both = worse(&judged.verdict, &counted.judged.verdict);
            let verdict = if may_recount { of_both } else { &judged.verdict }.clone();
            last = Some((judged, answers.into_iter().next().unwrap_or(Answer::Closed)));
            Attempt { verdict, is_final }
        })
        .await;
        let Some((judged, first)) = last else { return false };
        let verdict = if only_pages {
            judged.verdict
        } else {
            judged.verdict.about(asked.expectation.service(CheckKind::BALANCE))
        };
        let (verdict, _) =
            self.unless_explained(asked, CheckKind::BALANCE, &balancer.site, &first, verdict).await;
        self.verdicts.settle(asked, CheckKind::BALANCE, verdict, ahead + duration);
        judged.foreign_page
    }

    /// The verdict, unless nobody answered and a probe that this one needs tells why.
    async fn unless_explained(
        &self,
        asked: &Asked<'_>,
        kind: CheckKind,
        site: &Site,
        answer: &Answer,
        verdict: Verdict,
    ) -> (Verdict, Option<CheckKind>) {
        let needs = probe(kind).filter(|_| verdict.failed()).map_or(&[][..], |probe| probe.needs);
        for need in needs {
            if self.explains(*need, asked, asked.expectation.service(kind), site, answer).await {
                let seen = Text::join(&[answer.describe(self.pages), site.describe()], " ");
                return (Verdict::explained(seen, [&Cause::new(*need, asked.id())]), Some(*need));
            }
        }
        (verdict, None)
    }

    /// Whether a failed probe explains that nobody answered: the service does not run, the connection was lost
    /// meanwhile, or the host is off.
    pub(super) async fn explains(
        &self,
        need: CheckKind,
        asked: &Asked<'_>,
        service: &str,
        site: &Site,
        answer: &Answer,
    ) -> bool {
        let fails = async || self.verdicts.settled(asked, need).await == CheckStatus::Fail;
        match need {
            CheckKind::SERVICE => {
                answer.is_refusal() && fails().await && self.verdicts.is_stopped(asked.id(), service)
            }
            CheckKind::SSH if site.is_outside() => answer.is_no_reply() && fails().await && asked.is_off(),
            CheckKind::SSH => {
                matches!(answer, Answer::TimedOut | Answer::Closed | Answer::Lost(_)) && fails().await
            }
            _ => false,
        }
    }
}

/// The verdict that failed, where one did.
fn worse<'a>(balance: &'a Verdict, stats: &'a Verdict) -> &'a Verdict {
    if stats.failed() && !balance.failed() { stats } else { balance }
}
