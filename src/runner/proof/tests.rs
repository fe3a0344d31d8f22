use std::net::TcpListener;
use std::path::Path;
use std::time::Duration;

use super::*;
use crate::model::{BecomeMethod, CheckKind, CheckStatus, HostPlan, InventoryMark, Phase, TransportChoice};
use crate::packages::{PackageRelay, RelayOptions};
use crate::probes::KnownPages;
use crate::roles::samples;
use crate::runner::{Consent, Intent, Interrupt, Retry, Secrets, Timings};
use crate::transport::tests::client::Client;
use crate::transport::tests::sshd::Sshd;

/// Longer than a probe takes on the slowest machine: who waits for this host waits for its connection to end.
const SILENCE: Duration = Duration::from_secs(20);

#[tokio::test]
async fn a_host_that_hangs_delays_the_probes_of_no_other_cluster() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    // Takes connections, and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let clusters = ["ana", "bia"].map(|name| {
        let mut host = samples::host(name, "web01", "127.0.0.1", &[]);
        host.connection = client.to(&sshd, TransportChoice::Russh);
        host.r#become.method = BecomeMethod::None;
        if name == "ana" {
            host.connection.port = Some(silent.local_addr().unwrap().port());
            host.connection.connect_timeout = SILENCE;
        }
        Cluster { name: name.to_owned(), hosts: vec![host] }
    });
    let members: Vec<Member<'_>> =
        clusters.iter().flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host))).collect();
    let cache_dir = Some(client.folder.path().join("packages"));
    let relay = PackageRelay::new(RelayOptions { cache_dir, ..RelayOptions::default() }).unwrap();
    let (events, told) = crate::runner::events();
    let Client { connector, folder: _folder, .. } = client;
    let (secrets, timings, interrupt) = (Secrets::default(), Timings::begin(), Interrupt::by_hand());
    let runner = Runner { connector, secrets, relay, events, timings, interrupt, forks: 30 };

    let (wanted, pages) = (HashMap::new(), KnownPages::new([]));
    let apply = Apply {
        intent: Intent::Apply,
        consent: Consent::Withheld,
        mark: &InventoryMark::default(),
        others: Vec::new(),
        wanted: &wanted,
        plan: &|_, _, _, _| Ok(HostPlan::default()),
    };
    let retry = Retry { timeout: Duration::ZERO, sleep: Duration::from_millis(10) };
    let how =
        Verify { wanted: &wanted, pages: &pages, inventory: Path::new("class.yaml"), direct: false, retry };
    // How the work ends on the machine of the test is of no matter here.
    let (_, checks) = runner.apply_and_verify(&members, &apply, &how).await;

    let verdicts: Vec<_> = checks.iter().map(|check| (check.host.as_str(), check.status)).collect();
    assert_eq!(verdicts, [("ana/web01", CheckStatus::Fail), ("bia/web01", CheckStatus::Pass)]);
    let timings = runner.timings.of(members.iter().map(|(_, host)| *host));
    let ends =
        |host: usize, phase: &Phase| timings[host].spans.iter().find(|span| span.phase == *phase).unwrap().to;
    assert!(ends(1, &Phase::Probe(CheckKind::SSH)) < ends(0, &Phase::Connect), "{timings:?}");
    // Told behind the work.
    drop(runner);
    let told: Vec<Event> = told.collect();
    let place = |wanted: &dyn Fn(&Event) -> bool| told.iter().position(wanted).unwrap();
    let probes = place(&|event| matches!(event, Event::StageStarted { stage: Stage::Verify, .. }));
    assert!(place(&|event| matches!(event, Event::StageFinished { stage: Stage::Apply, .. })) < probes);
    assert!(probes < place(&|event| matches!(event, Event::CheckFinished(_))));
}
