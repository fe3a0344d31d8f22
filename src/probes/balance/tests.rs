//! Every outcome of `balance`, on pages and answers made by hand.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::answer::Reply;
use super::super::site::Site;
use super::*;
use crate::model::CheckKind;

fn page(host: &str) -> String {
    format!("<title>{host}</title>")
}

fn reply(served_by: &str, status: u16, body: &str) -> Answer {
    let served_by = (!served_by.is_empty()).then(|| served_by.to_owned());
    Answer::Reply(Reply { status, served_by, body: body.into(), ..Reply::default() })
}

fn by_proxy(status: u16, body: &str) -> Answer {
    let via = Some("1.1 gate (squid)".to_owned());
    Answer::Reply(Reply { status, via, body: body.into(), ..Reply::default() })
}

fn by_name<T>(values: [T; 3]) -> HashMap<String, T> {
    ["web01", "web02", "web03"].map(str::to_owned).into_iter().zip(values).collect()
}

struct Case {
    algorithm: &'static str,
    pages: HashMap<&'static str, String>,
    seen: HashMap<HostId, OwnPage>,
    causes: Causes,
    before: Option<HaproxyState>,
    running: Option<HaproxyState>,
    own_template: bool,
    is_intact: Option<bool>,
    answers: Vec<Answer>,
}

impl Case {
    fn new() -> Self {
        let pages = ["web01", "web02", "web03"].map(|name| (name, page(name))).into();
        Self {
            algorithm: "roundrobin",
            pages,
            seen: HashMap::new(),
            causes: Causes::new(),
            before: None,
            running: None,
            own_template: false,
            is_intact: None,
            answers: Vec::new(),
        }
    }

    fn algorithm(mut self, name: &'static str) -> Self {
        self.algorithm = name;
        self
    }

    fn same_page(mut self) -> Self {
        self.pages.values_mut().for_each(|page| "same".clone_into(page));
        self
    }

    fn seen(mut self, name: &str, status: u16, body: &str) -> Self {
        self.seen.insert(HostId::new("ana", name), OwnPage { status, digest: digest(body.as_bytes()) });
        self
    }

    /// `http` of a web host failed.
    fn http_failed(mut self, name: &str) -> Self {
        let host = HostId::new("ana", name);
        self.causes.insert(host.clone(), Cause::new(CheckKind::HTTP, &host));
        self
    }

    /// HAProxy says that it runs so.
    fn running(mut self, algorithm: &str, weights: [u32; 3]) -> Self {
        self.running = Some(HaproxyState {
            algorithm: Some(Algorithm::new(algorithm)),
            weights: Some(by_name(weights)),
            chosen: by_name([0; 3]),
            ..HaproxyState::default()
        });
        self
    }

    /// And that it gave so many turns while we asked.
    fn turns(mut self, turns: [u64; 3]) -> Self {
        self.before.clone_from(&self.running);
        self.change(|running| running.chosen = by_name(turns))
    }

    /// And that so many connections are open.
    fn connections(self, connections: [u32; 3]) -> Self {
        self.change(|running| running.connections = by_name(connections))
    }

    /// But not by which algorithm.
    fn untold(self) -> Self {
        self.change(|running| running.algorithm = None)
    }

    fn change(mut self, change: impl FnOnce(&mut HaproxyState)) -> Self {
        change(self.running.as_mut().unwrap());
        self
    }

    /// HAProxy says that only its backups serve.
    fn only_backups(mut self) -> Self {
        self.running = Some(HaproxyState { algorithm: Some(Algorithm::Turns), ..HaproxyState::default() });
        self
    }

    fn intact(mut self) -> Self {
        self.is_intact = Some(true);
        self
    }

    fn own_template(mut self) -> Self {
        self.own_template = true;
        self
    }

    fn answers(mut self, count: usize, answer: &Answer) -> Self {
        self.answers.extend(std::iter::repeat_n(answer.clone(), count));
        self
    }

    fn from(self, name: &str, count: usize) -> Self {
        let answer = reply(name, 200, &self.pages[name]);
        self.answers(count, &answer)
    }

    fn verdict(self) -> String {
        let other = HostId::new("bia", "web01");
        let hosts = ["web01", "web02", "web03"].map(|name| (name, HostId::new("ana", name)));
        let mut pages: Vec<_> = hosts.iter().map(|(name, host)| (host, self.pages[name].as_str())).collect();
        pages.push((&other, "bia's page"));
        let expectation = BalancerExpectation {
            site: Site::inside(80),
            stats: Site::inside(8404),
            service: "haproxy".to_owned(),
            algorithm: self.algorithm.to_owned(),
            servers: hosts
                .iter()
                .map(|(name, host)| ServerExpectation {
                    host: host.clone(),
                    name: (*name).to_owned(),
                    address: "10.0.0.1".to_owned(),
                    port: 80,
                })
                .collect(),
            own_template: self.own_template,
            names: BTreeMap::new(),
            is_intact: self.is_intact,
            started_otherwise: None,
        };
        let known = KnownPages::new(pages);
        let lb = Target::new(&HostId::new("ana", "lb"), Path::new("inventory.yaml"));
        let evidence = Evidence {
            known: &known,
            seen: &self.seen,
            before: self.before.as_ref(),
            running: self.running.as_ref(),
            causes: &self.causes,
            answers: &self.answers,
        };
        let Judged { verdict, foreign_page } = judge(&lb, &expectation, &evidence);
        let seen = verdict.detail.english();
        assert_eq!(foreign_page, seen.contains("answered with"), "{seen}");
        let shares: Vec<_> = verdict.shares.iter().map(|(host, count)| format!("{host} {count}")).collect();
        verdict.sample(&format!(" [{}]", shares.join(", ")))
    }
}

