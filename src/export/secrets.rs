//! What is not for everybody, and stands in an export all the same, for hosts need it.

use super::Setup;
use crate::model::{File, Resource, Value, is_secret_name, is_secret_text};

/// Whether a file is none that everybody on its host may read.
pub fn is_private(file: &File) -> bool {
    file.wanted.mode.unwrap_or(file.mode) & 0o004 == 0
}

/// The files of a host that are not for everybody.
pub fn private_files<'a>(setup: &'a Setup<'_>) -> impl Iterator<Item = &'a File> {
    setup.resources.iter().filter_map(|resource| match resource {
        Resource::File(file) if is_private(file) => Some(file),
        _ => None,
    })
}

/// The values that look like secrets, of those that templates and commands of a host are given, by their names in the
/// inventory.
pub fn secret_values(setup: &Setup<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let practices = || setup.host.roles.iter().filter_map(|role| Some((role.name(), role.values()?)));
    for (name, value) in &setup.host.vars {
        // What a practice makes of its own is looked at there.
        if !practices().any(|(practice, _)| practice == name) {
            collect(name, name, value, &mut found);
        }
    }
    for (practice, values) in practices() {
        for (name, value) in values {
            collect(name, &format!("{practice}.{name}"), value, &mut found);
        }
    }
    found
}

fn collect(name: &str, path: &str, value: &Value, found: &mut Vec<String>) {
    let is_said = match value {
        Value::Null | Value::Bool(_) => false,
        Value::String(text) => !text.is_empty(),
        _ => true,
    };
    match value {
        _ if is_said && is_secret_name(name) => found.push(path.to_owned()),
        Value::String(text) if is_secret_text(text) => found.push(path.to_owned()),
        Value::Array(items) => {
            for (position, item) in items.iter().enumerate() {
                collect("", &format!("{path}[{position}]"), item, found);
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                collect(key, &format!("{path}.{key}"), item, found);
            }
        }
        _ => {}
    }
}
