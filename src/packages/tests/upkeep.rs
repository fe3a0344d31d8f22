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
async fn a_file_that_is_not_what_its_name_promises_is_not_kept() {
    let mirror = Mirror::of(b"tampered", &[]).await;
    let name = format!("dists/x/main/by-hash/SHA256/{}", "ab".repeat(32));
    let rig = filled(&mirror, &[&name]).await;
    assert_eq!(list(&rig.cache.path().join("packages")).unwrap(), []);
    assert!(rig.relay.take_notes()[0].contains("not what its name promises"));
}

#[tokio::test]
async fn what_apt_found_to_be_bad_is_gone() {
    let mirror =
        Mirror::start(|_, before| async move { answer(StatusCode::OK, format!("v{before}"), &[]) }).await;
    let rig = Rig::new(&mirror);
    let (mut vm, mut other) = (rig.vm("a").await, rig.vm("b").await);
    vm.get(&mirror.url("a.deb")).await;
    other.get(&mirror.url("b.deb")).await;
    rig.settle().await;
    assert_eq!(rig.relay.distrust(&vm.admission).await, 1);
    assert_eq!(list(&rig.cache.path().join("packages")).unwrap().len(), 1);
    assert_eq!(vm.get(&mirror.url("a.deb")).await.1, "v1");
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
    assert!(error.message.contains(&file.path().display().to_string()), "{error}");
}
