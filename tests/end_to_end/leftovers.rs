//! What a lab that was taken down must not leave on this machine.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that still bears the lab's name or that runs or is mounted in one of `folders`.
pub fn leftovers(lab: &str, interface: Option<&str>, folders: &[PathBuf]) -> Vec<String> {
    let folders: Vec<&str> = folders.iter().filter_map(|folder| folder.to_str()).collect();
    let mut found = processes(&folders);
    for folder in folders {
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
        let path = Path::new("/sys/class/net").join(interface);
        found.extend(path.exists().then(|| tell(path)));
        // `plab-10-213` stands for 10.213.0.0/16.
        let subnet = interface.trim_start_matches("plab-").replace('-', ".") + ".0.0/16";
        let routes = Command::new("ip").args(["-4", "route", "show", "table", "all"]).output().unwrap();
        let routes = String::from_utf8_lossy(&routes.stdout).into_owned();
        found
            .extend(routes.lines().filter(|line| line.contains(&subnet)).map(|line| format!("route {line}")));
    }
    found
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
