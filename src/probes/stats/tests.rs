//! HAProxy's statistics → verdicts.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use super::super::answer::Reply;
use super::*;
use crate::model::CheckKind;
use crate::probes::Cause;
use crate::probes::site::{Place, Site};
use crate::probes::target::Ground;

const HEADER: &str = "# pxname,svname,qcur,status,weight,check_status,check_code,last_chk,addr,algo,";

fn server(name: &str, address: &str) -> ServerExpectation {
    ServerExpectation {
        host: HostId::new("ana", name),
        name: name.to_owned(),
        address: address.to_owned(),
        port: 80,
    }
}

fn lb() -> Target {
    Target::new(&HostId::new("ana", "lb"), Path::new("inventory.yaml"))
}

fn verdict(answer: &Answer, causes: &Causes) -> String {
    verdict_on(false, &KnownPages::default(), answer, causes)
}

fn verdict_on(own_template: bool, known: &KnownPages, answer: &Answer, causes: &Causes) -> String {
    let expectation = BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "roundrobin".to_owned(),
        servers: vec![
            server("web01", "10.0.0.51"),
            server("web02", "fd00::52"),
            server("web03", "web03.lan"),
        ],
        own_template,
        names: BTreeMap::new(),
        is_intact: None,
        started_otherwise: None,
    };
    let judged = judge(&lb(), &expectation, known, causes, answer);
    let left_out: Vec<_> = judged.left_out.iter().map(HostId::as_str).collect();
    let differs = if judged.only_differs { " (differs)" } else { "" };
    judged.verdict.sample(&format!(" [{}]{differs}", left_out.join(", ")))
}

fn page(rows: &[&str]) -> Answer {
    let mut body = format!("{HEADER}\nhttp-in,FRONTEND,,OPEN,,,,,,,\n");
    for row in rows {
        body.push_str(row);
        body.push_str(",\n");
    }
    body.push_str("backend_servers,BACKEND,0,UP,3,,,,,roundrobin,\nstats,FRONTEND,,OPEN,,,,,,,\n");
    Answer::Reply(Reply { status: 200, body: body.into_bytes(), ..Reply::default() })
}

const FIRST: &str = "backend_servers,web01,0,UP,1,L7OK,200,Layer7 check passed,10.0.0.51:80,";
const SECOND: &str = "backend_servers,web02,0,UP,1,L7OK,200,,[fd00::52]:80,";
const THIRD: &str = "backend_servers,web03,0,UP,1,* L7OK,200,,10.0.0.53:80,";

