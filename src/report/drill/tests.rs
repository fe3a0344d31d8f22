//! Drills as text and as a document.

use super::*;
use crate::model::{Drill, DrillMode, DrillsOutcome, HostId, Language, Outcome, Text};
use crate::report::samples::drills::{broken, drill, failed, passed, refused};
use crate::report::samples::seconds;
use crate::report::style::{Look, Style};
use crate::report::{TextOptions, document, samples, words};

fn options(width: usize, unicode: bool) -> TextOptions {
    TextOptions {
        look: Look { style: Style { unicode, ..samples::LOOK.style }, width, ..samples::LOOK },
        program: "provision".to_owned(),
        limit: None,
        log: None,
    }
}

#[test]
fn one_cluster_with_its_chart() {
    let text = drill_text(&[passed("ana", 3)], seconds(17.3), &options(80, true));
    insta::assert_snapshot!(text);
}

#[test]
fn a_wide_terminal_and_one_without_unicode() {
    let wide = drill_text(&[passed("ana", 3)], seconds(17.3), &options(200, true));
    let plain = drill_text(&[passed("ana", 3)], seconds(17.3), &options(80, false));
    assert!(plain.is_ascii(), "{plain}");
    insta::assert_snapshot!(format!("{wide}\n{plain}"));
}

#[test]
fn every_end_and_no_line_wider_than_the_terminal() {
    let outcomes = [passed("ana", 12), refused(), broken(), failed()];
    let text = drill_text(&outcomes, seconds(33.0), &options(80, true));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains(['\u{1b}', '\u{7}']), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn long_names_leave_room_for_the_chart() {
    let mut outcome = passed("ana", 3);
    let servers = ["01", "02", "03"].map(|number| format!("servidor-web-da-equipe-de-sistemas-{number}"));
    outcome.drill.servers = servers.iter().map(|server| HostId::new("ana", server)).collect();
    let charts = [80, 40].map(|columns| {
        let style = Style { colour: false, unicode: true, language: Language::English };
        let chart = chart::lines(&outcome, columns, style);
        assert!(chart.iter().all(|line| words::width(line) <= columns), "{chart:#?}");
        chart.join("\n")
    });
    insta::assert_snapshot!(charts.join("\n\n"));
}

#[test]
fn many_clusters_have_a_line_each() {
    let outcomes: Vec<_> = (1..=30).map(|number| passed(&format!("team{number:02}"), 2)).collect();
    let text = drill_text(&outcomes, seconds(60.0), &options(80, true));
    assert!(text.lines().count() <= 62, "{text}");
    assert!(text.ends_with("30 of 30 drills passed, in 1 min 00 s.\n"), "{text}");
}

#[test]
fn the_document() {
    let mut outcome = passed("ana", 2);
    outcome.timeline.samples.drain(2..);
    outcome.timeline.samples[1].answer = Err(Text::verbatim("\u{1b}[31mHTTP 503"));
    let drills = vec![outcome, refused(), broken()];
    let outcome = Outcome::Drilled(DrillsOutcome { drills, ..DrillsOutcome::default() });
    insta::assert_snapshot!(document(&samples::report(&outcome, &samples::inventory())));
}

#[test]
fn what_is_about_to_be_done() {
    let drills: Vec<_> =
        (1..=30).map(|number| drill(&format!("team{number:02}"), DrillMode::Stop, 2)).collect();
    let words = |drills: &[Drill]| drill_intention(drills, seconds(5.0), seconds(60.0)).sample();
    insta::assert_snapshot!(
        [words(&drills), words(&[drill("ana", DrillMode::Maintenance, 3)])].join("\n"),
        @r"
    apache2 will be stopped on team[01:30]/web02, for 5 s once HAProxy has noticed; after 60 s at the latest the host itself brings it back.
      pt: o apache2 vai parar em team[01:30]/web02, por 5 s depois que o HAProxy perceber; em no máximo 60 s a própria máquina traz tudo de volta.
    HAProxy will stop using ana/web03, for 5 s once HAProxy has noticed; after 60 s at the latest the host itself brings it back.
      pt: o HAProxy vai deixar de usar ana/web03, por 5 s depois que o HAProxy perceber; em no máximo 60 s a própria máquina traz tudo de volta.
    "
    );
}
