//! Commands of the user's, by apply.sh and reset.sh with real shells: whatever one does, the run goes on and says so.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use super::super::dialogue::{End, Heard};
use super::super::events::ApplyEvent;
use super::local::Story;
use super::machine::Machine;
use crate::model::{
    Command, Failure, FailureKind, File, Guard, Resource, ResourceId, Script, Service, sha256,
};
use crate::remote::sentence;

/// On a machine whose programs are run by this shell.
fn machine(shell: &str) -> Machine {
    let machine = Machine::new();
    machine.stub("sh", &format!("exec {shell} \"$@\""));
    machine
}

const SHELLS: [&str; 2] = ["/usr/bin/dash", "/usr/bin/busybox sh"];

fn command(run: &str, unless: &str) -> Command {
    Command {
        role: "cache".to_owned(),
        name: "make it".to_owned(),
        run: Script::Shell(run.to_owned()),
        guard: Guard::Unless(unless.to_owned()),
        undo: None,
        limit: Duration::from_secs(20),
        after_services: false,
    }
}

/// What a single command comes to, with all that was heard meanwhile.
fn outcome(machine: &Machine, command: Command) -> (Story<ApplyEvent>, Option<Failure>) {
    let (story, end) = machine.hear(&machine.apply(&[Resource::Command(command)]));
    let failed = story.iter().find_map(|heard| match heard {
        Heard::Event(ApplyEvent::Failed(0, failure, _)) => Some(failure.clone()),
        _ => None,
    });
    assert_eq!(end, Ok(if failed.is_some() { End::Failed } else { End::Complete }), "{story:?}");
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
    (story, failed)
}

fn key(command: &Command) -> String {
    let id = ResourceId::new(format!("command:{}/{}", command.role, command.name));
    sha256(id.as_str().as_bytes())[..16].to_owned()
}

/// Whether the machine that runs these tests has its services from systemd.
fn has_systemd() -> bool {
    Path::new("/run/systemd/system").is_dir()
}

/// Whether a process is more than what nobody has waited for.
fn runs(process: &str) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", process.trim()));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

fn lines(path: &str) -> usize {
    fs::read_to_string(path).map_or(0, |text| text.lines().count())
}

#[test]
fn a_guard_is_asked_before_and_after_and_alone_where_it_holds() {
    for shell in SHELLS {
        let machine = machine(shell);
        let (asked, ran, made) = (machine.at("asked"), machine.at("ran"), machine.at("etc/it's made"));
        let unless = format!("echo >>{asked}\n[ -e \"{made}\" ]");
        let once = command(&format!("echo >>{ran}\n: >\"{made}\""), &unless);
        assert_eq!(outcome(&machine, once.clone()).1, None);
        assert_eq!((lines(&asked), lines(&ran)), (2, 1));
        let record =
            fs::read_to_string(machine.at(&format!("journal/entries/{}/record", key(&once)))).unwrap();
        assert_eq!(record, format!("{} command files-1 done - cache/make it\n", key(&once)));

        assert_eq!(outcome(&machine, once.clone()).1, None);
        assert_eq!((lines(&asked), lines(&ran)), (3, 1));

        // By what it makes, which is a link that leads nowhere.
        let link = machine.at("etc/link");
        let run = Script::Shell(format!("ln -s nowhere {link}; echo >>{ran}"));
        let by_path = Command { guard: Guard::Creates(link), run, name: "link".to_owned(), ..once };
        for _ in 0..2 {
            assert_eq!(outcome(&machine, by_path.clone()).1, None);
            assert_eq!(lines(&ran), 2);
        }
    }
}

#[test]
fn what_others_did_is_not_remembered_as_ours() {
    let machine = machine(SHELLS[0]);
    let done = command("exit 1", "true");
    assert_eq!(outcome(&machine, done.clone()).1, None);
    assert!(!Path::new(&machine.at(&format!("journal/entries/{}", key(&done)))).exists());
}