#[test]
fn every_outcome_has_its_verdict() {
    let student = page("João");
    let fair = || Case::new().from("web01", 10).from("web02", 10);
    let cases = [
        ("fair", fair().from("web03", 10)),
        ("one silent", Case::new().from("web01", 15).from("web02", 15)),
        ("uneven", Case::new().from("web01", 20).from("web02", 5).from("web03", 5)),
        (
            "leastconn may be uneven",
            Case::new().algorithm("leastconn").from("web01", 28).from("web02", 1).from("web03", 1),
        ),
        ("source has one server", Case::new().algorithm("source").from("web02", 20)),
        ("source with two servers", Case::new().algorithm("source").from("web02", 10).from("web01", 10)),
        ("another cluster's page", fair().answers(10, &reply("web03", 200, "bia's page"))),
        (
            "another cluster's page that web03 itself shows",
            fair().seen("web03", 200, "bia's page").answers(10, &reply("web03", 200, "bia's page")),
        ),
        (
            "Apache's page from elsewhere",
            fair()
                .seen("web03", 200, &page("web03"))
                .answers(10, &reply("web03", 200, "<title>Apache2 Debian Default Page</title>")),
        ),
        (
            "a student's page on web03 itself",
            fair().seen("web03", 200, &student).answers(10, &reply("web03", 200, &student)),
        ),
        ("a student's page on web03, not asked", fair().answers(10, &reply("web03", 200, &student))),
        ("a student's page from nowhere", fair().answers(10, &reply("", 200, &student))),
        (
            "addresses swapped",
            Case::new()
                .from("web01", 10)
                .answers(10, &reply("web02", 200, &page("web03")))
                .answers(10, &reply("web03", 200, &page("web02"))),
        ),
        (
            "no header needed",
            Case::new()
                .answers(10, &reply("", 200, &page("web01")))
                .answers(10, &reply("", 200, &page("web02")))
                .answers(10, &reply("", 200, &page("web03"))),
        ),
        (
            "same pages with header",
            Case::new().same_page().from("web01", 10).from("web02", 10).from("web03", 10),
        ),
        ("same pages without header", Case::new().same_page().answers(30, &reply("", 200, "same"))),
        ("some 503", fair().answers(10, &reply("", 503, ""))),
        ("500 from one", fair().answers(10, &reply("web03", 500, ""))),
        (
            "403 that web03 itself gives",
            fair().seen("web03", 403, "a").answers(10, &reply("web03", 403, "b")),
        ),
        ("all 503", Case::new().answers(30, &reply("", 503, ""))),
        ("refused", Case::new().answers(3, &Answer::Refused)),
        ("timeouts", fair().answers(3, &Answer::TimedOut)),
        ("forbidden", Case::new().answers(3, &Answer::Forbidden)),
        ("a proxy's own page", Case::new().answers(30, &by_proxy(200, "<title>Login</title>"))),
        ("a proxy that does not get through", Case::new().answers(3, &by_proxy(503, ""))),
        ("a proxy that hands on", Case::new().answers(30, &by_proxy(200, &page("web01")))),
    ];
    let verdicts: Vec<_> =
        cases.into_iter().map(|(name, case)| format!("# {name}\n{}", case.verdict())).collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

/// Its only web host gives its page to itself alone: `http` of that one passes.
#[test]
fn what_a_web_host_does_not_give_to_its_balancer_is_its_own_rule() {
    let forbidden = || Case::new().answers(20, &reply("web01", 403, ""));
    let advice = |case: Case| case.verdict().lines().nth(1).unwrap_or_default().to_owned();
    let own = advice(forbidden().intact());
    assert!(own.contains("on ana/web01, `grep -rnE 'Require|Rewrite"), "{own}");
    assert!(!advice(forbidden()).contains("Require"), "its file may send elsewhere");
}

#[test]
fn what_another_probe_explains_is_not_told_again() {
    let student = page("João");
    let without_web01 = || Case::new().http_failed("web01").from("web02", 15).from("web03", 15);
    let cases = [
        ("silent", without_web01()),
        ("silent after a few answers", without_web01().from("web01", 2)),
        ("HAProxy answers in its place", without_web01().answers(5, &reply("", 503, ""))),
        ("it is too slow", without_web01().answers(5, &Answer::TimedOut)),
        ("its own bad answers", without_web01().answers(5, &reply("web01", 500, ""))),
        ("another cluster's page that it shows itself", {
            let evil = reply("web01", 200, "bia's page");
            without_web01().seen("web01", 200, "bia's page").answers(15, &evil)
        }),
        ("a student's page that it shows itself", {
            let evil = reply("web01", 200, &student);
            without_web01().seen("web01", 200, &student).answers(15, &evil)
        }),
        ("all three are gone", {
            let gone = Case::new().http_failed("web01").http_failed("web02").http_failed("web03");
            gone.answers(30, &reply("", 503, ""))
        }),
        ("a page of its own that is new each time", {
            let clock = |time| format!("<title>{time}</title>");
            without_web01()
                .seen("web01", 200, &clock("10:00"))
                .answers(15, &reply("web01", 200, &clock("10:01")))
        }),
        ("its own page is endless", without_web01().answers(3, &Answer::TooLarge)),
        ("the inventory exchanged two", {
            let shows = |name: &str, page: &str| reply(name, 200, &self::page(page));
            Case::new()
                .http_failed("web02")
                .http_failed("web03")
                .from("web01", 10)
                .answers(10, &shows("web02", "web03"))
                .answers(10, &shows("web03", "web02"))
        }),
        ("another one is silent, too", Case::new().http_failed("web01").from("web02", 30)),
        ("another one answers badly, too", without_web01().answers(5, &reply("web02", 500, ""))),
        ("the others are uneven", Case::new().http_failed("web01").from("web02", 25).from("web03", 5)),
        ("a foreign page all the same", without_web01().answers(5, &reply("web02", 200, "bia's page"))),
        ("the balancer itself is gone", Case::new().http_failed("web01").answers(3, &Answer::Refused)),
    ];
    let verdicts: Vec<_> =
        cases.into_iter().map(|(name, case)| format!("# {name}\n{}", case.verdict())).collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn the_algorithm_and_the_weights_in_use_decide() {
    let uneven = || Case::new().from("web01", 60).from("web02", 30).from("web03", 10);
    let uneven_two = || Case::new().from("web01", 280).from("web02", 20);
    let took_turns =
        || Case::new().from("web01", 15).from("web02", 10).from("web03", 5).running("roundrobin", [1, 1, 1]);
    let two_took_turns = || Case::new().from("web01", 15).from("web02", 15).running("roundrobin", [1, 1, 1]);
    let one = || Case::new().from("web02", 20);
    let cases = [
        ("weights of HAProxy", uneven().running("roundrobin", [6, 3, 1])),
        ("other weights", uneven().running("roundrobin", [1, 3, 6])),
        ("weights that nobody could ask for", uneven().own_template()),
        (
            "a server without weight",
            Case::new().from("web01", 10).from("web02", 10).running("roundrobin", [1, 1, 0]),
        ),
        (
            "no server has weight",
            Case::new().answers(20, &reply("", 503, "")).running("roundrobin", [0, 0, 0]),
        ),
        ("a backup serves alone", Case::new().http_failed("web01").from("web03", 20).only_backups()),
        ("random by weight", uneven().running("random", [6, 3, 1])),
        ("source in use", one().running("source", [1, 1, 1])),
        ("uri in use", one().running("uri", [1, 1, 1])),
        ("leastconn in use", uneven().running("leastconn", [1, 1, 1])),
        ("leastconn with a silent one", uneven_two().running("leastconn", [1, 1, 1])),
        (
            "leastconn with one that somebody keeps busy",
            uneven_two().running("leastconn", [1, 1, 1]).connections([0, 0, 1]),
        ),
        ("first in use", one().running("first", [1, 1, 1])),
        ("by a header, which a probe has not", uneven().running("hdr(X-User)", [1, 1, 1])),
        ("others asked, too", took_turns().turns([31, 30, 30])),
        ("others asked, too, and one had too few turns", took_turns().turns([60, 31, 9])),
        ("others asked, too, and one had no turn", two_took_turns().turns([60, 60, 0])),
        ("nobody else asked", took_turns().turns([15, 10, 5])),
        ("HAProxy was started anew meanwhile", took_turns().turns([0, 0, 0])),
        ("a template whose statistics tell no algorithm", {
            uneven().own_template().running("", [1, 1, 1]).untold()
        }),
    ];
    let verdicts: Vec<_> =
        cases.into_iter().map(|(name, case)| format!("# {name}\n{}", case.verdict())).collect();
    insta::assert_snapshot!(verdicts.join("\n"));
}

#[test]
fn many_servers_are_summed_up() {
    let names: Vec<_> = (1..=30).map(|number| format!("web{number:02}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let tally =
        Tally { requests: 300, by_server: (0..30).map(|index| 9 + index % 3).collect(), ..Tally::default() };
    let texts = [tally.shares(&names), listed(&names)];
    insta::assert_snapshot!(texts.map(|text| text.sample()).join("\n"), @r"
    300 requests: 30 web hosts, 9 to 11 each
      pt: 300 requisições: 30 servidores web, de 9 a 11 cada
    web01, web02, web03, web04, web05, web06, web07 and 23 more
      pt: web01, web02, web03, web04, web05, web06, web07 e mais 23
    ");
}
