//! Who holds the ports of the class, and what its old scripts left.

use super::{MOST_NAMES, finding};
use crate::model::{Examination, Finding, FindingKind, Host, HostId, HostText, Role, Severity, Text, text};

const HAPROXY: &str = "haproxy";
const APACHE: &str = "apache2";

/// What the old class scripts left, on any host.
pub const LEFTOVERS: [&str; 2] = ["/etc/haproxy/haproxy.cfg.bkp", "/var/www/html/index.html.bkp"];
/// A file, and a line that the old class scripts put into it once more each time.
pub const FRONTEND: (&str, &str) =
    ("/etc/haproxy/haproxy.cfg", r"^[[:space:]]*frontend[[:space:]]+http-in([[:space:]]|$)");

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
        if ports.iter().any(|(_, service)| service.is_some_and(|service| owner == service)) {
            continue;
        }
        if owner.is_empty() && examination.no_root.is_some() {
            findings.push(unseen_owner(&host.id, *port));
            continue;
        }
        let (owner, stop) = if owner.is_empty() {
            (
                text!(en: "another program", pt: "outro programa"),
                text!(
                    en: "find it on the host with `sudo ss -ltnp` and stop it",
                    pt: "encontre-o na máquina com `sudo ss -ltnp` e pare-o",
                ),
            )
        } else {
            let owner = owner.name();
            let stop = text!(
                en: "stop it on the host (`sudo systemctl disable --now {owner}` if it is a service)",
                pt: "pare-o na máquina (`sudo systemctl disable --now {owner}`, se for um serviço)",
                owner,
            );
            (owner, stop)
        };
        findings.push(match service {
            Some(service) => finding(
                &host.id,
                Severity::Fatal,
                FindingKind::Port,
                text!(
                    en: "port {port}, which {service} needs, is held by {owner}",
                    pt: "a porta {port}, de que {service} precisa, está ocupada por {owner}",
                    owner,
                ),
                text!(
                    en: "{service} cannot start on this host",
                    pt: "{service} não consegue iniciar nesta máquina",
                ),
                text!(
                    en: "{stop}, or choose another port in the inventory",
                    pt: "{stop}, ou escolha outra porta no inventário",
                    stop,
                ),
            ),
            None => finding(
                &host.id,
                Severity::Note,
                FindingKind::Port,
                text!(
                    en: "port {port} of the socket lab is held by {owner}",
                    pt: "a porta {port} do laboratório de sockets está ocupada por {owner}",
                    owner,
                ),
                text!(
                    en: "it may be a student's own server; the probes use another port",
                    pt: "pode ser o servidor de um aluno; os testes usam outra porta",
                ),
                text!(
                    en: "nothing needs mending where that is meant",
                    pt: "nada a corrigir, se for essa a intenção",
                ),
            ),
        });
    }
    findings.extend(leftovers(host, examination));
    findings
}

/// A port that may well be held by the service that needs it.
fn unseen_owner(host: &HostId, port: u16) -> Finding {
    finding(
        host,
        Severity::Note,
        FindingKind::Port,
        text!(
            en: "port {port} is in use, and only root sees by what",
            pt: "a porta {port} está em uso, e só root vê por qual programa",
        ),
        text!(
            en: "nothing is wrong if it is the service of the class itself",
            pt: "não há problema se for o próprio serviço da aula",
        ),
        text!(
            en: "gain root, and run `provision doctor` again",
            pt: "consiga acesso de root e rode `provision doctor` de novo",
        ),
    )
}

fn leftovers(host: &Host, examination: &Examination) -> Vec<Finding> {
    let mut findings = Vec::new();
    if host.has(Role::Balancer) && examination.lines.first().is_some_and(|count| *count > 1) {
        findings.push(finding(
            &host.id,
            Severity::Warning,
            FindingKind::Leftover,
            text!(
                en: "haproxy.cfg has the frontend `http-in` more than once, as the old class script leaves it",
                pt: "haproxy.cfg tem o frontend `http-in` mais de uma vez, como o script antigo da aula o deixa",
            ),
            text!(
                en: "until it is replaced, requests fail or reach old servers",
                pt: "até ser substituído, requisições falham ou chegam a servidores antigos",
            ),
            text!(
                en: "nothing: `provision apply` replaces the file, and `reset` brings the old one back",
                pt: "nada a fazer: `provision apply` substitui o arquivo, e `reset` traz o antigo de volta",
            ),
        ));
    }
    if !examination.leftovers.is_empty() {
        let files: Vec<_> = examination.leftovers.iter().map(HostText::name).collect();
        let files = Text::list(&files, MOST_NAMES);
        findings.push(finding(
            &host.id,
            Severity::Note,
            FindingKind::Leftover,
            text!(
                en: "the old class scripts left {files}",
                pt: "os scripts antigos da aula deixaram {files}",
                files,
            ),
            text!(en: "it disturbs nothing", pt: "não atrapalha nada"),
            text!(
                en: "remove it on the host where nobody wants it any more",
                pt: "remova da máquina, se ninguém precisar mais",
            ),
        ));
    }
    findings
}
