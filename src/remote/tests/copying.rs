//! What the socket probe copies of a lab, and what it says where the machine or a student's files stand in its way.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use super::local::{Login, stub};
use super::probing::Lab;

#[test]
fn links_are_followed_but_nothing_endless_or_huge_is_copied() {
    let lab = Lab::new();
    let elsewhere = lab.scratch.parent().unwrap().join("elsewhere.py");
    let server = lab.path.join("02-sequencial/server.py");
    fs::rename(&server, &elsewhere).unwrap();
    symlink(&elsewhere, &server).unwrap();
    // An editor's lock, a device, a pipe that nobody writes, a folder, and a file that is no program.
    symlink("student@host.1234", lab.path.join("02-sequencial/.#server.py")).unwrap();
    symlink("/dev/zero", lab.path.join("02-sequencial/zero.py")).unwrap();
    assert!(Command::new("mkfifo").arg(lab.path.join("02-sequencial/pipe.py")).status().unwrap().success());
    fs::create_dir(lab.path.join("02-sequencial/folder.py")).unwrap();
    fs::File::create(lab.path.join("02-sequencial/huge.py")).unwrap().set_len(1 << 34).unwrap();
    let server = lab.path.join("01-simples/server-book.py");
    fs::remove_file(&server).unwrap();
    symlink("/dev/zero", &server).unwrap();
    insta::assert_snapshot!(lab.lines(), @r"
    sequential	ok
    simple	files	no-program	LAB/01-simples/server-book.py
    thread	ok
    ");
}

#[test]
#[ignore = "needs root"]
fn a_root_login_judges_a_lab_that_only_root_can_read() {
    let lab = Lab::new();
    fs::set_permissions(&lab.path, fs::Permissions::from_mode(0o700)).unwrap();
    fs::set_permissions(lab.path.join("01-simples/server-book.py"), fs::Permissions::from_mode(0o600))
        .unwrap();
    // Its own python3 is of no use to nobody.
    let programs = tempfile::tempdir().unwrap();
    stub(programs.path(), "python3", "exit 1");
    let login = Login { stubs: Some(programs.path()), ..Login::default() };
    assert_eq!(lab.lines_by(&login), "sequential\tok\nsimple\tok\nthread\tok");
}

#[test]
#[ignore = "needs root"]
fn a_root_login_follows_links_only_where_anybody_may_go() {
    let lab = Lab::new();
    let secret = lab.scratch.parent().unwrap().join("secret");
    fs::rename(lab.path.join("03-thread"), &secret).unwrap();
    symlink(&secret, lab.path.join("03-thread")).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o700)).unwrap();
    let file = lab.scratch.parent().unwrap().join("secret.py");
    fs::write(&file, "").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    symlink(&file, lab.path.join("01-simples/secret.py")).unwrap();
    insta::assert_snapshot!(lab.lines(), @r"
    sequential	ok
    simple	files	denied	LAB/01-simples/secret.py
    thread	files	denied	LAB/03-thread
    ");
}

#[test]
fn whatever_stops_the_probe_itself_is_told() {
    // A limit below the one that is set for a student's program.
    let shell = ["sh", "-c", "ulimit -f 1000; exec sh \"$@\"", "sh"];
    insta::assert_snapshot!(Lab::new().lines_by(&Login { shell: &shell, ..Login::default() }), @r"
    sequential	setup	error	ValueError: not allowed to raise maximum limit
    simple	setup	error	ValueError: not allowed to raise maximum limit
    thread	setup	error	ValueError: not allowed to raise maximum limit
    ");
}

#[test]
fn files_that_hide_modules_of_python_are_named() {
    // Python has `sys` built in, and no file hides it; where the server works, nothing is amiss.
    let lab = Lab::new()
        .copy("03-thread/server-thread.py", "03-thread/threading.py")
        .write("03-thread/sys.py", "")
        .write("03-thread/queue.py", "")
        .write("02-sequencial/calendar.py", "");
    let lines = lab.lines();
    let (others, thread) = lines.rsplit_once('\n').unwrap();
    assert_eq!(others, "sequential\tok\nsimple\tok");
    let start =
        "thread\tstart\tshadowed\tqueue.py, threading.py\tended-at-once\tserver-thread.py\tImportError: ";
    assert!(thread.starts_with(start), "{thread}");
}
