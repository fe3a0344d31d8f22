//! Real labs on this machine: root, namespaces and a Debian mirror are needed, and a test fails without them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::record::{Folder, names};
use super::{LabView, Options, down, exec, link, list, state_directory, up};
use crate::error::ErrorKind;
use crate::model::Text;

/// A lab's name that no other test, and no other process, uses.
fn unique(word: &str) -> String {
    format!("{word}-{}", std::process::id())
}

/// Takes a lab down when a test fails before it does so itself.
struct Cleanup(String);

impl Drop for Cleanup {
    fn drop(&mut self) {
        let name = self.0.clone();
        let take_down = move || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime
                .block_on(down(&state_directory(), &name, &CancellationToken::new(), &mut |_| {}))
                .unwrap();
        };
        std::thread::spawn(take_down).join().unwrap();
    }
}

async fn take_down(name: &str) {
    let state = state_directory();
    assert!(down(&state, name, &CancellationToken::new(), &mut |_| {}).await.unwrap());
    assert_eq!(leftovers(name), Vec::<String>::new());
    assert!(!down(&state, name, &CancellationToken::new(), &mut |_| {}).await.unwrap(), "a second down");
}

/// Everything on this machine that bears the name of a lab.
fn leftovers(name: &str) -> Vec<String> {
    let folder = Folder::new(&state_directory(), name).path().to_string_lossy().into_owned();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let is_process = entry.file_name().to_string_lossy().parse::<u32>().is_ok();
        let words = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if is_process && String::from_utf8_lossy(&words).contains(&format!("{folder}/")) {
            found.push(format!("process {}", String::from_utf8_lossy(&words).replace('\0', " ")));
        }
    }
    for mount in fs::read_to_string("/proc/self/mountinfo").unwrap().lines() {
        if mount.contains(&format!("{folder}/")) || mount.contains(&format!("provision.{name}")) {
            found.push(format!("mount {mount}"));
        }
    }
    let named = |folder: &str, found: &mut Vec<String>| {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.to_string_lossy().contains(&format!("provision.{name}")) {
                found.push(format!("path {}", path.display()));
            }
        }
    };
    named("/run/netns", &mut found);
    for folder in ["/sys/fs/cgroup", "/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"] {
        named(folder, &mut found);
    }
    let interfaces = run("ip", &["link"]);
    if String::from_utf8_lossy(&interfaces.stdout).contains(&format!("alias {folder}\n")) {
        found.push("interface".to_owned());
    }
    if Path::new(&folder).exists() {
        found.push(format!("folder {folder}"));
    }
    found
}

fn run(program: &str, words: &[&str]) -> Output {
    Command::new(program).args(words).output().unwrap()
}

fn routes() -> String {
    String::from_utf8(run("ip", &["-4", "route", "show", "table", "all"]).stdout).unwrap()
}

/// Whether a route leads to a subnet that is no lab's: another lab may have taken it over at once.
fn is_left(subnet: &str) -> bool {
    let state = state_directory();
    let records =
        names(&state).unwrap().into_iter().filter_map(|name| Folder::new(&state, &name).read().ok()?);
    let is_taken = records.into_iter().any(|record| record.subnet.to_string() == subnet);
    !is_taken && routes().contains(subnet)
}

