//! What the programs say when they fail, and what people are told.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::SystemTime;

use super::super::decoder::Decoder;
use super::super::drill::DrillReader;
use super::super::events::ApplyReader;
use super::super::exec::{ExecReader, exec};
use super::super::failure::{cannot_apply, fault, refusal};
use super::super::invocation::RunAs;
use super::super::invocation::{self, Credentials};
use super::local::{hear, nonce, say};
use crate::model::{Failure, FailureKind, Language};

const PROGRAMS: &[&str] = &[
    include_str!("../programs/apply.sh"),
    include_str!("../programs/apt.sh"),
    include_str!("../programs/apt_news.sh"),
    include_str!("../programs/apt_verdict.sh"),
    include_str!("../programs/become.sh"),
    include_str!("../programs/attributes.sh"),
    include_str!("../programs/candidate.sh"),
    include_str!("../programs/room.sh"),
    include_str!("../programs/dpkg_query.sh"),
    include_str!("../programs/check.sh"),
    include_str!("../programs/command.sh"),
    include_str!("../programs/drill.sh"),
    include_str!("../programs/fetch.sh"),
    include_str!("../programs/file.sh"),
    include_str!("../programs/hold.sh"),
    include_str!("../programs/journal.sh"),
    include_str!("../programs/leaving.sh"),
    include_str!("../programs/machine.sh"),
    include_str!("../programs/observe.sh"),
    include_str!("../programs/outlook.sh"),
    include_str!("../programs/packages.sh"),
    include_str!("../programs/paths.sh"),
    include_str!("../programs/place.sh"),
    include_str!("../programs/purge.sh"),
    include_str!("../programs/recall.sh"),
    include_str!("../programs/removals.sh"),
    include_str!("../programs/removal.sh"),
    include_str!("../programs/reset.sh"),
    include_str!("../programs/run.sh"),
    include_str!("../programs/service.sh"),
    include_str!("../programs/sudo.sh"),
    include_str!("../programs/sudo_password.sh"),
    include_str!("../programs/undo.sh"),
];

/// The codes that follow a marker in the programs.
fn codes(markers: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for marker in markers {
        let hits = PROGRAMS.iter().flat_map(|program| {
            program.match_indices(marker).map(|(position, _)| &program[position + marker.len()..])
        });
        for rest in hits {
            let code = rest.trim_start_matches('"').chars();
            found.insert(code.take_while(|c| c.is_ascii_lowercase() || *c == '-').collect::<String>());
        }
    }
    // A variable, or nothing; and what ends a run without being a failure.
    found.retain(|code| code.len() > 1 && code != "interrupted");
    found
}

