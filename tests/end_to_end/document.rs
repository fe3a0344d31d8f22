//! What the tool's JSON documents say, in the few forms that tests ask for.

use std::collections::BTreeSet;

use serde_json::Value;

/// (host, resource, action) of a plan or an apply.
pub fn changes(document: &Value) -> BTreeSet<(String, String, String)> {
    let hosts = document["hosts"].as_array().unwrap();
    let of_host = |host: &Value| -> Vec<_> {
        let changes = host["changes"].as_array().unwrap();
        changes
            .iter()
            .map(|change| (text(&host["host"]), text(&change["resource"]), text(&change["action"])))
            .collect()
    };
    hosts.iter().flat_map(of_host).collect()
}

/// The entry of one host.
pub fn host<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut hosts = document["hosts"].as_array().unwrap().iter();
    hosts.find(|host| host["host"] == name).unwrap_or_else(|| panic!("no host {name} in {document}"))
}

/// One change of one host.
pub fn change<'a>(document: &'a Value, name: &str, resource: &str) -> &'a Value {
    let mut changes = host(document, name)["changes"].as_array().unwrap().iter();
    changes
        .find(|change| change["resource"] == resource)
        .unwrap_or_else(|| panic!("no {resource} of {name} in {document}"))
}

/// Every probe passed, and there were some.
pub fn assert_verified(document: &Value) {
    let checks = document["checks"].as_array().unwrap();
    assert!(!checks.is_empty() && checks.iter().all(|check| check["status"] == "pass"), "{document}");
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
