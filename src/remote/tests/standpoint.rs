//! How a host sees itself, by the probe program on this machine.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use super::super::probe::{ProbeReader, ProbeRequest, probe};
use super::local::{Login, events, rewritten, say, sent, stub};
use crate::model::{Standing, Standpoint, sha256};

#[test]
fn names_are_resolved_and_paths_compared_there() {
    let folder = tempfile::tempdir().unwrap();
    let stubs = folder.path().join("stubs");
    fs::create_dir(&stubs).unwrap();
    stub(&stubs, "hostname", "[ \"$1\" = -I ] && echo '10.0.0.5 fd00::5 '");
    // One name server is slow; a name that leads nowhere says nothing.
    stub(
        &stubs,
        "getent",
        "[ \"$1\" = ahosts ] || exit 1\n\
         case $2 in\n\
         web01.lab) sleep 1; printf '10.0.0.51       STREAM web01.lab\\n10.0.0.51       DGRAM\\nfd00::51 STREAM\\n' ;;\n\
         web02.lab) sleep 1; echo '10.0.0.52 STREAM web02.lab' ;;\n\
         *) exit 2 ;;\n\
         esac",
    );
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("my page"), "page").unwrap();
    symlink("../somewhere", path("link")).unwrap();
    let request = ProbeRequest {
        names: ["web01.lab", "gone.lab", "web02.lab"].map(str::to_owned).into(),
        paths: vec![
            path("my page"),
            path("link"),
            path("missing"),
            "/proc/1/nothing/at/all".to_owned(),
            path("stubs"),
        ],
        ..ProbeRequest::default()
    };
    let login = Login { stubs: Some(&stubs), ..Login::default() };
    let (output, errors) = login.run(&sent(probe(&request).unwrap()));
    assert_eq!(errors, "");
    let (seen, findings) = events(ProbeReader::new(&request), &output);
    findings.unwrap();
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    let Standpoint {
        addresses,
        names,
        paths,
        started,
        without_ipv6,
        without_loopback,
        without_systemd,
        without_dpkg,
    } = seen;
    assert!(!without_loopback);
    assert_eq!(addresses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["10.0.0.5", "fd00::5"]);
    assert_eq!(*without_ipv6, !fs::exists("/proc/net/if_inet6").unwrap());
    assert_eq!(*without_systemd, !fs::exists("/run/systemd/system").unwrap());
    assert!(!without_dpkg && started.is_empty());
    let of = |name: &str| names[name].iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(names.len(), 2);
    assert_eq!(
        (of("web01.lab"), of("web02.lab")),
        (vec!["10.0.0.51".into(), "fd00::51".into()], vec!["10.0.0.52".into()])
    );
    assert_eq!(paths[&path("my page")], Standing::File(sha256(b"page").into()));
    assert_eq!(paths[&path("link")], Standing::Link("../somewhere".into()));
    assert_eq!(paths[&path("missing")], Standing::Nothing);
    assert_eq!(paths.len(), 3, "what is no file, or in a folder that can't be entered, is not known");
}

/// Whoever started it; a folder without any file of HAProxy's counts for nothing.
#[test]
fn services_are_told_with_the_files_that_they_were_started_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::copy("/bin/sh", path("started-by-hand-x")).unwrap();
    fs::create_dir(path("bare")).unwrap();
    fs::create_dir(path("conf.d")).unwrap();
    fs::write(path("conf.d/own.cfg"), "").unwrap();
    let files = ["own.cfg", "bare", "conf.d"].map(path);
    let words =
        ["-c", "read -r _", "-Ws", "-f", &files[0], "-f", &files[1], "-p", "/x", "-f", &files[2], "-f"];
    let mut service = Command::new(path("started-by-hand-x"));
    let mut service = service.args(words).stdin(Stdio::piped()).spawn().unwrap();
    let request = ProbeRequest { started: vec!["started-by-hand-x".to_owned()], ..ProbeRequest::default() };
    let invocation = rewritten(sent(probe(&request).unwrap()), |program| {
        assert!(program.contains("/run/systemd/system"));
        program.replace("/run/systemd/system", &path("none"))
    });
    let (output, errors) = Login::default().run(&invocation);
    drop(service.stdin.take());
    service.wait().unwrap();
    assert_eq!(errors, "");
    let (seen, findings) = events(ProbeReader::new(&request), &output);
    findings.unwrap();
    let wanted = format!("{} {}", path("own.cfg"), path("conf.d"));
    assert_eq!(seen[0].started, [("started-by-hand-x".into(), wanted.into())]);
}

/// A host may say what it likes.
#[test]
fn what_a_host_says_of_itself_is_bounded() {
    let request = ProbeRequest {
        names: vec!["web01.lab".to_owned()],
        paths: vec!["/etc/x".to_owned()],
        ..ProbeRequest::default()
    };
    let many: String = (0..1000)
        .map(|number| format!(" 10.0.{}.{}", number / 250, number % 250))
        .fold("addresses".to_owned(), |line, address| line + &address);
    let mut lines = vec!["begin 0".to_owned(), many];
    lines.extend((0..1000).map(|number| format!("leads 0 10.1.{}.{}", number / 250, number % 250)));
    for line in [
        "leads 7 10.0.0.1",
        "leads",
        "leads 0 nonsense",
        "stands 9 nothing",
        "stands 0",
        "stands 0 odd x",
        "stands x",
    ] {
        lines.push(line.to_owned());
    }
    lines.extend(["standpoint", "end ok"].map(str::to_owned));
    let text: String = lines.iter().map(|line| say(line)).collect();
    let (seen, findings) = events(ProbeReader::new(&request), text.as_bytes());
    findings.unwrap();
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((seen.addresses.len(), seen.leads_to("web01.lab").len(), seen.paths.len()), (64, 64, 0));
}
