//! From the inventory's file to what each selected host should have: everything before the first connection.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use crate::cli::{Probing, Run, Scope};
use crate::desired::{self, Templates};
use crate::error::{Error, Result};
use crate::inventory::{self, Extent, Selection};
use crate::model::{
    Cluster, Facts, Failure, FailureKind, Host, HostId, HostPlan, Inventory, InventoryMark, Meanwhile,
    Placement, Resource, SecretSource, Situation, TemplateError,
};
use crate::planner::{self, Owner};
use crate::probes::KnownPages;
use crate::report::Offer;
use crate::runner::{Apply, Consent, Intent, Planning, Retry, Verify};
use crate::{preflight, roles};

use super::identity;
use super::reports::Reports;

/// Everything known before the first connection.
pub struct Prepared {
    /// The whole inventory: a balancer balances over web hosts that were not selected, too.
    pub inventory: Inventory,
    /// The selected hosts.
    pub selected: HashSet<HostId>,
    pub templates: Templates,
    pub reports: Reports,
    /// The inventory as journals of hosts know it.
    pub mark: InventoryMark,
}

impl Prepared {
    pub fn hosts(&self) -> impl Iterator<Item = (&Cluster, &Host)> {
        self.inventory
            .clusters
            .iter()
            .flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)))
            .filter(|(_, host)| self.selected.contains(&host.id))
    }

    /// The hosts that were not selected.
    pub fn others(&self) -> Vec<&Host> {
        self.inventory.hosts().filter(|host| !self.selected.contains(&host.id)).collect()
    }

    /// What each host should have, selected or not: a balancer asks others, and a foreign page is named by whose it is.
    pub fn wanted(&self) -> Result<HashMap<HostId, Vec<Resource>>> {
        let Self { inventory, templates, .. } = self;
        let mut wanted = HashMap::new();
        for cluster in &inventory.clusters {
            for host in &cluster.hosts {
                let resources = desired::resources(&inventory.place(cluster, host), templates);
                wanted.insert(host.id.clone(), resources.map_err(template_error)?);
            }
        }
        Ok(wanted)
    }

    /// What a host needs, unless it is not fit for that.
    pub fn planning(&self) -> impl Fn(&Host, &[Resource], &Facts, &Situation) -> Result<HostPlan, Failure> {
        let (clusters, hosts) = (self.clusters(), self.host_names());
        move |host, wanted, facts, situation| {
            let cluster = clusters.get(host.cluster.as_str()).copied();
            let owner = Owner { maker: self.mark.maker(&host.id), hosts: hosts.clone() };
            let plan = self.plan(cluster, host, wanted, facts, &owner, situation)?;
            preflight::admit(&self.inventory, host, facts, plan)
        }
    }

    /// What is asked of the runner for `plan`, `apply` and what goes by a plan.
    pub fn applying<'a>(
        &'a self,
        intent: Intent,
        consent: Consent,
        wanted: &'a HashMap<HostId, Vec<Resource>>,
        plan: &'a Planning<'a>,
    ) -> Apply<'a> {
        Apply { intent, consent, mark: &self.mark, others: self.others(), wanted, plan }
    }

    /// The names of all hosts.
    pub fn host_names(&self) -> Arc<HashSet<&str>> {
        Arc::new(self.inventory.hosts().map(|host| host.id.as_str()).collect())
    }

    /// The clusters by their names.
    fn clusters(&self) -> HashMap<&str, &Cluster> {
        self.inventory.clusters.iter().map(|cluster| (cluster.name.as_str(), cluster)).collect()
    }

    /// What a host needs, whether it is fit for that or not.
    pub fn plan(
        &self,
        cluster: Option<&Cluster>,
        host: &Host,
        wanted: &[Resource],
        facts: &Facts,
        owner: &Owner<'_>,
        situation: &Situation,
    ) -> Result<HostPlan, Failure> {
        let meanwhile =
            cluster.map(|cluster| roles::meanwhile(cluster, host, facts, situation)).unwrap_or_default();
        let is_usual = !facts.without_ipv6 && meanwhile == *Meanwhile::SETTLED;
        let fitted = match cluster {
            Some(cluster) if !is_usual => Some(self.fitted(cluster, host, facts, &meanwhile)?),
            _ => None,
        };
        let mut plan = planner::plan(fitted.as_deref().unwrap_or(wanted), facts, owner, situation)?;
        plan.warnings.extend(roles::held(&meanwhile));
        Ok(plan)
    }

    /// What a host should have whose kernel has no IPv6, or whose cluster is not as the inventory says yet.
    fn fitted(
        &self,
        cluster: &Cluster,
        host: &Host,
        facts: &Facts,
        meanwhile: &Meanwhile,
    ) -> Result<Vec<Resource>, Failure> {
        let ipv6 = !facts.without_ipv6;
        let place = Placement { ipv6, meanwhile, ..self.inventory.place(cluster, host) };
        desired::resources(&place, &self.templates).map_err(|error| Failure {
            kind: FailureKind::Preflight,
            message: error.told(),
            hint: error.hint,
        })
    }

    /// What the user asked for, as the runner takes it.
    pub fn probing<'a>(
        &'a self,
        wanted: &'a HashMap<HostId, Vec<Resource>>,
        pages: &'a KnownPages,
        probing: Probing,
    ) -> Verify<'a> {
        let Probing { direct, retry_timeout, sleep, watch: _ } = probing;
        let retry = Retry { timeout: retry_timeout, sleep };
        Verify { wanted, pages, inventory: &self.inventory.path, direct, retry }
    }
}

/// Reads and checks an inventory with its templates; every fault is told at once.
pub fn load(path: &Path, extent: Extent) -> Result<(Inventory, Templates)> {
    let check = desired::template_check();
    let inventory = inventory::load(path, &check, extent)?;
    let templates = Templates::load(&inventory);
    Ok((inventory, templates))
}

pub fn scope(scope: &Scope) -> Result<Prepared> {
    let (inventory, templates) = load(&scope.inventory, Extent::Used)?;
    let selected = Selection::parse(scope.limit.as_deref(), scope.role.as_deref())?.apply(&inventory)?;
    let selected = selected.into_iter().collect();
    let mark = identity::mark(&inventory.path);
    Ok(Prepared { inventory, selected, templates, reports: Reports::default(), mark })
}

/// The same for a verb that connects, where `-k` and `-K` ask for what the inventory does not give.
pub fn run(run: &Run, offer: Offer) -> Result<Prepared> {
    let reports = Reports::new(&run.reports, offer)?;
    let mut prepared = Prepared { reports, ..scope(&run.scope)? };
    for host in prepared.inventory.clusters.iter_mut().flat_map(|cluster| &mut cluster.hosts) {
        if run.ask_pass {
            host.connection.password = Some(SecretSource::Prompt);
        }
        if run.ask_become_pass {
            host.r#become.password = Some(SecretSource::Prompt);
        }
    }
    Ok(prepared)
}

/// A template's fault as the end of a command.
pub fn template_error(error: TemplateError) -> Error {
    let message = error.told();
    Error { hints: error.hint.into_iter().collect(), ..Error::file(message) }
}
