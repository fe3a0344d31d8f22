//! Undoes on one host what its journal remembers.

use std::time::Duration;

use crate::event::{Event, Stage};
use crate::model::{Failure, Host, HostPlan, HostStatus, Remembered, Step, text};
use crate::remote::{self, ApplyEvent, End};

use super::apply::{Intent, LOOKS};
use super::execute::Notes;
use super::link::Link;
use super::{Runner, Slot, Worked};

/// The host may wait for another run, and for apt.
const RECALL_LIMIT: Duration = Duration::from_secs(15 * 60);

/// What a journal remembers → what undoing it takes.
pub type Undoing<'a> = dyn Fn(&[Remembered]) -> Vec<Step> + Sync + 'a;

impl Runner {
    /// Reads every host's journal and undoes it where that is the intent. Results in the order given.
    pub async fn reset(&self, hosts: &[&Host], intent: Intent, plan: &Undoing<'_>) -> Vec<Worked> {
        let stage = match intent {
            Intent::Plan => Stage::Observe,
            Intent::Apply => Stage::Reset,
        };
        self.work(stage, hosts, false, async |host, worked, slot| {
            self.reset_steps(host, (intent, plan), worked, slot).await
        })
        .await
    }

    async fn reset_steps(
        &self,
        host: &Host,
        how: (Intent, &Undoing<'_>),
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let mut link = Link::begin(self.connect(host, slot).await?, worked);
        for look in 1.. {
            match self.undo(host, how, look, &link, worked, slot).await {
                Ok(End::Stale) => {}
                Ok(_) => break,
                Err(failure) => self.join_again(host, &mut link, failure, worked).await?,
            }
        }
        Ok(())
    }

    /// Reads the journal and undoes what it remembers, unless another run came between.
    async fn undo(
        &self,
        host: &Host,
        (intent, plan): (Intent, &Undoing<'_>),
        look: u32,
        link: &Link,
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<End, Failure> {
        self.progress(host, text!(en: "reading its journal", pt: "lendo o diário dela"));
        let recall = remote::observe_journal(self.credentials(host), link.token());
        let mut notes = Notes::default();
        let hear = |waits_for, _: &_| {
            self.follow(host, ApplyEvent::Waiting(waits_for), &mut notes, &mut [], &mut None);
            Ok(())
        };
        let mut conversation = self.conversation(&link.session, Some(RECALL_LIMIT), &mut worked.log);
        let (remembered, last_run) = conversation.follow(recall, hear).await?.ok_or_else(|| self.ended())?;
        let steps = remembered.as_deref().map(plan).unwrap_or_default();
        let plan = HostPlan { steps, warnings: Vec::new(), refusal: None };
        if worked.has_begun() || link.was_lost() && !worked.outcome.changes.is_empty() {
            self.take_as_made(host, &plan, worked);
        } else {
            worked.plan(&plan);
        }
        if intent == Intent::Plan || plan.steps.is_empty() {
            return Ok(End::Complete);
        }
        self.send(Event::HostPlanned { host: host.id.clone(), changes: plan.steps.len() });
        self.begin_changes(host, worked, slot).await?;
        let last_run = (look < LOOKS).then_some(&last_run);
        let steps = worked.number(plan.steps, false);
        let program = remote::reset(&steps, self.credentials(host), link.token(), last_run)?;
        worked.outcome.status = HostStatus::Changed;
        let end = self.execute(host, &link.session, program, None, worked).await?;
        if end == End::Stale && !worked.has_begun() {
            worked.outcome.status = HostStatus::Ok;
        }
        Ok(end)
    }
}
