//! What hosts answered → facts. A case is a file under `observations/`: the question, a line `---`, the answers.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use super::super::facts::ObserveReader;
use super::super::observe::{ObserveRequest, PathRequest, ServiceRequest};
use super::failing::both;
use super::local::{hear, say};
use crate::model::{Facts, Failure};

/// `package NAME`, `path PATH`, `service NAME PORT…`, a line each.
fn question(text: &str) -> ObserveRequest {
    let mut request = ObserveRequest::default();
    for line in text.lines() {
        let (word, rest) = line.split_once(' ').unwrap();
        match word {
            "package" => request.packages.push(rest.to_owned()),
            "path" => request.paths.push(PathRequest { path: rest.to_owned(), sha256: None }),
            "service" => {
                let mut words = rest.split(' ');
                let name = words.next().unwrap().to_owned();
                request.services.push(ServiceRequest {
                    name,
                    ports: words.map(|port| port.parse().unwrap()).collect(),
                    check: None,
                });
            }
            other => panic!("{other}"),
        }
    }
    request
}

fn read(case: &str) -> Result<Facts, Failure> {
    let (asked, answers) = case.split_once("---\n").unwrap();
    let request = question(asked);
    // Log lines are indented in a case.
    let line = |line: &str| match line.strip_prefix("    ") {
        Some(log) => format!("{log}\n"),
        None => say(line),
    };
    let stdout: String = answers.lines().map(line).collect();
    hear(ObserveReader::new(request), stdout.as_bytes()).1
}

fn shown(facts: &Facts) -> String {
    let mut text = String::new();
    let Facts { os_id, os_version, architecture, systemd, rooms, addresses, read_only, .. } = facts;
    writeln!(
        text,
        "{} {} {} systemd={systemd} {rooms:?} read-only={read_only:?} {addresses:?}",
        os_id.raw(),
        os_version.raw(),
        architecture.raw(),
    )
    .unwrap();
    writeln!(
        text,
        "due={:?} dpkg-interrupted={:?} removals={:?}",
        facts.reloads_due, facts.dpkg_interrupted, facts.removals
    )
    .unwrap();
    writeln!(
        text,
        "mirror={:?} owners={:?} sources={:?}",
        facts.mirror_reachable, facts.port_owners, facts.apt_sources
    )
    .unwrap();
    for (name, fact) in &facts.packages {
        writeln!(text, "package {name}: {fact:?}").unwrap();
    }
    for (path, fact) in &facts.paths {
        writeln!(text, "path {path}: {fact:?}").unwrap();
    }
    for (name, fact) in &facts.services {
        writeln!(text, "service {name}: {fact:?}").unwrap();
    }
    text
}

#[test]
fn every_observation_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/remote/tests/observations");
    let mut cases = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = match read(&fs::read_to_string(&path).unwrap()) {
            Ok(facts) => shown(&facts),
            Err(failure) => both(&failure),
        };
        insta::assert_snapshot!(name, text);
        cases += 1;
    }
    assert!(cases >= 6);
}
