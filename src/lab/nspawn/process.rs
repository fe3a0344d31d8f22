//! Finds and ends the processes of hosts. A process is known by the folder it was started on, read from the kernel
//! at the moment it is needed: a number that has passed to another process is never hit.

use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

use crate::error::{Error, Result};
use crate::model::text;

/// How long a host's supervisor may take to clean up after the host's init was killed.
const SUPERVISOR_LIMIT: Duration = Duration::from_secs(5);
/// How long a killed process may take to be gone.
const KILL_LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);

/// The processes of a host that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::lab) struct Supervised {
    supervisor: u32,
    /// Process 1 of the host, once there is one.
    pub leader: Option<u32>,
    pub root: PathBuf,
}

/// The argument by which a host's supervisor is known.
pub(super) fn root_argument(root: &Path) -> String {
    format!("--directory={}", root.display())
}

pub(in crate::lab) fn running(folder: &Path) -> Vec<Supervised> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok())
        .filter_map(|pid| {
            let root = supervised_root(pid)?;
            root.starts_with(folder).then(|| Supervised { supervisor: pid, leader: leader_of(pid), root })
        })
        .collect()
}

/// Kills hosts and waits until they are gone: first each host's init, so that its supervisor cleans up and leaves,
/// then the supervisor, should it not do so.
pub(in crate::lab) async fn end(containers: &[Supervised]) -> Result<()> {
    let mut ending = Vec::new();
    for container in containers {
        let supervisor =
            handle(container.supervisor, |pid| supervised_root(pid).as_deref() == Some(&*container.root));
        let leader = container
            .leader
            .and_then(|leader| handle(leader, |pid| leader_of(container.supervisor) == Some(pid)));
        match (&leader, &supervisor) {
            (Some(leader), _) => kill(leader),
            (None, Some(supervisor)) => kill(supervisor),
            (None, None) => {}
        }
        ending.push((container, leader, supervisor));
    }
    for (container, leader, supervisor) in ending {
        if let Some(supervisor) = supervisor {
            if !gone(&supervisor, SUPERVISOR_LIMIT).await {
                kill(&supervisor);
            }
            if !gone(&supervisor, KILL_LIMIT).await {
                return Err(stuck(container.supervisor));
            }
        }
        if let Some(leader) = leader {
            kill(&leader);
            if !gone(&leader, KILL_LIMIT).await {
                return Err(stuck(container.leader.unwrap_or_default()));
            }
        }
    }
    Ok(())
}

fn stuck(pid: u32) -> Error {
    Error::machine(text!(
        en: "process {pid} of a practice host was killed, but does not end",
        pt: "o processo {pid} de uma máquina de treino foi morto, mas não termina",
    ))
    .hint(text!(
        en: "see /proc/{pid}/stack for what it waits for, then take the lab down again",
        pt: "veja em /proc/{pid}/stack o que ele espera, e depois desmonte o lab de novo",
    ))
}

/// The root folder that a process supervises a host on: an argument of ours, on a process of root.
fn supervised_root(pid: u32) -> Option<PathBuf> {
    let process = PathBuf::from(format!("/proc/{pid}"));
    if fs::metadata(&process).ok()?.uid() != 0 {
        return None;
    }
    let words = fs::read(process.join("cmdline")).ok()?;
    let words: Vec<&str> =
        words.split(|byte| *byte == 0).filter_map(|word| str::from_utf8(word).ok()).collect();
    if !words.iter().any(|word| word.ends_with("systemd-nspawn")) {
        return None;
    }
    words.iter().find_map(|word| word.strip_prefix("--directory=")).map(PathBuf::from)
}

/// The child that is process 1 of a namespace of its own.
fn leader_of(supervisor: u32) -> Option<u32> {
    let children = fs::read_to_string(format!("/proc/{supervisor}/task/{supervisor}/children")).ok()?;
    children.split_whitespace().filter_map(|child| child.parse().ok()).find(|child: &u32| {
        let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
        let numbers = status.lines().find_map(|line| line.strip_prefix("NSpid:")).unwrap_or_default();
        numbers.split_whitespace().count() > 1 && numbers.split_whitespace().next_back() == Some("1")
    })
}

/// A handle of a process that is still the one meant: judged after the handle was taken, which pins the process.
fn handle(pid: u32, is_meant: impl FnOnce(u32) -> bool) -> Option<OwnedFd> {
    let number = Pid::from_raw(i32::try_from(pid).ok()?)?;
    let handle = pidfd_open(number, PidfdFlags::empty()).ok()?;
    is_meant(pid).then_some(handle)
}

/// Kills a process that is still the one meant.
pub(super) fn kill_if(pid: u32, is_meant: impl FnOnce(u32) -> bool) {
    if let Some(process) = handle(pid, is_meant) {
        kill(&process);
    }
}

fn kill(process: &OwnedFd) {
    // It may have ended on its own by now.
    pidfd_send_signal(process, Signal::KILL).ok();
}

/// Whether a process ends within a time. Its handle becomes readable when it does.
async fn gone(process: &OwnedFd, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    loop {
        let mut watched = [PollFd::new(process, PollFlags::IN)];
        if poll(&mut watched, Some(&Timespec::default())).is_ok_and(|ready| ready > 0) {
            return true;
        }
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(PAUSE).await;
    }
}
