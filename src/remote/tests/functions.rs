//! A program is put together of parts, and what two of them call by one name is that of the last.

use std::collections::BTreeSet;
use std::time::Duration;

use super::super::*;
use crate::model::{Guard, Maker, ResourceId};

/// The functions that a program defines, in order. Those of a program inside it are none of its own.
fn functions(program: &str) -> Vec<&str> {
    let mut inside = false;
    let own = program.lines().filter(|line| {
        inside |= line.ends_with("<<'END_OF_METHOD'");
        inside &= *line != "END_OF_METHOD";
        !inside
    });
    own.filter_map(|line| line.strip_suffix("() {")).collect()
}

#[test]
fn no_program_defines_a_function_twice() {
    let root = Credentials::default;
    let service = DrillTarget::Service { name: "apache2", check: None };
    let question = AskRequest { address: "192.0.2.1", port: 80, count: 1, most: 1, request: "" };
    let guard = (ResourceId::new("command:cache/it"), Guard::Creates("/it".to_owned()));
    let with_guards = ObserveRequest { guards: vec![guard], ..ObserveRequest::default() };
    let programs = [
        (
            "apply",
            apply(&[], Purpose { maker: &Maker::default(), wanted: &[] }, PackageWay::Own, root(), "-", None)
                .unwrap()
                .parts,
        ),
        ("ask", ask(&question).unwrap().parts),
        ("drill", drill(service, Duration::ZERO, root()).unwrap().parts),
        ("examine", examine(&ExamineRequest::default(), root()).unwrap().parts),
        ("exec", exec(&[], RunAs::Login).parts),
        ("fetch", fetch(&[], PackageWay::Own, root()).unwrap().parts),
        ("hold", hold(Duration::ZERO, root()).parts),
        ("logs", logs(&[], root()).unwrap().parts),
        ("observe with guards", observe(with_guards, root()).unwrap().parts),
        ("observe", observe(ObserveRequest::default(), root()).unwrap().parts),
        ("probe", probe(&ProbeRequest::default()).unwrap().parts),
        ("recall", observe_journal(root(), "-").parts),
        ("reset", reset(&[], root(), "-", None).unwrap().parts),
    ];
    for (name, parts) in programs {
        let program = parts.concat();
        let mut known = BTreeSet::new();
        let twice: Vec<_> = functions(&program).into_iter().filter(|name| !known.insert(*name)).collect();
        assert!(!known.is_empty() && twice.is_empty(), "{name} defines twice: {twice:?}");
    }
}
