//! The columns of the overview: the probes, and what came of each in a cluster or on a host.

use serde::Serialize;

use super::seen::{State, passed};
use crate::model::{Check, CheckKind, Inventory};
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
    pub fn new(kind: CheckKind, inventory: &Inventory, words: Words) -> Self {
        let name = kind.as_str();
        let of_practice = || {
            let says = words.choose("what the practice says of itself", "o que a prática diz de si");
            let title = inventory.hosts().find_map(|host| Some(words.say(&host.role(name)?.title())));
            title.filter(|title| title != name).map_or(says.to_owned(), |title| format!("{title}: {says}"))
        };
        let proof = probe(kind).map_or_else(of_practice, |probe| words.say(&(probe.proof)()));
        Self { name, proof }
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
