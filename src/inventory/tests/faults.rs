//! Every fault of an inventory, as people see it.

use std::path::Path;

use proptest::prelude::*;

use super::read;
use crate::document::syntax;
use crate::error::{Block, ErrorKind};
use crate::inventory::{Extent, load};
use crate::model::{Language, Text};

/// Shows the faults of several inventories below each other.
fn shown(cases: &[&str]) -> String {
    let shown = cases.iter().map(|text| match read(text) {
        Ok(_) => panic!("no fault in:\n{text}"),
        Err(faults) => faults.sample(),
    });
    shown.collect::<Vec<_>>().join("\n\n────────\n")
}

#[test]
fn keys_and_words() {
    insta::assert_snapshot!(shown(&[
        "hosts:\n  web01: { address: 10.0.0.1, roles: [webb], prot: 22 }\n",
        "hsots: {}\nlanguage: pt\nname: [a]\nversion: 2\n",
        "hosts:\n  a: { address: 1.1.1.1, roles: [web] }\n  a: { address: 1.1.1.2, roles: [web], roles: [socket] }\n",
        "ssh: { trasport: auto, transport: opensh, host_keys: yes, connect_timeout: soon, port: 65536 }\n\
         become: { method: su }\npackages: { via: internet, extra: [vim nano, -y], mirrors_allowed: ['a b', 'a:x'] }\n\
         hosts: { a: { address: b } }\n",
        "balancer: { algorithm: roundrobbin, port: 0, stats_port: high }\nweb: { port: -1 }\n\
         socket: { path: opt, port: 70000, host: 'a b', server: -x }\nhosts: { a: { address: b } }\n",
        "clusters:\n  ana:\n    roles: [web]\n    language: en\n    user: ubuntu\n    hosts:\n      \
         a: { ip: b, web: { port: 81 }, port: 22 }\n",
        "students: {}\nhosts: { a: { address: b, roles: web } }\nvars: [x]\nssh: fast\n",
    ]));
}

#[test]
fn clusters_and_hosts() {
    insta::assert_snapshot!(shown(&[
        "",
        "- a\n",
        "name: x\n",
        "hosts:\n",
        "clusters: { ana: {}, bia: { hosts: {} } }\n",
        "clusters: { default: { hosts: { a: { address: b } } } }\n",
        "hosts:\n  lb: { address: a, roles: [balancer] }\n",
        "clusters:\n  team[1:3]: { hosts: { lb: { address: '10.0.[1:3].1', roles: [balancer] } } }\n",
        "hosts:\n  web[1:2]: { address: '10.0.0.[1:2]' }\n  web2: { address: 10.0.0.9 }\n",
        "clusters:\n  a[1:2]: { hosts: { x: { address: '10.0.0.[1:2]' } } }\n  a2: { hosts: { x: { address: 10.0.0.9 } } }\n",
        "hosts:\n  'a b': { address: x }\n  josé: { address: y }\n  w[3:1]: { address: '10.0.0.[1:3]' }\n  \
         w[1:2]-[1:2]: { address: z }\n  -x: { address: u }\n  ../x: { address: v }\n",
        "hosts:\n  a:\n  b: { roles: [] }\n  c: text\n",
        "hosts:\n  w[1:20000]: { address: '10.0.0.[1:20000]' }\n",
        "clusters:\n  t[1:150]: { hosts: { 'w[1:100]': { address: '10.0.[1:150].[1:100]' } } }\n  u: { hosts: { w: { address: a } } }\n",
    ]));
}

