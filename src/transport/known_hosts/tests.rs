use super::*;
use crate::transport::failure::tests::in_both_languages;

const ED25519: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
const OTHER: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAILIG2T/B0l0gaqj3puu510tu9N1OkQ4znY3LYuEm5zCF";
const ECDSA: &str = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHwf2HMM5TRXvo2SQJjsNkiDD5KqiiNjrGVv3UUh+mMT5RHxiRtOnlqvjhQtBq0VpmpCV/PwUdhOig4vkbqAcEc=";

fn key(text: &str) -> PublicKey {
    text.parse().unwrap()
}

fn known(lines: &str, name: &str) -> Known {
    let mut known = Known::nothing(name);
    known.add(Path::new("known_hosts"), &mut Book::read(lines));
    known
}

#[test]
fn keys_are_judged() {
    let other_kind = format!("web {ECDSA}");
    for (lines, expected) in [
        (String::new(), Standing::Unknown),
        (format!("web {ED25519}"), Standing::Known),
        (format!("web {ED25519} a comment\n"), Standing::Known),
        (format!("db,web {ED25519}"), Standing::Known),
        (format!("w* {ED25519}"), Standing::Known),
        (format!("db {ED25519}"), Standing::Unknown),
        (format!("web {OTHER}"), Standing::Changed),
        (format!("web {OTHER}\nweb {ED25519}"), Standing::Known),
        (other_kind, Standing::Changed),
        (format!("web {ED25519}\n@revoked * {ED25519}"), Standing::Revoked),
        (format!("@revoked * {OTHER}"), Standing::Unknown),
        (format!("@cert-authority web {OTHER}"), Standing::Unknown),
        (format!("# web {ED25519}\n\nrubbish\nweb ssh-future AAAA\n"), Standing::Unknown),
    ] {
        assert_eq!(known(&lines, "web").judge(&key(ED25519)), expected, "{lines}");
    }
}

#[test]
fn the_port_is_part_of_the_name() {
    assert_eq!(known_name("Web", 22), "web");
    assert_eq!(known_name("127.0.0.1", 2222), "[127.0.0.1]:2222");
}

#[test]
fn a_changed_key_names_both_fingerprints_and_the_way_out() {
    let known = known(&format!("web {OTHER}"), "web");
    let shown = Text::verbatim(fingerprint(&key(ED25519)));
    insta::assert_snapshot!(in_both_languages([known.refusal(
        Standing::Changed,
        &shown,
        NewKeys::RefusedByInventory
    )]));
}

#[test]
fn other_refusals_say_what_to_do() {
    let shown = Text::verbatim("ED25519 SHA256:shown");
    let (plain, vouched) = (known("", "web"), known(&format!("@cert-authority web {OTHER}"), "web"));
    insta::assert_snapshot!(in_both_languages([
        plain.refusal(Standing::Unknown, &shown, NewKeys::RefusedByInventory),
        plain.refusal(Standing::Unknown, &shown, NewKeys::RefusedByConfiguration),
        plain.refusal(Standing::Revoked, &shown, NewKeys::RefusedByInventory),
        vouched.refusal(Standing::Unknown, &shown, NewKeys::RefusedByInventory),
    ]));
}

#[test]
fn new_keys_are_kept_once_and_only_under_accept_new() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/known_hosts");
    let store = Store::open(path.clone()).unwrap();
    let refused = store.check("web", &key(ED25519), &[], NewKeys::RefusedByInventory).unwrap_err();
    assert_eq!(refused.kind, FailureKind::HostKey);
    for _ in 0..2 {
        store.check("web", &key(ED25519), &[], NewKeys::Kept).unwrap();
    }
    store.check("web", &key(ED25519), &[], NewKeys::RefusedByInventory).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("web {ED25519}\n"));
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let changed = store.check("web", &key(OTHER), &[], NewKeys::Kept).unwrap_err();
    assert_eq!(changed.message.english(), "the host key has changed");
}

#[test]
fn the_users_files_count_and_a_missing_newline_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("known_hosts");
    let theirs = folder.path().join("theirs");
    std::fs::write(&path, format!("db {OTHER}")).unwrap();
    std::fs::write(&theirs, format!("web {OTHER}\n")).unwrap();
    let store = Store::open(path.clone()).unwrap();
    let files = [theirs];
    assert!(store.check("web", &key(ED25519), &files, NewKeys::Kept).is_err());
    store.check("api", &key(ED25519), &files, NewKeys::Kept).unwrap();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("db {OTHER}\napi {ED25519}\n"));
}

#[test]
fn many_hosts_at_once_lose_no_line() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path().join("known_hosts")).unwrap();
    std::thread::scope(|scope| {
        for number in 0..32 {
            let store = &store;
            scope.spawn(move || {
                store.check(&format!("web{number}"), &key(ED25519), &[], NewKeys::Kept).unwrap();
            });
        }
    });
    let text = std::fs::read_to_string(&store.path).unwrap();
    assert_eq!(text.lines().count(), 32);
    assert!(text.lines().all(|line| line.ends_with(ED25519)));
}
