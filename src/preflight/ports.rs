//! Who holds the ports of the class, and what its old scripts left.

use super::{MOST_NAMES, finding};
use crate::model::{
    Examination, Finding, FindingKind, Host, HostId, HostText, Leftover, Reservation, Resource, Service,
    Severity, Text, services, text,
};

#[derive(Debug, Clone, Copy)]
pub enum Taker<'a> {
    Service(&'a Service),
    /// People start it.
    Reserved(&'a Reservation),
}

/// The ports that a host needs, each with who takes it.
pub fn ports(wanted: &[Resource]) -> Vec<(u16, Taker<'_>)> {
    let of_services = services(wanted)
        .flat_map(|service| service.ports.iter().map(move |port| (*port, Taker::Service(service))));
    let reserved = wanted.iter().filter_map(|resource| match resource {
        Resource::Port(reservation) => Some((reservation.port, Taker::Reserved(reservation))),
        _ => None,
    });
    of_services.chain(reserved).collect()
}

/// Ports that another program holds, and leftovers. What a service holds that is going by the plan, the plan tells.
pub(super) fn judge(
    host: &Host,
    wanted: &[Resource],
    examination: &Examination,
    is_going: impl Fn(&HostText) -> bool,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (port, taker) in ports(wanted) {
        let Some(owner) = examination.facts.port_owners.get(&port) else { continue };
        // Where a host has several services, apply moves each to its own port.
        if services(wanted).any(|service| *owner == service.name.as_str()) || is_going(owner) {
            continue;
        }
        if owner.is_empty() && examination.no_root.is_some() {
            findings.push(unseen_owner(&host.id, port));
            continue;
        }
        // Nobody else could have it, as a rule, where the service that needs it runs.
        if owner.is_empty() && matches!(taker, Taker::Service(service) if runs(examination, service)) {
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
            let word = owner.word();
            let stop = if examination.facts.systemd {
                text!(
                    en: "stop it on the host (`sudo systemctl disable --now {word}` if it is a service)",
                    pt: "pare-o na máquina (`sudo systemctl disable --now {word}`, se for um serviço)",
                    word,
                )
            } else {
                text!(
                    en: "stop it on the host (`sudo service {word} stop` if it is a service)",
                    pt: "pare-o na máquina (`sudo service {word} stop`, se for um serviço)",
                    word,
                )
            };
            (owner.name(), stop)
        };
        findings.push(match taker {
            Taker::Service(Service { name, .. }) => finding(
                &host.id,
                Severity::Fatal,
                FindingKind::Port,
                text!(
                    en: "port {port}, which {name} needs, is held by {owner}",
                    pt: "a porta {port}, de que {name} precisa, está ocupada por {owner}",
                    owner,
                ),
                text!(
                    en: "{name} cannot start on this host",
                    pt: "{name} não consegue iniciar nesta máquina",
                ),
                text!(
                    en: "{stop}, or choose another port in the inventory",
                    pt: "{stop}, ou escolha outra porta no inventário",
                    stop,
                ),
            ),
            Taker::Reserved(Reservation { owner: whose, means, .. }) => finding(
                &host.id,
                Severity::Note,
                FindingKind::Port,
                text!(
                    en: "port {port} {whose} is held by {owner}",
                    pt: "a porta {port} {whose} está ocupada por {owner}",
                    whose,
                    owner,
                ),
                means.clone(),
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

fn runs(examination: &Examination, service: &Service) -> bool {
    examination.facts.services.get(&service.name).is_some_and(|fact| fact.active)
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
    let asked = host.roles.iter().flat_map(|role| role.leftovers());
    let found = asked.zip(&examination.lines).filter(|(_, lines)| **lines > 1);
    let mut findings: Vec<_> = found
        .map(|(Leftover { seen, means, mend, .. }, _)| {
            finding(&host.id, Severity::Warning, FindingKind::Leftover, seen, means, mend)
        })
        .collect();
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
