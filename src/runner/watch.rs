//! Probes again and again over the same connections, and opens anew those that died.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::time::sleep;

use crate::model::{Check, Cluster, Failure, FailureKind, Host, HostStatus};
use crate::transport::Session;

use super::verify::{self, Subject, Verify};
use super::{Runner, Worked};

/// What became of opening a connection, with the place of its host.
type Opened = (usize, Result<Session, Failure>);

impl Runner {
    /// Rounds of probes with a pause between them, until Ctrl-C. Each complete round is shown; the last one comes
    /// back with the connections. A host that cannot be reached is tried anew meanwhile and holds nobody up.
    pub async fn watch(
        &self,
        members: &[(&Cluster, &Host)],
        how: &Verify<'_>,
        interval: Duration,
        mut show: impl FnMut(&[Check]),
    ) -> (Option<Vec<Check>>, Vec<Worked>) {
        let hosts: Vec<&Host> = members.iter().map(|(_, host)| *host).collect();
        let mut worked = self.reach(&hosts).await;
        let how = Verify { retry: how.retry.never(), ..*how };
        let mut last = None;
        let mut opening = FuturesUnordered::<LocalBoxFuture<'_, Opened>>::new();
        let mut under_way = HashSet::new();
        while !self.interrupt.is_stopping() {
            for (place, worked) in worked.iter_mut().enumerate() {
                if worked.wants_connection() && under_way.insert(place) {
                    let host = hosts[place];
                    opening.push(Box::pin(async move { (place, self.connect(host).await) }));
                }
            }
            let mut opened = Vec::new();
            let round = async {
                let subjects: Vec<_> = members
                    .iter()
                    .zip(&worked)
                    .map(|(member, worked)| self.subject(*member, worked))
                    .collect();
                let checks = verify::verify(&subjects, &how, self.forks, &|_| ()).await;
                show(&checks);
                last = Some(checks);
                sleep(interval).await;
            };
            tokio::select! {
                () = collect_during(round, &mut opening, &mut opened) => {}
                () = self.interrupt.stopping() => break,
            }
            for (place, result) in opened {
                under_way.remove(&place);
                worked[place].take(result);
            }
        }
        (last, worked)
    }

    /// A host as the probes take it.
    pub fn subject<'a>(
        &'a self,
        (cluster, host): (&'a Cluster, &'a Host),
        worked: &'a Worked,
    ) -> Subject<'a> {
        let no_session = || worked.outcome.failure.clone().unwrap_or_else(lost);
        Subject {
            cluster,
            host,
            session: worked.session.as_deref().ok_or_else(no_session),
            credentials: self.credentials(host),
            has_failed: worked.outcome.failure.is_some(),
        }
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

/// Lets connections be opened while `work` goes on, and keeps what became of them.
async fn collect_during(
    work: impl Future<Output = ()>,
    opening: &mut FuturesUnordered<LocalBoxFuture<'_, Opened>>,
    opened: &mut Vec<Opened>,
) {
    let mut work = pin!(work);
    loop {
        tokio::select! {
            () = &mut work => return,
            Some(one) = opening.next() => opened.push(one),
        }
    }
}

fn lost() -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: "the connection was lost".into(),
        hint: Some("check the host and the network, then verify again".into()),
    }
}
