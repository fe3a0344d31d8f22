//! `balance`: many requests through the balancer; every web host answers, no one else does, in fair shares.
//!
//! Who answered is told by the page itself. A page is a web host's own when the inventory gives it to that host, or
//! when that host has just served it when asked directly: a balancer that delivers a student's page from where it
//! stands is a sound balancer, and it is `http` of that web host that fails. The header `X-Served-By` decides only
//! between hosts whose pages are the same, and for a web host that could not be asked directly.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use crate::model::HostId;

use super::expectation::{Algorithm, BalancerExpectation};
use super::http::{Answer, Reply, forbidden};
use super::page::{KnownPages, PageDigest, digest};
use super::spread;
use super::verdict::Verdict;

/// More servers than this are not listed one by one.
const LISTED: usize = 8;

/// What a web host answered when it was asked directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPage {
    /// Status code.
    pub status: u16,
    /// Hash of the body.
    pub digest: PageDigest,
}

impl OwnPage {
    /// Keeps what `balance` needs of a direct answer.
    pub fn new(answer: &Answer) -> Option<Self> {
        match answer {
            Answer::Reply(reply) => Some(Self { status: reply.status, digest: digest(&reply.body) }),
            _ => None,
        }
    }
}

/// How many requests `balance` sends.
pub fn requests_for(expectation: &BalancerExpectation) -> usize {
    spread::requests_for(expectation.algorithm, expectation.servers.len())
}

/// Judges the answers that came through a balancer. `seen` holds what its web hosts answered directly, `weights` what
/// HAProxy says of its servers by name (1 where it says nothing).
pub fn judge(
    host: &HostId,
    expectation: &BalancerExpectation,
    known: &KnownPages,
    seen: &HashMap<HostId, OwnPage>,
    weights: &HashMap<String, u32>,
    answers: &[Answer],
) -> Verdict {
    let tally = Tally::new(expectation, known, seen, answers);
    let hosts = expectation.servers.iter().map(|server| server.host.clone());
    let shares = hosts.zip(tally.by_server.iter().copied()).collect();
    conclude(host, expectation, tally, weights, answers).with_shares(shares)
}

fn conclude(
    host: &HostId,
    expectation: &BalancerExpectation,
    tally: Tally,
    weights: &HashMap<String, u32>,
    answers: &[Answer],
) -> Verdict {
    let names: Vec<_> = expectation.servers.iter().map(|server| server.name.as_str()).collect();
    let expected = match expectation.algorithm {
        Algorithm::OneServer => format!("one of {}, always the same", listed(&names)),
        _ => format!("answers from {} only", listed(&names)),
    };
    let apply = format!("`provision apply -l {host}`");
    let unlike =
        || format!("`provision plan -l {host}` shows what differs in haproxy.cfg; {apply} puts it right");
    let shares = tally.shares(&names);

    if answers.contains(&Answer::Forbidden) {
        return forbidden(host, &expected);
    }
    if tally.answered() == 0
        && let Some((first, _)) = tally.failed.first_key_value()
    {
        let next = match answers.first() {
            Some(Answer::Reply(_)) => {
                "see `stats` of this host: HAProxy may count no server as UP".to_owned()
            }
            _ => format!("`systemctl status haproxy` on {host} says why; {apply} starts it"),
        };
        return Verdict::fail(format!("{} requests: {first}", answers.len()), expected, next);
    }
    if let Some((page, count)) = tally.foreign.iter().max_by_key(|(_, count)| **count) {
        return Verdict::fail(format!("{shares}: {count} answered with {page}"), expected, unlike());
    }
    if let Some((named, real)) = &tally.swapped {
        let seen = format!("{shares}: the server that HAProxy calls {named} serves the page of {real}");
        return Verdict::fail(seen, "each server to have the address of its host", unlike());
    }
    if let Some((failure, count)) = tally.failed.iter().max_by_key(|(_, count)| **count) {
        let next = "see `stats` of this host and `http` of its web hosts: one of them answers badly";
        return Verdict::fail(format!("{shares}: {count} failed with {failure}"), expected, next);
    }
    if tally.unknown > 0 {
        return Verdict::skip(
            format!(
                "{} requests: these web hosts have the same page, so nobody can tell who answered",
                answers.len()
            ),
            Some("put {{ host }} into the page's template, or an X-Served-By header into the balancer's"),
        );
    }
    let silent: Vec<_> =
        names.iter().zip(&tally.by_server).filter(|(_, count)| **count == 0).map(|(name, _)| *name).collect();
    if !silent.is_empty() && expectation.algorithm != Algorithm::OneServer {
        let next = format!("see `http` and `service` of {}, and `stats` of this host", listed(&silent));
        return Verdict::fail(
            format!("{shares}: {} never answered", listed(&silent)),
            format!("answers from {}", listed(&names)),
            next,
        );
    }
    let weights: Vec<_> = names.iter().map(|name| weights.get(*name).copied().unwrap_or(1)).collect();
    if let Some(law) = spread::misfit(expectation.algorithm, &tally.by_server, &weights) {
        let next = format!("{}; other people's requests at the same time can also cause this", unlike());
        return Verdict::fail(shares, law, next);
    }
    let note = tally.note.map(|note| format!(" ({note})")).unwrap_or_default();
    match expectation.algorithm {
        Algorithm::OneServer => Verdict::pass(format!("{shares}, as one client always has one server{note}")),
        _ => Verdict::pass(format!("{shares}{note}")),
    }
}

