//! What each host should have, computed from the inventory alone: the roles' packages, files, links and services,
//! with every template rendered.
//!
//! Pure but for [`Templates`], which reads the user's own template files once. What stands on a host, and how
//! it gets from there to here, is the planner's and the remote programs' business.

mod balancer;
mod colour;
mod socket;
mod template_error;
mod templates;
#[cfg(test)]
mod tests;
mod variables;
mod web;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub use balancer::has_statistics;
pub use template_error::TemplateError;
pub use templates::Templates;
pub use web::page;

use crate::model::{Cluster, Grading, Host, Inventory, Language, Resource, Role};

/// Everything a host should have, in the order of application: packages, directories, files and links, services.
///
/// Where a host is web server and balancer, Apache comes first: its package takes port 80 when it is installed and
/// must have been moved off before HAProxy binds.
pub fn resources(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<Vec<Resource>, TemplateError> {
    let mut resources = Vec::new();
    if host.has(Role::Web) {
        resources.extend(web::resources(inventory, cluster, host, templates)?);
    }
    if host.has(Role::Balancer) {
        resources.extend(balancer::resources(inventory, cluster, host, templates)?);
    }
    if host.has(Role::Socket) {
        resources.extend(socket::resources(inventory, host, templates)?);
    }
    resources.extend(host.packages.extra.iter().cloned().map(Resource::Package));

    let mut seen = BTreeSet::new();
    resources.retain(|resource| seen.insert(resource.id()));
    // A stable sort: within a stage the roles keep their order.
    resources.sort_by_key(stage);
    Ok(resources)
}

/// Whether the user's own template of a role fits a host, for `validate`: it compiles, names nothing that this host
/// does not have, in either language. The inventory as a whole is not there yet when this is asked.
pub fn check_template(role: Role, host: &Host, cluster: &Cluster) -> Result<(), TemplateError> {
    let templates = Templates::of_host(host);
    for language in [Language::English, Language::Portuguese] {
        let inventory = Inventory {
            path: PathBuf::new(),
            name: None,
            language,
            grading: Grading::default(),
            clusters: Vec::new(),
        };
        match role {
            Role::Web => web::resources(&inventory, cluster, host, &templates)?,
            Role::Balancer => balancer::resources(&inventory, cluster, host, &templates)?,
            Role::Socket => socket::resources(&inventory, host, &templates)?,
        };
    }
    Ok(())
}

fn stage(resource: &Resource) -> u8 {
    match resource {
        Resource::Package(_) => 0,
        Resource::Directory { .. } => 1,
        Resource::File(_) | Resource::Link(_) => 2,
        Resource::Service(_) => 3,
    }
}
