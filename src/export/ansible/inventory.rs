//! `inventory.yaml`: how each host is reached, and the groups of clusters and roles. No secret stands in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::role::Role;
use super::yaml::data;
use crate::export::names::{Names, cluster_group};
use crate::export::ssh::{self, Through};
use crate::export::yaml::Yaml;
use crate::export::{Setup, Subject};
use crate::model::{BecomeMethod, Connection, Host, Text, shell_word, text};

pub fn inventory(subject: &Subject<'_>, roles: &[Role<'_>]) -> String {
    let hosts: Vec<(&str, Vec<(String, Yaml)>)> = subject
        .hosts
        .iter()
        .map(|Setup { host, alias, .. }| {
            let exceptions = roles.iter().flat_map(|role| role.exceptions(alias));
            (alias.as_str(), way(host).into_iter().chain(exceptions).collect())
        })
        .collect();
    // What is true of all hosts is said once.
    let common: Vec<_> = match hosts.as_slice() {
        [(_, first), others @ ..] if !others.is_empty() => {
            let is_common =
                |setting: &&(String, Yaml)| others.iter().all(|(_, other)| other.contains(*setting));
            first.iter().filter(is_common).cloned().collect()
        }
        _ => Vec::new(),
    };
    let hosts = hosts.into_iter().map(|(alias, mut settings)| {
        settings.retain(|setting| !common.contains(setting));
        (alias, Yaml::Map(settings))
    });
    let mut all = vec![("hosts", Yaml::map(hosts)), ("children", groups(subject, roles))];
    if !common.is_empty() {
        all.insert(0, ("vars", Yaml::Map(common.clone())));
    }
    let title = &subject.title;
    let head = text!(
        en: "# The hosts of {title}, written by `provision export ansible`.\n---\n",
        pt: "# As máquinas de {title}, escritas por `provision export ansible`.\n---\n",
    );
    format!("{}{}", head.words(subject.language), Yaml::map([("all", Yaml::map(all))]).document())
}

/// The way to a host.
fn way(host: &Host) -> Vec<(String, Yaml)> {
    let connection = &host.connection;
    let mut settings = vec![("ansible_host", data(&connection.address))];
    settings.extend(connection.user.as_deref().and_then(ssh::login).map(|user| ("ansible_user", data(user))));
    settings.extend(connection.port.map(|port| ("ansible_port", Yaml::Number(port.into()))));
    let key = connection.identity.as_deref().and_then(ssh::key_file);
    let mut options = Vec::new();
    if let Some(key) = key {
        settings.push(("ansible_ssh_private_key_file", data(key)));
        options.push("IdentitiesOnly=yes".to_owned());
    }
    options.extend(Through::of(connection).map(|through| match through {
        Through::Jump(jump) => format!("ProxyJump={jump}"),
        Through::Bastion(bastion) => format!("ProxyCommand={}", proxy(&bastion)),
    }));
    let policy = connection.host_keys.map(ssh::host_keys);
    options.extend(policy.map(|policy| format!("StrictHostKeyChecking={policy}")));
    if !options.is_empty() {
        let words: Vec<_> = options.iter().map(|option| format!("-o {}", word(option))).collect();
        settings.push(("ansible_ssh_common_args", data(words.join(" "))));
    }
    let timeout = ssh::connect_timeout(connection);
    settings.extend(timeout.map(|seconds| ("ansible_ssh_timeout", Yaml::Number(seconds))));
    if host.r#become.method == BecomeMethod::None {
        settings.push(("ansible_become", Yaml::Flag(false)));
    }
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The command that leads through a bastion, for the shell that ssh gives it to.
fn proxy(bastion: &Connection) -> String {
    let options = ssh::options(bastion).into_iter().filter(|(key, _)| *key != "HostName");
    let options = options.map(|(key, value)| format!("-o {} ", word(&format!("{key}={value}"))));
    let words = options.collect::<String>() + "-- " + &word(&bastion.address);
    format!("ssh -W '[%h]:%p' {}", words.replace('%', "%%"))
}

/// An option as Ansible takes it, which takes words apart as a shell does.
fn word(option: &str) -> Cow<'_, str> {
    let is_sign = |sign: char| sign.is_ascii_alphanumeric() || "=-_.:@[]".contains(sign);
    if option.chars().all(is_sign) { option.into() } else { shell_word(option) }
}

/// Passwords are asked for by whoever runs the playbook.
pub fn passwords(host: &Host) -> impl Iterator<Item = Text> {
    let login = host.connection.password.as_ref().map(|_| {
        text!(
            en: "`ssh.password` is not exported: run the playbook with `-k`, which asks for it and takes sshpass",
            pt: "`ssh.password` não é exportado: rode o playbook com `-k`, que pergunta e precisa do sshpass",
        )
    });
    let root = host.r#become.password.as_ref().map(|_| {
        text!(
            en: "`become.password` is not exported: run the playbook with `-K`, which asks for it",
            pt: "`become.password` não é exportado: rode o playbook com `-K`, que pergunta",
        )
    });
    login.into_iter().chain(root)
}

fn groups(subject: &Subject<'_>, roles: &[Role<'_>]) -> Yaml {
    let mut names = Names::default();
    let mut clusters: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for Setup { cluster, alias, .. } in &subject.hosts {
        clusters.entry(&cluster.name).or_default().push(alias);
    }
    let clusters = clusters.into_iter().map(|(name, aliases)| (names.give(&cluster_group(name)), aliases));
    let roles = roles.iter().map(|role| (role.group(), role.aliases().collect()));
    let members = |aliases: Vec<&str>| {
        Yaml::map([("hosts", Yaml::map(aliases.into_iter().map(|alias| (alias, Yaml::Map(Vec::new())))))])
    };
    Yaml::map(clusters.chain(roles).map(|(name, aliases)| (name, members(aliases))))
}
