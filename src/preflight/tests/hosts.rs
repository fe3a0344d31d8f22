//! What is found on a host, whatever the others are like.

use super::*;
use crate::model::Removal;
use crate::roles::Web;

#[test]
fn a_healthy_class_has_no_finding() {
    assert_eq!(findings(&inventory(), |_, _| {}), []);
    // A second look, when all is installed and runs.
    let again = findings(&inventory(), |name, result| {
        let examination = result.as_mut().unwrap();
        let facts = &mut examination.facts;
        facts.packages =
            BTreeMap::from([("python3".to_owned(), PackageFact { version: Some("3".into()), held: false })]);
        facts.mirror_reachable = None;
        examination.lines = vec![usize::from(name == "lb")];
        let owner = if name == "lb" { "haproxy" } else { "apache2" };
        examination.facts.port_owners = BTreeMap::from([(80, owner.into()), (8404, owner.into())]);
    });
    assert_eq!(again, []);
}

#[test]
fn the_name_of_a_program_is_one_word_of_a_command_to_paste() {
    let found = of_host("lb", |examination| {
        examination.facts.port_owners = BTreeMap::from([(80, "x; id `id` $(id)".into())]);
    });
    assert!(found.contains("`sudo systemctl disable --now 'x; id `id` $(id)'`"), "{found}");
}

#[test]
fn hosts_that_cannot_be_examined() {
    let found = findings(&inventory(), |host, result| match host {
        "lb" => {
            result.as_mut().unwrap().no_root = Some(failure(FailureKind::Become, "sudo wants a password"));
        }
        "web01" => *result = Err(failure(FailureKind::Connect, "no answer on port 22 within 10 s")),
        "web02" => *result = Err(failure(FailureKind::Login, "the key was refused")),
        _ => *result = Err(failure(FailureKind::Protocol, "no program ran on the host")),
    });
    insta::assert_snapshot!(words(&found));
    let interrupted =
        findings(&inventory(), |_, result| *result = Err(failure(FailureKind::Interrupted, "not begun")));
    assert_eq!(interrupted, [], "Ctrl-C says nothing of a host");
}

#[test]
fn systems() {
    let system = |id: &str, version: &str, name: &str| {
        of_host("lb", |examination| {
            examination.facts.os_id = id.into();
            examination.facts.os_version = version.into();
            examination.facts.os_name = name.into();
        })
    };
    for (id, version) in [("debian", "12"), ("debian", "13"), ("ubuntu", "22.04"), ("ubuntu", "24.04")] {
        assert_eq!(system(id, version, ""), "", "{id} {version}");
    }
    let mut text = String::new();
    for (id, version, name) in [
        ("debian", "11", "Debian GNU/Linux 11 (bullseye)"),
        ("debian", "", "Debian GNU/Linux trixie/sid"),
        ("ubuntu", "18.04", "Ubuntu 18.04.6 LTS"),
        ("ubuntu", "23.10", "Ubuntu 23.10"),
        ("linuxmint", "21", "Linux Mint 21"),
    ] {
        text += &system(id, version, name);
    }
    text += &of_host("lb", |examination| examination.facts.systemd = false);
    text += &of_host("lb", |examination| {
        examination.facts = Facts { architecture: String::new().into(), ..examination.facts.clone() };
    });
    insta::assert_snapshot!(text);
}

