//! The inventory as the tool understands it: every range expanded, every setting inherited.

use std::path::PathBuf;

use super::grading::Grading;
use super::host::{Cluster, Host};
use super::language::Language;

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

impl Inventory {
    /// All hosts, in the order of the file.
    pub fn hosts(&self) -> impl Iterator<Item = &Host> {
        self.clusters.iter().flat_map(|cluster| &cluster.hosts)
    }
}
