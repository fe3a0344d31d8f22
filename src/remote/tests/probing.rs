//! The socket probe against the lab's own files and against files that students spoilt, on this machine.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use super::super::invocation::{Credentials, Invocation};
use super::super::logs::{LogReader, LogSource, logs};
use super::super::observe::ServiceRequest;
use super::super::probe::{ProbeFindings, ProbeReader, ProbeRequest, probe};
use super::local::{Login, hear, rewritten, say, sent, stub};
use crate::model::{BecomeMethod, PythonFact};

const FILES: [(&str, &str); 6] = [
    ("01-simples/server-book.py", "01-simples/server-book.py"),
    ("01-simples/client-book.py", "01-simples/client-book.py"),
    ("02-sequencial/server.py", "02-sequencial/server.py"),
    ("client.py", "02-sequencial/client.py"),
    ("03-thread/server-thread.py", "03-thread/server-thread.py"),
    ("client.py", "03-thread/client.py"),
];

/// A lab that a root login's probe can read as nobody, too; and the only place where it may leave traces.
pub(super) struct Lab {
    _folder: tempfile::TempDir,
    pub(super) path: PathBuf,
    pub(super) scratch: PathBuf,
}

impl Lab {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my lab");
        let scratch = folder.path().join("scratch");
        fs::create_dir(&scratch).unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(&scratch, fs::Permissions::from_mode(0o1777)).unwrap();
        let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/socket");
        for (template, file) in FILES {
            let target = path.join(file);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, english(&fs::read_to_string(templates.join(template)).unwrap())).unwrap();
        }
        for variant in ["01-simples", "02-sequencial", "03-thread"] {
            fs::write(path.join(variant).join("constCS.py"), "HOST = ''\nPORT = 50007\nSERVER = ''\n")
                .unwrap();
        }
        Self { _folder: folder, path, scratch }
    }

    pub(super) fn copy(self, from: &str, to: &str) -> Self {
        fs::copy(self.path.join(from), self.path.join(to)).unwrap();
        self
    }

    pub(super) fn write(self, file: &str, text: &str) -> Self {
        fs::write(self.path.join(file), text).unwrap();
        self
    }

    fn request(&self) -> ProbeRequest {
        let socket_path = Some(self.path.to_str().unwrap().to_owned());
        ProbeRequest { socket_path, ..ProbeRequest::default() }
    }

    fn invocation(&self) -> Invocation {
        let invocation = sent(probe(&self.request()).unwrap());
        // A root login's place is /tmp, whatever TMPDIR says.
        rewritten(invocation, |program| {
            assert_eq!(program.matches("temporary=/tmp\n").count(), 1);
            program.replace("temporary=/tmp\n", &format!("temporary='{}'\n", self.scratch.display()))
        })
    }

    fn temporary(&self) -> (&str, &str) {
        ("TMPDIR", if is_root() { "/nonexistent" } else { self.scratch.to_str().unwrap() })
    }

    pub(super) fn start(&self) -> Child {
        let login = Login { environment: &[self.temporary()], ..Login::default() };
        login.start(&self.invocation())
    }

    /// Runs the probe to its end and checks that it left nothing behind.
    fn findings(&self, login: &Login<'_>) -> ProbeFindings {
        let login = Login { environment: &[self.temporary()], ..*login };
        let (output, errors) = login.run(&self.invocation());
        assert_eq!(errors, "");
        let findings = self.read(&output);
        self.assert_no_trace();
        findings
    }

    pub(super) fn read(&self, output: &[u8]) -> ProbeFindings {
        hear(ProbeReader::new(&self.request()), output).1.unwrap()
    }

    pub(super) fn lines(&self) -> String {
        self.lines_by(&Login::default())
    }

    /// The program's lines in a fixed order, with `LAB` for the lab's folder.
    pub(super) fn lines_by(&self, login: &Login<'_>) -> String {
        let mut lines = self.findings(login).socket_lines;
        lines.sort();
        lines.join("\n").replace(self.path.to_str().unwrap(), "LAB")
    }

    /// Whether a probe's private copy has a file.
    pub(super) fn has(&self, file: &str) -> bool {
        fs::read_dir(&self.scratch).unwrap().flatten().any(|work| work.path().join(file).exists())
    }

    /// Processes that a probe started, wherever they are by now.
    pub(super) fn processes(&self) -> Vec<PathBuf> {
        let scratch = self.scratch.to_str().unwrap();
        let is_ours = |process: &PathBuf| {
            let environment = fs::read(process.join("environ")).unwrap_or_default();
            fs::read_link(process.join("cwd")).is_ok_and(|folder| folder.starts_with(scratch))
                || String::from_utf8_lossy(&environment).contains(&format!("HOME={scratch}/"))
        };
        fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path()).filter(is_ours).collect()
    }

    pub(super) fn assert_no_trace(&self) {
        let left = || {
            let files = fs::read_dir(&self.scratch).unwrap().flatten().map(|entry| entry.path());
            files.chain(self.processes()).collect::<Vec<_>>()
        };
        wait_until(|| left().is_empty(), || format!("left behind: {:?}", left()));
    }
}

