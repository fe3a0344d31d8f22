//! Two roles of one host that want the same file, folder or service in different ways.

use std::collections::BTreeMap;

use super::placed::{Placed, PlacedCluster};
use crate::document::recorder::Recorder;
use crate::document::suggestion::shown;
use crate::model::{Cluster, Host, Language, Meanwhile, Placement, Resource, Role, text};
use crate::roles::Outline;

pub fn check(cluster: &PlacedCluster, recorder: &Recorder) {
    // What a role says of its files may depend on the cluster; what files there are does not.
    let model = Cluster { name: cluster.name.clone(), hosts: Vec::new() };
    for placed in cluster.hosts.iter().filter(|placed| placed.host.roles.len() > 1) {
        let mut claims: BTreeMap<String, (&dyn Role, Resource)> = BTreeMap::new();
        for role in placed.host.roles.iter().map(AsRef::as_ref) {
            for resource in resources(role, &placed.host, &model) {
                let claim = resource.claim();
                match claims.get(&claim) {
                    Some((first, other)) if clash(first.name(), other, role.name(), &resource) => {
                        tell(placed, recorder, &claim, [*first, role]);
                    }
                    Some(_) => {}
                    None => drop(claims.insert(claim, (role, resource))),
                }
            }
        }
        for (claim, (role, _)) in claims.iter().filter(|(_, (_, resource))| resource.has_nothing_below()) {
            let below = claims.iter().filter(|(other, _)| is_below(other, claim));
            for (other, (second, _)) in below.filter(|(_, (second, _))| second.name() != role.name()) {
                tell_below(placed, recorder, (claim.as_str(), *role), (other.as_str(), *second));
            }
        }
    }
}

fn is_below(path: &str, other: &str) -> bool {
    path.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'))
}

fn resources(role: &dyn Role, host: &Host, cluster: &Cluster) -> Vec<Resource> {
    let (language, meanwhile) = (Language::default(), Meanwhile::SETTLED);
    let place = Placement { title: None, language, cluster, host, ipv6: true, meanwhile };
    // Whether the templates are sound is examined elsewhere.
    role.resources(&place, &Outline).unwrap_or_default()
}

/// Whether two roles can't both have what they want.
fn clash(first: &str, one: &Resource, second: &str, other: &Resource) -> bool {
    let is_shared = match (one, other) {
        // Ports are compared as ports.
        (Resource::Package(_), Resource::Package(_)) | (Resource::Port(_), Resource::Port(_)) => true,
        (Resource::Directory(one), Resource::Directory(other)) => one == other,
        _ => false,
    };
    first != second && !is_shared
}

/// A role, with where it says that it wants something.
fn named(role: &dyn Role, claim: &str) -> String {
    let place = role.place(claim).map(|place| format!(" ({place})")).unwrap_or_default();
    format!("`{}`{place}", role.name())
}

fn tell_below(
    placed: &Placed,
    recorder: &Recorder,
    (claim, role): (&str, &dyn Role),
    (below, second): (&str, &dyn Role),
) {
    let (first, second) = (named(role, claim), named(second, below));
    let (claim, below) = (shown(claim), shown(below));
    recorder.add(
        placed.places.roles.unwrap_or(placed.places.key),
        text!(
            en: "{first} wants {claim}, which is no folder, and {second} wants {below} on host `{id}`",
            pt: "{first} quer {claim}, que não é uma pasta, e {second} quer {below} na máquina `{id}`", id = shown(placed.host.id.as_str())
        ),
        text!(
            en: "give the host one of the two roles, or choose another path than {below} in one of them",
            pt: "dê à máquina um dos dois papéis, ou escolha em um deles outro caminho que não {below}",
        ),
    );
}

fn tell(placed: &Placed, recorder: &Recorder, claim: &str, roles: [&dyn Role; 2]) {
    let [first, second] = roles.map(|role| named(role, claim));
    recorder.add(
        placed.places.roles.unwrap_or(placed.places.key),
        text!(
            en: "{first} and {second} both want {claim} on host `{id}`",
            pt: "{first} e {second} querem {claim} na máquina `{id}`", claim = shown(claim), id = shown(placed.host.id.as_str())
        ),
        text!(
            en: "give the host one of the two roles, or put another in place of {claim} in one of them",
            pt: "dê à máquina um dos dois papéis, ou ponha outra coisa no lugar de {claim} em um deles", claim = shown(claim)
        ),
    );
}
