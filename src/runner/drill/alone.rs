//! One drill of a cluster at a time, from whatever laptop and whichever web host it takes out.
//!
//! A small program on the balancer holds a lock for the whole drill; a second drill is refused. Whether all is well is
//! looked at only under the lock, at its beginning and again right before anything is taken out, so what a drill before
//! it left is seen; and the program that takes something out never waits for another run on its host.
//!
//! What remains: a web host behind two balancers, of two inventories; and a lock that was let go early, since the link
//! to the balancer or the laptop died, while the victim is about to come back. The two looks are seconds apart, and in
//! that time HAProxy's checks find a victim that is down.

use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::model::Failure;
use crate::remote::{self, DrillEvent};
use crate::transport::{Input, Session};

use super::super::host_log::HostLog;
use super::super::{Runner, not_begun};
use super::DrillSubject;
use super::outcome::Stop;

/// What a drill takes besides the time that something is out: looks, requests before and after, and HAProxy's notice.
const ALLOWANCE: Duration = Duration::from_secs(60);
/// How long the end of the program is waited for, so that whoever drills next finds the lock free.
const LETTING_GO: Duration = Duration::from_secs(5);

impl Runner {
    /// Does the drill while no other can be on the cluster.
    pub(super) async fn alone(
        &self,
        subject: &DrillSubject<'_>,
        session: &Session,
        restore_after: Duration,
        drilling: impl Future<Output = Result<(), Stop>>,
    ) -> Result<(), Stop> {
        let balancer = subject.balancer;
        let failed = |failure| Stop::failed(balancer, failure);
        let limit = restore_after + ALLOWANCE;
        let program = remote::hold(limit, self.credentials(balancer));
        // Not the token of Ctrl-C: what is out comes back first.
        let (held, over) = (CancellationToken::new(), CancellationToken::new());
        let holding = async {
            let mut log = HostLog::default();
            let mut conversation = self.conversation(session, Some(limit + ALLOWANCE), &mut log);
            conversation.stop = over.clone();
            let hear = |event, _: &Input| {
                if event == DrillEvent::Held {
                    held.cancel();
                }
                Ok(())
            };
            conversation.follow(program, hear).await
        };
        let drilling = async {
            tokio::select! {
                () = held.cancelled() => {}
                () = self.interrupt.graceful.cancelled() => return Err(Stop::failed(subject.victim, not_begun())),
            }
            drilling.await
        };
        tokio::pin!(holding, drilling);
        match select(drilling, holding).await {
            Either::Left((ended, holding)) => {
                over.cancel();
                // Where the link has died, sshd or the program's own limit lets go.
                let _ = timeout(LETTING_GO, holding).await;
                ended
            }
            // What is out comes back in good order, whatever becomes of the lock.
            Either::Right((_, drilling)) if held.is_cancelled() => drilling.await,
            Either::Right((refused, _)) => Err(failed(refused.err().map_or_else(not_begun, Failure::from))),
        }
    }
}
