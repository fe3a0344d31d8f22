//! examine.sh against this machine, which it may look at but not touch; and with a sudo that refuses.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt;
use std::time::SystemTime;

use super::super::examine::{self, ExamineReader, ExamineRequest, LinesRequest, PARTS, PeerRequest};
use super::super::invocation::{Credentials, RunAs, invoke};
use super::super::observe::ObserveRequest;
use super::super::program::Program;
use super::local::{Login, hear, nonce, rewritten, say, sent, stub};
use crate::model::{BecomeMethod, Examination, FailureKind, HostText, PythonFact, Reach};

fn read(request: &ExamineRequest, stdout: &[u8]) -> Examination {
    let (_, examination) = hear(ExamineReader::new(request), stdout);
    examination.unwrap_or_else(|failure| panic!("{failure:?}\n{}", String::from_utf8_lossy(stdout)))
}

/// As the login, which need not be root.
fn examine(shell: &[&str], request: &ExamineRequest) -> Examination {
    let data = examine::encode(request, "/nonexistent", "/nonexistent").unwrap();
    let (stdout, _) =
        Login { shell, ..Login::default() }.run(&invoke(RunAs::Login, &nonce(), PARTS, data).unwrap());
    read(request, &stdout)
}

#[test]
fn one_examination_tells_the_machine() {
    use Reach::{Reached, Refused, Rejected, Unknown, Unreachable};
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let open = listener.local_addr().unwrap().port();
    // Nobody listens where somebody just did.
    let closed = {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.local_addr().unwrap().port()
    };
    let peer = |address: &str, port, ssh_port| PeerRequest { address: address.to_owned(), port, ssh_port };
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("a b.cfg").display().to_string();
    std::fs::write(&configuration, "frontend http-in\n  frontend $(reboot)\n#frontend x\n").unwrap();
    let lines =
        |path: &str| LinesRequest { path: path.to_owned(), pattern: r"^[[:space:]]*frontend ".to_owned() };
    let request = ExamineRequest {
        leftovers: vec![configuration.clone(), "/no/such/file".to_owned()],
        lines: vec![lines("/no/such/file"), lines(&configuration)],
        look: ObserveRequest {
            packages: vec!["dpkg".to_owned(), "no-such-package".to_owned()],
            ..ObserveRequest::default()
        },
        ports: vec![open],
        started: Vec::new(),
        peers: vec![
            peer("127.0.0.1", open, closed),
            peer("127.0.0.1", closed, open),
            peer("127.0.0.1", closed, closed),
            peer("no-such-host.invalid", 80, 22),
            peer("255.255.255.255", 80, 22),
        ],
        ..ExamineRequest::default()
    };
    for shell in [&["dash"][..], &["busybox", "sh"]] {
        let examination = examine(shell, &request);
        let facts = &examination.facts;
        assert_eq!(examination.no_root, None);
        assert!(
            !facts.os_id.is_empty() && !facts.architecture.is_empty() && facts.rooms[0].free > 0,
            "{examination:?}"
        );
        assert!(facts.packages["dpkg"].version.is_some());
        assert_eq!(facts.packages["no-such-package"].version, None);
        assert!(facts.port_owners.contains_key(&open), "{examination:?}");
        assert!(!examination.hostname.is_empty() && !examination.boot_id.is_empty());
        assert!(examination.memory_available > 0);
        assert_eq!(examination.peers, [Reached, Refused, Rejected, Unknown, Unreachable]);
        assert_eq!(facts.mirror_reachable, None);
        assert_eq!(
            (&examination.leftovers[..], &examination.lines[..]),
            (&[configuration.as_str().into()][..], &[0, 2][..])
        );
    }
}

