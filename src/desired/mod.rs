//! What each host should have: the resources of its roles, with every template rendered, in the order of application.
//!
//! Pure but for [`Templates`], which reads the user's own template files once. What stands on a host, and how
//! it gets from there to here, is the planner's and the remote programs' business.

mod templates;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub use templates::Templates;

use crate::model::{
    Cluster, Host, Language, Meanwhile, Package, Placement, Remains, Render, Resource, Role, Template,
    TemplateError, Variables,
};

/// Everything a host should have, in the order of application: packages, directories, files and links, services.
pub fn resources(place: &Placement<'_>, templates: &Templates) -> Result<Vec<Resource>, TemplateError> {
    let host = place.host;
    let mut resources = Vec::new();
    for role in host.roles_in_order() {
        resources.extend(role.resources(place, templates)?);
    }
    resources.extend(host.packages.extra.iter().cloned().map(Resource::package));
    Ok(in_order(resources))
}

/// What the roles of a host want together, each thing once, in the order of application.
pub fn in_order(mut resources: Vec<Resource>) -> Vec<Resource> {
    keep_most(&mut resources);
    let mut seen = BTreeSet::new();
    resources.retain(|resource| seen.insert(resource.id()));
    // A stable sort: within a stage the roles keep their order.
    resources.sort_by_key(stage);
    resources
}

/// Of a package that several roles want, what most is to remain of remains.
fn keep_most(resources: &mut [Resource]) {
    let mut most: BTreeMap<String, Remains> = BTreeMap::new();
    for resource in &*resources {
        if let Resource::Package(Package { name, remains }) = resource {
            let known = most.entry(name.clone()).or_insert(*remains);
            *known = (*known).max(*remains);
        }
    }
    for resource in resources {
        if let Resource::Package(Package { name, remains }) = resource {
            *remains = most.get(name).copied().unwrap_or_default();
        }
    }
}

/// What one role of a host wants, in the order of application.
pub fn of_role(
    place: &Placement<'_>,
    role: &dyn Role,
    templates: &Templates,
) -> Result<Vec<Resource>, TemplateError> {
    let mut resources = role.resources(place, templates)?;
    resources.sort_by_key(stage);
    Ok(resources)
}

/// Renders what the user wrote alone.
struct OwnAlone<'a>(&'a Templates);

impl Render for OwnAlone<'_> {
    fn render(
        &self,
        template: &Template,
        own: Option<&Path>,
        variables: &Variables,
    ) -> Result<String, TemplateError> {
        if own.is_none() { Ok(String::new()) } else { self.0.render(template, own, variables) }
    }

    fn asks_for(&self, template: &Template, own: Option<&Path>, name: &str) -> bool {
        self.0.asks_for(template, own, name)
    }
}

/// Tells whether the user's own template of a role fits a host, for `validate`: it compiles, names nothing that this host
/// does not have, in either language, with IPv6 or without. Each template is read once, however many hosts use it.
pub fn template_check() -> impl Fn(&dyn Role, &Host, &Cluster) -> Result<(), TemplateError> {
    let templates = RefCell::new(Templates::builtin());
    move |role, host, cluster| {
        templates.borrow_mut().add(role);
        let templates = templates.borrow();
        let own = OwnAlone(&templates);
        let asks = |name| templates.asks_of_role(role, name);
        for language in told_apart([Language::English, Language::Portuguese], asks("language")) {
            for ipv6 in told_apart([true, false], asks("ipv6")) {
                let meanwhile = Meanwhile::SETTLED;
                let place = Placement { title: None, language, cluster, host, ipv6, meanwhile };
                role.resources(&place, &own)?;
            }
        }
        Ok(())
    }
}

/// Both of two forms where somebody asks which it is, else the first.
fn told_apart<T>(forms: [T; 2], is_asked: bool) -> impl Iterator<Item = T> {
    forms.into_iter().take(if is_asked { 2 } else { 1 })
}

fn stage(resource: &Resource) -> u8 {
    match resource {
        Resource::Package(_) => 0,
        Resource::Directory(_) => 1,
        Resource::File(_) | Resource::Link(_) => 2,
        Resource::Command(command) if !command.after_services => 3,
        Resource::Service(_) => 4,
        Resource::Command(_) => 5,
        Resource::Port(_) => 6,
    }
}
