//! Probes of practices in every report: a column for each practice, and its probes by name. The result of each verb in
//! Portuguese.

use super::csv::csv_table;
use super::junit::junit_document;
use super::samples::drills;
use super::text::TextOptions;
use super::view::View;
use super::{Look, Style, document, result_text, samples, words};
use crate::model::{
    CheckKind, CommandOutcome, DrillsOutcome, ExecOutcome, Grading, Language, Outcome, Text, Work,
};

#[test]
fn a_practice_is_a_column_of_the_table() {
    let options =
        TextOptions { look: samples::LOOK, program: "provision".to_owned(), limit: None, log: None };
    let outcome = samples::verified_practices();
    let text = samples::text(Work::Verify, &outcome, &samples::inventory(), &options);
    assert!(text.lines().all(|line| words::width(line) <= 80), "{text}");
    insta::assert_snapshot!("practices_in_text", text);
    let verbose = TextOptions { look: Look { verbose: 1, ..samples::LOOK }, ..options };
    let text = samples::text(Work::Verify, &outcome, &samples::inventory(), &verbose);
    assert!(text.contains("kafka/ping: not judged: kafka-server is not active"), "{text}");
}

#[test]
fn a_practice_is_a_column_for_gradebooks_with_its_weight() {
    let mut inventory = samples::inventory();
    let weights = [(CheckKind::of_practice("rabbitmq"), 4.0), (CheckKind::of_practice("kafka"), 0.0)];
    inventory.grading = Grading { maximum: 10.0, weights: weights.into() };
    insta::assert_snapshot!(
        "practices_in_csv",
        csv_table(&View::new(&samples::verified_practices(), &inventory)).unwrap()
    );
}

#[test]
fn each_probe_of_a_practice_is_told_by_name() {
    let (outcome, inventory) =
        (samples::of(Work::Verify, &samples::verified_practices()), samples::inventory());
    let report = samples::report(&outcome, &inventory);
    let of_practices = |text: &str, beginning: &str| {
        let first = text.lines().position(|line| line.contains(beginning)).unwrap();
        text.lines().skip(first - 1).take(22).collect::<Vec<_>>().join("\n")
    };
    insta::assert_snapshot!("practices_in_json", of_practices(&document(&report), "\"rabbitmq\""));
    insta::assert_snapshot!(
        "practices_in_junit",
        of_practices(&junit_document(&report).unwrap(), "rabbitmq/amqp")
    );
}

#[test]
fn the_result_of_each_verb_in_portuguese() {
    let style = Style { language: Language::Portuguese, ..samples::LOOK.style };
    let look = Look { style, ..samples::LOOK };
    let options = TextOptions { look, program: "provision".to_owned(), limit: None, log: None };
    let command = |host: &str, status| CommandOutcome {
        host: samples::host_id(host),
        status,
        output: Text::verbatim("12:01 up 3 days"),
        log: Text::default(),
    };
    let failure = samples::planned_with_troubles().hosts.into_iter().find_map(|host| host.failure);
    let hosts =
        vec![command("lb01", Ok(0)), command("web01", Ok(3)), command("web02", Err(failure.unwrap()))];
    let told = [
        ("plan", samples::of(Work::Plan, &samples::planned_with_troubles())),
        ("apply", samples::of(Work::Apply, &samples::applied())),
        ("apply_in_trouble", samples::of(Work::Apply, &samples::applied_with_troubles())),
        ("apply_interrupted", samples::of(Work::Apply, &samples::interrupted())),
        ("apply_with_timings", samples::of(Work::Apply, &samples::timed())),
        ("verify", samples::of(Work::Verify, &samples::verified())),
        ("reset", samples::of(Work::Reset, &samples::applied())),
        ("reset_dry_run", samples::of(Work::PlanReset, &samples::planned())),
        ("fetch", samples::of(Work::Fetch, &samples::applied())),
        ("doctor", Outcome::Examined(samples::preflight())),
        (
            "drill",
            Outcome::Drilled(DrillsOutcome {
                drills: vec![drills::passed("ana", 3), drills::refused(), drills::broken(), drills::failed()],
                ..DrillsOutcome::default()
            }),
        ),
        ("exec", Outcome::Executed(ExecOutcome { hosts, ..ExecOutcome::default() })),
    ];
    for (verb, outcome) in told {
        let text = result_text(&samples::report(&outcome, &samples::inventory()), &options);
        assert!(verb == "exec" || text.lines().all(|line| words::width(line) <= 80), "{text}");
        insta::assert_snapshot!(format!("{verb}_in_portuguese"), text);
    }
}
