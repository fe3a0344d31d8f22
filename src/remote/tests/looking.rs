//! observe.sh against this machine, which it may look at but not touch.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::SystemTime;

use super::super::dialogue::Dialogue;
use super::super::facts::ObserveReader;
use super::super::invocation::{RunAs, invoke};
use super::super::observe::{self, MORE, ObserveRequest, PathRequest, ServiceRequest};
use super::super::packed::more;
use super::local::{Login, hear, nonce, rewritten, say, stub};
use crate::model::{Facts, Guard, GuardFact, PathKind, ResourceId, sha256};

fn look(request: &ObserveRequest, journal: &str) -> Facts {
    look_from(&Login::default(), request, journal, "/nonexistent")
}

fn look_from(login: &Login<'_>, request: &ObserveRequest, journal: &str, run: &str) -> Facts {
    let data = observe::encode(request, journal, run).unwrap();
    // As the login, which need not be root: nothing that is asked here wants root.
    let mut invocation = invoke(RunAs::Login, &nonce(), request.parts(), data).unwrap();
    // It may ask for that, or not.
    invocation.input.text(&more(MORE));
    let invocation = rewritten(invocation, |program| program.replace("run_apart 10 ", "run_apart 1 "));
    let (stdout, stderr) = login.run(&invocation);
    hear(ObserveReader::new(request.clone()), &stdout)
        .1
        .unwrap_or_else(|failure| panic!("{failure:?}\n{}\n{stderr}", String::from_utf8_lossy(&stdout)))
}

/// A look at a file and a link, in which a program fails, tells nothing of them.
#[test]
fn what_failed_in_a_look_is_not_told_as_the_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    fs::write(at("file"), "same\n").unwrap();
    symlink("a file", at("link")).unwrap();
    let paths = ["file", "link"].map(|name| PathRequest { path: at(name), sha256: None });
    let request = ObserveRequest { paths: paths.into(), ..ObserveRequest::default() };
    assert_eq!(look(&request, &at("journal")).paths[&at("link")].target, Some("a file".into()));
    for (program, when) in [("stat", "*' %s'"), ("sha256sum", "*"), ("readlink", "*"), ("base64", "'-w 0'")] {
        let stubs = tempfile::tempdir().unwrap();
        let body = format!("case $1\\ $2 in {when}*) exit 1 ;; esac; exec /usr/bin/{program} \"$@\"");
        stub(stubs.path(), program, &body);
        let login = Login { stubs: Some(stubs.path()), ..Login::default() };
        let data = observe::encode(&request, &at("journal"), "/nonexistent").unwrap();
        let (stdout, _) = login.run(&invoke(RunAs::Login, &nonce(), request.parts(), data).unwrap());
        assert!(hear(ObserveReader::new(request.clone()), &stdout).1.is_err(), "{program}");
    }
}

#[test]
fn one_look_finds_every_kind_of_path() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    fs::write(at("same ç $(id)"), "same\n").unwrap();
    fs::set_permissions(at("same ç $(id)"), fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(at("back\\slash"), b"\xff\x00\n\n").unwrap();
    fs::write(at("large"), vec![b'x'; 300_000]).unwrap();
    fs::create_dir(at("folder")).unwrap();
    symlink("/no where\n", at("link")).unwrap();
    let path = |name: &str, sha256: Option<String>| PathRequest { path: at(name), sha256 };
    let request = ObserveRequest {
        paths: vec![
            path("same ç $(id)", Some(sha256(b"same\n"))),
            path("absent", Some(sha256(b""))),
            path("back\\slash", Some(sha256(b"other"))),
            path("large", Some(sha256(b"other"))),
            path("folder", None),
            path("link", None),
        ],
        ..ObserveRequest::default()
    };
    let facts = look(&request, &at("journal"));
    let fact = |name: &str| &facts.paths[&at(name)];
    assert_eq!(fact("same ç $(id)").kind, PathKind::File);
    assert_eq!(fact("same ç $(id)").mode, 0o640);
    assert_eq!(fact("same ç $(id)").content, None);
    assert_eq!(fact("absent").kind, PathKind::Absent);
    assert_eq!(fact("back\\slash").content.as_deref(), Some(b"\xff\x00\n\n".as_slice()));
    assert_eq!(fact("large").sha256, Some(sha256(&vec![b'x'; 300_000]).into()));
    assert_eq!(fact("large").content, None);
    assert_eq!(fact("folder").kind, PathKind::Directory);
    assert_eq!(fact("link").target, Some("/no where\n".into()));
}