#[test]
fn a_command_knows_nothing_of_us() {
    for shell in SHELLS {
        let machine = machine(shell);
        let told = machine.at("told");
        let run = format!(
            "readlink /proc/self/fd/* | grep -e {} -e provision >&2 && exit 1\nexec >{told}\nreadlink /proc/$$/fd/0\n\
             [ \"$(cut -d ' ' -f 6 /proc/$$/stat)\" = \"$(cut -d ' ' -f 6 /proc/$PPID/stat)\" ] && echo one session\n\
             (exec </dev/tty) 2>/dev/null || echo no terminal\nread -r line || echo nothing to read\npwd\n\
             env | grep -v -e ^PATH= -e ^PWD= -e ^OLDPWD= -e ^SHLVL= -e ^_= | cut -d = -f 1 | sort | tr '\\n' ' '\n\
             sed -n 's/^SigIgn:.//p' /proc/self/status",
            machine.at("run")
        );
        let (_, failure) =
            outcome(&machine, command(&format!("({run}) 2>{told}.errors"), &format!("[ -s {told} ]")));
        let told = fs::read_to_string(told).unwrap();
        assert_eq!(failure, None, "{told}");
        let (told, ignored) = told.split_once("USER ").unwrap();
        let expected = "/dev/null\none session\nno terminal\nnothing to read\n/\nDEBIAN_FRONTEND HOME LC_ALL LOGNAME PROVISION_COMMAND \
                        SHELL ";
        assert_eq!(told, expected, "{shell}");
        // Neither HUP (1) nor PIPE (13).
        assert_eq!(u64::from_str_radix(ignored.trim(), 16).unwrap() & 0x1001, 0, "{shell}");
    }
}

#[test]
fn whatever_a_command_does_its_failure_is_told_at_once() {
    let cases = [
        ("echo almost; echo 'no space left' >&2; exit 3", "status 3", "no space left"),
        ("no-such-program --now", "status 127", "not found"),
        ("yes flood | head -c 30000000; echo the end; exit 4", "status 4", "the end"),
        ("head -c 3000000 /dev/zero; tr '\\0' x </dev/zero | head -c 3000000; exit 5", "status 5", "xxxx"),
        (
            "printf '\\033[2J\\033]0;owned\\007red\\r\\nlast\\033[31m line\\n'; exit 6",
            "status 6",
            "last line",
        ),
        ("echo dying; kill -KILL $$", "status 137", "dying"),
        ("echo dying; kill -KILL 0", "status 137", "dying"),
        ("echo orphan; kill -KILL $PPID; sleep 60", "status 137", "orphan"),
        ("echo password: >/dev/tty || exit 7", "status 7", "/dev/tty"),
        ("cat; read -r answer || exit 8", "status 8", "in the log"),
        ("sleep 61 & echo left; exit 9", "status 9", "left"),
        ("setsid sleep 62 & echo away; exit 10", "status 10", "away"),
        ("printf '%s begin 0\\n' 5a5a5a; exit 11", "status 11", "begin 0"),
    ];
    for shell in SHELLS {
        for (run, told, said) in cases {
            let machine = machine(shell);
            let began = Instant::now();
            let (story, failure) = outcome(&machine, command(run, "false"));
            let failure = failure.unwrap_or_else(|| panic!("{run}: {story:?}"));
            assert!(began.elapsed() < Duration::from_secs(8), "{run} took {:?}", began.elapsed());
            assert_eq!(failure.kind, FailureKind::Command);
            let message = format!("the command cache/make it ended with {told}");
            assert_eq!(failure.message.english(), message, "{shell}: {run}");
            assert!(failure.hint.unwrap().english().contains(said), "{shell}: {run}");
            let log =
                story.iter().filter(|heard| matches!(heard, Heard::Log(line) if !line.trim().is_empty()));
            assert!(log.count() <= 12, "{shell}: {run}");
        }
    }
}

#[test]
fn nothing_of_a_session_is_left_of_a_command_that_failed() {
    for shell in SHELLS {
        let machine = machine(shell);
        let left = machine.at("left");
        let run =
            format!("sleep 63 & echo $! >{left}; (trap '' TERM; exec sleep 64) & echo $! >>{left}; exit 1");
        assert!(outcome(&machine, command(&run, "false")).1.is_some());
        for process in fs::read_to_string(&left).unwrap().lines() {
            assert!(!runs(process), "{shell}: {process} is left");
        }
    }
}

