//! Undoes on one host what its journal remembers.

use std::sync::Arc;
use std::time::Duration;

use crate::event::{Event, Stage};
use crate::model::{Failure, Host, HostPlan, HostStatus};
use crate::remote;

use super::apply::Intent;
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
        let recall = remote::observe_journal(self.credentials(host));
        let steps = self.conversation(&session, Some(RECALL_LIMIT), &mut worked.log).ask(recall).await?;
        let plan = HostPlan { steps, warnings: Vec::new() };
        worked.plan(&plan);
        if intent == Intent::Plan || plan.steps.is_empty() {
            return Ok(());
        }
        self.send(Event::HostPlanned { host: host.id.clone(), changes: plan.steps.len() });
        worked.outcome.status = HostStatus::Changed;
        let program = remote::reset(&plan.steps, self.credentials(host))?;
        self.execute(host, &session, program, None, worked).await
    }
}
