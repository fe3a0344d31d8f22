//! Values as they are written, and those of a draft among them.

use std::time::Duration;

use super::{Become, Host, Settings, Ssh};
use crate::model::{BecomeMethod, HostKeyPolicy, PackageSource, Value};

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Text that means itself, whatever brackets are in it.
    Text(String),
    /// Text in which a range is meant.
    Range(String),
    /// A number that is also read as text, so that a range can be in it.
    Port(u16),
    /// A number, `true`, `false` or `null`.
    Word(String),
    List(Vec<Node>),
    Map(Map),
}

/// In the order in which they are written.
pub type Map = Vec<(String, Node)>;

impl Node {
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Whether there is a range in it.
    pub fn is_ranged(&self) -> bool {
        match self {
            Self::Range(_) => true,
            Self::Text(_) | Self::Port(_) | Self::Word(_) => false,
            Self::List(items) => items.iter().any(Self::is_ranged),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.is_ranged()),
        }
    }
}

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        match value {
            Value::String(text) => Self::text(text),
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Word(value.to_string()),
            Value::Array(items) => Self::List(items.iter().map(Self::from).collect()),
            Value::Object(entries) => {
                Self::Map(entries.iter().map(|(key, value)| (key.clone(), value.into())).collect())
            }
        }
    }
}

/// What is written of a host below its name.
pub fn host(host: &Host) -> Node {
    let Host { name: _, comment: _, address, private_address, roles, settings: own } = host;
    let mut map = Map::new();
    map.push(("address".to_owned(), Node::text(address)));
    put(&mut map, "private_address", private_address.as_deref().map(Node::text));
    let roles: Vec<Node> = roles.iter().map(|role| Node::text(role)).collect();
    put(&mut map, "roles", (!roles.is_empty()).then_some(Node::List(roles)));
    map.extend(settings(own));
    Node::Map(map)
}

/// What is written of settings; nothing where none is given.
pub fn settings(settings: &Settings) -> Map {
    let Settings { ssh: connection, r#become: means, packages_via, vars } = settings;
    let mut map = Map::new();
    put_map(&mut map, "ssh", ssh(connection));
    put_map(&mut map, "become", r#become(means));
    let via = packages_via.map(|via| ("via".to_owned(), Node::text(package_source(via))));
    put_map(&mut map, "packages", via.into_iter().collect());
    put_map(&mut map, "vars", vars.iter().map(|(name, value)| (name.clone(), value.into())).collect());
    map
}

/// Settings of two levels as those of one: the nearer wins, key by key.
pub fn merged(further: Map, nearer: Map) -> Map {
    let mut merged = further;
    for (key, value) in nearer {
        match (merged.iter_mut().find(|(other, _)| *other == key), value) {
            (Some((_, Node::Map(entries))), Node::Map(own)) => {
                entries.retain(|(key, _)| own.iter().all(|(other, _)| other != key));
                entries.extend(own);
            }
            (Some((_, there)), value) => *there = value,
            (None, value) => merged.push((key, value)),
        }
    }
    merged
}

fn ssh(ssh: &Ssh) -> Map {
    let Ssh { user, port, identity, jump, host_keys, connect_timeout, password } = ssh;
    let text = |text: &Option<String>| text.as_deref().map(Node::text);
    let time = |limit: Duration| Node::Text(humantime::format_duration(limit).to_string());
    let mut map = Map::new();
    put(&mut map, "user", text(user));
    put(&mut map, "port", port.map(Node::Port));
    put(&mut map, "identity", text(identity));
    put(&mut map, "jump", text(jump));
    put(&mut map, "host_keys", host_keys.map(|policy| Node::text(host_key_policy(policy))));
    put(&mut map, "connect_timeout", connect_timeout.map(time));
    put(&mut map, "password", text(password));
    map
}

fn r#become(r#become: &Become) -> Map {
    let Become { method, password } = r#become;
    let mut map = Map::new();
    put(&mut map, "method", method.map(|method| Node::text(become_method(method))));
    put(&mut map, "password", password.as_deref().map(Node::text));
    map
}

fn put(map: &mut Map, key: &str, value: Option<Node>) {
    map.extend(value.map(|value| (key.to_owned(), value)));
}

fn put_map(map: &mut Map, key: &str, entries: Map) {
    put(map, key, (!entries.is_empty()).then_some(Node::Map(entries)));
}

fn host_key_policy(policy: HostKeyPolicy) -> &'static str {
    match policy {
        HostKeyPolicy::AcceptNew => "accept-new",
        HostKeyPolicy::Strict => "strict",
    }
}

fn become_method(method: BecomeMethod) -> &'static str {
    match method {
        BecomeMethod::Sudo => "sudo",
        BecomeMethod::None => "none",
    }
}

fn package_source(source: PackageSource) -> &'static str {
    match source {
        PackageSource::Auto => "auto",
        PackageSource::Host => "host",
        PackageSource::Laptop => "laptop",
    }
}
