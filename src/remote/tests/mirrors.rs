//! Which mirror is asked and what is told of it, by a private configuration of apt and a mirror on loopback.

use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use tempfile::TempDir;

use super::super::examine::{self, ExamineReader, ExamineRequest, PARTS};
use super::super::invocation::{RunAs, invoke};
use super::super::observe::ObserveRequest;
use super::local::{Login, hear, nonce, stub};
use crate::model::{Examination, MirrorWay, SilentMirror};

/// An image on which no `apt-get update` ever ran.
struct Image(TempDir);

impl Image {
    fn new(sources: &str, settings: &str) -> Self {
        let image = Self(tempfile::tempdir().unwrap());
        for folder in ["lists/partial", "stubs", "scratch"] {
            fs::create_dir_all(image.0.path().join(folder)).unwrap();
        }
        fs::write(image.at("sources.list"), format!("{sources}\n")).unwrap();
        let apt = format!(
            "Dir::Etc {{ parts \"/dev/null\"; main \"/dev/null\"; sourcelist \"{}\"; sourceparts \"/dev/null\"; }};\n\
             Dir::State::lists \"{}\";\nAPT::Sandbox::User \"root\";\n{settings}\n",
            image.at("sources.list"),
            image.at("lists"),
        );
        fs::write(image.at("apt.conf"), apt).unwrap();
        // So that it makes its scratch folder where it is told to.
        stub(&image.0.path().join("stubs"), "id", "echo 1000");
        image
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Whether the mirror answered, and what is told of one that did not.
    fn look(&self) -> (Option<bool>, Option<SilentMirror>) {
        self.examine(true)
    }

    /// The same; `asks` the mirror, unless packages come another way.
    fn examine(&self, asks: bool) -> (Option<bool>, Option<SilentMirror>) {
        let examination = self.examination(asks);
        (examination.facts.mirror_reachable, examination.silent_mirror)
    }

    fn examination(&self, asks: bool) -> Examination {
        let request = ExamineRequest {
            look: ObserveRequest {
                packages: vec!["no-such-package".to_owned()],
                mirror: asks,
                ..ObserveRequest::default()
            },
            ..ExamineRequest::default()
        };
        let (configuration, scratch) = (self.at("apt.conf"), self.at("scratch"));
        let (stubs, environment) = (
            self.0.path().join("stubs"),
            [("APT_CONFIG", configuration.as_str()), ("TMPDIR", scratch.as_str())],
        );
        let [dash, busybox] = [&["dash"][..], &["busybox", "sh"]].map(|shell| {
            let login = Login { shell, stubs: Some(&stubs), environment: &environment };
            let data = examine::encode(&request, "/nonexistent", "/nonexistent").unwrap();
            let (stdout, _) = login.run(&invoke(RunAs::Login, &nonce(), PARTS, data).unwrap());
            hear(ExamineReader::new(&request), &stdout).1.unwrap()
        });
        assert_eq!(dash.silent_mirror, busybox.silent_mirror);
        assert_eq!(dash.facts.mirror_reachable, busybox.facts.mirror_reachable);
        assert_eq!(dash.facts.other_release, busybox.facts.other_release);
        assert_eq!(fs::read_dir(scratch).unwrap().count(), 0, "something was left");
        dash
    }
}

/// Looks at an image with these sources.
fn look(sources: &str) -> (Option<bool>, Option<SilentMirror>) {
    Image::new(sources, "").look()
}

/// A mirror that has the release file of one suite; nobody ends it.
fn mirror(path: &'static str) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut client in listener.incoming().map_while(Result::ok) {
            let mut request = [0; 4096];
            let length = client.read(&mut request).unwrap_or_default();
            let asked = String::from_utf8_lossy(&request[..length]).into_owned();
            let (status, body) = match asked.split(' ').nth(1) {
                Some(asked) if asked == path => ("200 OK", "Suite: stable\n"),
                _ => ("404 Not Found", ""),
            };
            let length = body.len();
            let answer =
                format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            // A client that leaves early is not what is tested.
            let _ = client.write_all(answer.as_bytes());
        }
    });
    address
}

