//! reset.sh after runs that died, and with what others made of our files.

use std::fs;

use super::machine::{Machine, change};
use crate::model::{File, Operation, Resource, ResourceId};

fn file(path: String, content: &str) -> Resource {
    Resource::File(File::of_text(path, content))
}

/// What Python made of a file of ours goes with it, and nothing else.
#[test]
fn reset_takes_away_what_was_compiled_of_our_files() {
    let machine = Machine::new();
    let folder = machine.at("etc/lab");
    machine.converge(&[file(format!("{folder}/constCS.py"), "PORT = 1")]);
    fs::create_dir(format!("{folder}/__pycache__")).unwrap();
    for name in ["constCS.cpython-311.pyc", "mine.cpython-311.pyc"] {
        fs::write(format!("{folder}/__pycache__/{name}"), "x").unwrap();
    }
    machine.reset();
    let left: Vec<String> = machine.tree().into_keys().collect();
    let path = |name: &str| format!("{folder}{name}");
    assert_eq!(left, [path(""), path("/__pycache__"), path("/__pycache__/mine.cpython-311.pyc")]);

    fs::remove_dir_all(&folder).unwrap();
    machine.converge(&[file(format!("{folder}/constCS.py"), "PORT = 1")]);
    fs::create_dir(path("/__pycache__")).unwrap();
    fs::write(path("/__pycache__/constCS.cpython-311.pyc"), "x").unwrap();
    machine.reset();
    assert!(machine.tree().is_empty(), "{:?}", machine.tree());
}

/// It died before it could put something in place, and what comes after has nothing to do in that folder.
#[test]
fn what_a_run_that_died_left_in_a_folder_goes_with_the_next_one() {
    let machine = Machine::new();
    let wanted =
        |content: &str| [file(machine.at("etc/kept/one"), "same"), file(machine.at("etc/lab/two"), content)];
    machine.converge(&wanted("older"));
    let converged = machine.tree();
    let leave = || fs::write(machine.at("etc/kept/.provision.abc123"), "half").unwrap();
    leave();
    machine.converge(&wanted("newer")[1..]);
    machine.converge(&wanted("older")[1..]);
    assert_eq!(machine.tree(), converged);
    leave();
    machine.reset();
    assert!(machine.tree().is_empty(), "{:?}", machine.tree());

    // The journal knows nothing of that folder any more, but a look has seen it.
    fs::create_dir(machine.at("etc/kept")).unwrap();
    leave();
    let sweep = Operation::Sweep(machine.at("etc/kept/one"));
    machine.run(&machine.apply_steps([change(ResourceId::new("left:one")).by(sweep)])).1.unwrap();
    assert_eq!(fs::read_dir(machine.at("etc/kept")).unwrap().count(), 0);
}

/// A run dies at the first, second … use of what it changes things by, and nothing but a reset follows.
#[test]
fn whatever_dies_a_reset_alone_puts_everything_back() {
    let mut nth = 0;
    loop {
        nth += 1;
        let machine = Machine::new();
        fs::write(machine.at("etc/kept"), "before").unwrap();
        let before = machine.tree();
        let wanted = |content: &str| ["etc/kept", "etc/lab/made"].map(|name| file(machine.at(name), content));
        if nth % 2 == 0 {
            machine.converge(&wanted("older"));
        }
        let count = machine.at("count");
        for tool in ["mkdir", "mktemp", "mv", "cp", "chmod", "sync", "rm"] {
            let body = format!(
                "echo >>{count}\n[ $(wc -l <{count}) -ne {nth} ] || kill -KILL 0\nPATH=/usr/bin:/bin exec {tool} \"$@\""
            );
            machine.stub(tool, &body);
        }
        let _ = machine.run(&machine.apply(&wanted("newer")));
        let uses = fs::read_to_string(&count).unwrap().lines().count();
        fs::remove_dir_all(machine.at("stubs")).unwrap();
        machine.reset();
        assert_eq!(machine.tree(), before, "killed at {nth}");
        assert!(!fs::exists(machine.at("journal")).unwrap(), "killed at {nth}");
        if nth > uses {
            assert!(nth > 20, "the stubs were not used");
            break;
        }
    }
}
