use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{Templates, cluster_of, content, example, place, refusal, set, wanted};
use crate::model::{Inventory, Placement, Resource};
use crate::roles::{Balancer, Web};

const PATH: &str = "/etc/haproxy/haproxy.cfg";

fn configuration(inventory: &Inventory) -> String {
    content(&wanted(inventory, 0), PATH).to_owned()
}

/// HAProxy's own verdict on a configuration: its warnings and errors, empty where it has none.
fn judgement(configuration: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, configuration).unwrap();
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let output = Command::new("haproxy")
        .args(["-c", "-f"])
        .arg(&file)
        .env("PATH", path)
        .output()
        .expect("these tests ask HAProxy itself: apt-get install haproxy");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() && !said.contains("WARNING") { String::new() } else { said }
}

#[test]
fn one_web_host() {
    let text = configuration(&cluster_of(&["10.0.0.51"]));
    insta::assert_snapshot!(text);
    assert_eq!(judgement(&text), "");
}

#[test]
fn the_servers_are_the_web_hosts_by_private_address() {
    let mut inventory = cluster_of(&["10.0.0.51", "fd00::52", "localhost"]);
    inventory.clusters[0].hosts[1].private_address = "172.16.0.51".to_owned();
    set(&mut inventory.clusters[0].hosts[1], |role: &mut Web| role.port = 8080);
    let text = configuration(&inventory);
    let servers: Vec<&str> = text.lines().map(str::trim).filter(|line| line.starts_with("server ")).collect();
    assert_eq!(
        servers,
        [
            "server web01 172.16.0.51:8080 check",
            "server web02 [fd00::52]:80 check",
            "server web03 localhost:80 check init-addr last,libc,none",
        ]
    );
    assert_eq!(judgement(&text), "");
}

#[test]
fn haproxy_accepts_every_algorithm_and_port() {
    for algorithm in ["roundrobin", "static-rr", "leastconn", "first", "source", "uri", "random"] {
        let mut inventory = cluster_of(&["10.0.0.51", "10.0.0.52", "10.0.0.53"]);
        set(&mut inventory.clusters[0].hosts[0], |role: &mut Balancer| {
            role.algorithm = algorithm.to_owned();
            (role.port, role.stats_port) = (8000, 9000);
        });
        let text = configuration(&inventory);
        for line in [&format!("balance {algorithm}"), "bind *:8000", "bind *:9000"] {
            assert!(text.lines().any(|found| found.trim() == line), "{line}");
        }
        assert_eq!(judgement(&text), "", "{algorithm}");
        let resources = wanted(&inventory, 0);
        let Some(Resource::Service(service)) = resources.last() else { panic!("no service") };
        assert_eq!(service.ports, [8000, 9000]);
    }
}

