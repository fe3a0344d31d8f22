//! Neighbours that are alike become one entry: hosts within a cluster, then whole clusters.

use super::node::{self, Map, Node};
use super::range::{Table, has_one_range, pattern};
use super::{Cluster, Host};
use crate::model::Text;

/// A cluster as it is written, or several whose names make a range.
#[derive(Debug, PartialEq)]
pub struct Group {
    pub name: Node,
    pub comment: Option<Text>,
    pub settings: Map,
    pub entries: Vec<Entry>,
}

/// A host as it is written, or several.
#[derive(Debug, PartialEq)]
pub struct Entry {
    pub name: Node,
    pub comment: Option<Text>,
    pub value: Node,
}

/// All clusters, as few entries as say the same.
pub fn groups(clusters: &[Cluster]) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut rest = clusters;
    while !rest.is_empty() {
        let length = longest(rest.len(), |length| group(&rest[..length]).is_some());
        groups.extend(group(&rest[..length]));
        rest = &rest[length..];
    }
    groups
}

/// One entry for these clusters; `None` where they are not alike. One alone always is.
fn group(clusters: &[Cluster]) -> Option<Group> {
    let first = clusters.first()?;
    let of = |of: fn(&Cluster) -> Node| Table::new(clusters.iter().map(of).collect(), 1);
    let name = |cluster: &Cluster| Node::text(cluster.name.as_deref().unwrap_or_default());
    let settings = of(|cluster| Node::Map(node::settings(&cluster.settings)));
    let Node::Map(settings) = together(&settings.map(Some)?)? else { return None };
    let alike = clusters
        .iter()
        .all(|cluster| cluster.comment == first.comment && cluster.hosts.len() == first.hosts.len());
    // Where a cluster's and a host's range have one length, it may be that only one of them can be written.
    let shapes = [runs(&first.hosts), vec![1; first.hosts.len()]];
    let entries = shapes.iter().find_map(|runs| entries(clusters, runs)).filter(|_| alike)?;
    Some(Group {
        name: together_name(&of(name).map(Some)?)?,
        comment: first.comment.clone(),
        settings,
        entries,
    })
}

/// How many hosts stand in each entry of a cluster.
fn runs(hosts: &[Host]) -> Vec<usize> {
    let mut runs = Vec::new();
    let mut rest = hosts;
    while !rest.is_empty() {
        let length = longest(rest.len(), |length| entry(&[&rest[..length]]).is_some());
        runs.push(length);
        rest = &rest[length..];
    }
    runs
}

fn entries(clusters: &[Cluster], runs: &[usize]) -> Option<Vec<Entry>> {
    let mut start = 0;
    runs.iter()
        .map(|length| {
            let rows: Option<Vec<&[Host]>> =
                clusters.iter().map(|cluster| cluster.hosts.get(start..start + length)).collect();
            start += length;
            entry(&rows?)
        })
        .collect()
}

/// One entry for these hosts, a row for each cluster; `None` where they are not alike.
fn entry(rows: &[&[Host]]) -> Option<Entry> {
    let (first, columns) = (*rows.first()?, rows.first()?.len());
    let same_names =
        |row: &&[Host]| row.iter().map(|host| &host.name).eq(first.iter().map(|host| &host.name));
    if !rows.iter().all(same_names) {
        return None;
    }
    let hosts = Table::new(rows.iter().copied().flatten().collect(), columns);
    let comments = hosts.map(|host| Some(&host.comment))?;
    let comment = (**comments.common()?).clone();
    let values = hosts.map(|host| Some(node::host(host)))?;
    // A name's range is its own: the cluster's has no part in it.
    let names = Table::new(first.iter().map(|host| Node::text(&host.name)).collect(), columns);
    let name = together_name(&names.map(Some)?)?;
    Some(Entry { name, comment, value: together(&values.map(Some)?)? })
}

fn together_name(names: &Table<&Node>) -> Option<Node> {
    let name = together(names)?;
    let fits = !matches!(&name, Node::Range(text) if !has_one_range(text));
    fits.then_some(name)
}

/// The one value that the reader makes all of these of.
fn together(values: &Table<&Node>) -> Option<Node> {
    let first = *values.cells().next()?;
    match first {
        Node::Text(_) | Node::Port(_) if values.common().is_some() && values.cells().count() == 1 => {
            Some(first.clone())
        }
        Node::Text(_) => {
            let texts = values.map(|value| match value {
                Node::Text(text) => Some(text.as_str()),
                _ => None,
            })?;
            let text = pattern(&texts)?;
            Some(if texts.common().is_some() { Node::Text(text) } else { Node::Range(text) })
        }
        Node::Port(port) => {
            let ports = values.map(|value| match value {
                Node::Port(port) => Some(port.to_string()),
                _ => None,
            })?;
            if ports.common().is_some() {
                return Some(Node::Port(*port));
            }
            pattern(&ports.map(|port| Some(port.as_str()))?).map(Node::Range)
        }
        Node::Word(_) | Node::Range(_) => values.common().map(|value| (*value).clone()),
        Node::List(items) => {
            let lists = values.map(|value| match value {
                Node::List(list) => Some(list).filter(|list| list.len() == items.len()),
                _ => None,
            })?;
            let item = |place| together(&lists.map(|list| list.get(place))?);
            (0..items.len()).map(item).collect::<Option<_>>().map(Node::List)
        }
        Node::Map(entries) => {
            let maps = values.map(|value| match value {
                Node::Map(map) => Some(map).filter(|map| map.len() == entries.len()),
                _ => None,
            })?;
            let entry = |(place, (key, _)): (usize, &(String, Node))| {
                let same_key = |map: &&'_ Map| map.get(place).is_some_and(|(other, _)| other == key);
                if !maps.cells().all(same_key) {
                    return None;
                }
                Some((key.clone(), together(&maps.map(|map| map.get(place).map(|(_, value)| value))?)?))
            };
            entries.iter().enumerate().map(entry).collect::<Option<_>>().map(Node::Map)
        }
    }
}

/// How many from the front go together, up to a limit. Where some do, fewer do as well, but for two that are a step
/// apart.
fn longest(limit: usize, works: impl Fn(usize) -> bool) -> usize {
    if limit < 3 || !works(3) {
        return if limit > 1 && works(2) { 2 } else { 1 };
    }
    let (mut least, mut most) = (3, limit);
    while least < most {
        // All of them is the first guess: classes are regular.
        let guess = if most == limit { limit } else { (least + most).div_ceil(2) };
        if works(guess) {
            least = guess;
        } else {
            most = guess - 1;
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_carry_the_number_of_their_cluster_stand_in_it_alone() {
        let cluster = |number: usize, host: &str| Cluster {
            name: Some(format!("team{number}")),
            hosts: vec![Host {
                name: host.to_owned(),
                address: format!("10.4.{number}.10"),
                ..Host::default()
            }],
            ..Cluster::default()
        };
        assert_eq!(groups(&[cluster(1, "lb"), cluster(2, "lb")]).len(), 1);
        assert_eq!(groups(&[cluster(1, "lb-1"), cluster(2, "lb-2")]).len(), 2);
    }
}
