//! What a run saw, joined once with the inventory: clusters, their hosts, the work on each and its checks.

use std::collections::HashMap;

use crate::model::{
    Check, CheckKind, CheckStatus, Cluster, Failure, Host, HostId, HostOutcome, HostStatus, Inventory,
    RunOutcome,
};

/// Work on hosts, and the clusters that it speaks of, in the order of the inventory.
#[derive(Debug)]
pub struct View<'a> {
    pub outcome: &'a RunOutcome,
    pub inventory: &'a Inventory,
    pub clusters: Vec<ClusterView<'a>>,
}

/// A cluster, and what a run says of it.
#[derive(Debug)]
pub struct ClusterView<'a> {
    pub cluster: &'a Cluster,
    /// Those that the run has anything to say of.
    pub hosts: Vec<HostView<'a>>,
}

/// A host, and what a run says of it.
#[derive(Debug)]
pub struct HostView<'a> {
    pub host: &'a Host,
    /// `None` where there was no work, as with `verify`.
    pub worked: Option<&'a HostOutcome>,
    pub checks: Vec<&'a Check>,
    pub status: HostStatus,
}

impl<'a> View<'a> {
    pub fn new(outcome: &'a RunOutcome, inventory: &'a Inventory) -> Self {
        let worked: HashMap<_, _> = outcome.hosts.iter().map(|worked| (&worked.host, worked)).collect();
        let mut checks: HashMap<&HostId, Vec<&Check>> = HashMap::new();
        for check in &outcome.checks {
            checks.entry(&check.host).or_default().push(check);
        }
        let mut host = |host: &'a Host| {
            let checks = checks.remove(&host.id).unwrap_or_default();
            HostView::new(host, worked.get(&host.id).copied(), checks)
        };
        let clusters = inventory.clusters.iter().map(|cluster| {
            let hosts = cluster.hosts.iter().filter_map(&mut host).collect();
            ClusterView { cluster, hosts }
        });
        let clusters = clusters.filter(|cluster| !cluster.hosts.is_empty()).collect();
        Self { outcome, inventory, clusters }
    }

    pub fn hosts(&self) -> impl Iterator<Item = &HostView<'a>> {
        self.clusters.iter().flat_map(|cluster| &cluster.hosts)
    }
}

impl<'a> ClusterView<'a> {
    pub fn checks(&self) -> impl Iterator<Item = &'a Check> + Clone {
        self.hosts.iter().flat_map(|host| host.checks.iter().copied())
    }

    pub fn worked(&self) -> impl Iterator<Item = &'a HostOutcome> {
        self.hosts.iter().filter_map(|host| host.worked)
    }
}

impl<'a> HostView<'a> {
    /// How it ended is told by the work on it, and where that went well or there was none, by its `ssh` probe. `None`
    /// where the run says nothing of it.
    fn new(host: &'a Host, worked: Option<&'a HostOutcome>, checks: Vec<&'a Check>) -> Option<Self> {
        let status = match worked.map(|worked| worked.status) {
            Some(trouble @ (HostStatus::Failed | HostStatus::Unreachable)) => trouble,
            _ if checks.iter().any(|check| check.is_out_of_reach()) => HostStatus::Unreachable,
            Some(status) => status,
            None if checks.is_empty() => return None,
            None => HostStatus::Ok,
        };
        Some(Self { host, worked, checks, status })
    }

    /// Its checks with a status, but for the one that says again what its failure says: that it is out of reach.
    pub fn judged(&self, status: CheckStatus) -> impl Iterator<Item = &'a Check> {
        let has_failed = self.failure().is_some();
        let is_news = move |check: &&Check| check.kind != CheckKind::SSH || !has_failed;
        self.checks.iter().copied().filter(move |check| check.status == status).filter(is_news)
    }

    pub fn failure(&self) -> Option<&'a Failure> {
        self.worked.and_then(|worked| worked.failure.as_ref())
    }

    /// Whether the work on it failed or one of its probes did.
    pub fn is_in_trouble(&self) -> bool {
        self.failure().is_some() || self.checks.iter().any(|check| check.status == CheckStatus::Fail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn where_the_work_went_well_or_there_was_none_the_probe_of_ssh_tells() {
        use CheckStatus::{Fail, Pass};
        use HostStatus::{Changed, Failed, Ok, Unreachable};
        let (ssh, http) = (CheckKind::SSH, CheckKind::HTTP);
        let inventory = samples::inventory();
        let id = &inventory.clusters[0].hosts[1].id;
        for (worked, checks, status) in [
            (None, &[][..], None),
            (None, &[(ssh, Pass), (http, Fail)], Some(Ok)),
            (None, &[(ssh, Fail)], Some(Unreachable)),
            (Some(Changed), &[(ssh, Pass), (http, Fail)], Some(Changed)),
            (Some(Changed), &[(ssh, Fail)], Some(Unreachable)),
            (Some(Unreachable), &[], Some(Unreachable)),
            (Some(Failed), &[(ssh, Fail)], Some(Failed)),
        ] {
            let host = |status| HostOutcome {
                host: id.clone(),
                status,
                changes: Vec::new(),
                failure: None,
                warnings: Vec::new(),
                log_tail: Vec::new(),
            };
            let outcome = RunOutcome {
                hosts: worked.map(host).into_iter().collect(),
                checks: checks.iter().map(|(kind, status)| samples::check(*kind, id, *status, "")).collect(),
                ..RunOutcome::default()
            };
            let view = View::new(&outcome, &inventory);
            let told: Vec<_> = view.hosts().map(|host| (&host.host.id, host.status)).collect();
            assert_eq!(
                told,
                status.map(|status| (id, status)).into_iter().collect::<Vec<_>>(),
                "{worked:?}, {checks:?}"
            );
        }
    }
}