#[test]
fn addresses_and_ports() {
    insta::assert_snapshot!(shown(&[
        "hosts:\n  a: { address: 10.0.0.256 }\n  b: { address: a:22 }\n  c: { address: u@c }\n  d: { address: '' }\n  \
         e: { address: -oProxyCommand=x }\n  f: { address: '10.0.0.[1:2]' }\n  g: { address: '10.0.0.[1-2]' }\n  \
         h: { address: '2001::db8::1' }\n  i: { address: 'a b', private_address: '{{x}}' }\n  j: { address: 10.5 }\n",
        "hosts:\n  w[250:260]: { address: '10.0.0.[250:260]' }\n",
        "hosts:\n  w[1:3]: { address: '10.0.0.[1:2]', private_address: '172.16.0.[1:4]' }\n",
        "clusters:\n  t[1:3]: { vars: { x: '[1:2]' }, hosts: { 'w[1:2]': { address: '10.[1:5].0.[1:2]' } } }\n",
        "hosts:\n  a: { address: 10.0.0.1 }\n  b: { address: 10.0.0.1, ssh: { port: 22 } }\n  \
         c: { address: 10.0.0.1, ssh: { port: 2222 } }\n",
        "clusters:\n  ana: { hosts: { a: { address: Host.example } } }\n  bia: { hosts: { a: { address: host.example } } }\n",
        "clusters:\n  t[1:2]: { hosts: { 'w[1:2]': { address: '10.0.0.[1:2]' } } }\n",
        "hosts:\n  a: { address: 10.0.0.1, roles: [balancer, web] }\n",
        "web: { port: 8404 }\nhosts:\n  a: { address: 10.0.0.1, roles: [balancer, web] }\n",
        "balancer: { port: 50007, stats_port: 50007 }\nhosts:\n  \
         a: { address: 10.0.0.1, roles: [balancer, web, socket] }\n",
        "clusters:\n  t[1:2]:\n    socket: { port: 80 }\n    hosts: { w: { address: '10.0.0.[1:2]', roles: [socket, web] } }\n",
        "hosts:\n  lb: { address: 127.0.0.1, roles: [balancer], ssh: { port: 2200 } }\n  \
         web[1:2]: { address: 127.0.0.1, roles: [web], ssh: { port: '220[1:2]' } }\n",
        "hosts:\n  lb: { address: 10.0.0.1, roles: [balancer] }\n  \
         web[1:2]: { address: '10.0.0.[2:3]', private_address: 10.1.1.1, roles: [web] }\n",
    ]));
}

#[test]
fn files_and_templates() {
    insta::assert_snapshot!(shown(&[
        "ssh: { identity: ~/.ssh/missing.pem }\nbecome: { password: 'file:missing.txt' }\nweb: { template: missing.tera }\n\
         balancer: { template: /missing.tera }\nhosts: { a: { address: b, roles: [web] }, c: { address: d } }\n",
        "ssh: { identity: id.pub }\nhosts: { a: { address: b, ssh: { identity: ~bia/key } } }\n",
        "ssh: { identity: '' }\nhosts: { a: { address: b } }\n",
        "web: { template: broken.tera }\nhosts: { 'web[01:03]': { address: '10.0.0.[1:3]', roles: [web] } }\n",
        "web: { template: picky.tera }\nhosts: { 'web[01:03]': { address: '10.0.0.[1:3]', roles: [web] } }\n",
        "balancer: { template: broken.tera }\nhosts:\n  lb: { address: a, roles: [balancer] }\n  w: { address: b, roles: [web] }\n",
    ]));
}

#[test]
fn grading() {
    insta::assert_snapshot!(shown(&[
        "grading: { weights: { htp: 2, http: -1, stats: many, socket: [1], ssh: 1e9, service: }, maximum: 0 }\n\
         hosts: { a: { address: b } }\n",
        "grading: { weights: 2, max: 10, maximum: .inf }\nhosts: { a: { address: b } }\n",
        "grading: { weights: { ssh: 0, service: 0, http: 0, balance: 0, stats: 0.0, socket: 0 } }\n\
         hosts: { a: { address: b } }\n",
        "clusters: { ana: { grading: { maximum: 10 }, hosts: { a: { address: b } } } }\n",
    ]));
}

#[test]
fn connections() {
    insta::assert_snapshot!(shown(&[
        "ssh: { user: 'a b', jump: 'a,b', connect_timeout: 0s }\nhosts: { a: { address: b } }\n",
        "ssh: { user: -x, jump: 'b:0', connect_timeout: 1h }\nhosts: { a: { address: b } }\n",
        "ssh: { user: , jump: 'u@', port: 22.5 }\nhosts: { a: { address: b } }\n",
    ]));
}

