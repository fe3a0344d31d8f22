//! The way in: login shells, and the stage that gains root, with stand-ins for sudo.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::time::{Duration, Instant};

use super::super::exec::{ExecReader, exec};
use super::super::invocation::Credentials;
use super::super::invocation::RunAs;
use super::super::logs::{LogReader, logs};
use super::local::{Login, events, hear, sent, stub};
use crate::model::{BecomeMethod, Failure, FailureKind};

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Output and status of a command, or why it did not run.
fn execute(login: &Login<'_>, command: &[&str], identity: RunAs<'_>) -> Result<(String, u8), Failure> {
    let (stdout, _) = login.run(&sent(exec(&words(command), identity)));
    let (output, status) = events(ExecReader::default(), &stdout);
    Ok((String::from_utf8(output.concat()).unwrap(), status?))
}

#[test]
fn every_login_shell_runs_the_same_program() {
    let shells: &[&[&str]] =
        &[&["dash"], &["bash"], &["busybox", "sh"], &["zsh"], &["ksh"], &["csh"], &["tcsh"], &["fish"]];
    let mut tried = 0;
    for shell in shells.iter().filter(|shell| which::which(shell[0]).is_ok()) {
        let login = Login { shell, ..Login::default() };
        let result =
            execute(&login, &["printf", "%s|", "a b", "$HOME `id` \"'\\", "two\nlines\n"], RunAs::Login);
        assert_eq!(result, Ok(("a b|$HOME `id` \"'\\|two\nlines\n|".to_owned(), 0)), "{shell:?}");
        tried += 1;
    }
    assert!(tried >= 2);
}

#[test]
fn one_argument_is_a_line_for_the_shell() {
    let result = execute(&Login::default(), &["echo one | tr o 0; exit 7"], RunAs::Login);
    assert_eq!(result, Ok(("0ne\n".to_owned(), 7)));
    let result = execute(&Login::default(), &["kill -TERM $$"], RunAs::Login);
    assert_eq!(result, Ok((String::new(), 143)));
}

#[test]
fn closing_stdin_ends_the_command_and_all_that_it_started() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let line = format!("sleep 300 & echo $! $$ > {}; wait", pids.display());
    let mut child = Login::default().start(&sent(exec(&[line], RunAs::Login)));
    let started = Instant::now();
    while !fs::read_to_string(&pids).is_ok_and(|text| text.ends_with('\n')) {
        assert!(started.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(10));
    }
    drop(child.stdin.take());
    child.stdout.take().unwrap().read_to_end(&mut Vec::new()).unwrap();
    child.wait().unwrap();
    for pid in fs::read_to_string(&pids).unwrap().split_whitespace() {
        let state = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        assert!(state.is_empty() || state.contains(") Z "), "{pid} still runs: {state}");
    }
}

/// A sudo that says what it was given and what its own arguments and environment hold.
fn sudo_stub(folder: &Path, wants_password: bool) {
    sudo_stub_that_reads(folder, wants_password, "IFS= read -r password");
}

/// The same, which takes a line of its input in this way.
fn sudo_stub_that_reads(folder: &Path, wants_password: bool, reads: &str) {
    stub(folder, "id", "echo 1000");
    let body = format!(
        r#"
tr '\0' ' ' </proc/$$/cmdline >>{log}/seen; tr '\0' ' ' </proc/$$/environ >>{log}/seen
tr '\0' ' ' </proc/$PPID/cmdline >>{log}/seen; tr '\0' ' ' </proc/$PPID/environ >>{log}/seen
wants={wants_password} stdin= validate= old= prompt='Password: '
[ ! -e {log}/old ] || old=1
while [ $# -gt 0 ]; do
    case $1 in
        -n) [ $wants = false ] || {{ echo "sudo: a password is required" >&2; exit 1; }} ;;
        -k) validate=1 ;;
        -S) stdin=1 ;;
        -u) [ "$2" = root ] && shift ;;
        -p) [ -z "$old" ] && prompt=$2 && shift || {{ echo "sudo: invalid option -p" >&2; exit 1; }} ;;
        --version) [ -z "$old" ] || echo sudo-rs 0.2.2 >&2; exit ;;
        --) shift; break ;;
        -*) echo "sudo: invalid option $1" >&2; exit 1 ;;
        *) break ;;
    esac
    shift
