//! apply.sh and reset.sh on files, links and folders below a temporary folder: what they leave, whatever fails or dies.

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::super::dialogue::{End, Heard};
use super::super::events::{ApplyEvent, ApplyReader};
use super::local::{Login, events, events_of, rewritten};
use super::machine::{Machine, change};
use crate::model::{
    Directory, Failure, FailureKind, File, Link, Operation, Resource, Service, ServiceFact, Validator, sha256,
};
use crate::remote::sentence;

fn file(path: String, content: &str, validator: Option<Validator>, notify: Option<&str>) -> Resource {
    Resource::File(File { validator, notify: notify.map(str::to_owned), ..File::of_text(path, content) })
}

fn link(path: String, target: &str) -> Resource {
    Resource::Link(Link { path, target: target.to_owned(), notify: None })
}

/// A service that no machine has, so that its step always fails.
fn no_service() -> Resource {
    Resource::Service(Service { name: "no-such-service".to_owned(), ..Service::default() })
}

fn failure<'events>(events: &'events [ApplyEvent]) -> &'events Failure {
    let failed = |event: &'events ApplyEvent| match event {
        ApplyEvent::Failed(_, failure, _) => Some(failure),
        _ => None,
    };
    events.iter().find_map(failed).unwrap_or_else(|| panic!("nothing failed: {events:?}"))
}

