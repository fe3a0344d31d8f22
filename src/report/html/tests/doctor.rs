//! The page of a preflight as text.

use super::{head, markup, samples};
use crate::model::{Inventory, Language, PreflightOutcome, Severity};
use crate::report::samples as shared;

#[test]
fn the_page_of_a_preflight() {
    let class = samples::class(2, 2);
    insta::assert_snapshot!(markup(&samples::doctor(&class, &samples::unfit(&class))));
}

#[test]
fn verdicts_in_both_languages() {
    let class = samples::class(3, 2);
    let all = samples::unfit(&class);
    let up_to = |severity: Severity| {
        let findings = all.findings.iter().filter(|finding| finding.severity <= severity).cloned();
        PreflightOutcome { findings: findings.collect(), ..all.clone() }
    };
    let cases = [
        PreflightOutcome { findings: Vec::new(), ..all.clone() },
        up_to(Severity::Note),
        up_to(Severity::Warning),
        up_to(Severity::Fatal),
        PreflightOutcome { interrupted: true, ..all.clone() },
    ];
    let mut told = Vec::new();
    for outcome in cases {
        for language in [Language::English, Language::Portuguese] {
            told.push(head(&samples::doctor(&Inventory { language, ..class.clone() }, &outcome)));
        }
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[test]
fn what_is_next_names_no_folder_of_the_laptop() {
    let class = Inventory { path: "/home/prof/my class.yaml".into(), ..samples::class(2, 2) };
    let fit = PreflightOutcome { findings: Vec::new(), ..samples::unfit(&class) };
    let page = samples::doctor(&class, &fit);
    assert!(page.contains("<code>provision apply &#39;my class.yaml&#39;</code>"), "{page}");
    assert!(!page.contains("/home"), "{page}");
}

#[test]
fn only_what_was_examined_is_in_the_overview() {
    let class = shared::classroom();
    let mut outcome = shared::preflight();
    let rows = |outcome: &PreflightOutcome| {
        let page = samples::doctor(&class, outcome);
        page.matches("<th scope=\"row\">").count()
    };
    assert_eq!(rows(&outcome), 30);
    outcome.hosts.retain(|host| host.as_str().starts_with("team0"));
    assert_eq!(rows(&outcome), 9);
    // One cluster: a row for each host.
    outcome.hosts.retain(|host| host.as_str().starts_with("team01/"));
    assert_eq!(rows(&outcome), 3);
    outcome.hosts.truncate(1);
    assert_eq!(rows(&outcome), 0);
}
