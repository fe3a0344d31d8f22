//! `service`: the services of a host's roles run now and start at boot.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::ServiceFact;

use super::target::Target;
use super::verdict::Verdict;

/// Judges the observed services.
pub fn judge(host: &Target, expected: &[&str], observed: &BTreeMap<String, ServiceFact>) -> Verdict {
    let absent = ServiceFact::default();
    let mut faults = Vec::new();
    let mut next = Vec::new();
    for name in expected {
        let fact = observed.get(*name).unwrap_or(&absent);
        if let Some((fault, mend)) = fault(host, name, fact) {
            faults.push(fault);
            next.push(mend);
        }
    }
    if faults.is_empty() {
        return Verdict::pass(format!("{} active and enabled", expected.join(", ")));
    }
    Verdict::fail(faults.join(", "), "active and enabled", next.join("; "))
}

/// The services that do not run, so that nobody answers in their place.
pub fn stopped<'a>(expected: &[&'a str], observed: &BTreeMap<String, ServiceFact>) -> BTreeSet<&'a str> {
    expected.iter().copied().filter(|name| observed.get(*name).is_none_or(|fact| !fact.active)).collect()
}

fn fault(host: &Target, name: &str, fact: &ServiceFact) -> Option<(String, String)> {
    let apply = host.command("apply");
    if !fact.exists {
        Some((format!("{name} is not installed"), format!("{apply} installs it")))
    } else if fact.masked {
        Some((format!("{name} is masked"), format!("`systemctl unmask {name}` on the host, then {apply}")))
    } else if !fact.active {
        let state = match fact.state.split_once('/') {
            Some((state, detail)) if state == detail => state.to_owned(),
            Some((state, detail)) => format!("{state} ({detail})"),
            None if fact.state.is_empty() => "not running".to_owned(),
            None => fact.state.clone(),
        };
        Some((
            format!("{name} is {state}"),
            format!("`systemctl status {name}` on the host says why; {apply} starts it"),
        ))
    } else if !fact.enabled {
        Some((format!("{name} runs but does not start at boot"), format!("{apply} enables it")))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::HostId;

    fn fact(is: &[&str], state: &str) -> ServiceFact {
        ServiceFact {
            exists: true,
            active: is.contains(&"active"),
            enabled: is.contains(&"enabled"),
            masked: is.contains(&"masked"),
            state: state.to_owned(),
            main_pid: 0,
        }
    }

    #[test]
    fn every_state_has_its_verdict() {
        let host = Target::new(&HostId::new("ana", "web01"), Path::new("inventory.yaml"));
        let verdicts: Vec<_> = [
            fact(&["active", "enabled"], "active/running"),
            fact(&["active"], "active/running"),
            fact(&["enabled"], "failed/failed"),
            fact(&["masked"], "inactive/dead"),
            ServiceFact::default(),
        ]
        .into_iter()
        .map(|fact| {
            let observed = BTreeMap::from([("apache2".to_owned(), fact)]);
            let verdict = judge(&host, &["apache2"], &observed);
            let hint = verdict.hint.map(|hint| format!("\n    -> {}", hint.english())).unwrap_or_default();
            let stopped = if stopped(&["apache2"], &observed).is_empty() { "" } else { " (stopped)" };
            format!("{}: {}{stopped}{hint}", verdict.status.as_str(), verdict.detail.english())
        })
        .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }
}
