//! What a good inventory becomes.

use std::cell::Cell;
use std::path::Path;
use std::time::Duration;

use super::super::surroundings::{Extent, Surroundings};
use super::{parse, read_well};
use crate::model::{
    BecomeMethod, CheckKind, Cluster, Grading, Host, HostKeyPolicy, Inventory, Language, PackageSource,
    SecretSource, TransportChoice,
};
use crate::roles::samples::settings;
use crate::roles::{Balancer, Socket, Web};

fn host<'a>(inventory: &'a Inventory, id: &str) -> &'a Host {
    inventory.hosts().find(|host| host.id.as_str() == id).unwrap_or_else(|| panic!("no {id}"))
}

#[test]
fn the_whole_format() {
    let inventory = read_well(
        "version: 1
name: Sistemas Distribuídos
language: pt-BR
grading: { maximum: 10, weights: { http: 2, socket: 0.5 } }
ssh:
  user: ubuntu
  port: 22
  identity: ~/.ssh/labsuser.pem
  jump: user@bastion:22
  transport: auto
  host_keys: accept-new
  connect_timeout: 10s
  password: prompt
become: { method: sudo, password: prompt }
vars: { course: SD }
packages: { via: auto, extra: [python3-pip], mirrors_allowed: [mirror.campus.example, 'cache.campus.example:3142'] }
balancer: { port: 80, algorithm: roundrobin, stats_port: 8404, template: my-haproxy.cfg.tera }
web:      { port: 80, template: my-index.html.tera }
socket:   { path: /opt/socket, port: 50007, host: \"\", server: localhost }
hosts:
  lb01:       { address: 10.0.0.50, roles: [balancer] }
  web[01:02]:
    address: 10.0.0.[51:52]
    private_address: 172.16.0.[51:52]
    roles: [web, socket]
    vars: { title: \"Servidor web\" }
clusters:
  ana:   { vars: { course: Redes }, hosts: { lb: { address: 10.9.0.1 } } }
  team[01:10]: { hosts: { lb: { address: \"10.1.[1:10].10\", roles: [balancer] }, \"web[1:2]\": { address: \"10.1.[1:10].1[1:2]\", roles: [web] } } }
",
    );
    insta::assert_debug_snapshot!(inventory.clusters[0]);
    assert_eq!(inventory.name.as_deref(), Some("Sistemas Distribuídos"));
    assert_eq!(inventory.language, Language::Portuguese);
    let weights = [(CheckKind::HTTP, 2.0), (CheckKind::SOCKET, 0.5)].into();
    assert_eq!(inventory.grading, Grading { maximum: 10.0, weights });
    assert_eq!(inventory.path, Path::new("/class/inventory.yaml"));
    let names: Vec<_> = inventory.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names[..3], ["default", "ana", "team01"]);
    assert_eq!(names.len(), 12);
    assert_eq!(inventory.hosts().count(), 3 + 1 + 30);
    assert_eq!(host(&inventory, "team10/web2").connection.address, "10.1.10.12");
    assert_eq!(host(&inventory, "team03/lb").connection.address, "10.1.3.10");
    assert_eq!(host(&inventory, "ana/lb").vars["course"], "Redes");
}

#[test]
fn defaults() {
    let inventory = read_well("hosts: { a: { address: b } }");
    insta::assert_debug_snapshot!(inventory);
}

#[test]
fn the_nearest_wins_key_by_key() {
    let inventory = read_well(
        "
ssh: { user: top, port: 1, transport: russh, connect_timeout: 5, password: env:TOP, identity: keys/top }
become: { method: sudo, password: prompt }
vars: { a: top, b: top, c: { x: 1, y: 2 } }
packages: { via: laptop, extra: [vim] }
balancer: { port: 8080, algorithm: leastconn, template: top.tera }
web: { port: 8081 }
socket: { port: 5000, host: 0.0.0.0 }
clusters:
  k:
    ssh: { user: cluster, host_keys: strict, password: 'command:pass show k' }
    become: { method: none }
    vars: { b: cluster, c: { z: 3 } }
    packages: { extra: [nano, less] }
    balancer: { algorithm: random(2) }
    socket: { port: 5001, server: 10.0.0.9 }
    hosts:
      near: { address: a, ssh: { user: host, port: 3, password: 'file:~/p' }, vars: { b: host }, packages: { via: host }, roles: [balancer, web, socket] }
      far: { address: b }
  other: { hosts: { h: { address: c, roles: [socket] } } }
",
    );
    let (near, far, other) =
        (host(&inventory, "k/near"), host(&inventory, "k/far"), host(&inventory, "other/h"));
    assert_eq!(near.connection.user.as_deref(), Some("host"));
    assert_eq!(far.connection.user.as_deref(), Some("cluster"));
    assert_eq!(other.connection.user.as_deref(), Some("top"));
    assert_eq!((near.connection.port, far.connection.port), (Some(3), Some(1)));
    assert_eq!(near.connection.transport, TransportChoice::Russh);
    assert_eq!((far.connection.host_keys, other.connection.host_keys), (Some(HostKeyPolicy::Strict), None));
    assert_eq!(near.connection.connect_timeout, Duration::from_secs(5));
    assert_eq!(near.connection.identity.as_deref(), Some(Path::new("/class/keys/top")));
    assert_eq!(near.connection.password, Some(SecretSource::File("/home/ana/p".into())));
    assert_eq!(far.connection.password, Some(SecretSource::Command("pass show k".into())));
    assert_eq!(other.connection.password, Some(SecretSource::Environment("TOP".into())));
    assert_eq!((far.r#become.method, other.r#become.method), (BecomeMethod::None, BecomeMethod::Sudo));
    assert_eq!(far.r#become.password, Some(SecretSource::Prompt));
    let vars = serde_json::to_string(&near.vars).unwrap();
    assert_eq!(vars, r#"{"a":"top","b":"host","c":{"z":3}}"#);
    assert_eq!((near.packages.via, far.packages.via), (PackageSource::Host, PackageSource::Laptop));
    assert_eq!((near.packages.extra.len(), other.packages.extra.len()), (2, 1));
    assert_eq!(
        (settings::<Balancer>(near).port, settings::<Balancer>(near).algorithm.as_str()),
        (8080, "random(2)")
    );
    assert_eq!(settings::<Balancer>(near).template.as_deref(), Some(Path::new("/class/top.tera")));
    assert_eq!(
        (settings::<Web>(near).port, settings::<Socket>(near).port, settings::<Socket>(other).port),
        (8081, 5001, 5000)
    );
    assert_eq!(
        (settings::<Socket>(near).host.as_str(), settings::<Socket>(near).server.as_str()),
        ("0.0.0.0", "10.0.0.9")
    );
}

#[test]
fn ranges_zip() {
    let inventory = read_well(
        "
clusters:
  t[1:2]:
    vars: { team: 'Equipe [a:b]' }
    ssh: { port: '2[1:2]01', jump: 'gate[1:2]' }
    web: { port: '808[1:2]' }
    hosts:
      w[1:2]: { address: '10.[1:2].0.[1:2]', vars: { number: '[1:2]-[1:2]', list: ['x[1:2]'] }, roles: [web] }
      db: { address: '10.[1:2].0.9' }
  one:
    vars: { when: 'at [10:30]' }
    hosts:
      n[09:11]: { address: 'fe80::[9:11]', ssh: { port: '22[09:11]' } }
      o[a:c]: { address: 'o[1:5:2]' }
      '5': { address: '[2001:db8::1]', vars: { keep: '[2001:db8::1]' } }
",
    );
    let address = |id: &str| host(&inventory, id).connection.address.clone();
    assert_eq!((address("t2/w1"), address("t1/w2")), ("10.2.0.1".into(), "10.1.0.2".into()));
    assert_eq!(address("t2/db"), "10.2.0.9");
    let w = host(&inventory, "t2/w1");
    assert_eq!((w.vars["team"].as_str(), w.vars["number"].as_str()), (Some("Equipe b"), Some("2-1")));
    assert_eq!(w.vars["list"][0], "x2");
    assert_eq!((w.connection.port, settings::<Web>(w).port), (Some(2201), 8082));
    assert_eq!(w.connection.jump.as_ref().unwrap().host, "gate2");
    assert_eq!((address("one/n09"), address("one/n11")), ("fe80::9".into(), "fe80::11".into()));
    assert_eq!(host(&inventory, "one/n10").connection.port, Some(2210));
    assert_eq!((address("one/oa"), address("one/oc")), ("o1".into(), "o5".into()));
    assert_eq!(address("one/5"), "2001:db8::1");
    assert_eq!(host(&inventory, "one/5").vars["keep"], "[2001:db8::1]");
}

#[test]
fn numbers_count_per_leading_role() {
    let inventory = read_well(
        "
web: { port: 81 }
hosts:
  a: { address: a, roles: [balancer] }
  b: { address: b, roles: [web] }
  c: { address: c, roles: [balancer, web] }
  d: { address: d, roles: [socket] }
  e: { address: e, roles: [socket, web] }
  f: { address: f }
  g: { address: g, roles: [balancer, socket] }
  h: { address: h, roles: [socket] }
",
    );
    let numbers: Vec<_> = inventory.hosts().map(|host| host.index).collect();
    assert_eq!(numbers, [1, 1, 2, 1, 3, 1, 2, 2]);
    assert_eq!(inventory.clusters[0].with_role("web").count(), 3);
}

#[test]
fn one_address_may_have_many_ports() {
    let inventory = read_well(
        "hosts:\n  lb: { address: 127.0.0.1, private_address: 10.0.0.1, roles: [balancer], ssh: { port: 2200 } }\n  \
         w[1:2]: { address: 127.0.0.1, private_address: '10.0.0.1[1:2]', roles: [web], ssh: { port: '220[1:2]' } }\n",
    );
    let Cluster { hosts, .. } = &inventory.clusters[0];
    assert_eq!(hosts[2].connection.port, Some(2202));
    assert_eq!(hosts[2].private_address, "10.0.0.12");
    // Behind two bastions one private address is two machines.
    read_well(
        "hosts:\n  a: { address: 10.0.0.1, ssh: { jump: x } }\n  b: { address: 10.0.0.1, ssh: { jump: y } }\n",
    );
}

#[test]
fn what_a_cluster_says_for_all_its_hosts_is_looked_at_once() {
    let looked = Cell::new(0);
    let surroundings = Surroundings {
        home: None,
        is_file: &|_| looked.replace(looked.get() + 1) < usize::MAX,
        check_template: &|_, _, _| Ok(()),
        extent: Extent::Used,
    };
    let text = "web: {template: page.tera}\nclusters:\n  team[1:2]:\n    hosts:\n      \
                web[1:3]: {address: '10.[1:2].0.[1:3]', roles: [web]}\n";
    let inventory = parse(text, Path::new("/class/inventory.yaml"), &surroundings).unwrap();
    assert_eq!((inventory.hosts().count(), looked.get()), (6, 2));
}

#[test]
fn yaml_of_all_kinds() {
    let inventory = read_well(
        "\u{feff}# comment\r\nssh: &s { user: \"u\" }\r\nhosts:\r\n  ? a\r\n  : address: >-\r\n      b\r\n    ssh: *s\r\n  \
         1: {address: c, vars: {n: 1.50, t: true, s: '1', l: [1, ~], big: 123456789012345678901234567890}}\r\n",
    );
    assert_eq!(host(&inventory, "a").connection.user.as_deref(), Some("u"));
    let vars = serde_json::to_string(&host(&inventory, "1").vars).unwrap();
    assert_eq!(vars, r#"{"big":"123456789012345678901234567890","l":[1,null],"n":1.5,"s":"1","t":true}"#);
    read_well(r#"{"hosts": {"a": {"address": "b"}}}"#);
}