/// An address at which nobody listens, and which no name stands for.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.77:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn silent(name: &str, way: MirrorWay) -> (Option<bool>, Option<SilentMirror>) {
    (Some(false), Some(SilentMirror { name: name.into(), way }))
}

const ANSWERS: (Option<bool>, Option<SilentMirror>) = (Some(true), None);

#[test]
fn a_new_image_asks_the_archive_that_its_sources_name() {
    let archive = mirror("/debian/dists/bookworm/InRelease");
    let nobody = nobody();
    assert_eq!(look(&format!("deb http://{archive}/debian bookworm main")), ANSWERS);
    assert_eq!(
        look(&format!(
            "deb http://{nobody}/docker bookworm stable\ndeb http://{nobody}/debian-security bookworm-security main\n\
             deb file:/srv/own ./\ndeb http://{archive}/debian bookworm main"
        )),
        ANSWERS,
        "what else it names is of no interest"
    );
    let flat = mirror("/own/./InRelease");
    assert_eq!(look(&format!("deb http://{flat}/own ./")), ANSWERS);
    let nested = mirror("/old/dists/buster/updates/InRelease");
    assert_eq!(look(&format!("deb http://{nested}/old buster/updates main")), ANSWERS);
}

#[test]
fn a_mirror_without_the_release_and_sources_that_apt_cannot_read_are_told() {
    let archive = mirror("/debian/dists/bookworm/InRelease");
    assert_eq!(
        look(&format!("deb http://{archive}/debian zesty main")),
        silent("127.0.0.1", MirrorWay::Without("zesty".into()))
    );
    let signed_beside = mirror("/debian/dists/bookworm/Release");
    assert_eq!(look(&format!("deb http://{signed_beside}/debian bookworm main")), ANSWERS);
    let (reachable, told) = look("deb http://x");
    let MirrorWay::Unreadable(words) = told.unwrap().way else { panic!("they were read") };
    assert!(words.raw().starts_with("E: Malformed entry 1 in list file /"), "{words:?}");
    assert_eq!(reachable, Some(false));
    let image = Image::new("deb http://mirror.invalid/debian bookworm main", "");
    stub(&image.0.path().join("stubs"), "apt-get", "echo apt-get is disabled; exit 1");
    let MirrorWay::Unreadable(words) = image.look().1.unwrap().way else { panic!("they were read") };
    assert!(words.raw().ends_with("/apt-get: apt-get is disabled"), "{words:?}");
}

#[test]
fn where_packages_come_through_the_laptop_sources_are_read_all_the_same() {
    let told = |sources: &str, settings: &str| Image::new(sources, settings).examine(false);
    let debian = "deb http://mirror.invalid/debian bookworm main";
    assert_eq!(told(debian, ""), (None, None));
    assert_eq!(told("", ""), (Some(false), None));
    for (sources, settings) in [("deb http://x", ""), (debian, "Acquire::http::Proxy \"x\"")] {
        let way = told(sources, settings).1.unwrap().way;
        assert!(matches!(way, MirrorWay::Unreadable(_)), "{way:?}");
    }
}

#[test]
fn a_mirror_that_does_not_answer_is_named_without_login_and_port() {
    let nobody = nobody();
    let known = || silent("127.0.0.77", MirrorWay::Known);
    assert_eq!(look(&format!("deb http://{nobody}/debian bookworm main")), known());
    assert_eq!(look(&format!("deb http://user:secret@{nobody}/debian bookworm main")), known());
    assert_eq!(look("deb http://[::1]:1/debian bookworm main"), silent("::1", MirrorWay::Known));
    assert_eq!(
        look("deb http://user@mirror.invalid:8080/debian bookworm main"),
        silent("mirror.invalid", MirrorWay::Unknown)
    );
}