#[test]
fn a_file_keeps_owner_and_mode_and_what_stood_there_is_remembered() {
    let machine = Machine::new();
    let path = machine.at("etc/a $(id) ç.conf");
    fs::write(&path, "old\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o664)).unwrap();
    machine.converge(&[file(path.clone(), "new 'quoted' $HOME\n\n", None, None)]);
    assert_eq!(fs::read_to_string(&path).unwrap(), "new 'quoted' $HOME\n\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o664);
    assert_eq!(machine.tree().len(), 1);
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
    let journal = fs::metadata(machine.at("journal")).unwrap();
    assert_eq!(journal.permissions().mode() & 0o777, 0o700);

    machine.converge(&[file(path.clone(), "newer", None, None)]);
    machine.reset();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o664);
}

#[test]
fn a_file_that_others_could_not_read_gets_its_mode() {
    let machine = Machine::new();
    let path = machine.at("etc/index.html");
    fs::write(&path, "page").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    machine.converge(&[file(path.clone(), "page", None, None)]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o644);
}

#[test]
fn reset_puts_everything_back_as_it_was() {
    let machine = Machine::new();
    fs::write(machine.at("etc/kept"), "before").unwrap();
    symlink("nowhere", machine.at("etc/link")).unwrap();
    fs::create_dir(machine.at("etc/folder")).unwrap();
    fs::set_permissions(machine.at("etc/folder"), fs::Permissions::from_mode(0o750)).unwrap();
    let before = machine.tree();
    machine.converge(&[
        Resource::Directory(Directory::with_mode(machine.at("etc/folder"), 0o755)),
        Resource::Directory(Directory::with_mode(machine.at("etc/made/deep"), 0o755)),
        file(machine.at("etc/made/deep/file"), "x", None, None),
        file(machine.at("etc/made/beside/file"), "x", None, None),
        file(machine.at("etc/kept"), "after", None, None),
        file(machine.at("etc/link"), "now a file", None, None),
        link(machine.at("etc/other"), "made/deep"),
    ]);
    assert_eq!(machine.tree().len(), 9);
    machine.reset();
    assert_eq!(machine.tree(), before);
    assert!(!Path::new(&machine.at("journal")).exists());
    assert!(machine.plan_reset().is_empty());
}

#[test]
fn reset_keeps_what_somebody_changed_since() {
    let machine = Machine::new();
    fs::write(machine.at("etc/kept"), "before").unwrap();
    machine.converge(&[
        Resource::Directory(Directory::with_mode(machine.at("etc/lab"), 0o755)),
        file(machine.at("etc/kept"), "ours", None, None),
        file(machine.at("etc/lab/ours"), "ours", None, None),
    ]);
    fs::write(machine.at("etc/kept"), "a student's").unwrap();
    fs::write(machine.at("etc/lab/ours"), "a student's too").unwrap();
    let events = machine.reset();
    assert_eq!(events.iter().filter(|event| matches!(event, ApplyEvent::Note(_))).count(), 3, "{events:?}");
    assert_eq!(fs::read_to_string(machine.at("etc/kept")).unwrap(), "before");
    assert_eq!(fs::read_to_string(machine.at("etc/kept.before-reset")).unwrap(), "a student's");
    assert_eq!(fs::read_to_string(machine.at("etc/lab/ours.before-reset")).unwrap(), "a student's too");
}

#[test]
fn reset_tells_of_each_step_once_also_behind_packages() {
    let machine = Machine::new();
    machine.stub("dpkg-query", "[ \"$2\" = dpkg ] && echo dpkg || exit 1");
    fs::create_dir_all(machine.at("journal/entries/packages")).unwrap();
    let record = "packages packages absent - - balancer libbalancer\n";
    fs::write(machine.at("journal/entries/packages/record"), record).unwrap();
    let done: Vec<usize> = machine
        .reset()
        .iter()
        .filter_map(|event| if let ApplyEvent::Done(index, _) = event { Some(*index) } else { None })
        .collect();
    assert_eq!(done, [0, 1, 2]);
    assert!(!Path::new(&machine.at("journal")).exists());
}

#[test]
fn a_candidate_that_does_not_validate_changes_nothing() {
    let machine = Machine::new();
    fs::write(machine.at("etc/haproxy.cfg"), "old").unwrap();
    machine.stub("haproxy", "echo \"[ALERT] parsing $3\" >&2; exit 1");
    let (story, end) = machine.hear(&machine.apply(&[file(
        machine.at("etc/haproxy.cfg"),
        "bad",
        Some(Validator::Candidate("haproxy -c -f".to_owned())),
        None,
    )]));
    assert_eq!(end, Ok(End::Failed));
    assert!(story.iter().any(|heard| matches!(heard, Heard::Log(line) if line.contains("[ALERT]"))));
    assert_eq!(failure(&events_of(story)).kind, FailureKind::File);
    assert_eq!(machine.tree().len(), 1);
    assert_eq!(fs::read_to_string(machine.at("etc/haproxy.cfg")).unwrap(), "old");
}

#[test]
fn of_what_nobody_looks_at_no_copy_is_kept() {
    let machine = Machine::new();
    machine.stub("cp", "exit 1");
    machine.converge(&[file(machine.at("etc/page"), "x", None, None), link(machine.at("etc/link"), "page")]);
}

/// What systemctl is asked while a service is settled; `answers` is what it says to that, as branches of a `case`, and may
/// read what it was asked so far from `$asked`.
fn asked_of_systemctl(answers: &str, reload: bool) -> String {
    let machine = Machine::new();
    let asked = machine.at("asked");
    machine.stub("systemctl", &format!("asked={asked}; echo \"$*\" >>$asked; case $* in {answers} esac"));
    let service = Service { name: "apache2".to_owned(), ..Service::default() };
    let of_service = change(Resource::Service(service.clone()).id());
    let step = of_service.by(Operation::SettleService { service, before: ServiceFact::default(), reload });
    let systemd = |program: String| program.replace("/run/systemd/system", &machine.at("etc"));
    let (events, end) = machine.run(&rewritten(machine.apply_steps([step]), systemd));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    fs::read_to_string(asked).unwrap()
}

#[test]
fn a_service_that_its_package_enabled_is_not_enabled_again() {
    for (state, enables) in [("enabled", false), ("disabled", true), ("enabled-runtime", true)] {
        let answers = format!("is-enabled*) echo {state} ;; is-active*) echo active ;;");
        let asked = asked_of_systemctl(&answers, false);
        assert_eq!(asked.contains(" enable apache2"), enables, "{state}: {asked}");
    }
}

/// It would be started, which does nothing to what runs, and go on with what it had read.
#[test]
fn a_service_of_which_systemd_did_not_answer_once_is_reloaded_all_the_same() {
    let answers = "is-enabled*) echo enabled ;; \
                   is-active*) [ $(grep -c is-active $asked) -eq 1 ] || echo active ;;";
    let asked = asked_of_systemctl(answers, true);
    let asks = |words: &str| asked.lines().any(|line| line == words);
    assert!(asks("reload-or-restart apache2.service") && !asks("start apache2.service"), "{asked}");
}

#[test]
fn what_stands_in_the_way_is_named_and_stays() {
    let machine = Machine::new();
    fs::create_dir_all(machine.at("etc/folder/full")).unwrap();
    fs::write(machine.at("etc/plain"), "x").unwrap();
    let before = machine.tree();
    for wanted in [
        file(machine.at("etc/folder"), "x", None, None),
        link(machine.at("etc/folder"), "x"),
        Resource::Directory(Directory::with_mode(machine.at("etc/plain"), 0o755)),
        file(machine.at("etc/plain/below"), "x", None, None),
    ] {
        let (events, end) =
            machine.run(&machine.apply(&[wanted, file(machine.at("etc/next"), "x", None, None)]));
        assert_eq!(end, Ok(End::Failed));
        assert_eq!(failure(&events).kind, FailureKind::File);
        assert_eq!(machine.tree(), before, "what comes after a failure is not run");
    }
}

#[test]
fn another_run_is_waited_for_and_then_named() {
    let machine = Machine { patience: 1, ..Machine::new() };
    let lock = machine.at("run/provision.lock");
    let mut holder = Command::new("flock").args([&lock, "sleep", "60"]).spawn().unwrap();
    let started = Instant::now();
    while !Command::new("flock").args(["-n", &lock, "true"]).status().is_ok_and(|status| !status.success()) {
        assert!(started.elapsed() < Duration::from_secs(10));
    }
    fs::write(&lock, "4242 0 ana\n").unwrap();
    let (events, end) = machine.run(&machine.apply(&[file(machine.at("etc/a"), "x", None, None)]));
    let failure = end.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Busy);
    assert!(failure.hint.unwrap().english().contains("process 4242 there, started by ana"));
    assert!(matches!(events.first(), Some(ApplyEvent::Waiting(_))), "{events:?}");
    assert!(machine.tree().is_empty());
    // `flock` runs its command as a child that keeps the lock.
    let children = fs::read_to_string(format!("/proc/{0}/task/{0}/children", holder.id())).unwrap();
    for child in children.split_whitespace() {
        Command::new("kill").arg(child).status().unwrap();
    }
    holder.wait().unwrap();
    assert_eq!(machine.left_in_run(), ["provision.lock"]);
    machine.converge(&[file(machine.at("etc/a"), "x", None, None)]);
}

