//! What a host may do to the others that use the relay.

use super::*;

#[tokio::test]
async fn a_mirror_without_https_is_not_down_for_those_that_ask_by_http() {
    let mirror = Mirror::of(b"package", &[]).await;
    let rig = Rig::new(&mirror);
    let secure = mirror.url("").replace("http:", "https:");
    let admission = rig.relay.admit(&HostId::new("default", "a"), sources(&secure.as_str().into()));
    let requests = rig.connect(&admission).await;
    let mut hostile = Vm { admission, requests };
    assert_eq!(hostile.get(&format!("{secure}a.deb")).await.0, StatusCode::BAD_GATEWAY);
    assert_eq!(rig.vm("b").await.get(&mirror.url("a.deb")).await.0, StatusCode::OK);
}

/// Each request for a file of its own, whose client leaves as soon as the file begins to come.
#[tokio::test]
async fn downloads_that_nobody_waits_for_are_few() {
    let mirror = Mirror::start(|_, _| async {
        let body = drip(&[7; 1000], 1000, Duration::from_millis(20), false);
        with_headers(StatusCode::OK, body, &[("content-length", "1000000")])
    })
    .await;
    let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
        options.limits.downloads = 8;
    });
    let hostile = rig.vm("a").await;
    for number in 0..100 {
        let mut requests = rig.connect(&hostile.admission).await;
        let request = hostile.request("GET", &mirror.url(&format!("{number}.deb")), &[]);
        let mut body = requests.send_request(request).await.unwrap().into_body();
        let _ = body.frame().await;
        assert!(rig.relay.shared.flights.lock().unwrap().len() <= 8, "{number}");
        assert!(descriptors(&rig) <= 8, "{number}");
    }
    // Others are served meanwhile, and so is the host itself once it has let go.
    assert_eq!(rig.vm("b").await.ask("GET", &mirror.url("b.deb"), &[]).await.status(), StatusCode::OK);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let begun = rig.relay.obtain(&hostile.admission, &mirror.url("a.deb"), None, false).await;
    assert!(begun.is_ok(), "{begun:?}");
    assert!(rig.relay.shared.flights.lock().unwrap().len() <= 6);
}

/// How many descriptors this process has of files in the cache.
fn descriptors(rig: &Rig) -> usize {
    let open = std::fs::read_dir("/proc/self/fd").unwrap().filter_map(Result::ok);
    open.filter_map(|file| std::fs::read_link(file.path()).ok())
        .filter(|path| path.starts_with(rig.cache.path()))
        .count()
}

/// Anybody on a host reaches the forwarded port, and may hold connections open without a word.
#[tokio::test]
async fn whoever_has_no_token_takes_no_place_of_those_that_have() {
    let mirror = Mirror::of(b"package", &[]).await;
    let rig = Rig::with(&mirror, Arc::new(tempfile::tempdir().unwrap()), |options| {
        options.limits.connections = 2;
        options.limits.strangers = 4;
    });
    let mut early = rig.vm("a").await;
    assert_eq!(early.get(&mirror.url("a.deb")).await.0, StatusCode::OK);
    let mut idle = Vec::new();
    for _ in 0..60 {
        let (near, far) = tokio::io::duplex(1024);
        idle.push((near, tokio::spawn(rig.relay.serve(&early.admission, far))));
    }
    let mut requests = rig.connect(&early.admission).await;
    let late = requests.send_request(early.request("GET", &mirror.url("a.deb"), &[])).await.unwrap();
    assert_eq!(late.status(), StatusCode::OK);
    assert_eq!(early.get(&mirror.url("a.deb")).await.0, StatusCode::OK);
    // The oldest were hung up on.
    tokio::task::yield_now().await;
    let ended: Vec<bool> = idle.iter().map(|(_, served)| served.is_finished()).collect();
    assert_eq!(ended.iter().filter(|ended| !**ended).count(), 3);
    assert_eq!(ended[57..], [false; 3]);
}
