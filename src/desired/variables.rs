//! The names that templates may use, and their values for one host.

use std::net::IpAddr;

use serde::Serialize;

use super::colour;
use crate::model::{Cluster, Host, Inventory, Role, Value};

/// Names and values for one rendering. The tool's own names win over the user's `vars`, which are whole under
/// `vars`.
#[derive(Debug, Clone, Default)]
pub struct Variables(serde_json::Map<String, Value>);

impl Variables {
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.0.keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.0.iter()
    }

    /// The paths of values with a line break or another control character, e.g. `vars.motd`.
    pub fn with_control_characters(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (name, value) in &self.0 {
            collect(name, value, &mut found);
        }
        found
    }
}

fn collect(path: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.contains(char::is_control) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                collect(&format!("{path}[{position}]"), item, found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(&format!("{path}.{key}"), item, found);
            }
        }
        _ => {}
    }
}

/// What the page and Apache's files may use.
pub fn of_web(inventory: &Inventory, cluster: &Cluster, host: &Host) -> Variables {
    let mut variables = common(inventory, cluster, host);
    let colour = colour::of(host.index);
    variables.insert("port", host.web.port);
    variables.insert("background", colour.background);
    variables.insert("ink", colour.ink);
    variables
}

/// What HAProxy's file may use.
pub fn of_balancer(inventory: &Inventory, cluster: &Cluster, host: &Host) -> Variables {
    let mut variables = common(inventory, cluster, host);
    variables.insert("port", host.balancer.port);
    variables.insert("algorithm", host.balancer.algorithm.clone());
    variables.insert("stats_port", host.balancer.stats_port);
    variables
}

fn common(inventory: &Inventory, cluster: &Cluster, host: &Host) -> Variables {
    let name = inventory.name.clone().unwrap_or_default();
    let vars: serde_json::Map<String, Value> =
        host.vars.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut variables = Variables(vars.clone());
    if !vars.contains_key("title") {
        variables.insert("title", name.clone());
    }
    variables.insert("vars", vars);
    variables.insert("name", name);
    variables.insert("language", inventory.language.tag());
    variables.insert("cluster", cluster.name.clone());
    variables.insert("id", host.id.as_str());
    variables.insert("host", host.name.clone());
    variables.insert("index", host.index);
    variables.insert("address", host.connection.address.clone());
    variables.insert("private_address", host.private_address.clone());
    variables.insert("roles", host.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>());
    let web_hosts: Vec<Value> = cluster
        .with_role(Role::Web)
        .filter_map(|host| serde_json::to_value(WebHost::new(host)).ok())
        .collect();
    variables.insert("web_hosts", web_hosts);
    variables
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
    fn new(host: &'host Host) -> Self {
        let (address, port) = (host.private_address.as_str(), host.web.port);
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        let (endpoint, by_name) = match bare.parse() {
            Ok(IpAddr::V4(address)) => (format!("{address}:{port}"), false),
            Ok(IpAddr::V6(address)) => (format!("[{address}]:{port}"), false),
            Err(_) => (format!("{address}:{port}"), true),
        };
        Self { host: &host.name, id: host.id.as_str(), index: host.index, address, port, endpoint, by_name }
    }
}
