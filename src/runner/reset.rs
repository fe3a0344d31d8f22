//! Undoes on one host what its journal remembers.

use std::sync::Arc;
use std::time::Duration;

use crate::event::{Event, Stage};
use crate::model::{Failure, Host, HostPlan, HostStatus};
use crate::remote::{self, JournalReader};

use super::apply::Intent;
use super::conversation::new_nonce;
use super::{Runner, Worked};

const RECALL_LIMIT: Duration = Duration::from_secs(60);

impl Runner {
    /// Reads every host's journal and undoes it where that is the intent. Results in the order given.
    pub async fn reset(&self, hosts: &[&Host], intent: Intent) -> Vec<Worked> {
        self.work(Stage::Reset, hosts, async |host, worked| self.reset_steps(host, intent, worked).await)
            .await
    }

    async fn reset_steps(&self, host: &Host, intent: Intent, worked: &mut Worked) -> Result<(), Failure> {
        let session = Arc::new(self.connect(host).await?);
        worked.session = Some(Arc::clone(&session));
        self.progress(host, "reading its journal");
        let nonce = new_nonce();
        let invocation = remote::observe_journal(self.credentials(host), &nonce)?;
        let mut reader = JournalReader::new(&nonce);
        let log = &mut worked.log;
        let talked =
            self.converse(&session, invocation, Some(RECALL_LIMIT), log, |chunk, _| reader.feed(chunk)).await;
        reader.log().for_each(|line| log.push(line));
        talked?;
        let plan = HostPlan { steps: reader.finish()?, warnings: Vec::new() };
        worked.plan(&plan);
        if intent == Intent::Plan || plan.steps.is_empty() {
            return Ok(());
        }
        self.send(Event::HostPlanned { host: host.id.clone(), changes: plan.steps.len() });
        worked.outcome.status = HostStatus::Changed;
        let nonce = new_nonce();
        let invocation = remote::reset(&plan.steps, self.credentials(host), &nonce)?;
        self.execute(host, &session, invocation, &nonce, None, worked).await
    }
}
