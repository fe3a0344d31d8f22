//! What other engines run, or ssh reads: an inventory as files that do without this tool.
//!
//! Pure: what the hosts should have goes in, files come out. Whatever an engine would evaluate a second time goes out in
//! files of its own or marked, and what can not go out is told.

mod ansible;
mod cloud_init;
mod names;
mod remarks;
mod secrets;
mod shell;
mod ssh;
#[cfg(test)]
mod tests;
mod yaml;

pub use ansible::ansible;
pub use cloud_init::cloud_init;
pub use names::aliases;
pub use ssh::ssh_config;

use crate::model::{Cluster, Host, Language, Resource, Role, Text};

/// What is exported.
#[derive(Debug, Clone)]
pub struct Subject<'a> {
    /// One clean line.
    pub title: String,
    /// Of what people read.
    pub language: Language,
    pub hosts: Vec<Setup<'a>>,
}

/// A host with what it should have.
#[derive(Debug, Clone)]
pub struct Setup<'a> {
    pub cluster: &'a Cluster,
    pub host: &'a Host,
    /// The word that it goes by elsewhere.
    pub alias: String,
    /// What each of its roles wants, in the order of application.
    pub roles: Vec<(&'a dyn Role, Vec<Resource>)>,
    /// Packages that the host has besides.
    pub extra: Vec<Resource>,
    /// All of it, in the order of application.
    pub resources: Vec<Resource>,
}

/// The files of an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Export {
    pub files: Vec<ExportedFile>,
    /// What did not go out, or not as it is here.
    pub remarks: Vec<Text>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportedFile {
    /// Below the folder of the export.
    pub path: String,
    pub content: Vec<u8>,
    /// Whether something stands in it that is not for everybody.
    pub is_private: bool,
}

impl ExportedFile {
    pub fn new(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), content: content.into(), is_private: false }
    }

    fn private_where(self, is_private: bool) -> Self {
        Self { is_private, ..self }
    }
}

/// The names of the packages among resources.
fn packages(resources: &[Resource]) -> Vec<&str> {
    let packages = resources.iter().filter_map(|resource| match resource {
        Resource::Package(package) => Some(package.name.as_str()),
        _ => None,
    });
    packages.collect()
}
