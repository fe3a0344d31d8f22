//! What a socket probe leaves behind that is cut off: nothing, also of what a student's server started itself.

use std::fs;
use std::io::Read;
use std::process::{Child, Command};

use super::probing::{Lab, wait_until};

/// A server with processes of its own: one as it is, one in a session and a folder of its own.
const FORKING: &str = "\
import os, socket, time, constCS
server = socket.create_server(('', constCS.PORT))
if os.fork() == 0:
    time.sleep(60)
if os.fork() == 0:
    os.setsid()
    os.chdir('/')
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
open('ready', 'w').close()
time.sleep(60)
";

/// A probe that is at work on a server that forked.
fn at_work() -> (Lab, Child) {
    let lab = Lab::new().write("03-thread/server-thread.py", FORKING);
    let child = lab.start();
    wait_until(|| lab.has("03-thread/ready"), || "the server did not start".to_owned());
    (lab, child)
}

/// The Python that a probe's shell started.
fn speaker(shell: &Child) -> u32 {
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", shell.id())).unwrap();
    let speaks = |process: &u32| {
        fs::read_to_string(format!("/proc/{process}/cmdline")).is_ok_and(|words| words.contains("probe.py"))
    };
    children.split_whitespace().map(|process| process.parse().unwrap()).find(speaks).unwrap()
}

fn signal(name: &str, processes: &[u32]) {
    let numbers = processes.iter().map(u32::to_string);
    assert!(Command::new("kill").args(["-s", name]).args(numbers).status().unwrap().success());
}

#[test]
fn a_server_that_forked_leaves_nothing() {
    let lab = Lab::new().write("03-thread/server-thread.py", FORKING);
    assert_eq!(lab.lines(), "sequential\tok\nsimple\tok\nthread\tanswer\tno-answer\t'client 1'\t2");
}

#[test]
fn a_probe_whose_link_died_leaves_nothing() {
    let (lab, mut shell) = at_work();
    drop(shell.stdin.take());
    shell.wait().unwrap();
    lab.assert_no_trace();
}

#[test]
fn a_probe_whose_shell_was_killed_leaves_nothing() {
    let (lab, mut shell) = at_work();
    shell.kill().unwrap();
    shell.wait().unwrap();
    lab.assert_no_trace();
}

#[test]
fn a_probe_whose_python_was_killed_leaves_nothing() {
    let (lab, mut shell) = at_work();
    signal("KILL", &[speaker(&shell)]);
    let mut output = Vec::new();
    shell.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    shell.wait().unwrap();
    lab.read(&output);
    lab.assert_no_trace();
}

#[test]
fn what_a_probe_that_was_killed_altogether_left_goes_with_the_next_one() {
    let (lab, mut shell) = at_work();
    let both = [shell.id(), speaker(&shell)];
    signal("STOP", &both);
    signal("KILL", &both);
    shell.wait().unwrap();
    assert!(!lab.processes().is_empty());
    // What only looks like it, and what a live one works in.
    let precious = lab.scratch.join("precious");
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "").unwrap();
    let others = ["provision-socket.4194305.abc", "provision-socket.1.abcdef"];
    for name in others {
        fs::create_dir(lab.scratch.join(name)).unwrap();
    }
    let link = lab.scratch.join("provision-socket.4194305.abcdef");
    std::os::unix::fs::symlink(&precious, &link).unwrap();

    let mut next = lab.start();
    next.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
    next.wait().unwrap();
    assert!(link.is_symlink() && precious.join("file").exists());
    fs::remove_file(link).unwrap();
    fs::remove_dir_all(precious).unwrap();
    for name in others {
        fs::remove_dir(lab.scratch.join(name)).unwrap();
    }
    lab.assert_no_trace();
}
