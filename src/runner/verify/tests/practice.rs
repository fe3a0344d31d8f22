//! Probes that a practice describes, asked of this machine over a real sshd.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::model::{
    Expectation, FailureKind, Placement, Port, PracticeProbe, Question, Render, Resource, Role, Service,
    TemplateError,
};

/// A practice of one service and some probes.
#[derive(Debug, Clone)]
struct Practice {
    service: Option<&'static str>,
    probes: Vec<(&'static str, Question)>,
}

impl Role for Practice {
    fn name(&self) -> &'static str {
        "rabbitmq"
    }

    fn ports(&self) -> Vec<Port> {
        Vec::new()
    }

    fn resources(&self, _: &Placement<'_>, _: &dyn Render) -> Result<Vec<Resource>, TemplateError> {
        let service = |name: &str| Service { name: name.to_owned(), ..Service::default() };
        Ok(self.service.into_iter().map(|name| Resource::Service(service(name))).collect())
    }

    fn expectations(&self, _: &Cluster) -> Vec<Expectation> {
        let probe = |(name, question): &(&str, Question)| {
            Expectation::Practice(PracticeProbe {
                practice: "rabbitmq".to_owned(),
                name: (*name).to_owned(),
                services: self.service.into_iter().map(str::to_owned).collect(),
                question: question.clone(),
            })
        };
        self.probes.iter().map(probe).collect()
    }
}

fn http(port: u16, status: u16, contains: Option<&str>) -> Question {
    Question::Http { port, path: "/api".to_owned(), status, contains: contains.map(str::to_owned) }
}

fn command(run: &str, contains: Option<&str>, as_root: bool) -> Question {
    let contains = contains.map(str::to_owned);
    Question::Command { run: run.to_owned(), contains, limit: Duration::from_secs(2), as_root }
}

/// One host with that practice, and how it is asked.
struct Asking {
    cluster: Cluster,
    retry: Duration,
    direct: bool,
    root_refusal: Option<Failure>,
}

