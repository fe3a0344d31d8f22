//! What a hostile user of a VM may try: anybody there can reach the forwarded port.

use hyper::header::HOST;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// A mirror that has a secret beside the repository, and notes who gets it.
async fn guarded() -> (Mirror, Rig) {
    let mirror = Mirror::start(|request, _| async move {
        match request.uri().path() {
            "/debian/ok.deb" => answer(StatusCode::OK, "ok", &[]),
            "/debian/to-loopback" => {
                answer(StatusCode::FOUND, "", &[("location", "http://127.0.0.1:9/secret")])
            }
            "/debian/to-name" => answer(StatusCode::FOUND, "", &[("location", "http://localhost:9/secret")]),
            "/debian/to-metadata" => {
                answer(StatusCode::FOUND, "", &[("location", "http://169.254.169.254/latest/secret")])
            }
            "/debian/to-mapped" => {
                answer(StatusCode::FOUND, "", &[("location", "http://[::ffff:7f00:1]:9/secret")])
            }
            "/debian/to-number" => answer(StatusCode::FOUND, "", &[("location", "//2130706433:9/secret")]),
            "/debian/to-file" => answer(StatusCode::FOUND, "", &[("location", "file:///etc/secret")]),
            "/debian/to-user" => {
                answer(StatusCode::FOUND, "", &[("location", "http://a:b@203.0.113.1/secret")])
            }
            _ => answer(StatusCode::OK, "secret", &[]),
        }
    })
    .await;
    let rig = Rig::new(&mirror);
    (mirror, rig)
}