#[test]
fn the_list_of_mirrors_of_a_cloud_image_is_read() {
    let archive = mirror("/debian/dists/bookworm/InRelease");
    let nobody = nobody();
    let list = |content: &str| {
        let image = Image::new("", "");
        let list = image.at("debian.list");
        fs::write(&list, content).unwrap();
        fs::write(
            image.at("sources.list"),
            format!("deb http://{nobody}/own stable main\ndeb mirror+file://{list} bookworm main\n"),
        )
        .unwrap();
        image.look()
    };
    assert_eq!(list(&format!("http://{archive}/debian\n")), ANSWERS);
    assert_eq!(
        list("# ours\nhttps://cdn.mirror.invalid/debian\tpriority:1\nhttp://b.invalid/debian\n"),
        silent("cdn.mirror.invalid", MirrorWay::Unknown)
    );
}

#[test]
fn a_disc_is_no_mirror_and_a_folder_is_one() {
    let disc = "deb cdrom:[Debian GNU/Linux 12.5.0 _Bookworm_ - Official amd64 DVD Binary-1]/ bookworm main";
    assert_eq!(look(disc), (Some(false), None));
    assert_eq!(look(&format!("{disc}\ndeb http://mirror.invalid/debian bookworm main")), {
        silent("mirror.invalid", MirrorWay::Unknown)
    });
    assert_eq!(look("deb file:/srv/mirror/debian bookworm main"), ANSWERS);
    assert_eq!(
        look("deb file:/srv/own ./\ndeb http://mirror.invalid/debian bookworm main"),
        silent("mirror.invalid", MirrorWay::Unknown),
        "packages of somebody's own are no archive"
    );
    assert_eq!(look(""), (Some(false), None));
}

#[test]
fn a_proxy_of_apt_is_told_before_names() {
    let sources = "deb http://mirror.invalid/debian bookworm main";
    let through = |settings: &str| Image::new(sources, settings).look();
    assert_eq!(
        through("Acquire::http::Proxy \"http://ana:secret@127.0.0.77:1/\";"),
        silent("mirror.invalid", MirrorWay::Proxy("http://127.0.0.77:1/".into()))
    );
    let by_host =
        "Acquire::http::Proxy \"DIRECT\";\nAcquire::http::Proxy::mirror.invalid \"http://127.0.0.77:1/\";";
    let named = silent("mirror.invalid", MirrorWay::Proxy("http://127.0.0.77:1/".into()));
    assert_eq!(through(by_host), named);
    let detector = tempfile::tempdir().unwrap();
    stub(detector.path(), "detect", "echo http://127.0.0.77:1/");
    let detect = detector.path().join("detect");
    assert_eq!(through(&format!("Acquire::http::Proxy-Auto-Detect \"{}\";", detect.display())), named);
    assert_eq!(through("Acquire::http::Proxy \"DIRECT\";"), silent("mirror.invalid", MirrorWay::Unknown));
    // It is not asked for these.
    let other = "Acquire::https::Proxy \"http://127.0.0.77:1/\";";
    assert_eq!(through(other), silent("mirror.invalid", MirrorWay::Unknown));
}

/// Those of an upgrade that was begun, or of another host.
#[test]
fn sources_of_another_release_than_the_host_s_own_are_told() {
    let system = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |key: &str| {
        let line = system.lines().find_map(|line| line.strip_prefix(key));
        line.map(|value| value.trim_matches('"').to_owned())
    };
    let (Some("debian" | "ubuntu"), Some(own)) = (value("ID=").as_deref(), value("VERSION_CODENAME=")) else {
        return;
    };
    let told = |sources: &str| Image::new(sources, "").examination(false).facts.other_release;
    let of = |suite: &str| format!("deb http://mirror.invalid/debian {suite} main");
    assert_eq!(told(&of("zesty")), Some(("zesty".into(), own.as_str().into())));
    let both = format!("{}\n{}", of("zesty"), of(&own));
    let updates = of(&format!("{own}-updates"));
    for fits in [&of(&own), &both, &updates, &of("testing"), &of("stable")] {
        assert_eq!(told(fits), None, "{fits}");
    }
    assert_eq!(told("deb http://mirror.invalid/own zesty main"), None, "packages of somebody's own");
}
