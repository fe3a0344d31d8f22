//! A control group for each host, where no service manager hands them out.
//!
//! Where systemd runs this machine, systemd-nspawn asks it for a scope. Elsewhere hosts started side by side would
//! share one group, and stopping a service on one host would reach the same service on another.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::process;
use crate::error::Result;
use crate::lab::record::{cannot, make_folder};

const PAUSE: Duration = Duration::from_millis(20);
const TRIES: u32 = 100;

/// Whether systemd is this machine's service manager.
pub(super) fn systemd_runs_here() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Makes the groups of a host, one in each hierarchy that systemd uses inside it.
pub(super) fn create(lab: &str, hostname: &str) -> Result<Vec<PathBuf>> {
    if systemd_runs_here() {
        return Ok(Vec::new());
    }
    let groups: Vec<PathBuf> =
        hierarchies().into_iter().map(|hierarchy| hierarchy.join(group_of(lab)).join(hostname)).collect();
    groups.iter().try_for_each(|group| make_folder(group, 0o755))?;
    Ok(groups)
}

/// Removes the groups of some hosts, and those of the lab when they are empty then.
pub(in crate::lab) async fn remove(lab: &str, hostnames: &[String]) -> Result<()> {
    for hierarchy in hierarchies() {
        let group = hierarchy.join(group_of(lab));
        for hostname in hostnames {
            remove_group(&group.join(hostname)).await?;
        }
        // Stays while other hosts of the lab are in it.
        fs::remove_dir(&group).ok();
    }
    Ok(())
}

fn group_of(lab: &str) -> String {
    format!("provision.{lab}")
}

/// Kills who is still in a group, such as the child of an `up` that was killed while it started a host, and removes
/// it. Processes leave their group a moment after they died, so this takes a few tries.
async fn remove_group(group: &Path) -> Result<()> {
    let mut tries = 0;
    while group.is_dir() {
        for (group, pid) in members(group) {
            process::kill_if(pid, |pid| pids(&group).contains(&pid));
        }
        match remove_below(group) {
            Ok(()) => return Ok(()),
            Err(error) if tries >= TRIES => return Err(cannot("remove", group, error)),
            Err(_) => tries += 1,
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// The processes of a group and of those below it, each with the group it is in.
fn members(group: &Path) -> Vec<(PathBuf, u32)> {
    let mut found: Vec<(PathBuf, u32)> = pids(group).into_iter().map(|pid| (group.to_owned(), pid)).collect();
    for entry in fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(members(&entry.path()));
        }
    }
    found
}

fn pids(group: &Path) -> Vec<u32> {
    let text = fs::read_to_string(group.join("cgroup.procs")).unwrap_or_default();
    text.lines().filter_map(|line| line.parse().ok()).filter(|pid| *pid != 0).collect()
}

fn remove_below(group: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(group)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_below(&entry.path())?;
        }
    }
    fs::remove_dir(group)
}

/// Mount points of the unified hierarchy and of systemd's own, where they exist.
fn hierarchies() -> Vec<PathBuf> {
    parse(&fs::read_to_string("/proc/self/mountinfo").unwrap_or_default())
}

fn parse(mountinfo: &str) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = mountinfo
        .lines()
        .filter_map(|line| {
            let (mount, file_system) = line.split_once(" - ")?;
            let mut words = file_system.split(' ');
            let kind = words.next()?;
            let options = words.nth(1)?;
            let wanted = kind == "cgroup2"
                || kind == "cgroup" && options.split(',').any(|option| option == "name=systemd");
            wanted.then(|| mount.split(' ').nth(4).map(PathBuf::from)).flatten()
        })
        .collect();
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hierarchies_of_systemd_are_found() {
        let hybrid = "\
25 21 0:22 / /sys/fs/cgroup rw shared:9 - tmpfs tmpfs rw,mode=755
30 25 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory
34 25 0:30 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,name=systemd
35 25 0:31 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw
";
        assert_eq!(parse(hybrid), ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"].map(PathBuf::from));
        let unified = "28 21 0:25 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
        assert_eq!(parse(unified), [PathBuf::from("/sys/fs/cgroup")]);
    }
}
