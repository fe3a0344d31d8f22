//! What a hostile user of a VM may try: anybody there can reach the forwarded port.

use hyper::header::HOST;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream};

use super::*;

/// Where a mirror may send the relay: `/debian/to/N` redirects to the Nth.
const REDIRECTS: &[&str] = &[
    "http://127.0.0.1:9/secret",
    "http://localhost:9/secret",
    "//2130706433:9/secret",
    "//0x7f.1:9/secret",
    "//017700000001:9/secret",
    "//0:9/secret",
    "http://[::1]:9/secret",
    "http://[::ffff:7f00:1]:9/secret",
    "http://[64:ff9b::7f00:1]:9/secret",
    "http://[2002:7f00:1::]:9/secret",
    "http://[fe80::1]/secret",
    "http://[fd00:ec2::254]/latest/secret",
    "http://169.254.169.254/latest/secret",
    "http://0251.0376.0251.0376/latest/secret",
    "http://metadata.google.internal/secret",
    "http://10.0.0.1/secret",
    "http://192.168.1.1/secret",
    "http://printer.local/secret",
    "http://203.0.113.1:22/secret",
    "http://a:b@203.0.113.1/secret",
    "file:///etc/secret",
    "ftp://203.0.113.1/secret",
    "gopher://127.0.0.1:9/secret",
    "data:,secret",
    "http://",
    "",
];

/// A mirror that has a secret beside the repository, and notes who gets it.
pub(super) async fn guarded() -> (Mirror, Rig) {
    let mirror = Mirror::start(|request, _| async move {
        let path = request.uri().path();
        match path.strip_prefix("/debian/to/") {
            Some(number) => {
                let location = REDIRECTS[number.parse::<usize>().unwrap()];
                answer(StatusCode::FOUND, "", &[("location", location)])
            }
            None if path == "/debian/ok.deb" => answer(StatusCode::OK, "ok", &[]),
            None => answer(StatusCode::OK, "secret", &[]),
        }
    })
    .await;
    let rig = Rig::new(&mirror);
    (mirror, rig)
}

/// Sends raw bytes and returns all that comes back until the relay hangs up.
pub(super) async fn raw(rig: &Rig, admission: &Admission, bytes: &[u8]) -> String {
    let (near, far) = tokio::io::duplex(1 << 20);
    tokio::spawn(rig.relay.serve(admission, far));
    exchange(near, bytes).await
}

async fn exchange(near: DuplexStream, bytes: &[u8]) -> String {
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
    let redirects = (0..REDIRECTS.len()).map(|number| format!("GET http://{at}/debian/to/{number} HTTP/1.1"));
    let attempts: Vec<String> = attempts.into_iter().chain(redirects).collect();
    let admission = rig.admit("a");
    let token = basic(&format!("run:{}", admission.host.token));
    for attempt in &attempts {
        let host = "Host: deb.os.example";
        let bytes =
            format!("{attempt}\r\n{host}\r\nProxy-Authorization: {token}\r\nConnection: close\r\n\r\n");
        let answer = raw(&rig, &admission, bytes.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 5"), "{attempt}\n{answer}");
        assert!(!answer.ends_with("secret"), "{attempt}\n{answer}");
    }
    let asked = mirror.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(path, _)| path.starts_with("/debian/to/")), "{asked:?}");
}

/// Root on a VM writes what its package sources name, so that these are no leave to go anywhere.
#[tokio::test]
async fn sources_that_name_the_laptop_or_its_network_lead_nowhere() {
    let (mirror, rig) = guarded().await;
    let port = mirror.address.port();
    let hosts = [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "2130706433",
        "127.0.0.1.",
        "127.255.255.254",
        "0",
        "0.0.0.0",
        "localhost",
        "LocalHost.",
        "any.localhost",
        "user:pw@127.0.0.1",
        "%31%32%37.0.0.1",
        "\u{ff11}\u{ff12}\u{ff17}.0.0.1",
        "[::1]",
        "[::]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:7f00:1::]",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fec0::1]",
        "[fd00::1]",
        "[fd00:ec2::254]",
        "[fc00::1]",
        "[ff02::1]",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0xa9fea9fe",
        "168.63.129.16",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "metadata.google.internal",
        "router.lan",
        "nas.home.arpa",
        "printer.local",
    ];
    let options = RelayOptions { cache_dir: Some(rig.cache.path().join("own")), ..RelayOptions::default() };
    let relay = PackageRelay::new(options).unwrap();
    for host in hosts {
        for scheme in ["http", "https"] {
            let source = format!("{scheme}://{host}:{port}/debian");
            let admission =
                relay.admit(&HostId::new("default", "a"), sources(&format!("deb {source} x main").into()));
            let token = basic(&format!("run:{}", admission.host.token));
            // As the source spells it, and as its address is.
            let plain = reqwest::Url::parse(&source).map(|url| url.to_string()).unwrap_or_default();
            for url in [source.as_str(), plain.as_str()] {
                let authority = url.split('/').nth(2).unwrap_or_default();
                for line in
                    [format!("GET {url}/ok.deb"), format!("GET {url}/secret"), format!("CONNECT {authority}")]
                {
                    let bytes = format!(
                        "{line} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {token}\r\nConnection: close\r\n\r\n"
                    );
                    let (near, far) = tokio::io::duplex(1 << 16);
                    tokio::spawn(relay.serve(&admission, far));
                    let answer = exchange(near, bytes.as_bytes()).await;
                    assert!(answer.starts_with("HTTP/1.1 4"), "{source}: {line}\n{answer}");
                }
            }
        }
    }
    assert!(mirror.asked.lock().unwrap().is_empty());
    assert_eq!(relay.counters().upstream_requests, 0);
}

#[tokio::test]
async fn only_the_right_token_counts_and_only_while_the_vm_is_admitted() {
    let (mirror, rig) = guarded().await;
    let (admission, other) = (rig.admit("a"), rig.admit("b"));
    let (mine, foreign) = (admission.host.token.clone(), other.host.token.clone());
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
        assert!(
            answer.starts_with("HTTP/1.1 407 provision: #1 this relay serves only"),
            "{header}\n{answer}"
        );
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
        let sources = sources(&source.as_str().into()).with_own_tls(&[own_tls.into()]);
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
