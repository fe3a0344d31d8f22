//! From the inventory's file to what each selected host should have: everything before the first connection.

use std::collections::HashMap;
use std::path::Path;

use crate::cli::{Probing, Run, Scope};
use crate::desired::{self, TemplateError, Templates};
use crate::error::{Error, Result};
use crate::inventory::{self, Selection, TemplateFault, TemplateRole};
use crate::model::{
    Cluster, Facts, Failure, Host, HostId, HostPlan, Inventory, Resource, Role, SecretSource,
};
use crate::probes::KnownPages;
use crate::report::Offer;
use crate::runner::{Retry, Verify};
use crate::{planner, preflight};

use super::reports::Reports;
use super::terminal::Terminal;

/// Everything known before the first connection.
pub struct Prepared {
    /// The whole inventory: a balancer balances over web hosts that were not selected, too.
    pub inventory: Inventory,
    /// The selected hosts, in the order of the inventory.
    pub selected: Vec<HostId>,
    /// The templates it names, read once.
    pub templates: Templates,
    /// The reports to write at the end.
    pub reports: Reports,
}

impl Prepared {
    /// The selected hosts with their clusters.
    pub fn hosts(&self) -> impl Iterator<Item = (&Cluster, &Host)> {
        self.inventory
            .clusters
            .iter()
            .flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)))
            .filter(|(_, host)| self.selected.contains(&host.id))
    }

    /// What each selected host should have.
    pub fn wanted(&self) -> Result<HashMap<HostId, Vec<Resource>>> {
        self.hosts()
            .map(|(cluster, host)| {
                let resources = desired::resources(&self.inventory, cluster, host, &self.templates)
                    .map_err(template_error)?;
                Ok((host.id.clone(), resources))
            })
            .collect()
    }

    /// What a host needs, unless it is not fit for that.
    pub fn planning(&self) -> impl Fn(&Host, &[Resource], &Facts) -> Result<HostPlan, Failure> {
        |host, wanted, facts| preflight::admit(&self.inventory, host, facts, planner::plan(wanted, facts)?)
    }

    /// What the user asked for, as the runner takes it.
    pub fn probing<'a>(&'a self, pages: &'a KnownPages, probing: Probing) -> Verify<'a> {
        let Probing { direct, retry_timeout, sleep, watch: _ } = probing;
        let retry = Retry { timeout: retry_timeout, sleep };
        Verify { pages, inventory: &self.inventory.path, direct, retry }
    }

    /// The pages of all web hosts, selected or not: a foreign page is named by whose it is; and which balancers have a
    /// page of statistics.
    pub fn pages(&self) -> Result<KnownPages> {
        let inventory = &self.inventory;
        let with_role = |role| {
            inventory
                .clusters
                .iter()
                .flat_map(move |cluster| cluster.with_role(role).map(move |host| (cluster, host)))
        };
        let pages: Vec<(&HostId, String)> = with_role(Role::Web)
            .map(|(cluster, host)| {
                let page =
                    desired::page(inventory, cluster, host, &self.templates).map_err(template_error)?;
                Ok((&host.id, page))
            })
            .collect::<Result<_>>()?;
        let known = KnownPages::new(pages.iter().map(|(host, page)| (*host, page.as_str())));
        let mut without_statistics = Vec::new();
        for (cluster, host) in with_role(Role::Balancer) {
            let has = desired::has_statistics(inventory, cluster, host, &self.templates);
            if !has.map_err(template_error)? {
                without_statistics.push(host.id.clone());
            }
        }
        Ok(known.without_statistics(without_statistics))
    }
}

/// Reads and checks an inventory with its templates; every fault is told at once.
pub fn load(path: &Path, terminal: &Terminal) -> Result<(Inventory, Templates)> {
    let inventory = inventory::load(path, &check_template, terminal.console.stderr_colour)?;
    let templates = Templates::load(&inventory);
    Ok((inventory, templates))
}

/// Whether a user's template compiles and names nothing that a host lacks.
fn check_template(role: TemplateRole, _: &Path, host: &Host, cluster: &Cluster) -> Result<(), TemplateFault> {
    let role = match role {
        TemplateRole::Balancer => Role::Balancer,
        TemplateRole::Web => Role::Web,
    };
    desired::check_template(role, host, cluster).map_err(|fault| TemplateFault {
        message: fault.hint.map_or(fault.message.clone(), |hint| format!("{} ({hint})", fault.message)),
        line: fault.line.unwrap_or(0),
        column: fault.column.unwrap_or(0),
    })
}

/// Reads an inventory and selects hosts.
pub fn scope(scope: &Scope, terminal: &Terminal) -> Result<Prepared> {
    let (inventory, templates) = load(&scope.inventory, terminal)?;
    let selected = Selection::parse(scope.limit.as_deref(), scope.role)?.apply(&inventory)?;
    Ok(Prepared { inventory, selected, templates, reports: Reports::default() })
}

/// The same for a verb that connects, where `-k` and `-K` ask for what the inventory does not give.
pub fn run(run: &Run, offer: Offer, terminal: &Terminal) -> Result<Prepared> {
    let reports = Reports::new(&run.reports, offer)?;
    let mut prepared = Prepared { reports, ..scope(&run.scope, terminal)? };
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
fn template_error(error: TemplateError) -> Error {
    let message = error.to_string();
    Error { hints: error.hint.into_iter().collect(), ..Error::file(message) }
}
