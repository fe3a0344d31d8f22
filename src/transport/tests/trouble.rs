//! Hosts that are not as they should be: other keys, no answer, no SSH; and the way through jump hosts.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use super::client::{Client, connection, run};
use super::over_both;
use super::sshd::{Sshd, USER, free_port};
use crate::model::{Connection, Failure, FailureKind, HostKeyPolicy, Jump, TransportChoice};

over_both!(
    a_changed_host_key_is_refused,
    a_host_key_of_another_kind_is_a_changed_one,
    an_unknown_host_key_is_refused_under_strict,
    keys_in_the_users_own_file_count,
    a_revoked_host_key_is_refused,
    a_silent_server_costs_the_limit_and_no_more,
    a_closed_port_is_refused_once_the_time_is_over,
    a_host_that_is_starting_is_asked_again,
    a_name_without_address_is_told,
    what_is_not_ssh_is_told,
    words_of_a_server_are_cleaned,
    a_server_that_hangs_up_at_first_is_tried_again,
    one_connection_to_the_jump_host_serves_all,
    a_jump_host_that_refuses_is_asked_once,
    a_host_that_the_jump_host_cannot_reach_is_told,
    jump_hosts_of_the_configuration_are_used,
);

async fn trouble(client: &Client, connection: &Connection) -> Failure {
    client.connector.connect(connection, None).await.err().expect("no connection is made")
}

async fn a_changed_host_key_is_refused(transport: TransportChoice) {
    let (mut sshd, client) = (Sshd::start(""), Client::new());
    let connection = client.to(&sshd, transport);
    client.session(&connection, &sshd).await.close().await;
    sshd.replace_host_key("ed25519");
    let failure = trouble(&client, &connection).await;
    assert_eq!((failure.kind, failure.message.english()), (FailureKind::HostKey, "the host key has changed"));
    let hint = failure.hint.unwrap();
    let hint = hint.english();
    assert_eq!(hint.matches("SHA256:").count(), 2, "{hint}");
    assert!(hint.contains(&format!("ssh-keygen -R '[127.0.0.1]:{}' -f '", sshd.port)), "{hint}");
}

async fn a_host_key_of_another_kind_is_a_changed_one(transport: TransportChoice) {
    let (mut sshd, client) = (Sshd::start(""), Client::new());
    let connection = client.to(&sshd, transport);
    client.session(&connection, &sshd).await.close().await;
    sshd.replace_host_key("ecdsa");
    let failure = trouble(&client, &connection).await;
    assert_eq!((failure.kind, failure.message.english()), (FailureKind::HostKey, "the host key has changed"));
}

async fn an_unknown_host_key_is_refused_under_strict(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let mut connection = client.to(&sshd, transport);
    connection.host_keys = Some(HostKeyPolicy::Strict);
    let failure = trouble(&client, &connection).await;
    assert_eq!(failure.kind, FailureKind::HostKey);
    assert_eq!(failure.message.english(), "the host key is unknown, and `ssh.host_keys` is strict");
    assert!(failure.hint.unwrap().english().contains("SHA256:"));
    connection.host_keys = Some(HostKeyPolicy::AcceptNew);
    client.session(&connection, &sshd).await;
    connection.host_keys = Some(HostKeyPolicy::Strict);
    client.session(&connection, &sshd).await;
}

async fn keys_in_the_users_own_file_count(transport: TransportChoice) {
    let (mut sshd, client) = (Sshd::start(""), Client::new());
    let mut connection = client.to(&sshd, transport);
    connection.host_keys = Some(HostKeyPolicy::Strict);
    let key = std::fs::read_to_string(sshd.path().join("host_key.pub")).unwrap();
    let theirs = client.folder.path().join("user_known_hosts");
    std::fs::write(&theirs, format!("[127.0.0.1]:{} {key}", sshd.port)).unwrap();
    client.session(&connection, &sshd).await;
    sshd.replace_host_key("ed25519");
    connection.host_keys = Some(HostKeyPolicy::AcceptNew);
    assert_eq!(trouble(&client, &connection).await.message.english(), "the host key has changed");
    assert_eq!(std::fs::read_to_string(client.folder.path().join("known_hosts")).unwrap(), "");
}

