//! Room on the host: disk, inodes, memory.

use std::cmp::Reverse;

use super::finding;
use crate::model::{Facts, Finding, FindingKind, Host, HostId, HostText, Severity, Text, text};

/// What has to be free on the file system of a folder.
struct Need {
    /// With less, not even configuration files and their backups fit.
    files: u64,
    /// A package or two take less than this there.
    few: u64,
    /// HAProxy, Apache2 and Python 3 take less than this there, with apt's lists and archives.
    packages: u64,
    /// Less than this is soon filled by logs.
    class: u64,
}

fn bytes(folder: &str) -> Need {
    match folder {
        "/var" => Need { files: 20 << 20, few: 50 << 20, packages: 400 << 20, class: 100 << 20 },
        // What packages bring, and with it /etc and /opt.
        "/" | "/usr" => Need { files: 4 << 20, few: 20 << 20, packages: 200 << 20, class: 0 },
        "/usr/lib" | "/usr/share" => Need { files: 0, few: 4 << 20, packages: 40 << 20, class: 0 },
        // Apt's lists, archives and what it makes of them.
        "/var/lib" | "/var/lib/apt" | "/var/lib/apt/lists" | "/var/cache" | "/var/cache/apt" => {
            Need { files: 0, few: 10 << 20, packages: 60 << 20, class: 0 }
        }
        "/var/cache/apt/archives" => Need { files: 0, few: 4 << 20, packages: 25 << 20, class: 0 },
        "/var/lib/dpkg" => Need { files: 0, few: 4 << 20, packages: 10 << 20, class: 0 },
        "/var/www" | "/var/www/html" | "/opt" | "/opt/socket" => {
            Need { files: 1 << 20, few: 1 << 20, packages: 1 << 20, class: 0 }
        }
        // Scratch files.
        _ => Need { files: 2 << 20, few: 4 << 20, packages: 4 << 20, class: 0 },
    }
}

fn inodes(folder: &str) -> Need {
    match folder {
        "/var" => Need { files: 200, few: 300, packages: 12_000, class: 1_000 },
        "/" | "/usr" => Need { files: 100, few: 300, packages: 10_000, class: 0 },
        "/usr/lib" | "/usr/share" => Need { files: 0, few: 100, packages: 1_000, class: 0 },
        "/var/cache/apt/archives" => Need { files: 0, few: 40, packages: 40, class: 0 },
        _ => Need { files: 20, few: 100, packages: 100, class: 0 },
    }
}

/// With less than this, apt is killed sooner or later, in bytes.
const MEMORY_FOR_PACKAGES: u64 = 150 << 20;

#[derive(Clone, Copy)]
enum Load {
    Files,
    Few,
    Packages,
}

impl Load {
    /// What roles need brings many other packages, or much.
    fn of(host: &Host, facts: &Facts, installs: bool) -> Self {
        let mut missing = facts.packages.iter().filter(|(_, package)| package.version.is_none());
        match installs {
            true if missing.any(|(name, _)| !host.packages.extra.contains(name)) => Self::Packages,
            true => Self::Few,
            false => Self::Files,
        }
    }
}

