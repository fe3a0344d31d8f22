//! Made-up hosts, for the tests of whatever takes one.

use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Balancer, Outline, Socket, Web};
use crate::model::{
    Become, Cluster, Host, HostId, Language, Meanwhile, Packages, Placement, Resource, Role,
    samples::connection,
};

/// The first host of its kind, with every setting at its default and one address for everybody.
pub fn host(cluster: &str, name: &str, address: &str, roles: &[&str]) -> Host {
    Host {
        id: HostId::new(cluster, name),
        cluster: cluster.to_owned(),
        name: name.to_owned(),
        index: 1,
        private_address: address.to_owned(),
        roles: roles.iter().map(|name| role(name)).collect(),
        connection: connection(address),
        r#become: Become::default(),
        vars: BTreeMap::new(),
        packages: Packages::default(),
    }
}

pub fn role(name: &str) -> Arc<dyn Role> {
    match name {
        "balancer" => Arc::new(Balancer::default()),
        "web" => Arc::new(Web::default()),
        "socket" => Arc::new(Socket::default()),
        _ => panic!("there is no role {name}"),
    }
}

/// The settings of a role that a host has.
pub fn settings<R: Role>(host: &Host) -> &R {
    let mut roles = host.roles.iter().map(|role| role.as_ref() as &dyn Any);
    roles.find_map(|role| role.downcast_ref()).expect("a role that the host has")
}

/// Changes the settings of a role that a host has.
pub fn set<R: Role + Clone>(host: &mut Host, change: impl FnOnce(&mut R)) {
    let mut changed = settings::<R>(host).clone();
    change(&mut changed);
    let role = host.roles.iter_mut().find(|role| role.name() == changed.name()).expect("that role");
    *role = Arc::new(changed);
}

/// What each host of a cluster should have, with nothing but ports in its files.
pub fn wanted(cluster: &Cluster) -> HashMap<HostId, Vec<Resource>> {
    let of = |host: &Host| {
        let place = Placement {
            title: None,
            language: Language::English,
            cluster,
            host,
            ipv6: true,
            meanwhile: Meanwhile::SETTLED,
        };
        let resources =
            host.roles_in_order().flat_map(|role| role.resources(&place, &Outline).expect("resources"));
        (host.id.clone(), resources.collect())
    };
    cluster.hosts.iter().map(of).collect()
}
