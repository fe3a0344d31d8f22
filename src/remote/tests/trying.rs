//! Commands of practices against a real shell: whatever they do, they end, and what they printed is bounded.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::super::invocation::RunAs;
use super::super::trial::{TrialRequest, Trials, trials};
use super::local::{Login, hear, rewritten, sent, stub};
use crate::model::Trial;

const SHELLS: [&[&str]; 2] = [&["dash"], &["busybox", "sh"]];

fn tried_by(shell: &[&str], texts: &[&str], seconds: u64) -> Vec<Trial> {
    let requests: Vec<_> =
        texts.iter().map(|run| TrialRequest { run, limit: Duration::from_secs(seconds) }).collect();
    let program = || trials(&requests, RunAs::Login);
    let folder = tempfile::tempdir().unwrap();
    let place = format!("folder={}", folder.path().display());
    let invocation = rewritten(sent(program()), |text| text.replace("folder=/run", &place));
    let environment = [("TMPDIR", folder.path().to_str().unwrap())];
    let (output, errors) = Login { shell, environment: &environment, ..Login::default() }.run(&invocation);
    assert_eq!(errors, "");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "something is left behind");
    match hear(program().reader, &output).1.unwrap() {
        Trials::Ended(ended) => ended,
        Trials::NoRoom(folder) => panic!("no room in {folder:?}"),
    }
}

fn tried(texts: &[&str]) -> Vec<Trial> {
    tried_by(&["dash"], texts, 20)
}

#[test]
fn each_command_ends_with_its_status_and_what_it_printed() {
    for shell in SHELLS {
        let ended = tried_by(
            shell,
            &[
                "echo one; echo two >&2",
                "printf 'a b\\n'; exit 3",
                "no-such-program-anywhere",
                "kill -9 $$",
                "if read -r line; then echo \"$line\"; else echo nothing; fi",
                "echo '$(id)' \"'\" é; : '\n'",
                "[ ! -t 0 ] && [ ! -t 1 ] && ! (: >/dev/tty) 2>/dev/null && echo no terminal",
                "printf '\\033[2J\\000x\\r\\n'",
                "readlink /proc/self/fd/0; ls -l /proc/self/fd | grep -c provision",
                "kill -9 $PPID; sleep 60",
            ],
            20,
        );
        let ended: Vec<_> = ended.iter().map(|trial| (trial.status, trial.printed.raw())).collect();
        let shell = shell[0];
        assert_eq!(ended[0], (Some(0), "one\ntwo\n"), "{shell}");
        assert_eq!(ended[1], (Some(3), "a b\n"), "{shell}");
        assert_eq!(ended[2].0, Some(127), "{shell}");
        assert!(ended[2].1.contains("not found"), "{shell}: {ended:?}");
        assert_eq!(ended[3].0, Some(137), "{shell}");
        assert_eq!(ended[4], (Some(0), "nothing\n"), "{shell}");
        assert_eq!(ended[5], (Some(0), "$(id) ' é\n"), "{shell}");
        assert_eq!(ended[6], (Some(0), "no terminal\n"), "{shell}");
        assert_eq!(ended[7], (Some(0), "\u{1b}[2J\0x\r\n"), "{shell}");
        // The pipe that takes its errors; its output goes to `grep` there.
        assert_eq!(ended[8], (Some(0), "/dev/null\n1\n"), "{shell}");
        assert_eq!(ended[9].0, Some(137), "{shell}");
    }
}

#[test]
fn a_flood_is_bounded_and_does_not_hide_its_end() {
    let ended = tried(&["head -c 10000000 /dev/zero | tr '\\0' x; echo; echo Listeners; exit 4"]);
    assert_eq!(ended[0].status, Some(4));
    assert_eq!(ended[0].printed.raw().len(), 262_144);
    assert!(ended[0].printed.raw().ends_with("x\nListeners\n"));
}

/// The process that sleeps so many seconds.
fn sleeper(seconds: &str) -> Option<Pid> {
    let sleeps = format!("sleep\0{seconds}\0");
    let mut processes = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    let found = processes.find(|process| {
        fs::read(process.path().join("cmdline")).is_ok_and(|words| words == sleeps.as_bytes())
    })?;
    Pid::from_raw(found.file_name().to_str()?.parse().ok()?)
}

#[test]
fn what_does_not_end_is_ended_with_all_that_it_began() {
    for (shell, [first, second]) in SHELLS.into_iter().zip([["7301", "7302"], ["7303", "7304"]]) {
        let began = Instant::now();
        let waits = format!("trap '' TERM; echo waiting; sleep {first} & sleep {second}");
        let ended = tried_by(shell, &[&waits, "yes", "cat </dev/zero >/dev/null", "echo well"], 1);
        let statuses: Vec<_> = ended.iter().map(|trial| trial.status).collect();
        assert_eq!(statuses, [None, None, None, Some(0)], "{shell:?}");
        assert_eq!(ended[0].printed.raw(), "waiting\n");
        assert!(ended[0].took >= Duration::from_secs(1));
        assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
        assert_eq!([first, second].map(sleeper), [None, None], "{shell:?}");
    }
}

#[test]
fn a_daemon_that_keeps_the_output_open_holds_up_nobody() {
    for (shell, seconds) in SHELLS.into_iter().zip(["7311", "7312"]) {
        let began = Instant::now();
        let forks = format!("sleep {seconds} & echo began");
        let escapes = format!("setsid sleep {seconds}1 & echo escaped");
        let ended = tried_by(shell, &[&forks, &escapes], 60);
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let ended: Vec<_> = ended.iter().map(|trial| (trial.status, trial.printed.raw())).collect();
        assert_eq!(ended, [(Some(0), "began\n"), (Some(0), "escaped\n")]);
        assert_eq!(sleeper(seconds), None, "{shell:?}");
        kill_process(sleeper(&format!("{seconds}1")).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn without_room_for_what_is_printed_nothing_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("ran");
    let run = format!("touch {}", mark.display());
    let requests = [TrialRequest { run: &run, limit: Duration::from_secs(5) }];
    let stubs = tempfile::tempdir().unwrap();
    stub(stubs.path(), "mktemp", "exit 1");
    let login = Login { stubs: Some(stubs.path()), ..Login::default() };
    let (output, _) = login.run(&sent(trials(&requests, RunAs::Login)));
    let found = hear(trials(&requests, RunAs::Login).reader, &output).1.unwrap();
    assert!(matches!(found, Trials::NoRoom(_)), "{found:?}");
    assert!(!mark.exists());
}
