//! The kernel's limits that many hosts on one machine would meet.

use std::fs;
use std::path::Path;

use super::record::{names, write_file};
use super::{Tell, driver};
use crate::error::{Error, Result};
use crate::model::text;

const INOTIFY_INSTANCES: &str = "fs.inotify.max_user_instances";
const INOTIFY_PATH: &str = "/proc/sys/fs/inotify/max_user_instances";
/// The file that remembers the limit's value from before the first lab.
const INOTIFY_MEMORY: &str = "inotify-instances-before";
/// Kernel objects of that kind which a host's systemd takes, and those that this machine keeps for itself.
const INOTIFY_FOR_HOST: u64 = 8;
const INOTIFY_FOR_MACHINE: u64 = 32;

/// Raises the kernel's limits where so many hosts would meet them, and remembers what they were.
pub(super) fn raise(state: &Path, hosts: usize, tell: Tell<'_>) -> Result<()> {
    let Ok(text) = fs::read_to_string(INOTIFY_PATH) else { return Ok(()) };
    let before: u64 = text.trim().parse().unwrap_or(u64::MAX);
    let after = INOTIFY_FOR_MACHINE + INOTIFY_FOR_HOST * hosts as u64;
    if before >= after {
        return Ok(());
    }
    let memory = state.join(INOTIFY_MEMORY);
    if !memory.exists() {
        write_file(&memory, text.as_bytes(), 0o644)?;
    }
    fs::write(INOTIFY_PATH, after.to_string()).map_err(|error| {
        Error::machine(text!(
            en: "{hosts} hosts need {INOTIFY_INSTANCES} to be at least {after}; it is {before}",
            pt: "{hosts} máquinas precisam de {INOTIFY_INSTANCES} de pelo menos {after}; está em {before}",
        ))
        .because(error)
        .hint(text!(
            en: "raise it: sysctl -w {INOTIFY_INSTANCES}={after}",
            pt: "aumente: sysctl -w {INOTIFY_INSTANCES}={after}",
        ))
    })?;
    tell(text!(
        en: "{INOTIFY_INSTANCES} goes from {before} to {after}",
        pt: "{INOTIFY_INSTANCES} passa de {before} para {after}",
    ));
    Ok(())
}

/// Puts the kernel's limits back once no host runs any more.
pub(super) fn restore(state: &Path, tell: Tell<'_>) {
    let memory = state.join(INOTIFY_MEMORY);
    let value = |path: &Path| fs::read_to_string(path).ok().and_then(|text| text.trim().parse::<u64>().ok());
    let Some(after) = value(&memory) else { return };
    // A lab that is being made has a folder before it has hosts.
    if driver::unaccounted() > 0 || names(state).is_ok_and(|labs| !labs.is_empty()) {
        return;
    }
    let before = value(Path::new(INOTIFY_PATH)).unwrap_or_default();
    if before > after && fs::write(INOTIFY_PATH, after.to_string()).is_ok() {
        tell(text!(
            en: "{INOTIFY_INSTANCES} goes from {before} to {after}",
            pt: "{INOTIFY_INSTANCES} passa de {before} para {after}",
        ));
    }
    fs::remove_file(memory).ok();
}
