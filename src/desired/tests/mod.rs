//! What hosts should have, over small inventories made here.

mod balancer;
mod interoperation;
mod lab;
mod meanwhile;
mod page;
mod practice;
mod roles;
mod user_templates;

use std::path::{Path, PathBuf};

use super::Templates;
use crate::model::{Cluster, Grading, Host, Inventory, Language, Placement, Resource};
use crate::roles::samples::{self, set};

/// A host of the cluster `ana`.
fn host(name: &str, index: usize, address: &str, roles: &[&str]) -> Host {
    Host { index, ..samples::host("ana", name, address, roles) }
}

/// An inventory with these hosts as its one cluster, `ana`.
fn inventory(hosts: Vec<Host>) -> Inventory {
    Inventory {
        path: PathBuf::from("inventory.yaml"),
        name: Some("Sistemas Distribuídos".to_owned()),
        language: Language::English,
        grading: Grading::default(),
        clusters: vec![Cluster { name: "ana".to_owned(), hosts }],
    }
}

/// A balancer and web hosts with these addresses.
fn cluster_of(addresses: &[&str]) -> Inventory {
    let mut hosts = vec![host("lb", 1, "10.0.0.50", &["balancer"])];
    for (position, address) in addresses.iter().enumerate() {
        hosts.push(host(&format!("web{:02}", position + 1), position + 1, address, &["web"]));
    }
    inventory(hosts)
}

fn place(inventory: &Inventory, position: usize) -> Placement<'_> {
    let cluster = &inventory.clusters[0];
    inventory.place(cluster, &cluster.hosts[position])
}

/// What the host at a position should have.
fn wanted(inventory: &Inventory, position: usize) -> Vec<Resource> {
    super::resources(&place(inventory, position), &Templates::load(inventory)).unwrap()
}

/// The error of the host at a position, with its hint.
fn refusal(inventory: &Inventory, position: usize) -> String {
    let error = super::resources(&place(inventory, position), &Templates::load(inventory))
        .expect_err("a template error");
    format!("{}\nhint: {}", error.told().sample(), error.hint.map_or("none".to_owned(), |hint| hint.sample()))
}

/// The content of a file among resources.
fn content<'resources>(resources: &'resources [Resource], path: &str) -> &'resources str {
    resources
        .iter()
        .find_map(|resource| match resource {
            Resource::File(file) if file.path == path => file.text(),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no file {path}"))
}

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}