#[test]
fn literal_passwords_are_refused_and_not_shown() {
    let shown = shown(&[
        "ssh: { password: hunter2, prot: 22 }\nhosts: { a: { address: b } }\n",
        "become:\n  password: \"hunter2, hunter2\"\nhosts: { a: { address: b } }\n",
        "ssh: { password: 2718281828 }\nhosts: { a: { address: b, ssh: { password: env:hunter2 hunter2 } } }\n",
        "ssh:\n  password: |\n    hunter2\nhosts: { a: { address: b } }\n",
        "ssh:\n  password:\n    hunter2\nhosts: { a: { address: b } }\n",
        "ssh: { password: { hunter2: x }, password: [hunter2] }\nhosts: { a: { address: b } }\n",
        "ssh: { password: hunter2\nhosts: { a: { address: b } }\n",
        "ssh: { password: @hunter2 }\nhosts: { a: { address: b } }\n",
        "ssh: { password: a[hunter2] }\nhosts: { a: { address: b } }\n",
        "ssh: { passwrod: hunter2 }\nhosts: { a: { address: b } }\n",
        "hosts: { a: { address: b, ssh: { password: !x hunter2 } } }\n",
    ]);
    assert!(!shown.contains("hunter2"), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn syntax() {
    insta::assert_snapshot!(shown(&[
        "hosts:\n  lb: { address: 10.0.0.[1:2] }\n",
        "hosts:\n  { 'lb': { address: a }, web[1:2]: { address: 10.0.0.[1:2], roles: [webb] }, x[1:2]: {address: [1:2].b}}\n",
        "hosts:\n\ta: { address: b }\n",
        "hosts:\n  a: { address: @b }\n",
        "hosts:\n  a: { address: *b }\n",
        "hosts:\n  a: { address: !b c }\n",
        "hosts:\n  a: { address: `b` }\n",
        "hosts:\n  a: { address: b\n  c: { address: d }\n",
        "hosts:\n  a: { address: \"b }\n",
        "hosts:\n  a: { address: \"b\\d\" }\n",
        "hosts:\n  a: { address: b }\n c: { address: d }\n",
        "hosts:\n  a: address: b\n",
        "hosts:\n  a\n  b\nx: y\n",
        "name: a: b\nhosts: {}\n",
        "hosts: { a: { address: b } }\n---\nhosts: {}\n",
        "x: &x { user: u }\nssh:\n  <<: *x\nhosts: { a: { address: b } }\n",
        "roles: [web\nhosts: { a: { address: b } }\n",
    ]));
}

#[test]
fn many_faults_at_once_in_the_order_of_the_text() {
    let text = "\
version: 3
language: pt
ssh:
  usr: ubuntu
  password: secret
balancer: { port: 0 }
hosts:
  lb01: { address: 10.0.0.50, roles: [balancer, balncer] }
  web[01:02]:
    address: 10.0.0.[51:53]
    roles: [web]
    roles: [socket]
  db: { address: 10.0.0.50, vars: { a: 1, a: 2 } }
";
    let faults = read(text).unwrap_err();
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [1, 2, 4, 5, 6, 8, 10, 12, 13, 13]);
    assert_eq!(faults.count(), 10);
    let rendered = faults.render(Language::English, false);
    assert!(rendered.ends_with("10 faults in /class/inventory.yaml"), "{rendered}");
    let place =
        format!("--> /class/inventory.yaml:8:{}", text.lines().nth(7).unwrap().find("balncer").unwrap() + 1);
    assert!(rendered.contains(&place), "{rendered}");
    assert!(faults.render(Language::English, true).contains("\u{1b}["));
}

/// Each place costs a parse of the text.
#[test]
fn of_a_large_text_fewer_faults_are_shown() {
    let hosts: Vec<_> =
        (0..9000).map(|index| format!("  h{index}: {{ adress: a{index}, rols: [web] }}\n")).collect();
    let faults = read(&format!("hosts:\n{}", hosts.concat())).unwrap_err();
    assert!((10..40).contains(&faults.iter().count()) && faults.count() > 1000, "{}", faults.count());
}

#[test]
fn what_is_wrong_a_hundredfold_is_bounded() {
    let hosts: Vec<_> = (0..150).map(|index| format!("  h{index}: {{ adress: a{index} }}\n")).collect();
    let text = format!("hosts:\n{}", hosts.concat());
    let faults = read(&text).unwrap_err();
    assert_eq!((faults.iter().count(), faults.count()), (100, 300));
    let rendered = faults.render(Language::English, false);
    assert!(rendered.ends_with("300 faults in /class/inventory.yaml, of which the first 100 are shown"));
}

#[test]
fn hostile_texts_end_quickly() {
    for text in ["[".repeat(500_000), "{a: ".repeat(200_000), "- ".repeat(400_000), "? ".repeat(200_000)] {
        let started = std::time::Instant::now();
        assert!(read(&text).is_err());
        assert!(started.elapsed().as_secs() < 5, "{}", &text[..8]);
    }
    let latin1 = syntax::decode(Path::new("x.yaml"), b"name: Jo\xe3o\n".to_vec()).unwrap_err();
    assert!(latin1.sample().contains("x.yaml:1:9"), "{latin1:?}");
}

#[test]
fn escapes_do_not_reach_the_terminal() {
    let faults =
        read("hosts:\n  \"a\\e[31m\": { address: \"b\\e]0;x\\a\", roles: [\"\\u202eweb\"] }\n").unwrap_err();
    assert_eq!(faults.count(), 3);
    assert!(!faults.sample().contains(['\u{1b}', '\u{7}', '\u{202e}']), "{faults:?}");
}

#[test]
fn files_that_can_not_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let error = |name: &str| load(&folder.path().join(name), &|_, _, _| Ok(()), Extent::Used).unwrap_err();
    let none = error("none.yaml");
    let shown = none.message.english().replace(folder.path().to_str().unwrap(), "FOLDER");
    insta::assert_snapshot!(format!("{shown}\nhint: {}", Text::join(&none.hints, "\n").english()));
    assert_eq!(error("").hints[0].english(), "name the inventory in this folder");
    std::fs::write(folder.path().join("large.yaml"), vec![b'a'; 1024 * 1024 + 1]).unwrap();
    for name in ["none.yaml", "", "large.yaml"] {
        assert_eq!(error(name).kind, ErrorKind::File, "{name}");
    }
    std::fs::write(folder.path().join("bad.yaml"), "hosts:\n").unwrap();
    assert_eq!(error("bad.yaml").kind, ErrorKind::Faults);
}

