//! Puts alike things together, so that sixty hosts with one trouble are one paragraph.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;

use super::view::View;
use crate::model::{
    Change, Check, CheckKind, CheckStatus, Failure, Finding, HostId, HostOutcome, RunOutcome, Text,
};

/// Puts things with the same key together, in the order of the first of each.
pub fn alike<K: Eq + Hash + Clone, T>(things: impl IntoIterator<Item = (K, T)>) -> Vec<(K, Vec<T>)> {
    let mut places = HashMap::new();
    let mut groups: Vec<(K, Vec<T>)> = Vec::new();
    for (key, thing) in things {
        let place = *places.entry(key.clone()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some((_, group)) => group.push(thing),
            None => groups.push((key, vec![thing])),
        }
    }
    groups
}

/// What is wrong on some hosts, in the same words.
#[derive(Debug)]
pub struct Trouble<'a> {
    /// The probe that failed; `None` where the work on the hosts did.
    pub probe: Option<CheckKind>,
    pub message: &'a Text,
    /// In the order of the inventory.
    pub cases: Vec<Case<'a>>,
}

/// What a trouble has that differs from host to host.
#[derive(Debug)]
pub struct Case<'a> {
    pub host: &'a HostId,
    /// May hold keys and processes.
    pub hint: Option<&'a Text>,
    pub log: &'a [Text],
    /// Whether that is a service's, and not the host's output.
    pub is_of_service: bool,
    /// Where the work on it failed.
    pub work: Option<&'a HostOutcome>,
}

impl<'a> Trouble<'a> {
    pub fn hosts(&self) -> impl Iterator<Item = &'a HostId> {
        self.cases.iter().map(|case| case.host)
    }

    /// That of the first host.
    pub fn hint(&self) -> Option<&'a Text> {
        self.cases.first().and_then(|case| case.hint)
    }

    pub fn has_one_hint(&self) -> bool {
        self.cases.iter().all(|case| case.hint == self.hint())
    }
}

/// Failures by cause, then failed probes by probe and words. What went wrong on a host comes before what kept us from
/// reaching one, and a cause that many share before one that few share.
pub fn troubles<'a>(view: &View<'a>) -> Vec<Trouble<'a>> {
    let failures = view.hosts().filter_map(|host| {
        let Failure { kind, message, hint } = host.failure()?;
        let log = host.worked.map_or(&[][..], |work| &work.log_tail);
        let is_of_service = false;
        let case = Case { host: &host.host.id, hint: hint.as_ref(), log, is_of_service, work: host.worked };
        Some(((None, Some(*kind), message), case))
    });
    let checks = view.hosts().flat_map(|host| host.judged(CheckStatus::Fail)).map(|check| {
        let Check { host, hint, log_tail, services, .. } = check;
        let is_of_service = !services.is_empty();
        let case = Case { host, hint: hint.as_ref(), log: log_tail, is_of_service, work: None };
        ((Some(check.kind), None, &check.detail), case)
    });
    let mut groups = alike(failures.chain(checks));
    groups.sort_by_key(|((probe, failure, _), cases)| {
        (*probe, failure.map(|kind| (kind.is_unreachable(), Reverse(cases.len()))))
    });
    let trouble = |((probe, _, message), cases)| Trouble { probe, message, cases };
    groups.into_iter().map(trouble).collect()
}

#[derive(Debug)]
pub struct FindingGroup<'a> {
    pub first: &'a Finding,
    /// What was seen, with the hosts where it was.
    pub seen: Vec<(&'a Text, Vec<&'a HostId>)>,
    /// Whether all are mended alike.
    pub same_mend: bool,
}

impl<'a> FindingGroup<'a> {
    /// The hosts that it is of, each once: one host may have several of them.
    pub fn hosts(&self) -> Vec<&'a HostId> {
        let hosts = self.seen.iter().flat_map(|(_, hosts)| hosts).map(|host| (*host, ()));
        alike(hosts).into_iter().map(|(host, _)| host).collect()
    }
}

/// Findings by cause, in the order of the first of each.
pub fn findings(findings: &[Finding]) -> Vec<FindingGroup<'_>> {
    let by_cause = alike(findings.iter().map(|finding| {
        let Finding { severity, kind, means, .. } = finding;
        ((severity, kind, means), finding)
    }));
    let groups = by_cause.into_iter().filter_map(|(_, findings)| {
        let first = *findings.first()?;
        let same_mend = findings.iter().all(|finding| finding.mend == first.mend);
        let seen = alike(findings.into_iter().map(|finding| (&finding.seen, &finding.host)));
        Some(FindingGroup { first, seen, same_mend })
    });
    groups.collect()
}

/// Hosts with the same list of changes. Only the text of their diffs may differ, as it does for pages that carry the
/// name of their host; hashes and sizes of a file say less, and differ with it.
pub fn changes(outcome: &RunOutcome) -> Vec<Vec<&HostOutcome>> {
    let changed = outcome.hosts.iter().filter(|host| !host.changes.is_empty());
    let keyed = changed.map(|host| {
        let keys = host.changes.iter().map(|(change, _)| {
            let Change { resource, action, reason, before, after, diff, foreign: _ } = change;
            (action, resource, reason, diff.is_none().then_some((before, after)))
        });
        (keys.collect::<Vec<_>>(), host)
    });
    alike(keyed).into_iter().map(|(_, hosts)| hosts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FindingKind, Severity};

    #[test]
    fn a_host_with_two_findings_of_a_cause_is_one_host() {
        let of = |host: &str, seen: &str| Finding {
            host: HostId::new("c1", host),
            severity: Severity::Warning,
            kind: FindingKind::Apt,
            seen: Text::verbatim(seen),
            means: Text::default(),
            mend: Text::default(),
            said: Vec::new(),
        };
        let all = [of("h1", "dpkg holds apt"), of("h1", "cloud-init"), of("h2", "cloud-init")];
        let groups = findings(&all);
        let [group] = groups.as_slice() else { panic!("{groups:?}") };
        assert_eq!(group.hosts().iter().map(|host| host.as_str()).collect::<Vec<_>>(), ["c1/h1", "c1/h2"]);
    }
}
