//! The page of failover drills as values: whether the clusters failed over, and each with its figures and its chart.

mod chart;
mod cluster;

use serde::Serialize;

use super::head::{PageHead, Sign};
use super::seen::State;
use crate::model::{DrillOutcome, DrillsOutcome};
use crate::report::vocabulary::{Noun, Words};
use crate::report::{Report, words};
use cluster::ClusterPart;

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct DrillPage {
    frame: PageHead,
    clusters: Vec<ClusterPart>,
}

impl DrillPage {
    /// The page of drills, one for each cluster.
    pub fn new(report: &Report<'_>, DrillsOutcome { drills, duration, .. }: &DrillsOutcome) -> Self {
        let words = Words(report.inventory.language);
        let numbered = (1..).zip(drills);
        let clusters: Vec<_> =
            numbered.map(|(number, drill)| ClusterPart::new(drill, number, words)).collect();
        let verdict = verdict(&clusters, words);
        let figures = figures(drills, words);
        let frame = PageHead::new(report, *duration, verdict, figures, clusters.len() > 1);
        Self { frame, clusters }
    }
}

fn verdict(clusters: &[ClusterPart], words: Words) -> Sign {
    let worst = clusters.iter().map(|cluster| cluster.state).max().unwrap_or(State::Unknown);
    let headline = match worst {
        State::Pass => words.choose("Failover works", "O failover funciona"),
        State::Unknown | State::Skip | State::Fail => words.choose("Needs attention", "Requer atenção"),
    };
    let passed = clusters.iter().filter(|cluster| cluster.state == State::Pass).count();
    let noun = words.choose(
        Noun::new("drill passed", "drills passed"),
        Noun::new("exercício de queda passou", "exercícios de queda passaram"),
    );
    let all = clusters.len();
    Sign { state: worst, headline, figure: format!("{passed}/{all}"), figure_label: noun.of(all) }
}

/// Requests of all drills, and those that were lost.
fn figures(outcomes: &[DrillOutcome], words: Words) -> Vec<String> {
    let measured = || outcomes.iter().filter_map(|outcome| outcome.measured.as_ref());
    let requests: usize = measured().map(|measured| measured.requests).sum();
    let lost: usize = measured().map(|measured| measured.lost).sum();
    if requests == 0 {
        return Vec::new();
    }
    let share = words.number(&words::share(lost, requests));
    let lost = match lost {
        0 => words.choose("none lost", "nenhuma perdida").to_owned(),
        lost => format!("{lost} {} ({share})", lost_noun(words).of(lost)),
    };
    vec![words.request_noun().count(requests), lost]
}

fn lost_noun(words: Words) -> Noun {
    words.choose(Noun::new("lost", "lost"), Noun::new("perdida", "perdidas"))
}
