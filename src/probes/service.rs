//! `service`: the services of a host's roles run now and start at boot.

use std::collections::BTreeMap;

use crate::model::{HostId, ServiceFact};

use super::verdict::Verdict;

/// Judges the observed services. `log` holds the last lines of a service's log, where they could be read.
pub fn judge(
    host: &HostId,
    expected: &[&str],
    observed: &BTreeMap<String, ServiceFact>,
    log: &BTreeMap<String, String>,
) -> Verdict {
    let absent = ServiceFact::default();
    let mut faults = Vec::new();
    let mut next = Vec::new();
    for name in expected {
        let fact = observed.get(*name).unwrap_or(&absent);
        if let Some((fault, mend)) = fault(host, name, fact) {
            faults.push(fault);
            next.push(mend);
            let stopped = fact.exists && !fact.masked && !fact.active;
            if let Some(last) = log.get(*name).filter(|text| stopped && !text.trim().is_empty()) {
                next.push(format!("its log ends with: {last}"));
            }
        }
    }
    if faults.is_empty() {
        return Verdict::pass(format!("{} active and enabled", expected.join(", ")));
    }
    Verdict::fail(faults.join(", "), "active and enabled", next.join("; "))
}

fn fault(host: &HostId, name: &str, fact: &ServiceFact) -> Option<(String, String)> {
    let apply = format!("`provision apply -l {host}`");
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
    use super::*;

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
        let host = HostId::new("ana", "web01");
        let verdicts: Vec<_> = [
            fact(&["active", "enabled"], "active/running"),
            fact(&["active"], "active/running"),
            fact(&["enabled"], "failed/failed"),
            fact(&["masked"], "inactive/dead"),
            ServiceFact::default(),
        ]
        .into_iter()
        .map(|fact| {
            let log =
                BTreeMap::from([("apache2".to_owned(), "(98)Address already in use\u{1b}[0m".to_owned())]);
            let observed = BTreeMap::from([("apache2".to_owned(), fact)]);
            let verdict = judge(&host, &["apache2"], &observed, &log);
            let hint = verdict.hint.map(|hint| format!("\n    -> {hint}")).unwrap_or_default();
            format!("{}: {}{hint}", verdict.status.as_str(), verdict.detail)
        })
        .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }
}