/// What a program says behind a code.
fn detail(code: &str) -> &'static str {
    match code.split('-').next().unwrap_or_default() {
        "busy" => "812 40 ana",
        "service" => "haproxy 80 812 apache2",
        "path" => match code {
            "path-user" | "path-group" => "redis /etc/redis/redis.conf",
            _ => "/etc/haproxy/haproxy.cfg",
        },
        "command" => "Y2FjaGUvbWFrZSBpdA== 300 0123456789abcdef Tm8gc3BhY2UgbGVmdA==",
        "check" => match code {
            "check-refused" => {
                "YXBhY2hlMmN0bCBjb25maWd0ZXN0 SW52YWxpZCBjb21tYW5k old /etc/apache2/ports.conf"
            }
            "check-before" => "aGFwcm94eSAtYyAtZg== SW52YWxpZCBjb21tYW5k /etc/haproxy/haproxy.cfg",
            "check-diverted" => "YXBhY2hlMmN0bCBjb25maWd0ZXN0 Tm8gZmlsZQ== /etc/apache2/apache2.conf",
            "check-lost" => "YXBhY2hlMmN0bCBjb25maWd0ZXN0 Tm8gZmlsZQ== apache2 /etc/apache2/apache2.conf",
            _ => "YXBhY2hlMmN0bCBjb25maWd0ZXN0 SW52YWxpZCBjb21tYW5k /etc/apache2/conf-enabled/ana.conf",
        },
        _ => match code {
            "no-scratch" => "/var/cache",
            "sudo-rules" => "sudo: /etc/sudoers.d/90-lab is world writable",
            "sudo-fails" => "sudo: unknown user root",
            "sudo-broken" => {
                "sudo: effective uid is not 0, is /usr/bin/sudo on a file system with the 'nosuid' option set?"
            }
            "drill-busy" => "812 40 ana",
            "drill-broken" => "YXBhY2hlMmN0bCBjb25maWd0ZXN0 /etc/apache2/conf-enabled/ana.conf",
            "drill-socket" => "haproxy /run/haproxy/admin.sock",
            "drill-order" => "haproxy Permission denied",
            "drill-perl" | "drill-return" => "haproxy",
            "apt-locked" => "812 unattended-upgr /var/lib/dpkg/lock",
            "apt-clock" => "invalid for another 3h 2min 5s",
            "apt-takes" => "apache2 campus-web",
            "apt-removes" => "apache2 campus-web apache2 exim4-base",
            "apt-held" => "apache2 haproxy",
            "drill-idle" | "drill-stop" | "apt-unknown" | "apt-virtual" | "apt-forbidden" => "apache2",
            "apt-dpkg" => "linux-image-old old package post-installation script returned error exit status 1",
            "apt-unpack" => "apache2 unable to open '/usr/sbin/a2query.dpkg-new': Operation not permitted",
            "apt-overwrites" => "apache2 campus-ctl /usr/sbin/a2query",
            "apt-stays" => "apache2 dependency problems - not removing",
            "dpkg-lost" => "libnsl2 login passwd",
            "journal-damaged" => "/var/lib/provision/entries/0123456789abcdef",
            "look-failed" => "sha256sum",
            "dpkg-unreadable" => "dpkg-query: error: parsing file '/var/lib/dpkg/status' near line 40",
            "apt-barred" => "/var/lib/dpkg",
            "apt-key" => "/etc/apt/trusted.gpg.d/campus.asc",
            "apt-named" => "/etc/apt/keyrings/own.asc",
            "apt-fatal" => "unknown system user 'nobodyhere' in statoverride file",
            "apt-depends" | "apt-unmet" => {
                "apache2-bin apache2 : Depends: apache2-bin (= 2.4) but 99.0 is to be installed"
            }
            "apt-hook" => "DPkg::Post-Invoke 'false'",
            "apt-sources" => "E: Malformed entry 1 in list file /etc/apt/sources.list.d/y.list (URI)",
            "apt-release" => "http://deb.example/debian zesty",
            "apt-relay" => "the laptop can't resolve deb.example: no such name",
            "apt-proxy" => "http://10.0.0.1:3128",
            "apt-refused" => "http://deb.example 403  Forbidden",
            "apt-certificate" => {
                "https://deb.example Certificate verification failed: The certificate is NOT trusted."
            }
            "apt-replaced" => "/usr/local/bin/apt-get apt-get is disabled by campus IT, use campus-apt",
            "apt-hung" => "sh -c sleep 3000",
            "apt-portal" => "http://deb.example Clearsigned file isn't valid, got 'NOSPLIT'",
            "apt-fetch" => "E: Failed to fetch http://deb.example/x.deb  403  Forbidden",
            "apt-failed" => "E: The list of sources could not be read.",
            "apt-expired" | "apt-unsigned" | "apt-hash" | "apt-stale" | "apt-resolve" | "apt-mirror" => {
                "http://deb.example"
            }
            _ => "",
        },
    }
}

/// The cause, and below it the message and the hint, in English and then in Portuguese.
pub fn both(failure: &Failure) -> String {
    let mut text = format!("{:?}\n", failure.kind);
    for language in [Language::English, Language::Portuguese] {
        writeln!(text, "  {}", failure.message.words(language)).unwrap();
        if let Some(hint) = &failure.hint {
            writeln!(text, "    {}", hint.words(language)).unwrap();
        }
    }
    text
}

/// What is told of every code, checked for what all of them have in common.
fn told(codes: &BTreeSet<String>, explain: fn(&str) -> Failure) -> String {
    let tell = |code: &String| {
        let failure = explain(&format!("{code} {}", detail(code)));
        assert_ne!(failure.kind, FailureKind::Protocol, "{code}: {failure:?}");
        for text in [&failure.message, failure.hint.as_ref().unwrap()] {
            assert!(text.english().len() > 8 && !text.english().contains('\n'), "{code}: {text:?}");
            assert_ne!(text.english(), text.words(Language::Portuguese), "{code}");
        }
        format!("{code}: {}", both(&failure))
    };
    codes.iter().map(tell).collect()
}

