//! drill.sh with services that are a file of the test's, and with a HAProxy that the test plays: what it takes out
//! comes back, also when nobody is left to order it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixListener;
use std::process::Child;
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;

use super::super::drill::{DrillEvent, DrillReader, DrillTarget, HOLD, PARTS, encode, encode_hold};
use super::super::invocation::{Invocation, RunAs, invoke};
use super::local::{Login, events, nonce, stub};
use crate::model::{Failure, FailureKind};

/// A machine whose only service is the word in a file, with and without systemd.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new(state: &str) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.folder.path().join("run")).unwrap();
        fs::create_dir(machine.folder.path().join("stubs")).unwrap();
        fs::write(machine.folder.path().join("state"), state).unwrap();
        machine.stub("apache2ctl", "echo Syntax OK");
        let here = machine.folder.path().display();
        let set = |state: &str| format!("echo {state} >{here}/state; echo {state} >>{here}/log");
        let (start, stop) = (set("running"), set("stopped"));
        machine.stub(
            "service",
            &format!("case $2 in start) {start} ;; stop) {stop} ;; *) grep -q running {here}/state ;; esac"),
        );
        machine.stub(
            "systemctl",
            &format!(
                "case $* in *stop*timer) [ ! -e {here}/timer ] || kill -TERM -$(cat {here}/timer) ;; *is-active*timer) \
                 echo active ;; is-active*) grep -q running {here}/state && echo active ;; start*) {start} ;; stop*) \
                 {stop} ;; esac"
            ),
        );
        machine.stub(
            "systemd-run",
            &format!(
                "for word; do case $word in --on-active=*) limit=${{word#*=}} ;; esac; done; while [ \"$1\" != -- ]; \
                 do shift; done; shift; setsid sh -c \"sleep $limit; \\\"\\$@\\\"\" timer \"$@\" </dev/null >/dev/null \
                 2>&1 & echo $! >{here}/timer"
            ),
        );
        machine
    }

    fn stub(&self, name: &str, body: &str) {
        stub(&self.folder.path().join("stubs"), name, body);
    }

    fn invocation(&self, target: DrillTarget<'_>, limit: u64) -> Invocation {
        let run = format!("{}/run", self.folder.path().display());
        let data = encode(target, Duration::from_secs(limit), "/nonexistent", &run).unwrap();
        invoke(RunAs::Login, &nonce(), PARTS, data).unwrap()
    }

    fn hold(&self, limit: u64) -> Child {
        let data = encode_hold(Duration::from_secs(limit), &format!("{}/run", self.folder.path().display()));
        Login::default().start(&invoke(RunAs::Login, &nonce(), HOLD, data).unwrap())
    }

    fn start(&self, target: DrillTarget<'_>, limit: u64) -> Child {
        let stubs = self.folder.path().join("stubs");
        Login { stubs: Some(&stubs), ..Login::default() }.start(&self.invocation(target, limit))
    }

    fn state(&self) -> String {
        fs::read_to_string(self.folder.path().join("state")).unwrap().trim().to_owned()
    }

    /// Every change of the service.
    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default().replace('\n', " ")
    }

    fn left_in_run(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path().join("run")).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

/// Reads what the program says up to a word.
fn await_word(child: &mut Child, word: &str) -> BufReader<std::process::ChildStdout> {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while !line.ends_with(&format!(" {word}\n")) {
        line.clear();
        assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ended without `{word}`");
    }
    output
}

/// Runs it to its end with stdin open.
fn run(mut child: Child) -> (Vec<DrillEvent>, Result<(), Failure>) {
    let mut output = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
    child.wait().unwrap();
    events(DrillReader, &output)
}

/// What is told of a drill from its beginning to its end.
const WHOLE: [DrillEvent; 4] =
    [DrillEvent::Leaving, DrillEvent::Left, DrillEvent::Returning, DrillEvent::Returned];

const APACHE: DrillTarget<'_> =
    DrillTarget::Service { name: "apache2", check: Some("apache2ctl configtest") };

