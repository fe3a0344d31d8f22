//! A role with the hosts that have it. Where they want the same but for what stands in their files, it has one list of tasks;
//! else a list for each way of having it, and the inventory says which is whose.

use indexmap::{IndexMap, IndexSet};

use super::contents::Contents;
use super::handlers::Handlers;
use super::steps::{Steps, steps};
use super::yaml::{all_data, step};
use crate::export::names::{COMMON, Names, identifier, role_group};
use crate::export::secrets::has_secrets;
use crate::export::yaml::Yaml;
use crate::export::{ExportedFile, Setup, Subject, packages};
use crate::model::Resource;

#[derive(Debug)]
pub struct Role<'a> {
    /// A word for folders and variables, which no other role has.
    pub name: String,
    turn: Turn,
    /// The variables of its hosts, by their aliases.
    members: IndexMap<&'a str, Settings>,
    /// The variables that most of its hosts have.
    defaults: Settings,
    ways: IndexSet<Steps>,
    contents: Contents<'a>,
}

/// When hosts are set up with a role, among their roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Packages,
    Leading,
    Own,
    /// It stands in front of hosts that have to be ready before.
    Front,
}

/// Variables of a role, as its hosts have them: the same for each host in number and names.
type Settings = Vec<(String, Yaml)>;

impl<'a> Role<'a> {
    /// All roles of the hosts, in the order in which they are set up.
    pub fn all(subject: &'a Subject<'_>) -> Vec<Self> {
        type Members<'a> = Vec<(&'a Setup<'a>, &'a [Resource])>;
        let mut gathered: Vec<(&str, Turn, Members<'_>)> = Vec::new();
        let mut join = |name: &'a str, turn, member| match gathered.iter_mut().find(|role| role.0 == name) {
            Some((_, _, members)) => members.push(member),
            None => gathered.push((name, turn, vec![member])),
        };
        for setup in &subject.hosts {
            for (role, resources) in &setup.roles {
                let turn = match (role.leads(), role.fronts()) {
                    (true, _) => Turn::Leading,
                    (false, None) => Turn::Own,
                    (false, Some(_)) => Turn::Front,
                };
                join(role.name(), turn, (setup, resources.as_slice()));
            }
        }
        let mut names = Names::default();
        let mut roles: Vec<_> = gathered
            .into_iter()
            .map(|(name, turn, members)| Self::new(names.give(&identifier(name)), turn, &members))
            .collect();
        let with_extra = subject.hosts.iter().filter(|setup| !setup.extra.is_empty());
        let with_extra: Vec<_> = with_extra.map(|setup| (setup, setup.extra.as_slice())).collect();
        if !with_extra.is_empty() {
            roles.push(Self::new(names.give(COMMON), Turn::Packages, &with_extra));
        }
        roles.sort_by_key(|role| role.turn);
        roles
    }

    fn new(name: String, turn: Turn, hosts: &[(&'a Setup<'a>, &'a [Resource])]) -> Self {
        let contents = Contents::gather(hosts);
        let mut ways = IndexSet::new();
        let numbers: Vec<usize> = hosts
            .iter()
            .map(|(setup, resources)| {
                let own = steps(&name, resources, &contents, has_secrets(setup));
                ways.insert_full(own).0 + 1
            })
            .collect();
        let has_packages = hosts.iter().any(|(_, resources)| !packages(resources).is_empty());
        let settings = |resources: &[Resource], way: usize| {
            let packages = || (format!("{name}_packages"), all_data(packages(resources)));
            let way = || (format!("{name}_way"), Yaml::Number(way as u64));
            has_packages.then(packages).into_iter().chain((ways.len() > 1).then(way)).collect()
        };
        let members: IndexMap<_, Settings> = hosts
            .iter()
            .zip(numbers)
            .map(|((setup, resources), way)| (setup.alias.as_str(), settings(resources, way)))
            .collect();
        Self { defaults: most_frequent(&members), name, turn, members, ways, contents }
    }

    pub fn group(&self) -> String {
        role_group(&self.name)
    }

    pub fn aliases(&self) -> impl Iterator<Item = &'a str> {
        self.members.keys().copied()
    }

    /// What the inventory says of a host, since most have it otherwise.
    pub fn exceptions(&self, alias: &str) -> Settings {
        let settings = self.members.get(alias).into_iter().flatten();
        settings.filter(|setting| !self.defaults.contains(setting)).cloned().collect()
    }

    /// Its files, below the folder of the export.
    pub fn files(&self) -> Vec<ExportedFile> {
        let mut handlers = Handlers::default();
        for way in &self.ways {
            handlers.merge(way.handlers.clone());
        }
        let mut documents = vec![
            ("defaults/main.yml".to_owned(), Yaml::Map(self.defaults.clone())),
            ("handlers/main.yml".to_owned(), Yaml::List(handlers.in_order())),
        ];
        let tasks = self.ways.iter().map(|way| Yaml::List(way.tasks.clone()));
        if self.ways.len() == 1 {
            documents.extend(tasks.map(|tasks| ("tasks/main.yml".to_owned(), tasks)));
        } else {
            documents.push(("tasks/main.yml".to_owned(), self.imports()));
            let numbered = (1..).zip(tasks);
            documents.extend(numbered.map(|(number, tasks)| (format!("tasks/way_{number}.yml"), tasks)));
        }
        let place = |path: &str| format!("roles/{}/{path}", self.name);
        let documents = documents
            .into_iter()
            .filter(|(_, document)| !document.is_empty())
            .map(|(path, document)| ExportedFile::new(place(&path), format!("---\n{}", document.document())));
        let files = self.contents.files().into_iter().map(|file| {
            let path = place(&format!("files/{}", file.path));
            ExportedFile { path, ..file }
        });
        documents.chain(files).collect()
    }

    fn imports(&self) -> Yaml {
        let import = |number| {
            let file = Yaml::text(format!("way_{number}.yml"));
            let condition = Yaml::text(format!("{}_way == {number}", self.name));
            step(&format!("Set up in way {number}"), "import_tasks", file, vec![("when", condition)])
        };
        Yaml::List((1..=self.ways.len()).map(import).collect())
    }
}

/// Of each variable the value that most hosts have, and of those that are as frequent the first.
fn most_frequent(members: &IndexMap<&str, Settings>) -> Settings {
    let places = members.values().next().map_or(0, Vec::len);
    let of_place = |place: usize| {
        let mut counts: IndexMap<&(String, Yaml), usize> = IndexMap::new();
        for settings in members.values() {
            *counts.entry(&settings[place]).or_default() += 1;
        }
        counts.into_iter().rev().max_by_key(|(_, count)| *count).map(|(setting, _)| setting.clone())
    };
    (0..places).filter_map(of_place).collect()
}
