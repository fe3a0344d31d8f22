//! The overview: clusters against severities; hosts against severities where there is one cluster.

use std::collections::{BTreeSet, HashSet};

use serde::Serialize;

use super::finding::anchor;
use super::{SEVERITIES, mark, state};
use crate::model::{HostId, Inventory, PreflightOutcome, Severity};
use crate::report::groups::FindingGroup;
use crate::report::html::seen::State;
use crate::report::vocabulary::Words;

#[derive(Debug, Serialize)]
pub struct Overview {
    head: &'static str,
    severities: Vec<&'static str>,
    /// Above the counts of hosts that are ready; `None` where a row is one host.
    ready: Option<&'static str>,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    state: State,
    mark: &'static str,
    word: &'static str,
    /// For each severity; `None` where nothing of it was found.
    cells: Vec<Option<Cell>>,
    /// `2/3`
    ready: String,
    /// What the search looks at.
    search: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    state: State,
    mark: &'static str,
    count: usize,
    noun: &'static str,
    /// The place of the first of them.
    anchor: String,
}

struct Known<'a> {
    groups: &'a [FindingGroup<'a>],
    unfit: BTreeSet<&'a HostId>,
    interrupted: bool,
    words: Words,
}

impl Overview {
    /// The overview of a preflight; `None` where there is one host, or nothing to tell.
    pub fn new(
        outcome: &PreflightOutcome,
        groups: &[FindingGroup<'_>],
        inventory: &Inventory,
    ) -> Option<Self> {
        let words = Words(inventory.language);
        let known = Known { groups, unfit: outcome.unfit(), interrupted: outcome.interrupted, words };
        let examined: HashSet<&HostId> = outcome.hosts.iter().collect();
        let clusters = inventory.clusters.iter().map(|cluster| {
            let hosts = cluster.hosts.iter().map(|host| &host.id).filter(|id| examined.contains(id));
            (cluster.name.as_str(), hosts.collect::<Vec<_>>())
        });
        let clusters: Vec<_> = clusters.filter(|(_, hosts)| !hosts.is_empty()).collect();
        let (head, ready, rows) = match &clusters[..] {
            _ if groups.is_empty() => return None,
            [(_, hosts)] if hosts.len() > 1 => {
                let rows = hosts.iter().map(|host| Row::new(host.as_str(), &[host], &known));
                (words.choose("host", "máquina"), None, rows.collect())
            }
            [] | [_] => return None,
            many => {
                let rows = many.iter().map(|(name, hosts)| Row::new(name, hosts, &known));
                (words.choose("cluster", "cluster"), Some(words.choose("ready", "prontas")), rows.collect())
            }
        };
        let severities = SEVERITIES.map(|severity| words.severity_noun(severity).of(2));
        Some(Self { head, severities: severities.to_vec(), ready, rows })
    }
}

impl Row {
    fn new(name: &str, hosts: &[&HostId], known: &Known<'_>) -> Self {
        let words = known.words;
        let is_of_them = |all: &[&HostId]| all.iter().any(|host| hosts.contains(host));
        let concerns = |group: &FindingGroup<'_>| group.seen.iter().any(|(_, all)| is_of_them(all));
        let found: Vec<_> = known.groups.iter().enumerate().filter(|(_, group)| concerns(group)).collect();
        let cell = |severity: Severity| {
            let found: Vec<_> = found.iter().filter(|(_, group)| group.first.severity == severity).collect();
            found.first().map(|(index, _)| Cell {
                state: state(severity),
                mark: mark(severity),
                count: found.len(),
                noun: words.severity_noun(severity).of(found.len()),
                anchor: anchor(index + 1),
            })
        };
        let worst = found.iter().map(|(_, group)| group.first.severity).max();
        let (state, mark, word) = match worst {
            Some(Severity::Fatal) => {
                (State::Fail, mark(Severity::Fatal), words.choose("not ready", "não está pronto"))
            }
            _ if known.interrupted => {
                (State::Unknown, State::Unknown.mark(), words.choose("not known", "não se sabe"))
            }
            Some(Severity::Warning) => (
                State::Skip,
                mark(Severity::Warning),
                words.choose("ready, with warnings", "pronto, com avisos"),
            ),
            Some(Severity::Note) | None => (State::Pass, State::Pass.mark(), words.choose("ready", "pronto")),
        };
        let unfit = hosts.iter().filter(|host| known.unfit.contains(*host)).count();
        let titles = found.iter().map(|(_, group)| words.say(&group.first.kind.title()));
        let search = [name.to_owned(), word.to_owned()].into_iter();
        let seen = found.iter().flat_map(|(_, group)| &group.seen);
        let seen = seen.filter(|(_, all)| is_of_them(all)).map(|(seen, _)| words.say(seen));
        let search = search.chain(hosts.iter().map(ToString::to_string)).chain(titles).chain(seen);
        Self {
            name: name.to_owned(),
            state,
            mark,
            word,
            cells: SEVERITIES.map(cell).into(),
            ready: format!("{}/{}", hosts.len() - unfit, hosts.len()),
            search: search.collect::<Vec<_>>().join(" "),
        }
    }
}
