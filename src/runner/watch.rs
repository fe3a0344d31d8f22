//! Probes again and again over the same connections, and opens anew those that died.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::{interval, sleep};

use crate::event::Event;
use crate::model::{Check, CheckKind, Cluster, Failure, FailureKind, Host, HostId, HostStatus, text};
use crate::transport::Session;

use super::verify::{Probed, Verify};
use super::{Runner, Worked};

/// Between two words about what is waited for.
const TELL: Duration = Duration::from_secs(1);

/// What a watch tells while it goes on.
#[derive(Debug)]
pub enum Watched<'a> {
    /// A complete round.
    Round(&'a [Check]),
    /// A round is under way; told every second.
    UnderWay {
        /// Since it began.
        elapsed: Duration,
        /// What has no verdict yet, the next of each host, by kind; what waits for others comes last.
        waiting: Vec<(HostId, String)>,
    },
    /// The pause between two rounds; told every second.
    Pause,
}

/// What became of opening a connection, with the place of its host.
type Opened = (usize, Result<Session, Failure>);

/// What has no verdict yet, by host.
#[derive(Default)]
struct Waiting(RefCell<BTreeMap<HostId, String>>);

impl Waiting {
    fn follow(&self, event: Event) {
        let mut waiting = self.0.borrow_mut();
        match event {
            Event::HostStarted { host } => waiting.insert(host, CheckKind::Ssh.as_str().to_owned()),
            Event::HostProgress { host, doing } => waiting.insert(host, doing),
            Event::HostFinished { host, .. } => waiting.remove(&host),
            _ => None,
        };
    }

    fn list(&self) -> Vec<(HostId, String)> {
        let mut list: Vec<_> = self.0.borrow().clone().into_iter().collect();
        let waits_for_others =
            |doing: &str| [CheckKind::Balance, CheckKind::Stats].iter().any(|kind| kind.as_str() == doing);
        list.sort_by_key(|(_, doing)| (waits_for_others(doing), doing.clone()));
        list
    }
}

impl Runner {
    /// Rounds of probes with a pause between them, until Ctrl-C. The checks of the last complete round come back with
    /// the connections. A host that cannot be reached is tried anew meanwhile and holds nobody up.
    pub async fn watch(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        interval: Duration,
        mut tell: impl FnMut(Watched<'_>),
    ) -> (Option<Vec<Check>>, Vec<Worked>) {
        let how = Verify { retry: how.retry.never(), ..*how };
        let waiting = Waiting::default();
        let follow = |event| waiting.follow(event);
        let mut opening = Opening::default();
        let mut started = Instant::now();
        let (probed, mut worked) = opening
            .during(self.probe_as_reached(members, &how, &follow), || {
                tell(Watched::UnderWay { elapsed: started.elapsed(), waiting: waiting.list() });
            })
            .await;
        let mut last = None;
        let mut take = |probed: Probed, tell: &mut dyn FnMut(Watched<'_>)| {
            if probed.is_complete {
                tell(Watched::Round(&probed.checks));
                last = Some(probed.checks);
            }
        };
        take(probed, &mut tell);
        while !self.interrupt.is_stopping() {
            for (place, (worked, (_, host))) in worked.iter_mut().zip(members).enumerate() {
                if worked.wants_connection() && opening.places.insert(place) {
                    opening.under_way.push(Box::pin(async move { (place, self.connect(host).await) }));
                }
            }
            tokio::select! {
                () = opening.during(sleep(interval), || tell(Watched::Pause)) => {}
                () = self.interrupt.stopping() => break,
            }
            for (place, result) in opening.opened.drain(..) {
                opening.places.remove(&place);
                worked[place].take(result);
            }
            started = Instant::now();
            let subjects: Vec<_> =
                members.iter().zip(&worked).map(|(member, worked)| self.subject(*member, worked)).collect();
            let round = opening.during(self.probe(&subjects, &how, &follow), || {
                tell(Watched::UnderWay { elapsed: started.elapsed(), waiting: waiting.list() });
            });
            take(round.await, &mut tell);
        }
        (last, worked)
    }
}

impl Worked {
    /// Whether there is no connection, or one that has died, and trying again is no harm: a host that refused the
    /// login once may lock this machine out when it is asked on and on.
    fn wants_connection(&mut self) -> bool {
        if self.session.as_ref().is_some_and(|session| session.is_closed()) {
            self.session = None;
            self.fail(lost());
        }
        let may_change = |failure: &Failure| {
            use FailureKind::{Connect, Handshake, Jump, Lost, Resolve};
            matches!(failure.kind, Connect | Handshake | Jump | Lost | Resolve)
        };
        self.session.is_none() && self.outcome.failure.as_ref().is_none_or(may_change)
    }

    fn take(&mut self, opened: Result<Session, Failure>) {
        match opened {
            Ok(session) => {
                self.session = Some(Arc::new(session));
                self.outcome.status = HostStatus::Ok;
                self.outcome.failure = None;
            }
            Err(failure) => self.fail(failure),
        }
    }
}

/// Connections that are opened while rounds go on.
#[derive(Default)]
struct Opening<'a> {
    /// The places of their hosts.
    places: HashSet<usize>,
    under_way: FuturesUnordered<LocalBoxFuture<'a, Opened>>,
    opened: Vec<Opened>,
}

impl Opening<'_> {
    /// Lets connections be opened while `work` goes on, and tells of it every second.
    async fn during<T>(&mut self, work: impl Future<Output = T>, mut tell: impl FnMut()) -> T {
        let mut work = pin!(work);
        let mut ticks = interval(TELL);
        ticks.reset();
        loop {
            tokio::select! {
                done = &mut work => return done,
                Some(one) = self.under_way.next() => self.opened.push(one),
                _ = ticks.tick() => tell(),
            }
        }
    }
}

pub(super) fn lost() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(en: "the connection was lost", pt: "a conexão caiu"),
        hint: Some(text!(
            en: "check the host and the network, then verify again",
            pt: "verifique a máquina e a rede e rode verify de novo",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_for_others_is_told_last_and_what_is_done_not_at_all() {
        let waiting = Waiting::default();
        let host = |name: &str| HostId::new("ana", name);
        for name in ["lb", "web01", "web02", "web03"] {
            waiting.follow(Event::HostStarted { host: host(name) });
        }
        waiting.follow(Event::HostProgress { host: host("lb"), doing: "balance".to_owned() });
        waiting.follow(Event::HostProgress { host: host("web01"), doing: "socket".to_owned() });
        waiting.follow(Event::HostFinished {
            host: host("web03"),
            status: HostStatus::Ok,
            changes: 0,
            failure: None,
            duration: Duration::ZERO,
        });
        let list = waiting.list().into_iter().map(|(host, doing)| format!("{doing} of {host}"));
        assert_eq!(
            list.collect::<Vec<_>>(),
            ["socket of ana/web01", "ssh of ana/web02", "balance of ana/lb"]
        );
    }
}
