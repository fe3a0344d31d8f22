//! What the rounds under way still wait for.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Instant;

use crate::event::{Awaited, Event};
use crate::model::{CheckKind, HostId};
use crate::probes::probe;

/// What has no verdict yet, by host, and since when its round goes on.
#[derive(Default)]
pub struct Waiting(RefCell<BTreeMap<HostId, (Instant, CheckKind)>>);

impl Waiting {
    /// Takes what a round tells.
    pub fn follow(&self, event: Event) {
        let mut waiting = self.0.borrow_mut();
        match event {
            Event::HostStarted { host } => {
                waiting.insert(host, (Instant::now(), CheckKind::SSH));
            }
            Event::ProbeAwaited { host, kind } => {
                if let Some((_, before)) = waiting.get_mut(&host) {
                    *before = kind;
                }
            }
            Event::HostFinished { host, .. } => {
                waiting.remove(&host);
            }
            _ => {}
        }
    }

    /// The next probe of each host, by kind; what waits for others comes last.
    pub fn list(&self) -> Vec<Awaited> {
        let awaited = |(host, (since, kind)): (&HostId, &(Instant, CheckKind))| Awaited {
            host: host.clone(),
            kind: *kind,
            elapsed: since.elapsed(),
        };
        let mut list: Vec<_> = self.0.borrow().iter().map(awaited).collect();
        let waits_for_others =
            |kind: CheckKind| probe(kind).is_some_and(|probe| !probe.needs_of_others.is_empty());
        list.sort_by_key(|awaited| (waits_for_others(awaited.kind), awaited.kind.as_str()));
        list
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::HostStatus;

    #[test]
    fn what_waits_for_others_is_told_last_and_what_is_done_not_at_all() {
        let waiting = Waiting::default();
        let host = |name: &str| HostId::new("ana", name);
        for name in ["lb", "web01", "web02", "web03"] {
            waiting.follow(Event::HostStarted { host: host(name) });
        }
        waiting.follow(Event::ProbeAwaited { host: host("lb"), kind: CheckKind::BALANCE });
        waiting.follow(Event::ProbeAwaited { host: host("web01"), kind: CheckKind::SOCKET });
        waiting.follow(Event::HostFinished {
            host: host("web03"),
            status: HostStatus::Ok,
            changes: 0,
            failure: None,
            duration: Duration::ZERO,
        });
        let list = waiting
            .list()
            .into_iter()
            .map(|awaited| format!("{} of {}", awaited.kind.as_str(), awaited.host));
        assert_eq!(
            list.collect::<Vec<_>>(),
            ["socket of ana/web01", "ssh of ana/web02", "balance of ana/lb"]
        );
    }
}
