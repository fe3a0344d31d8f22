//! One host from connect to converged: observe, plan, and execute that same plan.
//!
//! A host that stands in front of others makes the changes that concern them once they are ready, and one of those closes
//! a port when nobody in front of it uses that any more: so some hosts take a second look and a second execution.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::event::{Event, Stage};
use crate::model::{
    Change, ChangeResult, Facts, Failure, Host, HostId, HostPlan, HostStatus, InventoryMark, Operation,
    PackageSource, Phase, Resource, Situation, Step, Turn, text,
};
use crate::remote::{self, End, ObserveRequest, PackageWay, Purpose};
use crate::transport::Session;

use super::deletion::{Consent, Deletion, Deletions};
use super::link::Link;
use super::order::{Order, Turns};
use super::supply::Supply;
use super::{Runner, Slot, Worked, not_begun, stopped};

/// Whether the plan is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Only say what would be done.
    Plan,
    Apply,
}

/// (host, wanted, facts, how far the run is) → plan, or why the host is not fit for it.
pub type Planning<'a> =
    dyn Fn(&Host, &[Resource], &Facts, &Situation) -> Result<HostPlan, Failure> + Sync + 'a;

/// What the stages before and after observation decide, handed in so that the runner knows neither.
pub struct Apply<'a> {
    pub intent: Intent,
    /// Whether what is no longer wanted may be deleted.
    pub consent: Consent,
    /// The inventory, as journals of hosts know it.
    pub mark: &'a InventoryMark,
    /// Hosts of the inventory that the run leaves alone.
    pub others: Vec<&'a Host>,
    /// What a host should have.
    pub wanted: &'a HashMap<HostId, Vec<Resource>>,
    /// What a host needs, given what was observed.
    pub plan: &'a Planning<'a>,
}

impl Apply<'_> {
    fn wanted(&self, host: &Host) -> &[Resource] {
        self.wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default()
    }
}

/// What was seen before another run is looked at again, until the last of so many looks is taken as it is.
pub(super) const LOOKS: u32 = 3;

/// Observing is a matter of milliseconds; a host that needs longer is in trouble, and is told so.
const OBSERVE_LIMIT: Duration = Duration::from_secs(60);

/// A host that is changed.
struct Visit<'a> {
    host: &'a Host,
    apply: &'a Apply<'a>,
    link: Link,
    /// All that it needs, as it is shown.
    plan: HostPlan,
    /// What was seen there, where nothing was changed since.
    facts: Option<Box<Facts>>,
    /// What is known of the run that does not change any more.
    settled: Situation,
}

impl Runner {
    /// Observes and plans every host, and applies the plans where that is the intent. Results in the order given.
    pub async fn apply(&self, hosts: &[&Host], apply: &Apply<'_>) -> Vec<Worked> {
        self.apply_telling(hosts, apply, None).await
    }

