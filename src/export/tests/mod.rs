//! Whole exports, of hosts made by hand.

mod bounds;
mod clashes;
mod hostile;
mod secrets;
mod sets;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::{Export, Setup, Subject, aliases};
use crate::model::{Cluster, Command, Guard, Host, Language, Meanwhile, Placement, Resource, Script};
use crate::roles::samples::host;
use crate::roles::{Outline, Practice};

/// What is exported of clusters, with nothing but ports in the files of built-in roles.
fn subject(clusters: &[Cluster]) -> Subject<'_> {
    let hosts = || clusters.iter().flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host)));
    let aliases = aliases(hosts().map(|(_, host)| host));
    let setup = |(cluster, host)| {
        let place = Placement {
            title: None,
            language: Language::English,
            cluster,
            host,
            ipv6: true,
            meanwhile: Meanwhile::SETTLED,
        };
        let roles: Vec<_> =
            host.roles_in_order().map(|role| (role, role.resources(&place, &Outline).unwrap())).collect();
        let extra: Vec<_> = host.packages.extra.iter().cloned().map(Resource::package).collect();
        let resources = roles.iter().flat_map(|(_, resources)| resources).chain(&extra).cloned().collect();
        Setup { cluster, host, alias: aliases[&host.id].clone(), roles, extra, resources }
    };
    Subject { title: "Class".to_owned(), language: Language::English, hosts: hosts().map(setup).collect() }
}

/// A host with a practice `queue`.
fn queue_host(name: &str, resources: Vec<Resource>) -> Host {
    let mut host = host("default", name, "10.0.0.1", &[]);
    host.roles.push(Arc::new(Practice { name: "queue".to_owned(), resources, ..Practice::default() }));
    host
}

/// A command of it that is run where its guard is open.
fn queue_command(name: &str) -> Resource {
    Resource::Command(Command {
        role: "queue".to_owned(),
        name: name.to_owned(),
        run: Script::Shell("queue".to_owned()),
        guard: Guard::Creates("/opt/queue".to_owned()),
        undo: None,
        limit: Duration::from_secs(60),
        after_services: false,
    })
}

fn file(export: &Export, path: &str) -> String {
    let found = export.files.iter().find(|file| file.path == path);
    let found = found.unwrap_or_else(|| panic!("no {path} in {:#?}", paths(export)));
    String::from_utf8(found.content.clone()).unwrap()
}

fn paths(export: &Export) -> Vec<&str> {
    export.files.iter().map(|file| file.path.as_str()).collect()
}

/// The paths of all that Ansible reads as YAML.
fn yaml_paths(export: &Export) -> Vec<&str> {
    let ending =
        |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
    paths(export).into_iter().filter(|path| ending(path)).collect()
}

/// All of it, one behind the other.
fn documents(export: &Export) -> String {
    let documents: Vec<_> =
        yaml_paths(export).iter().map(|path| format!("## {path}\n{}", file(export, path))).collect();
    documents.join("\n")
}

fn remarks(export: &Export) -> String {
    export.remarks.iter().map(|remark| remark.sample() + "\n").collect()
}