/// The lock is that of a file of ours, which `stat` takes for dpkg's the first time it is asked.
#[test]
fn who_holds_apt_is_named_and_waited_for_and_the_next_step_is_done() {
    let machine = Machine::new();
    let lock = fs::File::create(machine.at("lock")).unwrap();
    rustix::fs::fcntl_lock(&lock, rustix::fs::FlockOperation::NonBlockingLockExclusive).unwrap();
    let (asked, locked) = (machine.at("asked"), machine.at("lock"));
    machine.stub(
        "stat",
        &format!(
            "case $* in *dpkg*) [ ! -e {asked} ] || exit 0; : >{asked}; set -- -c '%i %n' {locked} ;; esac
             exec /usr/bin/stat \"$@\""
        ),
    );
    machine.stub("apt-get", "exit 0");
    let body = format!(
        "case $* in *binary:Package*) echo installed nano ;; *) [ ! -e {asked} ] || echo installed ;; esac"
    );
    machine.stub("dpkg-query", &body);
    let folder = machine.at("etc/lab");
    let (events, end) = machine.run(&machine.apply(&[
        Resource::package("nano"),
        Resource::Directory(Directory::with_mode(folder.clone(), 0o755)),
    ]));
    assert_eq!(end, Ok(End::Complete), "{events:?}");
    let waited: Vec<_> = events.iter().filter(|event| matches!(event, ApplyEvent::Waiting(_))).collect();
    let process = std::process::id();
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    let expected = format!("{} (process {process}), which holds {locked}", name.trim());
    assert_eq!(waited, [&ApplyEvent::Waiting(sentence::waiting(&expected))]);
    assert!(Path::new(&folder).is_dir());
}