/// Runs a command on a host over SSH and returns what it printed.
fn ssh(lab: &LabView, host: usize, command: &str) -> Result<String, String> {
    let destination = format!("{}@{}", lab.user, lab.hosts[host].address);
    let identity = lab.identity.to_string_lossy().into_owned();
    let output = run(
        "timeout",
        &[
            "20",
            "ssh",
            "-F",
            "none",
            "-i",
            &identity,
            "-o",
            "BatchMode=yes",
            "-o",
            "ConnectTimeout=5",
            "-o",
            "StrictHostKeyChecking=no",
            "-o",
            "UserKnownHostsFile=/dev/null",
            "-o",
            "LogLevel=ERROR",
            &destination,
            command,
        ],
    );
    if output.status.success() {
        Ok(String::from_utf8(output.stdout).unwrap().trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn hosts_are_real_and_down_leaves_nothing() {
    let name = unique("real");
    let _cleanup = Cleanup(name.clone());
    let releases = vec!["bookworm".to_owned(), "trixie".to_owned()];
    let options = Options { name: name.clone(), web: 2, releases, ..Options::default() };
    let cancel = CancellationToken::new();
    let lab = up(&state_directory(), &options, &cancel, &mut |_| {}).await.unwrap();

    assert_eq!(lab.hosts.len(), 3);
    for (index, (codename, hostname)) in
        [("bookworm", "lb"), ("trixie", "web01"), ("bookworm", "web02")].into_iter().enumerate()
    {
        assert_eq!(
            ssh(&lab, index, "hostname; . /etc/os-release; echo $VERSION_CODENAME").unwrap(),
            format!("{hostname}\n{codename}")
        );
        assert_eq!(ssh(&lab, index, "systemctl is-system-running").unwrap(), "running");
        assert_eq!(ssh(&lab, index, "sudo -n id -un").unwrap(), "root");
        assert_eq!(ssh(&lab, index, "command -v python3 haproxy apache2 || echo bare").unwrap(), "bare");
        assert_eq!(
            ssh(&lab, index, "find /var/lib/apt/lists -type f; ip -4 route show default").unwrap(),
            ""
        );
        ssh(&lab, index, "grep -rq main /etc/apt/sources.list /etc/apt/sources.list.d").unwrap();
        // Another host answers, the world does not.
        let neighbour = &lab.hosts[(index + 1) % 3].address;
        ssh(&lab, index, &format!("ping -c1 -W2 {neighbour}")).unwrap();
        ssh(&lab, index, "ping -c1 -W1 192.0.2.1").unwrap_err();
    }
    for command in ["cat /etc/machine-id", "cat /etc/ssh/ssh_host_ed25519_key.pub"] {
        let answers: std::collections::BTreeSet<String> =
            (0..3).map(|index| ssh(&lab, index, command).unwrap()).collect();
        assert_eq!(answers.len(), 3, "{command}");
    }
    // A service stopped on one host goes on on the others.
    ssh(&lab, 1, "sudo systemctl stop dbus.socket dbus; sudo systemctl is-active dbus; true").unwrap();
    assert_eq!(ssh(&lab, 2, "systemctl is-active dbus").unwrap(), "active");
    assert!(routes().contains(&format!("blackhole {}", lab.subnet)));

    let command = ["test", "-f", "/etc/ssh/ssh_host_ed25519_key"].map(str::to_owned);
    assert!(exec(&state_directory(), &name, "web01", &command).await.unwrap().success());

    // The same again changes nothing; fewer hosts are refused.
    let mut lines = Vec::new();
    let again = up(&state_directory(), &options, &cancel, &mut |line| lines.push(line)).await.unwrap();
    assert_eq!(again, lab);
    assert_eq!(lines[0].english(), format!("lab {name} is up already"));
    let fewer = Options { web: 1, ..options.clone() };
    assert!(
        up(&state_directory(), &fewer, &cancel, &mut |_| {})
            .await
            .unwrap_err()
            .message
            .english()
            .contains("another shape")
    );

    // A cable that is pulled out cuts off its host alone.
    link(&state_directory(), &name, "web01", false).await.unwrap();
    ssh(&lab, 1, "true").unwrap_err();
    ssh(&lab, 2, "true").unwrap();
    link(&state_directory(), &name, "web01", true).await.unwrap();
    ssh(&lab, 1, "true").unwrap();

    take_down(&name).await;
    assert!(!is_left(&lab.subnet.to_string()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn a_lab_grows_and_restarts_stopped_hosts() {
    let name = unique("grow");
    let _cleanup = Cleanup(name.clone());
    let options = Options { name: name.clone(), web: 1, sudo_password: true, ..Options::default() };
    let cancel = CancellationToken::new();
    let lab = up(&state_directory(), &options, &cancel, &mut |_| {}).await.unwrap();
    let password = fs::read_to_string(lab.sudo_password.clone().unwrap()).unwrap();
    ssh(&lab, 0, "sudo -n true").unwrap_err();
    let answer = ssh(&lab, 0, &format!("echo {} | sudo -S -p '' id -un", password.trim())).unwrap();
    assert_eq!(answer, "root");

    // The disk of a host that was switched off is still there when it comes back.
    ssh(&lab, 1, &format!("touch kept; echo {} | sudo -S systemctl poweroff", password.trim())).ok();
    let stopped =
        |labs: Vec<LabView>| labs.iter().any(|view| view.name == name && view.hosts[1].pid.is_none());
    let deadline = Instant::now() + Duration::from_secs(60);
    while !stopped(list(&state_directory()).await.unwrap()) {
        assert!(Instant::now() < deadline, "the host does not switch itself off");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut lines = Vec::new();
    let more = Options { web: 2, ..options };
    let lab = up(&state_directory(), &more, &cancel, &mut |line| lines.push(line)).await.unwrap();
    assert_eq!(lines[0].english(), "starting 2 hosts");
    assert_eq!(ssh(&lab, 1, "ls").unwrap(), "kept");
    assert_eq!(ssh(&lab, 2, "hostname").unwrap(), "web02");
    assert!(fs::read_to_string(&lab.inventory).unwrap().contains("web[01:02]"));
    take_down(&name).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn interrupted_up_leaves_nothing() {
    let name = unique("cut");
    let _cleanup = Cleanup(name.clone());
    // At several moments: before anything, while hosts boot, when the first is ready.
    for stop_at in ["", "starting", "is up at"] {
        let cancel = CancellationToken::new();
        if stop_at.is_empty() {
            cancel.cancel();
        }
        let options = Options { name: name.clone(), web: 2, ..Options::default() };
        let mut subnet = None;
        let mut tell = |line: Text| {
            let record = Folder::new(&state_directory(), &name).read().unwrap_or_default();
            subnet = record.map(|record| record.subnet.to_string()).or(subnet.take());
            if line.english().contains(stop_at) {
                cancel.cancel();
            }
        };
        let error = up(&state_directory(), &options, &cancel, &mut tell).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Interrupted, "{error:?}");
        assert!(error.hints.is_empty(), "{error:?}");
        assert_eq!(leftovers(&name), Vec::<String>::new(), "stopped at `{stop_at}`");
        assert!(subnet.is_none_or(|subnet| !is_left(&subnet)), "stopped at `{stop_at}`");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn interrupted_build_of_an_image_leaves_nothing() {
    let state = tempfile::tempdir().unwrap();
    let name = unique("image");
    let cancel = CancellationToken::new();
    let mut tell = |line: Text| {
        if line.english().starts_with("building the base image") {
            let cancel = cancel.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_secs(2)).await;
                cancel.cancel();
            });
        }
    };
    let options = Options { name: name.clone(), ..Options::default() };
    let error = up(state.path(), &options, &cancel, &mut tell).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted, "{error:?}");
    assert_eq!(fs::read_dir(state.path().join("images")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(state.path().join("labs")).unwrap().count(), 0);
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap();
    assert!(!mounts.contains(state.path().to_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn what_a_killed_up_left_is_cleaned_by_the_next() {
    let name = unique("crash");
    let _cleanup = Cleanup(name.clone());
    let options = Options { name: name.clone(), web: 1, ..Options::default() };
    let cancel = CancellationToken::new();
    let state = state_directory();
    up(&state, &options, &cancel, &mut |_| {}).await.unwrap();
    // As if `up` had been killed just before its end.
    let folder = Folder::new(&state, &name);
    let mut record = folder.read().unwrap().unwrap();
    record.complete = false;
    folder.write(&record).unwrap();
    let mut lines = Vec::new();
    let lab = up(&state, &options, &cancel, &mut |line| lines.push(line)).await.unwrap();
    assert!(lines[0].english().contains("interrupted run"), "{lines:?}");
    assert_eq!(ssh(&lab, 0, "hostname").unwrap(), "lb");

    // As if somebody had removed the record of a running lab.
    fs::remove_file(folder.path().join("lab.json")).unwrap();
    take_down(&name).await;
}

/// Not a test: what [`a_killed_up_is_taken_down_like_any_other`] starts in a process of its own, and kills.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "another test starts it"]
async fn victim() {
    let Ok(name) = std::env::var(VICTIM_VARIABLE) else { return };
    let options = Options { name, ..Options::default() };
    up(&state_directory(), &options, &CancellationToken::new(), &mut |_| {}).await.unwrap();
}

const VICTIM_VARIABLE: &str = "PROVISION_TEST_VICTIM";

/// Waits for what a killed `up` had just begun: nothing can take down a network that comes into being afterwards.
async fn await_ip(name: &str) {
    let is_at_work = || {
        let mut processes = fs::read_dir("/proc").unwrap().flatten();
        processes.any(|process| {
            let words = fs::read(process.path().join("cmdline")).unwrap_or_default();
            let words = String::from_utf8_lossy(&words).into_owned();
            words.split('\0').next().is_some_and(|program| program.ends_with("ip")) && words.contains(name)
        })
    };
    let deadline = Instant::now() + Duration::from_secs(30);
    while is_at_work() {
        assert!(Instant::now() < deadline, "ip does not end");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs root and lab hosts"]
async fn a_killed_up_is_taken_down_like_any_other() {
    let name = unique("killed");
    let _cleanup = Cleanup(name.clone());
    let folder = Folder::new(&state_directory(), &name);
    // At several moments: with a record alone, with a network, with hosts that are starting.
    for moment in ["lab.json", "id_ed25519", "hosts/lb/console.log"] {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "lab::tests::victim", "--ignored"])
            .env(VICTIM_VARIABLE, &name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // On a new machine the base image is made first.
        let deadline = Instant::now() + Duration::from_secs(300);
        while !folder.path().join(moment).exists() {
            assert!(Instant::now() < deadline && victim.try_wait().unwrap().is_none(), "before {moment}");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        victim.kill().unwrap();
        victim.wait().unwrap();
        await_ip(&name).await;
        take_down(&name).await;
    }
}
