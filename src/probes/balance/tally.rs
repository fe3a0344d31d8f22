//! Who answered how often, and who is to blame for requests without a page.

use std::collections::BTreeMap;

use crate::model::{HostId, Text, text};

use super::super::answer::{Answer, Reply};
use super::super::expectation::{BalancerExpectation, ServerExpectation};
use super::super::page::digest;
use super::{Evidence, LISTED};

/// Who is to blame for a request without a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The server that HAProxy named.
    Server(usize),
    /// HAProxy answered in place of some server, or that server was too slow.
    AnyServer,
    /// Nobody but the balancer.
    Balancer,
}

#[derive(Default)]
pub struct Tally {
    pub requests: usize,
    /// In the order of the expected servers.
    pub by_server: Vec<usize>,
    /// Pages that no server of this balancer should show, described, with the server that HAProxy named.
    pub foreign: BTreeMap<(Text, Option<usize>), usize>,
    /// Requests without a page, described, with their number.
    pub failed: BTreeMap<Text, (Blame, usize)>,
    /// Servers whose foreign page stands on the web host itself, which has a cause.
    pub explained: Vec<usize>,
    /// The proxies that one of these answers came through.
    pub via: Option<String>,
    /// Answers that may come from several servers.
    pub unknown: usize,
    /// The name that HAProxy gave, and the host whose page came.
    pub swapped: Option<(String, HostId)>,
    /// Worth a word although the balancer is not to blame.
    pub note: Option<Text>,
}

impl Tally {
    pub fn new(expectation: &BalancerExpectation, evidence: &Evidence<'_>) -> Self {
        let mut tally = Self {
            requests: evidence.answers.len(),
            by_server: vec![0; expectation.servers.len()],
            ..Self::default()
        };
        for answer in evidence.answers {
            match answer {
                Answer::Reply(reply) => tally.count(&expectation.servers, evidence, reply),
                // HAProxy hands on what a server says, and its silence.
                Answer::TimedOut | Answer::Closed | Answer::TooLarge | Answer::Invalid(_) => {
                    tally.fail(Blame::AnyServer, answer.describe(evidence.known));
                }
                other => tally.fail(Blame::Balancer, other.describe(evidence.known)),
            }
        }
        tally
    }

    fn fail(&mut self, blame: Blame, failure: Text) {
        self.failed.entry(failure).or_insert((blame, 0)).1 += 1;
    }

    fn count(&mut self, servers: &[ServerExpectation], evidence: &Evidence<'_>, reply: &Reply) {
        let Evidence { known, seen, causes, .. } = *evidence;
        let named =
            servers.iter().position(|server| reply.served_by.as_deref() == Some(server.name.as_str()));
        let own = named.and_then(|index| seen.get(&servers[index].host));
        let status = reply.status;
        if status != 200 {
            // The web host's own fault, where it says the same when asked directly.
            match (named, own) {
                (Some(index), Some(own)) if own.status == status => {
                    let name = &servers[index].name;
                    self.by_server[index] += 1;
                    self.note = Some(text!(
                        en: "{name} answers HTTP {status}",
                        pt: "{name} responde HTTP {status}",
                    ));
                }
                (Some(index), _) => {
                    self.via = self.via.take().or_else(|| reply.via.clone());
                    let name = &servers[index].name;
                    let failure = text!(en: "HTTP {status} from {name}", pt: "HTTP {status} de {name}");
                    self.fail(Blame::Server(index), failure);
                }
                (None, _) => {
                    self.via = self.via.take().or_else(|| reply.via.clone());
                    self.fail(Blame::AnyServer, Text::verbatim(format!("HTTP {status}")));
                }
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
                    let name = &servers[index].name;
                    self.note = Some(text!(
                        en: "{name} serves another page than its own",
                        pt: "{name} entrega uma página que não é a sua",
                    ));
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
                let name = &servers[index].name;
                self.note = Some(text!(en: "{name} serves {page}", pt: "{name} entrega {page}", page));
            }
            // It stands on the web host itself, and its own probe has told so; some pages are new each time.
            (Some(index), [])
                if causes.contains_key(&servers[index].host)
                    && (owners.is_empty() || own.is_some_and(|own| own.digest == page)) =>
            {
                self.by_server[index] += 1;
                self.explained.push(index);
            }
            _ => {
                self.via = self.via.take().or_else(|| reply.via.clone());
                let page = reply.describe(known);
                *self.foreign.entry((page, named)).or_default() += 1;
            }
        }
    }

    /// How many requests came back with anything.
    pub fn answered(&self) -> usize {
        self.requests - self.failed.values().map(|(_, count)| count).sum::<usize>()
    }

    /// `30 requests: web01 10, web02 10, web03 10`
    pub fn shares(&self, names: &[&str]) -> Text {
        let requests = self.requests;
        if names.len() <= LISTED {
            let shares = names.iter().zip(&self.by_server).map(|(name, count)| format!("{name} {count}"));
            let shares = shares.collect::<Vec<_>>().join(", ");
            return text!(en: "{requests} requests: {shares}", pt: "{requests} requisições: {shares}");
        }
        let hosts = names.len();
        let lowest = self.by_server.iter().min().copied().unwrap_or_default();
        let highest = self.by_server.iter().max().copied().unwrap_or_default();
        text!(
            en: "{requests} requests: {hosts} web hosts, {lowest} to {highest} each",
            pt: "{requests} requisições: {hosts} servidores web, de {lowest} a {highest} cada",
        )
    }
}
