//! The page of failover drills as values: whether the clusters failed over, and each with its figures and its chart.

mod chart;
mod cluster;
mod overview;

use serde::Serialize;

use super::head::{Occasion, PageHead, Sign};
use super::seen::State;
use crate::model::DrillOutcome;
use crate::report::vocabulary::{Noun, Words};
use crate::report::words;
use cluster::ClusterPart;
use overview::Overview;

/// What is shown, in the order of the page.
#[derive(Debug, Serialize)]
pub struct DrillPage {
    frame: PageHead,
    overview: Option<Overview>,
    clusters: Vec<ClusterPart>,
    /// What the shaded part of a chart is.
    shaded: &'static str,
    /// What a cross in a chart means.
    cross: &'static str,
}

impl DrillPage {
    /// The page of drills, one for each cluster.
    pub fn new(occasion: Occasion<'_>, outcomes: &[DrillOutcome]) -> Self {
        let words = Words(occasion.inventory.language);
        let clusters: Vec<ClusterPart> = outcomes
            .iter()
            .enumerate()
            .map(|(index, outcome)| ClusterPart::new(outcome, index + 1, words))
            .collect();
        let verdict = verdict(&clusters, words);
        Self {
            frame: PageHead::new(occasion, verdict, figures(outcomes, words), clusters.len() > 1),
            overview: Overview::new(&clusters, words),
            clusters,
            shaded: words.choose("out of rotation", "fora do rodízio"),
            cross: words.choose("requests were lost in that time", "requisições perdidas nesse tempo"),
        }
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
    Sign::new(worst, headline, format!("{passed}/{all}"), noun.of(all))
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
