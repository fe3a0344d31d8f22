//! Room on the host: disk, inodes, memory.

use super::finding;
use crate::model::{Facts, Finding, FindingKind, HostId, Severity};

/// A file system this full can't even take a configuration file and its backup, in bytes.
const SPACE_FOR_FILES: u64 = 20 << 20;
/// HAProxy, Apache2 and Python 3 with apt's lists take less than this, in bytes.
const SPACE_FOR_PACKAGES: u64 = 400 << 20;
/// Less than this is soon filled by logs, in bytes.
const SPACE_FOR_A_CLASS: u64 = 100 << 20;
/// The same three in files and folders.
const INODES_FOR_FILES: u64 = 200;
const INODES_FOR_PACKAGES: u64 = 12_000;
const INODES_FOR_A_CLASS: u64 = 1_000;
/// With less than this, apt is killed sooner or later, in bytes.
const MEMORY_FOR_PACKAGES: u64 = 150 << 20;

/// Whether there is room for what is to be written; more of it where packages are to be installed.
pub(super) fn judge(host: &HostId, facts: &Facts, installs: bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut about = |severity, seen: String, means: &str, mend: &str| {
        findings.push(finding(host, severity, FindingKind::Disk, seen, means, mend));
    };
    if facts.read_only {
        about(
            Severity::Fatal,
            "/etc or /var is mounted read-only".to_owned(),
            "nothing can be written on this host; its disk may be broken",
            "look at `dmesg` for a disk error on the host, repair it and restart the host",
        );
    }
    let rooms = [
        (
            Some(facts.disk_free),
            [SPACE_FOR_FILES, SPACE_FOR_PACKAGES, SPACE_FOR_A_CLASS],
            (1 << 20, " MB"),
            "make room on the host: `apt-get clean`, `journalctl --vacuum-size=50M`, or a larger disk",
        ),
        (
            facts.inodes_free,
            [INODES_FOR_FILES, INODES_FOR_PACKAGES, INODES_FOR_A_CLASS],
            (1, " inodes"),
            "remove what has very many small files on the host: `sudo du --inodes -x / | sort -n | tail`",
        ),
    ];
    for (free, [for_files, for_packages, for_class], (unit, name), mend) in rooms {
        let Some(free) = free else { continue };
        let needed = if installs { for_packages } else { for_files };
        let less_than = |limit: u64| format!("less than {}{name} are free on /var", limit / unit);
        if free < needed {
            about(Severity::Fatal, less_than(needed), "what the class needs does not fit on this host", mend);
        } else if free < for_class {
            about(Severity::Warning, less_than(for_class), "it may be full before the class is over", mend);
        }
    }
    findings
}

/// Whether apt has memory to run in; 0 where that is unknown.
pub(super) fn memory(host: &HostId, available: u64, installs: bool) -> Option<Finding> {
    (installs && (1..MEMORY_FOR_PACKAGES).contains(&available)).then(|| {
        finding(
            host,
            Severity::Warning,
            FindingKind::Memory,
            format!("only {} MB of memory are free, swap included", available >> 20),
            "apt may be killed while it installs",
            "give the VM more memory, or stop what is not needed on it (`top`)",
        )
    })
}
