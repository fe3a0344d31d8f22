//! The names that a practice's texts may use, and their values.

use serde_json::{Map, json};

use super::definition::Definition;
use super::voice::Voice;
use crate::document::complaint::Complaint;
use crate::document::suggestion::shown;
use crate::document::tree::NodeId;
use crate::model::{Cluster, Host, Placement, TemplateKind, Value, Variables, text};
use crate::roles::variables::{self, NAMES};
use crate::template::{FUNCTION, HOSTS_BY_ROLE, Scope};

const CLUSTER_HOSTS: &str = "cluster_hosts";

/// Why a value can't have a name.
pub fn wrong_name(name: &str) -> Option<Complaint> {
    const WORDS: [&str; 14] =
        ["true", "false", "none", "null", "if", "else", "for", "in", "and", "or", "not", "is", "set", "loop"];
    if NAMES.contains(&name) || [CLUSTER_HOSTS, FUNCTION].contains(&name) {
        let message = text!(en: "`{name}` is a name of the tool", pt: "`{name}` é um nome da ferramenta");
        return Some(Complaint::new(
            message,
            text!(en: "choose another name for this value", pt: "escolha outro nome para este valor"),
        ));
    }
    let begins = name.starts_with(|first: char| first.is_ascii_alphabetic()) && !WORDS.contains(&name);
    let is_name = begins && name.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == '_');
    (!is_name).then(|| {
        let message = text!(
            en: "`{name}` can not be the name of a value",
            pt: "`{name}` não pode ser o nome de um valor", name = shown(name)
        );
        Complaint::new(
            message,
            text!(
                en: "use letters, digits and `_`, beginning with a letter",
                pt: "use letras, dígitos e `_`, começando por letra",
            ),
        )
    })
}

/// What templates may use of a host.
pub fn of_host(place: &Placement<'_>) -> Variables {
    let variables = variables::of_host(place);
    variables
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .filter_map(something)
        .collect::<Map<_, _>>()
        .into()
}

/// What templates may use of a cluster, whatever its hosts' values are.
pub fn of_cluster(cluster: &Cluster) -> Variables {
    let mut variables = variables::of_cluster(cluster);
    let hosts: Vec<Value> = cluster.hosts.iter().map(|host| Value::Object(seen(host))).collect();
    variables.insert(CLUSTER_HOSTS, hosts);
    variables
}

/// The hosts of a cluster by role, each with what it has for that role.
pub fn hosts_by_role<'a>(
    cluster: &Cluster,
    roles: impl Iterator<Item = &'a str>,
    values: impl Fn(&Host, &str) -> Option<Map<String, Value>>,
) -> Variables {
    let with_role = |name: &str| {
        let hosts = cluster.with_role(name).map(|(host, role)| {
            let port = || role.ports().first().map(|port| port.number);
            let mut entry = values(host, name)
                .unwrap_or_else(|| port().map(|port| ("port".to_owned(), json!(port))).into_iter().collect());
            entry.extend(seen(host));
            Value::Object(entry)
        });
        hosts.collect::<Vec<_>>()
    };
    let by_role: Map<String, Value> = roles.map(|name| (name.to_owned(), with_role(name).into())).collect();
    let mut variables = Variables::default();
    variables.insert(HOSTS_BY_ROLE, by_role);
    variables
}

/// A host as others see it.
fn seen(host: &Host) -> Map<String, Value> {
    let seen = [
        ("name", json!(host.name)),
        ("id", json!(host.id.as_str())),
        ("index", json!(host.index)),
        ("address", json!(host.connection.address)),
        ("private_address", json!(host.private_address)),
        ("roles", json!(host.role_names())),
    ];
    seen.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

impl Definition {
    /// The values of a host: defaults, and what the inventory sets in their place.
    pub fn values(
        &self,
        scope: &Scope<'_>,
        host: Option<&str>,
        set: &Map<String, Value>,
    ) -> Map<String, Value> {
        let voice = Voice { definition: self, scope: scope.clone(), host };
        let mut values = Map::new();
        for (name, field) in self.raw.defaults.value.iter().flatten() {
            let Some((at, value)) = field.at.zip(field.value.as_ref()) else { continue };
            // A default that is replaced may refer to what this host does not have.
            if !set.contains_key(name)
                && let Some(value) = rendered(&voice, at, value)
            {
                values.insert(name.clone(), value);
            }
        }
        values.extend(set.iter().map(|(name, value)| (name.clone(), value.clone())));
        values.into_iter().filter_map(something).collect()
    }

    /// Names of defaults that are taken.
    pub fn check_names(&self) {
        for (name, field) in self.raw.defaults.value.iter().flatten() {
            if let Some((at, Complaint { message, hint })) = field.at.zip(wrong_name(name)) {
                self.recorder.add(at, message, hint);
            }
        }
    }
}

/// A default whose texts are templates.
fn rendered(voice: &Voice<'_>, at: NodeId, value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(text) => Value::String(voice.text(at, TemplateKind::Configuration, text)?),
        Value::Array(items) => items.iter().map(|item| rendered(voice, at, item)).collect::<Option<_>>()?,
        Value::Object(map) => {
            let entries = map.iter().map(|(key, item)| Some((key.clone(), rendered(voice, at, item)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        other => other.clone(),
    })
}

/// A value without those in it that are nothing: a template that writes one has no value there.
fn something((name, value): (String, Value)) -> Option<(String, Value)> {
    let value = match value {
        Value::Null => return None,
        Value::Object(map) => Value::Object(map.into_iter().filter_map(something).collect()),
        other => other,
    };
    Some((name, value))
}
