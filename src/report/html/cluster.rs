//! A cluster on the page: how it is, its drawing, its hosts.

use std::collections::HashMap;

use serde::Serialize;

use super::drawing::{Drawing, Group, Member, Subject};
use super::host::HostPart;
use super::seen::{Seen, State, passed};
use crate::model::host::DEFAULT_CLUSTER;
use crate::model::{Cluster, Host, HostId, Role, Whose};

#[derive(Debug, Serialize)]
pub struct ClusterPart {
    /// Its name; the one for hosts at top level has none to show.
    pub name: String,
    is_named: bool,
    /// Its place on the page.
    pub anchor: String,
    /// The worst of its hosts.
    pub state: State,
    mark: &'static str,
    word: &'static str,
    summary: String,
    drawing: Drawing,
    /// Those that the run speaks of.
    pub hosts: Vec<HostPart>,
    /// What the search looks at.
    pub search: String,
}

impl ClusterPart {
    /// What a run says of a cluster; `None` where it says nothing. `first` numbers its hosts on the page.
    pub fn new(cluster: &Cluster, number: usize, first: usize, seen: Seen<'_>) -> Option<Self> {
        let covered = cluster.hosts.iter().enumerate().filter(|(_, host)| seen.covers(&host.id));
        let hosts: Vec<HostPart> =
            covered.map(|(index, host)| HostPart::new(host, first + index, seen)).collect();
        let state = hosts.iter().map(|host| host.state).max()?;
        let search: Vec<&str> = std::iter::once(cluster.name.as_str())
            .chain(hosts.iter().map(|host| host.search.as_str()))
            .collect();
        let (passed, all) = passed(hosts.iter().flat_map(|host| seen.checks(&host.id)));
        let changes = seen.outcome.changes_on(hosts.iter().filter_map(|host| seen.host(&host.id)));
        let mut summary = vec![seen.words.host_noun.count(hosts.len())];
        if all > 0 {
            summary.push(seen.words.passed_of(passed, all));
        }
        if changes > 0 {
            summary.push(seen.words.change_noun.count(changes));
        }
        Some(Self {
            name: cluster.name.clone(),
            is_named: cluster.name != DEFAULT_CLUSTER,
            anchor: format!("cluster-{number}"),
            state,
            mark: state.mark(),
            word: state.word(seen.words),
            summary: summary.join(" · "),
            drawing: Drawing::new(&subject(cluster, seen), seen.words),
            search: search.join(" "),
            hosts,
        })
    }
}

/// What of a cluster is drawn. A host with several roles is drawn once for each, in the state of that role.
fn subject(cluster: &Cluster, seen: Seen<'_>) -> Subject {
    let shares = shares(cluster, seen);
    let requests: usize = shares.values().sum();
    let member = |host: &Host, probes: &[Whose], note: String| Member {
        name: host.name.clone(),
        note,
        state: seen.state(&host.id, |kind| kind.probe().is_some_and(|probe| probes.contains(&probe.of))),
        requests: None,
    };
    let group = |role: Role, probes: &[Whose]| -> Vec<Member> {
        cluster.with_role(role).map(|host| member(host, probes, host.private_address.clone())).collect()
    };
    let web = cluster.with_role(Role::Web).map(|host| Member {
        requests: (requests > 0).then(|| shares.get(&host.id).copied().unwrap_or_default()),
        ..member(host, &[Whose::All, Whose::WithServices, Whose::WithPage], host.private_address.clone())
    });
    let balancers = cluster.with_role(Role::Balancer).map(|host| {
        let probes = [Whose::All, Whose::WithServices, Whose::Balancers];
        member(host, &probes, format!("{} :{}", host.balancer.algorithm, host.balancer.port))
    });
    let idle = cluster.hosts.iter().filter(|host| host.roles.is_empty());
    Subject {
        balancers: balancers.collect(),
        requests,
        groups: [
            Group { title: "backend_servers", is_balanced: true, members: web.collect() },
            Group {
                title: "socket",
                is_balanced: false,
                members: group(Role::Socket, &[Whose::All, Whose::WithSocketLab]),
            },
            Group {
                title: seen.words.no_role,
                is_balanced: false,
                members: idle.map(|host| member(host, &[Whose::All], String::new())).collect(),
            },
        ]
        .into_iter()
        .filter(|group| !group.members.is_empty())
        .collect(),
    }
}

/// How many requests each host answered through the cluster's balancers.
fn shares(cluster: &Cluster, seen: Seen<'_>) -> HashMap<HostId, usize> {
    let mut shares = HashMap::new();
    for host in cluster.with_role(Role::Balancer) {
        for (id, count) in seen.checks(&host.id).flat_map(|check| &check.shares) {
            *shares.entry(id.clone()).or_default() += count;
        }
    }
    shares
}
