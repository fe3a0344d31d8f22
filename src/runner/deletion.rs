//! What is no longer wanted goes only where that was agreed to: once for all hosts, when it is known what is to go on
//! each, and which of them are one machine. Who has nothing to delete goes on meanwhile.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{SetOnce, watch};

use crate::model::{Change, Facts, Host, HostId, HostText, Others};

/// Whether what is no longer wanted may be deleted.
#[derive(Clone)]
pub enum Consent {
    Given,
    /// Nobody can be asked.
    Withheld,
    /// Somebody at the terminal answers the question, which is an event of the run.
    Asked(Arc<dyn Fn() -> bool + Send + Sync>),
}

/// By what a machine is known: clones differ in the start of their kernels, containers on one kernel in the rest.
type Machine = (HostText, HostText, Vec<IpAddr>);

/// How far a host is.
#[derive(Default)]
struct Seen {
    was_looked_at: bool,
    /// `None` where too little is known of it.
    machine: Option<Machine>,
    /// What is to go there, once that is known.
    deletes: Option<Vec<Change>>,
    has_ended: bool,
}

/// What is to be deleted in a run.
pub(super) struct Deletions<'a> {
    consent: &'a Consent,
    hosts: watch::Sender<HashMap<HostId, Seen>>,
    was_asked: AtomicBool,
    answer: Arc<SetOnce<bool>>,
}

/// A host among those of the run. When it is dropped, nobody waits for it any more.
pub(super) struct Deletion<'a> {
    all: &'a Deletions<'a>,
    host: HostId,
}

impl<'a> Deletions<'a> {
    pub(super) fn new(hosts: &[&Host], consent: &'a Consent) -> Self {
        let hosts = hosts.iter().map(|host| (host.id.clone(), Seen::default())).collect();
        let (was_asked, answer) = (AtomicBool::new(false), Arc::new(SetOnce::new()));
        Self { consent, hosts: watch::Sender::new(hosts), was_asked, answer }
    }

    pub(super) fn begin(&'a self, host: &Host) -> Deletion<'a> {
        Deletion { all: self, host: host.id.clone() }
    }

    async fn wait_until(&self, is_so: impl Fn(&Seen) -> bool) {
        let mut hosts = self.hosts.subscribe();
        // The sender lives as long as the deletions.
        let _ = hosts.wait_for(|hosts| hosts.values().all(|seen| seen.has_ended || is_so(seen))).await;
    }
}

impl Deletion<'_> {
    fn note(&self, note: impl FnOnce(&mut Seen)) {
        self.all.hosts.send_modify(|hosts| note(hosts.entry(self.host.clone()).or_default()));
    }

    pub(super) fn is_looked_at(&self, facts: &Facts) {
        let Facts { boot_id, machine_id, addresses, .. } = facts;
        let is_known = !boot_id.is_empty() && !addresses.is_empty();
        let machine = is_known.then(|| (boot_id.clone(), machine_id.clone(), addresses.clone()));
        self.note(|seen| (seen.was_looked_at, seen.machine) = (true, machine));
    }

    /// Whether nobody can agree to it.
    pub(super) fn is_out_of_question(&self) -> bool {
        matches!(self.all.consent, Consent::Withheld)
    }

    /// What is to go on this host.
    pub(super) fn is(&self, deletes: Vec<Change>) {
        self.note(|seen| seen.deletes = Some(deletes));
    }

    /// Waits until all hosts were looked at, and tells which of them are this machine.
    pub(super) async fn others(&self) -> Others {
        self.all.wait_until(|seen| seen.was_looked_at).await;
        let hosts = self.all.hosts.borrow();
        let own = hosts.get(&self.host).and_then(|seen| seen.machine.as_ref());
        let mut others = Others::default();
        for (host, seen) in hosts.iter().filter(|(host, _)| **host != self.host) {
            match (own, &seen.machine) {
                (Some(own), Some(other)) if own == other => others.twins.insert(host.clone()),
                (Some(_), Some(_)) => others.apart.insert(host.clone()),
                _ => false,
            };
        }
        others
    }

    /// Whether it may go, once that is known; the first who gets to it asks for all.
    pub(super) async fn is_agreed_to(
        &self,
        ask: impl FnOnce(Vec<(HostId, Vec<Change>)>),
        answered: impl FnOnce(),
    ) -> bool {
        let answer = match self.all.consent {
            Consent::Given => return true,
            Consent::Withheld => return false,
            Consent::Asked(answer) => Arc::clone(answer),
        };
        self.all.wait_until(|seen| seen.deletes.is_some()).await;
        if !self.all.was_asked.swap(true, Ordering::Relaxed) {
            ask(self.all.listed());
            let (agreed, told) = (Arc::clone(&self.all.answer), answer);
            // Nobody can end a thread that reads from a terminal: it is left behind where the run ends before.
            std::thread::spawn(move || {
                let _ = agreed.set(told());
            });
            let agreed = *self.all.answer.wait().await;
            answered();
            return agreed;
        }
        *self.all.answer.wait().await
    }
}

impl Deletions<'_> {
    fn listed(&self) -> Vec<(HostId, Vec<Change>)> {
        let hosts = self.hosts.borrow();
        let going = hosts.iter().filter(|(_, seen)| !seen.has_ended);
        let mut listed: Vec<_> = going
            .filter_map(|(host, seen)| {
                Some((host.clone(), seen.deletes.clone().filter(|deletes| !deletes.is_empty())?))
            })
            .collect();
        listed.sort_by(|(one, _), (other, _)| one.cmp(other));
        listed
    }
}

impl Drop for Deletion<'_> {
    fn drop(&mut self) {
        self.note(|seen| seen.has_ended = true);
    }
}
