//! The overview: clusters against probes; hosts against probes where there is one cluster.

use serde::Serialize;

use super::cluster::ClusterPart;
use super::seen::{State, passed};
use crate::model::{Check, CheckKind, RunOutcome, kinds};
use crate::report::view::View;
use crate::report::vocabulary::Words;

#[derive(Debug, Serialize)]
pub struct Matrix {
    head: &'static str,
    kinds: Vec<Kind>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Kind {
    name: &'static str,
    proof: String,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    /// The place of the details.
    anchor: String,
    state: State,
    mark: &'static str,
    word: &'static str,
    cells: Vec<Cell>,
    /// `3/4`
    passed: String,
    /// What the search looks at.
    search: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    /// `None` where there is no such probe.
    state: Option<State>,
    mark: &'static str,
    word: &'static str,
    /// How many of several did not pass.
    count: Option<String>,
}

impl Matrix {
    /// The matrix of a run; `None` where no probe ran.
    pub fn new(
        outcome: &RunOutcome,
        view: &View<'_>,
        clusters: &[ClusterPart],
        words: Words,
    ) -> Option<Self> {
        let kinds = kinds(&outcome.checks);
        if kinds.is_empty() {
            return None;
        }
        let (head, rows) = match (&view.0[..], clusters) {
            ([seen], [only]) => {
                let rows = seen.hosts.iter().zip(&only.hosts).map(|(seen, host)| Row {
                    search: host.search.clone(),
                    ..row(
                        seen.host.id.as_str(),
                        host.anchor.clone(),
                        host.state,
                        &kinds,
                        seen.checks.clone(),
                        words,
                    )
                });
                (words.choose("host", "máquina"), rows.collect())
            }
            (seen, many) => {
                let rows = seen.iter().zip(many).map(|(seen, cluster)| Row {
                    search: cluster.search.clone(),
                    ..row(
                        &cluster.name,
                        cluster.anchor.clone(),
                        cluster.state,
                        &kinds,
                        seen.checks().collect(),
                        words,
                    )
                });
                (words.choose("cluster", "cluster"), rows.collect())
            }
        };
        let kinds = kinds.into_iter().map(|kind| {
            let proof = kind.probe().map(|probe| words.say(&(probe.proof)()));
            Kind { name: kind.as_str(), proof: proof.unwrap_or_default() }
        });
        Some(Self { head, kinds: kinds.collect(), rows })
    }
}

fn row(
    name: &str,
    anchor: String,
    state: State,
    kinds: &[CheckKind],
    checks: Vec<&Check>,
    words: Words,
) -> Row {
    let cells = kinds.iter().map(|kind| {
        let states: Vec<State> =
            checks.iter().filter(|check| check.kind == *kind).map(|check| check.status.into()).collect();
        let worst = states.iter().max().copied();
        let amiss = states.iter().filter(|state| **state != State::Pass).count();
        Cell {
            state: worst,
            mark: worst.map_or("", State::mark),
            word: worst.map_or("", |state| state.word(words)),
            count: (amiss > 0 && states.len() > 1).then(|| format!("{amiss}/{}", states.len())),
        }
    });
    let cells = cells.collect();
    let (passed, all) = passed(checks.into_iter());
    Row {
        name: name.to_owned(),
        anchor,
        state,
        mark: state.mark(),
        word: state.word(words),
        cells,
        passed: format!("{passed}/{all}"),
        search: String::new(),
    }
}
