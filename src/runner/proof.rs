//! Sets hosts up and proves that they work: a cluster is probed as soon as its own hosts are done, whoever else is
//! still at work.
//!
//! What these probes find before the last host is through is told behind that: for whoever watches, one stage follows
//! the other.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use futures_util::future::{join, join_all};
use tokio::sync::SetOnce;

use crate::event::{Event, Stage};
use crate::model::{ChangeResult, Check, Cluster, Failure, Host, HostId};

use super::reach::Limits;
use super::verify::Verify;
use super::{Apply, Runner, Worked};

/// A host and its cluster.
type Member<'a> = (&'a Cluster, &'a Host);

/// How each host ended, as soon as it has.
type Done<'a> = HashMap<&'a HostId, SetOnce<Worked>>;

impl Runner {
    /// Applies and runs all probes. Results in the order given; no checks where Ctrl-C came before all hosts were done.
    pub async fn apply_and_verify(
        &self,
        members: &[Member<'_>],
        apply: &Apply<'_>,
        how: &Verify<'_>,
    ) -> (Vec<Worked>, Vec<Check>) {
        let hosts: Vec<&Host> = members.iter().map(|(_, host)| *host).collect();
        let done: Done<'_> = hosts.iter().map(|host| (&host.id, SetOnce::new())).collect();
        let is_done = |worked: Worked| {
            if let Some(host) = done.get(&worked.outcome.host) {
                // Nobody else sets it.
                let _ = host.set(worked);
            }
        };
        let held = RefCell::new(Some(Vec::new()));
        let tell = |event: Event| {
            let event = self.timed(event);
            match held.borrow_mut().as_mut() {
                Some(held) => held.push(event),
                None => self.send(event),
            }
        };
        let limits = Limits::new(self.forks);
        let clusters = members.chunk_by(|(one, _), (next, _)| one.name == next.name);
        let probing = join_all(clusters.map(|cluster| self.prove(cluster, &done, how, &limits, &tell)));
        let applying = async {
            let worked = self.apply_telling(&hosts, apply, Some(&is_done)).await;
            let is_complete = !self.interrupt.is_stopping();
            if is_complete {
                self.send(Event::StageStarted { stage: Stage::Verify, hosts: hosts.len() });
                held.take().into_iter().flatten().for_each(|event| self.send(event));
            }
            (worked, is_complete, Instant::now())
        };
        let ((worked, is_complete, began), checks) = join(applying, probing).await;
        if !is_complete {
            return (worked, Vec::new());
        }
        self.send(Event::StageFinished { stage: Stage::Verify, duration: began.elapsed() });
        (worked, checks.concat())
    }

    /// Probes a cluster once its hosts are done, unless Ctrl-C comes first.
    async fn prove(
        &self,
        members: &[Member<'_>],
        done: &Done<'_>,
        how: &Verify<'_>,
        limits: &Limits,
        tell: &dyn Fn(Event),
    ) -> Vec<Check> {
        let own = members.iter().filter_map(|(_, host)| done.get(&host.id)).map(SetOnce::wait);
        let worked: Vec<&Worked> = tokio::select! {
            worked = join_all(own) => worked,
            () = self.interrupt.graceful.cancelled() => return Vec::new(),
        };
        let subjects = self.subjects(members, worked, how);
        let mut probed = self.probe(&subjects, how, limits, tell).await;
        self.read_logs(&mut probed, &subjects).await;
        probed.checks
    }
}

impl Worked {
    /// Its session and how the work ended, for those who come after it.
    pub(super) fn as_ended(&self, host: &Host, ended: &Result<(), Failure>) -> Self {
        let mut end = Self { session: self.session.clone(), ..Self::begun(host) };
        let changes = self.outcome.changes.iter();
        let failed = changes.filter(|(_, result)| matches!(result, Some((ChangeResult::Failed, _))));
        end.outcome.changes = failed.cloned().collect();
        if let Err(failure) = ended {
            end.fail(failure.clone());
        }
        end
    }
}

#[cfg(test)]
mod tests;
