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

use crate::model::{Action, Change, Facts, Operation, Resource, ResourceId, Service, ServiceFact};

pub(super) fn settle(
    resource: &Resource,
    service: &Service,
    changed: &[ResourceId],
    facts: &Facts,
    warnings: &mut Vec<String>,
) -> Option<Change> {
    let unknown = ServiceFact::default();
    let fact = facts.services.get(&service.name).unwrap_or(&unknown);
    let due = facts.reloads_due.contains(&service.name);
    let enable = !fact.enabled;
    let start = !fact.active;
    let reload = (fact.active || !fact.exists) && (!changed.is_empty() || due);
    if !(enable || start || reload) {
        return None;
    }
    if fact.masked {
        warnings.push(format!(
            "service {0} is masked by an administrator; `systemctl unmask {0}` lets it start",
            service.name
        ));
    }
    if start {
        for port in &service.ports {
            if let Some(owner) = facts.port_owners.get(port).filter(|owner| **owner != service.name) {
                let owner = if owner.is_empty() { "another program" } else { owner };
                warnings.push(format!(
                    "port {port} is held by {owner}: {} cannot start until that is stopped or moved",
                    service.name
                ));
            }
        }
    }
    let action = match (fact.exists, enable || start) {
        (false, _) => Action::Create,
        (true, true) => Action::Update,
        (true, false) => Action::Run,
    };
    Some(Change {
        resource: resource.id(),
        action,
        reason: reason(fact, enable, start, due, changed),
        before: fact.exists.then(|| state(fact)),
        after: Some(if action == Action::Run { "reloaded" } else { "enabled, running" }.to_owned()),
        diff: None,
        operation: Operation::SettleService { service: service.clone(), enable, start, reload },
    })
}

fn reason(fact: &ServiceFact, enable: bool, start: bool, due: bool, changed: &[ResourceId]) -> String {
    if !fact.exists {
        return "comes with its package".to_owned();
    }
    let mut reasons = Vec::new();
    if start {
        reasons.push("not running".to_owned());
    }
    if enable {
        reasons.push("not enabled at boot".to_owned());
    }
    if !start {
        match changed {
            [] if due => reasons.push("a reload was due from an interrupted run".to_owned()),
            [] => {}
            [one] => reasons.push(format!("reads {one}, which changes")),
            [one, rest @ ..] => reasons.push(format!("reads {one} and {} more that change", rest.len())),
        }
    }
    reasons.join(", ")
}

fn state(fact: &ServiceFact) -> String {
    let enabled = if fact.enabled { "enabled" } else { "not enabled" };
    format!("{enabled}, {}", fact.state)
}