    /// The same; where hosts are probed over the same connections, these stay open, and how each host ended is handed on
    /// as soon as it has.
    pub(super) async fn apply_telling(
        &self,
        hosts: &[&Host],
        apply: &Apply<'_>,
        is_done: Option<&dyn Fn(Worked)>,
    ) -> Vec<Worked> {
        let stage = match apply.intent {
            Intent::Plan => Stage::Observe,
            Intent::Apply => Stage::Apply,
        };
        let order = &Order::new(hosts, &apply.others);
        let deletions = &Deletions::new(hosts, &apply.consent);
        let steps = async |host: &Host, worked: &mut Worked, slot: &mut Slot<'_>| {
            let (turns, deletion) = (order.begin(host), deletions.begin(host));
            let ended = self.apply_steps(host, apply, (&turns, &deletion), worked, slot).await;
            if let Some(is_done) = is_done {
                is_done(worked.as_ended(host, &ended));
            }
            ended
        };
        self.work(stage, hosts, is_done.is_some(), steps).await
    }

    async fn apply_steps(
        &self,
        host: &Host,
        apply: &Apply<'_>,
        (turns, deletion): (&Turns<'_>, &Deletion<'_>),
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let mut settled = Situation::default();
        let mut link = Link::begin(self.connect(host, slot).await?, worked);
        turns.is_reached();
        let (facts, plan) = loop {
            match self.look(host, &Arc::clone(&link.session), apply, &settled, worked).await {
                Ok(looked) => break looked,
                Err(failure) => Box::pin(self.join_again(host, &mut link, failure, worked)).await?,
            }
        };
        link.forget_losses();
        let looked = (&*facts, plan);
        let plan =
            self.settle_deletes((host, apply), looked, (turns, deletion), &mut settled, worked, slot).await?;
        if apply.intent == Intent::Plan || plan.steps.is_empty() {
            turns.is_ready();
            turns.follows_all();
            return Ok(());
        }
        if let Some(refusal) = &plan.refusal {
            return Err(refusal.clone());
        }
        self.send(Event::HostPlanned { host: host.id.clone(), changes: plan.steps.len() });
        turns.awaits_its_turn();
        self.begin_changes(host, worked, slot).await?;
        turns.begins();
        let leaves = plan.taken_back().any(|change| change.resource.is_service());
        let mut situation = Situation { in_use: turns.is_behind(leaves), ..settled.clone() };
        // What is done only once nobody uses what it takes away.
        let first = (apply.plan)(host, apply.wanted(host), &facts, &situation)?;
        let put_off: Vec<_> = plan.steps.iter().filter(|step| !first.steps.contains(step)).cloned().collect();
        let follows = plan.steps.iter().any(|step| step.operation.turn() == Turn::Last);
        let mut visit = Visit { host, apply, link, plan, facts: Some(facts), settled };

        Box::pin(self.make_changes(&mut visit, &situation, Turn::Own, worked)).await?;
        turns.is_ready();
        if follows {
            Box::pin(self.follow_others(&mut visit, turns, &mut situation, worked, slot)).await?;
        } else {
            turns.follows_all();
        }
        if !put_off.is_empty() {
            self.progress(
                host,
                text!(en: "waiting for those in front of it", pt: "esperando quem está na frente dela"),
            );
            let strays = self.wait(host, turns.before(leaves), slot).await?;
            if strays.is_empty() {
                situation.in_use = false;
                Box::pin(self.make_changes(&mut visit, &situation, Turn::Last, worked)).await?;
            } else {
                worked.put_off(&put_off, &strays);
            }
        }
        Ok(())
    }

    /// Finds out what of a plan may be deleted, and returns the plan of what is to be done.
    async fn settle_deletes(
        &self,
        (host, apply): (&Host, &Apply<'_>),
        (facts, planned): (&Facts, HostPlan),
        (turns, deletion): (&Turns<'_>, &Deletion<'_>),
        situation: &mut Situation,
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<HostPlan, Failure> {
        deletion.is_looked_at(facts);
        let replan = |situation: &Situation| (apply.plan)(host, apply.wanted(host), facts, situation);
        let mut plan = planned;
        if plan.taken_back().next().is_some() {
            turns.awaits_its_turn();
            self.progress(
                host,
                text!(
                    en: "waiting until all hosts were looked at",
                    pt: "esperando todas as máquinas serem olhadas",
                ),
            );
            situation.others = Some(self.wait(host, deletion.others(), slot).await?);
            plan = replan(situation)?;
        }
        worked.plan(&plan);
        let deletes: Vec<Change> = plan.taken_back().cloned().collect();
        let is_refused = plan.refusal.is_some() && !deletion.is_out_of_question();
        if apply.intent == Intent::Plan || deletes.is_empty() || is_refused {
            deletion.is(Vec::new());
            return Ok(plan);
        }
        deletion.is(deletes);
        self.progress(host, text!(en: "waiting for an answer", pt: "esperando uma resposta"));
        let agreed = deletion
            .is_agreed_to(|deletes| self.send(Event::Asking { deletes }), || self.send(Event::Answered));
        if !self.wait(host, agreed, slot).await? {
            situation.keeps_unwanted = true;
            let kept = replan(situation)?;
            worked.leave(&kept);
            plan = kept;
        }
        turns.begins();
        Ok(plan)
    }

    /// Waits until a host may be changed. One that Ctrl-C keeps waiting was not begun.
    pub(super) async fn begin_changes(
        &self,
        host: &Host,
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let begun = self.take_fork(host, slot).await;
        if begun.is_err() {
            worked.outcome.changes.clear();
        }
        begun
    }

    /// Makes the changes that concern the hosts behind: once all are ready, or for those that are, and again.
    async fn follow_others(
        &self,
        visit: &mut Visit<'_>,
        turns: &Turns<'_>,
        situation: &mut Situation,
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let mut known = BTreeSet::new();
        loop {
            self.progress(
                visit.host,
                text!(en: "waiting for the hosts behind it", pt: "esperando as máquinas atrás dela"),
            );
            let behind = self.wait(visit.host, turns.behind(&known), slot).await?;
            situation.unready = behind.unready;
            self.make_changes(visit, situation, Turn::Last, worked).await?;
            turns.follows(behind.ready.clone());
            if behind.is_settled {
                return Ok(());
            }
            known = behind.ready;
        }
    }

    /// Waits for other hosts, in nobody's way.
    pub(super) async fn wait<T>(
        &self,
        host: &Host,
        others: impl Future<Output = T>,
        slot: &mut Slot<'_>,
    ) -> Result<T, Failure> {
        let began = Instant::now();
        let waited = tokio::select! {
            waited = slot.leave_for(others) => Ok(waited),
            () = self.interrupt.graceful.cancelled() => Err(stopped()),
        };
        self.timings.add(&host.id, Phase::Wait, began);
        waited
    }

    /// Makes the changes that a host needs as far as the run is, up to those of a turn.
    async fn make_changes(
        &self,
        visit: &mut Visit<'_>,
        situation: &Situation,
        until: Turn,
        worked: &mut Worked,
    ) -> Result<(), Failure> {
        let (host, apply) = (visit.host, visit.apply);
        for look in 1.. {
            let session = &Arc::clone(&visit.link.session);
            let facts = if let Some(facts) = visit.facts.take() {
                facts
            } else {
                let (facts, plan) = match self.look(host, session, apply, &visit.settled, worked).await {
                    Ok(looked) => looked,
                    Err(failure) => {
                        Box::pin(self.join_again(host, &mut visit.link, failure, worked)).await?;
                        continue;
                    }
                };
                if worked.has_begun() || visit.link.was_lost() {
                    self.take_as_made(host, &plan, worked);
                } else {
                    // Another run was here before this one began.
                    worked.plan(&plan);
                    visit.plan = plan;
                }
                facts
            };
            let plan = (apply.plan)(host, apply.wanted(host), &facts, situation)?;
            if let Some(refusal) = &plan.refusal {
                return Err(refusal.clone());
            }
            worked.warn(&visit.plan, &plan);
            let steps = visit.chosen(plan.steps, until);
            if steps.is_empty() {
                visit.facts = Some(facts);
                return Ok(());
            }
            let steps = worked.number(steps, !situation.unready.is_empty());
            worked.outcome.status = HostStatus::Changed;
            let supply = self.supply(host, session, &facts, &steps).await?;
            let way = supply.as_ref().map_or(PackageWay::Own, Supply::way);
            let last_run = (look < LOOKS).then_some(&facts.last_run);
            let maker = apply.mark.maker(&host.id);
            let purpose = Purpose { maker: &maker, wanted: apply.wanted(host) };
            let program =
                remote::apply(&steps, purpose, way, self.credentials(host), visit.link.token(), last_run)?;
            match self.execute(host, session, program, supply.as_ref(), worked).await {
                Ok(End::Stale) if !worked.has_begun() => worked.outcome.status = HostStatus::Ok,
                Ok(End::Stale) => {}
                Ok(_) => break,
                Err(failure) => Box::pin(self.join_again(host, &mut visit.link, failure, worked)).await?,
            }
        }
        Ok(())
    }

    /// What was not told, and is not needed any more: it was made meanwhile.
    pub(super) fn take_as_made(&self, host: &Host, plan: &HostPlan, worked: &mut Worked) {
        for (change, result) in &mut worked.outcome.changes {
            let is_needed = plan.steps.iter().any(|step| step.change.resource == change.resource);
            if let Some((result @ ChangeResult::NotRun, duration)) = result
                && !is_needed
            {
                *result = ChangeResult::Done;
                let (host, resource, action, duration) =
                    (host.id.clone(), change.resource.clone(), change.action, *duration);
                self.send(Event::ChangeDone { host, resource, action, duration });
            }
        }
    }

    /// Observes a host by one remote execution and plans, unless Ctrl-C comes first.
    pub(super) async fn look(
        &self,
        host: &Host,
        session: &Session,
        apply: &Apply<'_>,
        settled: &Situation,
        worked: &mut Worked,
    ) -> Result<(Box<Facts>, HostPlan), Failure> {
        self.progress(host, text!(en: "looking", pt: "olhando"));
        let wanted = apply.wanted(host);
        let asks_mirror = host.packages.via == PackageSource::Auto;
        let request = ObserveRequest::of(wanted, asks_mirror, apply.mark.maker(&host.id));
        let limit = OBSERVE_LIMIT + request.patience();
        let program = remote::observe(request, self.credentials(host))?;
        let mut conversation = self.conversation(session, Some(limit), &mut worked.log);
        let began = Instant::now();
        let facts = tokio::select! {
            facts = conversation.ask(program) => facts,
            () = self.interrupt.graceful.cancelled() => return Err(not_begun()),
        };
        self.timings.add(&host.id, Phase::Look, began);
        let (facts, began) = (Box::new(facts?), Instant::now());
        let plan = (apply.plan)(host, wanted, &facts, settled)?;
        self.timings.add(&host.id, Phase::Plan, began);
        Ok((facts, plan))
    }
}

impl Visit<'_> {
    /// The steps up to a turn, in the order in which they are made.
    fn chosen(&self, mut steps: Vec<Step>, until: Turn) -> Vec<Step> {
        steps.retain(|step| step.operation.turn() <= until);
        steps.sort_by_key(|step| step.operation.turn());
        for step in &mut steps {
            // How a service was before us was seen at the first look.
            if let Operation::SettleService { before, .. } = &mut step.operation
                && let Some(first) =
                    self.plan.steps.iter().find(|first| first.change.resource == step.change.resource)
                && let Operation::SettleService { before: first, .. } = &first.operation
            {
                before.clone_from(first);
            }
        }
        steps
    }
}