/// Sends raw bytes and returns all that comes back until the relay hangs up.
async fn raw(rig: &Rig, admission: &Admission, bytes: &[u8]) -> String {
    let (near, far) = tokio::io::duplex(1 << 20);
    tokio::spawn(rig.relay.serve(admission, far));
    let (mut from, mut to) = tokio::io::split(near);
    // The relay may hang up before it has read everything.
    let _ = to.write_all(bytes).await;
    let mut answer = Vec::new();
    let hung_up = tokio::time::timeout(Duration::from_secs(1), from.read_to_end(&mut answer)).await;
    assert!(hung_up.is_ok() || answer.is_empty(), "the connection stays open after an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn no_attempt_gets_through() {
    let (mirror, rig) = guarded().await;
    let at = mirror.address;
    let port = at.port();
    let attempts = [
        // Outside of the repository.
        format!("GET http://{at}/secret HTTP/1.1"),
        format!("GET http://{at}/ HTTP/1.1"),
        format!("GET http://{at}/debian HTTP/1.1"),
        format!("GET http://{at}/debian-secret/x HTTP/1.1"),
        format!("GET http://{at}/debian/../secret HTTP/1.1"),
        format!("GET http://{at}/debian/x/../../secret HTTP/1.1"),
        format!("GET http://{at}/debian/%2e%2e/secret HTTP/1.1"),
        format!("GET http://{at}/debian/.%2E/secret HTTP/1.1"),
        format!("GET http://{at}/debian/..%2fsecret HTTP/1.1"),
        format!("GET http://{at}/debian/%252e%252e/secret HTTP/1.1"),
        format!("GET http://{at}/debian/..%5csecret HTTP/1.1"),
        format!("GET http://{at}/debian/..\\secret HTTP/1.1"),
        format!("GET http://{at}/debian//secret HTTP/1.1"),
        format!("GET http://{at}/debian/x?to=secret HTTP/1.1"),
        format!("GET http://{at}/debian/%00secret HTTP/1.1"),
        // Other spellings of the mirror's own address are other names.
        format!("GET http://localhost:{port}/debian/secret HTTP/1.1"),
        format!("GET http://[::1]:{port}/debian/secret HTTP/1.1"),
        format!("GET http://[::ffff:127.0.0.1]:{port}/debian/secret HTTP/1.1"),
        format!("GET http://0.0.0.0:{port}/debian/secret HTTP/1.1"),
        format!("GET http://127.0.0.2:{port}/debian/secret HTTP/1.1"),
        format!("GET http://127.0.0.1.:{port}/debian/../secret HTTP/1.1"),
        "GET http://127.0.0.1/debian/secret HTTP/1.1".to_owned(),
        "GET http://169.254.169.254/latest/secret HTTP/1.1".to_owned(),
        "GET http://10.0.0.1/debian/secret HTTP/1.1".to_owned(),
        "GET http://metadata.google.internal/secret HTTP/1.1".to_owned(),
        // Confusing the URI.
        format!("GET http://user@{at}/debian/secret HTTP/1.1"),
        format!("GET http://{at}@evil.example/debian/secret HTTP/1.1"),
        format!("GET http://evil.example@{at}/secret HTTP/1.1"),
        format!("GET http://evil.example#@{at}/debian/secret HTTP/1.1"),
        format!("GET https://{at}/debian/secret HTTP/1.1"),
        format!("GET ftp://{at}/debian/secret HTTP/1.1"),
        "GET file:///etc/secret HTTP/1.1".to_owned(),
        "GET /secret HTTP/1.1".to_owned(),
        "GET /debian/secret HTTP/1.1".to_owned(),
        "GET * HTTP/1.1".to_owned(),
        format!("GET http://{at}/debian/secret HTTP/0.9"),
        format!("GET http://{at}/debian/secret HTTP/2.0"),
        // Redirects.
        format!("GET http://{at}/debian/to-loopback HTTP/1.1"),
        format!("GET http://{at}/debian/to-name HTTP/1.1"),
        format!("GET http://{at}/debian/to-metadata HTTP/1.1"),
        format!("GET http://{at}/debian/to-mapped HTTP/1.1"),
        format!("GET http://{at}/debian/to-number HTTP/1.1"),
        format!("GET http://{at}/debian/to-file HTTP/1.1"),
        format!("GET http://{at}/debian/to-user HTTP/1.1"),
        // Other methods, and tunnels.
        format!("POST http://{at}/debian/secret HTTP/1.1"),
        format!("PUT http://{at}/debian/secret HTTP/1.1"),
        format!("DELETE http://{at}/debian/secret HTTP/1.1"),
        format!("OPTIONS http://{at}/debian/secret HTTP/1.1"),
        format!("TRACE http://{at}/debian/secret HTTP/1.1"),
        format!("CONNECT {at} HTTP/1.1"),
        "CONNECT 127.0.0.1:22 HTTP/1.1".to_owned(),
        "CONNECT evil.example:443 HTTP/1.1".to_owned(),
        "CONNECT 169.254.169.254:443 HTTP/1.1".to_owned(),
    ];
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.token()));
    for attempt in &attempts {
        let host = "Host: deb.os.example";
        let bytes =
            format!("{attempt}\r\n{host}\r\nProxy-Authorization: {token}\r\nConnection: close\r\n\r\n");
        let answer = raw(&rig, &admission, bytes.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "{attempt}\n{answer}");
        assert!(!answer.ends_with("secret"), "{attempt}\n{answer}");
    }
    let asked = mirror.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(path, _)| path.starts_with("/debian/to-")), "{asked:?}");
}

