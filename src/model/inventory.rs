//! The inventory as the tool understands it: every range expanded, every setting inherited.

use std::path::PathBuf;

use super::clean::clean_line;
use super::grading::Grading;
use super::host::{Cluster, Host, Placement};
use super::language::Language;
use super::meanwhile::Meanwhile;

#[derive(Debug, Clone)]
pub struct Inventory {
    /// The file it was read from, as the user named it.
    pub path: PathBuf,
    /// Title for pages and reports.
    pub name: Option<String>,
    /// Language of lab files, default page and report.
    pub language: Language,
    /// How a cluster's probes become its score.
    pub grading: Grading,
    /// In the order of the file.
    pub clusters: Vec<Cluster>,
}

/// Longest title that is shown, in characters.
const LONGEST_TITLE: usize = 200;

impl Inventory {
    /// A host of it, as templates see it once all is as it says.
    pub fn place<'a>(&'a self, cluster: &'a Cluster, host: &'a Host) -> Placement<'a> {
        let (title, language) = (self.name.as_deref(), self.language);
        Placement { title, language, cluster, host, ipv6: true, meanwhile: Meanwhile::SETTLED }
    }

    /// What reports are headed by: one clean line, whoever wrote the inventory.
    pub fn title(&self) -> String {
        clean_line(self.name.as_deref().unwrap_or("provision"), LONGEST_TITLE)
    }

    /// All hosts, in the order of the file.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.clusters.iter().flat_map(|cluster| &cluster.hosts)
    }
}