/// Elsewhere than with systemd it may be a service that a script of the system began, which nobody would begin again.
#[test]
fn what_left_the_session_of_a_failed_command_ends_too_beside_systemd() {
    for shell in SHELLS {
        let machine = machine(shell);
        let left = machine.at("left");
        let run = format!("setsid sh -c 'echo $$ >{left}; exec sleep 69' & sleep 0.5; exit 1");
        assert!(outcome(&machine, command(&run, "false")).1.is_some());
        let process = fs::read_to_string(&left).unwrap();
        assert_eq!(runs(&process), !has_systemd(), "{shell}");
        let _ = std::process::Command::new("kill").arg(process.trim()).status();
    }
}

#[test]
fn a_command_has_its_time_and_what_it_began_ends_with_it() {
    for shell in SHELLS {
        for run in ["sleep 65 & echo waiting; wait", "trap '' TERM; echo deaf; sleep 66; sleep 67"] {
            let machine = machine(shell);
            let began = Instant::now();
            let slow = Command { limit: Duration::from_secs(1), ..command(run, "false") };
            let (story, failure) = outcome(&machine, slow);
            assert!(began.elapsed() < Duration::from_secs(10), "{run} took {:?}", began.elapsed());
            let message = "the command cache/make it took longer than 1 s and was ended";
            assert_eq!(failure.unwrap().message.english(), message, "{shell}: {run}");
            assert!(
                story
                    .iter()
                    .any(|heard| matches!(heard, Heard::Log(line) if line == "waiting" || line == "deaf"))
            );
        }
    }
}

#[test]
fn a_daemon_that_is_left_behind_holds_nothing_up() {
    for shell in SHELLS {
        let machine = machine(shell);
        let (daemon, made) = (machine.at("daemon"), machine.at("made"));
        let began = Instant::now();
        let run = format!("sleep 68 & echo $! >{daemon}; : >{made}");
        assert_eq!(outcome(&machine, command(&run, &format!("[ -e {made} ]"))).1, None);
        assert!(began.elapsed() < Duration::from_secs(5));
        let daemon = fs::read_to_string(daemon).unwrap();
        assert!(runs(&daemon), "it was meant to stay");
        std::process::Command::new("kill").arg(daemon.trim()).status().unwrap();
    }
}

#[test]
fn a_command_that_did_not_do_it_failed() {
    let machine = machine(SHELLS[0]);
    let (_, failure) = outcome(&machine, command("echo done", "false"));
    let message = "the command cache/make it ended well, and its guard is still open";
    assert_eq!(failure.unwrap().message.english(), message);
}

#[test]
fn a_script_is_read_by_what_its_first_line_names() {
    let machine = machine(SHELLS[0]);
    let path = machine.at("etc/made");
    let python = format!(
        "#! /usr/bin/env  python3 \nimport sys\nopen({path:?}, 'w').write('%s' % sys.version_info[0])\n"
    );
    for (script, made) in [
        (python, "3"),
        (format!("#!/bin/sh -e\nfalse || printf shell >{path}\n"), "shell"),
        (format!("printf '%s' \"$0\" | grep -q '^/.*run$' && printf plain >{path}"), "plain"),
    ] {
        let run = Script::Program(script);
        let program = Command { run, ..command("", &format!("grep -q {made} {path}")) };
        assert_eq!(outcome(&machine, program).1, None, "{made}");
        assert_eq!(fs::read_to_string(&path).unwrap(), made);
    }
    let gone = Command { run: Script::Program("#!/no/such/reader\n".to_owned()), ..command("", "false") };
    assert!(outcome(&machine, gone).1.unwrap().message.english().ends_with("status 127"));
}

/// A file of a service changes, and then a command fails: the reload stays due.
#[test]
fn a_reload_is_not_forgotten_when_a_command_fails() {
    let machine = machine(SHELLS[0]);
    let file = File { notify: Some("cache".to_owned()), ..File::of_text(machine.at("etc/cache.conf"), "x") };
    let service = Service { name: "cache".to_owned(), ..Service::default() };
    let wanted =
        [Resource::File(file), Resource::Command(command("exit 1", "false")), Resource::Service(service)];
    let (events, end) = machine.run(&machine.apply(&wanted));
    assert_eq!(end, Ok(End::Failed));
    assert!(!events.contains(&ApplyEvent::Started(2)), "{events:?}");
    assert!(Path::new(&machine.at("journal/due/cache")).is_dir());
}