done
if [ $wants = true ]; then
    for attempt in 1 2 3; do
        printf '%s' "$prompt" >&2
        {reads} || {{ echo "sudo: no password was provided" >&2; exit 1; }}
        echo attempt >>{log}/attempts
        [ "$password" = "c0rrect horse\\ \$x" ] && break
        echo "Sorry, try again." >&2
        [ $attempt -lt 3 ] || {{ echo "sudo: 3 incorrect password attempts" >&2; exit 1; }}
    done
fi
unset password
exec "$@"
"#,
        log = folder.display()
    );
    stub(folder, "sudo", &body);
}

#[test]
fn one_sudo_finds_out_and_runs_what_has_no_stderr_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let login = Login { stubs: Some(folder.path()), ..Login::default() };
    let program = || logs(&[], Credentials { method: BecomeMethod::Sudo, password: None }).unwrap();
    sudo_stub(folder.path(), false);
    let (stdout, stderr) = login.run(&sent(program()));
    assert!(hear(LogReader::default(), &stdout).1.is_ok());
    assert_eq!(stderr, "");
    let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
    assert_eq!(seen.matches("sudo -n ").count(), 1, "{seen}");
    sudo_stub(folder.path(), true);
    let (stdout, _) = login.run(&sent(program()));
    assert_eq!(hear(LogReader::default(), &stdout).1.unwrap_err().kind, FailureKind::Become);
}

const PASSWORD: &str = "c0rrect horse\\ $x";

fn with_sudo(folder: &Path, password: Option<&str>) -> Result<(String, u8), Failure> {
    // A login may export names that the programs use for themselves.
    let environment = [("password", "exported"), ("p", "x"), ("l", "x"), ("nonce", "x")];
    let login = Login { stubs: Some(folder), environment: &environment, ..Login::default() };
    let credentials = Credentials { method: BecomeMethod::Sudo, password };
    execute(&login, &["echo", "ran"], RunAs::Root(credentials))
}

#[test]
fn sudo_without_password_leaves_nothing_to_be_read_as_program() {
    let folder = tempfile::tempdir().unwrap();
    sudo_stub(folder.path(), false);
    assert_eq!(with_sudo(folder.path(), None), Ok(("ran\n".to_owned(), 0)));
    assert_eq!(with_sudo(folder.path(), Some(PASSWORD)), Ok(("ran\n".to_owned(), 0)));
    assert_eq!(with_sudo(folder.path(), Some("touch /tmp/x; exit 9")), Ok(("ran\n".to_owned(), 0)));
}

/// As sudo-rs did before 0.2.7.
#[test]
fn a_sudo_that_reads_ahead_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let reads = "password=$(dd bs=8192 count=1 2>/dev/null | head -n 1); [ -n \"$password\" ]";
    sudo_stub_that_reads(folder.path(), true, reads);
    for _ in 0..5 {
        assert_eq!(with_sudo(folder.path(), Some(PASSWORD)), Ok(("ran\n".to_owned(), 0)));
    }
    fs::write(folder.path().join("old"), "").unwrap();
    assert_eq!(with_sudo(folder.path(), Some(PASSWORD)), Ok(("ran\n".to_owned(), 0)));
}

/// Programs written in Rust ignore it.
#[test]
fn a_cat_that_is_deaf_to_a_broken_pipe_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    sudo_stub(folder.path(), true);
    for name in ["cat", "sleep"] {
        let program = which::which(name).unwrap();
        stub(folder.path(), name, &format!("trap '' PIPE; exec {} \"$@\"", program.display()));
    }
    for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
        let shell = [&["timeout", "8"], shell].concat();
        let login = Login { shell: &shell, stubs: Some(folder.path()), ..Login::default() };
        for (password, message) in [(PASSWORD, None), ("wrong", Some("sudo refused the password"))] {
            let started = Instant::now();
            let credentials = Credentials { method: BecomeMethod::Sudo, password: Some(password) };
            let (stdout, stderr) = login.run(&sent(exec(&words(&["true"]), RunAs::Root(credentials))));
            let refusal = events(ExecReader::default(), &stdout).1.err();
            assert_eq!(refusal.as_ref().map(|failure| failure.message.english()), message, "{shell:?}");
            assert_eq!(stderr, "", "{shell:?}");
            assert!(started.elapsed() < Duration::from_secs(6), "{shell:?}");
        }
    }
}

