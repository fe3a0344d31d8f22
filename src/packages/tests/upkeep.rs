//! The cache folder over time.

use std::fs;
use std::time::SystemTime;

use super::super::{clean, list};
use super::*;

async fn filled(mirror: &Mirror, names: &[&str]) -> Rig {
    let rig = Rig::new(mirror);
    let mut vm = rig.vm("a").await;
    for name in names {
        vm.get(&mirror.url(name)).await;
    }
    rig.settle().await;
    rig
}

fn data_file(rig: &Rig) -> std::path::PathBuf {
    let files = fs::read_dir(rig.cache.path().join("packages")).unwrap();
    files.map(|file| file.unwrap().path()).find(|path| path.extension().unwrap() == "data").unwrap()
}

#[tokio::test]
async fn a_damaged_file_is_never_served() {
    let mirror = Mirror::of(b"package", &[]).await;
    for damage in [&b"pack"[..], b"package and more", b"PACKAGE", b""] {
        let rig = filled(&mirror, &["a.deb"]).await;
        let before = mirror.count("a.deb");
        fs::write(data_file(&rig), damage).unwrap();
        let next = Rig::with(&mirror, Arc::clone(&rig.cache), |_| {});
        assert_eq!(next.vm("a").await.get(&mirror.url("a.deb")).await.1, "package");
        assert_eq!(mirror.count("a.deb"), before + 1);
    }
}

#[tokio::test]
async fn a_file_altered_by_hand_is_not_served_even_by_the_run_that_fetched_it() {
    let mirror = Mirror::of(b"package", &[]).await;
    let rig = filled(&mirror, &["a.deb"]).await;
    let file = fs::File::options().write(true).open(data_file(&rig)).unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"PACKAGE", 0).unwrap();
    file.set_modified(before).unwrap();
    assert_eq!(rig.vm("b").await.get(&mirror.url("a.deb")).await.1, "package");
    assert_eq!(mirror.count("a.deb"), 2);
}

/// Two runs of the tool at once, each with a relay of its own over one folder.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_runs_share_a_folder() {
    let mirror =
        Mirror::start(
            |_, before| async move { answer(StatusCode::OK, format!("v{before}").repeat(10_000), &[]) },
        )
        .await;
    let cache = Arc::new(tempfile::tempdir().unwrap());
    let rigs = [(); 2].map(|()| Rig::with(&mirror, Arc::clone(&cache), |_| {}));
    for round in 0..20 {
        let index = mirror.url(&format!("dists/{round}/InRelease"));
        let (mut one, mut two) = (rigs[0].vm("a").await, rigs[1].vm("b").await);
        let no_cache = [("cache-control", "no-cache")];
        // Both replace the same file at the same moment, with another content.
        let both =
            futures_util::future::join(one.ask("GET", &index, &no_cache), two.ask("GET", &index, &no_cache));
        let (first, second) = both.await;
        for response in [first, second] {
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert!(body == "v0".repeat(10_000) || body == "v1".repeat(10_000));
        }
        for rig in &rigs {
            rig.settle().await;
            let (status, body) = rig.vm("c").await.get(&index).await;
            assert_eq!(status, StatusCode::OK);
            let version = String::from_utf8(body[..2].to_vec()).unwrap();
            assert_eq!(body, version.repeat(10_000), "two versions were mixed");
        }
    }
    // A file that one run drops, or the user cleans away, is fetched again by the other.
    let package = mirror.url("a.deb");
    assert_eq!(rigs[0].vm("a").await.get(&package).await.0, StatusCode::OK);
    rigs[0].settle().await;
    assert_eq!(rigs[1].vm("b").await.get(&package).await.0, StatusCode::OK);
    assert_eq!(mirror.count("a.deb"), 1);
    clean(&cache.path().join("packages")).unwrap();
    assert_eq!(rigs[1].vm("b").await.get(&package).await.0, StatusCode::OK);
    assert_eq!(mirror.count("a.deb"), 2);
}

#[tokio::test]
async fn what_a_killed_run_left_goes_when_it_is_old() {
    let mirror = Mirror::of(b"package", &[]).await;
    let rig = filled(&mirror, &["a.deb"]).await;
    let folder = rig.cache.path().join("packages");
    let (old, new) = (folder.join(".tmpold.part"), folder.join(".tmpnew.part"));
    for (path, hours) in [(&old, 25), (&new, 23)] {
        fs::write(path, "half a file").unwrap();
        let time = SystemTime::now() - Duration::from_secs(hours * 3600);
        fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
    }
    let next = Rig::with(&mirror, Arc::clone(&rig.cache), |_| {});
    assert!(!old.exists() && new.exists(), "another run may still be writing it");
    assert_eq!(next.vm("a").await.get(&mirror.url("a.deb")).await.1, "package");
}

#[tokio::test]
async fn a_file_that_is_not_what_its_name_promises_is_not_kept() {
    let mirror = Mirror::of(b"tampered", &[]).await;
    let name = format!("dists/x/main/by-hash/SHA256/{}", "ab".repeat(32));
    let rig = filled(&mirror, &[&name]).await;
    assert_eq!(list(&rig.cache.path().join("packages")).unwrap(), []);
    assert!(rig.relay.take_notes()[0].english().contains("not what its name promises"));
}

