//! What well-behaved VMs see.

use std::sync::atomic::{AtomicBool, Ordering};

use hyper::header::{CONTENT_LENGTH, CONTENT_RANGE, IF_NONE_MATCH, RANGE};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::model::Language;

const PIECE: &[u8] = &[7; 1000];

/// 50 pieces, 10 ms apart.
async fn slow_mirror() -> Mirror {
    Mirror::start(|_, _| async {
        with_headers(
            StatusCode::OK,
            drip(PIECE, 50, Duration::from_millis(10), false),
            &[("content-length", "50000")],
        )
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_vms_cost_one_download() {
    let mirror = slow_mirror().await;
    let rig = Rig::new(&mirror);
    let url = mirror.url("pool/a_1_all.deb");
    let mut vms = Vec::new();
    for number in 0..8 {
        vms.push(rig.vm(&format!("web{number}")).await);
    }
    let all = vms.iter_mut().map(|vm| vm.get(&url));
    for (status, body) in futures_util::future::join_all(all).await {
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body, PIECE.repeat(50));
    }
    assert_eq!(mirror.count("pool/a_1_all.deb"), 1);
    rig.settle().await;
    // And the next VM costs none.
    assert_eq!(rig.vm("late").await.get(&url).await.1.len(), 50_000);
    assert_eq!(mirror.count("pool/a_1_all.deb"), 1);

    let counters = rig.relay.counters();
    assert_eq!((counters.downloaded_bytes, counters.served_bytes), (50_000, 9 * 50_000));
    assert_eq!((counters.upstream_requests, counters.files, counters.hosts), (1, 9, 9));
    assert_eq!(rig.relay.take_notes(), []);
}

#[tokio::test]
async fn a_follower_is_fed_while_the_file_arrives_and_may_leave() {
    let mirror = slow_mirror().await;
    let rig = Rig::new(&mirror);
    let url = mirror.url("pool/a_1_all.deb");
    let (mut first, mut second, mut third) = (rig.vm("a").await, rig.vm("b").await, rig.vm("c").await);
    let mut leaving = first.ask("GET", &url, &[]).await.into_body();
    let mut following = second.ask("GET", &url, &[]).await.into_body();
    leaving.frame().await.unwrap().unwrap();
    let early = following.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(!early.is_empty() && early.len() < 50_000, "{} bytes came at once", early.len());

    // A range of what is still to come is served when it has come.
    let response = third.ask("GET", &url, &[("range", "bytes=49990-")]).await;
    assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes().len(), 10);

    drop((leaving, first));
    let rest = following.collect().await.unwrap().to_bytes();
    assert_eq!(early.len() + rest.len(), 50_000);
    assert_eq!(mirror.count("pool/a_1_all.deb"), 1);
}

#[tokio::test]
async fn a_download_that_nobody_wants_any_more_ends() {
    let mirror = Mirror::start(|_, _| async {
        let body = drip(PIECE, 1_000_000, Duration::from_millis(5), false);
        with_headers(StatusCode::OK, body, &[("content-length", "1000000000")])
    })
    .await;
    let rig = Rig::new(&mirror);
    let url = mirror.url("pool/huge.deb");
    let (mut first, mut second) = (rig.vm("a").await, rig.vm("b").await);
    let mut one = first.ask("GET", &url, &[]).await.into_body();
    let mut two = second.ask("GET", &url, &[]).await.into_body();
    one.frame().await.unwrap().unwrap();
    drop((one, first));
    two.frame().await.unwrap().unwrap();
    assert!(!rig.relay.shared.flights.lock().unwrap().is_empty());
    drop((two, second));
    rig.settle().await;
    assert_eq!(rig.relay.take_notes(), []);
    // Nothing is left of it, and who comes later gets it anew.
    assert_eq!(std::fs::read_dir(rig.cache.path().join("packages")).unwrap().count(), 0);
    rig.vm("c").await.ask("GET", &url, &[]).await.into_body().frame().await.unwrap().unwrap();
    assert_eq!(mirror.count("pool/huge.deb"), 2);
}

#[tokio::test]
async fn an_index_is_asked_for_once_in_a_run_and_revalidated_in_the_next() {
    let mirror = Mirror::start(|request, _| async move {
        let headers = [("etag", "\"v1\""), ("cache-control", "max-age=0")];
        let known = request.headers().get(IF_NONE_MATCH).is_some_and(|tag| tag == "\"v1\"");
        // Many servers leave the validator out of a 304.
        if known {
            answer(StatusCode::NOT_MODIFIED, "", &headers[1..])
        } else {
            answer(StatusCode::OK, "index", &headers)
        }
    })
    .await;
    let rig = Rig::new(&mirror);
    let (path, url) = ("dists/x/InRelease", mirror.url("dists/x/InRelease"));
    assert_eq!(rig.vm("a").await.get(&url).await.1, "index");
    rig.settle().await;
    let mut vm = rig.vm("b").await;
    let response = vm.ask("GET", &url, &[("cache-control", "max-age=0")]).await;
    assert_eq!(response.headers()["etag"], "\"v1\"");
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "index");
    assert_eq!(mirror.count(path), 1);

    for asked in 2..4 {
        let next = Rig::with(&mirror, Arc::clone(&rig.cache), |_| {});
        assert_eq!(next.vm("a").await.get(&url).await, (StatusCode::OK, Bytes::from("index")));
        next.settle().await;
        assert_eq!(mirror.count(path), asked);
        assert_eq!(next.relay.counters().downloaded_bytes, 0, "304 was not understood");
    }
}