async fn a_revoked_host_key_is_refused(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = client.to(&sshd, transport);
    let key = std::fs::read_to_string(sshd.path().join("host_key.pub")).unwrap();
    std::fs::write(client.folder.path().join("user_known_hosts"), format!("@revoked * {key}")).unwrap();
    assert_eq!(trouble(&client, &connection).await.message.english(), "the host key is marked as revoked");
}

/// A server that takes connections, says something, and then does as told.
async fn fake(says: &'static [u8], hangs_up: bool) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            stream.write_all(says).await.ok();
            if hangs_up {
                stream.shutdown().await.ok();
            }
            held.push(stream);
        }
    });
    port
}

async fn a_silent_server_costs_the_limit_and_no_more(transport: TransportChoice) {
    let client = Client::new();
    for says in [&b""[..], b"SSH-2.0-OpenSSH_9.2p1\r\n"] {
        let mut connection = connection(fake(says, false).await, transport);
        connection.connect_timeout = Duration::from_secs(2);
        let started = Instant::now();
        let failure = trouble(&client, &connection).await;
        assert_eq!(
            failure.message.english(),
            "the host took the connection and then went silent",
            "{failure:?}"
        );
        assert_eq!(failure.kind, FailureKind::Handshake);
        let elapsed = started.elapsed();
        assert!(elapsed >= Duration::from_millis(1500) && elapsed < Duration::from_secs(5), "{elapsed:?}");
    }
}

async fn a_closed_port_is_refused_once_the_time_is_over(transport: TransportChoice) {
    let client = Client::new();
    // Enough for ssh to start on a machine that is busy.
    let limit = Duration::from_secs(3);
    let closed = Connection { connect_timeout: limit, ..connection(free_port(), transport) };
    let started = Instant::now();
    let failure = trouble(&client, &closed).await;
    assert!(started.elapsed() < 2 * limit);
    assert_eq!(
        (failure.kind, failure.message.english()),
        (FailureKind::Connect, "the connection was refused")
    );
}

async fn a_host_that_is_starting_is_asked_again(transport: TransportChoice) {
    let (client, port) = (Client::new(), free_port());
    let starting = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
    };
    let connection = connection(port, transport);
    let (failure, ()) = tokio::join!(trouble(&client, &connection), starting);
    assert_eq!(failure.kind, FailureKind::Handshake, "{failure:?}");
}

async fn a_name_without_address_is_told(transport: TransportChoice) {
    let client = Client::new();
    let nowhere = Connection { address: "no-such-host.invalid".to_owned(), ..connection(22, transport) };
    let failure = trouble(&client, &nowhere).await;
    assert_eq!(failure.kind, FailureKind::Resolve, "{failure:?}");
}

async fn what_is_not_ssh_is_told(transport: TransportChoice) {
    let client = Client::new();
    let says = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
    let failure = trouble(&client, &connection(fake(says, true).await, transport)).await;
    assert_eq!(failure.kind, FailureKind::Handshake, "{failure:?}");
}

async fn words_of_a_server_are_cleaned(transport: TransportChoice) {
    let client = Client::new();
    let says = b"\x1b]0;owned\x07\x1b[31mgo away\x1b[0m\xe2\x80\xae\r\n";
    let failure = trouble(&client, &connection(fake(says, true).await, transport)).await;
    let text = format!("{} {:?}", failure.message.english(), failure.hint);
    assert!(!text.chars().any(char::is_control) && !text.contains('\u{202e}'), "{text}");
}

/// A way to a server that hangs up on the first connections, as one does that has too many logins.
async fn busy_way_to(port: u16, refusals: usize) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let way = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((mut near, _)) = listener.accept().await {
            number += 1;
            if number > refusals {
                tokio::spawn(async move {
                    let mut far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
                    tokio::io::copy_bidirectional(&mut near, &mut far).await.ok();
                });
            }
        }
    });
    way
}

async fn a_server_that_hangs_up_at_first_is_tried_again(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let mut connection = client.to(&sshd, transport);
    connection.port = Some(busy_way_to(sshd.port, 2).await);
    client.session(&connection, &sshd).await;
    connection.port = Some(busy_way_to(sshd.port, 99).await);
    let failure = trouble(&client, &connection).await;
    assert_eq!(failure.message.english(), "the server closed the connection before the login");
}

fn through(jump: &Sshd, connection: Connection) -> Connection {
    let jump = Jump { user: Some(USER.to_owned()), host: "127.0.0.1".to_owned(), port: Some(jump.port) };
    Connection { jump: Some(jump), ..connection }
}