/// Who answered how often.
#[derive(Default)]
struct Tally {
    requests: usize,
    /// In the order of the expected servers.
    by_server: Vec<usize>,
    /// Pages that no server of this balancer should show, described.
    foreign: BTreeMap<String, usize>,
    /// Requests without a page, described.
    failed: BTreeMap<String, usize>,
    /// Answers that may come from several servers.
    unknown: usize,
    /// The name that HAProxy gave, and the host whose page came.
    swapped: Option<(String, HostId)>,
    /// Worth a word although the balancer is not to blame.
    note: Option<String>,
}

impl Tally {
    fn new(
        expectation: &BalancerExpectation,
        known: &KnownPages,
        seen: &HashMap<HostId, OwnPage>,
        answers: &[Answer],
    ) -> Self {
        let mut tally = Self {
            requests: answers.len(),
            by_server: vec![0; expectation.servers.len()],
            ..Self::default()
        };
        for answer in answers {
            match answer {
                Answer::Reply(reply) => tally.count(expectation, known, seen, reply),
                other => *tally.failed.entry(other.describe(known)).or_default() += 1,
            }
        }
        tally
    }

    fn count(
        &mut self,
        expectation: &BalancerExpectation,
        known: &KnownPages,
        seen: &HashMap<HostId, OwnPage>,
        reply: &Reply,
    ) {
        let servers = &expectation.servers;
        let named =
            servers.iter().position(|server| reply.served_by.as_deref() == Some(server.name.as_str()));
        let own = named.and_then(|index| seen.get(&servers[index].host));
        if reply.status != 200 {
            // The web host's own fault, where it says the same when asked directly.
            match (named, own) {
                (Some(index), Some(own)) if own.status == reply.status => {
                    self.by_server[index] += 1;
                    self.note = Some(format!("{} answers HTTP {}", servers[index].name, reply.status));
                }
                (Some(index), _) => {
                    let failure = format!("HTTP {} from {}", reply.status, servers[index].name);
                    *self.failed.entry(failure).or_default() += 1;
                }
                (None, _) => *self.failed.entry(format!("HTTP {}", reply.status)).or_default() += 1,
            }
            return;
        }
        let page = digest(&reply.body);
        // What another cluster's host should show is never one's own, even where a web host shows it too.
        let owners = known.hosts(&page);
        let elsewhere = !owners.is_empty()
            && !owners.iter().any(|owner| servers.iter().any(|server| server.host == *owner));
        let possible: Vec<_> = (0..servers.len())
            .filter(|index| {
                let host = &servers[*index].host;
                let shown = !elsewhere && seen.get(host).is_some_and(|own| own.digest == page);
                shown || known.of(host) == Some(page)
            })
            .collect();
        match (named, possible.as_slice()) {
            (Some(index), possible) if possible.contains(&index) => {
                self.by_server[index] += 1;
                if known.of(&servers[index].host) != Some(page) {
                    self.note = Some(format!("{} serves another page than its own", servers[index].name));
                }
            }
            (named, [index]) => {
                self.by_server[*index] += 1;
                if let Some(named) = named {
                    self.swapped = Some((servers[named].name.clone(), servers[*index].host.clone()));
                }
            }
            (None, [_, ..]) => self.unknown += 1,
            // A page of nobody here: forgiven only where HAProxy names a server that could not be asked directly.
            (Some(index), []) if own.is_none() && owners.is_empty() => {
                self.by_server[index] += 1;
                let page = known.identify(&reply.body).describe();
                self.note = Some(format!("{} serves {page}", servers[index].name));
            }
            _ => *self.foreign.entry(known.identify(&reply.body).describe()).or_default() += 1,
        }
    }

