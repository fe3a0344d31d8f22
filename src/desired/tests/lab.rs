//! The lab's own programs, run by the real Python on loopback.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::Shutdown;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use super::practice::{Lab, NEEDS_PYTHON, PATIENCE, Talk, write};
use super::{content, host, inventory, set, wanted};
use crate::model::{Language, Resource};
use crate::roles::Socket;

#[test]
fn hosts_share_what_all_of_them_have() {
    let hosts =
        [1, 2].map(|index| host(&format!("pc{index}"), index, &format!("10.0.0.{index}"), &["socket"]));
    let inventory = inventory(hosts.into());
    let contents = |position| {
        let contents = wanted(&inventory, position).into_iter().filter_map(|resource| match resource {
            Resource::File(file) => Some(file.content),
            _ => None,
        });
        contents.collect::<Vec<_>>()
    };
    let shared = contents(0).iter().zip(&contents(1)).filter(|(one, other)| Arc::ptr_eq(one, other)).count();
    assert_eq!((contents(0).len(), shared), (9, 6));
}

#[test]
fn simple_answers_one_client_and_ends_when_it_leaves() {
    let lab = Lab::new(Language::English);
    let server = lab.serve("01-simples", "server-book.py");
    let mut talk = lab.connect();
    talk.ask("Hello World");
    talk.ask("é");
    talk.ask("fim");
    drop(talk);
    assert_eq!(server.ended(), (true, "Hello World\né\nfim\n".to_owned()));
}

#[test]
fn simple_ends_well_when_its_client_vanishes_and_starts_again_at_once() {
    let lab = Lab::new(Language::Portuguese);
    let server = lab.serve("01-simples", "server-book.py");
    let mut talk = lab.connect();
    talk.ask("oi");
    talk.vanish();
    let (good, said) = server.ended();
    assert!(good && said.contains("O cliente saiu sem se despedir."), "{said}");

    for _ in 0..2 {
        // The server closes first, which leaves its port in TIME_WAIT.
        let server = lab.serve("01-simples", "server-book.py");
        let mut talk = lab.connect();
        talk.ask("de novo");
        talk.0.shutdown(Shutdown::Write).unwrap();
        assert!(server.ended().0);
    }
}

#[test]
fn the_simple_client_speaks_with_the_simple_server() {
    for language in [Language::English, Language::Portuguese] {
        let lab = Lab::new(language);
        let server = lab.serve("01-simples", "server-book.py");
        let started = Instant::now();
        let output = loop {
            let output = lab.client("01-simples", "client-book.py", "");
            if output.status.success() || started.elapsed() > PATIENCE {
                break output;
            }
        };
        assert_eq!(String::from_utf8_lossy(&output.stdout), "Hello World*\n");
        assert!(server.ended().0);
    }
}

#[test]
fn sequential_keeps_the_second_client_waiting_until_fim() {
    let lab = Lab::new(Language::English);
    let _server = lab.serve("02-sequencial", "server.py");
    let mut first = lab.connect();
    first.ask("one");
    let mut second = lab.connect();
    second.say("two");
    second.is_kept_waiting();
    first.ask("still here");
    first.say("fim");
    second.hear("two*");
    second.say("fim");
    second.0.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(second.0.read(&mut [0]).unwrap(), 0, "`fim` is not answered, the connection ends");
}

#[test]
fn sequential_is_freed_by_a_client_that_leaves_without_fim() {
    let lab = Lab::new(Language::Portuguese);
    let mut server = lab.serve("02-sequencial", "server.py");
    let mut first = lab.connect();
    first.ask("um");
    let mut second = lab.connect();
    second.say("dois");
    second.is_kept_waiting();
    drop(first);
    second.hear("dois*");
    let mut third = lab.connect();
    third.say("três");
    third.is_kept_waiting();
    second.vanish();
    third.hear("três*");
    drop(third);
    // Not a single turn of a busy loop: nothing but what happened is printed.
    let mut talk = lab.connect();
    talk.ask("ainda");
    server.interrupt();
    let (good, said) = server.ended();
    assert!(good, "{said}");
    assert_eq!((said.matches("chegou").count(), said.matches("saiu").count()), (4, 3), "{said}");
    assert!(!said.contains("Traceback"), "{said}");
}

#[test]
fn thread_serves_all_at_once_and_outlives_any_of_them() {
    let lab = Lab::new(Language::English);
    let mut server = lab.serve("03-thread", "server-thread.py");
    let mut talks: Vec<Talk> = (0..8).map(|_| lab.connect()).collect();
    for round in 0..2 {
        for (number, talk) in talks.iter_mut().enumerate().rev() {
            talk.ask(&format!("{round} {number}"));
        }
    }
    talks.pop().unwrap().vanish();
    talks.pop().unwrap().say("fim");
    drop(talks.pop());
    talks[0].ask("still served");
    lab.connect().ask("new ones too");
    server.interrupt();
    let (good, said) = server.ended();
    assert!(good && !said.contains("Traceback"), "{said}");
}

