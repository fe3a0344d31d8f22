//! What inventories look like, kind by kind.

use std::collections::BTreeMap;
use std::time::Duration;

use super::*;

fn host(name: &str, address: &str, roles: &[&str]) -> Host {
    Host {
        name: name.to_owned(),
        address: address.to_owned(),
        roles: roles.iter().map(ToString::to_string).collect(),
        ..Host::default()
    }
}

fn vars(vars: &[(&str, Value)]) -> Settings {
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Settings { vars, ..Settings::default() }
}

fn one(hosts: Vec<Host>) -> Draft {
    Draft { clusters: vec![Cluster { hosts, ..Cluster::default() }], ..Draft::default() }
}

#[test]
fn one_cluster() {
    let web = |number: u8| Host {
        settings: vars(&[("title", format!("Servidor {number}").into())]),
        ..host(&format!("web{number:02}"), &format!("10.0.0.{}", 50 + number), &["web", "socket"])
    };
    let mut hosts =
        vec![Host { comment: Some(Text::verbatim("in the rack")), ..host("lb", "10.0.0.50", &["balancer"]) }];
    hosts.extend((1..=3).map(web));
    let draft = Draft {
        head: ["The class of 2026.", "", "  provision apply inventory.yaml"].map(Text::verbatim).into(),
        name: Some("Sistemas Distribuídos".into()),
        language: Some(Language::Portuguese),
        settings: Settings {
            ssh: Ssh {
                user: Some("ubuntu".into()),
                identity: Some("~/.ssh/labsuser.pem".into()),
                host_keys: Some(HostKeyPolicy::AcceptNew),
                connect_timeout: Some(Duration::from_secs(5)),
                password: Some("prompt".into()),
                ..Ssh::default()
            },
            r#become: Become { method: Some(BecomeMethod::Sudo), password: Some("env:SENHA".into()) },
            packages_via: Some(PackageSource::Laptop),
            vars: BTreeMap::from([("course".into(), "SD".into()), ("year".into(), 2026.into())]),
        },
        ..one(hosts)
    };
    insta::assert_snapshot!(write(&draft));
}

#[test]
fn thirty_teams() {
    let team = |team: u8| Cluster {
        name: Some(format!("team{team:02}")),
        settings: vars(&[("title", format!("Equipe {team:02}").into())]),
        hosts: vec![
            host("lb", &format!("10.1.{team}.10"), &["balancer"]),
            host("web1", &format!("10.1.{team}.11"), &["web", "socket"]),
            host("web2", &format!("10.1.{team}.12"), &["web", "socket"]),
        ],
        ..Cluster::default()
    };
    let mut clusters: Vec<Cluster> = (1..=30).map(team).collect();
    insta::assert_snapshot!(write(&Draft { clusters: clusters.clone(), ..Draft::default() }));
    // One that differs has an entry of its own, and the others keep theirs.
    clusters[6].hosts[1].settings.ssh.port = Some(2222);
    insta::assert_snapshot!(write(&Draft { clusters, ..Draft::default() }));
}

#[test]
fn private_addresses_and_ports() {
    let aws = |name: &str, address: &str, private: &str, roles: &[&str]| Host {
        private_address: Some(private.to_owned()),
        ..host(name, address, roles)
    };
    insta::assert_snapshot!(
        "aws",
        write(&one(vec![
            aws("lb01", "203.0.113.10", "172.31.16.10", &["balancer"]),
            aws("web01", "203.0.113.21", "172.31.16.21", &["web", "socket"]),
            aws("web02", "203.0.113.57", "172.31.16.22", &["web", "socket"]),
            aws("web03", "203.0.113.98", "172.31.16.23", &["web", "socket"]),
        ]))
    );
    let forwarded = |number: u16| Host {
        private_address: Some(format!("192.168.56.{}", 10 + number)),
        settings: Settings {
            ssh: Ssh { port: Some(2200 + number), ..Ssh::default() },
            ..Settings::default()
        },
        ..host(&format!("web{number:02}"), "127.0.0.1", &["web"])
    };
    insta::assert_snapshot!("forwarded", write(&one((1..=3).map(forwarded).collect())));
}

#[test]
fn roster() {
    let student = |name: &str, email: &str, hosts: Vec<Host>| Cluster {
        name: Some(name.to_owned()),
        comment: Some(Text::verbatim(email)),
        hosts,
        ..Cluster::default()
    };
    let draft = Draft {
        name: Some("Turma A: redes".into()),
        clusters: vec![
            student(
                "ana-souza",
                "Ana Souza <ana@example.org>",
                vec![
                    host("lb", "ana-lb.example.org", &["balancer"]),
                    host("web01", "ana-web.example.org", &["web", "socket"]),
                ],
            ),
            student(
                "jose-lima",
                "José Lima <jose@example.org>\nhosts: {evil: {}}",
                vec![host("vm", "198.51.100.7", &["web"])],
            ),
        ],
        ..Draft::default()
    };
    insta::assert_snapshot!(write(&draft));
}

#[test]
fn hostile_values() {
    let hostile = [
        "no",
        "1e3",
        "007",
        "12:30",
        "[1:3]",
        "[x]",
        "{{ title }}",
        "a: b",
        "a #b",
        "- a",
        "!vault x",
        "a\nb",
        "🐧",
        "\u{202e}x",
        "",
        "null",
    ];
    let named = hostile.iter().enumerate().map(|(place, text)| (format!("v{place:02}"), Value::from(*text)));
    let deep: Value =
        serde_json::json!({ "list": ["[1:3]", 1, null, { "no": "yes" }], "empty": {}, "none": [] });
    let first = Settings { vars: named.chain([("deep".to_owned(), deep)]).collect(), ..Settings::default() };
    // These two would be a range, if their titles could be told from one.
    let range = |name: &str, address: &str| Host {
        settings: vars(&[("title", "[1:2]".into())]),
        ..host(name, address, &[])
    };
    let draft = Draft {
        settings: first,
        ..one(vec![range("web1", "10.0.0.1"), range("web2", "10.0.0.2"), host("no", "yes", &[])])
    };
    insta::assert_snapshot!(write(&draft));
}
