//! `validate` and `inventory list|graph|schema`: what can be said without connecting.

use std::path::Path;

use serde_json::json;

use crate::cli::{InventoryCommand, OutputFormat, Scope};
use crate::error::{ExitCode, Result};
use crate::inventory::{self, Extent};
use crate::model::{Balance, Expectation, Host, ServerExpectation};

use super::prepare::{self, Prepared};
use super::terminal::Terminal;
use crate::report::{Noun, Words, columns, envelope, say};

pub fn validate(path: &Path, terminal: &Terminal) -> Result<ExitCode> {
    let (inventory, _) = prepare::load(path, Extent::All)?;
    let words = terminal.words();
    let (path, hosts) = (path.display(), words.hosts(inventory.hosts().count()));
    let clusters = Noun::new("cluster", "clusters").count(inventory.clusters.len());
    terminal.print(say!(
        words,
        en: "{path}: valid, {hosts} in {clusters}\n",
        pt: "{path}: válido, {hosts} em {clusters}\n",
    ))
}

pub fn run(command: InventoryCommand, terminal: &Terminal) -> Result<ExitCode> {
    let text = match command {
        InventoryCommand::Schema => inventory::schema(),
        InventoryCommand::Graph { scope } => graph(&prepare::scope(&Scope::from(scope))?),
        InventoryCommand::List { scope, output } => {
            let prepared = prepare::scope(&Scope::from(scope))?;
            match output {
                OutputFormat::Text => table(&prepared, terminal.words()),
                OutputFormat::Json => json(&prepared),
            }
        }
    };
    terminal.print(text)
}

fn roles(host: &Host) -> String {
    host.role_names().join(", ")
}

/// The address with the parts that the inventory gives: `ubuntu@10.0.0.5:2222`.
fn destination(host: &Host) -> String {
    let connection = &host.connection;
    let user = connection.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
    match connection.port {
        Some(port) if connection.address.contains(':') => format!("{user}[{}]:{port}", connection.address),
        Some(port) => format!("{user}{}:{port}", connection.address),
        None => format!("{user}{}", connection.address),
    }
}

fn table(prepared: &Prepared, words: Words) -> String {
    let rows = prepared
        .hosts()
        .map(|(_, host)| [host.id.to_string(), roles(host), destination(host), host.private_address.clone()]);
    columns(words.choose(["HOST", "ROLES", "SSH", "PRIVATE"], ["MÁQUINA", "PAPÉIS", "SSH", "PRIVADO"]), rows)
}

fn json(prepared: &Prepared) -> String {
    let listed = |(_, host): (_, &Host)| {
        json!({
            "host": host.id.as_str(),
            "cluster": host.cluster,
            "index": host.index,
            "roles": host.role_names(),
            "address": host.connection.address,
            "private_address": host.private_address,
            "user": host.connection.user,
            "port": host.connection.port,
        })
    };
    envelope(&json!({ "hosts": prepared.hosts().map(listed).collect::<Vec<_>>() }))
}

/// A tree: clusters, their hosts, and for a balancer the hosts that it balances over.
fn graph(prepared: &Prepared) -> String {
    let mut text = String::new();
    for cluster in &prepared.inventory.clusters {
        let hosts: Vec<_> =
            cluster.hosts.iter().filter(|host| prepared.selected.contains(&host.id)).collect();
        if hosts.is_empty() {
            continue;
        }
        text.push_str(&format!("{}\n", cluster.name));
        for (position, host) in hosts.iter().enumerate() {
            let last = position + 1 == hosts.len();
            text.push_str(&format!("{} {} ({})\n", if last { "└──" } else { "├──" }, host.name, roles(host)));
            let rail = if last { "    " } else { "│   " };
            for asked in host.expectations(cluster) {
                let Expectation::Balance(Balance { port, servers, .. }) = asked else { continue };
                for ServerExpectation { name, address, port: behind, .. } in servers {
                    text.push_str(&format!("{rail}  :{port} → {name} {address}:{behind}\n"));
                }
            }
        }
    }
    text
}
