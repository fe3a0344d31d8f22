//! The folder of logs: the remote output of failed hosts, a file for each run. Old ones go by themselves.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::model::{HostId, text};
use crate::runner::HostLog;

use super::folders;

const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 3600);
/// Of all logs together; the last one is kept in any case.
const BYTES_KEPT: u64 = 64 << 20;

/// Writes the logs of failed hosts to a file of their own, and removes old ones. `None` where no host failed.
pub fn keep(folder: &Path, failed: &[(&HostId, &HostLog)]) -> Result<Option<PathBuf>> {
    // What cannot be removed today is removed another day.
    let _ = prune(folder, SystemTime::now());
    if failed.is_empty() {
        return Ok(None);
    }
    folders::make_private(folder)?;
    let now = humantime::format_rfc3339_seconds(SystemTime::now());
    let path = folder.join(format!("{now}-{}.log", std::process::id()));
    write(&path, failed).map_err(|cause| {
        Error::file(text!(
            en: "the log {path} cannot be written",
            pt: "não foi possível escrever o log {path}", path = path.display()
        ))
        .because(cause)
    })?;
    Ok(Some(path))
}

fn write(path: &Path, failed: &[(&HostId, &HostLog)]) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    for (host, log) in failed {
        writeln!(file, "===== {host}")?;
        log.write(&mut file)?;
        writeln!(file)?;
    }
    file.flush()
}

/// Removes logs that are old, and of the others the oldest until the rest is small enough.
fn prune(folder: &Path, now: SystemTime) -> io::Result<()> {
    let mut logs = Vec::new();
    for file in fs::read_dir(folder)? {
        let (path, found) = file.and_then(|file| Ok((file.path(), file.metadata()?)))?;
        if found.is_file() && path.extension().is_some_and(|ending| ending == "log") {
            logs.push((found.modified()?, found.len(), path));
        }
    }
    logs.sort_by(|(one, ..), (other, ..)| other.cmp(one));
    let mut total = 0;
    for (position, (written, length, path)) in logs.into_iter().enumerate() {
        total += length;
        let is_old = now.duration_since(written).is_ok_and(|age| age > KEPT_FOR);
        if is_old || total > BYTES_KEPT && position > 0 {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 3600);

    /// The logs that are left of these, by age in days and size in MiB.
    fn left(logs: &[(u32, u64)]) -> Vec<u32> {
        let folder = tempfile::tempdir().unwrap();
        for (age, size) in logs {
            let file = File::create(folder.path().join(format!("{age}.log"))).unwrap();
            file.set_len(size << 20).unwrap();
            file.set_modified(SystemTime::now() - DAY * *age).unwrap();
        }
        let other = folder.path().join("notes.txt");
        File::create(&other).unwrap().set_modified(SystemTime::now() - DAY * 100).unwrap();
        assert_eq!(keep(folder.path(), &[]).unwrap(), None);
        assert!(other.exists(), "a file of somebody else's");
        let is_left = |age: &u32| folder.path().join(format!("{age}.log")).exists();
        logs.iter().map(|(age, _)| *age).filter(is_left).collect()
    }

    #[test]
    fn old_logs_go_by_age_and_by_size() {
        assert_eq!(left(&[(1, 1), (29, 1), (31, 1), (90, 0)]), [1, 29]);
        assert_eq!(left(&[(1, 30), (2, 30), (3, 30), (4, 1)]), [1, 2]);
        assert_eq!(left(&[(1, 200), (2, 1)]), [1]);
    }

    #[test]
    fn a_log_names_its_hosts_and_a_run_without_failures_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let logs = folder.path().join("logs");
        assert_eq!(keep(&logs, &[]).unwrap(), None);
        assert!(!logs.exists());
        let (host, mut log) = (HostId::new("ana", "web01"), HostLog::default());
        log.push("E: no space");
        let path = keep(&logs, &[(&host, &log)]).unwrap().unwrap();
        assert_eq!(fs::read_to_string(path).unwrap(), "===== ana/web01\nE: no space\n\n");
    }
}
