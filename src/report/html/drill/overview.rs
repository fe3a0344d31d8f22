//! The overview: clusters against what was measured.

use serde::Serialize;

use super::cluster::{ClusterPart, Figure};
use crate::report::html::seen::State;
use crate::report::vocabulary::Words;

#[derive(Debug, Serialize)]
pub struct Overview {
    heads: [&'static str; 4],
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The place of the details.
    anchor: String,
    state: State,
    mark: &'static str,
    word: &'static str,
    figures: Vec<Figure>,
    /// What the search looks at.
    search: String,
}

impl Overview {
    /// The overview of drills; `None` where there is one.
    pub fn new(clusters: &[ClusterPart], words: Words) -> Option<Self> {
        let row = |cluster: &ClusterPart| Row {
            name: cluster.name.clone(),
            anchor: cluster.anchor.clone(),
            state: cluster.state,
            mark: cluster.mark,
            word: cluster.word,
            figures: cluster.figures.clone(),
            search: cluster.search.clone(),
        };
        let heads = words.choose(
            ["out after", "lost", "back after", "longest pause"],
            ["fora após", "perdidas", "de volta após", "maior pausa"],
        );
        (clusters.len() > 1).then(|| Self { heads, rows: clusters.iter().map(row).collect() })
    }
}
