//! By which law a balancer spreads requests: what HAProxy says it runs with, else what the inventory says.

use std::collections::HashMap;

use super::super::expectation::{Algorithm, BalancerExpectation, ServerExpectation};
use super::super::stats::HaproxyState;
use super::LISTED;
use crate::model::{Text, text};

/// The law that the answers should obey.
pub struct Law {
    pub algorithm: Algorithm,
    /// In the order of the expected servers; `None` where nobody can tell, as with a template of the user's own.
    pub weights: Option<Vec<u32>>,
    /// Servers that somebody else keeps busier than others.
    pub busy: Vec<bool>,
}

impl Law {
    /// HAProxy's own word counts: where it runs with other settings than it should, `stats` says so.
    pub fn new(expectation: &BalancerExpectation, running: Option<&HaproxyState>) -> Self {
        let told = running.and_then(|running| running.algorithm);
        let weights = match running {
            // A template of the user's own may do anything that HAProxy does not tell.
            Some(running) if expectation.own_template && (told.is_none() || running.chosen.is_empty()) => {
                None
            }
            Some(running) => running.weights.clone(),
            None => (!expectation.own_template).then(HashMap::new),
        };
        let algorithm = match told {
            None if expectation.own_template => Algorithm::Lawless,
            told => told.unwrap_or_else(|| Algorithm::new(&expectation.algorithm)),
        };
        let by_server = |weights: HashMap<String, u32>| {
            let weight = |server: &ServerExpectation| weights.get(&server.name).copied().unwrap_or(1);
            expectation.servers.iter().map(weight).collect()
        };
        let connections = |server: &ServerExpectation| {
            running.and_then(|running| running.connections.get(&server.name)).copied().unwrap_or_default()
        };
        let fewest = expectation.servers.iter().map(connections).min().unwrap_or_default();
        let busy = expectation.servers.iter().map(|server| connections(server) > fewest).collect();
        Self { algorithm, weights: weights.map(by_server), busy }
    }

    /// The weights in words, where they explain unequal shares.
    pub fn unequal(&self) -> Option<Text> {
        let weights = self.weights.as_deref().filter(|weights| weights.len() <= LISTED)?;
        let (first, others) = weights.split_first()?;
        if matches!(self.algorithm, Algorithm::OneServer | Algorithm::Lawless)
            || others.iter().all(|weight| weight == first)
        {
            return None;
        }
        let list = weights.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        Some(if weights.contains(&0) {
            text!(en: "weights {list}; a backup counts as 0", pt: "pesos {list}; um reserva conta como 0")
        } else {
            text!(en: "weights {list}", pt: "pesos {list}")
        })
    }
}
