//! Commands: input, output, ends.

use std::time::{Duration, Instant};

use super::client::{Client, finish, run};
use super::over_both;
use super::sshd::Sshd;
use crate::model::TransportChoice;
use crate::transport::{Exit, Output};

over_both!(
    input_and_both_outputs_arrive,
    output_streams_while_the_command_runs,
    large_output_both_ways_does_not_block,
    a_slow_reader_loses_nothing,
    ends_are_told_apart,
    input_stays_open_until_closed,
    input_can_follow_what_the_command_says,
    a_writer_waits_for_the_host_and_learns_of_the_end,
    a_lost_connection_is_no_exit_status,
    a_dropped_execution_leaves_nothing_running,
    a_daemon_left_behind_does_not_hold_the_end,
    more_commands_than_sshd_allows_wait,
    closing_ends_the_connection,
);

async fn input_and_both_outputs_arrive(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let finished = run(&session, "cat; echo trouble >&2; printf '\\377'", b"hello\n").await;
    assert_eq!(finished.stdout, b"hello\n\xff");
    assert_eq!(finished.stderr, b"trouble\n");
    assert_eq!(finished.exit, Some(Exit::Code(0)));
    session.close().await;
}

async fn output_streams_while_the_command_runs(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut execution = session.exec("echo first; read line; echo \"$line\"", Vec::new()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("first\n".into())));
    execution.close_input();
    assert_eq!(execution.next().await, Some(Output::Stdout("\n".into())));
    assert_eq!(execution.next().await, Some(Output::Exit(Exit::Code(0))));
    assert_eq!(execution.next().await, None);
}

async fn large_output_both_ways_does_not_block(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let input: Vec<u8> = (0..24_u32 << 20).map(|number| (number % 251) as u8).collect();
    let finished = run(&session, "tee /dev/stderr", &input).await;
    assert_eq!(finished.exit, Some(Exit::Code(0)));
    assert!(finished.stdout == input, "{} bytes came back", finished.stdout.len());
    assert!(finished.stderr == input, "{} bytes came back as errors", finished.stderr.len());
}

async fn a_slow_reader_loses_nothing(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let execution = session.exec("head -c 9000000 /dev/zero", Vec::new()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    let finished = finish(execution).await;
    assert_eq!((finished.stdout.len(), finished.exit), (9_000_000, Some(Exit::Code(0))));
}

async fn ends_are_told_apart(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    for (command, expected) in
        [("true", 0), ("exit 7", 7), ("exit 127", 127), ("exit 255", 255), ("no-such-thing", 127)]
    {
        assert_eq!(run(&session, command, b"").await.exit, Some(Exit::Code(expected)), "{command}");
    }
    let finished = run(&session, "kill -KILL $$", b"").await;
    // The control protocol of the ssh program does not tell which signal it was.
    let name = if transport == TransportChoice::Russh { "KILL" } else { "unknown" };
    assert_eq!(finished.exit, Some(Exit::Signal(name.to_owned())));
}

async fn input_stays_open_until_closed(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut execution = session.exec("cat; echo closed", b"open\n".to_vec()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("open\n".into())));
    let more = tokio::time::timeout(Duration::from_millis(300), execution.next()).await;
    assert!(more.is_err(), "{more:?}");
    execution.close_input();
    assert_eq!(execution.next().await, Some(Output::Stdout("closed\n".into())));
}

async fn input_can_follow_what_the_command_says(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let command =
        "read first; echo \"$first\"; dd bs=3000000 count=1 iflag=fullblock 2>/dev/null | sha256sum; cat";
    let mut execution = session.exec(command, b"begun\n".to_vec()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("begun\n".into())));
    let input = execution.input();
    let body: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    for piece in body.chunks(100_000) {
        input.write(piece.to_vec()).await.unwrap();
    }
    let sum = format!("{}  -\n", crate::model::sha256(&body));
    assert_eq!(execution.next().await, Some(Output::Stdout(sum.into())));
    input.write("the end\n").await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("the end\n".into())));
    execution.close_input();
    assert_eq!(execution.next().await, Some(Output::Exit(Exit::Code(0))));
}

