//! `doctor`: examines the hosts before class, and says what would not work there.

use std::collections::HashMap;
use std::sync::Arc;

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::{
    HostId, Leftover, Outcome, PackageSource, PreflightOutcome, Resource, Situation, started_by,
};
use crate::planner::Owner;
use crate::preflight::{self, Examined};
use crate::remote::{ExamineRequest, LinesRequest, ObserveRequest, PeerRequest};
use crate::report::Offer;
use crate::roles;

use super::prepare::{self, Prepared};
use super::running::Running;
use super::terminal::Terminal;

pub async fn run(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::OfVerb("doctor"))?;
    let wanted = prepared.wanted()?;
    let requests = requests(&prepared, &wanted);
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let results = running.runner.examine(&running.hosts(), &requests).await;
    let hosts = prepared.host_names();
    let examined: Vec<_> = prepared
        .hosts()
        .zip(results)
        .map(|((cluster, host), (result, said))| {
            let wanted = wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
            let with_root = result.as_ref().ok().filter(|examination| examination.no_root.is_none());
            let plan = with_root.map(|examination| {
                let owner = Owner { maker: prepared.mark.maker(&host.id), hosts: Arc::clone(&hosts) };
                prepared.plan(Some(cluster), host, wanted, &examination.facts, &owner, &Situation::default())
            });
            Examined { cluster, host, wanted, result, plan, said }
        })
        .collect();
    let outcome = PreflightOutcome {
        hosts: prepared.hosts().map(|(_, host)| host.id.clone()).collect(),
        findings: preflight::judge(&prepared.inventory, &examined),
        converged: examined.iter().all(Examined::is_converged),
        ..PreflightOutcome::default()
    };
    running.end(Outcome::Examined(outcome), None).await
}

/// What each selected host is asked.
fn requests(prepared: &Prepared, wanted: &HashMap<HostId, Vec<Resource>>) -> HashMap<HostId, ExamineRequest> {
    let requests = prepared.hosts().map(|(cluster, host)| {
        let resources = wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        let peers = preflight::peers(cluster, host);
        let backups = roles::ALL.iter().flat_map(|role| role.backups).map(|path| (*path).to_owned());
        let leftovers = host.roles.iter().flat_map(|role| role.leftovers());
        let request = ExamineRequest {
            look: ObserveRequest::of(
                resources,
                host.packages.via != PackageSource::Laptop,
                prepared.mark.maker(&host.id),
            ),
            ports: preflight::ports(resources)
                .into_iter()
                .map(|(port, _)| port)
                .chain([preflight::ssh_port(host)])
                .collect(),
            peers: peers
                .iter()
                .flat_map(|peers| &peers.hosts)
                .map(|(peer, port)| PeerRequest {
                    address: peer.private_address.clone(),
                    port: *port,
                    ssh_port: preflight::ssh_port(peer),
                })
                .collect(),
            leftovers: backups.collect(),
            lines: leftovers
                .map(|Leftover { path, pattern, .. }| LinesRequest {
                    path: path.to_owned(),
                    pattern: pattern.to_owned(),
                })
                .collect(),
            started: started_by(resources).map(|(service, _)| service.to_owned()).collect(),
            names: preflight::names(cluster, host),
            shared: preflight::shared(cluster, host),
        };
        (host.id.clone(), request)
    });
    requests.collect()
}
