//! What pages and programs of students need of a host, besides what an apply makes there.

use std::net::IpAddr;

use super::finding;
use crate::model::{
    Cluster, Examination, Expectation, Finding, FindingKind, Host, HostText, Resource, Severity, Text,
    loopback, text,
};

/// The names that clients on the host connect to.
pub fn names(cluster: &Cluster, host: &Host) -> Vec<String> {
    let servers = host.expectations(cluster).into_iter().filter_map(|expectation| match expectation {
        Expectation::SocketLab { server, .. } => Some(server),
        _ => None,
    });
    servers.filter(|server| !server.is_empty() && server.parse::<IpAddr>().is_err()).collect()
}

/// What everybody on the host has to reach.
pub fn shared(cluster: &Cluster, host: &Host) -> Vec<String> {
    let paths = host.expectations(cluster).into_iter().filter_map(|expectation| match expectation {
        Expectation::Page { path, .. } | Expectation::SocketLab { path, .. } => Some(path),
        _ => None,
    });
    paths.collect()
}

/// What fails for students however well all is set up.
pub(super) fn judge(
    cluster: &Cluster,
    host: &Host,
    wanted: &[Resource],
    examination: &Examination,
) -> Vec<Finding> {
    let about = |kind, seen, means, mend| finding(&host.id, Severity::Fatal, kind, seen, means, mend);
    let mut findings = Vec::new();
    if examination.without_loopback {
        let (seen, mend) = loopback::down();
        findings.push(about(FindingKind::Names, seen, no_clients(), mend));
    }
    // It may only be missing because it is yet to be installed.
    if let (Some(seen), Some(mend)) = (examination.python.fault(), examination.python.mend()) {
        let means = text!(
            en: "programs of students do not run",
            pt: "os programas dos alunos não rodam",
        );
        findings.push(about(FindingKind::Packages, seen, means, mend));
    }
    for name in names(cluster, host) {
        let addresses = examination.names.get(&name).map(Vec::as_slice).unwrap_or_default();
        if let Some((seen, mend)) = loopback::misled(&name, addresses) {
            findings.push(about(FindingKind::Names, seen, no_clients(), mend));
        }
    }
    let is_made = |folder: &HostText| {
        let is_it =
            |resource: &Resource| matches!(resource, Resource::Directory(made) if *folder == *made.path);
        wanted.iter().any(is_it)
    };
    for folder in examination.closed.iter().filter(|folder| !is_made(folder)) {
        let (name, word) = (folder.name(), folder.word());
        findings.push(about(
            FindingKind::File,
            text!(en: "not everybody may go into {name}", pt: "nem todos podem entrar em {name}", name),
            text!(
                en: "what is below it for all is out of reach: pages are not served, programs of students not found",
                pt: "o que há abaixo para todos fica fora de alcance: as páginas não são entregues, nem os programas dos alunos encontrados",
            ),
            text!(en: "on the host: `sudo chmod a+x {word}`", pt: "na máquina: `sudo chmod a+x {word}`", word),
        ));
    }
    findings
}

fn no_clients() -> Text {
    text!(
        en: "clients of students find no server on their own host",
        pt: "os clientes dos alunos não encontram servidor na própria máquina",
    )
}
