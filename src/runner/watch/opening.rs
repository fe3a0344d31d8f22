//! Connections that died or never were, opened anew while the other hosts are probed.

use std::collections::HashSet;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::FuturesUnordered;

use crate::model::{Failure, FailureKind, HostStatus};
use crate::runner::Worked;
use crate::runner::reach::lost;
use crate::transport::Session;

/// What became of opening a connection, with the place of its host.
type Opened = (usize, Result<Session, Failure>);

/// Connections of a cluster that are opened while its rounds go on.
#[derive(Default)]
pub struct Opening<'a> {
    /// The places of their hosts.
    places: HashSet<usize>,
    under_way: FuturesUnordered<LocalBoxFuture<'a, Opened>>,
    opened: Vec<Opened>,
}

impl<'a> Opening<'a> {
    /// Begins to open what is worth it. `open` is asked with the place of a host.
    pub fn begin<F>(&mut self, worked: &mut [Worked], open: impl Fn(usize) -> F)
    where
        F: Future<Output = Result<Session, Failure>> + 'a,
    {
        for (place, worked) in worked.iter_mut().enumerate() {
            if worked.wants_connection() && self.places.insert(place) {
                let opening = open(place);
                self.under_way.push(Box::pin(async move { (place, opening.await) }));
            }
        }
    }

    /// Lets connections be opened while `work` goes on.
    pub async fn during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return done,
                Some(one) = self.under_way.next() => self.opened.push(one),
            }
        }
    }

    /// Gives what was opened, or not, to the hosts.
    pub fn hand_over(&mut self, worked: &mut [Worked]) {
        for (place, result) in self.opened.drain(..) {
            self.places.remove(&place);
            worked[place].take(result);
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