#[tokio::test]
async fn what_apt_found_to_be_bad_is_gone() {
    let mirror =
        Mirror::start(|_, before| async move { answer(StatusCode::OK, format!("v{before}"), &[]) }).await;
    let rig = Rig::new(&mirror);
    let (mut vm, mut other) = (rig.vm("a").await, rig.vm("b").await);
    let plus = mirror.url("a_1+b1_all.deb");
    for name in ["a_1%2bb1_all.deb", "b.deb"] {
        vm.get(&mirror.url(name)).await;
    }
    other.get(&mirror.url("c.deb")).await;
    rig.settle().await;
    // Only what apt names goes, however it spells a scheme; where it names nothing of ours, all that this VM was served.
    let address = mirror.address;
    let complaint =
        format!("E: Failed to fetch HTTPS://{address}/debian/a_1%2Bb1_all.deb  Hash Sum mismatch");
    let others = format!("E: Failed to fetch http://{address}/debian/c.deb  Hash Sum mismatch");
    assert_eq!(rig.relay.distrust(&vm.admission, vec!["Reading lists".to_owned(), complaint]).await, 1);
    let left = list(&rig.cache.path().join("packages")).unwrap().into_iter().map(|entry| entry.url);
    assert_eq!(left.collect::<Vec<_>>(), [mirror.url("b.deb"), mirror.url("c.deb")]);
    assert_eq!(vm.get(&plus).await.1, "v1");
    assert_eq!(vm.get(&mirror.url("b.deb")).await.1, "v0");
    rig.settle().await;
    assert_eq!(rig.relay.distrust(&vm.admission, vec![others]).await, 2);
    assert_eq!(list(&rig.cache.path().join("packages")).unwrap().len(), 1);
    assert_eq!(vm.get(&mirror.url("b.deb")).await.1, "v1");
}

#[tokio::test]
async fn listed_bounded_and_cleaned() {
    let mirror = Mirror::of(b"0123456789", &[]).await;
    let rig = filled(&mirror, &["a.deb", "b.deb", "c.deb"]).await;
    let folder = rig.cache.path().join("packages");
    fs::write(folder.join("notes.txt"), "the user's own").unwrap();
    let entries = list(&folder).unwrap();
    assert_eq!(
        entries.iter().map(|entry| entry.url.clone()).collect::<Vec<_>>(),
        [mirror.url("a.deb"), mirror.url("b.deb"), mirror.url("c.deb")]
    );
    assert!(entries.iter().all(|entry| entry.length == 10));

    // `a` was used last, `b` longest ago.
    for file in fs::read_dir(&folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let age = [("b.deb", 300), ("c.deb", 200), ("a.deb", 100)]
            .into_iter()
            .find(|(name, _)| text.contains(name));
        if let Some((_, age)) = age {
            let time = SystemTime::now() - Duration::from_secs(age);
            fs::File::options().append(true).open(path).unwrap().set_modified(time).unwrap();
        }
    }
    let small = Rig::with(&mirror, Arc::clone(&rig.cache), |options| options.size_limit = 20);
    let left = |folder| list(folder).unwrap().into_iter().map(|entry| entry.url).collect::<Vec<_>>();
    assert_eq!(left(&folder), [mirror.url("a.deb"), mirror.url("c.deb")]);
    // A run may exceed the bound; its end brings the folder back, and what was served last stays.
    let mut vm = small.vm("a").await;
    vm.get(&mirror.url("d.deb")).await;
    vm.get(&mirror.url("c.deb")).await;
    small.settle().await;
    assert_eq!(small.relay.tidy().await.unwrap(), 10);
    assert_eq!(left(&folder), [mirror.url("c.deb"), mirror.url("d.deb")]);

    assert!(clean(&folder).unwrap() >= 20);
    assert_eq!(left(&folder), Vec::<String>::new());
    assert!(folder.join("notes.txt").exists());
    assert_eq!(list(&folder.join("nowhere")).unwrap(), []);
    assert_eq!(clean(&folder.join("nowhere")).unwrap(), 0);
}

#[tokio::test]
async fn a_folder_that_can_not_be_used_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let options = RelayOptions { cache_dir: Some(file.path().join("x")), ..RelayOptions::default() };
    let error = PackageRelay::new(options).unwrap_err();
    assert!(error.message.english().contains(&file.path().display().to_string()), "{error:?}");
}

#[tokio::test]
async fn a_disk_that_fills_while_a_file_arrives_keeps_its_reserve() {
    const ROOM: u64 = 256 << 20;
    // Nothing says how much will come.
    let mirror = Mirror::start(|_, _| async {
        with_headers(StatusCode::OK, drip(&[7; 1000], 1000, Duration::from_millis(10), false), &[])
    })
    .await;
    let cache = Arc::new(tempfile::tempdir().unwrap());
    let free = rustix::fs::statvfs(cache.path()).map(|disk| disk.f_bavail * disk.f_frsize).unwrap();
    let rig = Rig::with(&mirror, cache, |options| options.limits.reserve = free.saturating_sub(ROOM));
    let mut vm = rig.vm("a").await;
    let mut body = vm.ask("GET", &mirror.url("endless.deb"), &[]).await.into_body();
    body.frame().await.unwrap().unwrap();
    let filling = fs::File::create(rig.cache.path().join("of somebody else")).unwrap();
    rustix::fs::fallocate(&filling, rustix::fs::FallocateFlags::empty(), 0, 2 * ROOM).unwrap();
    let whole = tokio::time::timeout(Duration::from_secs(5), body.collect()).await.unwrap();
    assert!(whole.is_err(), "it went on");
    assert!(rig.relay.take_notes()[0].english().contains("disk is full"));
}