#[tokio::test]
async fn an_index_without_validators_is_fetched_again_and_a_package_never() {
    let mirror =
        Mirror::start(|_, before| async move { answer(StatusCode::OK, format!("v{before}"), &[]) }).await;
    let (index, package) = (mirror.url("dists/x/InRelease"), mirror.url("pool/a.deb"));
    let cache = Arc::new(tempfile::tempdir().unwrap());
    for run in 0..3 {
        let rig = Rig::with(&mirror, Arc::clone(&cache), |_| {});
        let mut vm = rig.vm("a").await;
        assert_eq!(vm.get(&index).await.1, format!("v{run}"));
        assert_eq!(vm.get(&package).await.1, "v0");
        rig.settle().await;
    }
    // Told to distrust caches, apt gets what the mirror has, and so does everybody after.
    let rig = Rig::with(&mirror, Arc::clone(&cache), |_| {});
    let mut vm = rig.vm("a").await;
    let fresh = vm.ask("GET", &package, &[("cache-control", "no-cache")]).await;
    assert_eq!(fresh.into_body().collect().await.unwrap().to_bytes(), "v1");
    rig.settle().await;
    assert_eq!(vm.get(&package).await.1, "v1");
}

#[tokio::test]
async fn fresh_by_the_http_rules_needs_no_mirror() {
    let mirror = Mirror::of(b"index", &[("cache-control", "public, max-age=600")]).await;
    let cache = Arc::new(tempfile::tempdir().unwrap());
    for _ in 0..2 {
        let rig = Rig::with(&mirror, Arc::clone(&cache), |_| {});
        assert_eq!(rig.vm("a").await.get(&mirror.url("dists/x/InRelease")).await.1, "index");
        rig.settle().await;
    }
    assert_eq!(mirror.count("dists/x/InRelease"), 1);
}

