//! Practices, from the inventory that uses them to what its hosts should have.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use tempfile::TempDir;

use crate::document::fault::Faults;
use crate::inventory::{Extent, Surroundings, parse};
use crate::model::{Expectation, File, Inventory, Package, Remains, Resource};
use crate::practice::scaffold;
use crate::roles::Practice;
use crate::roles::samples::settings;

/// A folder with an inventory and the files of its practices.
pub struct Class {
    pub folder: TempDir,
}

impl Class {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let class = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            class.write(name, text.as_bytes());
        }
        class
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, text: &str) -> Result<Inventory, Faults> {
        let surroundings = Surroundings {
            home: None,
            is_file: &Path::is_file,
            check_template: &|_, _, _| Ok(()),
            extent: Extent::All,
        };
        parse(text, &self.folder.path().join("inventory.yaml"), &surroundings)
    }

    pub fn read_well(&self, text: &str) -> Inventory {
        self.read(text).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    /// The faults as people see them.
    pub fn refused(&self, text: &str) -> String {
        let faults = self.read(text).expect_err("a fault");
        faults.sample().replace(&self.folder.path().display().to_string(), "FOLDER")
    }
}

/// What a host should have by its practice.
pub fn wanted<'a>(inventory: &'a Inventory, id: &str) -> &'a [Resource] {
    let host = inventory.hosts().find(|host| host.id.as_str() == id).unwrap();
    &settings::<Practice>(host).resources
}

/// A resource, with texts as texts.
fn told(resource: &Resource) -> String {
    let Resource::File(file) = resource else { return format!("{resource:?}") };
    let File { path, content, mode, wanted, validator, notify, turn } = file;
    let content = file.text().map_or_else(|| format!("{content:?}"), str::to_owned);
    format!("{path} {mode:o} {wanted:?} {validator:?} {notify:?} {turn:?}\n{content}")
}

const MQ: &str = r#"
title: RabbitMQ
defaults: { port: 5672, motd: "{{ host }} of {{ name }}" }
packages: [rabbitmq-server]
directories: [{ path: /opt/mq, mode: "0755", owner: root, group: root }]
files:
  - { path: /etc/rabbitmq/rabbitmq.conf, template: rabbitmq.conf.tera, mode: "0640", group: rabbitmq, notify: rabbitmq-server }
  - { path: /opt/mq/send.bin, source: send.bin }
  - { path: "/opt/mq/{{ host }}.conf", template: x.tera, validate: "x -t {file}" }
links: [{ path: /etc/x/enabled, target: ../available }]
commands:
  - { name: page, run: "enable {{ motd }}", unless: is_enabled rabbitmq_management, undo: disable rabbitmq_management, timeout: 2m, after: service }
  - { name: old, script: old.sh, creates: /opt/old }
services: [{ name: rabbitmq-server, ports: ["{{ port }}", 15672], on_change: restart }]
data: [/var/lib/rabbitmq]
probes:
  - { name: amqp, tcp: { port: "{{ port }}" } }
  - { name: page, http: { port: 15672, path: /, status: 200, contains: RabbitMQ } }
  - { name: status, command: { run: rabbitmqctl status, contains: Listeners, timeout: 20s, root: true } }
"#;

fn mq() -> Class {
    let class = Class::new(&[
        ("practices/mq/practice.yaml", MQ),
        (
            "practices/mq/rabbitmq.conf.tera",
            "port = {{ port }} # {{ vars.course }} {{ course }}\n\
             {% for peer in hosts_with(role=\"mq\") %}{{ peer.name }} {{ peer.index }} {{ peer.private_address }} {{ peer.port }}\n{% endfor %}\
             {% for peer in hosts_with(role=\"web\") %}{{ peer.id }} {{ peer.address }} {{ peer.port }} {{ peer.roles | join(sep=\"+\") }}\n{% endfor %}\
             {{ hosts_with(role=\"balancer\") | length }} {{ cluster_hosts | length }}",
        ),
        ("practices/mq/x.tera", "{{ cluster }}/{{ host }} {{ index }} {{ motd }}"),
        ("practices/mq/old.sh", "#!/bin/sh\n[ ${#1} -gt 0 ] || echo hello\n"),
    ]);
    class.write("practices/mq/send.bin", b"\0\xff");
    class
}

