//! TCP streams to and from the host.

use std::net::Ipv4Addr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::client::Client;
use super::over_both;
use super::sshd::{Sshd, free_port};
use crate::model::{FailureKind, TransportChoice};
use crate::transport::{ForwardError, OpenError};

over_both!(
    a_stream_reaches_what_the_host_reaches,
    large_streams_arrive_whole,
    a_refused_stream_is_an_error,
    a_forbidden_stream_is_another,
    a_dropped_stream_closes_the_far_end,
    what_was_written_before_a_stream_was_dropped_arrives,
    a_reverse_forward_brings_connections_here,
    a_forbidden_reverse_forward_is_told_apart,
    a_dropped_reverse_forward_closes_its_port,
);

async fn echo_server() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut read, mut write) = stream.split();
                tokio::io::copy(&mut read, &mut write).await.ok();
            });
        }
    });
    port
}

async fn a_stream_reaches_what_the_host_reaches(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut stream = session.open_stream("127.0.0.1", echo_server().await).await.unwrap();
    stream.write_all(b"ping").await.unwrap();
    let mut answer = [0; 4];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"ping");
    // The end of one direction arrives, and the other one goes on until its own.
    stream.write_all(b" pong").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b" pong");
}

async fn large_streams_arrive_whole(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let port = echo_server().await;
    let data: Vec<u8> = (0..6_u32 << 20).map(|number| (number % 253) as u8).collect();
    let streams = (0..4).map(async |_| {
        let stream = session.open_stream("127.0.0.1", port).await.unwrap();
        let (mut read, mut write) = tokio::io::split(stream);
        let send = async {
            write.write_all(&data).await.unwrap();
            write.shutdown().await.unwrap();
        };
        let mut back = Vec::new();
        tokio::join!(send, async { read.read_to_end(&mut back).await.unwrap() });
        assert!(back == data, "{} bytes came back", back.len());
    });
    let all = futures_util::future::join_all(streams);
    tokio::time::timeout(Duration::from_secs(60), all).await.expect("streams do not block each other");
}

async fn a_refused_stream_is_an_error(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let port = free_port();
    assert_eq!(session.open_stream("127.0.0.1", port).await.unwrap_err(), OpenError::Refused);
}

async fn a_forbidden_stream_is_another(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start("AllowTcpForwarding no"), Client::new());
    let session = client.connect(&sshd, transport).await;
    assert_eq!(session.open_stream("127.0.0.1", 9).await.unwrap_err(), OpenError::Forbidden);
}

async fn a_dropped_stream_closes_the_far_end(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let stream = session.open_stream("127.0.0.1", listener.local_addr().unwrap().port()).await.unwrap();
    let (mut far, _) = listener.accept().await.unwrap();
    drop(stream);
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(10), far.read_to_end(&mut rest)).await;
    // A reset tells of the end as well as a quiet close.
    end.expect("the far end learns of it").ok();
}

async fn what_was_written_before_a_stream_was_dropped_arrives(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut forward = session.reverse_forward().await.unwrap();
    for round in 0..40 {
        let mut there = TcpStream::connect((Ipv4Addr::LOCALHOST, forward.port)).await.unwrap();
        let mut here = forward.accept().await.unwrap();
        // As a server that answers and closes, though its client goes on asking.
        there.write_all(b"one more request").await.unwrap();
        here.write_all(&vec![7; 40_000]).await.unwrap();
        if round % 2 == 0 {
            here.shutdown().await.unwrap();
        }
        drop(here);
        let mut answer = Vec::new();
        let end = tokio::time::timeout(Duration::from_secs(10), there.read_to_end(&mut answer)).await;
        end.expect("it ends").ok();
        assert_eq!(answer.len(), 40_000, "round {round}");
    }
}

async fn a_reverse_forward_brings_connections_here(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut forward = session.reverse_forward().await.unwrap();
    let mut other = session.reverse_forward().await.unwrap();
    assert_ne!(forward.port, other.port);
    for (forward, word) in [(&mut forward, b"one"), (&mut other, b"two")] {
        for _ in 0..3 {
            let mut there = TcpStream::connect((Ipv4Addr::LOCALHOST, forward.port)).await.unwrap();
            let mut here = forward.accept().await.unwrap();
            there.write_all(word).await.unwrap();
            let mut heard = [0; 3];
            here.read_exact(&mut heard).await.unwrap();
            assert_eq!(&heard, word);
            here.write_all(b"answer").await.unwrap();
            here.shutdown().await.unwrap();
            let mut answer = Vec::new();
            there.read_to_end(&mut answer).await.unwrap();
            assert_eq!(answer, b"answer");
        }
    }
}

async fn a_forbidden_reverse_forward_is_told_apart(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start("AllowTcpForwarding local"), Client::new());
    let session = client.connect(&sshd, transport).await;
    let error = session.reverse_forward().await.err().unwrap();
    assert_eq!(error, ForwardError::Forbidden);
    assert_eq!(crate::model::Failure::from(error).kind, FailureKind::Unsupported);
}

async fn a_dropped_reverse_forward_closes_its_port(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let forward = session.reverse_forward().await.unwrap();
    let port = forward.port;
    drop(forward);
    let started = std::time::Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_ok() {
        assert!(started.elapsed() < Duration::from_secs(10), "port {port} stays open");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