#[test]
fn what_runs_behind_a_password_keeps_its_input_its_status_and_its_words() {
    let folder = tempfile::tempdir().unwrap();
    sudo_stub(folder.path(), true);
    for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
        let login = Login { shell, stubs: Some(folder.path()), ..Login::default() };
        let credentials = Credentials { method: BecomeMethod::Sudo, password: Some(PASSWORD) };
        let command = words(&["echo out; echo err >&2; exit 7"]);
        let (stdout, stderr) = login.run(&sent(exec(&command, RunAs::Root(credentials))));
        let (output, status) = events(ExecReader::default(), &stdout);
        assert_eq!((output.concat(), status), (b"out\n".to_vec(), Ok(7)));
        assert_eq!(stderr, "err\n", "{shell:?}");
    }
}

#[test]
fn an_odd_environment_changes_nothing() {
    let environment = [
        ("POSIXLY_CORRECT", "1"),
        ("TMPDIR", "/no/such/folder"),
        ("CDPATH", "/tmp:/etc"),
        ("GREP_OPTIONS", "--color=always -v"),
        ("IFS", "r"),
        ("ENV", "/nonexistent"),
        ("LC_ALL", "xx_XX.weird"),
        ("LANGUAGE", "pt"),
    ];
    for shell in [&["dash"][..], &["bash"], &["busybox", "sh"]] {
        let login = Login { shell, environment: &environment, ..Login::default() };
        let command =
            "echo ${TMPDIR-none} ${POSIXLY_CORRECT-none} ${GREP_OPTIONS-none} ${CDPATH-none} $LC_ALL; cd bin";
        let result = execute(&login, &[command], RunAs::Login);
        assert_eq!(result, Ok(("none none none none C\n".to_owned(), 0)), "{shell:?}");
    }
}

#[test]
fn the_password_reaches_sudo_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    sudo_stub(folder.path(), true);
    assert_eq!(with_sudo(folder.path(), Some(PASSWORD)), Ok(("ran\n".to_owned(), 0)));
    let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
    assert!(seen.contains("sudo") && !seen.contains("c0rrect"), "{seen}");
}

#[test]
fn a_wrong_password_is_tried_once() {
    let folder = tempfile::tempdir().unwrap();
    sudo_stub(folder.path(), true);
    let failure = with_sudo(folder.path(), Some("wrong")).unwrap_err();
    assert_eq!(failure.message.english(), "sudo refused the password");
    assert_eq!(fs::read_to_string(folder.path().join("attempts")).unwrap(), "attempt\n");
}

/// The end of its input would count as one more, also where it complains in words of its own.
#[test]
fn a_sudo_that_asks_again_is_ended() {
    for complaint in ["Sorry, try again.", "Wrong. You cheating scum!"] {
        let folder = tempfile::tempdir().unwrap();
        let attempts = folder.path().join("attempts");
        stub(folder.path(), "id", "echo 1000");
        let body = format!(
            "[ $1 != --version ] || exit 0; while :; do printf '%s' \"$4\" >&2; read -r _; echo >>{}; echo '{complaint}' >&2; done",
            attempts.display()
        );
        stub(folder.path(), "sudo", &body);
        let started = Instant::now();
        let failure = with_sudo(folder.path(), Some("wrong")).unwrap_err();
        assert_eq!(failure.message.english(), "sudo refused the password");
        assert_eq!(fs::read_to_string(attempts).unwrap(), "\n");
        assert!(started.elapsed() < Duration::from_secs(8));
    }
}

