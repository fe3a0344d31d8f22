//! A cluster on the page: how it is, its drawing, its hosts.

use std::collections::{BTreeSet, HashMap};
use std::ops::RangeFrom;

use serde::Serialize;

use super::drawing::{Drawing, Group, Member, Subject};
use super::host::HostPart;
use super::probed::Probed;
use super::seen::{State, passed, state};
use crate::model::{Balance, CheckKind, DEFAULT_CLUSTER, Expectation, Host, HostId, Whose};
use crate::probes::probe;
use crate::report::groups::alike;
use crate::report::view::ClusterView;
use crate::report::vocabulary::Words;

#[derive(Debug, Serialize)]
pub struct ClusterPart {
    /// Its name; the one for hosts at top level has none to show.
    pub name: String,
    is_named: bool,
    /// Its place on the page.
    pub anchor: String,
    /// The worst of its hosts.
    pub state: State,
    probed: Probed,
    summary: String,
    drawing: Drawing,
    /// Those that the run speaks of.
    pub hosts: Vec<HostPart>,
    /// What the search looks at.
    pub search: String,
}

impl ClusterPart {
    /// What a run says of a cluster; `number` is its place on the page, and `hosts` give those of its hosts. So many
    /// changes were made on them.
    pub fn new(
        view: &ClusterView<'_>,
        number: usize,
        hosts: &mut RangeFrom<usize>,
        changes: usize,
        kinds: &[CheckKind],
        words: Words,
    ) -> Self {
        let cluster = view.cluster;
        let hosts = view.hosts.iter().zip(hosts);
        let hosts: Vec<HostPart> =
            hosts.map(|(host, number)| HostPart::new(host, number, kinds, words)).collect();
        let state = hosts.iter().map(|host| host.state).max().unwrap_or(State::Unknown);
        let search: Vec<&str> = std::iter::once(cluster.name.as_str())
            .chain(hosts.iter().map(|host| host.search.as_str()))
            .collect();
        let (passed, all) = passed(view.checks());
        let mut summary = vec![words.host_noun().count(hosts.len())];
        if all > 0 {
            summary.push(words.passed_of(passed, all));
        }
        if changes > 0 {
            summary.push(words.change_noun().count(changes));
        }
        Self {
            name: cluster.name.clone(),
            is_named: cluster.name != DEFAULT_CLUSTER,
            anchor: format!("cluster-{number}"),
            state,
            probed: Probed::new(&view.checks(), kinds),
            summary: summary.join(" · "),
            drawing: Drawing::new(&subject(view, words), words),
            search: search.join(" "),
            hosts,
        }
    }
}

/// What of a cluster is drawn. A host with several roles is drawn once for each, in the state of that role.
fn subject(view: &ClusterView<'_>, words: Words) -> Subject {
    let cluster = view.cluster;
    let seen: HashMap<_, _> = view.hosts.iter().map(|seen| (&seen.host.id, seen)).collect();
    let shares = shares(view);
    let requests: usize = shares.values().sum();
    let member = |host: &Host, asked: &[Expectation], note: String| {
        let probes: Vec<Whose> =
            asked.iter().flat_map(Expectation::probes).chain([&Whose::All]).copied().collect();
        let own: Vec<CheckKind> = asked.iter().filter_map(Expectation::kind).collect();
        let counts =
            |kind| own.contains(&kind) || probe(kind).is_some_and(|probe| probes.contains(&probe.of));
        Member {
            name: host.name.clone(),
            note,
            state: seen.get(&host.id).map_or(State::Unknown, |seen| state(seen, counts)),
            requests: None,
        }
    };
    let fronted: BTreeSet<&str> =
        cluster.hosts.iter().flat_map(|host| &host.roles).filter_map(|role| role.fronts()).collect();
    let mut balancers = Vec::new();
    let mut members = Vec::new();
    for (host, role) in cluster.hosts.iter().flat_map(|host| host.roles.iter().map(move |role| (host, role)))
    {
        let asked = role.expectations(cluster);
        if let Some(Expectation::Balance(Balance { algorithm, port, .. })) = asked.first() {
            balancers.push(member(host, &asked, format!("{algorithm} :{port}")));
            continue;
        }
        let is_balanced = fronted.contains(role.name());
        let count = || shares.get(&host.id).copied().unwrap_or_default();
        let member = Member {
            requests: (is_balanced && requests > 0).then(count),
            ..member(host, &asked, host.private_address.clone())
        };
        let title = if is_balanced { "backend_servers".to_owned() } else { words.say(&role.title()) };
        members.push(((!is_balanced, title), member));
    }
    members.sort_by_key(|((is_aside, _), _)| *is_aside);
    let idle = cluster.hosts.iter().filter(|host| host.roles.is_empty());
    let no_role = (true, words.choose("no role", "sem papel").to_owned());
    members.extend(idle.map(|host| (no_role.clone(), member(host, &[], String::new()))));
    let group =
        |((is_aside, title), members): ((bool, String), _)| Group { title, is_balanced: !is_aside, members };
    let groups = alike(members).into_iter().map(group).collect();
    Subject { balancers, requests, groups }
}

/// How many requests each host answered through the cluster's balancers.
fn shares(view: &ClusterView<'_>) -> HashMap<HostId, usize> {
    let mut shares = HashMap::new();
    for host in &view.hosts {
        for (id, count) in host.checks.iter().flat_map(|check| &check.shares) {
            *shares.entry(id.clone()).or_default() += count;
        }
    }
    shares
}