#[tokio::test]
async fn ranges_conditions_and_heads() {
    const DAY: &str = "Sat, 10 Feb 2024 11:00:00 GMT";
    let mirror =
        Mirror::of(b"0123456789", &[("last-modified", DAY), ("content-type", "application/x-deb")]).await;
    let rig = Rig::new(&mirror);
    let url = mirror.url("pool/a.deb");
    let mut vm = rig.vm("a").await;

    let head = vm.ask("HEAD", &url, &[]).await;
    assert_eq!(head.headers()[CONTENT_LENGTH], "10");
    assert_eq!(head.headers()["content-type"], "application/x-deb");
    assert!(head.into_body().collect().await.unwrap().to_bytes().is_empty());

    for headers in [&[("range", "bytes=4-")][..], &[("range", "bytes=4-"), ("if-range", DAY)]] {
        let part = vm.ask("GET", &url, headers).await;
        assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(part.headers()[CONTENT_RANGE], "bytes 4-9/10");
        assert_eq!(part.into_body().collect().await.unwrap().to_bytes(), "456789");
    }
    let past = vm.ask("GET", &url, &[("range", "bytes=10-")]).await;
    assert_eq!(past.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(past.headers()[CONTENT_RANGE], "bytes */10");
    assert_eq!(vm.ask("GET", &url, &[("if-modified-since", DAY)]).await.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(mirror.count("pool/a.deb"), 1);
}

#[tokio::test]
async fn a_broken_download_goes_on_where_it_broke_or_is_not_kept() {
    let whole = |fails: bool| {
        move |request: Request<Incoming>, before: usize| async move {
            let headers = [("etag", "\"v1\""), ("content-length", "5000")];
            match request.headers().get(RANGE).map(|range| range.to_str().unwrap().to_owned()) {
                Some(range) if !fails => {
                    let from: usize =
                        range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap().parse().unwrap();
                    let content_range = format!("bytes {from}-4999/5000");
                    let body = vec![7; 5000 - from];
                    answer(StatusCode::PARTIAL_CONTENT, body, &[("content-range", &content_range)])
                }
                _ if fails && before > 3 => answer(StatusCode::OK, vec![7; 5000], &headers),
                _ => with_headers(StatusCode::OK, drip(PIECE, 2, Duration::ZERO, true), &headers),
            }
        }
    };
    let mirror = Mirror::start(whole(false)).await;
    let rig = Rig::new(&mirror);
    assert_eq!(rig.vm("a").await.get(&mirror.url("pool/a.deb")).await.1, vec![7; 5000]);
    assert_eq!(mirror.count("pool/a.deb"), 2);

    let mirror = Mirror::start(whole(true)).await;
    let rig = Rig::new(&mirror);
    let response = rig.vm("a").await.ask("GET", &mirror.url("pool/a.deb"), &[]).await;
    assert!(response.into_body().collect().await.is_err(), "half a file was served as a whole one");
    rig.settle().await;
    assert!(rig.relay.take_notes()[0].english().contains("was not downloaded"));
    assert_eq!(super::super::list(&rig.cache.path().join("packages")).unwrap(), []);
}

#[tokio::test]
async fn a_cut_uplink_leaves_what_the_cache_has() {
    let up = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&up);
    let mirror = Mirror::start(move |_, _| {
        let status = if switch.load(Ordering::SeqCst) { StatusCode::OK } else { StatusCode::BAD_GATEWAY };
        async move { answer(status, "index", &[]) }
    })
    .await;
    let (index, other) = (mirror.url("dists/x/InRelease"), mirror.url("dists/y/InRelease"));
    let rig = Rig::new(&mirror);
    rig.vm("a").await.get(&index).await;
    rig.settle().await;
    up.store(false, Ordering::SeqCst);
    let next = Rig::with(&mirror, Arc::clone(&rig.cache), |_| {});
    let mut vm = next.vm("a").await;
    assert_eq!(vm.get(&index).await, (StatusCode::OK, Bytes::from("index")));
    assert!(next.relay.take_notes()[0].english().contains("the cache's copies are served"));
    let (status, body) = vm.get(&other).await;
    assert_eq!(status, StatusCode::BAD_GATEWAY);
    assert_eq!(body, format!("provision: #1 {} answered 502 Bad Gateway\n", mirror.address));
}

#[tokio::test]
async fn a_mirror_that_is_gone_is_a_clear_error() {
    let mirror = Mirror::of(b"", &[]).await;
    let gone = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
        options.mirrors_allowed = vec![gone.to_string()];
    });
    let admission = rig.relay.admit(&HostId::new("default", "a"), sources(&format!("http://{gone}/").into()));
    let requests = rig.connect(&admission).await;
    let mut vm = Vm { admission, requests };
    let response = vm.ask("GET", &format!("http://{gone}/a.deb"), &[]).await;
    let reason = response.extensions().get::<hyper::ext::ReasonPhrase>().unwrap().as_bytes().to_vec();
    let reason = String::from_utf8(reason).unwrap();
    assert!(
        reason.starts_with(&format!("provision: #1 the laptop does not reach {gone}: Connection refused")),
        "{reason}"
    );
    assert_eq!(rig.relay.take_notes().len(), 1);
    let pt = vm.admission.reason(1).unwrap().words(Language::Portuguese).to_owned();
    assert!(pt.starts_with(&format!("o notebook não alcança {gone}: Connection refused")), "{pt}");
    assert_eq!(rig.admit("b").reason(1), None, "another VM was not told so");
}

#[tokio::test]
async fn a_mirror_that_drips_is_given_up() {
    let mirror = Mirror::start(|_, _| async {
        let body = drip(b"x", 1000, Duration::from_millis(20), false);
        with_headers(StatusCode::OK, body, &[("content-length", "1000")])
    })
    .await;
    let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
        options.limits.pace = (100, Duration::from_millis(400));
    });
    let response = rig.vm("a").await.ask("GET", &mirror.url("pool/a.deb"), &[]).await;
    let whole = tokio::time::timeout(Duration::from_secs(10), response.into_body().collect()).await.unwrap();
    assert!(whole.is_err(), "half a file was served as a whole one");
    rig.settle().await;
    let expected =
        format!("{} was not downloaded: {} is far too slow", mirror.url("pool/a.deb"), mirror.address);
    assert_eq!(rig.relay.take_notes()[0].english(), expected);
    assert_eq!(mirror.count("pool/a.deb"), 1);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_refused_like_one_that_never_came() {
    let mirror = Mirror::start(|_, _| async {
        let body = drip(PIECE, 2, Duration::ZERO, true);
        with_headers(StatusCode::OK, body, &[("content-length", "50000")])
    })
    .await;
    let rig = Rig::new(&mirror);
    let admission = rig.admit("a");
    let found = rig.relay.obtain(&admission, &mirror.url("pool/a.deb"), None, false).await;
    let mut bytes = found.unwrap().begin();
    let refusal = loop {
        match bytes.next().await {
            Ok(piece) => assert!(!piece.is_empty()),
            Err(refusal) => break refusal.line(),
        }
    };
    assert!(refusal.starts_with("502 provision: #1 the laptop does not reach"), "{refusal}");
    let told = admission.reason(1).unwrap();
    assert!(told.words(Language::Portuguese).starts_with("o notebook não alcança"), "{told:?}");
}

