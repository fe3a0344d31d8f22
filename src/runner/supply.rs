//! Which way packages reach a host, and the laptop's relay at the host's end of a reverse forward.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio_util::task::AbortOnDropHandle;

use crate::event::{Event, Level, Traffic};
use crate::model::{Facts, Failure, FailureKind, Host, HostPlan, Operation, PackageSource, clean_line};
use crate::packages::{self, Admission};
use crate::transport::{ForwardError, Session};

use super::Runner;
use super::host_log::HostLog;

/// How often is looked at what went through the relay: often enough to be seen moving.
const SAMPLING: Duration = Duration::from_millis(500);

/// A host's way to the relay, open as long as this lives.
pub(super) struct Supply {
    /// What apt is given as its proxy.
    pub(super) url: String,
    admission: Arc<Admission>,
    _serving: AbortOnDropHandle<()>,
}

impl Runner {
    /// Opens a way to the relay where the plan installs something and the host's own way is not to be used.
    pub(super) async fn supply(
        &self,
        host: &Host,
        session: &Session,
        plan: &HostPlan,
    ) -> Result<Option<Supply>, Failure> {
        let own_way_fails = plan.facts.mirror_reachable == Some(false);
        match host.packages.via {
            _ if !installs(plan) => return Ok(None),
            PackageSource::Host => return Ok(None),
            PackageSource::Auto if !own_way_fails => return Ok(None),
            PackageSource::Auto => {
                self.note(host, Level::Info, "its mirrors do not answer: packages come through this machine");
            }
            PackageSource::Laptop => {}
        }
        self.relay_for(host, session, &plan.facts).await.map(Some)
    }

    /// Opens a host's way to the relay, to what its own package sources name.
    pub(super) async fn relay_for(
        &self,
        host: &Host,
        session: &Session,
        facts: &Facts,
    ) -> Result<Supply, Failure> {
        let mut forward = session.reverse_forward().await.map_err(forward_failure)?;
        let sources = packages::sources(&facts.apt_sources);
        for source in sources.unsupported() {
            let source = clean_line(source, 200);
            self.note(host, Level::Detail, format!("packages of {source} cannot come through this machine"));
        }
        let admission = Arc::new(self.relay.admit(&host.id, sources));
        let url = admission.proxy_url(forward.port());
        let (relay, admitted) = (self.relay.clone(), Arc::clone(&admission));
        let serving = tokio::spawn(async move {
            // Dropped with this task, and with it every connection.
            let mut connections = JoinSet::new();
            while let Some(stream) = forward.accept().await {
                connections.spawn(relay.serve(&admitted, stream));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Supply { url, admission, _serving: AbortOnDropHandle::new(serving) })
    }

    /// Tells what goes through the relay for as long as it is polled.
    pub(super) async fn watch_packages(&self) -> Infallible {
        let mut known = self.traffic();
        loop {
            tokio::time::sleep(SAMPLING).await;
            let traffic = self.traffic();
            if traffic != known {
                self.send(Event::PackagesMoved(traffic));
                known = traffic;
            }
        }
    }

    /// Says what went through the relay, and brings its cache back to its size.
    pub async fn settle_packages(&self) {
        let traffic = self.traffic();
        if traffic.hosts > 0 {
            self.send(Event::PackagesSettled(traffic));
        }
        if let Err(error) = self.relay.tidy().await {
            self.send(Event::Note { host: None, level: Level::Warning, message: error.to_string() });
        }
    }

    fn traffic(&self) -> Traffic {
        let counters = self.relay.counters();
        Traffic {
            served: counters.served_bytes,
            downloaded: counters.downloaded_bytes,
            hosts: counters.hosts.len(),
        }
    }

    /// Drops what apt found damaged from the cache, and passes on what the relay has to say.
    pub(super) async fn account(&self, supply: &Supply, log: &HostLog) {
        let complaints: Vec<String> =
            log.lines().filter(|line| is_of_damage(line)).map(str::to_owned).collect();
        if !complaints.is_empty() {
            let dropped = self.relay.distrust(&supply.admission, complaints).await;
            self.send(Event::Note {
                host: None,
                level: Level::Warning,
                message: format!("apt found damaged files; {dropped} were dropped from the cache"),
            });
        }
        for message in self.relay.take_notes() {
            self.send(Event::Note { host: None, level: Level::Warning, message });
        }
    }
}

/// Whether apt says that a file is not what an index promises.
fn is_of_damage(line: &str) -> bool {
    line.contains("Hash Sum mismatch") || line.contains("File has unexpected size")
}

/// Whether a plan asks apt for anything.
pub(super) fn installs(plan: &HostPlan) -> bool {
    plan.changes
        .iter()
        .any(|change| matches!(change.operation, Operation::InstallPackage(_) | Operation::RepairDpkg))
}

fn forward_failure(error: ForwardError) -> Failure {
    match error {
        ForwardError::Forbidden => Failure {
            kind: FailureKind::Packages,
            message: "the host's sshd forbids port forwarding, which packages through the laptop need".to_owned(),
            hint: Some(
                "set `AllowTcpForwarding yes` in the host's sshd_config, or `packages: { via: host }` where the host \
                 has internet"
                    .to_owned(),
            ),
        },
        ForwardError::Failed(failure) => failure,
    }
}