#[test]
fn closing_stdin_brings_it_back_once() {
    let machine = Machine::new("running");
    let mut child = machine.start(APACHE, 2);
    let mut output = await_word(&mut child, "left");
    assert_eq!(machine.state(), "stopped");
    drop(child.stdin.take());
    let mut rest = String::new();
    output.read_to_string(&mut rest).unwrap();
    child.wait().unwrap();
    let words: Vec<&str> =
        rest.lines().filter_map(|line| line.split_once(' ')).map(|(_, rest)| rest).collect();
    assert_eq!(words, ["returning", "returned", "end ok"]);
    // The timer was disarmed: nothing happens when its time comes.
    sleep(Duration::from_millis(2_500));
    assert_eq!(machine.log(), "stopped running ");
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
}

#[test]
fn it_comes_back_when_its_time_is_up() {
    let machine = Machine::new("running");
    let (events, end) = run(machine.start(APACHE, 1));
    assert_eq!(events, WHOLE);
    assert_eq!((end, machine.state().as_str()), (Ok(()), "running"));
}

#[test]
fn it_comes_back_when_the_program_is_killed() {
    let machine = Machine::new("running");
    let mut child = machine.start(APACHE, 1);
    let output = await_word(&mut child, "left");
    kill_process_group(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    drop(output);
    assert_eq!(machine.state(), "stopped");
    let deadline = Instant::now() + Duration::from_secs(20);
    while machine.state() != "running" {
        assert!(Instant::now() < deadline, "it never came back");
        sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_does_not_run_is_not_taken_out() {
    let machine = Machine::new("stopped");
    let (events, end) = run(machine.start(APACHE, 5));
    let [DrillEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(failure.message.english(), "apache2 does not run, so there is nothing to take out");
    assert!(end.is_err());
    assert_eq!(machine.log(), "");
}

#[test]
fn a_service_that_could_not_start_again_is_not_stopped() {
    let machine = Machine::new("running");
    let mut told = Vec::new();
    for said in [
        "AH00526: Syntax error on line 3 of /etc/apache2/conf-enabled/ana.conf:\\nInvalid command",
        "apache2: Could not open configuration file",
    ] {
        machine.stub("apache2ctl", &format!("printf '{said}\\n' >&2; exit 1"));
        let (events, end) = run(machine.start(APACHE, 5));
        let [DrillEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
        assert!(end.is_err());
        told.push(failure.message.english().to_owned());
    }
    assert_eq!(
        told,
        [
            "its configuration is broken in /etc/apache2/conf-enabled/ana.conf, so the service could not start again",
            "its configuration is broken, so the service could not start again",
        ]
    );
    assert_eq!(machine.log(), "");
}

#[test]
fn the_first_fault_is_the_one_that_is_told() {
    let machine = Machine::new("running");
    machine.stub("service", "[ \"$2\" = status ]");
    machine.stub("systemctl", "case $* in is-active*) echo active ;; *) exit 1 ;; esac");
    let (events, _) = run(machine.start(APACHE, 30));
    let Some(DrillEvent::Failed(failure)) = events.last() else { panic!("{events:?}") };
    assert_eq!(failure.message.english(), "apache2 could not be stopped");
}

#[test]
fn without_a_timer_nothing_is_taken_out() {
    let machine = Machine::new("running");
    machine.stub("systemd-run", "echo no bus; exit 1");
    machine.stub("setsid", "exit 1");
    let (events, _) = run(machine.start(APACHE, 5));
    let [DrillEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(failure.message.english(), "the host did not set the timer that brings the server back");
    assert_eq!(machine.log(), "");
}

/// Plays HAProxy for so many orders, and gives them back.
fn haproxy(machine: &Machine, answers: &'static [&'static str]) -> (String, JoinHandle<Vec<String>>) {
    let path = machine.folder.path().join("admin.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let serve = move || {
        let answered = answers.iter().map(|answer| {
            let (mut stream, _) = listener.accept().unwrap();
            let mut order = String::new();
            BufReader::new(&stream).read_line(&mut order).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            order
        });
        answered.collect()
    };
    (path.display().to_string(), thread::spawn(serve))
}

#[test]
fn haproxy_is_told_through_its_socket() {
    let machine = Machine::new("running");
    let (socket, orders) = haproxy(&machine, &["\n", "\n"]);
    let target = DrillTarget::Server {
        service: "haproxy",
        socket: &socket,
        backend: "backend_servers",
        server: "web03",
    };
    let (events, end) = run(machine.start(target, 1));
    assert_eq!((events, end), (WHOLE.to_vec(), Ok(())));
    let maint = "set server backend_servers/web03 state maint\n";
    assert_eq!(orders.join().unwrap(), [maint, &maint.replace("maint", "ready")]);
}

#[test]
fn an_order_that_haproxy_refuses_is_a_failure_with_its_words() {
    let machine = Machine::new("running");
    let (socket, orders) = haproxy(&machine, &["Permission denied\n\n", "\n"]);
    let target = DrillTarget::Server {
        service: "haproxy",
        socket: &socket,
        backend: "backend_servers",
        server: "web03",
    };
    let (events, _) = run(machine.start(target, 1));
    let [DrillEvent::Leaving, DrillEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
    assert!(
        failure.hint.as_ref().unwrap().english().starts_with("it says: Permission denied; "),
        "{failure:?}"
    );
    // Nothing has to come back, now or when the timer's time comes.
    sleep(Duration::from_millis(2_500));
    assert!(!orders.is_finished());

    let target = DrillTarget::Server {
        service: "haproxy",
        socket: "/nonexistent/s",
        backend: "backend_servers",
        server: "web03",
    };
    let (events, _) = run(machine.start(target, 5));
    let [DrillEvent::Failed(failure)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(failure.message.english(), "haproxy has no runtime socket at /nonexistent/s");
}

#[test]
fn what_another_run_holds_is_refused_at_once() {
    let machine = Machine::new("running");
    let mut first = machine.start(APACHE, 60);
    let first_says = await_word(&mut first, "left");
    let began = Instant::now();
    let (events, end) = run(machine.start(APACHE, 60));
    assert!(events.is_empty() && began.elapsed() < Duration::from_secs(5), "{events:?}");
    let failure = end.unwrap_err();
    assert_eq!((failure.kind, failure.message.english()), (FailureKind::Busy, "another run holds the host"));
    let who = format!("process {} there, started by root ", first.id());
    assert!(failure.hint.as_ref().unwrap().english().starts_with(&who), "{failure:?}");
    drop(first.stdin.take());
    drop(first_says);
    first.wait().unwrap();
    assert_eq!(machine.log(), "stopped running ");
}

#[test]
fn one_drill_of_a_cluster_at_a_time() {
    let machine = Machine::new("running");
    let mut first = machine.hold(60);
    let mut first_says = await_word(&mut first, "held");
    let (events, end) = run(machine.hold(60));
    assert_eq!(events, []);
    let failure = end.unwrap_err();
    let told = (failure.kind, failure.message.english());
    assert_eq!(told, (FailureKind::Busy, "another drill of this cluster is under way"));
    let who = format!("process {} on the balancer, started by root ", first.id());
    assert!(failure.hint.as_ref().unwrap().english().starts_with(&who), "{failure:?}");
    // A run on the same host is another matter.
    assert_eq!(run(machine.start(APACHE, 1)).0, WHOLE);

    drop(first.stdin.take());
    let mut rest = String::new();
    first_says.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with(" end ok\n"), "{rest:?}");
    first.wait().unwrap();
    // Whoever does not close stdin has it for a while only.
    assert_eq!(run(machine.hold(1)), (vec![DrillEvent::Held], Ok(())));
    assert_eq!(run(machine.hold(1)), (vec![DrillEvent::Held], Ok(())));
}

#[test]
fn a_killed_holder_holds_no_longer_than_its_connection() {
    let machine = Machine::new("running");
    let mut first = machine.hold(60);
    let first_says = await_word(&mut first, "held");
    kill_process_group(Pid::from_child(&first), Signal::KILL).unwrap();
    first.wait().unwrap();
    drop((first_says, first.stdin.take()));
    let deadline = Instant::now() + Duration::from_secs(10);
    while run(machine.hold(1)).1.is_err() {
        assert!(Instant::now() < deadline, "the lock is held for ever");
    }
}
