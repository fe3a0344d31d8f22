//! Roles with which a cluster can work: what the reader of inventories would refuse is left out, and told.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::plain::shown;
use super::remark::{Place, Remarks};
use crate::draft::{Cluster, Host};
use crate::inventory::canonical;
use crate::model::{Role, text};
use crate::roles;

/// The role with its usual settings; `None` for a practice.
fn usual(name: &str) -> Option<Arc<dyn Role>> {
    roles::ALL.iter().find(|role| role.name == name).map(|role| (role.usual)())
}

fn name_or_address(host: &Host) -> &str {
    if host.name.is_empty() { &host.address } else { &host.name }
}

pub fn is_front(role: &str) -> bool {
    usual(role).is_some_and(|role| role.fronts().is_some())
}

/// Leaves out roles with which the cluster could not work.
pub fn fit_roles(cluster: &mut Cluster, places: &[Place], remarks: &mut Remarks) {
    for host in &mut cluster.hosts {
        // In the order in which roles are shown, practices last.
        host.roles
            .sort_by_key(|name| roles::ALL.iter().position(|role| role.name == name).unwrap_or(usize::MAX));
        host.roles.dedup();
    }
    one_service_a_port(cluster, places, remarks);
    told_apart(cluster, places, remarks);
    somebody_behind(cluster, places, remarks);
}

fn one_service_a_port(cluster: &mut Cluster, places: &[Place], remarks: &mut Remarks) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for role in cluster.hosts.iter().flat_map(|host| &host.roles) {
        *counts.entry(role.clone()).or_default() += 1;
    }
    for (position, place) in places.iter().enumerate() {
        let roles = cluster.hosts[position].roles.clone();
        let mut kept: Vec<String> = Vec::new();
        // A host that stands in front of others is the first to give way where nobody else is behind it.
        let mut order: Vec<&String> = roles.iter().collect();
        order.sort_by_key(|name| {
            let behind = usual(name).and_then(|role| role.fronts().map(str::to_owned));
            behind.is_some_and(|behind| {
                counts.get(&behind).copied().unwrap_or_default() == usize::from(roles.contains(&behind))
            })
        });
        for name in order {
            let ports = |name: &str| {
                usual(name)
                    .map(|role| role.ports())
                    .into_iter()
                    .flatten()
                    .map(|port| port.number)
                    .collect::<Vec<_>>()
            };
            let taken: Vec<u16> = kept.iter().flat_map(|name| ports(name)).collect();
            if ports(name).iter().any(|port| taken.contains(port)) {
                let host = shown(name_or_address(&cluster.hosts[position]));
                let kept = kept.join(", ");
                remarks.lost(
                    *place,
                    text!(
                        en: "`{host}` is not also `{name}`, which wants the port of `{kept}`: give one of them another \
                             port in the inventory, and then the role",
                        pt: "`{host}` não é também `{name}`, que quer a porta de `{kept}`: dê outra porta a um deles no \
                             inventário, e depois o papel"
                    ),
                );
            } else {
                kept.push(name.clone());
            }
        }
        for left_out in roles.iter().filter(|role| !kept.contains(role)) {
            counts.entry(left_out.clone()).and_modify(|count| *count -= 1);
        }
        cluster.hosts[position].roles.retain(|role| kept.contains(role));
    }
}

/// Hosts behind one address can't be told apart by who stands in front of them.
fn told_apart(cluster: &mut Cluster, places: &[Place], remarks: &mut Remarks) {
    let roles = cluster.hosts.iter().flat_map(|host| &host.roles).filter_map(|name| usual(name));
    let concerned: HashSet<String> = roles
        .filter_map(|role| Some([role.name().to_owned(), role.fronts()?.to_owned()]))
        .flatten()
        .collect();
    let mut seen: HashMap<(String, u16), usize> = HashMap::new();
    let mut alike = HashSet::new();
    for (position, host) in cluster.hosts.iter().enumerate() {
        let address = canonical(host.private_address.as_ref().unwrap_or(&host.address));
        for role in
            host.roles.iter().filter(|name| concerned.contains(name.as_str())).filter_map(|name| usual(name))
        {
            if let Some(port) = role.ports().first() {
                let first = *seen.entry((address.clone(), port.number)).or_insert(position);
                if first != position {
                    alike.extend([first, position]);
                }
            }
        }
    }
    for (position, host) in cluster.hosts.iter_mut().enumerate() {
        if alike.contains(&position) {
            let roles = std::mem::take(&mut host.roles).join(", ");
            let address = shown(&host.address);
            host.comment.get_or_insert(text!(
                en: "roles: [{roles}], once it has a private_address",
                pt: "roles: [{roles}], depois que tiver um private_address",
            ));
            remarks.lost(
                places[position],
                text!(
                    en: "roles are left out where hosts share the address {address}, so that their balancer could not \
                         tell them apart: give each its `private_address`, and then the roles beside it",
                    pt: "papéis ficam de fora onde hosts têm o mesmo endereço {address}, e o balanceador não os \
                         distinguiria: dê a cada um seu `private_address`, e depois os papéis ao lado"
                ),
            );
        }
    }
}

fn somebody_behind(cluster: &mut Cluster, places: &[Place], remarks: &mut Remarks) {
    // Nobody stands in front of a role that stands in front of another one.
    let present: HashSet<String> = cluster.hosts.iter().flat_map(|host| host.roles.clone()).collect();
    for (position, place) in places.iter().enumerate() {
        for name in cluster.hosts[position].roles.clone() {
            let Some(role) = usual(&name) else { continue };
            let Some(behind) = role.fronts().filter(|behind| !present.contains(*behind)) else { continue };
            let host = shown(name_or_address(&cluster.hosts[position]));
            remarks.lost(
                *place,
                text!(
                    en: "`{host}` is not `{name}`: its cluster has no host with the role `{behind}`",
                    pt: "`{host}` não é `{name}`: seu cluster não tem host com o papel `{behind}`"
                ),
            );
            cluster.hosts[position].roles.retain(|role| *role != name);
        }
    }
}
