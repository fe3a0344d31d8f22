//! Connects without changing anything, and probes over the sessions that are open.

use std::sync::Arc;

use crate::event::{Event, Stage};
use crate::model::{Check, Host};

use super::verify::{self, Subject, Verify};
use super::{Runner, Worked};

impl Runner {
    /// Opens a session to every host, as a stage of its own. Results in the order given.
    pub async fn reach(&self, hosts: &[&Host]) -> Vec<Worked> {
        self.work(Stage::Reach, hosts, async |host, worked| {
            worked.session = Some(Arc::new(self.connect(host).await?));
            Ok(())
        })
        .await
    }

    /// Opens a session to one host.
    pub async fn reach_one(&self, host: &Host) -> Worked {
        let mut worked = Worked::begun(host);
        match self.connect(host).await {
            Ok(session) => worked.session = Some(Arc::new(session)),
            Err(failure) => worked.fail(failure),
        }
        worked
    }

    /// Runs all probes, unless Ctrl-C ends them: then there are none.
    pub async fn verify(&self, subjects: &[Subject<'_>], how: &Verify<'_>) -> Vec<Check> {
        let tell = |event: Event| self.send(event);
        let probing = verify::verify(subjects, how, self.forks, &tell);
        self.stage(Stage::Verify, subjects.len(), async {
            tokio::select! {
                checks = probing => checks,
                () = self.interrupt.stopping() => Vec::new(),
            }
        })
        .await
    }
}
