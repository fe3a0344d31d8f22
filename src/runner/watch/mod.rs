//! Probes again and again over the same connections, and opens anew those that died.
//!
//! Each cluster has rounds of its own, so that a slow one delays the news of no other. Logs are read once, when the
//! watch ends: reading takes root, and a wrong password of sudo must not be tried in each round.

mod opening;
mod waiting;

use std::cell::RefCell;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::{interval, sleep};

use crate::event::Awaited;
use crate::model::{Check, Cluster, Host};

use super::reach::Limits;
use super::verify::{Probed, Verify, read_logs};
use super::{Runner, Worked};
use opening::Opening;
use waiting::Waiting;

/// Between two words about what is waited for.
const TELL: Duration = Duration::from_secs(1);
/// Logs that are not read by then are not waited for.
const LOGS_LIMIT: Duration = Duration::from_secs(10);

/// What a watch tells while it goes on.
#[derive(Debug)]
pub enum Watched<'a> {
    Round {
        cluster: &'a str,
        checks: &'a [Check],
    },
    /// What has no verdict yet in the rounds under way; told every second.
    Waiting(Vec<Awaited>),
    /// Ctrl-C was pressed, and the logs that may explain failures are read; told every second.
    Logs,
}

/// What all clusters of a watch share.
struct Rounds<'a> {
    runner: &'a Runner,
    how: Verify<'a>,
    /// The pause between two rounds.
    interval: Duration,
    limits: Limits,
    waiting: Waiting,
    tell: &'a dyn Fn(Watched<'_>),
}

impl Runner {
    /// Rounds of probes in each cluster with a pause between them, until Ctrl-C. The checks of the last complete round
    /// of each cluster come back with the connections; `None` where there was none at all. A host that cannot be
    /// reached is tried anew meanwhile and holds nobody up.
    pub async fn watch(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        interval: Duration,
        tell: impl FnMut(Watched<'_>),
    ) -> (Option<Vec<Check>>, Vec<Worked>) {
        let how = Verify { retry: how.retry.never(), ..*how };
        let tell = RefCell::new(tell);
        let tell = |watched: Watched<'_>| (tell.borrow_mut())(watched);
        let (limits, waiting) = (Limits::new(self.forks), Waiting::default());
        let rounds = Rounds { runner: self, how, interval, limits, waiting, tell: &tell };
        let clusters = members.chunk_by(|(one, _), (next, _)| one.name == next.name);
        let watching = join_all(clusters.map(|members| rounds.cluster(members)));
        let ended = every_second(watching, || tell(Watched::Waiting(rounds.waiting.list()))).await;
        let is_judged = ended.iter().any(|(probed, _)| probed.is_complete);
        let (probed, worked): (Vec<_>, Vec<_>) = ended.into_iter().unzip();
        let worked = worked.into_iter().flatten().collect::<Vec<_>>();
        if !is_judged {
            return (None, worked);
        }
        let mut checks: Vec<_> = probed.into_iter().flat_map(|probed| probed.checks).collect();
        let subjects = self.subjects(members, &worked, &how);
        tokio::select! {
            () = every_second(read_logs(&mut checks, &subjects, self.forks), || tell(Watched::Logs)) => {}
            () = sleep(LOGS_LIMIT) => {}
            () = self.interrupt.immediate.cancelled() => {}
        }
        drop(subjects);
        (Some(checks), worked)
    }
}

impl Rounds<'_> {
    /// Probes the members of one cluster until Ctrl-C. Gives their last complete round; where there was none, nothing
    /// was judged.
    async fn cluster(&self, members: &[(&Cluster, &Host)]) -> (Probed, Vec<Worked>) {
        let Self { runner, how, limits, .. } = self;
        let follow = |event| self.waiting.follow(event);
        let (mut last, mut worked) = runner.probe_as_reached(members, how, limits, &follow).await;
        if last.is_complete {
            self.round(members, &last);
        } else {
            last = Probed::nothing(&runner.subjects(members, &worked, how), how);
        }
        let mut opening = Opening::default();
        while !runner.interrupt.is_stopping() {
            opening.begin(&mut worked, |place| async move {
                let _turn = limits.connecting.acquire().await;
                runner.open_session(members[place].1).await
            });
            tokio::select! {
                () = opening.during(sleep(self.interval)) => {}
                () = runner.interrupt.graceful.cancelled() => break,
            }
            opening.hand_over(&mut worked);
            let subjects = runner.subjects(members, &worked, how);
            let probed = opening.during(runner.probe(&subjects, how, limits, &follow)).await;
            if probed.is_complete {
                self.round(members, &probed);
                last = probed;
            }
        }
        (last, worked)
    }

    fn round(&self, members: &[(&Cluster, &Host)], probed: &Probed) {
        let cluster = members.first().map_or("", |(cluster, _)| cluster.name.as_str());
        (self.tell)(Watched::Round { cluster, checks: &probed.checks });
    }
}

/// Tells every second while work goes on.
async fn every_second<T>(work: impl Future<Output = T>, tell: impl Fn()) -> T {
    let mut work = std::pin::pin!(work);
    let mut ticks = interval(TELL);
    ticks.reset();
    loop {
        tokio::select! {
            done = &mut work => return done,
            _ = ticks.tick() => tell(),
        }
    }
}

#[cfg(test)]
mod tests;
