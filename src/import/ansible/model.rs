//! An inventory of Ansible: groups within groups, hosts in any number of them, variables everywhere.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexmap::{IndexMap, IndexSet};

use crate::import::assembly::HOST_LIMIT;
use crate::import::remark::Place;
use crate::model::Value;

/// The group that every host is in.
pub const ALL: &str = "all";
/// Hosts before the first group.
pub const UNGROUPED: &str = "ungrouped";
/// Names of hosts in all groups together: each host is in a few.
const NAMES_LIMIT: usize = 10 * HOST_LIMIT;
/// Groups within groups go no deeper; a circle has no end.
const DEPTH_LIMIT: usize = 50;

/// A variable of a group or host.
#[derive(Debug, Clone)]
pub struct Variable {
    pub content: Content,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    Plain(Value),
    /// Encrypted, or with another tag: not read at all.
    Tagged,
}

pub type Variables = BTreeMap<String, Variable>;

#[derive(Debug, Default)]
pub struct Group {
    /// Where it is first named.
    pub place: Option<Place>,
    pub variables: Variables,
    pub hosts: IndexSet<String>,
    pub children: Vec<String>,
}

#[derive(Debug)]
pub struct Host {
    pub place: Place,
    pub variables: Variables,
    /// As in `web01:2222`.
    pub port: Option<u16>,
}

#[derive(Debug, Default)]
pub struct Inventory {
    pub groups: BTreeMap<String, Group>,
    /// By name, in the order of the file.
    pub hosts: IndexMap<String, Host>,
    /// Variables of files beside the inventory.
    pub group_files: HashMap<String, Variables>,
    pub host_files: HashMap<String, Variables>,
    /// How often hosts are named.
    named: usize,
}

impl Inventory {
    pub fn group(&mut self, name: &str, place: Place) -> &mut Group {
        let group = self.groups.entry(name.to_owned()).or_default();
        group.place.get_or_insert(place);
        group
    }

    /// Whether no class has so many hosts, and what follows need not be read.
    pub fn is_too_large(&self) -> bool {
        self.hosts.len() > HOST_LIMIT || self.named > NAMES_LIMIT
    }

    /// Adds what another file of the same inventory says, which wins.
    pub fn extend(&mut self, other: Self) {
        for (name, group) in other.groups {
            let known = self.groups.entry(name).or_default();
            known.place = known.place.or(group.place);
            known.variables.extend(group.variables);
            known.hosts.extend(group.hosts);
            known.children.extend(group.children);
        }
        for (name, host) in other.hosts {
            let Host { place, variables, port } = host;
            let known = self.hosts.entry(name).or_insert(Host { place, variables: Variables::new(), port });
            known.variables.extend(variables);
            known.port = port.or(known.port);
        }
        self.named += other.named;
    }

    pub fn host(&mut self, group: &str, name: &str, place: Place) -> &mut Host {
        self.named += 1;
        self.group(group, place).hosts.insert(name.to_owned());
        let new = || Host { place, variables: Variables::new(), port: None };
        self.hosts.entry(name.to_owned()).or_insert_with(new)
    }

    /// Who is within whom, once all is read.
    pub fn hierarchy(&self) -> Hierarchy<'_> {
        let mut parents: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut members: HashMap<&str, Vec<&str>> = HashMap::new();
        for (name, group) in &self.groups {
            for child in &group.children {
                parents.entry(child).or_default().push(name);
            }
            for host in &group.hosts {
                members.entry(host).or_default().push(name);
            }
        }
        let mut depths: HashMap<&str, usize> = self.groups.keys().map(|name| (name.as_str(), 1)).collect();
        depths.insert(ALL, 0);
        for _ in 0..DEPTH_LIMIT {
            let mut is_settled = true;
            for (name, group) in self.groups.iter().filter(|(name, _)| *name != ALL) {
                let below = depths[name.as_str()] + 1;
                for child in &group.children {
                    let depth = depths.entry(child).or_insert(below);
                    if *depth < below {
                        *depth = below;
                        is_settled = false;
                    }
                }
            }
            if is_settled {
                break;
            }
        }
        Hierarchy { inventory: self, parents, members, depths }
    }
}

pub struct Hierarchy<'a> {
    inventory: &'a Inventory,
    parents: HashMap<&'a str, Vec<&'a str>>,
    /// The groups in which a host is named.
    members: HashMap<&'a str, Vec<&'a str>>,
    depths: HashMap<&'a str, usize>,
}

impl<'a> Hierarchy<'a> {
    /// The groups of a host but `all`, level by level, the nearest first.
    pub fn levels(&self, host: &str) -> Vec<Vec<&'a str>> {
        let mut seen = BTreeSet::from([ALL]);
        let mut levels = Vec::new();
        let mut level: Vec<&str> = self.members.get(host).cloned().unwrap_or_default();
        loop {
            level.retain(|group| seen.insert(group));
            if level.is_empty() {
                return levels;
            }
            let above = level.iter().filter_map(|group| self.parents.get(group)).flatten().copied().collect();
            levels.push(std::mem::replace(&mut level, above));
        }
    }

    /// What holds for a host, by Ansible's own order: `all`, then groups from the outermost, first what the inventory
    /// says and then what files say; the host itself last.
    pub fn variables(&self, host: &str) -> Variables {
        let mut groups: Vec<&str> = self.levels(host).into_iter().flatten().collect();
        groups.sort_by_key(|name| (self.depths.get(name), self.priority(name), *name));
        let inventory = self.inventory;
        let all = std::iter::once(ALL);
        let of_groups = all
            .clone()
            .chain(groups.iter().copied())
            .filter_map(|name| Some(&inventory.groups.get(name)?.variables));
        let of_files = all.chain(groups.iter().copied()).filter_map(|name| inventory.group_files.get(name));
        let of_host = inventory.hosts.get(host).map(|host| &host.variables);
        let of_host_file = inventory.host_files.get(host);
        let mut variables = Variables::new();
        for layer in of_groups.chain(of_files).chain(of_host).chain(of_host_file) {
            variables.extend(layer.iter().map(|(name, variable)| (name.clone(), variable.clone())));
        }
        variables
    }

    fn priority(&self, group: &str) -> i64 {
        let variable = self.inventory.groups.get(group).and_then(|group| group.variables.get(PRIORITY));
        match variable.map(|variable| &variable.content) {
            Some(Content::Plain(value)) => value.as_i64().unwrap_or(1),
            _ => 1,
        }
    }
}

/// The variable by which a group wins over others of its depth.
pub const PRIORITY: &str = "ansible_group_priority";