const GOOD: &str = "name: São\nssh: { user: u, password: prompt, port: \"22[1:2]\" }\nvars: { a: [1, {b: ~}] }\n\
    clusters:\n  t[1:2]:\n    web: { port: 81 }\n    hosts:\n      lb: { address: 10.0.0.1, roles: [balancer] }\n      \
    w[1:2]: { address: '10.[1:2].0.[1:2]', roles: [web, socket] }\n";

proptest! {
    // A failing case is printed; nothing is written into the repository.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_is_too_strange(edits in prop::collection::vec((0..GOOD.len(), "[\\[\\]{}:,*&!|>'\"%@`#?\\- \t\n\r<~aé\u{85}\u{2028}0]{0,3}"), 1..5)) {
        let mut text = GOOD.to_owned();
        for (at, new) in edits {
            let mut at = at.min(text.len());
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let end = at + text[at..].chars().next().map_or(0, char::len_utf8);
            text.replace_range(at..end, &new);
        }
        if let Err(faults) = read(&text) {
            prop_assert!(faults.count() > 0);
            prop_assert!(faults.iter().all(|fault| fault.complaint.hint != Text::default() && fault.complaint.message != Text::default()));
            prop_assert!(faults.sample().contains("/class/inventory.yaml:"));
        }
    }
}