#[test]
fn room_for_packages_and_files() {
    let mut text = String::new();
    for (change, installs) in [
        ((|rooms| rooms[0].free = 300 << 20) as fn(&mut Vec<Room>), true),
        (|rooms| rooms[0].free = 60 << 20, false),
        (|rooms| rooms[0].inodes = Some(11_000), true),
        (|rooms| rooms[0].inodes = Some(150), false),
        (|rooms| rooms[0].inodes = None, true),
        // File systems of their own; of several that are tight, the tightest.
        (|rooms| rooms.push(room("/", 100 << 20, Some(9_000))), true),
        (|rooms| rooms.push(room("/", 100 << 20, Some(9_000))), false),
        (|rooms| rooms.extend([room("/", 100 << 20, None), room("/tmp", 0, Some(0))]), true),
        (|rooms| rooms.push(room("/var/cache", 3 << 20, None)), true),
        (|rooms| rooms.push(room("/var/cache", 3 << 20, None)), false),
        (|rooms| rooms[1].free = 100 << 10, false),
        // A warning gives way to what is fatal.
        (|rooms| *rooms = vec![room("/var", 30 << 20, None), room("/tmp", 900 << 10, None)], false),
    ] {
        text += &of_host("web01", |examination| {
            change(&mut examination.facts.rooms);
            if !installs {
                examination.facts.packages.clear();
            }
        });
    }
    // One small package is missing.
    for change in [
        (|rooms| rooms[0].free = 300 << 20) as fn(&mut Vec<Room>),
        (|rooms| rooms[0].free = 40 << 20),
        (|rooms| rooms[0].inodes = Some(1_000)),
    ] {
        let with_less = with_host("web01", |host| host.packages.extra = vec!["less".to_owned()]);
        text += &words(&findings(&with_less, |host, result| {
            let Ok(examination) = result else { panic!("{host} was examined") };
            if host != "web01" {
                return;
            }
            change(&mut examination.facts.rooms);
            let python = PackageFact { version: Some("3".into()), held: false };
            let less = PackageFact::default();
            examination.facts.packages =
                BTreeMap::from([("less".to_owned(), less), ("python3".to_owned(), python)]);
        }));
    }
    text += &of_host("web01", |examination| examination.facts.read_only = Some("/etc".into()));
    text += &of_host("web01", |examination| examination.memory_available = 90 << 20);
    insta::assert_snapshot!(text);
}

#[test]
fn clocks() {
    let skewed = |skew: i64| of_host("web01", |examination| examination.facts.clock_skew = skew);
    assert_eq!(skewed(120), "");
    assert_eq!(skewed(-120), "");
    let mut text = String::new();
    for skew in [-180, 3 * 3_600, -30 * 3_600, 9 * 86_400, i64::MIN] {
        text += &skewed(skew);
    }
    insta::assert_snapshot!(text);
    assert!(!text.contains("fatal"), "what apt makes of it is not known");
    let installed = of_host("web01", |examination| {
        examination.facts.packages.clear();
        examination.facts.clock_skew = -30 * 3_600;
    });
    assert!(!installed.contains("apt"), "nothing is installed:\n{installed}");
}

#[test]
fn a_class_that_agrees_on_the_time_is_right() {
    let found = findings(&inventory(), |host, result| {
        let skew = if host == "lb" { -10_860 } else { -10_800 };
        result.as_mut().unwrap().facts.clock_skew = skew;
    });
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning), "{found:#?}");
    insta::assert_snapshot!(words(&found[..1]), @r"
    warning clock, lb
        its clock is 3 h behind this computer's
            all hosts agree, so it is this computer's clock that is wrong
            → set this computer's clock: `sudo timedatectl set-ntp true`
        o relógio está 3 h atrasado em relação ao deste computador
            todas as máquinas concordam, então errado está o relógio deste computador
            → acerte o relógio deste computador: `sudo timedatectl set-ntp true`
    ");
    let found = findings(&inventory(), |host, result| {
        result.as_mut().unwrap().facts.clock_skew = if host == "lb" { 0 } else { -10_800 };
    });
    assert!(found.iter().all(|finding| !finding.means.english().contains("agree")), "{found:#?}");
}

