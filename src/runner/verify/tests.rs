//! All probes of a small cluster, over a real sshd, with web servers and a balancer that the test plays itself.

mod direct;
mod practice;
mod server;
mod setback;
mod ways;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::pending;

use super::*;
use crate::model::{CheckStatus, ResourceId, Text, TransportChoice};
use crate::roles::samples::{self, set, settings};
use crate::roles::{Balancer, Web};
use crate::transport::tests::client::Client;
use crate::transport::tests::sshd::{Sshd, free_port};
use server::Server;

fn page(host: &HostId) -> String {
    format!("<title>{host}</title>")
}

fn reply(header: &str, body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\n{header}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// Of HAProxy's statistics, and a row of them.
const HEADER: &str = "# pxname,svname,status,weight,check_status,addr,\n";

fn row(host: &Host, state: &str) -> String {
    format!("backend_servers,{},{state},127.0.0.1:{},\n", host.name, settings::<Web>(host).port)
}

struct Class {
    cluster: Cluster,
    known: KnownPages,
    wanted: HashMap<HostId, Vec<Resource>>,
    direct: bool,
    retry: Duration,
    servers: Vec<Server>,
}

impl Class {
    /// A balancer and three web hosts; `changed` is the page that web03 shows instead of its own, and `turn` tells
    /// which web host gets a request.
    async fn new(changed: Option<&'static str>, turn: impl Fn(usize) -> usize + Send + 'static) -> Self {
        let names = ["web01", "web02", "web03"];
        let mut hosts = vec![host("lb", "balancer")];
        let mut servers = Vec::new();
        let mut shown = Vec::new();
        for name in names {
            let mut host = host(name, "web");
            let body = changed.filter(|_| name == "web03").map_or_else(|| page(&host.id), str::to_owned);
            shown.push(body.clone());
            let server = Server::start(move |_| reply("", &body)).await;
            set(&mut host, |role: &mut Web| role.port = server.port);
            servers.push(server);
            hosts.push(host);
        }
        let csv = hosts[1..].iter().fold(HEADER.to_owned(), |csv, host| csv + &row(host, "UP,1,L7OK"));
        let statistics = Server::start(move |_| reply("", &csv)).await;
        let turns = Arc::new(AtomicUsize::new(0));
        let balancer = Server::start(move |_| {
            let chosen = turn(turns.fetch_add(1, Ordering::Relaxed)) % names.len();
            reply(&format!("X-Served-By: {}\r\n", names[chosen]), &shown[chosen])
        })
        .await;
        set(&mut hosts[0], |role: &mut Balancer| {
            (role.port, role.stats_port) = (balancer.port, statistics.port);
        });
        servers.extend([statistics, balancer]);
        let pages: Vec<_> = hosts[1..].iter().map(|host| (&host.id, page(&host.id))).collect();
        let known = KnownPages::new(pages.iter().map(|(id, page)| (*id, page.as_str())));
        let cluster = Cluster { name: "ana".to_owned(), hosts };
        Self {
            wanted: samples::wanted(&cluster),
            cluster,
            known,
            direct: false,
            retry: Duration::ZERO,
            servers,
        }
    }

    /// One more web host, which the balancer does not send anything to: nobody listens there, and HAProxy says so.
    async fn with_a_silent_host(mut self) -> Self {
        let mut silent = host("web04", "web");
        set(&mut silent, |role: &mut Web| role.port = free_port());
        let mut csv = HEADER.to_owned();
        csv.extend(self.cluster.hosts[1..].iter().map(|host| row(host, "UP,1,L7OK")));
        csv.push_str(&row(&silent, "DOWN,1,L4CON"));
        let statistics = Server::start(move |_| reply("", &csv)).await;
        set(&mut self.cluster.hosts[0], |role: &mut Balancer| role.stats_port = statistics.port);
        self.servers.push(statistics);
        self.cluster.hosts.push(silent);
        self.wanted = samples::wanted(&self.cluster);
        self
    }

    /// HAProxy sees web02 die after it was first asked, and, where it `recovers`, come back.
    async fn losing_a_host(mut self, recovers: bool) -> Self {
        let page = |state: &str| {
            let web = self.cluster.hosts[1..].iter();
            let rows = web.map(|host| row(host, if host.name == "web02" { state } else { "UP,1,L7OK" }));
            reply("", &rows.fold(HEADER.to_owned(), |csv, row| csv + &row))
        };
        let (well, ill) = (page("UP,1,L7OK"), page("DOWN,1,L4CON"));
        let statistics = Server::start(move |number| match number {
            0 => well.clone(),
            3.. if recovers => well.clone(),
            _ => ill.clone(),
        })
        .await;
        set(&mut self.cluster.hosts[0], |role: &mut Balancer| role.stats_port = statistics.port);
        self.servers.push(statistics);
        self
    }

    /// The hosts with what is known of their connections.
    fn subjects(&self, session: impl Fn(&Host) -> Option<Result<Arc<Session>, Failure>>) -> Vec<Subject<'_>> {
        let subject = |host| Subject {
            cluster: &self.cluster,
            host,
            expectation: self.how().expectation(&self.cluster, host),
            session: SetOnce::new_with(session(host)),
            credentials: Credentials::default(),
            root_refusal: Arc::default(),
            setback: None,
        };
        self.cluster.hosts.iter().map(subject).collect()
    }

    fn how(&self) -> Verify<'_> {
        let retry = Retry { timeout: self.retry, sleep: Duration::from_millis(10) };
        Verify {
            wanted: &self.wanted,
            pages: &self.known,
            inventory: Path::new("class.yaml"),
            direct: self.direct,
            retry,
        }
    }

    /// `HOST KIND status: detail` for each check; `dead` hosts have no session.
    async fn verify(&self, session: &Arc<Session>, dead: &[&str]) -> String {
        let is_dead = |host: &Host| dead.contains(&host.name.as_str());
        let subjects = self
            .subjects(|host| Some(if is_dead(host) { Err(no_answer()) } else { Ok(Arc::clone(session)) }));
        let told = RefCell::new(Vec::new());
        let checks =
            verify(&subjects, &self.how(), &places(), &|event| told.borrow_mut().push(event), pending())
                .await
                .checks;
        let count = |wanted: fn(&Event) -> bool| told.borrow().iter().filter(|event| wanted(event)).count();
        assert_eq!(count(|event| matches!(event, Event::CheckFinished(_))), checks.len());
        assert_eq!(count(|event| matches!(event, Event::HostStarted { .. })), subjects.len());
        assert_eq!(count(|event| matches!(event, Event::HostFinished { .. })), subjects.len());
        // What services run here, and how fast the machine is, is no part of the test.
        let lines = checks.iter().map(|check| match (check.kind, check.status) {
            (CheckKind::SSH, CheckStatus::Pass) => format!("{} ssh pass", check.host),
            (CheckKind::SERVICE, CheckStatus::Pass | CheckStatus::Fail) => {
                format!("{} service asked", check.host)
            }
            (kind, status) => {
                format!("{} {} {}: {}", check.host, kind.as_str(), status.into_str(), check.detail.english())
            }
        });
        let mut text = lines.collect::<Vec<_>>().join("\n");
        for host in &self.cluster.hosts[1..] {
            text = text.replace(&settings::<Web>(host).port.to_string(), "PORT");
        }
        text
    }
}

