//! What a hostile user of a VM may do to the connection itself: odd, hidden and endless requests.

use tokio::io::AsyncWriteExt as _;

use super::bypass::{guarded, raw};
use super::*;
use crate::packages::refusal::Refusal;

#[tokio::test]
async fn strange_requests_are_refused_or_cut() {
    let (mirror, rig) = guarded().await;
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.host.token));
    let line = format!(
        "GET {} HTTP/1.1\r\nConnection: close\r\nProxy-Authorization: {token}\r\n",
        mirror.url("secret")
    );
    let huge = "a".repeat(100_000);
    for bytes in [
        format!("{line}X: {huge}\r\n\r\n"),
        format!("{line}{}\r\n", "X: y\r\n".repeat(1000)),
        format!("GET {}{huge} HTTP/1.1\r\nProxy-Authorization: {token}\r\n\r\n", mirror.url("")),
        format!("{line}Content-Length: 5\r\n\r\nhello"),
        format!("{line}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
        format!("{line}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
        format!("{line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
        format!("{line}Proxy-Authorization: {token}\r\n\r\n"),
        format!("{line} folded\r\n\r\n"),
        "\u{16}\u{3}\u{1}".to_owned(),
        "SSH-2.0-x\r\n".to_owned(),
        "\r\n".repeat(50_000),
    ] {
        let answer = raw(&rig, &admission, bytes.as_bytes()).await;
        assert!(!answer.starts_with("HTTP/1.1 2"), "{}\n{answer}", &bytes[..bytes.len().min(300)]);
    }
    assert!(mirror.asked.lock().unwrap().is_empty());
}

#[tokio::test]
async fn one_request_is_no_leave_for_the_next_on_its_connection() {
    let (mirror, rig) = guarded().await;
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.host.token));
    let at = mirror.address;
    let good =
        format!("GET {} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {token}\r\n", mirror.url("ok.deb"));
    let without_token = format!("GET {} HTTP/1.1\r\nHost: x\r\n", mirror.url("secret"));
    let outside = format!(
        "GET http://{at}/secret HTTP/1.1\r\nHost: {at}\r\nProxy-Authorization: {token}\r\nConnection: close\r\n"
    );
    let answer =
        raw(&rig, &admission, format!("{good}\r\n{without_token}\r\n{outside}\r\n").as_bytes()).await;
    let statuses: Vec<_> = answer.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
    assert_eq!(statuses, ["200", "407", "403"], "{answer}");

    // A request hidden in the body of another is never read as one of its own with that one's token.
    let hidden = format!("GET http://{at}/secret HTTP/1.1\r\nHost: x\r\n\r\n");
    for (header, body) in [
        (format!("Content-Length: {}", hidden.len()), hidden.clone()),
        ("Transfer-Encoding: chunked".to_owned(), format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked\r\nContent-Length: 3".to_owned(), format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{hidden}\r\n0\r\n\r\n", hidden.len())),
        ("Transfer-Encoding: xchunked".to_owned(), format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding : chunked".to_owned(), format!("0\r\n\r\n{hidden}")),
        ("Transfer-Encoding: chunked, identity".to_owned(), format!("0\r\n\r\n{hidden}")),
        ("Content-Length: +5".to_owned(), format!("hello{hidden}")),
        ("Content-Length: -1".to_owned(), hidden.clone()),
        ("Content-Length: 0x5".to_owned(), format!("hello{hidden}")),
        ("Content-Length: 5, 5".to_owned(), format!("hello{hidden}")),
        ("Content-Length: 99999999999999999999".to_owned(), hidden.clone()),
    ] {
        let last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        let answer = raw(&rig, &admission, format!("{good}{header}\r\n\r\n{body}{last}").as_bytes()).await;
        assert!(!answer.contains("HTTP/1.1 2") && !answer.ends_with("secret"), "{header}\n{answer}");
    }
    let asked = mirror.asked.lock().unwrap().clone();
    assert_eq!(asked.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["/debian/ok.deb"]);
}