impl Asking {
    fn new(service: Option<&'static str>, probes: Vec<(&'static str, Question)>) -> Self {
        let mut host = samples::host("ana", "mq01", "127.0.0.1", &[]);
        host.roles.push(Arc::new(Practice { service, probes }));
        let cluster = Cluster { name: "ana".to_owned(), hosts: vec![host] };
        Self { cluster, retry: Duration::ZERO, direct: false, root_refusal: None }
    }

    /// `PROBE status: detail` for each check of the practice.
    async fn told(&self, session: Result<Arc<Session>, Failure>) -> String {
        let (wanted, pages) = (samples::wanted(&self.cluster), KnownPages::new([]));
        let retry = Retry { timeout: self.retry, sleep: Duration::from_millis(10) };
        let (inventory, direct) = (Path::new("class.yaml"), self.direct);
        let how = Verify { wanted: &wanted, pages: &pages, inventory, direct, retry };
        let host = &self.cluster.hosts[0];
        let subject = Subject {
            cluster: &self.cluster,
            host,
            expectation: how.expectation(&self.cluster, host),
            session: SetOnce::new_with(Some(session)),
            credentials: Credentials::default(),
            root_refusal: Arc::default(),
            setback: None,
        };
        if let Some(failure) = &self.root_refusal {
            subject.root_refusal.set(failure.clone()).unwrap();
        }
        let checks = verify(&[subject], &how, &places(), &|_| {}, pending()).await.checks;
        let practices = checks.iter().filter(|check| check.kind.probe().is_some());
        let lines = practices.map(|check| {
            let status: &str = check.status.into();
            format!("{} {status}: {}", check.kind.as_str(), check.detail.english())
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    async fn over(&self, transport: TransportChoice, forwarding: &str) -> String {
        let (client, sshd) = (Client::new(), Sshd::start(forwarding));
        let session = Arc::new(client.connect(&sshd, transport).await);
        let told = self.told(Ok(Arc::clone(&session))).await;
        close(session).await;
        told
    }
}

/// A port where connections are taken and nothing is said.
async fn silent_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    port
}

#[tokio::test]
async fn all_three_kinds_are_asked_by_every_way() {
    let page = Server::start(|_| reply("", "<title>RabbitMQ</title>")).await;
    let (silent, closed) = (silent_port().await, free_port());
    let probes = vec![
        ("amqp", Question::Tcp { port: silent }),
        ("said at once", Question::Tcp { port: page.port }),
        ("nobody", Question::Tcp { port: closed }),
        ("page", http(page.port, 200, Some("RabbitMQ"))),
        ("another page", http(page.port, 404, None)),
        ("status", command("echo Runtime; echo Listeners", Some("Listeners"), false)),
        ("late", command("echo waiting; sleep 60", None, false)),
        ("broken", command("echo oh >&2; exit 3", Some("Listeners"), false)),
    ];
    let asking = Asking::new(None, probes);
    let plain = |text: String| {
        text.replace(&silent.to_string(), "SILENT")
            .replace(&closed.to_string(), "CLOSED")
            .replace(&page.port.to_string(), "PAGE")
            .replace("the connection was refused or closed without an answer", "connection refused")
    };
    let told = plain(asking.over(TransportChoice::Russh, "").await);
    insta::assert_snapshot!("practice", told);
    for (transport, forwarding) in
        [(TransportChoice::Openssh, ""), (TransportChoice::Russh, "AllowTcpForwarding no")]
    {
        assert_eq!(plain(asking.over(transport, forwarding).await), told, "{transport:?} {forwarding}");
    }
}

#[tokio::test]
async fn what_comes_up_in_time_has_not_failed() {
    let folder = tempfile::tempdir().unwrap();
    // For whoever logs in there.
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let mark = folder.path().join("mark");
    let run = format!("[ -e {0} ] || {{ touch {0}; exit 1; }}", mark.display());
    let page =
        Server::start(|number| if number < 2 { reply("", "starting") } else { reply("", "ready") }).await;
    let probes = vec![("status", command(&run, None, false)), ("page", http(page.port, 200, Some("ready")))];
    let mut asking = Asking::new(None, probes);
    asking.retry = Duration::from_secs(20);
    let told = asking.over(TransportChoice::Russh, "").await;
    assert_eq!(told.matches(" pass: ").count(), 2, "{told}");
}

/// One cause is one failure.
#[tokio::test]
async fn nothing_is_judged_while_a_service_of_the_practice_does_not_run() {
    let probes = vec![
        ("amqp", Question::Tcp { port: free_port() }),
        ("status", command("exit 1", None, false)),
        ("well", command("true", None, false)),
    ];
    let told = Asking::new(Some("no-such-service"), probes).over(TransportChoice::Russh, "").await;
    for line in told.lines() {
        assert!(
            line.ends_with(" skip: not judged, because no-such-service is not active on ana/mq01"),
            "{told}"
        );
    }
    assert_eq!(told.lines().count(), 3, "{told}");
}

#[tokio::test]
async fn without_a_connection_only_what_is_asked_from_here_is_asked() {
    let probes =
        vec![("amqp", Question::Tcp { port: silent_port().await }), ("status", command("true", None, false))];
    let mut asking = Asking::new(None, probes);
    assert_eq!(asking.told(Err(no_answer())).await.matches(" skip: not asked: ").count(), 2);
    asking.direct = true;
    let told = asking.told(Err(no_answer())).await;
    assert!(told.starts_with("rabbitmq/amqp pass: ") && told.contains("rabbitmq/status skip: "), "{told}");
}

/// A wrong password is tried once.
#[tokio::test]
async fn where_root_was_refused_it_is_not_asked_again() {
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("ran");
    let probes = vec![
        ("root", command(&format!("touch {}", mark.display()), None, true)),
        ("login", command("true", None, false)),
    ];
    let mut asking = Asking::new(None, probes);
    let message = Text::verbatim("sudo did not take the password");
    asking.root_refusal = Some(Failure { kind: FailureKind::Become, message, hint: None });
    let told = asking.over(TransportChoice::Russh, "").await;
    assert_eq!(
        told,
        "rabbitmq/root skip: not judged without root: sudo did not take the password\nrabbitmq/login pass: exit status 0"
    );
    assert!(!mark.exists());
}