#[tokio::test]
async fn a_mirror_on_the_campus_may_have_an_ipv6_address() {
    let mirror =
        Mirror::start_on(Ipv6Addr::LOCALHOST.into(), |_, _| async { answer(StatusCode::OK, "six", &[]) })
            .await;
    for allowed in [format!("[::1]:{}", mirror.address.port()), mirror.url("")] {
        let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
            options.mirrors_allowed = vec![allowed.clone()];
        });
        let asked = mirror.url("a.deb").replace("[::1]", "[0:0::0:1]");
        assert_eq!(rig.vm("a").await.get(&asked).await, (StatusCode::OK, Bytes::from("six")), "{allowed}");
    }
}

#[tokio::test]
async fn missing_files_and_redirects() {
    let mirror = Mirror::start(|request, _| async move {
        match request.uri().path() {
            "/debian/moved.deb" => answer(StatusCode::FOUND, "", &[("location", "pool/there.deb")]),
            "/debian/round.deb" => answer(StatusCode::FOUND, "", &[("location", "round.deb")]),
            "/debian/pool/there.deb" => answer(StatusCode::OK, "there", &[]),
            _ => answer(StatusCode::NOT_FOUND, "some page", &[]),
        }
    })
    .await;
    let rig = Rig::new(&mirror);
    let mut vm = rig.vm("a").await;
    assert_eq!(vm.get(&mirror.url("moved.deb")).await, (StatusCode::OK, Bytes::from("there")));
    assert_eq!(vm.get(&mirror.url("round.deb")).await.0, StatusCode::BAD_GATEWAY);
    let (status, body) = vm.get(&mirror.url("gone.deb")).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(body, format!("provision: #2 {} answered 404 Not Found\n", mirror.address));
}

#[tokio::test]
async fn ten_pipelined_requests_are_answered_in_order() {
    let mirror = Mirror::start(|request, _| async move {
        answer(StatusCode::OK, request.uri().path().rsplit('/').next().unwrap().to_owned(), &[])
    })
    .await;
    let rig = Rig::new(&mirror);
    let admission = rig.admit("a");
    let (mut near, far) = tokio::io::duplex(1024);
    let served = tokio::spawn(rig.relay.serve(&admission, far));
    let token = basic(&format!("run:{}", admission.host.token));
    let request = |n: usize| {
        let url = mirror.url(&format!("file{n}.deb"));
        format!("GET {url} HTTP/1.1\r\nHost: x\r\nProxy-Authorization: {token}\r\n\r\n")
    };
    let requests = (0..10).map(request).collect::<Vec<_>>().concat();
    let mut answers = String::new();
    let (mut from, mut to) = tokio::io::split(&mut near);
    let reading = async {
        while !answers.contains("file9.deb") {
            answers.push(char::from(from.read_u8().await.unwrap()));
        }
    };
    futures_util::future::join(reading, async { to.write_all(requests.as_bytes()).await.unwrap() }).await;
    let order: Vec<usize> = (0..10).map(|n| answers.find(&format!("file{n}.deb")).unwrap()).collect();
    assert!(order.is_sorted(), "{order:?}");
    drop(near);
    served.await.unwrap();
}

#[tokio::test]
async fn a_large_file_passes_a_slow_reader_in_constant_memory() {
    // Far more than the connection's buffer: the relay has to hold it on disk, not in memory.
    static PIECE: [u8; 256 * 1024] = [9; 256 * 1024];
    let mirror = Mirror::start(|_, _| async {
        let length = (PIECE.len() * 64).to_string();
        with_headers(StatusCode::OK, drip(&PIECE, 64, Duration::ZERO, false), &[("content-length", &length)])
    })
    .await;
    let rig = Rig::new(&mirror);
    let mut vm = rig.vm("a").await;
    let mut body = vm.ask("GET", &mirror.url("pool/large.deb"), &[]).await.into_body();
    rig.settle().await;
    let mut received = 0;
    while let Some(frame) = body.frame().await {
        let data = frame.unwrap().into_data().unwrap();
        assert!(data.len() <= 256 * 1024 && data.iter().all(|&byte| byte == 9));
        received += data.len();
    }
    assert_eq!(received, 16 << 20);
}
