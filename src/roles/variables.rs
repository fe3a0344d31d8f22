//! The names that templates of all roles may use, and their values for one host.

use std::net::IpAddr;

use serde::Serialize;

use super::web_hosts::web_hosts;
use crate::model::{Cluster, Host, Placement, Value, Variables};

/// Names that nobody else can give: a value of a practice least of all.
pub const NAMES: [&str; 11] = [
    "vars",
    "name",
    "language",
    "cluster",
    "id",
    "host",
    "index",
    "address",
    "private_address",
    "roles",
    WEB_HOSTS,
];

pub const WEB_HOSTS: &str = "web_hosts";

/// What every template may use of a host.
pub fn of_host(place: &Placement<'_>) -> Variables {
    let Placement { title, language, cluster, host, ipv6: _, meanwhile: _ } = *place;
    let name = title.unwrap_or_default();
    let vars: serde_json::Map<String, Value> =
        host.vars.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut variables = Variables::from(vars.clone());
    if !vars.contains_key("title") {
        variables.insert("title", name);
    }
    variables.insert("vars", vars);
    variables.insert("name", name);
    variables.insert("language", language.tag());
    variables.insert("cluster", cluster.name.clone());
    variables.insert("id", host.id.as_str());
    variables.insert("host", host.name.clone());
    variables.insert("index", host.index);
    variables.insert("address", host.connection.address.clone());
    variables.insert("private_address", host.private_address.clone());
    variables.insert("roles", host.role_names());
    variables
}

/// What every template may use of a cluster.
pub fn of_cluster(cluster: &Cluster) -> Variables {
    let mut variables = Variables::default();
    variables.insert(WEB_HOSTS, seen(web_hosts(cluster)));
    variables
}

/// Web hosts as templates see them, each with the port where it is asked.
pub fn seen<'host>(hosts: impl Iterator<Item = (&'host Host, u16)>) -> Vec<Value> {
    hosts.filter_map(|(host, port)| serde_json::to_value(WebHost::new(host, port)).ok()).collect()
}

/// One web host of the cluster, as templates see it.
#[derive(Serialize)]
struct WebHost<'host> {
    host: &'host str,
    id: &'host str,
    index: usize,
    address: &'host str,
    port: u16,
    /// `ADDRESS:PORT`, an IPv6 address in brackets.
    endpoint: String,
    /// Whether the address is a name that must be resolved.
    by_name: bool,
}

impl<'host> WebHost<'host> {
    fn new(host: &'host Host, port: u16) -> Self {
        let address = host.private_address.as_str();
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let (endpoint, by_name) = match bare.parse() {
            Ok(IpAddr::V4(address)) => (format!("{address}:{port}"), false),
            Ok(IpAddr::V6(address)) => (format!("[{address}]:{port}"), false),
            Err(_) => (format!("{address}:{port}"), true),
        };
        Self { host: &host.name, id: host.id.as_str(), index: host.index, address, port, endpoint, by_name }
    }
}
