//! Distribution, version and service manager.

use super::finding;
use crate::model::{Facts, Finding, FindingKind, HostId, Severity};

const IMAGES: &str = "use a Debian 12, Debian 13 or Ubuntu LTS image for this VM";

/// Whether the host runs a system that the tool knows.
pub(super) fn judge(host: &HostId, facts: &Facts) -> Vec<Finding> {
    let about = |severity, seen: &str, means: &str, mend: &str| {
        finding(host, severity, FindingKind::System, seen, means, mend)
    };
    if facts.architecture.is_empty() {
        let seen = "this host has no dpkg, so it is no Debian or Ubuntu";
        return vec![about(Severity::Fatal, seen, "nothing can be installed on it", IMAGES)];
    }
    let untested = "it may work, but nobody tests it";
    let name = if facts.os_name.is_empty() { "its system" } else { &facts.os_name };
    let system = match (facts.os_id.as_str(), release(&facts.os_version)) {
        ("debian", None) => {
            Some(about(Severity::Note, &format!("{name} is not released yet"), untested, IMAGES))
        }
        ("debian", Some((12.., _))) => None,
        ("ubuntu", Some((major @ 22.., 4))) if major % 2 == 0 => None,
        ("ubuntu", Some((22.., _))) => Some(about(
            Severity::Warning,
            &format!("{name} is no LTS release"),
            "its packages leave the mirrors months after its release, and nobody tests it",
            IMAGES,
        )),
        ("debian" | "ubuntu", _) => Some(about(
            Severity::Warning,
            &format!("{name} is older than what the tool knows"),
            untested,
            IMAGES,
        )),
        _ => {
            Some(about(Severity::Warning, &format!("{name} is neither Debian nor Ubuntu"), untested, IMAGES))
        }
    };
    let services = (!facts.systemd).then(|| {
        about(
            Severity::Note,
            "systemd does not run here",
            "services are started by `service`; they may not come back after a restart",
            "nothing needs mending where that is meant, as in a container",
        )
    });
    system.into_iter().chain(services).collect()
}

/// `12` and `24.04` as numbers.
fn release(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    Some((major.parse().ok()?, minor.parse().ok()?))
}