#[test]
fn refusals_have_their_own_words() {
    const NOSUID: &str = "echo \"sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option \
                          set or an NFS file system without root privileges?\" >&2; exit 1";
    const FAILS: &str = "sudo can't start a program for root on this host";
    let cases = [
        ("echo 'sudo: a password is required' >&2; exit 1", None, "sudo wants a password"),
        ("echo 'sudo: interactive authentication is required' >&2; exit 1", None, "sudo wants a password"),
        (
            "echo 'sudo: sorry, you must have a tty to run sudo' >&2; exit 1",
            Some("x"),
            "sudo wants a terminal (`requiretty`)",
        ),
        (
            "[ \"$1\" = -n ] && exit 1; cat >/dev/null; echo 'ana is not in the sudoers file.' >&2; exit 1",
            Some("x"),
            "the login user may not use sudo",
        ),
        (
            "[ \"$1\" = -n ] && exit 1; echo \"sudo: I'm sorry ana. I'm afraid I can't do that\" >&2; exit 1",
            Some("x"),
            "the login user may not use sudo",
        ),
        (
            "printf 'sudo: /etc/sudoers is world writable\\nsudo: no valid sudoers sources found, quitting\\n' >&2; exit 1",
            None,
            "sudo cannot read its rules",
        ),
        (
            "echo 'sudo-rs: invalid configuration: /etc/sudoers cannot be world-writable' >&2; exit 1",
            Some("x"),
            "sudo cannot read its rules",
        ),
        (
            "[ \"$1\" = -n ] && exit 1; cat >/dev/null; echo 'sudo-rs: PAM error: Permission denied' >&2; exit 1",
            Some("x"),
            "sudo refused the password",
        ),
        ("echo 'sudo: sh: command not found' >&2; exit 1", None, FAILS),
        ("echo 'sudo: unable to change directory to /nowhere: No such file' >&2; exit 1", Some("x"), FAILS),
        (
            "printf 'sudo: unable to resolve host web01\\nsudo: a password is required\\n' >&2; exit 1",
            None,
            "sudo wants a password",
        ),
        // It repeats the command.
        (
            "echo \"Sorry, user ana is not allowed to execute '$*' as root on web01.\" >&2; exit 1",
            None,
            "sudo allows the login user some commands only, and `sh` is not among them",
        ),
        (NOSUID, None, "sudo cannot gain root on this host"),
        (NOSUID, Some("x"), "sudo cannot gain root on this host"),
        (
            "printf 'sudo: /etc/sudoers.d/90-lab is world writable\\nsudo: a password is required\\n' >&2; exit 1",
            None,
            "sudo cannot read its rules",
        ),
        ("echo 'sudo: unknown user root' >&2; exit 1", None, FAILS),
        ("echo 'sudo: unknown user root' >&2; exit 1", Some("x"), FAILS),
        ("echo 'sudo: account validation failure, is your account locked?' >&2; exit 1", None, FAILS),
        ("exit 1", None, FAILS),
    ];
    for (body, password, message) in cases {
        let folder = tempfile::tempdir().unwrap();
        stub(folder.path(), "id", "echo 1000");
        stub(folder.path(), "sudo", body);
        let failure = with_sudo(folder.path(), password).unwrap_err();
        assert_eq!((failure.kind, failure.message.english()), (FailureKind::Become, message));
        assert!(failure.hint.is_some());
    }
}

/// Whatever stands before them.
#[test]
fn what_nobody_knows_is_told_in_sudo_s_own_words() {
    let folder = tempfile::tempdir().unwrap();
    stub(folder.path(), "id", "echo 1000");
    let said = "printf 'Beware.\\nsudo: unable to resolve host web01: Name or service not known\\nsudo: what a day\\n' >&2";
    stub(folder.path(), "sudo", &format!("{said}; exit 1"));
    for password in [None, Some("x")] {
        let hint = with_sudo(folder.path(), password).unwrap_err().hint.unwrap();
        assert!(hint.english().starts_with("it says: sudo: what a day; "), "{hint:?}");
    }
}

#[test]
fn a_host_without_sudo_and_a_login_that_is_not_root_are_named() {
    // Only what become.sh needs, so that no sudo of this machine is found.
    let folder = tempfile::tempdir().unwrap();
    stub(folder.path(), "id", "echo 1000");
    stub(folder.path(), "command", "exit 1");
    let login = Login { stubs: Some(folder.path()), ..Login::default() };
    let none = Credentials { method: BecomeMethod::None, password: None };
    let failure = execute(&login, &["true"], RunAs::Root(none)).unwrap_err();
    assert_eq!(failure.message.english(), "the login is not root, and `become.method` is none");
    if which::which("sudo").is_err() {
        let sudo = Credentials { method: BecomeMethod::Sudo, password: None };
        let failure = execute(&login, &["true"], RunAs::Root(sudo)).unwrap_err();
        assert_eq!(failure.message.english(), "sudo is not installed");
    }
}
