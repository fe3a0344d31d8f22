//! Who holds the ports of the class, and what its old scripts left.

use super::finding;
use crate::model::{Examination, Finding, FindingKind, Host, Role, Severity};

const HAPROXY: &str = "haproxy";
const APACHE: &str = "apache2";

/// The ports that the roles of a host need, each with the service that takes it; `None` where students start it.
pub fn ports(host: &Host) -> Vec<(u16, Option<&'static str>)> {
    let mut ports = Vec::new();
    if host.has(Role::Balancer) {
        ports.push((host.balancer.port, Some(HAPROXY)));
        ports.push((host.balancer.stats_port, Some(HAPROXY)));
    }
    if host.has(Role::Web) {
        ports.push((host.web.port, Some(APACHE)));
    }
    if host.has(Role::Socket) {
        ports.push((host.socket.port, None));
    }
    ports
}

/// Ports that another program holds, and leftovers.
pub(super) fn judge(host: &Host, examination: &Examination) -> Vec<Finding> {
    let ports = ports(host);
    let mut findings = Vec::new();
    for (port, service) in &ports {
        let Some(owner) = examination.facts.port_owners.get(port) else { continue };
        // Where a host has both roles, apply moves each service to its own port.
        if ports.iter().any(|(_, service)| *service == Some(owner)) {
            continue;
        }
        let (owner, stop) = match owner.as_str() {
            "" => ("another program", "find it on the host with `sudo ss -ltnp` and stop it".to_owned()),
            owner => (
                owner,
                format!("stop it on the host (`sudo systemctl disable --now {owner}` if it is a service)"),
            ),
        };
        findings.push(match service {
            Some(service) => finding(
                &host.id,
                Severity::Fatal,
                FindingKind::Port,
                format!("port {port}, which {service} needs, is held by {owner}"),
                format!("{service} cannot start on this host"),
                format!("{stop}, or choose another port in the inventory"),
            ),
            None => finding(
                &host.id,
                Severity::Note,
                FindingKind::Port,
                format!("port {port} of the socket lab is held by {owner}"),
                "it may be a student's own server; the probes use another port",
                "nothing needs mending where that is meant",
            ),
        });
    }
    if host.has(Role::Balancer) && examination.frontends > 1 {
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Leftover,
            "haproxy.cfg has the frontend `http-in` more than once, as the old class script leaves it",
            "until it is replaced, requests fail or reach old servers",
            "nothing: `provision apply` replaces the file, and `reset` brings the old one back",
        ));
    }
    if !examination.leftovers.is_empty() {
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Leftover,
            format!("the old class scripts left {}", super::listed(&examination.leftovers)),
            "it disturbs nothing",
            "remove it on the host where nobody wants it any more",
        ));
    }
    findings
}