    fn answered(&self) -> usize {
        self.requests - self.failed.values().sum::<usize>()
    }

    /// `30 requests: web01 10, web02 10, web03 10`
    fn shares(&self, names: &[&str]) -> String {
        let mut text = format!("{} requests: ", self.requests);
        if names.len() <= LISTED {
            for (position, (name, count)) in names.iter().zip(&self.by_server).enumerate() {
                let separator = if position > 0 { ", " } else { "" };
                let _ = write!(text, "{separator}{name} {count}");
            }
        } else {
            let lowest = self.by_server.iter().min().copied().unwrap_or_default();
            let highest = self.by_server.iter().max().copied().unwrap_or_default();
            let _ = write!(text, "{} web hosts, {lowest} to {highest} each", names.len());
        }
        text
    }
}

fn listed(names: &[&str]) -> String {
    if names.len() <= LISTED {
        names.join(", ")
    } else {
        format!("{} and {} more", names[..LISTED - 1].join(", "), names.len() + 1 - LISTED)
    }
}

#[cfg(test)]
mod tests {
    use super::super::expectation::ServerExpectation;
    use super::*;

    fn page(host: &str) -> String {
        format!("<title>{host}</title>")
    }

    fn reply(served_by: &str, status: u16, body: &str) -> Answer {
        let served_by = (!served_by.is_empty()).then(|| served_by.to_owned());
        Answer::Reply(Reply { status, served_by, body: body.into(), ..Reply::default() })
    }

    struct Case {
        algorithm: &'static str,
        pages: HashMap<&'static str, String>,
        seen: HashMap<HostId, OwnPage>,
        answers: Vec<Answer>,
    }

    impl Case {
        fn new() -> Self {
            let pages = ["web01", "web02", "web03"].map(|name| (name, page(name))).into();
            Self { algorithm: "roundrobin", pages, seen: HashMap::new(), answers: Vec::new() }
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
            let mut pages: Vec<_> =
                hosts.iter().map(|(name, host)| (host, self.pages[name].as_str())).collect();
            pages.push((&other, "bia's page"));
            let expectation = BalancerExpectation {
                port: 80,
                stats_port: 8404,
                algorithm: Algorithm::new(self.algorithm),
                servers: hosts
                    .iter()
                    .map(|(name, host)| ServerExpectation {
                        host: host.clone(),
                        name: (*name).to_owned(),
                        address: "10.0.0.1".to_owned(),
                        port: 80,
                    })
                    .collect(),
                own_template: false,
            };
            let known = KnownPages::new(pages);
            let lb = HostId::new("ana", "lb");
            let verdict = judge(&lb, &expectation, &known, &self.seen, &HashMap::new(), &self.answers);
            let hint = verdict.hint.map(|hint| format!("\n    -> {hint}")).unwrap_or_default();
            let shares: Vec<_> =
                verdict.shares.iter().map(|(host, count)| format!("{host} {count}")).collect();
            format!("{}: {} [{}]{hint}", verdict.status.as_str(), verdict.detail, shares.join(", "))
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
        ];
        let verdicts: Vec<_> =
            cases.into_iter().map(|(name, case)| format!("# {name}\n{}", case.verdict())).collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn many_servers_are_summed_up() {
        let names: Vec<_> = (1..=30).map(|number| format!("web{number:02}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let tally = Tally {
            requests: 300,
            by_server: (0..30).map(|index| 9 + index % 3).collect(),
            ..Tally::default()
        };
        assert_eq!(tally.shares(&names), "300 requests: 30 web hosts, 9 to 11 each");
        assert_eq!(listed(&names), "web01, web02, web03, web04, web05, web06, web07 and 23 more");
    }
}