fn places() -> Semaphore {
    Semaphore::new(30)
}

fn no_answer() -> Failure {
    let message = Text::verbatim("the host did not answer in time");
    Failure { kind: FailureKind::Connect, message, hint: None }
}

fn of_balancer(text: &str) -> String {
    text.lines().filter(|line| line.starts_with("ana/lb")).collect::<Vec<_>>().join("\n")
}

async fn close(session: Arc<Session>) {
    Arc::into_inner(session).unwrap().close().await;
}

fn host(name: &str, role: &str) -> Host {
    samples::host("ana", name, "127.0.0.1", &[role])
}

async fn over(transport: TransportChoice) {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, transport).await);

    let fair = Class::new(None, |number| number).await;
    insta::assert_snapshot!("fair", fair.verify(&session, &[]).await);
    insta::assert_snapshot!("one_dead", fair.verify(&session, &["web02"]).await);
    insta::assert_snapshot!("balancer_dead", fair.verify(&session, &["lb"]).await);

    let spoilt = Class::new(Some("<title>João</title>"), |number| number).await;
    insta::assert_snapshot!("a_students_page", spoilt.verify(&session, &[]).await);

    let mut skewed = Class::new(None, |number| number * usize::from(number % 4 == 0)).await;
    let other = Server::start(|_| reply("", "<h1>hi</h1>")).await;
    set(&mut skewed.cluster.hosts[0], |role: &mut Balancer| role.stats_port = other.port);
    let text = skewed.verify(&session, &[]).await;
    let stats_port = settings::<Balancer>(&skewed.cluster.hosts[0]).stats_port.to_string();
    insta::assert_snapshot!("skewed_and_without_statistics", text.replace(&stats_port, "STATS"));
    close(session).await;
}

