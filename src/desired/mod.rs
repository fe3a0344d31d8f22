//! What each host should have: the resources of its roles, with every template rendered, in the order of application.
//!
//! Pure but for [`Templates`], which reads the user's own template files once. What stands on a host, and how
//! it gets from there to here, is the planner's and the remote programs' business.

mod sources;
mod template_error;
mod templates;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

pub use templates::Templates;

use crate::model::{Cluster, Host, Inventory, Language, Placement, Resource, Role, TemplateError};

/// Everything a host should have, in the order of application: packages, directories, files and links, services.
pub fn resources(
    inventory: &Inventory,
    cluster: &Cluster,
    host: &Host,
    templates: &Templates,
) -> Result<Vec<Resource>, TemplateError> {
    let place = Placement { title: inventory.name.as_deref(), language: inventory.language, cluster, host };
    let mut resources = Vec::new();
    for role in host.roles_in_order() {
        resources.extend(role.resources(&place, templates)?);
    }
    resources.extend(host.packages.extra.iter().cloned().map(Resource::Package));

    let mut seen = BTreeSet::new();
    resources.retain(|resource| seen.insert(resource.id()));
    // A stable sort: within a stage the roles keep their order.
    resources.sort_by_key(stage);
    Ok(resources)
}

/// Whether the user's own template of a role fits a host, for `validate`: it compiles, names nothing that this host
/// does not have, in either language.
pub fn check_template(role: &dyn Role, host: &Host, cluster: &Cluster) -> Result<(), TemplateError> {
    let templates = Templates::of([role]);
    for language in [Language::English, Language::Portuguese] {
        role.resources(&Placement { title: None, language, cluster, host }, &templates)?;
    }
    Ok(())
}

fn stage(resource: &Resource) -> u8 {
    match resource {
        Resource::Package(_) => 0,
        Resource::Directory { .. } => 1,
        Resource::File(_) | Resource::Link(_) => 2,
        Resource::Service(_) => 3,
        Resource::Port(_) => 4,
    }
}