/// Whether there is room for what is to be written; more of it where packages are to be installed.
pub(super) fn judge(host: &Host, facts: &Facts, installs: bool) -> Vec<Finding> {
    let load = Load::of(host, facts, installs);
    let mut findings = Vec::new();
    let mut about = |severity, seen: Text, means: Text, mend: Text| {
        findings.push(finding(&host.id, severity, FindingKind::Disk, seen, means, mend));
    };
    if let Some(folder) = facts.read_only.as_ref().map(HostText::name) {
        about(
            Severity::Fatal,
            text!(en: "{folder} is mounted read-only", pt: "{folder} está montado somente para leitura", folder),
            text!(
                en: "what belongs there cannot be written; a disk that is broken is mounted like this",
                pt: "o que deve ficar ali não pode ser gravado; é assim que fica montado um disco com defeito",
            ),
            text!(
                en: "`findmnt -T {folder}` on the host shows the mount; look at `dmesg` for a disk error, and remount it \
                     (`sudo mount -o remount,rw`), or repair it and restart the host",
                pt: "`findmnt -T {folder}`, na máquina, mostra a montagem; procure um erro de disco em `dmesg` e remonte-a \
                     (`sudo mount -o remount,rw`), ou conserte o disco e reinicie a máquina",
                folder,
            ),
        );
    }
    let bytes = facts.rooms.iter().map(|room| (room.folder, room.free, bytes(room.folder)));
    if let Some(Tight { folder, severity, limit }) = tightest(bytes, load) {
        let limit = limit >> 20;
        let seen = text!(
            en: "less than {limit} MB are free on {folder}",
            pt: "há menos de {limit} MB livres em {folder}",
        );
        let mend = match folder {
            "/run" => text!(
                en: "it is kept in memory: see what fills it (`sudo du -xh /run | sort -h | tail`), or restart the host",
                pt: "ele fica na memória: veja o que o enche (`sudo du -xh /run | sort -h | tail`), ou reinicie a máquina",
            ),
            "/tmp" => text!(
                en: "remove from /tmp on the host what nobody needs",
                pt: "remova de /tmp, na máquina, o que ninguém precisa",
            ),
            _ if !facts.systemd => text!(
                en: "make room on the host: `apt-get clean`, old logs in /var/log, or a larger disk",
                pt: "libere espaço na máquina: `apt-get clean`, logs antigos em /var/log, ou um disco maior",
            ),
            _ => text!(
                en: "make room on the host: `apt-get clean`, `journalctl --vacuum-size=50M`, or a larger disk",
                pt: "libere espaço na máquina: `apt-get clean`, `journalctl --vacuum-size=50M`, ou um disco maior",
            ),
        };
        about(severity, seen, consequence(severity), mend);
    }
    let inodes = facts.rooms.iter().filter_map(|room| Some((room.folder, room.inodes?, inodes(room.folder))));
    if let Some(Tight { folder, severity, limit }) = tightest(inodes, load) {
        let seen = text!(
            en: "less than {limit} inodes are free on {folder}",
            pt: "há menos de {limit} inodes livres em {folder}",
        );
        // Where / has no room of its own, it shares that of /var.
        let shared = folder == "/var" && facts.rooms.iter().all(|room| room.folder != "/");
        let top = if shared { "/" } else { folder };
        let mend = text!(
            en: "remove what has very many small files on the host: `sudo du --inodes -x {top} | sort -n | tail`",
            pt: "remova da máquina o que tem um grande número de arquivos pequenos: `sudo du --inodes -x {top} | \
                 sort -n | tail`",
        );
        about(severity, seen, consequence(severity), mend);
    }
    findings
}

/// A file system with less than a limit.
struct Tight {
    folder: &'static str,
    severity: Severity,
    limit: u64,
}

/// The one with the smallest share of what it needs, of folders with what is free there and needed.
fn tightest(rooms: impl Iterator<Item = (&'static str, u64, Need)>, load: Load) -> Option<Tight> {
    let tight = rooms.filter_map(|(folder, free, need)| {
        // How large a few packages are is not known, nor whether lists come with them.
        let (needed, wanted) = match load {
            Load::Files => (need.files, need.class),
            Load::Few => (need.few, need.packages),
            Load::Packages => (need.packages, need.class),
        };
        let (severity, limit) = if free < needed {
            (Severity::Fatal, needed)
        } else if free < wanted {
            (Severity::Warning, wanted)
        } else {
            return None;
        };
        Some((free.saturating_mul(1000) / limit, Tight { folder, severity, limit }))
    });
    tight.min_by_key(|(share, tight)| (Reverse(tight.severity), *share)).map(|(_, tight)| tight)
}

fn consequence(severity: Severity) -> Text {
    match severity {
        Severity::Fatal => text!(
            en: "what the class needs does not fit on this host",
            pt: "o que a aula precisa não cabe nesta máquina",
        ),
        _ => text!(
            en: "it may be full before the class is over",
            pt: "pode ficar cheio antes do fim da aula",
        ),
    }
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