#[tokio::test]
async fn strange_requests_are_refused_or_cut() {
    let (mirror, rig) = guarded().await;
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.token()));
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
async fn only_the_right_token_counts_and_only_while_the_vm_is_admitted() {
    let (mirror, rig) = guarded().await;
    let (admission, other) = (rig.admit("a"), rig.admit("b"));
    let (mine, foreign) = (admission.token().to_owned(), other.token().to_owned());
    assert_ne!(mine, foreign);
    assert_eq!(admission.proxy_url(3142), format!("http://run:{mine}@127.0.0.1:3142"));
    let ask = |header: String| {
        format!("GET {} HTTP/1.1\r\nHost: x\r\n{header}Connection: close\r\n\r\n", mirror.url("ok.deb"))
    };
    for header in [
        String::new(),
        format!("Authorization: {}\r\n", basic(&format!("run:{mine}"))),
        format!("Proxy-Authorization: {}\r\n", basic(&format!("run:{foreign}"))),
        format!("Proxy-Authorization: {}\r\n", basic(&format!("run:{}", &mine[1..]))),
        format!("Proxy-Authorization: {}\r\n", basic(&format!("other:{mine}"))),
        format!("Proxy-Authorization: {}\r\n", basic("run:")),
        format!("Proxy-Authorization: Bearer {mine}\r\n"),
        "Proxy-Authorization: Basic !!!\r\n".to_owned(),
    ] {
        let answer = raw(&rig, &admission, ask(header.clone()).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 407 provision: this relay serves only"), "{header}\n{answer}");
        assert!(answer.to_ascii_lowercase().contains("proxy-authenticate: basic"), "{answer}");
    }
    assert!(mirror.asked.lock().unwrap().is_empty());
    let right = ask(format!("Proxy-Authorization: {}\r\n", basic(&format!("run:{mine}"))));
    assert!(raw(&rig, &admission, right.as_bytes()).await.ends_with("ok"));

    // What belongs to the run never reaches a mirror, and the Host header is the URI's.
    let (_, headers) = mirror.asked.lock().unwrap()[0].clone();
    assert!(!headers.contains_key("proxy-authorization"));
    assert_eq!(headers[HOST], mirror.address.to_string());

    let (near, far) = tokio::io::duplex(1024);
    let served = tokio::spawn(rig.relay.serve(&admission, far));
    drop(admission);
    served.await.unwrap();
    drop(near);
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

    // Whoever sends nothing, or one byte and then nothing, is hung up on.
    for start in ["", "G"] {
        let (mut near, far) = tokio::io::duplex(1024);
        let served = tokio::spawn(rig.relay.serve(&vm.admission, far));
        near.write_all(start.as_bytes()).await.unwrap();
        tokio::time::timeout(Duration::from_secs(5), served).await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_tunnel_leads_only_to_https_sources_that_need_one() {
    let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = echo.local_addr().unwrap();
    tokio::spawn(async move {
        // A tunnel at a time; one that is cut ends with an error.
        while let Ok((mut stream, _)) = echo.accept().await {
            let (mut from, mut to) = stream.split();
            tokio::io::copy(&mut from, &mut to).await.ok();
        }
    });
    let mirror = Mirror::of(b"", &[]).await;
    for (allowed, source, own_tls, expected) in [
        (true, format!("deb https://{address}/debian x main"), "127.0.0.1", StatusCode::OK),
        (true, format!("deb https://{address}/debian x main"), "any", StatusCode::OK),
        (true, format!("deb https://{address}/debian x main"), "keys.example", StatusCode::FORBIDDEN),
        (false, format!("deb https://{address}/debian x main"), "127.0.0.1", StatusCode::FORBIDDEN),
        (true, format!("deb http://{address}/debian x main"), "127.0.0.1", StatusCode::FORBIDDEN),
        (true, "deb https://other.example/debian x main".to_owned(), "any", StatusCode::FORBIDDEN),
    ] {
        let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
            options.mirrors_allowed = if allowed { vec![address.to_string()] } else { Vec::new() };
        });
        let sources = sources(&source).with_own_tls(&[own_tls.to_owned()]);
        let admission = rig.relay.admit(&HostId::new("default", "a"), sources);
        let requests = rig.connect(&admission).await;
        let mut vm = Vm { admission, requests };
        let response = vm.ask("CONNECT", &address.to_string(), &[]).await;
        assert_eq!(response.status(), expected, "{source} {own_tls}");
        if expected == StatusCode::OK {
            let mut tunnel = TokioIo::new(hyper::upgrade::on(response).await.unwrap());
            tunnel.write_all(b"hello").await.unwrap();
            let mut back = [0; 5];
            tunnel.read_exact(&mut back).await.unwrap();
            assert_eq!(&back, b"hello");
            drop(vm.admission);
            assert_eq!(tunnel.read(&mut back).await.unwrap_or(0), 0, "the tunnel outlived the admission");
        }
    }
}