#[test]
fn what_everybody_has_to_reach_is_told_where_not_everybody_may_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (name, mode) in [("a b", 0o700), ("open", 0o755), ("open/lists", 0o711)] {
        fs::create_dir(path(name)).unwrap();
        fs::set_permissions(path(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let shared = vec![path("a b/page"), path("open/lists/page"), path("missing/page")];
    let request = ExamineRequest { shared, names: vec!["localhost".to_owned()], ..ExamineRequest::default() };
    for shell in [&["dash"][..], &["busybox", "sh"]] {
        let examination = examine(shell, &request);
        assert_eq!(examination.closed, [HostText::from(path("a b").as_str())]);
        assert!(examination.names["localhost"].iter().all(IpAddr::is_loopback), "{examination:?}");
        assert!(!examination.without_loopback);
        assert_eq!(examination.python, PythonFact::Runs);
    }
}

#[test]
fn its_clock_is_told_within_the_round_trip() {
    let request = ExamineRequest::default();
    let program =
        Program { run_as: RunAs::Login, ..examine::examine(&request, Credentials::default()).unwrap() };
    let (invocation, mut dialogue) = program.begin(&nonce(), SystemTime::now()).unwrap();
    let (stdout, _) = Login::default().run(&invocation);
    dialogue.feed(&stdout, SystemTime::now()).unwrap();
    assert_eq!(dialogue.finish(SystemTime::now()).unwrap().facts.clock_skew, 0);

    let slow = say("begin 0") + &say("clock 1700000000") + &say("end ok");
    assert!(read(&request, slow.as_bytes()).facts.clock_skew < -1_000_000);
}

#[test]
fn without_root_the_rest_is_examined_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    stub(folder.path(), "id", "echo 1000");
    stub(folder.path(), "sudo", "echo 'sudo: a password is required' >&2; exit 1");
    let login = Login { stubs: Some(folder.path()), ..Login::default() };
    // Other users' processes are not seen.
    stub(folder.path(), "find", "exit 1");
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let request = ExamineRequest {
        look: ObserveRequest { packages: vec!["dpkg".to_owned()], ..ObserveRequest::default() },
        ports: vec![port, 1],
        ..ExamineRequest::default()
    };
    let status = folder.path().join("status");
    fs::write(&status, "Name:\tsh\nUid:\t1000\t1000\t1000\t1000\n").unwrap();
    for password in [None, Some("not the password"), Some("#next")] {
        let credentials = Credentials { method: BecomeMethod::Sudo, password };
        let invocation = rewritten(sent(examine::examine(&request, credentials).unwrap()), |program| {
            program.replace("/proc/self/status", &status.display().to_string())
        });
        let (stdout, _) = login.run(&invocation);
        let examination = read(&request, &stdout);
        let refusal = examination.no_root.unwrap();
        assert_eq!(refusal.kind, FailureKind::Become, "{refusal:?}");
        assert!(examination.facts.packages["dpkg"].version.is_some());
        let owners: Vec<_> = examination.facts.port_owners.into_iter().collect();
        assert_eq!(owners, [(port, "".into())]);
    }
}

/// Its own facts; those of any look at a host have cases of their own.
fn shown(examination: &Examination) -> String {
    let Examination {
        facts,
        no_root,
        hostname,
        resolves_itself,
        boot_id,
        host_keys,
        memory_available,
        apt_holder,
        cloud_init,
        distrusted,
        excluded,
        stripped,
        rejected,
        started,
        silent_mirror,
        forwards,
        leftovers,
        lines,
        names,
        without_loopback,
        python,
        closed,
        failing,
        peers,
    } = examination;
    let no_root = no_root.as_ref().map(|failure| failure.message.english());
    format!(
        "{:?} {:?}\nno root: {no_root:?}\n{} {} {host_keys:?} resolves itself: {resolves_itself}\n\
         memory: {memory_available} apt: {apt_holder:?} cloud-init: {cloud_init}\n\
         silent mirror: {silent_mirror:?} forwards: {forwards:?}\n{leftovers:?} lines: {lines:?}\ndistrusted: {distrusted:?} stripped: {stripped:?} rejected: {rejected:?} started: {started:?} excluded: {excluded:?}\n{peers:?}\n\
         names: {names:?} without loopback: {without_loopback} closed: {closed:?}\n{python:?}\n{failing:?}\n",
        facts.addresses,
        facts.port_owners,
        hostname.raw(),
        boot_id.raw(),
    )
}

#[test]
fn answers_are_read_and_what_a_host_makes_up_is_bounded() {
    let peer = |name: &str| PeerRequest { address: name.to_owned(), port: 80, ssh_port: 22 };
    let lines = vec![LinesRequest { path: "/etc/x.cfg".to_owned(), pattern: "^x".to_owned() }];
    let peers = ["a", "b", "c"].map(peer).to_vec();
    let names = vec!["localhost".to_owned()];
    let request = ExamineRequest { peers, lines, names, ..ExamineRequest::default() };
    let answers = |lines: &str| {
        let framed: String = lines.lines().map(say).collect();
        read(&request, framed.as_bytes())
    };
    let examination = answers(
        "no-root sudo-missing\nbegin 1000\nclock 1700000000\nname web01\nnameless\nboot b-1\nkey ssh-rsa AAAA\n\
         memory 2000 300 100\napt-lock 812 unattended-upgr /var/lib/dpkg/lock\ncloud-init\nport 80 7 nginx\n\
         leftover /etc/haproxy/haproxy.cfg.bkp\ndistrusts main Release file is expired\nexcludes /etc/apache2/*\nstripped apache2 /etc/apache2/apache2.conf\nrejects apache2 YSBi\nstarted haproxy /etc/haproxy/my.cfg /etc/haproxy/conf.d\nstarted\nunmet apache2 : Depends: x\nclosed /var/www\nfailing haproxy exit-code /etc/systemd/system/haproxy.service.d/a.conf\nfailing apache2 condition \nleads 0 127.0.0.1\nleads 1 10.0.0.9\nno-loopback\n\
         no-python installed 3.11\nlines 0 2\nlines 9 2\npeer 1 reached\npeer 2 refused\npeer 2 rejected\npeer 7 reached\npeer x\npeers-done\n\
         addresses 10.0.0.5 fe80::1 not-one\nmirror no deb.example proxy http://10.0.0.1:3128\nend ok",
    );
    insta::assert_snapshot!(shown(&examination));
    let keys: Vec<_> = (0..1_000).map(|number| format!("key ssh-rsa {number}")).collect();
    let endless = answers(&format!("begin 0\n{}\nend ok", keys.join("\n")));
    assert!(endless.host_keys.len() <= 100);
    assert_eq!(endless.peers, [], "it could not try");
}
