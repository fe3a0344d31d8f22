//! What processes use, by their control groups: also those that a tool leaves behind or starts on a host.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

const PAUSE: Duration = Duration::from_millis(10);

/// The group of whatever is measured on this machine, gone when dropped.
pub struct Group {
    cpu: PathBuf,
    /// Where memory is counted; on some machines it is not.
    memory: Option<PathBuf>,
}

impl Group {
    pub fn create() -> Result<Self> {
        let name = format!("provision.bench.{}", std::process::id());
        let cpu = unified()?.join(&name);
        let memory =
            mount(|kind, options| kind == "cgroup" && options.split(',').any(|option| option == "memory"));
        let memory = memory.map_or_else(|| cpu.clone(), |hierarchy| hierarchy.join(&name));
        fs::create_dir_all(&cpu)
            .and_then(|()| fs::create_dir_all(&memory))
            .context("no control group can be made")?;
        let memory = Some(memory).filter(|group| group.join("memory.stat").exists());
        Ok(Self { cpu, memory })
    }

    /// Files in which a process writes its number to be in the group.
    pub fn entries(&self) -> Vec<PathBuf> {
        let mut groups = vec![&self.cpu];
        groups.extend(self.memory.as_ref().filter(|memory| **memory != self.cpu));
        groups.into_iter().map(|group| group.join("cgroup.procs")).collect()
    }

    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(&self.cpu)
    }

    /// Bytes that are the processes' own now, files not counted.
    pub fn memory(&self) -> Option<u64> {
        let stat = fs::read_to_string(self.memory.as_ref()?.join("memory.stat")).ok()?;
        value(&stat, "total_rss").or_else(|| value(&stat, "anon"))
    }

    /// Ends whatever is left in the group.
    pub fn end_all(&self) {
        loop {
            let members = fs::read_to_string(self.cpu.join("cgroup.procs")).unwrap_or_default();
            let mut members = members.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)).peekable();
            if members.peek().is_none() {
                return;
            }
            // One that has ended by itself meanwhile is as good.
            members.for_each(|member| _ = kill_process(member, Signal::KILL));
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end_all();
        for group in [Some(&self.cpu), self.memory.as_ref()].into_iter().flatten() {
            let _ = fs::remove_dir(group);
        }
    }
}

/// Seconds of processor time that a host used since it started, given its process 1.
pub fn host_cpu_seconds(pid: u64) -> Result<f64> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).context("a host has ended")?;
    let path =
        groups.lines().find_map(|line| line.strip_prefix("0::/")).context("a host has no control group")?;
    // Process 1 is in a group of its own below the host's.
    let path = path.trim_end_matches("/init.scope").trim_end_matches("/payload");
    cpu_seconds(&unified()?.join(path))
}

fn cpu_seconds(group: &Path) -> Result<f64> {
    let stat = fs::read_to_string(group.join("cpu.stat"))?;
    let microseconds = value(&stat, "usage_usec").context("the kernel counts no processor time")?;
    #[expect(clippy::cast_precision_loss, reason = "nobody measures for centuries")]
    Ok(microseconds as f64 / 1e6)
}

fn value(stat: &str, name: &str) -> Option<u64> {
    stat.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

fn unified() -> Result<PathBuf> {
    mount(|kind, _| kind == "cgroup2").context("this machine has no unified hierarchy of control groups")
}

/// Where a hierarchy is mounted of which kind and options are as wanted.
fn mount(is_wanted: impl Fn(&str, &str) -> bool) -> Option<PathBuf> {
    let mounts = fs::read_to_string("/proc/self/mounts").ok()?;
    mounts.lines().find_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (path, kind, options) = (words.next()?, words.next()?, words.next()?);
        is_wanted(kind, options).then(|| PathBuf::from(path))
    })
}
