//! The connection to a host that is changed: where it is lost, it is made again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::Level;
use crate::model::{Failure, FailureKind, Host, text};
use crate::transport::Session;

use super::{Runner, Worked};

/// A host whose connection was lost is tried again for so long, as it waits for that itself, and so often in a run.
const ABSENCE: Duration = Duration::from_secs(60);
const MOST_LOSSES: u32 = 5;
/// A connection whose end was seen by a program may take a moment to end as a whole.
const CLOSING: Duration = Duration::from_millis(500);

pub(super) struct Link {
    pub session: Arc<Session>,
    /// By this the host knows whom to hand over to.
    token: String,
    losses: u32,
}

impl Link {
    pub fn begin(session: Session, worked: &mut Worked) -> Self {
        let session = Arc::new(session);
        worked.session = Some(Arc::clone(&session));
        Self { session, token: format!("{:016x}", rand::random::<u64>()), losses: 0 }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn was_lost(&self) -> bool {
        self.losses > 0
    }

    /// What was lost before anything was done is made good.
    pub fn forget_losses(&mut self) {
        self.losses = 0;
    }

    /// Whether it is gone, and not too often.
    async fn is_lost(&self, failure: &Failure) -> bool {
        if failure.kind != FailureKind::Lost || self.losses >= MOST_LOSSES {
            return false;
        }
        let closed = async {
            while !self.session.is_closed() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(CLOSING, closed).await.is_ok()
    }
}

impl Runner {
    /// Opens another session where a lost connection is the failure, for as long as the host waits for that. What its
    /// program is doing is finished there, and seen at the next look.
    pub(super) async fn join_again(
        &self,
        host: &Host,
        link: &mut Link,
        lost: Failure,
        worked: &mut Worked,
    ) -> Result<(), Failure> {
        if !link.is_lost(&lost).await {
            return Err(lost);
        }
        let until = Instant::now() + ABSENCE;
        self.note(
            host,
            Level::Warning,
            text!(
                en: "its connection was lost; joining it again",
                pt: "a conexão com ela caiu; reconectando",
            ),
        );
        loop {
            match self.open_session(host).await {
                Ok(session) => {
                    link.losses += 1;
                    link.session = Arc::new(session);
                    worked.session = Some(Arc::clone(&link.session));
                    return Ok(());
                }
                Err(failure) if failure.kind.is_unreachable() && Instant::now() < until => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                Err(_) => return Err(lost),
            }
        }
    }
}
