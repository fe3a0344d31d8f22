//! Puts alike things together, so that sixty hosts with one trouble are one paragraph.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use crate::model::{
    Action, Change, Check, CheckKind, CheckStatus, Failure, Finding, HostId, HostOutcome, RunOutcome, Text,
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

/// Hosts that failed for one cause.
#[derive(Debug)]
pub struct FailureGroup<'a> {
    /// The cause, worded alike on all of them.
    pub failure: &'a Failure,
    /// Whether all of them have the same hint: hints hold what differs, such as keys and processes.
    pub same_hint: bool,
    /// In the order of the outcome.
    pub hosts: Vec<&'a HostOutcome>,
}

/// Failed hosts by cause. What went wrong on a host comes before what kept us from reaching one, and a cause that
/// many share before one that few share.
pub fn failures(outcome: &RunOutcome) -> Vec<FailureGroup<'_>> {
    let mut groups: Vec<FailureGroup<'_>> = Vec::new();
    for host in &outcome.hosts {
        let Some(failure) = &host.failure else { continue };
        let alike = |group: &&mut FailureGroup<'_>| {
            (group.failure.kind, &group.failure.message) == (failure.kind, &failure.message)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => {
                group.same_hint &= group.failure.hint == failure.hint;
                group.hosts.push(host);
            }
            None => groups.push(FailureGroup { failure, same_hint: true, hosts: vec![host] }),
        }
    }
    groups.sort_by_key(|group| (group.failure.kind.is_unreachable(), std::cmp::Reverse(group.hosts.len())));
    groups
}

/// Hosts on which one probe failed in one way.
#[derive(Debug)]
pub struct CheckGroup<'a> {
    /// The verdict of the first, worded alike on all of them.
    pub check: &'a Check,
    pub same_hint: bool,
    /// In the order of the outcome.
    pub hosts: Vec<&'a HostId>,
}

/// Whether a check says again what the failure of its host says: that it is out of reach. `failed` are such hosts.
pub fn is_said(check: &Check, failed: &HashSet<&HostId>) -> bool {
    check.kind == CheckKind::SSH && failed.contains(&check.host)
}

/// Failed probes by probe and words. A host that is known to be out of reach needs no probe to say it again.
pub fn failed_checks(outcome: &RunOutcome) -> Vec<CheckGroup<'_>> {
    checks(outcome, CheckStatus::Fail)
}

/// Probes that could not be judged, in the same way.
pub fn skipped_checks(outcome: &RunOutcome) -> Vec<CheckGroup<'_>> {
    checks(outcome, CheckStatus::Skip)
}

fn checks(outcome: &RunOutcome, status: CheckStatus) -> Vec<CheckGroup<'_>> {
    let mut groups: Vec<CheckGroup<'_>> = Vec::new();
    let failed = outcome.hosts.iter().filter(|host| host.failure.is_some());
    let failed = failed.map(|host| &host.host).collect();
    for check in outcome.checks.iter().filter(|check| check.status == status && !is_said(check, &failed)) {
        let alike = |group: &&mut CheckGroup<'_>| {
            let other = group.check;
            (other.kind, &other.detail) == (check.kind, &check.detail)
        };
        match groups.iter_mut().find(alike) {
            Some(group) => {
                group.same_hint &= group.check.hint == check.hint;
                group.hosts.push(&check.host);
            }
            None => groups.push(CheckGroup { check, same_hint: true, hosts: vec![&check.host] }),
        }
    }
    groups.sort_by_key(|group| group.check.kind);
    groups
}

#[derive(Debug)]
pub struct FindingGroup<'a> {
    pub first: &'a Finding,
    /// What was seen, with the hosts where it was.
    pub seen: Vec<(&'a Text, Vec<&'a HostId>)>,
    /// Whether all are mended alike.
    pub same_mend: bool,
}

/// Findings by cause, in the order of the first of each.
pub fn findings(findings: &[Finding]) -> Vec<FindingGroup<'_>> {
    let mut groups: Vec<FindingGroup<'_>> = Vec::new();
    for finding in findings {
        let alike = |group: &&mut FindingGroup<'_>| {
            let first = group.first;
            (first.severity, first.kind, &first.means) == (finding.severity, finding.kind, &finding.means)
        };
        let Some(group) = groups.iter_mut().find(alike) else {
            let seen = vec![(&finding.seen, vec![&finding.host])];
            groups.push(FindingGroup { first: finding, seen, same_mend: true });
            continue;
        };
        group.same_mend &= group.first.mend == finding.mend;
        match group.seen.iter_mut().find(|(seen, _)| **seen == finding.seen) {
            Some((_, hosts)) => hosts.push(&finding.host),
            None => group.seen.push((&finding.seen, vec![&finding.host])),
        }
    }
    groups
}

/// Hosts with the same list of changes. Only the text of their diffs may differ, as it does for pages that carry
/// the name of their host.
#[derive(Debug)]
pub struct ChangeGroup<'a> {
    /// In the order of the outcome.
    pub hosts: Vec<&'a HostOutcome>,
}

impl<'a> ChangeGroup<'a> {
    /// The changes, as the first host has them.
    pub fn changes(&self) -> impl Iterator<Item = &'a Change> {
        self.hosts.first().into_iter().flat_map(|host| host.changes.iter().map(|(change, _)| change))
    }

    /// The diffs of the change at one position, each with the hosts that have it.
    pub fn diffs(&self, position: usize) -> Vec<(&'a Text, Vec<&'a HostId>)> {
        let mut diffs: Vec<(&Text, Vec<&HostId>)> = Vec::new();
        for host in &self.hosts {
            let Some((Change { diff: Some(diff), .. }, _)) = host.changes.get(position) else { continue };
            match diffs.iter_mut().find(|(known, _)| *known == diff) {
                Some((_, hosts)) => hosts.push(&host.host),
                None => diffs.push((diff, vec![&host.host])),
            }
        }
        diffs
    }
}

/// Hosts with changes, alike ones together.
pub fn changes(outcome: &RunOutcome) -> Vec<ChangeGroup<'_>> {
    let mut groups: Vec<(Vec<ChangeKey<'_>>, ChangeGroup<'_>)> = Vec::new();
    for host in outcome.hosts.iter().filter(|host| !host.changes.is_empty()) {
        let key: Vec<ChangeKey<'_>> = host.changes.iter().map(|(change, _)| ChangeKey::of(change)).collect();
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.hosts.push(host),
            None => groups.push((key, ChangeGroup { hosts: vec![host] })),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

/// What makes a change alike on two hosts.
#[derive(Debug, PartialEq, Eq)]
struct ChangeKey<'a> {
    action: Action,
    resource: &'a str,
    reason: &'a Text,
    /// Hashes and sizes of a file say less than its diff, and differ with it.
    states: Option<(Option<&'a Text>, Option<&'a Text>)>,
}

impl<'a> ChangeKey<'a> {
    fn of(change: &'a Change) -> Self {
        Self {
            action: change.action,
            resource: change.resource.as_str(),
            reason: &change.reason,
            states: change.diff.is_none().then_some((change.before.as_ref(), change.after.as_ref())),
        }
    }
}

/// The verdict that stands for several: a failure before what was not judged, and that before what passed.
pub fn worst(verdicts: impl Iterator<Item = CheckStatus>) -> Option<CheckStatus> {
    verdicts.max_by_key(|status| match status {
        CheckStatus::Pass => 0,
        CheckStatus::Skip => 1,
        CheckStatus::Fail => 2,
    })
}
