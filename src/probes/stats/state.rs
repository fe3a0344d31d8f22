//! What HAProxy says it runs with.

use std::collections::HashMap;

use super::super::answer::Answer;
use super::super::expectation::Algorithm;
use super::BACKEND;
use super::row::{Row, parse};

/// What HAProxy itself says it runs with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HaproxyState {
    /// How it spreads requests, where it says so.
    pub algorithm: Option<Algorithm>,
    /// The weights of its servers, by name; 0 for a backup while others serve. `None` while only backups serve: who
    /// of them does, HAProxy does not say.
    pub weights: Option<HashMap<String, u32>>,
    /// How often each server was chosen since HAProxy runs.
    pub chosen: HashMap<String, u64>,
    /// Connections to each server that are under way.
    pub connections: HashMap<String, u32>,
}

impl HaproxyState {
    /// Reads the statistics page; `None` where it is none.
    pub fn read(answer: &Answer) -> Option<Self> {
        let Answer::Reply(reply) = answer else { return None };
        let (backend, servers): (Vec<_>, Vec<_>) = parse(&reply.body)?
            .into_iter()
            .filter(|row| row.proxy == BACKEND)
            .partition(|row| row.server == "BACKEND");
        let algorithm = backend.first().and_then(Row::algorithm).map(Algorithm::new);
        let chosen = servers.iter().filter_map(|row| Some((row.server.clone(), row.lbtot.parse().ok()?)));
        let chosen = chosen.collect();
        let connections = servers.iter().filter_map(|row| Some((row.server.clone(), row.scur.parse().ok()?)));
        let connections = connections.collect();
        let serves = |row: &Row| row.is_in_rotation() && row.weight != "0";
        let (backups, others): (Vec<_>, Vec<_>) = servers.into_iter().partition(|row| row.bck == "1");
        let only_backups = backups.iter().any(serves) && !others.iter().any(serves);
        let resting = backups.into_iter().map(|row| (row.server, 0));
        let weighed = others.into_iter().filter_map(|row| Some((row.server, row.weight.parse().ok()?)));
        let weights = (!only_backups).then(|| resting.chain(weighed).collect());
        Some(Self { algorithm, weights, chosen, connections })
    }
}

/// Whether HAProxy sends requests to a server; `None` where it does not say.
pub fn is_in_rotation(answer: &Answer, server: &str) -> Option<bool> {
    let Answer::Reply(reply) = answer else { return None };
    let row = parse(&reply.body)?.into_iter().find(|row| row.proxy == BACKEND && row.server == server)?;
    Some(row.is_in_rotation())
}
