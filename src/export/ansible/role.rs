//! A role with the hosts that have it. Where they want the same but for what stands in their files, it has one list of tasks;
//! else a list for each way of having it, and the inventory says which is whose.

use super::contents::Contents;
use super::handlers::Handlers;
use super::steps::{Steps, steps};
use super::yaml::{all_data, step};
use crate::export::names::{COMMON, Names, identifier, role_group};
use crate::export::secrets::secret_values;
use crate::export::yaml::Yaml;
use crate::export::{ExportedFile, Setup, Subject, packages};
use crate::model::Resource;

#[derive(Debug)]
pub struct Role<'a> {
    /// A word for folders and variables, which no other role has.
    pub name: String,
    turn: Turn,
    members: Vec<Member<'a>>,
    ways: Vec<Steps>,
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

/// A host that has the role.
#[derive(Debug)]
struct Member<'a> {
    alias: &'a str,
    packages: Vec<&'a str>,
    /// Counted from 1.
    way: usize,
}

/// Variables of a role, as its hosts have them.
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
        let mut ways: Vec<Steps> = Vec::new();
        let member = |(setup, resources): &(&'a Setup<'a>, &'a [Resource])| {
            let hides = !secret_values(setup).is_empty();
            let own = steps(&name, resources, &contents, hides);
            let known = ways.iter().position(|way| *way == own).unwrap_or_else(|| {
                ways.push(own);
                ways.len() - 1
            });
            Member { alias: &setup.alias, packages: packages(resources), way: known + 1 }
        };
        let members = hosts.iter().map(member).collect();
        Self { name, turn, members, ways, contents }
    }

    pub fn group(&self) -> String {
        role_group(&self.name)
    }

    pub fn aliases(&self) -> impl Iterator<Item = &'a str> {
        self.members.iter().map(|member| member.alias)
    }

    /// What the inventory says of a host, since most have it otherwise.
    pub fn exceptions(&self, alias: &str) -> Settings {
        let defaults = self.defaults();
        let member = self.members.iter().find(|member| member.alias == alias);
        let settings = member.map(|member| self.settings(member)).unwrap_or_default();
        settings.into_iter().filter(|setting| !defaults.contains(setting)).collect()
    }

    /// Its files, below the folder of the export.
    pub fn files(&self) -> Vec<ExportedFile> {
        let mut handlers = Handlers::default();
        for way in &self.ways {
            handlers.merge(way.handlers.clone());
        }
        let mut documents = vec![
            ("defaults/main.yml".to_owned(), Yaml::Map(self.defaults())),
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

    /// The settings that most hosts have.
    fn defaults(&self) -> Settings {
        let all: Vec<_> = self.members.iter().map(|member| self.settings(member)).collect();
        let places = all.first().map_or(0, Vec::len);
        let most_frequent = |place: usize| {
            let count =
                |setting: &(String, Yaml)| all.iter().filter(|other| other[place] == *setting).count();
            // Of those that are as frequent the first.
            all.iter().rev().map(|settings| &settings[place]).max_by_key(|setting| count(setting)).cloned()
        };
        (0..places).filter_map(most_frequent).collect()
    }

    /// The same for every member in number and names.
    fn settings(&self, member: &Member<'_>) -> Settings {
        let mut settings = Settings::new();
        if self.members.iter().any(|member| !member.packages.is_empty()) {
            settings.push((format!("{}_packages", self.name), all_data(member.packages.iter().copied())));
        }
        if self.ways.len() > 1 {
            settings.push((format!("{}_way", self.name), Yaml::Number(member.way as u64)));
        }
        settings
    }
}