/// Of what is not there below a link, where the link leads is told where that is not there, either.
#[test]
fn a_link_on_the_way_that_leads_to_nothing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    fs::create_dir(at("disk")).unwrap();
    symlink(at("disk"), at("there")).unwrap();
    symlink(at("gone/html"), at("nowhere")).unwrap();
    symlink("nowhere", at("twice")).unwrap();
    let names = ["there/html/page", "nowhere/html/page", "twice/page", "plain/page"];
    let paths = names.map(|name| PathRequest { path: at(name), sha256: None });
    let request = ObserveRequest { paths: paths.into(), ..ObserveRequest::default() };
    let facts = look(&request, &at("journal"));
    let dangling = |name: &str| facts.paths[&at(name)].dangling.clone();
    let leads = |link: &str| Some((at(link).as_str().into(), at("gone/html").as_str().into()));
    let told = names.map(dangling);
    assert_eq!(told, [None, leads("nowhere"), leads("twice"), None]);
}

#[test]
fn the_machine_and_its_packages_are_named() {
    let request = ObserveRequest {
        packages: vec!["dpkg".to_owned(), "no-such-package".to_owned()],
        services: vec![ServiceRequest { name: "no-such-service".to_owned(), ports: vec![9], check: None }],
        ..ObserveRequest::default()
    };
    let facts = look(&request, "/nonexistent");
    assert!(["debian", "ubuntu"].contains(&facts.os_id.raw()), "{facts:?}");
    assert!(!facts.architecture.is_empty() && facts.rooms[0].free > 0);
    assert!(facts.packages["dpkg"].version.is_some());
    assert_eq!(facts.packages["no-such-package"].version, None);
    assert!(!facts.services["no-such-service"].exists);
    assert_eq!(facts.mirror_reachable, None);
}

/// What may stand beside itself for several architectures is there only if the host's own is, or the one that was asked for.
#[test]
fn a_library_of_another_architecture_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let known = "same/i386 liba=installed= install 1\nsame/amd64 libb=installed= install 2\n\
                 same/i386 libb=installed= install 2\nforeign/amd64 dpkg=installed= install 3\n\
                 /i386 tool=installed= hold 4\nsame/i386 libc=installed= install 5\n/all words=config-files= deinstall 6\n";
    stub(folder.path(), "dpkg-query", &format!("printf '{known}'"));
    let login = Login { stubs: Some(folder.path()), ..Login::default() };
    let packages = ["liba", "libb", "tool", "libc:i386", "words"].map(str::to_owned);
    let request = ObserveRequest { packages: packages.to_vec(), ..ObserveRequest::default() };
    let facts = look_from(&login, &request, "/nonexistent", "/nonexistent");
    let versions = packages.map(|name| facts.packages[&name].version.clone());
    assert_eq!(versions, [None, Some("2".into()), Some("4".into()), Some("5".into()), None]);
    assert!(facts.packages["tool"].held && facts.architecture == "amd64");
}

/// Once for each folder, and not while a run is at work.
#[test]
fn what_a_run_that_died_left_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    fs::create_dir_all(at("lab")).unwrap();
    fs::create_dir(at("run")).unwrap();
    let names = ["one", "two", "lab/three", "none/four"];
    let paths = names.map(|name| PathRequest { path: at(name), sha256: None }).to_vec();
    let request = ObserveRequest { paths, ..ObserveRequest::default() };
    let left = || {
        let facts = look_from(&Login::default(), &request, &at("journal"), &at("run"));
        names.map(|name| facts.paths[&at(name)].left)
    };
    assert_eq!(left(), [false; 4]);
    fs::write(at(".provision.abc123"), "half").unwrap();
    assert_eq!(left(), [true, false, false, false]);
    fs::create_dir(at("lab/.provision.abc123")).unwrap();
    assert_eq!(left(), [true, false, true, false]);
    fs::write(at("run/provision.lock"), format!("{} 1 root -\n", std::process::id())).unwrap();
    assert_eq!(left(), [false; 4]);
}

