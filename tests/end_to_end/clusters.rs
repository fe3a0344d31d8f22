//! Many clusters, releases and sudo.

use std::collections::BTreeSet;

use crate::practice::Practice;

#[test]
fn two_clusters_with_sudo_passwords_on_two_releases_do_not_mix() {
    let practice = Practice::up(
        "clusters",
        &["--clusters", "2", "--web", "2", "--release", "bookworm,trixie", "--sudo-password"],
    );
    let releases: BTreeSet<_> = practice
        .host_names()
        .iter()
        .map(|host| practice.inside(host, ". /etc/os-release; echo $VERSION_ID").trim().to_owned())
        .collect();
    assert_eq!(releases, BTreeSet::from(["12".to_owned(), "13".to_owned()]));
    for host in practice.host_names() {
        let sudo =
            practice.inside(host, "grep -rhs NOPASSWD /etc/sudoers /etc/sudoers.d | grep -v '^#' || true");
        assert_eq!(sudo, "", "sudo asks for no password on {host}");
    }

    let apply = practice.json(0, &["apply"]);
    assert_eq!(apply["summary"]["changed"], 6, "{apply}");

    let clusters: BTreeSet<_> = practice
        .host_names()
        .iter()
        .filter_map(|name| name.split_once('/'))
        .map(|(cluster, _)| cluster)
        .collect();
    assert_eq!(clusters.len(), 2);
    for cluster in clusters {
        let own: BTreeSet<_> = ["web01", "web02"]
            .iter()
            .map(|web| practice.get(&format!("{cluster}/{web}"), 80).unwrap().body)
            .collect();
        let balanced: BTreeSet<_> =
            (0..8).map(|_| practice.get(&format!("{cluster}/lb"), 80).unwrap().body).collect();
        assert_eq!(own, balanced, "the balancer of {cluster} serves other pages than its own web hosts");
    }

    // The password is nowhere a student could find it.
    for host in practice.host_names() {
        let password = std::fs::read_to_string(practice.folder().join("sudo-password"));
        if let Ok(password) = password {
            let found = practice.inside(
                host,
                &format!("grep -rlsF -- '{}' /var/log /run /tmp /var/lib/provision || true", password.trim()),
            );
            assert_eq!(found, "", "the sudo password was written on {host}");
        }
    }
    let again = practice.json(0, &["apply", "--no-verify"]);
    assert_eq!(again["summary"]["unchanged"], 6, "{again}");
}
