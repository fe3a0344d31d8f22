//! A link that died and left standard input open: the program that changes a host ends after its step, and not at once.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use super::super::dialogue::{End, SIGN_OF_LIFE};
use super::super::events::ApplyReader;
use super::local::{Login, events, rewritten};
use super::machine::Machine;
use crate::model::{File, Resource, Turn, Validator};

/// A file whose check takes four seconds.
fn file(machine: &Machine, name: &str) -> Resource {
    Resource::File(File {
        path: machine.at(name),
        content: "new".to_owned(),
        mode: 0o644,
        validator: Some(Validator::Candidate("slow".to_owned())),
        notify: None,
        turn: Turn::Own,
    })
}

/// Changes two files with a sign of life at the beginning and then so often, by a program that is less patient.
fn change(machine: &Machine, every: Option<Duration>) -> End {
    machine.stub("slow", "sleep 4");
    let invocation = machine.apply(&[file(machine, "etc/one"), file(machine, "etc/two")]);
    let invocation = rewritten(invocation, |program| {
        let hasty = program.replace("silence=15 absence=60", "silence=1 absence=1");
        assert_ne!(hasty, program);
        hasty
    });
    let stubs = machine.folder.path().join("stubs");
    let mut child = Login { stubs: Some(&stubs), ..Login::default() }.start(&invocation);
    let mut input = child.stdin.take().unwrap();
    // What comes with its data is taken for that.
    std::thread::sleep(Duration::from_secs(1));
    input.write_all(SIGN_OF_LIFE.as_bytes()).unwrap();
    while let Some(pause) = every.filter(|_| child.try_wait().unwrap().is_none()) {
        // It may end meanwhile.
        let _ = input.write_all(SIGN_OF_LIFE.as_bytes());
        std::thread::sleep(pause);
    }
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    events(ApplyReader, &output).1.unwrap()
}

#[test]
fn a_program_that_nobody_listens_to_ends_after_its_step() {
    let machine = Machine::new();
    assert_eq!(change(&machine, None), End::Interrupted);
    assert!(Path::new(&machine.at("etc/one")).exists() && !Path::new(&machine.at("etc/two")).exists());
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
}

#[test]
fn a_sign_now_and_then_is_enough() {
    let machine = Machine::new();
    assert_eq!(change(&machine, Some(Duration::from_millis(300))), End::Complete);
    assert!(Path::new(&machine.at("etc/two")).exists());
}