#[test]
fn what_few_hosts_need_is_sent_once_where_it_is_asked_for() {
    let now = SystemTime::now();
    let mut dialogue = Dialogue::new(&nonce(), ObserveReader::new(ObserveRequest::default()), now);
    let mut hear = |words: &str| {
        dialogue.feed(say(words).as_bytes(), now).unwrap();
        dialogue.more()
    };
    assert_eq!(hear("begin 0"), None);
    assert_eq!(hear("more"), Some(more(MORE)));
    assert_eq!(hear("more"), None);
}

#[test]
fn the_journal_tells_what_was_applied_and_what_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| format!("{}/{name}", folder.path().display());
    fs::create_dir_all(at("journal/entries/0123")).unwrap();
    fs::create_dir_all(at("journal/due/haproxy")).unwrap();
    fs::write(at("journal/entries/0123/record"), format!("0123 file kept 00ff haproxy {}\n", at("file")))
        .unwrap();
    let request = ObserveRequest {
        paths: vec![PathRequest { path: at("file"), sha256: None }],
        ..ObserveRequest::default()
    };
    let facts = look(&request, &at("journal"));
    assert_eq!(facts.paths[&at("file")].applied, Some("00ff".into()));
    assert_eq!(facts.reloads_due, ["haproxy"]);
}

#[test]
fn the_holder_of_a_port_is_named_while_a_service_does_not_run() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let request = ObserveRequest {
        services: vec![ServiceRequest { name: "no-such-service".to_owned(), ports: vec![port], check: None }],
        ..ObserveRequest::default()
    };
    let name = fs::read_to_string("/proc/self/comm").unwrap();
    assert_eq!(look(&request, "/nonexistent").port_owners[&port], name.trim_end());
}

/// All guards in one look. Here, each has a second.
#[test]
fn guards_are_asked_in_the_same_look_and_hold_nothing_up() {
    for shell in ["/usr/bin/dash", "/usr/bin/busybox sh"] {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| format!("{}/{name}", folder.path().display());
        for name in ["run", "stubs"] {
            fs::create_dir(at(name)).unwrap();
        }
        stub(&folder.path().join("stubs"), "sh", &format!("exec {shell} \"$@\""));
        symlink("nowhere", at("link")).unwrap();
        let unless = |text: &str| Guard::Unless(text.to_owned());
        let asked = format!("echo >>{}", at("asked"));
        let guards = [
            (unless("true # it's $(done)"), GuardFact::Holds),
            (unless("no-such-program is_enabled it"), GuardFact::Open),
            (unless(&format!("{asked}; exit 1")), GuardFact::Open),
            (unless("yes; exit 0"), GuardFact::Silent),
            (unless("trap '' TERM; sleep 71; sleep 72"), GuardFact::Silent),
            (unless("read -r line || [ \"$line\" = '' ]"), GuardFact::Holds),
            (unless("kill -KILL 0"), GuardFact::Open),
            (unless("sleep 73 & exit 0"), GuardFact::Holds),
            (Guard::Creates(at("link")), GuardFact::Holds),
            (Guard::Creates(at("no such")), GuardFact::Open),
        ];
        let id = |number: usize| ResourceId::new(format!("command:cache/{number}"));
        let of = |(number, (guard, _)): (usize, &(Guard, GuardFact))| (id(number), guard.clone());
        let request = ObserveRequest {
            guards: guards.iter().enumerate().map(of).collect(),
            ..ObserveRequest::default()
        };
        let stubs = folder.path().join("stubs");
        let login = Login { stubs: Some(&stubs), ..Login::default() };
        let facts = look_from(&login, &request, &at("journal"), &at("run"));
        for (number, (guard, expected)) in guards.iter().enumerate() {
            assert_eq!(facts.guards.get(&id(number)), Some(expected), "{shell}: {guard:?}");
        }
        assert_eq!(fs::read_to_string(at("asked")).unwrap(), "\n");
        assert_eq!(fs::read_dir(at("run")).unwrap().count(), 0);
    }
}

#[test]
fn who_has_no_commands_is_not_sent_what_asks_guards() {
    let without = ObserveRequest::default();
    let with = ObserveRequest {
        guards: vec![(ResourceId::new("command:cache/it"), Guard::Creates("/it".to_owned()))],
        ..ObserveRequest::default()
    };
    let sends = |request: &ObserveRequest| request.parts().concat().contains("setsid");
    assert_eq!((sends(&without), sends(&with)), (false, true));
}
