//! What would stop changes midway, told before the first of them.

use crate::model::{Failure, FailureKind, PathFact, PathKind, Resource};

/// Fails where something stands at the path of a resource that an apply does not replace.
pub(super) fn in_the_way(resource: &Resource, fact: &PathFact) -> Result<(), Failure> {
    use PathKind::{Directory, File, Link, Other};
    let (path, what) = match (resource, fact.kind) {
        (Resource::Directory { path, .. }, File) => (path, "a file, where a directory belongs"),
        (Resource::Directory { path, .. }, Link) => (path, "a link, where a directory belongs"),
        (Resource::Directory { path, .. }, Other) => (path, "neither a file nor a directory"),
        (Resource::File(file), Directory) => (&file.path, "a directory, where a file belongs"),
        (Resource::File(file), Other) => (&file.path, "neither a file nor a directory"),
        (Resource::Link(link), Directory) => (&link.path, "a directory, where a link belongs"),
        _ => return Ok(()),
    };
    Err(Failure {
        kind: FailureKind::File,
        message: format!("{path} is {what}; nothing was changed"),
        hint: Some(format!("look at it on the host (`ls -ld {path}`) and move it away")),
    })
}
