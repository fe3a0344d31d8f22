//! What a host is, as far as a run could have changed it: packages, every path with mode and owner, contents where
//! people and programs are configured, services, ports, and what a run that died could have left.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::practice::Practice;

pub type Fingerprint = BTreeSet<String>;

/// What a run left at work has so long to end.
const PATIENCE: Duration = Duration::from_secs(8);

/// What is left out is what any use of a host changes: logs, caches, apt's lists, and what the harness put there; and
/// gshadow, in which a package's own script may be cut short.
const SCRIPT: &str = r#"
dpkg-query -W -f 'package ${binary:Package} ${Status}\n'
apt-mark showauto | sed 's/^/automatic /'
find / /tmp /var/tmp -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /root -o -path /home \
    -o -path /var/log -o -path /var/cache -o -path /var/backups -o -path /var/lib/apt -o -path /var/lib/dpkg \
    -o -path /var/lib/systemd -o -path /var/lib/private -o -path '/tmp/systemd-private-*' \
    -o -path '/var/tmp/systemd-private-*' -o -path /usr/local/sbin \) \
    -prune -o -printf 'path %p %y %m %u:%g %l\n'
find /etc /var/www /opt /usr/local /var/lib/provision -xdev -path /usr/local/sbin -prune -o -type f ! -path '*/etc/*-' \
    ! -name ld.so.cache ! -name gshadow -print0 2>/dev/null | xargs -0 sha256sum | sed 's/^/content /'
ls -d /run/provision.*.* /run/systemd/transient/provision* 2>/dev/null | sed 's/^/run /'
systemctl list-unit-files --no-legend --no-pager --state=enabled | sed 's/ .*//; s/^/enabled /'
systemctl list-units --no-legend --no-pager --plain --all --state=running,failed --type=service,timer |
    sed '/^user/d; s/ .*//; s/^/runs /'
cat /proc/net/tcp /proc/net/tcp6 | while read -r _ place _ state _; do
    [ "$state" != 0A ] || echo "listens $place"
done
cat /proc/[0-9]*/comm 2>/dev/null | grep -xE 'apt|apt-get|dpkg|timeout|flock|sudo|perl|sleep' | sed 's/^/process /'
for lock in provision provision-drill; do
    [ ! -e /run/$lock.lock ] || flock -n /run/$lock.lock true || echo "locked $lock"
done
"#;

pub fn take(practice: &Practice, host: &str) -> Fingerprint {
    practice.inside(host, SCRIPT).lines().map(str::to_owned).collect()
}

/// How a host differs from what it should be, once what is about to end has ended.
pub fn differences(wanted: &Fingerprint, look: impl Fn() -> Fingerprint) -> Vec<String> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let found = look();
        let missing = wanted.difference(&found).map(|line| format!("lacks {line}"));
        let more = found.difference(wanted).map(|line| format!("has {line}"));
        let differences: Vec<String> = missing.chain(more).collect();
        if differences.is_empty() || Instant::now() > deadline {
            return differences;
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}
