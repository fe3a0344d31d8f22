//! Services: what is needed so that one is enabled, runs, and has read its files.
//!
//! | on the host | files change or a reload is due | plan |
//! |---|---|---|
//! | unknown (its package comes first) | no | enable, start |
//! | unknown | yes | enable, start, reload: the package starts it with its own files |
//! | stopped | any | start: that reads the files |
//! | running | yes | reload |
//! | running | no | nothing |
//! | not enabled | any | enable, besides the above |

use crate::model::{
    Action, Change, Concern, Facts, FindingKind, OnChange, Operation, Resource, ResourceId, Service,
    ServiceFact, Step, Text, text,
};

use super::unwanted::Unwanted;

pub(super) fn settle(
    resource: &Resource,
    service: &Service,
    changed: &[ResourceId],
    facts: &Facts,
    unwanted: &Unwanted,
    warnings: &mut Vec<Concern>,
) -> Option<Step> {
    let name = &service.name;
    let unknown = ServiceFact::default();
    let fact = facts.services.get(&service.name).unwrap_or(&unknown);
    let due = facts.reloads_due.iter().any(|due| due == name.as_str());
    let enable = !fact.enabled;
    let start = !fact.active;
    let reload = (fact.active || !fact.exists) && (!changed.is_empty() || due);
    if !(enable || start || reload) {
        return None;
    }
    if fact.masked {
        warnings.push(Concern {
            kind: FindingKind::Service,
            seen: text!(
                en: "service {name} is masked by an administrator",
                pt: "o serviço {name} foi mascarado por um administrador",
            ),
            next: text!(
                en: "`systemctl unmask {name}` lets it start",
                pt: "`systemctl unmask {name}` permite iniciá-lo",
            ),
            stops: true,
        });
    }
    if start {
        for port in &service.ports {
            if let Some(owner) =
                facts.port_owners.get(port).filter(|owner| **owner != *service.name && !unwanted.takes(owner))
            {
                let owner = if owner.is_empty() {
                    text!(en: "another program", pt: "outro programa")
                } else {
                    owner.name()
                };
                warnings.push(Concern {
                    kind: FindingKind::Port,
                    seen: text!(
                        en: "port {port} is held by {owner}",
                        pt: "a porta {port} está ocupada por {owner}",
                        owner,
                    ),
                    next: text!(
                        en: "{name} cannot start until that is stopped or moved",
                        pt: "{name} só inicia quando ele parar ou mudar de porta",
                    ),
                    stops: true,
                });
            }
        }
    }
    let action = match (fact.exists, enable || start) {
        (false, _) => Action::Create,
        (true, true) => Action::Update,
        (true, false) => Action::Run,
    };
    Some(
        Change {
            resource: resource.id(),
            action,
            reason: reason(fact, enable, start, due, changed),
            before: fact.exists.then(|| state(fact)),
            after: Some(match action {
                Action::Run if service.on_change == OnChange::Restart => {
                    text!(en: "restarted", pt: "reiniciado")
                }
                Action::Run => text!(en: "reloaded", pt: "recarregado"),
                _ => text!(en: "enabled, running", pt: "habilitado, rodando"),
            }),
            diff: None,
            foreign: false,
        }
        .by(Operation::SettleService { service: service.clone(), before: fact.clone(), reload }),
    )
}

/// A service that is a unit of ours alone, on a host where nothing reads units.
pub(super) fn without_init_script(service: &Service, wanted: &[Resource], facts: &Facts) -> Option<Concern> {
    let unit = format!("/systemd/system/{}.service", service.name);
    let is_unit =
        |resource: &Resource| matches!(resource, Resource::File(file) if file.path.ends_with(&unit));
    let has_script = facts.services.get(&service.name).is_some_and(|fact| fact.exists);
    let name = &service.name;
    (!facts.systemd && !has_script && wanted.iter().any(is_unit)).then(|| Concern {
        kind: FindingKind::Service,
        seen: text!(
            en: "{name} is a unit, and systemd does not run on this host",
            pt: "{name} é uma unit, e o systemd não roda nesta máquina",
        ),
        next: text!(
            en: "it cannot start there: give it a host with systemd, or an init script, `/etc/init.d/{name}`",
            pt: "ele não inicia nela: dê a ele uma máquina com systemd, ou um script de init, `/etc/init.d/{name}`",
        ),
        stops: true,
    })
}

fn reason(fact: &ServiceFact, enable: bool, start: bool, due: bool, changed: &[ResourceId]) -> Text {
    if !fact.exists {
        return text!(en: "comes with its package", pt: "vem com o seu pacote");
    }
    let mut reasons = Vec::new();
    if start {
        reasons.push(text!(en: "not running", pt: "não está rodando"));
    }
    if enable {
        reasons.push(text!(en: "not enabled at boot", pt: "não inicia com a máquina"));
    }
    if !start {
        match changed {
            [] if due => reasons.push(text!(
                en: "a reload was due from an interrupted run",
                pt: "uma execução interrompida deixou de recarregá-lo",
            )),
            [] => {}
            [one] => reasons.push(text!(en: "reads {one}, which changes", pt: "lê {one}, que muda")),
            [one, rest @ ..] => {
                let more = rest.len();
                reasons.push(text!(
                    en: "reads {one} and {more} more that change",
                    pt: "lê {one} e mais {more} que mudam",
                ));
            }
        }
    }
    Text::join(&reasons, ", ")
}

fn state(fact: &ServiceFact) -> Text {
    let state = fact.state.name();
    if fact.enabled {
        text!(en: "enabled, {state}", pt: "habilitado, {state}", state)
    } else {
        text!(en: "not enabled, {state}", pt: "não habilitado, {state}", state)
    }
}
