//! Made-up hosts, for the tests of whatever takes one.

use std::collections::BTreeMap;

use super::connection::DEFAULT_CONNECT_TIMEOUT;
use super::{
    Balancer, Become, Connection, Host, HostId, HostKeyPolicy, Packages, Role, Socket, TransportChoice, Web,
};

/// The first host of its kind, with every setting at its default and one address for everybody.
pub fn host(cluster: &str, name: &str, address: &str, roles: &[Role]) -> Host {
    Host {
        id: HostId::new(cluster, name),
        cluster: cluster.to_owned(),
        name: name.to_owned(),
        index: 1,
        private_address: address.to_owned(),
        roles: roles.iter().copied().collect(),
        connection: connection(address),
        r#become: Become::default(),
        vars: BTreeMap::new(),
        packages: Packages::default(),
        balancer: Balancer::default(),
        web: Web::default(),
        socket: Socket::default(),
    }
}

/// A way to an address, of which the inventory says no more.
pub fn connection(address: &str) -> Connection {
    Connection {
        address: address.to_owned(),
        user: None,
        port: None,
        identity: None,
        jump: None,
        transport: TransportChoice::Auto,
        host_keys: HostKeyPolicy::AcceptNew,
        connect_timeout: DEFAULT_CONNECT_TIMEOUT,
        password: None,
    }
}