async fn a_writer_waits_for_the_host_and_learns_of_the_end(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut execution = session.exec("echo up; exec sleep 1", Vec::new()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("up\n".into())));
    let input = execution.input();
    let written = tokio::time::timeout(Duration::from_secs(30), async {
        let mut written = 0;
        while input.write(vec![b'x'; 1 << 20]).await.is_ok() {
            written += 1;
        }
        written
    });
    let (written, end) = tokio::join!(written, execution.next());
    assert!(written.unwrap() < 16, "what nobody reads must not pile up here");
    assert_eq!(end, Some(Output::Exit(Exit::Code(0))));
}

async fn a_lost_connection_is_no_exit_status(transport: TransportChoice) {
    let (mut sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let mut execution = session.exec("echo started; exec sleep 61.5", Vec::new()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("started\n".into())));
    sshd.kill();
    let finished = finish(execution).await;
    assert!(matches!(finished.exit, Some(Exit::Lost(_))), "{finished:?}");
    assert!(session.is_closed());
    assert_eq!(session.exec("true", Vec::new()).await.unwrap_err().kind, crate::model::FailureKind::Lost);
}

async fn a_dropped_execution_leaves_nothing_running(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let marker = format!("{}.{}", 3000 + sshd.port, sshd.port);
    let command = format!(
        "setsid -w sh -c 'exec 3<&0; (cat <&3 >/dev/null; kill -TERM 0) & echo up; sleep {marker} 3<&-'"
    );
    let mut execution = session.exec(&command, Vec::new()).await.unwrap();
    assert_eq!(execution.next().await, Some(Output::Stdout("up\n".into())));
    await_processes(&marker, true).await;
    drop(execution);
    await_processes(&marker, false).await;
    assert_eq!(run(&session, "echo alive", b"").await.stdout, b"alive\n");
}

/// Waits until a process with this argument is there, or is not.
async fn await_processes(argument: &str, wanted: bool) {
    let started = Instant::now();
    loop {
        let there = std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            command.split(|byte| *byte == 0).eq(["sleep", argument, ""].map(str::as_bytes))
        });
        if there == wanted {
            return;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "`sleep {argument}` is there: {there}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn a_daemon_left_behind_does_not_hold_the_end(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    let started = Instant::now();
    let finished = run(&session, "sleep 60 & echo done", b"").await;
    assert_eq!((finished.stdout.as_slice(), finished.exit), (&b"done\n"[..], Some(Exit::Code(0))));
    assert!(started.elapsed() < Duration::from_secs(20));
}

async fn more_commands_than_sshd_allows_wait(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let connection = client.to(&sshd, transport);
    let sessions = [client.session(&connection, &sshd).await, client.session(&connection, &sshd).await];
    let runs = sessions.iter().flat_map(|session| (0..13).map(move |number| (session, number)));
    let all = futures_util::future::join_all(runs.map(async |(session, number)| {
        let finished = run(session, &format!("sleep 0.2; echo {number}"), b"").await;
        assert_eq!(finished.stdout, format!("{number}\n").into_bytes());
        assert_eq!(finished.exit, Some(Exit::Code(0)));
    }));
    assert_eq!(all.await.len(), 26);
}

async fn closing_ends_the_connection(transport: TransportChoice) {
    let (sshd, client) = (Sshd::start(""), Client::new());
    let session = client.connect(&sshd, transport).await;
    session.close().await;
    let session = client.connect(&sshd, transport).await;
    drop(session);
    let started = Instant::now();
    while connections(sshd.port) > 0 {
        assert!(
            started.elapsed() < Duration::from_secs(10),
            "{} connections are left",
            connections(sshd.port)
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Established TCP connections to a port of this machine.
fn connections(port: u16) -> usize {
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let local = format!(":{port:04X}");
    table
        .lines()
        .filter(|line| {
            let mut fields = line.split_whitespace().skip(1);
            fields.next().is_some_and(|address| address.ends_with(&local)) && fields.nth(1) == Some("01")
        })
        .count()
}
