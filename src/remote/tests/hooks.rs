//! What others have apt run around its work, by apply.sh with an apt of the test's own.

use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use super::super::dialogue::End;
use super::super::events::{ApplyEvent, ApplyReader};
use super::local::{Login, events, rewritten};
use super::machine::Machine;
use crate::model::Resource;

/// Nothing was changed then, however long what others have it run would take.
#[test]
fn a_stop_ends_an_apt_that_has_not_come_to_dpkg() {
    let machine = Machine::new();
    let hook = machine.at("hook");
    machine.stub(
        "apt-get",
        &format!("case \"$* \" in *' install '*) ;; *) exit 0 ;; esac\nsh -c ': >{hook}; sleep 300; :'"),
    );
    machine.stub("dpkg-query", "case $* in *binary:Package*) echo installed dpkg ;; esac");
    let invocation = rewritten(machine.apply(&[Resource::package("nano")]), |program| {
        let hasty = program.replace("hook_pace=10", "hook_pace=1");
        assert_ne!(hasty, program);
        hasty
    });
    let stubs = machine.folder.path().join("stubs");
    let mut child = Login { stubs: Some(&stubs), ..Login::default() }.start(&invocation);
    let began = Instant::now();
    while !Path::new(&hook).exists() {
        assert!(began.elapsed() < Duration::from_secs(20));
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_secs(5));
    drop(child.stdin.take());
    let stopped = Instant::now();
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    assert!(stopped.elapsed() < Duration::from_secs(10));
    let (events, end) = events(ApplyReader, &output);
    assert_eq!(end, Ok(End::Interrupted), "{events:?}");
    let waits = |event: &ApplyEvent| matches!(event, ApplyEvent::Waiting(what) if what.english().contains("sleep 300"));
    assert!(events.iter().any(waits), "{events:?}");
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
}
