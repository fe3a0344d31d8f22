//! (wanted, facts) → plan. Pure: what to change on a host, in which order, and why.
//!
//! Owns the comparison and its reasons. How a change is carried out is the remote programs' business, and what is
//! wanted was decided before.

mod apt;
mod attributes;
mod command;
mod diff;
mod obstacle;
mod path;
mod reset;
mod service;
mod undo;
mod unwanted;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::model::{
    Action, Change, Concern, Facts, Failure, FindingKind, HostPlan, Maker, Operation, Others, Package,
    PathFact, Remains, Remembered, Resource, ResourceId, Situation, Step, Text, text,
};

pub use reset::reset;

/// Whose plan it is.
#[derive(Debug, Clone, Default)]
pub struct Owner<'a> {
    /// The inventory, and the host as it is called there.
    pub maker: Maker,
    /// All hosts of the inventory.
    pub hosts: Arc<HashSet<&'a str>>,
}

impl Owner<'_> {
    /// Whether what a journal has is this host's to take back, as far as is known of the machines of others.
    fn is_ours(&self, entry: &Remembered, situation: &Situation) -> bool {
        let others = situation.others.as_ref();
        if others.is_some_and(|others| !others.twins.is_empty()) {
            return false;
        }
        let Some(maker) = &entry.maker else { return true };
        let is_elsewhere = |others: &Others| others.apart.iter().any(|apart| maker.host == *apart.as_str());
        maker.inventory == self.maker.inventory
            && (maker.host == self.maker.host
                || !self.hosts.iter().any(|host| maker.host == **host)
                || others.is_none_or(is_elsewhere))
    }
}

/// What a host needs to be as wanted; no changes where it has converged. An error is an obstacle that would stop the
/// changes midway, found before the first.
pub fn plan(
    wanted: &[Resource],
    facts: &Facts,
    owner: &Owner<'_>,
    situation: &Situation,
) -> Result<HostPlan, Failure> {
    let mut unwanted = unwanted::unwanted(wanted, facts, owner, situation);
    let mut steps = std::mem::take(&mut unwanted.steps);
    let mut warnings = std::mem::take(&mut unwanted.warnings);
    // Files and links that change, by the service that reads them.
    let mut notified: BTreeMap<&str, Vec<ResourceId>> = BTreeMap::new();
    for step in &steps {
        if let Operation::Undo { notify: Some(service), .. } = &step.operation
            && let Some(name) = wanted.iter().find_map(|resource| resource.service_name(service))
        {
            notified.entry(name).or_default().push(step.change.resource.clone());
        }
    }
    let absent = PathFact::default();

    for resource in wanted {
        let fact = resource.path().and_then(|path| facts.paths.get(path)).unwrap_or(&absent);
        obstacle::in_the_way(resource, fact)?;
        obstacle::dangling(resource, fact)?;
        let step = match resource {
            Resource::Package(wanted) => package(resource, wanted, facts, &mut warnings),
            Resource::Directory(directory) => path::directory(resource, directory, fact),
            Resource::File(file) => path::file(resource, file, fact),
            Resource::Link(link) => path::link(resource, link, fact),
            Resource::Service(service) => {
                warnings.extend(service::without_init_script(service, wanted, facts));
                let changed = notified.remove(service.name.as_str()).unwrap_or_default();
                service::settle(resource, service, &changed, facts, &unwanted, &mut warnings)
            }
            Resource::Command(command) => command::run(resource, command, facts),
            Resource::Port(_) => None,
        };
        let Some(step) = step else { continue };
        obstacle::unwritable(resource, fact)?;
        let notify = match resource {
            Resource::File(file) => file.notify.as_deref(),
            Resource::Link(link) => link.notify.as_deref(),
            Resource::Package(_)
            | Resource::Directory(_)
            | Resource::Command(_)
            | Resource::Service(_)
            | Resource::Port(_) => None,
        };
        if let Some(service) = notify {
            notified.entry(service).or_default().push(step.change.resource.clone());
        }
        steps.push(step);
    }
    steps.splice(0..0, path::left(facts));
    let removals: Vec<_> =
        facts.removals.iter().filter(|removal| !unwanted.takes(&removal.package)).cloned().collect();
    let refusal = if let Some(first) = steps.iter_mut().find(|step| installs(step)) {
        if facts.lists_unread {
            let unread = text!(
                en: "what apt would remove is not known before the lists are read",
                pt: "o que o apt removeria só se sabe depois de ler as listas",
            );
            first.change.reason = Text::join(&[first.change.reason.clone(), unread], "; ");
        }
        warnings.extend(apt::concerns(facts));
        let repair = facts.dpkg_interrupted.as_ref().map(apt::repair);
        steps.splice(0..0, removals.iter().map(apt::removal).chain(repair));
        // What would go then goes since the release changes.
        let other = facts.other_release.as_ref().map(apt::of_other_release);
        other.or_else(|| (!removals.is_empty()).then(|| apt::forbidden(&removals)))
    } else {
        None
    };
    Ok(HostPlan { steps, warnings, refusal: unwanted.refusal.or(refusal) })
}

fn installs(step: &Step) -> bool {
    matches!(step.operation, Operation::InstallPackage(_))
}

fn package(
    resource: &Resource,
    Package { name, remains }: &Package,
    facts: &Facts,
    warnings: &mut Vec<Concern>,
) -> Option<Step> {
    let fact = facts.packages.get(name);
    if fact.is_some_and(|fact| fact.version.is_some()) {
        let noted = facts.remains.get(name);
        let is_news = *remains == Remains::Data && noted.is_some_and(|noted| noted != remains);
        return is_news.then(|| keep_data(resource, name));
    }
    if fact.is_some_and(|fact| fact.held) {
        warnings.push(Concern {
            kind: FindingKind::Packages,
            seen: text!(
                en: "package {name} is on hold and not installed",
                pt: "o pacote {name} está retido e não instalado",
            ),
            next: text!(
                en: "`apt-mark unhold {name}` lets apt install it",
                pt: "`apt-mark unhold {name}` permite que o apt o instale",
            ),
            stops: true,
        });
    }
    Some(
        Change {
            resource: resource.id(),
            action: Action::Create,
            reason: text!(en: "not installed", pt: "não instalado"),
            before: None,
            after: Some(text!(en: "installed", pt: "instalado")),
            diff: None,
            foreign: false,
        }
        .by(Operation::InstallPackage(name.to_owned())),
    )
}

/// What a package writes is noted before it is too late: where it goes, its practice may be gone, too.
fn keep_data(resource: &Resource, name: &str) -> Step {
    Change {
        resource: resource.id(),
        action: Action::Update,
        reason: text!(
            en: "its practice names `data`, which is to stay when the package goes",
            pt: "sua prática traz `data`, que deve ficar quando o pacote sair",
        ),
        before: None,
        after: Some(text!(en: "noted in the journal", pt: "anotado no diário")),
        diff: None,
        foreign: false,
    }
    .by(Operation::KeepData(name.to_owned()))
}

#[cfg(test)]
mod tests;
