//! The columns of the overview: the probes, and what came of each in a cluster or on a host.

use serde::Serialize;

use super::seen::{State, passed};
use crate::model::{Check, CheckKind};
use crate::probes::probe;
use crate::report::vocabulary::Words;

#[derive(Debug, Serialize)]
pub struct Probe {
    name: &'static str,
    proof: String,
}

/// The cells of a row.
#[derive(Debug, Serialize)]
pub struct Probed {
    cells: Vec<Cell>,
    /// `3/4`
    passed: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    /// The worst; `None` where there is no such probe.
    state: Option<State>,
    /// How many of several did not pass.
    count: Option<String>,
}

impl Probe {
    pub fn new(kind: CheckKind, words: Words) -> Self {
        let of_practice = words.choose("what the practice says of itself", "o que a prática diz de si");
        let proof = probe(kind).map_or(of_practice.to_owned(), |probe| words.say(&(probe.proof)()));
        Self { name: kind.as_str(), proof }
    }
}

impl Probed {
    pub fn new<'a>(checks: &(impl Iterator<Item = &'a Check> + Clone), kinds: &[CheckKind]) -> Self {
        let cell = |kind: &CheckKind| {
            let checks = checks.clone().filter(|check| check.kind.column() == *kind);
            let (passed, all) = passed(checks.clone());
            Cell {
                state: checks.map(|check| check.status.into()).max(),
                count: (passed < all && all > 1).then(|| format!("{}/{all}", all - passed)),
            }
        };
        let (passed, all) = passed(checks.clone());
        Self { cells: kinds.iter().map(cell).collect(), passed: format!("{passed}/{all}") }
    }
}