#[test]
fn reset_takes_commands_back_in_reverse_and_says_what_stays() {
    for shell in SHELLS {
        let machine = machine(shell);
        let told = machine.at("told");
        let made = |name: &str, undo: bool, after_services: bool| {
            let path = machine.at(&format!("etc/{name}"));
            let undo = undo.then(|| format!("rm {path}; echo {name} >>{told}"));
            let run = Script::Shell(format!(": >{path}"));
            let guard = Guard::Creates(path);
            let name = name.to_owned();
            Command { name, run, guard, undo, after_services, ..command("", "") }
        };
        let all = [
            made("first", true, false),
            made("second", true, false),
            made("stays", false, false),
            made("last", true, true),
        ];
        machine.converge(&all.map(Resource::Command));
        let plan: Vec<String> =
            machine.plan_reset().iter().map(|step| step.change.resource.to_string()).collect();
        let expected = ["cache/last", "cache/stays", "cache/second", "cache/first"];
        assert_eq!(plan[..4], expected.map(|name| format!("command:{name}")));
        let after = machine.plan_reset()[0].change.after.clone().unwrap();
        assert!(after.english().starts_with("rm "), "{after:?}");
        let events = machine.reset();
        assert_eq!(fs::read_to_string(&told).unwrap(), "last\nsecond\nfirst\n");
        let note = "what the command cache/stays did stays: it came without an undo";
        assert!(events.contains(&ApplyEvent::Note(sentence::note(note))), "{events:?}");
        assert_eq!(machine.tree().len(), 1);
        assert!(!Path::new(&machine.at("journal")).exists());
    }
}

#[test]
fn an_undo_that_fails_is_told_and_tried_again() {
    let machine = machine(SHELLS[0]);
    let (made, ready) = (machine.at("etc/made"), machine.at("ready"));
    let undo = format!("[ -e {ready} ] || {{ echo not yet; exit 2; }}; rm {made}");
    let made = Command {
        undo: Some(undo),
        guard: Guard::Creates(made.clone()),
        ..command(&format!(": >{made}"), "")
    };
    machine.converge(&[Resource::Command(made)]);
    let (events, end) = machine.run(&machine.reset_invocation());
    assert_eq!(end, Ok(End::Failed));
    let failed = events.iter().find_map(|event| match event {
        ApplyEvent::Failed(0, failure, _) => Some(failure.clone()),
        _ => None,
    });
    let failure = failed.unwrap();
    assert_eq!(failure.message.english(), "what takes back the command cache/make it ended with status 2");
    assert!(failure.hint.unwrap().english().starts_with("it says: not yet; "));
    fs::write(ready, "").unwrap();
    machine.reset();
    assert!(machine.tree().is_empty());
}

/// Every tool with which a run works dies with the whole run at its first, second … use: the next one converges, and the
/// command is never forgotten once it may have begun.
#[test]
fn wherever_a_run_dies_the_next_one_converges() {
    let mut nth = 0;
    loop {
        nth += 1;
        let machine = machine(SHELLS[0]);
        let made = machine.at("etc/made");
        let undo = Some(format!("rm -f {made}"));
        let wanted = Command { undo, ..command(&format!(": >{made}"), &format!("[ -e {made} ]")) };
        let count = machine.at("count");
        for tool in ["mkdir", "mv", "cp", "sync", "mkfifo", "setsid", "timeout"] {
            let body = format!(
                "echo >>{count}\n[ $(/usr/bin/wc -l <{count}) -ne {nth} ] || kill -KILL 0\nPATH=/usr/bin:/bin exec {tool} \"$@\""
            );
            machine.stub(tool, &body);
        }
        let (events, _) = machine.run(&machine.apply(&[Resource::Command(wanted.clone())]));
        let uses = lines(&count);
        fs::remove_dir_all(machine.at("stubs")).unwrap();
        if Path::new(&made).exists() {
            let entry = machine.at(&format!("journal/entries/{}/undo", key(&wanted)));
            assert!(Path::new(&entry).is_file(), "killed at {nth}: {events:?}");
        }
        machine.converge(&[Resource::Command(wanted)]);
        assert_eq!(machine.tree().len(), 1, "killed at {nth}");
        machine.reset();
        assert!(machine.tree().is_empty(), "killed at {nth}");
        if nth > uses {
            assert!(nth > 12, "the stubs were not used");
            break;
        }
    }
}