#[test]
fn closing_stdin_finishes_the_step_under_way_and_starts_nothing_new() {
    for link_dies in [false, true] {
        // The watcher lets go of the lock a moment after the run's end.
        let machine = Machine { patience: 5, ..Machine::new() };
        machine.stub("sync", &format!("touch {}; sleep 0.3; exec /bin/sync \"$@\"", machine.at("busy")));
        let wanted = [file(machine.at("etc/a"), "x", None, None), file(machine.at("etc/b"), "x", None, None)];
        let stubs = machine.folder.path().join("stubs");
        let mut child = Login { stubs: Some(&stubs), ..Login::default() }.start(&machine.apply(&wanted));
        let started = Instant::now();
        while !Path::new(&machine.at("busy")).exists() {
            assert!(started.elapsed() < Duration::from_secs(10));
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(child.stdin.take());
        let mut stdout = Vec::new();
        if link_dies {
            drop((child.stdout.take(), child.stderr.take()));
        } else {
            child.stdout.take().unwrap().read_to_end(&mut stdout).unwrap();
        }
        child.wait().unwrap();
        assert_eq!(fs::read_to_string(machine.at("etc/a")).unwrap(), "x");
        assert_eq!(machine.tree().len(), 1, "{:?}", machine.tree());
        if !link_dies {
            let (events, end) = events(ApplyReader, &stdout);
            assert_eq!(end, Ok(End::Interrupted));
            assert!(events.iter().any(|event| matches!(event, ApplyEvent::Done(0, _))));
            assert!(!events.contains(&ApplyEvent::Started(1)));
        }
        machine.converge(&wanted);
    }
}

/// Every tool with which a run changes something fails, or dies with the whole run, at its first, second … use. After
/// each, the file is whole, what stood there is not lost, no reload is forgotten, and the next run converges.
#[test]
fn whatever_fails_or_dies_the_next_run_converges() {
    let (old, new) = ("old content\n", "new content\n");
    for accident in ["exit 1", "kill -KILL 0"] {
        let mut nth = 0;
        loop {
            nth += 1;
            let machine = Machine::new();
            let path = machine.at("etc/haproxy.cfg");
            fs::write(&path, old).unwrap();
            let wanted = [
                Resource::Directory(Directory::with_mode(machine.at("etc/lab"), 0o755)),
                file(path.clone(), new, None, Some("no-such-service")),
            ];
            let with_service: Vec<Resource> = wanted.iter().cloned().chain([no_service()]).collect();
            let count = machine.at("count");
            for tool in ["mkdir", "mktemp", "mv", "cp", "chmod", "sync"] {
                let body = format!(
                    "echo >>{count}\n[ $(wc -l <{count}) -ne {nth} ] || {accident}\nPATH=/usr/bin:/bin exec {tool} \"$@\""
                );
                machine.stub(tool, &body);
            }
            let (events, end) = machine.run(&machine.apply(&with_service));
            let reached_the_service =
                events.iter().any(|event| matches!(event, ApplyEvent::Failed(2, failure, _) if failure.kind == FailureKind::Service));

            let content = fs::read_to_string(&path).unwrap();
            assert!(content == old || content == new, "{accident} at {nth}: {content:?}");
            if content == new {
                let due = machine.at("journal/due/no-such-service");
                assert!(Path::new(&due).is_dir(), "{accident} at {nth}: the reload is forgotten");
                let key = sha256(format!("file:{path}").as_bytes())[..16].to_owned();
                let original = machine.at(&format!("journal/entries/{key}/original"));
                assert_eq!(fs::read_to_string(original).unwrap(), old, "{accident} at {nth}");
            }
            let uses = fs::read_to_string(&count).unwrap().lines().count();

            fs::remove_dir_all(machine.at("stubs")).unwrap();
            machine.converge(&wanted);
            assert_eq!(fs::read_to_string(&path).unwrap(), new);
            assert_eq!(machine.tree().len(), 2, "{accident} at {nth}: {:?}", machine.tree());
            assert_eq!(machine.left_in_run(), ["provision.lock"], "{accident} at {nth}");
            if accident != "exit 1" {
                machine.reset();
                let left = machine.tree();
                assert_eq!(left.get(&path).map(|what| what.ends_with(old)), Some(true), "at {nth}: {left:?}");
            }
            if nth > uses {
                assert!(reached_the_service, "{events:?} {end:?}");
                assert!(nth > 15, "the stubs were not used");
                break;
            }
        }
    }
}
