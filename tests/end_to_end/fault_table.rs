//! Faults as data, on lab hosts: each row of `tests/faults/hosts/*.yaml` breaks something on a host, says what the verbs
//! must make of it and what must be so on the host afterwards, and mends it.
//!
//! ```yaml
//! - name: a package of others that apt would remove
//!   on: bare                         # or `spare`: hosts with nothing of ours; or `web` or `balancer`, applied
//!   breaks: dpkg -i /root/campus-web.deb
//!   expect:                          # in this order: doctor, plan, verify, drill, apply, again (a second apply), reset
//!     doctor: { exit: 2, says: [campus-web] }
//!     apply: { exit: 2, status: failed, says: [would remove campus-web], advice: [sudo apt-get install apache2] }
//!   after: dpkg -s campus-web        # a shell script on the host, which has to end well
//!   mends: dpkg --purge campus-web
//!   known_gap: why                   # it is not so yet
//!   unforeseen: why                  # apply fails, and doctor cannot know; else doctor has to find something
//! ```

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value;

use crate::expected::{self, Expected};
use crate::practice::Practice;

const ORDER: [&str; 7] = ["doctor", "plan", "verify", "drill", "apply", "again", "reset"];
/// What rows use on a host.
const PREPARES: &str = include_str!("../faults/prepare.sh");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    on: Place,
    breaks: String,
    expect: BTreeMap<String, Expected>,
    #[serde(default)]
    after: String,
    mends: String,
    known_gap: Option<String>,
    unforeseen: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum Place {
    Bare,
    /// Another one, so that both take their rows at the same time.
    Spare,
    Web,
    Balancer,
}

impl Place {
    fn host(self) -> &'static str {
        match self {
            Self::Bare => "web01",
            Self::Web => "web02",
            Self::Spare => "web03",
            Self::Balancer => "lb",
        }
    }
}

#[test]
#[ignore = "needs root and lab hosts"]
fn every_fault_of_a_host_is_told_as_its_row_says() {
    let practice = Practice::up("table", &["--web", "3"]);
    let faults: Vec<Fault> = expected::rows("hosts");
    let failures = Mutex::new(Vec::new());
    for host in practice.host_names() {
        practice.inside_with(host, "cat >/root/prepare.sh && sh /root/prepare.sh", PREPARES);
    }
    practice.expect(0, &["apply", "--no-verify"]);
    let bare = [Place::Bare, Place::Spare].map(Place::host).join(",");
    practice.expect(0, &["reset", "--yes", "-l", &bare]);
    std::thread::scope(|scope| {
        for places in [&[Place::Bare][..], &[Place::Spare], &[Place::Web, Place::Balancer]] {
            let (practice, faults, failures) = (&practice, &faults, &failures);
            scope.spawn(move || {
                for fault in faults.iter().filter(|fault| places.contains(&fault.on)) {
                    let failure = failure(practice, fault);
                    failures.lock().unwrap().extend(failure);
                }
            });
        }
    });
    let gaps = faults.iter().filter(|fault| fault.known_gap.is_some()).count();
    expected::tell("faults of lab hosts", faults.len(), gaps, &failures.into_inner().unwrap());
}

fn failure(practice: &Practice, fault: &Fault) -> Option<String> {
    let host = fault.on.host();
    let unknown: Vec<_> = fault.expect.keys().filter(|verb| !ORDER.contains(&verb.as_str())).collect();
    assert!(unknown.is_empty(), "{}: no verb {unknown:?}", fault.name);
    let broken = practice.try_inside(host, &fault.breaks);
    let mut troubles: Vec<String> =
        broken.err().map(|words| format!("breaking it: {words}")).into_iter().collect();
    if expected::asks_doctor(&fault.expect) {
        let (code, ..) = run(practice, host, "doctor");
        troubles.extend(expected::foresight(code, fault.unforeseen.as_deref()));
    }
    for verb in ORDER {
        let Some(expected) = fault.expect.get(verb) else { continue };
        let (code, told, document) = run(practice, host, verb);
        let found = expected.troubles(code, &told, &document);
        troubles.extend(found.into_iter().map(|trouble| format!("{verb}: {trouble}")));
    }
    for (what, script) in [("afterwards", &fault.after), ("mending it", &fault.mends)] {
        let ended = practice.try_inside(host, script);
        troubles.extend(ended.err().map(|words| format!("{what}: {words}")));
    }
    expected::failure(&fault.name, fault.known_gap.as_deref(), &troubles)
}

fn run(practice: &Practice, host: &str, verb: &str) -> (i32, String, Value) {
    let report = practice.inventory().with_file_name(format!("said-{host}.json"));
    let mut words = match verb {
        "verify" => vec!["verify", "--retry-timeout", "1s"],
        "apply" | "again" => vec!["apply", "--no-verify"],
        "reset" => vec!["reset", "--yes"],
        "drill" => vec!["drill", "--yes", "--hold", "1s"],
        verb => vec![verb],
    };
    words.extend(["--limit", host, "--report", report.to_str().unwrap()]);
    let ran = practice.start(&words).end();
    let document = std::fs::read_to_string(&report).unwrap_or_default();
    let _ = std::fs::remove_file(report);
    (ran.code, ran.stdout + &ran.stderr, serde_json::from_str(&document).unwrap_or_default())
}
