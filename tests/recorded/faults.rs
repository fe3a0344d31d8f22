//! Faults as data: each row of `tests/faults/recorded/*.yaml` is a host in trouble, and what the verbs must make of it.
//! A row is added without code:
//!
//! ```yaml
//! - name: sudo is not installed
//!   host: refuses sudo-missing       # see `recording`; a healthy bare host where nothing is said
//!   facts: [nameless]                # what its look says besides
//!   hosts: { web2: { host: lost } }  # those of several hosts that are otherwise, each with its `host` and `facts`
//!   inventory: "hosts: {…}"          # one web host where nothing is said
//!   expect:                          # by verb: exit code, the host's status, words, what to do, what must not be said
//!     apply: { exit: 2, status: failed, says: [sudo is not installed], advice: [apt install sudo], never: [plan shows] }
//!   known_gap: why                   # it is not so yet; the mark has to go when it is
//!   unforeseen: why                  # apply fails, and doctor cannot know; else doctor has to find something
//! ```

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Deserialize;

use crate::class::Class;
use crate::expected::{self, Expected};
use crate::hosts::{Recording, answering, bare_with, failing, failing_run, lost, refusing_root, unreachable};
use crate::trials;

trials![every_fault_is_told_as_its_row_says];

const INVENTORY: &str = "hosts: {web: {address: 192.0.2.11, roles: [web]}}\n";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fault {
    name: String,
    #[serde(default)]
    host: String,
    #[serde(default)]
    facts: Vec<String>,
    #[serde(default)]
    hosts: BTreeMap<String, Other>,
    inventory: Option<String>,
    expect: BTreeMap<String, Expected>,
    known_gap: Option<String>,
    unforeseen: Option<String>,
}

/// A host that is not as the others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    #[serde(default)]
    host: String,
    #[serde(default)]
    facts: Vec<String>,
}

fn every_fault_is_told_as_its_row_says() {
    let faults: Vec<Fault> = expected::rows("recorded");
    let next = Mutex::new(faults.iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(fault) = { next.lock().unwrap().next() } {
                    failures.lock().unwrap().extend(failure(fault));
                }
            });
        }
    });
    let gaps = faults.iter().filter(|fault| fault.known_gap.is_some()).count();
    expected::tell("faults of recorded hosts", faults.len(), gaps, &failures.into_inner().unwrap());
}

/// What a row says that is not so; or that it is so, where it says that it is not.
fn failure(fault: &Fault) -> Option<String> {
    let class = Class::new(fault.inventory.as_deref().unwrap_or(INVENTORY));
    let class = fault
        .hosts
        .iter()
        .fold(class, |class, (name, other)| class.host(name, recording(&other.host, &other.facts)))
        .host("*", recording(&fault.host, &fault.facts));
    let troubles = fault.expect.iter().flat_map(|(verb, expected)| {
        let output = class.run(line(verb));
        let told = output.printed() + "\n" + &output.says();
        let troubles = expected.troubles(output.code(), &told, &class.report("said.json"));
        troubles.into_iter().map(move |trouble| format!("{verb}: {trouble}"))
    });
    let mut troubles: Vec<String> = troubles.collect();
    // What a recorded run says besides its look is on no host that doctor could look at.
    if expected::asks_doctor(&fault.expect) && !fault.host.starts_with("run ") {
        let output = class.run(line("doctor"));
        let told = output.printed() + "\n" + &output.says();
        let trouble = expected::foresight(output.code(), fault.unforeseen.as_deref());
        troubles.extend(trouble.map(|trouble| format!("{trouble}\n{told}")));
    }
    expected::failure(&fault.name, fault.known_gap.as_deref(), &troubles)
}

fn line(verb: &str) -> &'static str {
    match verb {
        "apply" => "apply class.yaml --no-verify --report said.json",
        "doctor" => "doctor class.yaml --report said.json",
        "exec" => "exec class.yaml -- true",
        "fetch" => "packages fetch class.yaml",
        "plan" => "plan class.yaml --report said.json",
        "reset" => "reset class.yaml --yes --report said.json",
        "validate" => "validate class.yaml",
        "verify" => "verify class.yaml --retry-timeout 0s --report said.json",
        other => panic!("no verb {other}"),
    }
}

fn recording(host: &str, facts: &[String]) -> Recording {
    let (kind, rest) = host.split_once(' ').unwrap_or((host, ""));
    let facts: Vec<String> = facts.iter().map(|fact| format!("{{nonce}} {fact}")).collect();
    match kind {
        "" => bare_with(&facts),
        // There is no session: see `src/transport/recorded/player.rs`.
        "unreachable" => unreachable(rest),
        // A reason of `become.sh`.
        "refuses" => refusing_root(rest),
        // A look, or a run after a look, that ends with a fault of `src/remote/failure/`.
        "look" => failing(rest),
        "run" => failing_run(rest),
        // Words instead of a program's answers.
        "says" => answering(&[rest]),
        "lost" => lost(),
        other => panic!("no host {other}"),
    }
}
