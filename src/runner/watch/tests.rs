//! A watch of clusters over a real sshd, with web servers that the test plays itself.

use std::collections::HashMap;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::model::{CheckKind, CheckStatus, Failure, FailureKind, HostId, Resource, Text, TransportChoice};
use crate::packages::{PackageRelay, RelayOptions};
use crate::probes::KnownPages;
use crate::roles::Web;
use crate::roles::samples::{self, set};
use crate::runner::{Interrupt, Retry, Secrets, Timings};
use crate::transport::tests::client::Client;
use crate::transport::tests::sshd::Sshd;

/// A web server that answers with a fault of its own after a while.
async fn server(pause: Duration) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                sleep(pause).await;
                let _ = stream.write_all(b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n").await;
            });
        }
    });
    port
}

/// One web host for a cluster.
async fn cluster(name: &str, client: &Client, sshd: &Sshd, pause: Duration) -> Cluster {
    let mut host = samples::host(name, "web01", "127.0.0.1", &["web"]);
    host.connection = client.to(sshd, TransportChoice::Russh);
    let port = server(pause).await;
    set(&mut host, |role: &mut Web| role.port = port);
    Cluster { name: name.to_owned(), hosts: vec![host] }
}

fn runner(client: Client) -> (Runner, tempfile::TempDir) {
    let cache_dir = Some(client.folder.path().join("packages"));
    let relay = PackageRelay::new(RelayOptions { cache_dir, ..RelayOptions::default() }).unwrap();
    let (events, _) = crate::runner::events();
    let Client { connector, folder, .. } = client;
    let interrupt = Interrupt::by_hand();
    let (secrets, timings) = (Secrets::default(), Timings::begin());
    (Runner { connector, secrets, relay, events, timings, interrupt, forks: 30 }, folder)
}

fn how<'a>(pages: &'a KnownPages, wanted: &'a HashMap<HostId, Vec<Resource>>) -> Verify<'a> {
    let retry = Retry { timeout: Duration::from_secs(9), sleep: Duration::from_millis(10) };
    Verify { wanted, pages, inventory: Path::new("class.yaml"), direct: false, retry }
}

fn members(clusters: &[Cluster]) -> Vec<(&Cluster, &Host)> {
    clusters.iter().flat_map(|cluster| cluster.hosts.iter().map(move |host| (cluster, host))).collect()
}

fn executions(sshd: &Sshd) -> usize {
    sshd.log().matches("Starting session: ").count()
}

async fn close(worked: Vec<Worked>) {
    for session in worked.into_iter().filter_map(|worked| worked.session) {
        Arc::into_inner(session).unwrap().close().await;
    }
}

#[tokio::test]
async fn a_slow_cluster_holds_up_no_other_and_logs_are_read_once() {
    const ROUNDS: usize = 8;
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let clusters = [
        cluster("ana", &client, &sshd, Duration::ZERO).await,
        cluster("bia", &client, &sshd, Duration::from_secs(60)).await,
    ];
    let wanted = clusters.iter().flat_map(samples::wanted).collect();
    let (runner, _folder) = runner(client);
    let (members, pages) = (members(&clusters), KnownPages::new([]));
    let (mut rounds, mut awaited) = (0, Vec::new());
    let (last, worked) = runner
        .watch(&members, &how(&pages, &wanted), Duration::from_millis(50), |watched| match watched {
            Watched::Round { cluster, checks } => {
                assert_eq!((cluster, checks.len()), ("ana", 3));
                rounds += 1;
            }
            Watched::Waiting(list) => {
                awaited = list;
                // Where rounds are quick, all of this is a second's work.
                if rounds >= ROUNDS {
                    runner.interrupt.press();
                }
            }
            Watched::Logs => {}
        })
        .await;
    assert!(rounds >= ROUNDS);
    let slow = awaited.iter().find(|awaited| awaited.host.as_str() == "bia/web01").unwrap();
    assert!(slow.kind == CheckKind::HTTP && slow.elapsed >= Duration::from_millis(500), "{awaited:?}");
    let last = last.unwrap();
    let of =
        |cluster: &'static str| last.iter().filter(move |check| check.host.as_str().starts_with(cluster));
    assert!(of("ana").any(|check| check.kind == CheckKind::HTTP && check.status == CheckStatus::Fail));
    // Nothing is said of a cluster without a complete round.
    assert_eq!(of("bia").count(), 3);
    assert!(of("bia").all(|check| check.status == CheckStatus::Skip), "{last:?}");
    close(worked).await;
    // One for each round, one that was left, one for bia, and one for logs.
    let executions = executions(&sshd);
    assert!(executions <= rounds + 3, "{executions} in {rounds} rounds");
}

