//! What would stop changes midway, told before the first of them.

use crate::model::{Facts, Failure, FailureKind, PathFact, PathKind, Resource};

/// A file system this full can't even take a configuration file and its backup, in bytes.
const SPACE_FOR_FILES: u64 = 20 * 1024 * 1024;
/// HAProxy, Apache2 and Python 3 with apt's lists take less than this, in bytes.
const SPACE_FOR_PACKAGES: u64 = 400 * 1024 * 1024;

/// Fails where changes cannot succeed.
pub(super) fn check(facts: &Facts, installs: bool) -> Result<(), Failure> {
    if facts.architecture.is_empty() {
        return Err(Failure {
            kind: FailureKind::Unsupported,
            message: "this host has no dpkg, so it is no Debian or Ubuntu".to_owned(),
            hint: Some("use a Debian 12, Debian 13 or Ubuntu LTS image for this VM".to_owned()),
        });
    }
    if facts.read_only {
        return Err(Failure {
            kind: FailureKind::File,
            message: "/etc or /var is mounted read-only".to_owned(),
            hint: Some(
                "look at `dmesg` for a disk error on the host, repair it and restart the host".to_owned(),
            ),
        });
    }
    let needed = if installs { SPACE_FOR_PACKAGES } else { SPACE_FOR_FILES };
    if facts.disk_free < needed {
        return Err(Failure {
            kind: FailureKind::File,
            message: format!("less than {} MB are free on /var, and nothing was changed", needed >> 20),
            hint: Some(
                "make room on the host: `apt-get clean`, `journalctl --vacuum-size=50M`, or a larger disk"
                    .to_owned(),
            ),
        });
    }
    Ok(())
}

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

/// What may go wrong although nothing forbids it.
pub(super) fn warnings(facts: &Facts) -> Option<String> {
    let known = ["debian", "ubuntu"].contains(&facts.os_id.as_str());
    (!known && !facts.architecture.is_empty())
        .then(|| format!("{} is neither Debian nor Ubuntu; it may work, but nobody tests it", facts.os_name))
}
