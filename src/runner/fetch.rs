//! Warms the relay's cache: each host's own apt downloads what its plan installs, and keeps nothing.

use std::sync::Arc;

use crate::event::{Event, Level, Stage};
use crate::model::{Failure, Host, HostStatus, PackageSource, Situation, text};
use crate::remote;

use super::apply::Apply;
use super::{Runner, Slot, Worked};

impl Runner {
    /// Fetches the packages of every host's plan into the cache. A host that fetched something is `Changed`, though
    /// nothing changes there. Results in the order given.
    pub async fn fetch(&self, hosts: &[&Host], apply: &Apply<'_>) -> Vec<Worked> {
        let steps = async |host: &Host, worked: &mut Worked, slot: &mut Slot<'_>| {
            self.fetch_steps(host, apply, worked, slot).await
        };
        self.work(Stage::Fetch, hosts, false, steps).await
    }

    async fn fetch_steps(
        &self,
        host: &Host,
        apply: &Apply<'_>,
        worked: &mut Worked,
        slot: &mut Slot<'_>,
    ) -> Result<(), Failure> {
        let session = Arc::new(self.connect(host, slot).await?);
        worked.session = Some(Arc::clone(&session));
        let (facts, plan) = self.look(host, &session, apply, &Situation::default(), worked).await?;
        if !super::supply::installs(&plan.steps) {
            return Ok(());
        }
        if host.packages.via == PackageSource::Host {
            self.note(
                host,
                Level::Info,
                text!(
                    en: "its packages do not come through this machine (packages.via: host)",
                    pt: "os pacotes dela não passam por este computador (packages.via: host)",
                ),
            );
            return Ok(());
        }
        self.begin_changes(host, worked, slot).await?;
        let supply = self.relay_for(host, &session, &facts).await?;
        self.send(Event::HostPlanned { host: host.id.clone(), changes: 1 });
        worked.outcome.status = HostStatus::Changed;
        let program = remote::fetch(&plan.steps, supply.way(), self.credentials(host))?;
        self.execute(host, &session, program, Some(&supply), worked).await.map(drop)
    }
}