/// The English one of the two languages that a template holds.
fn english(template: &str) -> String {
    let lines = template.lines().filter(|line| !line.trim_start().starts_with("#pt: "));
    lines.map(|line| line.replacen("#en: ", "", 1) + "\n").collect()
}

fn is_root() -> bool {
    fs::metadata("/proc/self").unwrap().uid() == 0
}

pub(super) fn wait_until(done: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let deadline = Instant::now() + Duration::from_secs(5);
    while !done() {
        assert!(Instant::now() < deadline, "{}", otherwise());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn the_labs_own_files_pass_and_quickly() {
    let lab = Lab::new();
    let started = Instant::now();
    assert_eq!(lab.lines(), "sequential\tok\nsimple\tok\nthread\tok");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn spoilt_servers_fail_at_the_right_step() {
    let lab = Lab::new()
        .copy("02-sequencial/server.py", "01-simples/server-book.py")
        .copy("03-thread/server-thread.py", "02-sequencial/server.py")
        .write("03-thread/server-thread.py", "import constCS, nonsense\n");
    insta::assert_snapshot!(lab.lines(), @r"
    sequential	wait	second-answered	'second*'
    simple	end	still-running	server-book.py	2
    thread	start	ended-at-once	server-thread.py	ModuleNotFoundError: No module named 'nonsense'
    ");
}

#[test]
fn a_server_that_never_answers_and_one_that_serves_in_turn() {
    let silent =
        "import socket, time, constCS\nserver = socket.create_server(('', constCS.PORT))\ntime.sleep(60)\n";
    let crashing = fs::read_to_string(Lab::new().path.join("02-sequencial/server.py"))
        .unwrap()
        .replace("except ConnectionError", "except ZeroDivisionError");
    let lab = Lab::new()
        .write("01-simples/server-book.py", silent)
        .copy("02-sequencial/server.py", "03-thread/server-thread.py")
        .write("02-sequencial/server.py", &crashing);
    insta::assert_snapshot!(lab.lines(), @r"
    sequential	survive	ended	server.py	ConnectionResetError: [Errno 104] Connection reset by peer
    simple	answer	no-answer	'provision 1'	2
    thread	together	no-answer	'client 2'	2
    ");
}

#[test]
fn spoilt_clients_and_missing_files() {
    let lab = Lab::new()
        .write("01-simples/client-book.py", "print('Olá\\x1b[31m')\n")
        .write("02-sequencial/client.py", "raise SystemExit('no\\ttime')\n");
    fs::remove_file(lab.path.join("03-thread/server-thread.py")).unwrap();
    insta::assert_snapshot!(lab.lines(), @r"
    sequential	client	client-printed	client.py	'no\ttime'
    simple	client	client-printed	client-book.py	'Olá\x1b[31m'
    thread	files	missing	LAB/03-thread	server-thread.py
    ");
}

/// Each has all that it would have in a Python of its own, and what Python says of it is what Python says.
#[test]
fn programs_run_as_python_runs_them() {
    let surroundings = "import atexit, os, sys, threading\n\
        assert __name__ == '__main__' and sys.modules['__main__'].__dict__ is globals()\n\
        assert sys.argv == ['server-book.py'] and sys.stdin.read() == ''\n\
        assert os.getcwd() == sys.path[0] == os.environ['HOME'] == os.path.dirname(os.path.abspath(__file__))\n\
        assert len(os.listdir('/proc/self/fd')) == 4 and os.getsid(0) == os.getpid()\n\
        late = threading.Timer(0.05, lambda: open('threads', 'w').close())\n\
        late.start()\n\
        atexit.register(lambda: os.path.exists('threads') or os._exit(7))\n";
    let lab = Lab::new();
    let server = fs::read_to_string(lab.path.join("01-simples/server-book.py")).unwrap();
    let lab = lab
        .write("01-simples/server-book.py", &format!("{surroundings}{server}"))
        .write("02-sequencial/server.py", "while True print(1)\n");
    fs::write(lab.path.join("03-thread/client.py"), b"# caf\xe9\n").unwrap();
    let lines = lab.lines();
    let [sequential, simple, thread] = lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    assert_eq!(sequential, "sequential\tstart\tended-at-once\tserver.py\tSyntaxError: invalid syntax");
    assert_eq!(simple, "simple\tok");
    assert!(thread.contains("SyntaxError: Non-UTF-8 code starting with"), "{thread}");
}

/// A module of Python that a student's file hides is hidden, although it is loaded by then.
#[test]
fn a_student_hides_a_module_of_python() {
    let lab = Lab::new().write("02-sequencial/socket.py", "raise SystemExit('mine')\n");
    assert_eq!(
        lab.lines().lines().next().unwrap(),
        "sequential\tstart\tshadowed\tsocket.py\tended-at-once\tserver.py\tmine"
    );
}

#[test]
fn a_students_running_server_is_let_be() {
    // What the lab's own constants say is not used at all: here, a port that is taken.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let constants =
        format!("HOST = ''\nPORT = {}\nSERVER = 'localhost'\n", taken.local_addr().unwrap().port());
    let lab = Lab::new().write("02-sequencial/constCS.py", &constants);
    taken.set_nonblocking(true).unwrap();
    assert!(lab.lines().starts_with("sequential\tok"));
    assert_eq!(taken.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    assert_eq!(fs::read_to_string(lab.path.join("02-sequencial/constCS.py")).unwrap(), constants);
}

/// The protocols are spoken without the login's own variables and files; a student's program has them.
#[test]
fn python_fails_for_the_login_alone() {
    let customized = tempfile::tempdir().unwrap();
    fs::set_permissions(customized.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(customized.path().join("usercustomize.py"), "raise SystemExit(4)\n").unwrap();
    let customized = customized.path().to_str().unwrap();
    for (name, value) in [
        ("PYTHONHOME", "/nonexistent"),
        ("PYTHONSAFEPATH", "1"),
        ("PYTHONIOENCODING", "no-such"),
        ("PYTHONPATH", customized),
    ] {
        let lab = Lab::new();
        let login = Login { environment: &[(name, value), lab.temporary()], ..Login::default() };
        let (output, _) = login.run(&lab.invocation());
        let findings = lab.read(&output);
        assert_eq!(findings.socket_lines.len(), 3, "{findings:?}");
        let PythonFact::Fails(trouble) = findings.python else { panic!("{name}: {findings:?}") };
        assert!(trouble.for_login_alone && !trouble.words.is_empty(), "{trouble:?}");
        assert_eq!(trouble.variable, *format!("{name}={value}"), "{trouble:?}");
    }
}

#[test]
fn what_a_broken_python_says_is_told() {
    let folder = tempfile::tempdir().unwrap();
    stub(folder.path(), "python3", "echo 'ImportError: not today' >&2; exit 1");
    stub(folder.path(), "id", "echo 1000");
    let lab = Lab::new();
    let environment = [("TMPDIR", lab.scratch.to_str().unwrap())];
    let login = Login { stubs: Some(folder.path()), environment: &environment, ..Login::default() };
    let (output, _) = login.run(&lab.invocation());
    let PythonFact::Fails(trouble) = lab.read(&output).python else { panic!("it runs") };
    assert!(!trouble.for_login_alone && trouble.variable.is_empty(), "{trouble:?}");
    assert_eq!(trouble.words, *"ImportError: not today");
    assert_eq!(trouble.path, *folder.path().join("python3").to_str().unwrap());
}

#[test]
fn services_are_told_as_in_any_look_at_a_host() {
    let request = ProbeRequest {
        services: vec![ServiceRequest { name: "apache2".to_owned(), ..ServiceRequest::default() }],
        ..ProbeRequest::default()
    };
    let lines = [
        "begin 1000",
        "systemd",
        "unit LoadState=loaded",
        "unit ActiveState=failed",
        "unit SubState=failed",
        "unit UnitFileState=enabled",
        "unit MainPID=0",
        "no-python installed",
        "no-room /tmp",
        "end ok",
    ];
    let lines = lines.map(say).concat();
    let findings = hear(ProbeReader::new(&request), lines.as_bytes()).1.unwrap();
    let apache = &findings.services["apache2"];
    assert!(apache.exists && apache.enabled && !apache.active);
    assert_eq!(apache.state, "failed/failed");
    assert_eq!(findings.python, PythonFact::Missing { is_installed: true, version: "".into() });
    assert_eq!(findings.no_room.as_deref(), Some("/tmp"));
}

#[test]
fn the_last_words_of_services_are_told_and_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("error.log");
    let lines: Vec<String> = (1..=40).map(|number| format!("line {number}\u{1b}[31m")).collect();
    fs::write(&file, lines.join("\n")).unwrap();
    stub(
        folder.path(),
        "journalctl",
        r#"printf 'asked: %s\nforged\rline\n' "$*"; yes 'and so on' | head -n 500"#,
    );
    let sources = [
        LogSource { service: "apache2", file: file.to_str() },
        LogSource { service: "haproxy", file: Some("/nonexistent") },
    ];
    let credentials = Credentials { method: BecomeMethod::None, ..Credentials::default() };
    let login = Login { stubs: Some(folder.path()), ..Login::default() };
    let (output, errors) = login.run(&sent(logs(&sources, credentials).unwrap()));
    assert_eq!(errors, "");
    let logs = hear(LogReader::default(), &output).1.unwrap();
    let expected: Vec<String> = (29..=40).map(|number| format!("line {number}")).collect();
    assert_eq!(logs["apache2"].file, expected);
    assert_eq!(logs["apache2"].journal.len(), 12);
    assert_eq!(logs["haproxy"].file, Vec::<String>::new());
    assert!(logs["haproxy"].journal.iter().all(|line| line == "and so on"), "{logs:?}");
}