async fn one_connection_to_the_jump_host_serves_all(transport: TransportChoice) {
    let (bastion, sshd, client) = (Sshd::start(""), Sshd::start(""), Client::new());
    client.to(&bastion, transport);
    let connection = through(&bastion, client.to(&sshd, transport));
    let all = futures_util::future::join_all((0..6).map(async |number| {
        let session = client.session(&connection, &sshd).await;
        assert_eq!(
            run(&session, &format!("echo {number}"), b"").await.stdout,
            format!("{number}\n").into_bytes()
        );
    }));
    all.await;
    assert_eq!(bastion.log().matches("Accepted publickey").count(), 1);
    assert_eq!(sshd.log().matches("Accepted publickey").count(), 6);
}

async fn a_jump_host_that_refuses_is_asked_once(transport: TransportChoice) {
    let (bastion, sshd, client) = (Sshd::start(""), Sshd::start(""), Client::new());
    let connection = through(&bastion, client.to(&sshd, transport));
    for _ in 0..3 {
        let failure = trouble(&client, &connection).await;
        let expected = (FailureKind::Jump, "jump host: the key was refused");
        assert_eq!((failure.kind, failure.message.english()), expected);
    }
    assert_eq!(bastion.log().matches("Failed publickey").count(), 1, "{}", bastion.log());
}

async fn a_host_that_the_jump_host_cannot_reach_is_told(transport: TransportChoice) {
    let (bastion, client) = (Sshd::start(""), Client::new());
    let identity = client.to(&bastion, transport).identity;
    let connection = Connection { identity, ..through(&bastion, connection(free_port(), transport)) };
    let failure = trouble(&client, &connection).await;
    assert_eq!(failure.kind, FailureKind::Connect, "{failure:?}");
    assert!(failure.hint.unwrap().english().contains("jump host"));
}

async fn jump_hosts_of_the_configuration_are_used(transport: TransportChoice) {
    let (first, second, sshd) = (Sshd::start(""), Sshd::start(""), Sshd::start(""));
    let way = format!("ProxyJump {USER}@127.0.0.1:{},{USER}@127.0.0.1:{}", first.port, second.port);
    let client =
        Client::with_configuration(&format!("Match originalhost target\n  {way}\n  HostName 127.0.0.1"));
    client.to(&first, transport);
    client.to(&second, transport);
    let connection = Connection { address: "target".to_owned(), ..client.to(&sshd, transport) };
    let session = client.session(&connection, &sshd).await;
    assert_eq!(run(&session, "echo there", b"").await.stdout, b"there\n");
    for sshd in [&first, &second, &sshd] {
        assert_eq!(sshd.log().matches("Accepted publickey").count(), 1);
    }
}

#[tokio::test]
async fn auto_takes_the_program_for_what_only_it_can_do() {
    let sshd = Sshd::start("");
    let russh = "russh: the ssh configuration asks for nothing that needs the ssh program";
    for (lines, expected) in [
        ("", russh),
        ("ServerAliveInterval 7", russh),
        ("Ciphers aes256-ctr", "openssh, because the ssh configuration of this machine sets Ciphers"),
    ] {
        let client = Client::with_configuration(lines);
        let session = client.connect(&sshd, TransportChoice::Auto).await;
        assert_eq!(session.description.english(), expected);
        assert_eq!(run(&session, "echo in", b"").await.stdout, b"in\n");
    }
}

#[tokio::test]
async fn without_an_ssh_program_russh_does_what_it_can() {
    let sshd = Sshd::start("");
    let client = Client::with("", |options| options.ssh = None);
    let session = client.connect(&sshd, TransportChoice::Auto).await;
    assert_eq!(
        session.description.english(),
        "russh, without a user configuration: there is no ssh program here"
    );
    let failure = trouble(&client, &client.to(&sshd, TransportChoice::Openssh)).await;
    assert_eq!(failure.message.english(), "there is no ssh program on this machine");
}

#[tokio::test]
async fn a_destination_is_never_an_option() {
    let client = Client::new();
    for address in ["-oProxyCommand=touch /tmp/owned", "-G", ""] {
        let connection =
            Connection { address: address.to_owned(), ..connection(22, TransportChoice::Openssh) };
        assert_eq!(trouble(&client, &connection).await.kind, FailureKind::Resolve);
    }
}
