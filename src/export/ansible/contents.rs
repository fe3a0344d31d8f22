//! The files of a role: shared where they are the same on all of its hosts, else one for each host.

use std::collections::{BTreeMap, HashMap};

use crate::export::names::{Names, file_name};
use crate::export::secrets::is_private;
use crate::export::yaml::Yaml;
use crate::export::{ExportedFile, Setup};
use crate::model::{Resource, Script};

#[derive(Debug, Default)]
pub struct Contents<'a>(HashMap<String, Content<'a>>);

#[derive(Debug)]
struct Content<'a> {
    /// In the folder of all hosts, or in that of one.
    name: String,
    /// Whether it is none that everybody may read, on one of the hosts.
    is_private: bool,
    /// Whether it is the same on all of its hosts.
    is_shared: bool,
    /// By the alias of the host.
    of_hosts: BTreeMap<&'a str, &'a [u8]>,
}

impl<'a> Contents<'a> {
    pub fn gather(members: &[(&'a Setup<'a>, &'a [Resource])]) -> Self {
        let mut contents = Self::default();
        let mut names = Names::default();
        for (setup, resources) in members {
            for resource in *resources {
                let Some((key, bytes)) = content(resource) else { continue };
                let content = contents.0.entry(key).or_insert_with_key(|key| Content {
                    name: names.give(&file_name(key)),
                    is_private: false,
                    is_shared: true,
                    of_hosts: BTreeMap::new(),
                });
                content.is_private |= matches!(resource, Resource::File(file) if is_private(file));
                let known = content.of_hosts.values().next();
                content.is_shared &= known.is_none_or(|known| *known == bytes);
                content.of_hosts.insert(&setup.alias, bytes);
            }
        }
        contents
    }

    /// Where a step finds what a resource puts on the host that it is done for.
    pub fn source(&self, resource: &Resource) -> Option<Yaml> {
        let content = self.0.get(&content(resource)?.0)?;
        let folder = if content.is_shared { "shared" } else { "hosts/{{ inventory_hostname }}" };
        Some(Yaml::text(format!("{folder}/{}", content.name)))
    }

    pub fn files(&self) -> Vec<ExportedFile> {
        let mut files: Vec<_> = self.0.values().flat_map(Content::files).collect();
        files.sort_by(|one, other| one.path.cmp(&other.path));
        files
    }
}

impl Content<'_> {
    fn files(&self) -> Vec<ExportedFile> {
        let count = if self.is_shared { 1 } else { self.of_hosts.len() };
        let file = |(alias, bytes): (&&str, &&[u8])| {
            let folder = if self.is_shared { "shared".to_owned() } else { format!("hosts/{alias}") };
            ExportedFile::new(format!("{folder}/{}", self.name), *bytes).private_where(self.is_private)
        };
        self.of_hosts.iter().take(count).map(file).collect()
    }
}

/// What a resource needs a file for, and that.
fn content(resource: &Resource) -> Option<(String, &[u8])> {
    match resource {
        Resource::File(file) => Some((file.path.clone(), &file.content)),
        Resource::Command(command) => match &command.run {
            Script::Program(program) => Some((format!("program/{}", command.name), program.as_bytes())),
            Script::Shell(_) => None,
        },
        _ => None,
    }
}
