//! `practice new|check|schema`, which contact no host.

use insta::assert_snapshot;

use crate::class::Class;
use crate::trials;

trials![
    every_kind_of_mistake_comes_at_once,
    the_example_of_a_new_practice_is_valid_and_stays_as_it_is,
    practices_that_there_are_not,
    the_schema_is_one,
    roles_that_want_the_same,
];

const MISTAKES: &str = r#"titel: RabbitMQ
title: ["a"]
defaults: { host: x, my-port: 1, motd: "{{ nope }}" }
packages: [Vim, "{{ prot }}", python3, python3]
directories:
  - { path: opt/x, mode: 0755, owner: "a b" }
  - { path: /opt/../etc, onwer: root }
  - { mode: "999" }
files:
  - { path: /x, template: good.tera, notify: ngnix }
  - { path: /y, template: good.tera, source: ../outside }
  - { path: /z, template: missing.tera, validate: "nginx -t" }
  - { path: /u, template: undefined.tera }
  - { path: /v, template: broken.tera, mode: 0o644 }
links:
  - { path: /x, target: "" }
commands:
  - { name: no guard, run: echo }
  - { name: both, run: echo, script: setup.sh, unless: x, creates: /x }
  - { name: quoted, run: "echo '{{ host }}'", unless: "true", timeout: 2h, after: reboot }
  - { name: raw, run: "echo {{ host | safe }}", creates: /y }
services:
  - { name: nginx.service, ports: [0, http, 70000], on_change: relaod }
data: [var]
probes:
  - { name: none }
  - { name: two, tcp: { port: 80 }, command: { run: x } }
  - { name: page, http: { port: 80, path: index.html, status: 99 } }
  - { name: slow, command: { contains: x, timeout: 1h } }
"#;

const CLASS: &str = "hosts: { mq: { address: 192.0.2.1, roles: [mq] } }\n";

fn every_kind_of_mistake_comes_at_once() {
    let class = Class::new(CLASS)
        .file("practices/mq/practice.yaml", MISTAKES)
        .file("practices/mq/good.tera", "{{ host }}\n")
        .file("practices/mq/undefined.tera", "{{ prot }}\n{{ hsot }}\n")
        .file("practices/mq/broken.tera", "a\n{% if host %}\n")
        .file("practices/mq/setup.sh", "echo\n");
    // On a host of an inventory, and on one that there is not.
    let on_a_host = class.run("practice check mq -i class.yaml").exits(1).says();
    assert_snapshot!(on_a_host);
    let alone = class.run("practice check mq").exits(1).says();
    assert_eq!(alone, on_a_host.replace("for host `mq`: ", ""));
    // Whoever uses it hears the same.
    for line in ["validate class.yaml", "plan class.yaml"] {
        assert_eq!(class.run(line).exits(1).says(), on_a_host, "{line}");
    }
}

fn the_example_of_a_new_practice_is_valid_and_stays_as_it_is() {
    let class = Class::new("hosts: { one: { address: 192.0.2.1, roles: [hello] } }\n");
    let lines = [
        "practice new hello -i class.yaml",
        "practice check",
        "practice check hello -i class.yaml",
        "practice check practices/hello",
        "validate class.yaml",
        "practice new hello",
        "practice new web",
        "practice new http",
        "practice new 'My practice'",
        "practice new ../hello",
    ];
    assert_snapshot!(lines.map(|line| class.run(line).to_string()).join("\n\n"));
}

fn practices_that_there_are_not() {
    let class = Class::new(CLASS).file("practices/redis/practice.yaml", "packages: [redis]\n");
    let lines = [
        "practice check rediss",
        "practice check nowhere/redis",
        "practice check practices",
        "practice check mq -i class.yaml",
        "validate class.yaml",
    ];
    assert_snapshot!(lines.map(|line| class.run(line).to_string()).join("\n\n"));
}

fn the_schema_is_one() {
    let schema = Class::new(CLASS).run("practice schema").exits(0).printed();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert!(schema["properties"]["commands"]["description"].is_string(), "{schema}");
}

fn roles_that_want_the_same() {
    let class = Class::new(
        "hosts:\n  all: { address: 192.0.2.1, roles: [web, socket, mine, other] }\n  half: { address: 192.0.2.2, roles: [mine] }\n",
    )
    .file(
        "practices/mine/practice.yaml",
        "files:\n  - { path: /opt/mq, source: x }\n  - { path: /var/www/html/index.html, source: x }\n\
         services:\n  - { name: mq, ports: [5672] }\n  - { name: apache2 }\n",
    )
    .file("practices/mine/x", "")
    .file(
        "practices/other/practice.yaml",
        "links: [{ path: /opt/mq, target: x }]\nservices:\n  - { name: mq }\n  - { name: mine, ports: [5672, 80, 50007] }\n",
    );
    assert_snapshot!(class.run("validate class.yaml").exits(1).says());
}
