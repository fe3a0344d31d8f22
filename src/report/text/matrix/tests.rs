use std::collections::BTreeSet;

use super::*;
use crate::model::Work;
use crate::model::{Language, RunOutcome};
use crate::probes::PROBES;
use crate::report::samples::{self, named};
use crate::report::text::TextOptions;

fn options(width: usize, verbose: u8) -> TextOptions {
    TextOptions {
        look: Look { width, verbose, ..samples::LOOK },
        program: "provision".to_owned(),
        limit: None,
        log: None,
    }
}

/// Every cluster has a trouble of its own kind.
fn in_trouble() -> RunOutcome {
    let mut outcome = samples::class_applied();
    for team in 1..=30 {
        let kinds = PROBES.iter().map(|probe| probe.kind).enumerate().filter(|(bit, _)| team >> bit & 1 == 1);
        for (_, kind) in kinds {
            let id = format!("team{team:02}/{}", if kind == CheckKind::HTTP { "web1" } else { "lb" });
            for check in &mut outcome.checks {
                if check.host.as_str() == id && check.kind == kind {
                    check.status = CheckStatus::Fail;
                }
            }
        }
    }
    outcome
}

/// All clusters but one have the same trouble.
fn all_alike() -> RunOutcome {
    let mut outcome = samples::class_applied();
    for check in outcome.checks.iter_mut().filter(|check| check.kind != CheckKind::SSH) {
        let is_well = check.host.as_str().starts_with("team13");
        check.status = if is_well { CheckStatus::Pass } else { CheckStatus::Fail };
    }
    outcome
}

/// All is well, but one web host is silent.
fn nearly_well() -> RunOutcome {
    let mut outcome = samples::applied();
    outcome.hosts.clear();
    outcome.checks = samples::passing_checks(&samples::classroom());
    samples::silence(&mut outcome, "team07", "web1");
    outcome
}

#[test]
fn long_names_in_80_columns() {
    let mut told = Vec::new();
    for name in [named::numbered, named::students] {
        let class = named::class_of(name);
        let troubles = named::renamed(samples::class_applied(), name);
        told.push(samples::text(Work::Apply, &troubles, &class, &options(80, 0)));
        let probes = RunOutcome { hosts: Vec::new(), ..troubles };
        told.push(samples::text(Work::Verify, &probes, &class, &options(80, 0)));
        told.push(samples::text(Work::Verify, &named::renamed(nearly_well(), name), &class, &options(80, 0)));
        let look = Look { width: 80, verbose: 0, ..samples::LOOK };
        for outcome in [all_alike(), RunOutcome { hosts: Vec::new(), ..all_alike() }] {
            told.push(lines(look, &View::new(&named::renamed(outcome, name), &class)).join("\n"));
        }
    }
    insta::assert_snapshot!(told.join("\n=====\n"));
}

#[test]
fn a_row_for_each_long_name_under_v() {
    let name = named::students;
    let (class, outcome) = (named::class_of(name), named::renamed(in_trouble(), name));
    let probes = RunOutcome { hosts: Vec::new(), ..outcome.clone() };
    let look = Look { width: 80, verbose: 1, ..samples::LOOK };
    let tables = [lines(look, &View::new(&outcome, &class)), lines(look, &View::new(&probes, &class))];
    insta::assert_snapshot!(tables.map(|lines| lines.join("\n")).join("\n=====\n"));
}

#[test]
fn narrow_terminals() {
    let class = named::class_of(named::numbered);
    let outcome = named::renamed(samples::class_applied(), named::numbered);
    let probes = RunOutcome { hosts: Vec::new(), ..outcome.clone() };
    let mut tables = Vec::new();
    for width in [60, 40, 24] {
        for outcome in [&outcome, &probes] {
            let look = Look { width, verbose: 0, ..samples::LOOK };
            tables.push(format!("{width} columns\n{}", lines(look, &View::new(outcome, &class)).join("\n")));
        }
    }
    insta::assert_snapshot!(tables.join("\n\n"));
}

#[test]
fn hosts_of_few_clusters() {
    let mut class = named::class_of(named::numbered);
    class.clusters.truncate(4);
    let mut outcome = named::renamed(in_trouble(), named::numbered);
    outcome.hosts.retain(|worked| class.hosts().any(|host| host.id == worked.host));
    let look = Look { width: 80, verbose: 0, ..samples::LOOK };
    insta::assert_snapshot!(lines(look, &View::new(&outcome, &class)).join("\n"));
}

const STYLE: Style = Style { colour: false, unicode: true, language: Language::English };

/// Names that differ in nothing but their middle, and are as long as names may be.
fn middle(number: usize) -> String {
    format!("sistemas-distribuidos-da-turma-{number:02}-do-turno-da-noite-em-2026")
}

#[test]
fn no_row_breaks_and_no_two_rows_are_of_the_same_name() {
    let short = |number| format!("team{number:02}");
    for name in [named::numbered, named::students, middle, short] {
        let class = named::class_of(name);
        for outcome in [in_trouble(), samples::class_applied(), samples::class_verified_with_silence()] {
            let outcome = named::renamed(outcome, name);
            let probes = RunOutcome { hosts: Vec::new(), ..outcome.clone() };
            for width in [400, 200, 120, 100, 80, 72, 60, 50, 40] {
                for (outcome, shows_all, unicode) in [
                    (&outcome, false, true),
                    (&outcome, true, true),
                    (&probes, true, true),
                    (&probes, true, false),
                ] {
                    let look = Look {
                        style: Style { unicode, ..STYLE },
                        width,
                        verbose: shows_all.into(),
                        ..samples::LOOK
                    };
                    let table = lines(look, &View::new(outcome, &class));
                    let text = table.join("\n");
                    assert!(table.iter().all(|line| words::width(line) <= width), "{width}:\n{text}");
                    let names: BTreeSet<_> =
                        table.iter().skip(1).map(|line| line.split("  ").next().unwrap()).collect();
                    assert_eq!(names.len(), table.len() - 1, "{width}:\n{text}");
                    assert!(names.iter().all(|name| words::width(name) >= 5.min(width)), "{width}:\n{text}");
                    assert!(!shows_all || names.len() == 30, "{width}:\n{text}");
                    assert!(width < 200 || !text.contains(look.style.ellipsis()), "{width}:\n{text}");
                }
            }
        }
    }
}