#[test]
fn every_word_of_the_programs_is_explained() {
    let faults = codes(&["fault=", "blame "]);
    assert!(faults.len() > 40, "{faults:?}");
    insta::assert_snapshot!("faults", told(&faults, fault));
    let refusals = codes(&["\"refused ", "%s refused ", "refuse ", "explain "]);
    assert!(refusals.len() > 8, "{refusals:?}");
    insta::assert_snapshot!("refusals", told(&refusals, refusal));
}

#[test]
fn how_a_command_failed_is_explained() {
    let ends = ["command-status", "command-late", "command-undo-status", "command-undo-late"];
    let codes = ends.map(str::to_owned).into();
    let mute = ["command-status Y2FjaGUvaXQ= 1 0123", "command-undo-status Y2FjaGUvaXQ= 137 0123"];
    let mute: Vec<String> = mute.iter().map(|words| format!("{words}: {}", both(&fault(words)))).collect();
    insta::assert_snapshot!(told(&codes, fault) + &mute.concat());
}

#[test]
fn what_a_program_leaves_out_is_no_hole_in_a_sentence() {
    let faults = [
        "apt-unknown",
        "apt-dpkg",
        "apt-failed",
        "apt-fetch E: Failed to fetch http://deb.example/x.deb  Socket error",
        "apt-hash",
        "apt-mirror",
        "apt-proxy http://10.0.0.1:3128 407  Proxy Authentication Required",
        "apt-unmet",
        "check-refused aGFwcm94eQ== - none /etc/haproxy/haproxy.cfg",
        "service-port haproxy 80 812",
    ];
    let told: Vec<_> = faults.iter().map(|words| format!("{words}: {}", both(&fault(words)))).collect();
    insta::assert_snapshot!(told.concat());
}

#[test]
fn words_of_a_later_version_are_passed_on() {
    for failure in [fault("moon-full tonight"), refusal("moon-full tonight")] {
        assert_eq!(failure.kind, FailureKind::Protocol);
        assert_eq!(failure.hint.unwrap().words(Language::Portuguese), "ela disse: moon-full tonight");
    }
}

#[test]
fn without_systemd_no_advice_names_it() {
    for cause in ["start", "reload", "enable", "port", "unknown"] {
        let told = both(&fault(&format!("daemon-{cause} haproxy 80 812 apache2")));
        assert!(!told.contains("systemctl") && !told.contains("journalctl"), "{told}");
        assert!(!told.contains("does not know"), "{told}");
    }
}

#[test]
fn what_the_host_adds_to_a_unit_is_named() {
    let failure = fault("service-start haproxy /etc/systemd/system/haproxy.service.d/user.conf");
    assert_eq!(failure.message.english(), "haproxy does not come up");
    let hint = failure.hint.unwrap();
    assert!(hint.english().contains("/haproxy.service.d/user.conf, which changes how it starts"), "{hint:?}");
}

#[test]
fn whoever_holds_a_port_is_named() {
    let failure = fault("service-port haproxy 80 812 apache2");
    assert_eq!(failure.message.english(), "haproxy cannot have port 80: apache2 holds it");
    assert!(failure.hint.unwrap().english().contains("process 812"));
    let failure = fault("service-port haproxy 80 812 x;$(id)");
    assert!(failure.hint.unwrap().english().contains("`sudo systemctl disable --now 'x;$(id)'`"));
}

#[test]
fn what_is_found_out_here_is_told_in_both_languages() {
    let nonce = nonce();
    let exec_said = |said: &str| hear(ExecReader::default(), said.as_bytes()).1.unwrap_err();
    let two_lines = Credentials { password: Some("a\nb"), ..Credentials::default() };
    let failures = [
        hear(ApplyReader, b"").1.unwrap_err(),
        exec_said("Welcome\n"),
        exec_said(&say("begin 0")),
        exec_said(&(say("begin 0") + &say("exit well"))),
        hear(DrillReader, (say("begin 0") + &say("end failed")).as_bytes()).1.unwrap_err(),
        Decoder::new(&nonce, false).feed(say(&"A".repeat(1 << 20)).as_bytes()).unwrap_err(),
        Decoder::new(&nonce, false).feed(&vec![b'\n'; 65 << 20]).unwrap_err(),
        exec(&["true".to_owned()], RunAs::Root(two_lines)).begin(&nonce, SystemTime::now()).err().unwrap(),
        invocation::path("relative").unwrap_err(),
        cannot_apply(),
    ];
    insta::assert_snapshot!(failures.iter().map(both).collect::<String>());
}
