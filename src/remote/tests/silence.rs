//! A link that died and left standard input open: the program that changes a host ends after its step, and not at once.

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command};
use std::time::Duration;

use super::super::dialogue::{End, SIGN_OF_LIFE};
use super::super::events::{ApplyEvent, ApplyReader};
use super::super::reset::JournalReader;
use super::local::{Login, events, rewritten};
use super::machine::Machine;
use crate::model::{FailureKind, File, Resource, Validator};

/// A file whose check takes four seconds.
fn file(machine: &Machine, name: &str) -> Resource {
    Resource::File(File {
        validator: Some(Validator::Candidate("slow".to_owned())),
        ..File::of_text(machine.at(name), "new")
    })
}

/// Begins to change two files, by a program that waits so many seconds where nobody is heard; its input and itself.
fn begin(machine: &Machine, absence: u32) -> (ChildStdin, Child) {
    machine.stub("slow", "sleep 4");
    let invocation = machine.apply(&[file(machine, "etc/one"), file(machine, "etc/two")]);
    let invocation = rewritten(invocation, |program| {
        let hasty = program.replace("silence=15 absence=60", &format!("silence=1 absence={absence}"));
        assert_ne!(hasty, program);
        hasty
    });
    let stubs = machine.folder.path().join("stubs");
    let mut child = Login { stubs: Some(&stubs), ..Login::default() }.start(&invocation);
    let mut input = child.stdin.take().unwrap();
    // What comes with its data is taken for that.
    std::thread::sleep(Duration::from_secs(1));
    input.write_all(SIGN_OF_LIFE.as_bytes()).unwrap();
    (input, child)
}

fn end(mut child: Child) -> End {
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    events(ApplyReader, &output).1.unwrap()
}

/// Changes two files with a sign of life at the beginning and then so often.
fn change(machine: &Machine, every: Option<Duration>) -> End {
    let (mut input, mut child) = begin(machine, 1);
    while let Some(pause) = every.filter(|_| child.try_wait().unwrap().is_none()) {
        // It may end meanwhile.
        let _ = input.write_all(SIGN_OF_LIFE.as_bytes());
        std::thread::sleep(pause);
    }
    end(child)
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

#[test]
fn a_program_that_nobody_listens_to_hands_over_to_its_own_run_alone() {
    let mut machine = Machine { token: "mine", ..Machine::new() };
    // The link that died leaves its input open.
    let (_input, left) = begin(&machine, 3600);
    let lock = machine.at("run/provision.lock");
    while !fs::read_to_string(&lock).is_ok_and(|line| line.ends_with(" mine\n")) {
        std::thread::sleep(Duration::from_millis(10));
    }
    machine.token = "another";
    let (_, refused) = machine.run(&machine.apply(&[file(&machine, "etc/two")]));
    assert_eq!(refused.unwrap_err().kind, FailureKind::Busy);
    machine.token = "mine";
    let (events, joined) = machine.run(&machine.apply(&[file(&machine, "etc/two")]));
    assert_eq!(joined, Ok(End::Complete));
    assert!(matches!(events.first(), Some(ApplyEvent::Waiting(_))), "{events:?}");
    assert_eq!(end(left), End::Interrupted);
    assert!(Path::new(&machine.at("etc/one")).exists() && Path::new(&machine.at("etc/two")).exists());
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
}

/// As at the same place of an apply.
#[test]
fn a_look_into_the_journal_that_waits_for_another_run_ends_where_it_is_told_to() {
    let machine = Machine { patience: 60, ..Machine::new() };
    let lock = fs::File::create(machine.at("run/provision.lock")).unwrap();
    lock.lock().unwrap();
    let mut child = Login::default().start(&machine.recall_invocation());
    std::thread::sleep(Duration::from_secs(2));
    drop(child.stdin.take());
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    let (waits, end) = events(JournalReader::default(), &output);
    assert!(!waits.is_empty());
    assert!(matches!(end, Ok(None)), "{end:?}");
}

/// What the other side says last is written while it is read.
#[test]
fn whoever_is_heard_just_now_is_heard() {
    let folder = tempfile::tempdir().unwrap();
    let run = include_str!("../programs/run.sh");
    let function = |name: &str| {
        let begin = run.find(&format!("\n{name}() {{\n")).unwrap();
        &run[begin..begin + run[begin..].find("\n}\n").unwrap() + 3]
    };
    let script = format!(
        "{}{}frame=here silence=15 scratch={}; take_line
        (while :; do take_line; done) & writer=$!
        trap 'kill $writer' EXIT
        for tens in 0 1 2 3 4 5 6 7 8 9; do for hundreds in 0 1 2 3 4 5 6 7 8 9; do
            for ones in 0 1 2 3 4 5 6 7 8 9; do
                is_heard && is_heard && is_heard && is_heard || exit 3
            done
        done; done; echo heard",
        function("take_line"),
        function("is_heard"),
        folder.path().display()
    );
    let output = Command::new("dash").args(["-c", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "heard\n", "{output:?}");
}
