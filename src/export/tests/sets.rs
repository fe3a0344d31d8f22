use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{documents, file, paths, remarks, subject};
use crate::export::{ansible, cloud_init, ssh_config};
use crate::model::{
    Attributes, BecomeMethod, Cluster, Command, Directory, File, Guard, Host, HostKeyPolicy, Jump, Link,
    PackageSource, PracticeProbe, Question, Resource, Script, SecretSource, Service, Validator, sha256,
};
use crate::roles::Practice;
use crate::roles::samples::host;

/// One cluster as the starters have it.
fn one_cluster() -> Cluster {
    let mut hosts = vec![
        host("default", "lb", "10.0.0.50", &["balancer"]),
        host("default", "web01", "10.0.0.51", &["web", "socket"]),
        host("default", "web02", "10.0.0.52", &["web", "socket"]),
    ];
    for host in &mut hosts {
        host.connection.user = Some("ubuntu".to_owned());
        host.connection.identity = Some(PathBuf::from("/home/ana/.ssh/class.pem"));
        host.connection.host_keys = Some(HostKeyPolicy::AcceptNew);
    }
    Cluster { name: "default".to_owned(), hosts }
}

/// A practice with all that one can have.
fn queue(host: &str) -> Practice {
    let file =
        |path: &str, text: &str| File { notify: Some("queue".to_owned()), ..File::of_text(path, text) };
    Practice {
        name: "queue".to_owned(),
        resources: vec![
            Resource::package("queue-server"),
            Resource::Directory(Directory {
                path: "/opt/queue".to_owned(),
                wanted: Attributes { mode: Some(0o750), owner: None, group: Some("queue".to_owned()) },
            }),
            Resource::File(File {
                validator: Some(Validator::Shell("queue --check {file} && test 100 -gt 5%".to_owned())),
                wanted: Attributes { mode: Some(0o640), owner: Some("queue".to_owned()), group: None },
                ..file("/etc/queue/queue.conf", &format!("name {host}\n"))
            }),
            Resource::File(file("/etc/systemd/system/queue.service", "[Service]\n")),
            Resource::Link(Link {
                path: "/etc/queue/enabled".to_owned(),
                target: "../available".to_owned(),
                notify: None,
            }),
            command("users", Script::Program("#!/usr/bin/env python3\nprint()\n".to_owned()), false),
            Resource::Service(Service { name: "queue".to_owned(), ..Service::default() }),
            command("page", Script::Shell("queue page on\nqueue page show\n".to_owned()), true),
        ],
        probes: vec![PracticeProbe {
            practice: "queue".to_owned(),
            name: "port".to_owned(),
            services: Vec::new(),
            question: Question::Tcp { port: 5000 },
        }],
        ..Practice::default()
    }
}

fn command(name: &str, run: Script, after_services: bool) -> Resource {
    let guard = if after_services {
        Guard::Creates("/opt/queue/page [1]".to_owned())
    } else {
        Guard::Unless("id -u queue".to_owned())
    };
    Resource::Command(Command {
        role: "queue".to_owned(),
        name: name.to_owned(),
        run,
        guard,
        undo: (!after_services).then(|| "userdel queue".to_owned()),
        limit: Duration::from_secs(120),
        after_services,
    })
}

/// Two clusters with a practice, of which one host has it in another way.
fn two_clusters() -> Vec<Cluster> {
    let with = |mut host: Host, practice: Practice| {
        host.roles.push(Arc::new(practice));
        host
    };
    let mut balancer = host("ana", "lb", "10.0.1.10", &["balancer", "web"]);
    balancer.packages.extra = vec!["ed".to_owned(), "tree".to_owned()];
    balancer.r#become.method = BecomeMethod::None;
    balancer.connection.jump =
        Some(Jump { user: Some("u".to_owned()), host: "fe80::2".to_owned(), port: Some(2222) });
    let mut other = queue("q2");
    other.resources.remove(0);
    other.resources.push(Resource::package("other-queue"));
    let mut last = with(host("bia", "q2", "10.0.2.12", &[]), other);
    last.connection.port = Some(2201);
    last.connection.connect_timeout = Duration::from_secs(3);
    last.connection.password = Some(SecretSource::Prompt);
    last.r#become.password = Some(SecretSource::Environment("SUDO".to_owned()));
    last.packages.via = PackageSource::Laptop;
    let mut third = queue("q3");
    third.resources.truncate(5);
    vec![
        Cluster {
            name: "ana".to_owned(),
            hosts: vec![balancer, with(host("ana", "q1", "10.0.1.11", &[]), queue("q1"))],
        },
        Cluster {
            name: "bia".to_owned(),
            hosts: vec![last, with(host("bia", "q3", "10.0.2.13", &[]), third)],
        },
    ]
}

#[test]
fn a_playbook_of_one_cluster() {
    let clusters = [one_cluster()];
    let export = ansible(&subject(&clusters));
    insta::assert_snapshot!(paths(&export).join("\n"));
    insta::assert_snapshot!(documents(&export));
    assert_eq!(export.remarks, []);
}

#[test]
fn a_playbook_of_two_clusters_with_a_practice() {
    let clusters = two_clusters();
    let export = ansible(&subject(&clusters));
    insta::assert_snapshot!(paths(&export).join("\n"));
    insta::assert_snapshot!(documents(&export));
    insta::assert_snapshot!(remarks(&export));
    let readme = file(&export, "README.md");
    assert!(export.remarks.iter().all(|remark| readme.contains(remark.english())), "{readme}");
}

#[test]
fn user_data_of_a_host_with_a_practice() {
    let clusters = two_clusters();
    let export = cloud_init(&subject(&clusters));
    insta::assert_snapshot!(file(&export, "ana-q1.yaml"));
    insta::assert_snapshot!(remarks(&export));
}

#[test]
fn user_data_that_is_too_large_is_compressed_and_told_where_that_does_not_do() {
    // Half of it is left, compressed.
    let noise = |blocks: u32| -> String { (0..blocks).map(|block| sha256(&block.to_le_bytes())).collect() };
    let mut names = Vec::new();
    for blocks in [10, 360, 1_000] {
        let mut practice = queue("q1");
        practice.resources.push(Resource::File(File::of_text("/opt/noise", noise(blocks))));
        let mut host = host("default", "q1", "10.0.0.1", &[]);
        host.roles.push(Arc::new(practice));
        let clusters = [Cluster { name: "default".to_owned(), hosts: vec![host] }];
        let export = cloud_init(&subject(&clusters));
        let is_told = remarks(&export).contains("AWS");
        let [file] = export.files.as_slice() else { panic!("{:?}", paths(&export)) };
        assert_eq!(file.content.len() > 16_384, is_told, "{blocks}");
        assert_eq!(file.content.starts_with(&[0x1f, 0x8b]), file.path == "q1.yaml.gz");
        names.push((file.path.clone(), is_told));
    }
    let names: Vec<_> = names.iter().map(|(path, is_told)| (path.as_str(), *is_told)).collect();
    assert_eq!(names, [("q1.yaml", false), ("q1.yaml.gz", false), ("q1.yaml.gz", true)]);
}

#[test]
fn a_configuration_of_ssh_says_what_the_inventory_says() {
    let mut clusters = two_clusters();
    clusters.push(one_cluster());
    let export = ssh_config(&subject(&clusters));
    insta::assert_snapshot!(file(&export, "config"));
    assert_eq!(export.remarks, []);
}
