//! What is written of a lab into its inventory: small, commented, and the first one many people read. Pure.

use std::path::Path;

use super::ports::LOOPBACK;
use super::record::{Folder, Record};
use super::shape::{HostShape, Options};
use crate::draft::{Become, Cluster, Draft, Host, Settings, Ssh};
use crate::model::{BecomeMethod, HostKeyPolicy, PackageSource, Text, text};

/// The inventory of a lab, before it is written to `path`.
pub(super) fn draft(record: &Record, folder: &Folder, path: &Path) -> Draft {
    let options = &record.options;
    let r#become = options.sudo_password.then(|| Become {
        method: Some(BecomeMethod::Sudo),
        password: Some(format!("file:{}", relative(&folder.sudo_password(), path))),
    });
    Draft {
        head: head(options).into(),
        name: Some(title(options).words(options.language).to_owned()),
        language: Some(options.language),
        settings: Settings {
            ssh: Ssh {
                user: Some(options.user.clone()),
                identity: Some(relative(&folder.identity(), path)),
                host_keys: Some(HostKeyPolicy::AcceptNew),
                ..Ssh::default()
            },
            r#become: r#become.unwrap_or_default(),
            packages_via: Some(PackageSource::Laptop),
            ..Settings::default()
        },
        clusters: clusters(record),
    }
}

fn is_default(options: &Options) -> bool {
    options.name == Options::default().name
}

fn title(options: &Options) -> Text {
    let name = if is_default(options) { String::new() } else { format!(" {}", options.name) };
    text!(en: "Practice lab{name}", pt: "Lab de treino{name}")
}

fn head(options: &Options) -> [Text; 6] {
    let name = &options.name;
    let down = if is_default(options) { String::new() } else { format!(" --name {name}") };
    let apply = "provision apply FILE";
    let down = format!("provision lab down{down}");
    let width = down.len().max(apply.len());
    [
        text!(
            en: "Inventory of the practice lab `{name}`, written by `provision lab up`.",
            pt: "Inventário do lab de treino `{name}`, escrito por `provision lab up`.",
        ),
        text!(
            en: "Its hosts are throwaway containers on this machine: break them, then make",
            pt: "As máquinas são contêineres descartáveis deste computador: estrague-as, depois",
        ),
        text!(en: "them anew.", pt: "crie-as de novo."),
        Text::default(),
        text!(
            en: "  {apply:<width$}   sets them up and proves that they work",
            pt: "  {apply:<width$}   configura todas e prova que funcionam",
        ),
        text!(en: "  {down:<width$}   removes them", pt: "  {down:<width$}   apaga todas"),
    ]
}

fn clusters(record: &Record) -> Vec<Cluster> {
    let mut clusters: Vec<Cluster> = Vec::new();
    for HostShape { name, address, hostname, .. } in &record.hosts {
        let (cluster, name) =
            name.rsplit_once('/').map_or((None, name.as_str()), |(cluster, name)| (Some(cluster), name));
        let roles: &[&str] = if name == "lb" { &["balancer"] } else { &["web", "socket"] };
        let port = record.ports.get(hostname).map(|ports| ports.ssh);
        let host = Host {
            name: name.to_owned(),
            address: if port.is_some() { LOOPBACK.to_owned() } else { address.clone() },
            private_address: port.map(|_| address.clone()),
            settings: Settings { ssh: Ssh { port, ..Ssh::default() }, ..Settings::default() },
            roles: roles.iter().map(ToString::to_string).collect(),
            ..Host::default()
        };
        match clusters.last_mut().filter(|last| last.name.as_deref() == cluster) {
            Some(last) => last.hosts.push(host),
            None => clusters.push(Cluster {
                name: cluster.map(str::to_owned),
                hosts: vec![host],
                ..Cluster::default()
            }),
        }
    }
    clusters
}

/// A path as an inventory names it: alone when the two lie side by side.
fn relative(file: &Path, inventory: &Path) -> String {
    match (file.parent() == inventory.parent(), file.file_name()) {
        (true, Some(name)) => name.to_string_lossy().into_owned(),
        _ => file.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::draft::write;
    use crate::lab::shape::{DriverKind, Ports};
    use crate::lab::subnet::Subnet;
    use crate::model::Language;

    fn written(options: Options, ports: BTreeMap<String, Ports>, path: &str) -> String {
        let subnet = Subnet::new(10, 213);
        let record = Record {
            hosts: options.hosts(subnet),
            options,
            subnet,
            driver: DriverKind::Podman,
            ports,
            images: BTreeMap::new(),
            complete: false,
            inventory_digest: None,
        };
        write(&draft(&record, &Folder::new(Path::new("/state"), &record.options.name), Path::new(path)))
    }

    #[test]
    fn one_cluster() {
        insta::assert_snapshot!(written(
            Options::default(),
            BTreeMap::new(),
            "/state/labs/lab/inventory.yaml"
        ));
    }

    #[test]
    fn one_cluster_in_portuguese() {
        let options = Options { language: Language::Portuguese, ..Options::default() };
        insta::assert_snapshot!(written(options, BTreeMap::new(), "/state/labs/lab/inventory.yaml"));
    }

    #[test]
    fn hosts_behind_ports_of_this_machine() {
        let hostnames = ["lb", "web01", "web02", "web03"].map(str::to_owned).into_iter();
        let ports = |index: u16| Ports { ssh: 22000 + index, web: 23000 + index, statistics: 24000 + index };
        let ports = hostnames.zip((0..).map(ports)).collect();
        insta::assert_snapshot!(written(Options::default(), ports, "/state/labs/lab/inventory.yaml"));
    }

    #[test]
    fn teams_with_password_elsewhere() {
        let options = Options {
            name: "e2e".to_owned(),
            clusters: 12,
            web: 1,
            sudo_password: true,
            ..Options::default()
        };
        insta::assert_snapshot!(written(options, BTreeMap::new(), "/elsewhere/inventory.yaml"));
    }
}
