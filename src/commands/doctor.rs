//! `doctor`: examines the hosts before class, and says what would not work there.

use std::collections::HashMap;

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::{HostId, Outcome, PackageSource, PreflightOutcome, Resource};
use crate::preflight::{self, Examined};
use crate::remote::{ExamineRequest, LinesRequest, PeerRequest};
use crate::report::Offer;

use super::prepare::{self, Prepared};
use super::running::Running;
use super::terminal::Terminal;

/// `provision doctor`
pub async fn run(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::OfVerb("doctor"), terminal)?;
    let requests = requests(&prepared)?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let results = running.runner.examine(&running.hosts(), &requests).await;
    let examined: Vec<_> = prepared
        .hosts()
        .zip(results)
        .map(|((cluster, host), result)| Examined { cluster, host, result })
        .collect();
    let outcome = PreflightOutcome {
        hosts: prepared.hosts().map(|(_, host)| host.id.clone()).collect(),
        findings: preflight::judge(&prepared.inventory, &examined),
        ..PreflightOutcome::default()
    };
    running.end(Outcome::Examined(outcome), None).await
}

/// What each selected host is asked.
fn requests(prepared: &Prepared) -> Result<HashMap<HostId, ExamineRequest>> {
    let wanted = prepared.wanted()?;
    let requests = prepared.hosts().map(|(cluster, host)| {
        let resources = wanted.get(&host.id).map(Vec::as_slice).unwrap_or_default();
        let package = |resource: &Resource| match resource {
            Resource::Package(name) => Some(name.clone()),
            _ => None,
        };
        let peers = preflight::peers(cluster, host);
        let request = ExamineRequest {
            packages: resources.iter().filter_map(package).collect(),
            ports: preflight::ports(host)
                .into_iter()
                .map(|(port, _)| port)
                .chain([preflight::ssh_port(host)])
                .collect(),
            peers: peers
                .iter()
                .map(|peer| PeerRequest {
                    address: peer.host.private_address.clone(),
                    port: peer.port,
                    ssh_port: preflight::ssh_port(peer.host),
                })
                .collect(),
            leftovers: preflight::LEFTOVERS.map(str::to_owned).to_vec(),
            lines: vec![LinesRequest {
                path: preflight::FRONTEND.0.to_owned(),
                pattern: preflight::FRONTEND.1.to_owned(),
            }],
            mirror: host.packages.via != PackageSource::Laptop,
        };
        (host.id.clone(), request)
    });
    Ok(requests.collect())
}
