//! Room on the host: disk, inodes, memory.

use super::finding;
use crate::model::{Facts, Finding, FindingKind, HostId, Severity, Text, text};

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
    let mut about = |severity, seen: Text, means: Text, mend: Text| {
        findings.push(finding(host, severity, FindingKind::Disk, seen, means, mend));
    };
    if facts.read_only {
        about(
            Severity::Fatal,
            text!(
                en: "/etc or /var is mounted read-only",
                pt: "/etc ou /var está montado somente para leitura",
            ),
            text!(
                en: "nothing can be written on this host; its disk may be broken",
                pt: "nada pode ser gravado nesta máquina; o disco pode estar com defeito",
            ),
            text!(
                en: "look at `dmesg` for a disk error on the host, repair it and restart the host",
                pt: "procure um erro de disco em `dmesg` na máquina, conserte-o e reinicie a máquina",
            ),
        );
    }
    let rooms = [
        (
            Some(facts.disk_free),
            [SPACE_FOR_FILES, SPACE_FOR_PACKAGES, SPACE_FOR_A_CLASS],
            (1 << 20, Text::verbatim(" MB")),
            text!(
                en: "make room on the host: `apt-get clean`, `journalctl --vacuum-size=50M`, or a larger disk",
                pt: "libere espaço na máquina: `apt-get clean`, `journalctl --vacuum-size=50M`, ou um disco maior",
            ),
        ),
        (
            facts.inodes_free,
            [INODES_FOR_FILES, INODES_FOR_PACKAGES, INODES_FOR_A_CLASS],
            (1, Text::verbatim(" inodes")),
            text!(
                en: "remove what has very many small files on the host: `sudo du --inodes -x / | sort -n | tail`",
                pt: "remova da máquina o que tem um grande número de arquivos pequenos: `sudo du --inodes -x / | sort \
                     -n | tail`",
            ),
        ),
    ];
    for (free, [for_files, for_packages, for_class], (unit, name), mend) in rooms {
        let Some(free) = free else { continue };
        let needed = if installs { for_packages } else { for_files };
        let less_than = |limit: u64| {
            let limit = limit / unit;
            text!(
                en: "less than {limit}{name} are free on /var",
                pt: "há menos de {limit}{name} livres em /var",
                name,
            )
        };
        if free < needed {
            let means = text!(
                en: "what the class needs does not fit on this host",
                pt: "o que a aula precisa não cabe nesta máquina",
            );
            about(Severity::Fatal, less_than(needed), means, mend);
        } else if free < for_class {
            let means = text!(
                en: "it may be full before the class is over",
                pt: "pode ficar cheio antes do fim da aula",
            );
            about(Severity::Warning, less_than(for_class), means, mend);
        }
    }
    findings
}

/// Whether apt has memory to run in; 0 where that is unknown.
pub(super) fn memory(host: &HostId, available: u64, installs: bool) -> Option<Finding> {
    (installs && (1..MEMORY_FOR_PACKAGES).contains(&available)).then(|| {
        let megabytes = available >> 20;
        finding(
            host,
            Severity::Warning,
            FindingKind::Memory,
            text!(
                en: "only {megabytes} MB of memory are free, swap included",
                pt: "há só {megabytes} MB de memória livres, incluindo swap",
            ),
            text!(
                en: "apt may be killed while it installs",
                pt: "o apt pode ser morto durante a instalação",
            ),
            text!(
                en: "give the VM more memory, or stop what is not needed on it (`top`)",
                pt: "dê mais memória à VM, ou pare o que não for necessário nela (`top`)",
            ),
        )
    })
}
