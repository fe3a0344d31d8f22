//! What a lab that was taken down must not leave on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A lab that takes a subnet gives its interface a name within so long, also on a busy machine.
const CLAIM_LIMIT: Duration = Duration::from_secs(20);

/// Everything that still bears the lab's name or that runs or is mounted in one of `folders`.
pub fn leftovers(lab: &str, interface: Option<&str>, folders: &[PathBuf]) -> Vec<String> {
    let folders: Vec<&str> = folders.iter().filter_map(|folder| folder.to_str()).collect();
    let mut found = processes(&folders);
    for folder in &folders {
        if Path::new(folder).join("hosts").exists() {
            found.push(format!("folder {folder}"));
        }
    }
    let name = format!("provision.{lab}");
    let is_ours = |path: &Path| {
        path.file_name()
            .and_then(|file| file.to_str())
            .is_some_and(|file| file == name || file.starts_with(&format!("{name}.")))
    };
    found.extend(entries(Path::new("/run/netns")).into_iter().filter(|path| is_ours(path)).map(tell));
    for hierarchy in entries(Path::new("/sys/fs/cgroup")) {
        found.extend(is_ours(&hierarchy).then(|| tell(hierarchy.clone())));
        found.extend(entries(&hierarchy).into_iter().filter(|path| is_ours(path)).map(tell));
    }
    if let Some(interface) = interface {
        found.extend(network(interface, &folders));
    }
    found
}

/// What there is of a lab's network. Whoever starts a lab right now may take what is free again, and has no name in it at
/// first: that is waited for.
fn network(interface: &str, folders: &[&str]) -> Vec<String> {
    let path = Path::new("/sys/class/net").join(interface);
    // `plab-10-213` stands for 10.213.0.0/16.
    let subnet = interface.trim_start_matches("plab-").replace('-', ".") + ".0.0/16";
    let started = Instant::now();
    loop {
        let routes = Command::new("ip").args(["-4", "route", "show", "table", "all"]).output().unwrap();
        let routes = String::from_utf8_lossy(&routes.stdout).into_owned();
        let routes = routes.lines().filter(|line| line.contains(&subnet)).map(|line| format!("route {line}"));
        let found: Vec<_> = path.exists().then(|| tell(path.clone())).into_iter().chain(routes).collect();
        let owner = fs::read_to_string(path.join("ifalias")).unwrap_or_default();
        let is_anothers = !owner.trim().is_empty() && !folders.contains(&owner.trim());
        if found.is_empty() || is_anothers {
            return Vec::new();
        }
        if started.elapsed() > CLAIM_LIMIT {
            return found;
        }
        sleep(Duration::from_millis(200));
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it maps the paths of an iterator")]
fn tell(path: PathBuf) -> String {
    path.display().to_string()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect()
}

/// Processes with one of the folders in their arguments or among their mounts.
fn processes(folders: &[&str]) -> Vec<String> {
    let of_process = |process: PathBuf| {
        process.file_name()?.to_str()?.parse::<u32>().ok()?;
        let arguments = String::from_utf8_lossy(&fs::read(process.join("cmdline")).ok()?).replace('\0', " ");
        let mounts = fs::read_to_string(process.join("mountinfo")).unwrap_or_default();
        folders
            .iter()
            .any(|folder| arguments.contains(folder) || mounts.contains(folder))
            .then(|| format!("process {}: {arguments}", process.display()))
    };
    entries(Path::new("/proc")).into_iter().filter_map(of_process).collect()
}
