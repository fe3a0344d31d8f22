//! The overview: clusters against probes; hosts against probes where there is one cluster.

use serde::Serialize;

use super::cluster::ClusterPart;
use super::seen::{Seen, State, passed};
use crate::model::{Check, CheckKind, kinds};

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
    pub fn new(seen: Seen<'_>, clusters: &[ClusterPart]) -> Option<Self> {
        let kinds = kinds(&seen.outcome.checks);
        if kinds.is_empty() {
            return None;
        }
        let (head, rows) = match clusters {
            [only] => {
                let rows = only.hosts.iter().map(|host| {
                    let checks = seen.checks(&host.id).collect();
                    let row =
                        row(&host.id.to_string(), host.anchor.clone(), host.state, seen, &kinds, checks);
                    Row { search: host.search.clone(), ..row }
                });
                (seen.words.host, rows.collect())
            }
            many => {
                let rows = many.iter().map(|cluster| {
                    let checks = cluster.hosts.iter().flat_map(|host| seen.checks(&host.id)).collect();
                    let row = row(&cluster.name, cluster.anchor.clone(), cluster.state, seen, &kinds, checks);
                    Row { search: cluster.search.clone(), ..row }
                });
                (seen.words.cluster, rows.collect())
            }
        };
        let kinds = kinds.into_iter().map(|kind| {
            let proof = kind.probe().map(|probe| seen.words.say(&(probe.proof)()));
            Kind { name: kind.as_str(), proof: proof.unwrap_or_default() }
        });
        Some(Self { head, kinds: kinds.collect(), rows })
    }
}

fn row(
    name: &str,
    anchor: String,
    state: State,
    seen: Seen<'_>,
    kinds: &[CheckKind],
    checks: Vec<&Check>,
) -> Row {
    let cells = kinds.iter().map(|kind| {
        let states: Vec<State> =
            checks.iter().filter(|check| check.kind == *kind).map(|check| check.status.into()).collect();
        let worst = states.iter().max().copied();
        let amiss = states.iter().filter(|state| **state != State::Pass).count();
        Cell {
            state: worst,
            mark: worst.map_or("", State::mark),
            word: worst.map_or("", |state| state.word(seen.words)),
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
        word: state.word(seen.words),
        cells,
        passed: format!("{passed}/{all}"),
        search: String::new(),
    }
}