#[test]
fn every_state_has_its_verdict() {
    let cases = [
        ("all up", page(&[FIRST, SECOND, THIRD])),
        (
            "one down",
            page(&[FIRST, SECOND, "backend_servers,web03,0,DOWN,1,L4CON,,Connection refused,10.0.0.53:80,"]),
        ),
        (
            "bad status",
            page(&[
                FIRST,
                SECOND,
                "backend_servers,web03,0,DOWN,1,* L7STS,403,Forbidden\u{1b}[2J,10.0.0.53:80,",
            ]),
        ),
        ("going down", page(&[FIRST, SECOND, "backend_servers,web03,0,UP 1/2,1,L4TOUT,,,,"])),
        ("maintenance", page(&[FIRST, SECOND, "backend_servers,web03,0,MAINT,1,,,,,"])),
        ("another algorithm and weight", {
            let Answer::Reply(reply) = page(&[FIRST, SECOND, &THIRD.replace("UP,1", "UP,20")]) else {
                unreachable!("a page is a reply")
            };
            let body = String::from_utf8(reply.body).unwrap().replace(",roundrobin,", ",leastconn,");
            Answer::Reply(Reply { body: body.into_bytes(), ..reply })
        }),
        ("no check", page(&[FIRST, SECOND, "backend_servers,web03,0,no check,1,,,,,"])),
        ("another address", page(&["backend_servers,web01,0,UP,1,L7OK,200,,10.0.9.51:80,", SECOND, THIRD])),
        ("foreign and missing", page(&[FIRST, SECOND, "backend_servers,bob,0,UP,1,L7OK,200,,10.0.9.1:80,"])),
        ("another backend", page(&["old,web01,0,UP,1,L7OK,200,,10.0.0.51:80,"])),
        (
            "not statistics",
            Answer::Reply(Reply { status: 200, body: b"<html>".to_vec(), ..Reply::default() }),
        ),
        ("503", Answer::Reply(Reply { status: 503, ..Reply::default() })),
        ("a proxy", {
            let via = Some("1.1 gate (squid)".to_owned());
            Answer::Reply(Reply { status: 403, via, ..Reply::default() })
        }),
        ("refused", Answer::Refused),
        ("forbidden", Answer::Forbidden),
    ];
    let verdicts: Vec<_> = cases
        .into_iter()
        .map(|(name, answer)| format!("# {name}\n{}", verdict(&answer, &Causes::new())))
        .collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn what_another_probe_explains_is_not_told_again() {
    let cause = |name: &str, kind| (HostId::new("ana", name), Cause::new(kind, &HostId::new("ana", name)));
    let causes = Causes::from([cause("web02", CheckKind::HTTP), cause("web03", CheckKind::SSH)]);
    let down = |name: &str| format!("backend_servers,{name},0,DOWN,1,L4CON,,,,");
    let pages = [
        page(&[FIRST, &down("web02"), THIRD]),
        page(&[FIRST, &down("web02"), &down("web03")]),
        page(&[&down("web01"), &down("web02"), THIRD]),
        page(&[FIRST, SECOND, THIRD]),
    ];
    let verdicts: Vec<_> = pages.iter().map(|page| verdict(page, &causes)).collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn a_template_of_the_users_own_may_do_as_it_likes() {
    let without = KnownPages::default().without_statistics([HostId::new("ana", "lb")]);
    let named_otherwise = page(&[&FIRST.replace("web01", "s1"), &SECOND.replace("web02", "s2")]);
    let verdicts = [
        verdict_on(true, &without, &Answer::Refused, &Causes::new()),
        verdict_on(true, &KnownPages::default(), &Answer::Refused, &Causes::new()),
        verdict_on(true, &KnownPages::default(), &named_otherwise, &Causes::new()),
        verdict_on(true, &KnownPages::default(), &page(&[FIRST, SECOND]), &Causes::new()),
    ];
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn what_the_inventory_exchanged_is_no_fault_of_haproxy() {
    let exchanged = |first: &str, second: &str| {
        page(&[&FIRST.replace("10.0.0.51:80", first), &SECOND.replace("[fd00::52]:80", second), THIRD])
    };
    let cause = |name: &str| {
        let host = HostId::new("ana", name);
        (host.clone(), Cause::new(CheckKind::HTTP, &host))
    };
    let (both, one) = (Causes::from([cause("web01"), cause("web02")]), Causes::from([cause("web01")]));
    let verdicts = [
        verdict(&exchanged("[fd00::52]:80", "10.0.0.51:80"), &both),
        verdict(&exchanged("[fd00::52]:80", "10.0.0.51:80"), &one),
        verdict(&exchanged("10.0.0.99:80", "10.0.0.51:80"), &both),
    ];
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn a_page_of_a_real_haproxy() {
    let body = include_bytes!("testdata/haproxy-2.6.csv").to_vec();
    let answer = Answer::Reply(Reply { status: 200, body, ..Reply::default() });
    let names = [("web01", 9101), ("web02", 9102), ("web03", 9103), ("web04", 9109)];
    let mut expectation = BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "roundrobin".to_owned(),
        servers: names.map(|(name, port)| ServerExpectation { port, ..server(name, "127.0.0.1") }).into(),
        own_template: false,
        names: BTreeMap::new(),
        is_intact: None,
        started_otherwise: None,
    };
    let judged = |expectation: &BalancerExpectation| {
        judge(&lb(), expectation, &KnownPages::default(), &Causes::new(), &answer)
            .verdict
            .detail
            .english()
            .to_owned()
    };
    assert_eq!(
        judged(&expectation),
        "web04 is DOWN (L4CON: connect refused or host unreachable, “Connection refused”); expected 4 of 4 \
         servers of backend_servers UP"
    );
    expectation.servers.pop();
    expectation.servers[0].port = 80;
    assert_eq!(
        judged(&expectation),
        "web04 is no web host of this cluster; web01 has the address 127.0.0.1:9101 instead of 127.0.0.1:80; \
         expected 3 of 3 servers of backend_servers UP"
    );
    let running = HaproxyState::read(&answer).unwrap();
    assert_eq!(
        (running.algorithm, running.weights.map(|weights| weights.len())),
        (Some(Algorithm::Turns), Some(4))
    );
    assert_eq!((running.chosen["web01"], running.connections["web01"]), (409, 0));
}

/// `balance random`, with a server of weight 5, one of weight 0 and a backup.
#[test]
fn random_weights_and_a_backup_of_a_real_haproxy() {
    let page = include_str!("testdata/haproxy-2.6-weights.csv");
    let answer = |body: String| Answer::Reply(Reply { status: 200, body: body.into(), ..Reply::default() });
    let running = HaproxyState::read(&answer(page.to_owned())).unwrap();
    assert_eq!(running.algorithm, Some(Algorithm::Random));
    assert_eq!(running.weights, Some(weights([("web01", 5), ("web02", 0), ("web03", 0)])));
    let down = page.replace("UP,5,1,0", "DOWN,5,1,0");
    assert_eq!(HaproxyState::read(&answer(down)).unwrap().weights, None, "only the backup serves");

    let expectation = BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "random(2)".to_owned(),
        servers: (1..=3).map(|n| server(&format!("web0{n}"), &format!("10.213.1.1{n}"))).collect(),
        own_template: false,
        names: BTreeMap::new(),
        is_intact: None,
        started_otherwise: None,
    };
    let seen =
        judge(&lb(), &expectation, &KnownPages::default(), &Causes::new(), &answer(page.to_owned())).seen;
    assert_eq!(seen.english(), "web01 has the weight 5 instead of 1; web02 has the weight 0 instead of 1");
}

fn weights<const N: usize>(weights: [(&str, u32); N]) -> HashMap<String, u32> {
    weights.map(|(server, weight)| (server.to_owned(), weight)).into()
}

#[test]
fn what_runs_is_read_from_the_page() {
    let running = HaproxyState::read(&page(&[FIRST, &SECOND.replace("UP,1", "UP,2")])).unwrap();
    assert_eq!(running.weights, Some(weights([("web01", 1), ("web02", 2)])));
    assert_eq!(running.algorithm, Some(Algorithm::Turns));
    assert_eq!(HaproxyState::read(&Answer::Refused), None);
    assert_eq!(HaproxyState::read(&Answer::Reply(Reply::default())), None);
}

#[test]
fn garbage_is_no_statistics() {
    assert_eq!(
        parse(b"# pxname,svname\n\xff,\"x\n"),
        Some(vec![Row { proxy: "\u{fffd}".to_owned(), server: "x\n".to_owned(), ..Row::default() }])
    );
    assert_eq!(parse(b""), None);
}

/// HAProxy resolves a name when it starts or reloads, on its own host.
#[test]
fn a_name_that_moved_or_leads_nowhere_is_named_as_that() {
    let expectation = |leads: &[&str]| BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "roundrobin".to_owned(),
        servers: vec![server("web03", "web03.lan")],
        own_template: false,
        names: match leads {
            [] => BTreeMap::new(),
            leads => {
                let addresses = leads.iter().map(|address| address.parse().unwrap()).collect();
                BTreeMap::from([("web03.lan".to_owned(), addresses)])
            }
        },
        is_intact: Some(true),
        started_otherwise: None,
    };
    let row = |status: &str, address: &str| {
        page(&[&format!("backend_servers,web03,0,{status},1,L7OK,200,,{address},")])
    };
    let told = |leads: &[&str], answer: &Answer| {
        let judged = judge(&lb(), &expectation(leads), &KnownPages::default(), &Causes::new(), answer);
        let Verdict { detail, hint, .. } = judged.verdict;
        format!("{}\n{}", detail.english(), hint.as_ref().map_or("", Text::english))
    };
    let well = "1 of 1 servers UP\n";
    for (leads, address) in [
        (&["10.0.0.53"][..], "10.0.0.53:80"),
        (&["fd00::53", "10.0.0.53"], "[fd00::53]:80"),
        (&["fd00::53", "10.0.0.53"], "10.0.0.53:80"),
        (&["::1"], "127.0.0.1:80"),
        // Nobody knows.
        (&[], "10.0.0.9:80"),
    ] {
        assert_eq!(told(leads, &row("UP", address)), well, "{leads:?}");
    }
    let moved = told(&["10.0.0.53"], &row("DOWN", "10.0.0.9:80"));
    assert!(
        moved.starts_with("web03 has the address 10.0.0.9:80 instead of 10.0.0.53:80 (web03.lan); "),
        "{moved}"
    );
    assert!(
        moved.contains("`systemctl reload haproxy` on ana/lb") && !moved.contains("provision "),
        "{moved}"
    );
    let nowhere = told(&[], &row("MAINT (resolution)", ""));
    assert!(nowhere.contains("`getent ahosts web03.lan` on ana/lb must show an address"), "{nowhere}");
}

/// Neither a reload nor an apply makes it read another file than those it was started with.
#[test]
fn the_files_that_it_was_started_with_are_named() {
    let expectation = |is_intact| BalancerExpectation {
        site: Site::inside(80),
        stats: Site::inside(8404),
        service: "haproxy".to_owned(),
        algorithm: "roundrobin".to_owned(),
        servers: vec![server("web01", "10.0.0.51"), server("web02", "fd00::52")],
        own_template: false,
        names: BTreeMap::new(),
        is_intact,
        started_otherwise: Some("/etc/haproxy/my.cfg".into()),
    };
    for is_intact in [None, Some(false), Some(true)] {
        for answer in [page(&[FIRST]), Answer::Refused] {
            for without_systemd in [false, true] {
                let host = lb().on(Ground { without_systemd, ..Ground::default() });
                let known = KnownPages::default();
                let judged = judge(&host, &expectation(is_intact), &known, &Causes::new(), &answer).verdict;
                let hint = judged.hint.unwrap();
                let hint = hint.english();
                assert!(hint.contains("/etc/haproxy/my.cfg") && !hint.contains("provision"), "{hint}");
                let command = if without_systemd { "$(pidof haproxy)" } else { "systemctl restart haproxy" };
                assert!(hint.contains(command), "{hint}");
            }
        }
    }
}

/// Its users come by an address where nobody answers, though HAProxy runs with the right file.
#[test]
fn a_listener_of_the_other_family_is_named_as_that() {
    let site = |port| Site { port, place: Place::At("fd00::50".to_owned()) };
    for own_template in [false, true] {
        let expectation = BalancerExpectation {
            site: site(80),
            stats: site(8404),
            service: "haproxy".to_owned(),
            algorithm: "roundrobin".to_owned(),
            servers: vec![server("web01", "10.0.0.51")],
            own_template,
            names: BTreeMap::new(),
            is_intact: Some(true),
            started_otherwise: None,
        };
        let judged =
            judge(&lb(), &expectation, &KnownPages::default(), &Causes::new(), &Answer::Refused).verdict;
        assert!(
            judged.failed()
                && judged.detail.english().contains("connection refused at http://[fd00::50]:8404/")
        );
        let hint = judged.hint.as_ref().unwrap().english();
        assert!(hint.contains("fd00::50 must be among them") && !hint.contains("provision "), "{hint}");
        assert_eq!(hint.contains("`bind :::8404 v6only`"), own_template, "{hint}");
    }
}
