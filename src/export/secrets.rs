//! What is not for everybody, and stands in an export all the same, for hosts need it.

use super::Setup;
use crate::model::{
    Command, File, Guard, Resource, Script, Validator, Value, is_secret_name, is_secret_text,
};

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

/// Whether something that looks like a secret may stand in any file of a host.
pub fn has_secrets(setup: &Setup<'_>) -> bool {
    !secret_values(setup).is_empty() || secret_texts(setup).next().is_some()
}

/// Of a longer file, no more is looked at.
const LOOKED_AT: usize = 64 << 10;

/// The files and commands of practices in whose own words secrets seem to stand, but for files that are private anyway.
pub fn secret_texts<'a>(setup: &'a Setup<'_>) -> impl Iterator<Item = &'a Resource> {
    let practices = setup.roles.iter().filter(|(role, _)| role.values().is_some());
    practices.flat_map(|(_, resources)| resources).filter(|resource| match resource {
        Resource::File(file) => !is_private(file) && (holds_secret(file) || checks_with_secret(file)),
        Resource::Command(Command { run: Script::Shell(run) | Script::Program(run), guard, .. }) => {
            is_secret(run) || matches!(guard, Guard::Unless(text) if is_secret(text))
        }
        _ => false,
    })
}

fn holds_secret(file: &File) -> bool {
    let beginning = &file.content[..file.content.len().min(LOOKED_AT)];
    !beginning.contains(&0) && is_secret(&String::from_utf8_lossy(beginning))
}

fn checks_with_secret(file: &File) -> bool {
    matches!(&file.validator, Some(Validator::Shell(text)) if is_secret(text))
}

/// Line by line: what begins in one goes on in no other.
fn is_secret(text: &str) -> bool {
    text.lines().any(is_secret_text)
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
