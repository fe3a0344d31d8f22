//! What the programs say when they fail, and what people are told.

use std::collections::BTreeSet;

use super::super::failure::{fault, refusal};
use crate::model::FailureKind;

const PROGRAMS: &[&str] = &[
    include_str!("../programs/apply.sh"),
    include_str!("../programs/apt.sh"),
    include_str!("../programs/become.sh"),
    include_str!("../programs/file.sh"),
    include_str!("../programs/journal.sh"),
    include_str!("../programs/observe.sh"),
    include_str!("../programs/reset.sh"),
    include_str!("../programs/run.sh"),
    include_str!("../programs/service.sh"),
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

#[test]
fn every_word_of_the_programs_is_explained() {
    let faults = codes(&["fault=", "blame "]);
    assert!(faults.len() > 30, "{faults:?}");
    for code in faults {
        let failure = fault(&format!("{code} haproxy 80 7 apache2"));
        assert_ne!(failure.kind, FailureKind::Protocol, "{code}: {failure:?}");
        assert!(failure.hint.is_some_and(|hint| hint.english().len() > 10), "{code}");
    }
    let refusals = codes(&["\"refused ", "refuse ", "explain "]);
    assert!(refusals.len() > 8, "{refusals:?}");
    for code in refusals {
        assert_ne!(refusal(&code).kind, FailureKind::Protocol, "{code}");
    }
}

#[test]
fn whoever_holds_a_port_is_named() {
    let failure = fault("service-port haproxy 80 812 apache2");
    assert_eq!(failure.message.english(), "haproxy cannot have port 80: apache2 holds it");
    assert!(failure.hint.unwrap().english().contains("process 812"));
    assert_eq!(
        fault("service-port haproxy 80 812 ").message,
        "haproxy cannot have port 80: another program holds it".into()
    );
}
