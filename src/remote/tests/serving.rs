//! Which processes are a service's where no systemd tells.

use std::process::{Child, Command, Stdio};

use super::super::data::Data;
use super::super::invocation::{RunAs, invoke};
use super::local::{Login, nonce, stub};

const TAIL: &str = "\
has_systemd() {
    false
}
IFS= read -r name
IFS= read -r pid
if is_of_service \"$pid\"; then answer own; else answer foreign; fi
";

/// Whether a process is that of a service, by an init script that noted these processes.
fn is_own(service: &str, process: u32, noted: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    stub(folder.path(), "cat", &format!("echo '{noted}'"));
    let mut data = Data::default();
    data.line(service);
    data.line(process.to_string());
    let parts = [include_str!("../programs/common.sh"), include_str!("../programs/service.sh"), TAIL];
    let invocation = invoke(RunAs::Login, &nonce(), &parts, data).unwrap();
    let mut child = Login { stubs: Some(folder.path()), ..Login::default() }.start(&invocation);
    drop(child.stdin.take());
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    let is = |word: &str| said.contains(&format!("{} {word}", nonce().as_str()));
    assert!(is("own") != is("foreign"), "{said}");
    is("own")
}

fn sleeper() -> Child {
    Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_process_is_of_a_service_by_its_name_or_by_the_init_script() {
    let mut process = sleeper();
    let (id, parent) = (process.id(), std::process::id());
    assert!(is_own("sleep", id, ""));
    // Many a service bears another name than its program.
    assert!(!is_own("rabbitmq-server", id, ""));
    assert!(is_own("rabbitmq-server", id, &format!("{id}")));
    assert!(is_own("rabbitmq-server", id, &format!("{parent}")), "what the noted process started");
    assert!(!is_own("rabbitmq-server", id, &format!("{id}1")));
    assert!(!is_own("slee", id, "") && !is_own("sleep-longer", id, ""));
    process.kill().unwrap();
    process.wait().unwrap();
}