#[test]
fn a_line_break_cannot_bring_a_section_of_its_own() {
    let mut inventory = cluster_of(&["10.0.0.51"]);
    inventory.clusters[0].hosts[1].name = "web01\nprogram evil\n  command id".to_owned();
    insta::assert_snapshot!(refusal(&inventory, 0), @r"
    built-in/haproxy.cfg.tera: a value with a line break or control character may not enter a configuration file: `web_hosts[0].host`
      pt: built-in/haproxy.cfg.tera: um valor com quebra de linha ou caractere de controle não pode entrar em um arquivo de configuração: `web_hosts[0].host`
    hint: write the value on one line in the inventory
      pt: escreva o valor em uma linha no inventário
    ");
}

#[test]
fn the_example_of_a_template_of_ones_own_is_accepted() {
    let mut inventory = cluster_of(&["10.0.0.51", "10.0.0.52"]);
    set(&mut inventory.clusters[0].hosts[0], |role: &mut Balancer| {
        role.template = Some(example("my-haproxy.cfg.tera"));
    });
    let text = configuration(&inventory);
    assert_eq!(judgement(&text), "");
    insta::assert_snapshot!(text);
}

#[test]
fn a_whole_file_of_ones_own_must_serve_the_port_and_may_leave_the_statistics_out() {
    let folder = tempfile::tempdir().unwrap();
    let template = folder.path().join("own.cfg");
    let mut inventory = cluster_of(&["10.0.0.51"]);
    set(&mut inventory.clusters[0].hosts[0], |role: &mut Balancer| role.template = Some(template.clone()));

    std::fs::write(&template, "frontend x\r\n    mode http\r\n    bind *:{{ port }}").unwrap();
    let resources = wanted(&inventory, 0);
    assert_eq!(content(&resources, PATH), "frontend x\n    mode http\n    bind *:80\n");
    let Some(Resource::Service(service)) = resources.last() else { panic!("no service") };
    assert_eq!(service.ports, [80]);

    std::fs::write(&template, "frontend x\n    mode http\n").unwrap();
    let refusal = refusal(&inventory, 0);
    assert!(refusal.contains("own.cfg: this template binds nothing on port 80"), "{refusal}");
}

/// Two `bind` lines, not one of both families: that would show each client as `::ffff:ADDRESS` to the web servers.
#[test]
fn both_families_are_served_where_the_kernel_has_both() {
    let inventory = cluster_of(&["10.0.0.51"]);
    let text = configuration(&inventory);
    let binds = |text: &str| {
        let lines = text.lines().map(str::trim).filter(|line| line.starts_with("bind "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(binds(&text), ["bind *:80", "bind :::80 v6only", "bind *:8404", "bind :::8404 v6only"]);
    let templates = Templates::load(&inventory);
    let place = Placement { ipv6: false, ..place(&inventory, 0) };
    let without = super::super::resources(&place, &templates).unwrap();
    let without = content(&without, PATH);
    assert_eq!(binds(without), ["bind *:80", "bind *:8404"]);
    assert_eq!(judgement(without), "");
}

/// A free port of both families, where there are two.
fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv6Addr::UNSPECIFIED, 0));
    let listener = listener.or_else(|_| TcpListener::bind((Ipv4Addr::UNSPECIFIED, 0))).unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_running_haproxy_answers_on_both_families() {
    let mut inventory = cluster_of(&["127.0.0.1"]);
    let port = free_port();
    set(&mut inventory.clusters[0].hosts[0], |role: &mut Balancer| {
        (role.port, role.stats_port) = (free_port(), port);
    });
    // What takes root, or belongs to the machine's own HAProxy.
    let roots = ["chroot", "stats socket", "user", "group", "daemon", "log /dev"];
    let text = configuration(&inventory);
    let lines = text.lines().filter(|line| !roots.iter().any(|word| line.trim().starts_with(word)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("haproxy.cfg");
    std::fs::write(&file, lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
    let path = format!("{}:/usr/sbin:/sbin", std::env::var("PATH").unwrap_or_default());
    let mut haproxy = Command::new("haproxy")
        .args(["-db", "-f"])
        .arg(&file)
        .env("PATH", path)
        .stderr(Stdio::null())
        .spawn()
        .expect("these tests ask HAProxy itself: apt-get install haproxy");
    let ask = |address: IpAddr| {
        let mut stream = TcpStream::connect((address, port)).ok()?;
        stream.write_all(b"GET /;csv HTTP/1.0\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    };
    let has_ipv6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok();
    let addresses = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    for address in addresses.into_iter().filter(|address: &IpAddr| has_ipv6 || address.is_ipv4()) {
        let started = Instant::now();
        let answer = loop {
            match ask(address) {
                Some(answer) => break Some(answer),
                None if started.elapsed() > Duration::from_secs(10) => break None,
                None => sleep(Duration::from_millis(50)),
            }
        };
        if answer.is_none() {
            haproxy.kill().unwrap();
        }
        assert!(answer.is_some_and(|answer| answer.contains("backend_servers,web01,")), "{address}");
    }
    haproxy.kill().unwrap();
    haproxy.wait().unwrap();
}
