//! By which way and family hosts are asked.

use super::*;

/// No browser that comes by IPv6 gets a page, whatever the loopback address of IPv4 says.
#[tokio::test]
async fn a_balancer_of_ipv4_alone_fails_on_a_host_of_ipv6() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        return;
    }
    let (client, sshd) = (Client::new(), Sshd::start(""));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let mut class = Class::new(None, |number| number).await;
    let balancer = &mut class.cluster.hosts[0];
    (balancer.connection.address, balancer.private_address) = ("::1".to_owned(), "::1".to_owned());
    let text = class.verify(&session, &[]).await;
    assert!(
        text.contains("ana/lb balance fail") || text.contains("ana/lb balance skip: connection refused"),
        "{text}"
    );
    assert_eq!(text.matches("http pass").count(), 3, "{text}");
    close(session).await;
}

#[tokio::test]
async fn a_host_that_forbids_forwarding_asks_itself() {
    let (client, sshd) = (Client::new(), Sshd::start("AllowTcpForwarding no"));
    let session = Arc::new(client.connect(&sshd, TransportChoice::Russh).await);
    let class = Class::new(None, |number| number).await;
    let text = class.verify(&session, &["web02", "web03"]).await;
    for kind in ["lb balance", "lb stats", "web01 http"] {
        assert!(text.contains(&format!("ana/{kind} pass: ")), "{text}");
    }
    close(session).await;
}
