//! Probes of practices in every report: a column for each practice, and its probes by name.

use super::csv::csv_table;
use super::junit::junit_document;
use super::text::TextOptions;
use super::view::View;
use super::{Look, document, samples, words};
use crate::model::{CheckKind, Grading, Work};

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