/// Nothing is known of web02 until all is told that does not depend on it; then it is lost, or the run interrupted.
async fn while_one_is_silent(interrupted: bool) -> Probed {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let class = Class::new(None, |number| number).await;
    let subjects = class.subjects(|host| (host.name != "web02").then(|| Ok(Arc::clone(&session))));
    let silent = &subjects[2];
    let (told, mut told_of) = tokio::sync::mpsc::unbounded_channel();
    let tell = |event: Event| {
        if let Event::CheckFinished(check) = event {
            told.send((check.host, check.kind)).unwrap();
        }
    };
    let others_end = async {
        let mut early = BTreeSet::new();
        while early.len() < 8 {
            early.insert(told_of.recv().await.unwrap());
        }
        assert!(early.iter().all(|(host, _)| *host != silent.host.id), "{early:?}");
        if !interrupted {
            assert!(silent.session.set(Err(no_answer())).is_ok());
            pending::<()>().await;
        }
    };
    let probed = verify(&subjects, &class.how(), &places(), &tell, others_end).await;
    assert_eq!(probed.checks.len(), 13);
    drop(subjects);
    close(session).await;
    probed
}

#[tokio::test]
async fn a_host_that_does_not_answer_holds_up_nobody() {
    let probed = while_one_is_silent(false).await;
    assert!(probed.is_complete);
}

#[tokio::test]
async fn what_is_known_when_the_run_is_interrupted_is_kept() {
    let probed = while_one_is_silent(true).await;
    assert!(!probed.is_complete);
    let count = |wanted: &dyn Fn(&Check) -> bool| probed.checks.iter().filter(|check| wanted(check)).count();
    assert_eq!(count(&|check| check.kind == CheckKind::HTTP && check.status == CheckStatus::Pass), 2);
    let not_asked = |check: &Check| check.detail.english() == "not asked: the run was interrupted";
    assert_eq!(count(&not_asked), 5);
    assert_eq!(count(&|check| not_asked(check) && check.status == CheckStatus::Skip), 5);
}

/// One cause is one failure, and no time is lost on what it explains.
#[tokio::test]
async fn what_a_silent_web_host_explains_is_left_to_its_own_probes() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let class = Class::new(None, |number| number).await.with_a_silent_host().await;
    let text = class.verify(&session, &[]).await;
    // Whether its service runs here is no part of the test.
    let text = text.replace("because service of ana/web04", "because http of ana/web04");
    assert!(
        text.contains("ana/web04 http skip: connection refused") || text.contains("ana/web04 http fail"),
        "{text}"
    );
    insta::assert_snapshot!("one_silent", of_balancer(&text));
    close(session).await;
}