/// Whoever sends slowly is answered, or hung up on, without being waited for.
#[tokio::test]
async fn slow_heads_and_bodies_are_cut() {
    let (mirror, rig) = guarded().await;
    let rig = Rig::with(&mirror, Arc::clone(&rig.cache), |options| {
        options.limits.head = Duration::from_millis(400);
        options.limits.connections = 2;
    });
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.host.token));
    let body =
        format!("POST {} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {token}\r\n", mirror.url("secret"));
    for (head, rest) in [
        ("GET http://".to_owned(), "a"),
        (format!("{body}X: "), "a"),
        (format!("{body}Content-Length: 1000000000\r\n\r\n"), "a"),
        (format!("{body}Transfer-Encoding: chunked\r\n\r\n"), "1\r\na\r\n"),
    ] {
        let (mut near, far) = tokio::io::duplex(1 << 16);
        let served = tokio::spawn(rig.relay.serve(&admission, far));
        near.write_all(head.as_bytes()).await.unwrap();
        let dripping = async {
            while near.write_all(rest.as_bytes()).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let cut = tokio::time::timeout(Duration::from_secs(5), dripping).await;
        assert!(cut.is_ok() && served.await.is_ok(), "{head}");
    }
    assert!(mirror.asked.lock().unwrap().is_empty());
    // Connections that are merely held open take the place of no more than so many.
    let mut vm = rig.vm("b").await;
    let mut held = Vec::new();
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        vm.requests = rig.connect(&vm.admission).await;
        assert_eq!(vm.get(&mirror.url("ok.deb")).await.0, expected);
        held.push(std::mem::replace(&mut vm.requests, rig.connect(&vm.admission).await));
    }
}

#[tokio::test]
async fn limits_hold() {
    let mirror = Mirror::start(|request, _| async move {
        if request.uri().path().ends_with("slow.deb") {
            return with_headers(StatusCode::OK, drip(b"x", 100, Duration::from_millis(50), false), &[]);
        }
        answer(StatusCode::OK, vec![1; 1000], &[])
    })
    .await;
    let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
        options.limits.requests = 2;
        options.limits.served = 1500;
        options.limits.file = 5000;
        options.limits.silence = Duration::from_millis(300);
    });
    let mut vm = rig.vm("a").await;
    let mut others = [rig.connect(&vm.admission).await, rig.connect(&vm.admission).await];
    let slow = vm.request("GET", &mirror.url("slow.deb"), &[]);
    let first = others[0].send_request(slow.clone()).await.unwrap();
    let second = others[1].send_request(slow).await.unwrap();
    assert_eq!(vm.get(&mirror.url("a.deb")).await.0, StatusCode::TOO_MANY_REQUESTS);
    drop((first, second, others));

    let mut vm = rig.vm("b").await;
    assert_eq!(vm.get(&mirror.url("a.deb")).await.1.len(), 1000);
    assert_eq!(vm.get(&mirror.url("b.deb")).await.1.len(), 1000);
    assert_eq!(vm.get(&mirror.url("c.deb")).await.0, StatusCode::TOO_MANY_REQUESTS);

    // One VM's spent limit of downloads is not another's.
    let rig = Rig::with(&mirror, Arc::clone(&rig.cache), |options| options.limits.downloaded = 1000);
    let (mut spent, mut other) = (rig.vm("a").await, rig.vm("b").await);
    assert_eq!(spent.get(&mirror.url("a.deb")).await.1.len(), 1000, "from the cache");
    assert_eq!(spent.get(&mirror.url("d.deb")).await.1.len(), 1000);
    let url = mirror.url("e.deb");
    let ((refused, _), (served, _)) = futures_util::future::join(spent.get(&url), other.get(&url)).await;
    assert_eq!((refused, served), (StatusCode::TOO_MANY_REQUESTS, StatusCode::OK));

    let rig = Rig::with(&mirror, Arc::clone(&rig.cache), |options| options.limits.asked = 2);
    let (mut spent, mut other) = (rig.vm("a").await, rig.vm("b").await);
    let url = mirror.url("a.deb");
    for expected in [StatusCode::OK, StatusCode::OK, StatusCode::TOO_MANY_REQUESTS] {
        assert_eq!(spent.get(&url).await.0, expected);
    }
    assert_eq!(other.get(&url).await.0, StatusCode::OK);

    // Whoever sends nothing, or one byte and then nothing, is hung up on.
    for start in ["", "G"] {
        let (mut near, far) = tokio::io::duplex(1024);
        let served = tokio::spawn(rig.relay.serve(&vm.admission, far));
        near.write_all(start.as_bytes()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn of_many_refusals_the_last_ones_are_remembered() {
    let mirror = Mirror::of(b"", &[]).await;
    let rig = Rig::new(&mirror);
    let admission = rig.admit("a");
    let mut refusals = Vec::new();
    for number in 0..100 {
        let refusal =
            rig.relay.obtain(&admission, &format!("http://x.example/{number:03}"), None, false).await;
        refusals.push(refusal.unwrap_err());
    }
    let is_known = |refusal: &&Refusal| admission.reason(refusal.number).as_ref() == Some(&refusal.reason);
    assert!(is_known(&&refusals[99]));
    let kept = refusals.iter().filter(is_known).count();
    assert_eq!(kept, 16);
}
