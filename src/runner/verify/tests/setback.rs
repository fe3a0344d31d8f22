//! What a run failed by on a host is told once, and is why its probes are not judged.

use super::*;

#[tokio::test]
async fn what_a_host_failed_by_is_why_its_probes_are_not_judged() {
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let class = Class::new(None, |number| number).await.with_a_silent_host().await;
    let mut told = Vec::new();
    for setback in [
        Setback::Change(ResourceId::new("service:apache2")),
        Setback::Failure(Text::verbatim("another run changes this host (process 7 of ana, for 3 s)")),
    ] {
        let mut subjects = class.subjects(|_| Some(Ok(Arc::clone(&session))));
        subjects[4].setback = Some(setback);
        let checks = verify(&subjects, &class.how(), &places(), &|_| {}, pending()).await.checks;
        let concerned = checks.iter().filter(|check| ["ana/lb", "ana/web04"].contains(&check.host.as_str()));
        // What services run here is no part of the test, nor who got how many requests.
        let concerned = concerned.filter(|check| [CheckKind::HTTP, CheckKind::STATS].contains(&check.kind));
        told.extend(concerned.map(|check| {
            let status: &str = check.status.into();
            format!("{} {} {status}: {}", check.host, check.kind.as_str(), check.detail.english())
        }));
        told.push(String::new());
    }
    let port = settings::<Web>(&class.cluster.hosts[4]).port.to_string();
    insta::assert_snapshot!(told.join("\n").replace(&port, "PORT"));
    close(session).await;
}