#[test]
fn ways_to_packages() {
    use PackageSource::{Auto, Host, Laptop};
    let mut text = String::new();
    let proxy = || MirrorWay::Proxy("http://10.0.0.1:3128".into());
    for (via, reachable, way, forwards) in [
        (Host, false, Some(MirrorWay::Known), None),
        (Host, false, Some(MirrorWay::Unknown), None),
        (Host, false, Some(MirrorWay::Untrusted("The certificate is NOT trusted.".into())), None),
        (Host, false, Some(proxy()), None),
        (Host, false, None, None),
        (Auto, false, Some(proxy()), Some(true)),
        (Auto, false, None, Some(true)),
        (Auto, false, Some(MirrorWay::Without("zesty".into())), Some(true)),
        (
            Auto,
            false,
            Some(MirrorWay::Unreadable("E: Malformed entry 1 in list file /etc/x (URI)".into())),
            None,
        ),
        (Auto, false, Some(MirrorWay::Known), Some(true)),
        (Auto, false, Some(MirrorWay::Known), Some(false)),
        (Auto, true, None, Some(false)),
        (Laptop, true, None, Some(false)),
        (Laptop, true, None, Some(true)),
    ] {
        let inventory = with_host("web01", |host| host.packages.via = via);
        let found = findings(&inventory, |host, result| {
            let examination = result.as_mut().unwrap();
            if host == "web01" {
                examination.facts.mirror_reachable = Some(reachable);
                examination.silent_mirror =
                    way.clone().map(|way| SilentMirror { name: "deb.example".into(), way });
                examination.forwards = forwards;
            }
        });
        writeln!(text, "{via:?}, answers: {reachable}, forwarding: {forwards:?}\n{}", words(&found)).unwrap();
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_keeps_apt_busy_and_what_old_scripts_left() {
    insta::assert_snapshot!(of_host("lb", |examination| {
        examination.apt_holder = Some("812 unattended-upgr /var/lib/dpkg/lock-frontend".into());
        examination.cloud_init = true;
        examination.facts.dpkg_interrupted = Some("labtool".into());
        examination.facts.removals.extend(Removal::new("haproxy", "campus-proxy"));
        examination.resolves_itself = false;
        examination.lines = vec![3];
        examination.leftovers = vec!["/etc/haproxy/haproxy.cfg.bkp".into()];
    }));
}

#[test]
fn what_dpkg_leaves_out_is_told() {
    insta::assert_snapshot!(of_host("web01", |examination| {
        examination.excluded = vec!["/etc/apache2/mods-available/*".into()];
    }));
}

#[test]
fn what_students_meet_on_a_host() {
    let python = |trouble: PythonTrouble| {
        of_host("web01", |examination| examination.python = PythonFact::Fails(trouble.clone()))
    };
    let trouble = PythonTrouble {
        path: "/usr/bin/python3".into(),
        is_installed: true,
        version: "3.11".into(),
        words: "ModuleNotFoundError: No module named 'threading'".into(),
        ..PythonTrouble::default()
    };
    let text = python(trouble.clone())
        + &python(PythonTrouble { file: "/etc/python3.11/sitecustomize.py".into(), ..trouble })
        + &of_host("web01", |examination| examination.names.clear())
        + &of_host("web01", |examination| {
            let elsewhere = vec![[10, 0, 0, 9].into()];
            examination.names.insert("localhost".to_owned(), elsewhere);
        })
        + &of_host("web01", |examination| examination.without_loopback = true)
        + &of_host("web01", |examination| {
            // The lab's own folder gets its mode by an apply.
            examination.closed = vec!["/var/www".into(), "/opt/socket".into()];
        });
    insta::assert_snapshot!(text);
    // A host without the lab needs none of that.
    assert_eq!(of_host("lb", |examination| examination.names.clear()), "");
}

#[test]
fn ports_that_others_hold() {
    let holds = |port: u16, owner: &'static str| {
        move |examination: &mut Examination| {
            examination.facts.port_owners.insert(port, owner.into());
        }
    };
    let text = of_host("lb", holds(80, "apache2"))
        + &of_host("web01", holds(80, ""))
        + &of_host("web02", holds(50_007, "python3"));
    insta::assert_snapshot!(text);

    // A program failed that finds that out, and the service that needs it runs.
    let of_running = |name: &str, service: &str| {
        of_host(name, |examination| {
            holds(80, "")(examination);
            let fact = ServiceFact { active: true, ..ServiceFact::default() };
            examination.facts.services.insert(service.to_owned(), fact);
        })
    };
    assert_eq!(of_running("web01", "apache2"), "");
    assert!(of_running("web01", "other").contains("held by another program"));

    // Without root, it may be the service itself.
    insta::assert_snapshot!(words(&findings(&inventory(), |host, result| {
        let examination = result.as_mut().unwrap();
        if host == "lb" {
            holds(80, "")(examination);
            examination.no_root = Some(failure(FailureKind::Become, "sudo wants a password"));
        }
    })));

    // With both roles on one host, apply moves Apache off the balancer's port by itself.
    let both = with_host("lb", |host| {
        host.roles.push(samples::role("web"));
        samples::set(host, |role: &mut Web| role.port = 8080);
    });
    let found = findings(&both, |host, result| {
        if host == "lb" {
            holds(80, "apache2")(result.as_mut().unwrap());
        }
    });
    assert_eq!(found, []);
}