#[tokio::test]
async fn without_any_complete_round_nothing_is_known() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let clusters = [cluster("bia", &client, &sshd, Duration::from_secs(60)).await];
    let wanted = clusters.iter().flat_map(samples::wanted).collect();
    let (runner, _folder) = runner(client);
    let pages = KnownPages::new([]);
    let tell = |_: Watched<'_>| runner.interrupt.press();
    let (last, worked) = runner.watch(&members(&clusters), &how(&pages, &wanted), Duration::ZERO, tell).await;
    assert!(last.is_none());
    close(worked).await;
}

#[tokio::test]
async fn logs_are_left_with_ctrl_c_and_the_checks_stay() {
    // The first program runs, the second hangs: it reads the logs.
    let open = tempfile::tempdir().unwrap();
    std::fs::set_permissions(open.path(), Permissions::from_mode(0o777)).unwrap();
    let mark = open.path().join("ran").display().to_string();
    let client = Client::new();
    let sshd = Sshd::start(&format!(
        "ForceCommand [ ! -e {mark} ] || exec sleep 60; touch {mark}; eval \"$SSH_ORIGINAL_COMMAND\""
    ));
    let clusters = [cluster("ana", &client, &sshd, Duration::ZERO).await];
    let wanted = clusters.iter().flat_map(samples::wanted).collect();
    let (runner, _folder) = runner(client);
    let (members, pages) = (members(&clusters), KnownPages::new([]));
    let once = how(&pages, &wanted);
    let once = Verify { retry: once.retry.never(), ..once };
    let pressing = async {
        while executions(&sshd) < 2 {
            sleep(Duration::from_millis(10)).await;
        }
        runner.interrupt.press();
        Instant::now()
    };
    let ((checks, worked), pressed) = join(runner.reach_and_verify(&members, &once), pressing).await;
    assert!(pressed.elapsed() < Duration::from_secs(10), "{:?}", pressed.elapsed());
    let failed = |kind| checks.iter().any(|check| check.kind == kind && check.status == CheckStatus::Fail);
    assert!(checks.len() == 3 && failed(CheckKind::HTTP), "{checks:?}");
    close(worked).await;
}

#[tokio::test]
async fn sudo_is_left_alone_where_root_was_refused() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let clusters = [cluster("ana", &client, &sshd, Duration::ZERO).await];
    let wanted = clusters.iter().flat_map(samples::wanted).collect();
    let (runner, _folder) = runner(client);
    let (members, pages) = (members(&clusters), KnownPages::new([]));
    let how = how(&pages, &wanted);
    let is_refused = |failure: Option<FailureKind>| {
        let mut worked = Worked::begun(members[0].1);
        if let Some(kind) = failure {
            worked.fail(Failure { kind, message: Text::verbatim("no"), hint: None });
        }
        runner.subjects(&members, &[worked], &how)[0].root_refusal.get().is_some()
    };
    assert!(!is_refused(None));
    assert!(!is_refused(Some(FailureKind::Packages)));
    assert!(is_refused(Some(FailureKind::Become)));
    // What a round found out holds in the next.
    let worked = [Worked::begun(members[0].1)];
    let refused = || runner.subjects(&members, &worked, &how).remove(0).root_refusal;
    let failure = Failure { kind: FailureKind::Become, message: Text::verbatim("no"), hint: None };
    refused().set(failure.clone()).unwrap();
    assert_eq!(refused().get(), Some(&failure));
}