const HOSTS: &str = "\
name: SD
vars: { course: Redes, mq: { port: 5673, extra: x } }
clusters:
  ana:
    vars: { mq: { motd: \"it's {{ host }}\" } }
    web: { port: 8080 }
    hosts:
      mq[1:2]: { address: '10.0.0.[1:2]', private_address: '172.16.0.[1:2]', roles: [mq] }
      all: { address: 10.0.0.9, roles: [web, mq], vars: { mq: { port: 99 } } }
  bia: { hosts: { mq: { address: 10.0.1.1, roles: [mq, mq], vars: { mq: ~ } } } }
";

/// Faults of several practices, each used by one host.
fn refused(practices: &[&str]) -> String {
    let refused = practices.iter().map(|text| {
        let class = Class::new(&[
            ("practices/mq/practice.yaml", text),
            ("practices/mq/broken.tera", "a\n{% if host %}\n"),
            ("practices/mq/undefined.tera", "{{ prot }}\n  {{ hsot }} {{ vars.x }} {{ prot }}\n"),
            ("practices/mq/good.tera", "{{ host }}"),
            ("practices/mq/script.py", "#!/usr/bin/python3\nprint({{ host }})\n"),
            ("practices/mq/script.sh", "echo\necho '{{ host }}'\n"),
            ("outside", "secret"),
        ]);
        symlink(class.folder.path().join("outside"), class.folder.path().join("practices/mq/link")).unwrap();
        class.write("practices/mq/large", &vec![0; 10_000_001]);
        class.refused("hosts: { 'a[1:3]': { address: '10.0.0.[1:3]', roles: [mq] } }")
    });
    refused.collect::<Vec<_>>().join("\n\n────────\n")
}

#[test]
fn every_kind_of_mistake_at_once() {
    insta::assert_snapshot!(refused(&[
        r#"
titel: x
title: ["a"]
defaults: { host: x, my-port: 1, __x: 1, ok: "{{ nope }}", hosts_with: 2, list: [{ a: "{{ hsot }}" }] }
packages: [Vim, "{{ prot }}", "a b", python3, python3]
directories:
  - { path: opt/x, mode: 0755, owner: "a b", group: -x }
  - { path: /opt/../etc, mode: 755, onwer: root }
  - { mode: "999" }
  - { path: /var/lib/provision/x, mode: rwx }
  - /opt/mq
files:
  - { path: "/a\nb", template: good.tera, notify: ngnix }
  - { path: /x, template: good.tera, source: link }
  - { path: /y }
  - { path: /z, template: missing.tera, validate: "nginx -t" }
  - { path: /u, template: undefined.tera }
  - { path: /v, template: broken.tera, mode: 0o644 }
  - { path: /w, source: ../outside }
  - { path: /w, source: link }
  - { path: /large, source: large }
  - { path: /etc, source: . }
"#,
        "files:\n  - { path: /{{ host }}/x, source: good.tera }\n  - { paht: /x }\nservices: [{ name: {{ host }} }]\n",
        r#"
links:
  - { path: /x, target: "" }
  - { path: /x, target: y, notify: nginx }
  - { path: /x, target: z }
  - { path: /x/below, target: z }
  - { path: {{ host }}, target: z }
commands:
  - { name: no guard, run: echo }
  - { run: echo, creates: /x }
  - { name: both, run: echo, script: script.sh, unless: x, creates: /x }
  - { name: neither, creates: x }
  - { name: "a\nb", run: "echo '{{ host }}'", unless: "test `{{ host }}`", undo: "{{ host | safe }}" }
  - name: block
    unless: "true {{ prot }}"
    run: |
      echo {{ host }}
        cat <<E
      {{ hsot }}
      E
    timeout: 2h
    after: reboot
  - { name: python, script: script.py, creates: /x }
  - { name: script, script: script.sh, creates: /x }
  - { name: script, run: "{% include 'x' %}", creates: /y, timeout: soon }
services:
  - { name: nginx.service, ports: [0, http, 70000, "{{ host }}"], on_change: relaod }
  - { name: nginx, ports: 80 }
  - { ports: [80] }
  - { name: -x }
data: [var, /var/lib/x, 5]
probes:
  - { name: none }
  - { name: two, tcp: { port: 80 }, command: { run: x } }
  - { name: two, tcp: {} }
  - { tcp: { port: x } }
  - { name: http, http: { port: 80, path: index.html, status: 99, contains: "" } }
  - { name: command, command: { contains: x, timeout: 1h, root: maybe } }
  - { name: peers, command: { run: "echo {{ hosts_with(role='rediss') | length }}" } }
"#,
        "",
        "- a
",
        "packages: [a
",
        "files: [{ path: /x, template: good.tera }]
files: []
x: !tag y
",
    ]));
}

#[test]
fn a_practice_becomes_what_its_hosts_should_have() {
    let class = mq();
    let inventory = class.read_well(HOSTS);
    insta::assert_snapshot!(wanted(&inventory, "ana/mq2").iter().map(told).collect::<Vec<_>>().join("\n"));
    let cluster = &inventory.clusters[0];
    insta::assert_debug_snapshot!(cluster.hosts[1].expectations(cluster));
    let ids =
        |id| wanted(&inventory, id).iter().map(|resource| resource.id().to_string()).collect::<Vec<_>>();
    insta::assert_yaml_snapshot!(ids("ana/all"));
    let texts = wanted(&inventory, "bia/mq");
    let text = texts.iter().find_map(|resource| match resource {
        Resource::File(file) if file.path == "/opt/mq/mq.conf" => file.text(),
        _ => None,
    });
    assert_eq!(text, Some("bia/mq 1 mq of SD\n"));
    assert_eq!(inventory.clusters[1].hosts[0].role_names(), ["mq"]);
    assert!(matches!(cluster.hosts[0].expectations(cluster)[..], [Expectation::Practice(_), ..]));
}

#[test]
fn practices_have_their_columns_in_the_order_of_the_hosts() {
    let names = ["second-by-name", "a-first-by-name"];
    let class = Class::new(&[]);
    for name in names {
        class.write(&format!("practices/{name}/practice.yaml"), b"packages: [git]\n");
    }
    let inventory = class.read_well(
        "grading: { weights: { a-first-by-name: 2, second-by-name: 3 } }\n\
         hosts:\n  x: { address: 10.0.0.1, roles: [second-by-name] }\n  y: { address: 10.0.0.2, roles: [a-first-by-name] }\n",
    );
    let weights: Vec<_> =
        inventory.grading.weights.iter().map(|(kind, weight)| (kind.as_str(), *weight)).collect();
    assert_eq!(weights, [(names[0], 3.0), (names[1], 2.0)]);
}

#[test]
fn roles_of_one_host_claim_different_things() {
    let other = "directories: [{ path: /opt/socket, mode: \"0700\" }, { path: /opt/shared, mode: \"0755\" }]\n\
        packages: [python3]\nfiles: [{ path: /var/www/html/index.html, source: x }, { path: /opt/mq, source: x }]\n\
        services: [{ name: rabbit, ports: [5672] }, { name: second, ports: [80] }]\n";
    let mine = "directories: [{ path: /opt/shared, mode: \"0755\" }, { path: /opt/mq/deep }]\nlinks: [{ path: /opt/mq, target: x }]\n\
        services: [{ name: rabbit, ports: [5672] }]\n";
    let class = Class::new(&[
        ("practices/other/practice.yaml", other),
        ("practices/other/x", ""),
        ("practices/mq/practice.yaml", mine),
    ]);
    insta::assert_snapshot!(class.refused(
        "hosts:\n  a: { address: a, roles: [web, socket, other, mq] }\n  b: { address: b, roles: [other] }\n"
    ));
}

#[test]
fn practices_are_named_and_found() {
    let class = Class::new(&[
        ("practices/redis/practice.yaml", "defaults: { port: 1 }"),
        ("practices/web/practice.yaml", ""),
        ("practices/Ab/practice.yaml", ""),
        ("practices/unused/practice.yaml", "packages: ['{{ course }}', '{{ courses }}']"),
        ("practices/none/readme", ""),
    ]);
    insta::assert_snapshot!(class.refused(
        "vars: { course: sd, redis: { host: x } }\ngrading: { weights: { redis: 2, rediss: 1 } }\n\
         hosts:\n  a: { address: a, roles: [rediss, ../redis, none, 5], vars: { redis: 5 } }\n  b: { address: b, roles: [redis], vars: { redis: 5 } }\n"
    ));
    let elsewhere = Class::new(&[("own/redis/practice.yaml", "packages: [redis]")]);
    let inventory = elsewhere.read_well("practices: own\nhosts: { a: { address: a, roles: [redis] } }");
    let redis = Package { name: "redis".to_owned(), remains: Remains::Nothing };
    assert_eq!(wanted(&inventory, "a"), [Resource::Package(redis)]);
    insta::assert_snapshot!(
        elsewhere.refused("practices: gone\nhosts: { a: { address: a, roles: [redis] } }")
    );
}

#[test]
fn a_source_is_read_once_for_all_hosts() {
    let class = mq();
    let hosts = "hosts: { 'a[1:100]': { address: 'a[1:100]', roles: [mq] } }\nvars: { course: x }\n";
    let inventory = class.read_well(hosts);
    let contents: Vec<_> = inventory
        .hosts()
        .map(|host| match &settings::<Practice>(host).resources[3] {
            Resource::File(file) => file.content.as_ptr(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert!(contents.iter().all(|content| *content == contents[0]), "a source is read once, and shared");
}

#[test]
fn the_example_of_a_new_practice_is_valid_and_overwrites_nothing() {
    let class = Class::new(&[]);
    let practices = class.folder.path().join("practices");
    // A word that YAML would take for something else is a name, too.
    scaffold(&practices, "true").unwrap();
    class.read_well("hosts: { a: { address: b, roles: [\"true\"] } }");
    let files = scaffold(&practices, "hello").unwrap();
    assert!(files.iter().all(|file| !fs::read_to_string(file).unwrap().contains("NAME")), "{files:?}");
    let inventory = class.read_well("hosts: { a: { address: b, roles: [hello] } }");
    assert_eq!(wanted(&inventory, "a").len(), 6);
    fs::write(practices.join("hello/practice.yaml"), "packages: [mine]").unwrap();
    assert!(scaffold(&practices, "hello").is_err());
    assert_eq!(fs::read_to_string(practices.join("hello/practice.yaml")).unwrap(), "packages: [mine]");
}
