//! Faults as data: each row of `tests/faults/recorded/*.yaml` is a host in trouble, and what the verbs must make of it.
//! A row is added without code:
//!
//! ```yaml
//! - name: sudo is not installed
//!   host: refuses sudo-missing       # see `host_of`; a healthy bare host where nothing is said
//!   facts: [nameless]                # what its look says besides
//!   inventory: "hosts: {…}"          # one web host where nothing is said
//!   expect:                          # by verb: exit code, the host's status, words, what to do, what must not be said
//!     apply: { exit: 2, status: failed, says: [sudo is not installed], advice: [apt install sudo], never: [plan shows] }
//!   known_gap: why                   # it is not so yet; the mark has to go when it is
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Mutex;

use serde::Deserialize;
use serde_json::Value;

use crate::class::Class;
use crate::hosts::{Recording, answering, bare_with, failing, failing_run, lost, refusing_root, unreachable};
use crate::output::Output;
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
    inventory: Option<String>,
    expect: BTreeMap<String, Expected>,
    known_gap: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    exit: i32,
    status: Option<String>,
    #[serde(default)]
    says: Vec<String>,
    #[serde(default)]
    advice: Vec<String>,
    #[serde(default)]
    never: Vec<String>,
}

fn every_fault_is_told_as_its_row_says() {
    let faults = rows();
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
    let (failures, gaps) =
        (failures.into_inner().unwrap(), faults.iter().filter(|fault| fault.known_gap.is_some()));
    let (number, gaps) = (faults.len(), gaps.count());
    let held = number - gaps - failures.len().min(number - gaps);
    let told = format!("faults: {held}/{number}, {gaps} known gaps");
    assert!(failures.is_empty(), "{told}\n{}", failures.join("\n"));
    println!("{told}");
}

fn rows() -> Vec<Fault> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/recorded");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let read = |path: &std::path::PathBuf| -> Vec<Fault> {
        let text = fs::read_to_string(path).unwrap();
        serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    files.iter().flat_map(read).collect()
}

/// What a row says that is not so; or that it is so, where it says that it is not.
fn failure(fault: &Fault) -> Option<String> {
    let class = Class::new(fault.inventory.as_deref().unwrap_or(INVENTORY)).host("*", host_of(fault));
    let troubles = fault.expect.iter().flat_map(|(verb, expected)| {
        let output = class.run(line(verb));
        expected
            .troubles(&output, &class.report("said.json"))
            .into_iter()
            .map(move |trouble| format!("{verb}: {trouble}"))
    });
    let troubles: Vec<String> = troubles.collect();
    match (&fault.known_gap, troubles.is_empty()) {
        (None, true) | (Some(_), false) => None,
        (None, false) => Some(format!("✗ {}\n    {}", fault.name, troubles.join("\n    "))),
        (Some(_), true) => {
            Some(format!("✗ {}: it is as it should be now; its known_gap has to go", fault.name))
        }
    }
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

fn host_of(fault: &Fault) -> Recording {
    let (kind, rest) = fault.host.split_once(' ').unwrap_or((&fault.host, ""));
    let facts: Vec<String> = fault.facts.iter().map(|fact| format!("{{nonce}} {fact}")).collect();
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
        other => panic!("{}: no host {other}", fault.name),
    }
}

impl Expected {
    fn troubles(&self, output: &Output, document: &Value) -> Vec<String> {
        let told = output.printed() + "\n" + &output.says();
        // Long sentences are broken where a screen ends.
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        let (mut words, mut advice) = (vec![told.clone()], Vec::new());
        collect(document, "", &mut words, &mut advice);
        // A plan's warnings, faults of an inventory and what a command came to are in no document.
        if advice.is_empty() {
            advice.push(told);
        }
        let (words, advice) = (words.join("\n"), advice.join("\n"));
        let mut troubles = Vec::new();
        if output.code() != self.exit {
            troubles.push(format!("exit {}, not {}", output.code(), self.exit));
        }
        let status = &document["hosts"][0]["status"];
        let other = self.status.iter().filter(|wanted| *status != wanted.as_str());
        troubles.extend(other.map(|wanted| format!("{status}, not {wanted}")));
        let missing = |text: &str, parts: &[String], what: &str| -> Vec<String> {
            let missing = parts.iter().filter(|part| !text.contains(part.as_str()));
            missing.map(|part| format!("{what}: {part}")).collect()
        };
        troubles.extend(missing(&words, &self.says, "not said"));
        troubles.extend(missing(&advice, &self.advice, "not advised"));
        let said = self.never.iter().filter(|part| words.contains(part.as_str()));
        troubles.extend(said.map(|part| format!("said: {part}")));
        if !troubles.is_empty() {
            troubles.push(words);
        }
        troubles
    }
}

/// All texts of a document, and those of them that say what to do.
fn collect(value: &Value, key: &str, words: &mut Vec<String>, advice: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            words.push(text.clone());
            if ["hint", "mend"].contains(&key) {
                advice.push(text.clone());
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, key, words, advice)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(key, _)| *key != "diff")
            .for_each(|(key, value)| collect(value, key, words, advice)),
        _ => {}
    }
}