/// HAProxy had been asked when the web host was still alive.
#[tokio::test]
async fn a_web_host_that_dies_between_the_probes_of_its_balancer_is_told_by_stats() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let dead = Class::new(None, |number| number % 2 * 2).await.losing_a_host(false).await;
    insta::assert_snapshot!("dead_meanwhile", of_balancer(&dead.verify(&session, &[]).await));
    // Where there is time, both are asked until all is well again.
    let mut back = Class::new(None, |number| if number < 60 { number % 2 * 2 } else { number }).await;
    back.retry = Duration::from_secs(5);
    let back = back.losing_a_host(true).await;
    insta::assert_snapshot!("back_meanwhile", of_balancer(&back.verify(&session, &[]).await));
    close(session).await;
}

#[tokio::test]
async fn pages_are_asked_for_from_here_where_no_ssh_is_needed() {
    let (client, sshd) = (Client::new(), Sshd::start("AllowTcpForwarding no"));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let mut class = Class::new(None, |number| number).await;
    class.direct = true;
    set(&mut class.cluster.hosts[0], |role: &mut Balancer| role.stats_port = free_port());
    class.cluster.hosts[3].connection.address = "no-such-host.example".to_owned();
    let text = class.verify(&session, &["web02"]).await;
    let stats_port = settings::<Balancer>(&class.cluster.hosts[0]).stats_port.to_string();
    let words = text.lines().map(|line| match line.split_once("no way there from this machine (") {
        Some((before, after)) => format!("{before}no way there{}", &after[after.find(')').unwrap() + 1..]),
        None => line.to_owned(),
    });
    let text = words.collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!("direct", text.replace(&stats_port, "STATS"));

    let mut off = Class::new(None, |number| number).await.with_a_silent_host().await;
    off.direct = true;
    insta::assert_snapshot!("direct_and_off", off.verify(&session, &["web04"]).await);
    close(session).await;
}

/// SSH is of no concern to a browser: a page that came is no excuse for a balancer that never asks its host.
#[tokio::test]
async fn asked_from_here_a_page_is_not_excused_by_ssh() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let mut class = Class::new(None, |number| number % 2 * 2).await;
    (class.direct, class.retry) = (true, Duration::from_millis(300));
    let subjects = class.subjects(|host| (host.name != "web02").then(|| Ok(Arc::clone(&session))));
    let tell = |event: Event| {
        if matches!(event, Event::CheckFinished(check) if check.kind == CheckKind::HTTP) {
            let _ = subjects[2].session.set(Err(no_answer()));
        }
    };
    let checks = verify(&subjects, &class.how(), &places(), &tell, pending()).await.checks;
    let balance = checks.iter().find(|check| check.kind == CheckKind::BALANCE).unwrap();
    assert!(balance.detail.english().contains("web02 never answered"), "{balance:?}");
    drop(subjects);
    close(session).await;
}

#[tokio::test]
async fn a_cluster_over_russh() {
    over(TransportChoice::Russh).await;
}

#[tokio::test]
async fn a_cluster_over_openssh() {
    over(TransportChoice::Openssh).await;
}

#[tokio::test]
async fn a_connection_that_is_lost_is_one_failure() {
    for transport in [TransportChoice::Russh, TransportChoice::Openssh] {
        let (client, mut sshd) = (Client::new(), Sshd::start(""));
        let session = Arc::new(client.connect(&sshd, transport).await);
        sshd.kill();
        let text = Class::new(None, |number| number).await.verify(&session, &[]).await;
        for line in text.lines() {
            assert_eq!(line.contains(" ssh fail: "), line.contains(" fail: "), "{transport:?}: {text}");
        }
        assert_eq!(text.matches(" ssh fail: ").count(), 4, "{transport:?}: {text}");
        assert_eq!(text.matches(", because ssh of ana/").count(), 5, "{transport:?}: {text}");
        close(session).await;
    }
}