#[test]
fn the_client_sends_lines_until_fim_or_the_end_of_its_input() {
    for (variant, program) in [("02-sequencial", "server.py"), ("03-thread", "server-thread.py")] {
        let lab = Lab::new(Language::English);
        let mut server = lab.serve(variant, program);
        lab.connect();
        for typed in ["olá\n\n  \na*b*\nfim\nnever sent\n", "olá\na*b*\n"] {
            let output = lab.client(variant, "client.py", typed);
            let said = String::from_utf8_lossy(&output.stdout).replace("> ", "");
            assert_eq!(said, "Connected. Type lines; `fim` ends.\nolá*\na*b**\n");
            assert!(output.status.success());
        }
        server.interrupt();
        let (good, said) = server.ended();
        assert!(good && !said.contains("never sent"), "{said}");
    }
}

#[test]
fn what_students_read() {
    let student = || host("student", 1, "10.0.0.7", &["socket"]);
    let mut portuguese = inventory(vec![student()]);
    portuguese.language = Language::Portuguese;
    insta::assert_snapshot!(content(&wanted(&portuguese, 0), "/opt/socket/02-sequencial/server.py"));
    insta::assert_snapshot!(content(&wanted(&portuguese, 0), "/opt/socket/03-thread/constCS.py"));
    let english = inventory(vec![student()]);
    insta::assert_snapshot!(content(&wanted(&english, 0), "/opt/socket/01-simples/server-book.py"));
    insta::assert_snapshot!(content(&wanted(&english, 0), "/opt/socket/03-thread/client.py"));
}

#[test]
fn a_server_starts_again_at_once() {
    for (variant, program) in [("02-sequencial", "server.py"), ("03-thread", "server-thread.py")] {
        let lab = Lab::new(Language::English);
        for _ in 0..2 {
            let mut server = lab.serve(variant, program);
            lab.connect().ask("here");
            let mut open = lab.connect();
            open.ask("and here");
            server.interrupt();
            let (good, said) = server.ended();
            assert!(good, "{said}");
        }
    }
}

#[test]
fn a_client_without_a_server_says_what_to_look_at() {
    let lab = Lab::new(Language::Portuguese);
    for (variant, program) in [("01-simples", "client-book.py"), ("02-sequencial", "client.py")] {
        let output = lab.client(variant, program, "oi\n");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains("O servidor está em execução?"), "{said}");
        assert!(!said.contains("Traceback"), "{said}");
    }
}

#[test]
fn both_languages_are_python() {
    for language in [Language::English, Language::Portuguese] {
        let lab = Lab::new(language);
        let names = ["01-simples", "02-sequencial", "03-thread"].map(|name| lab.folder.path().join(name));
        let files =
            names.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap().path());
        let files: Vec<_> = files.collect();
        assert_eq!(files.len(), 9);
        for file in &files {
            let text = fs::read_to_string(file).unwrap();
            assert!(!text.contains("#en:") && !text.contains("#pt:"), "{}", file.display());
            assert!(text.lines().all(|line| line.chars().count() <= 110), "{}", file.display());
        }
        // The compiled files go to the test's own folder.
        let output = Command::new("python3")
            .args(["-m", "py_compile"])
            .args(&files)
            .env("PYTHONPYCACHEPREFIX", lab.folder.path())
            .output()
            .expect(NEEDS_PYTHON);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn nasty_constants_reach_python_as_they_are() {
    let nasty =
        ["", "localhost", "a'b\"c\\", "x\n\r\0\t\x1b", "é☃🦀\u{2028}", "'); import os #", "{{ x }}\\N{DASH}"];
    let folder = tempfile::tempdir().unwrap();
    for value in nasty {
        let mut student = host("student", 1, "10.0.0.7", &["socket"]);
        set(&mut student, |role: &mut Socket| role.path = folder.path().display().to_string());
        set(&mut student, |role: &mut Socket| role.host = value.to_owned());
        set(&mut student, |role: &mut Socket| role.server = format!("{value}!"));
        write(&wanted(&inventory(vec![student]), 0));
        assert_eq!(
            constants(&folder.path().join("01-simples/constCS.py")),
            serde_json::json!({"HOST": value, "PORT": 50007, "SERVER": format!("{value}!")}),
        );
    }
}

/// What Python reads in a file of assignments, without running it.
fn constants(path: &Path) -> serde_json::Value {
    let program = "import ast, json, sys\n\
         tree = ast.parse(open(sys.argv[1], encoding='utf-8').read())\n\
         print(json.dumps({s.targets[0].id: ast.literal_eval(s.value) for s in tree.body}))";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .arg(path)
        .stdout(Stdio::piped())
        .spawn()
        .expect(NEEDS_PYTHON);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(child.wait().unwrap().success());
    serde_json::from_str(&line).unwrap()
}
