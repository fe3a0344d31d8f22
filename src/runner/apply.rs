//! One host from connect to converged: observe, plan, and execute that same plan.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use crate::event::{Event, Stage};
use crate::model::{Facts, Failure, Host, HostId, HostPlan, HostStatus, PackageSource, Resource};
use crate::remote::{self, End, ObserveRequest, PackageWay};
use crate::transport::Session;

use super::supply::Supply;
use super::{Runner, Worked, not_begun};

/// Whether the plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Only say what would be done.
    Plan,
    Apply,
}

/// (host, wanted, facts) → plan, or why the host is not fit for it.
pub type Planning<'a> = dyn Fn(&Host, &[Resource], &Facts) -> Result<HostPlan, Failure> + Sync + 'a;

/// What the stages before and after observation decide, handed in so that the runner knows neither.
pub struct Apply<'a> {
    pub intent: Intent,
    /// What a host should have.
    pub wanted: &'a HashMap<HostId, Vec<Resource>>,
    /// What a host needs, given what was observed.
    pub plan: &'a Planning<'a>,
}

/// What was seen before another run is looked at again, until the last of so many looks is taken as it is.
pub(super) const LOOKS: u32 = 3;

/// Observing is a matter of milliseconds; a host that needs longer is in trouble, and is told so.
const OBSERVE_LIMIT: Duration = Duration::from_secs(60);

impl Runner {
    /// Observes and plans every host, and applies the plans where that is the intent. Results in the order given.
    pub async fn apply(&self, hosts: &[&Host], apply: &Apply<'_>) -> Vec<Worked> {
        let stage = match apply.intent {
            Intent::Plan => Stage::Observe,
            Intent::Apply => Stage::Apply,
        };
        self.work(stage, hosts, async |host, worked| self.apply_steps(host, apply, worked).await).await
    }

    async fn apply_steps(&self, host: &Host, apply: &Apply<'_>, worked: &mut Worked) -> Result<(), Failure> {
        let session = Arc::new(self.connect(host).await?);
        worked.session = Some(Arc::clone(&session));
        for look in 1.. {
            let (facts, plan) = self.look(host, &session, apply, worked).await?;
            worked.plan(&plan);
            if apply.intent == Intent::Plan || plan.steps.is_empty() {
                break;
            }
            if let Some(refusal) = plan.refusal {
                return Err(refusal);
            }
            self.send(Event::HostPlanned { host: host.id.clone(), changes: plan.steps.len() });
            worked.outcome.status = HostStatus::Changed;
            let supply = self.supply(host, &session, &facts, &plan.steps).await?;
            let way = supply.as_ref().map_or(PackageWay::Own, Supply::way);
            let last_run = (look < LOOKS).then_some(&facts.last_run);
            let program = remote::apply(&plan.steps, way, self.credentials(host), last_run)?;
            if self.execute(host, &session, program, supply.as_ref(), worked).await? != End::Stale {
                break;
            }
            worked.outcome.status = HostStatus::Ok;
        }
        Ok(())
    }

    /// Observes a host by one remote execution and plans, unless Ctrl-C comes first.
    pub(super) async fn look(
        &self,
        host: &Host,
        session: &Session,
        apply: &Apply<'_>,
        worked: &mut Worked,
    ) -> Result<(Facts, HostPlan), Failure> {
        self.progress(host, "looking");
        let wanted = apply.wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        let request = ObserveRequest::of(wanted, host.packages.via == PackageSource::Auto);
        let program = remote::observe(request, self.credentials(host))?;
        let mut conversation = self.conversation(session, Some(OBSERVE_LIMIT), &mut worked.log);
        let facts = tokio::select! {
            facts = conversation.ask(program) => facts?,
            () = self.interrupt.graceful.cancelled() => return Err(not_begun()),
        };
        let plan = (apply.plan)(host, wanted, &facts)?;
        Ok((facts, plan))
    }
}
