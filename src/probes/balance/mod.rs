//! `balance`: many requests through the balancer; every web host answers, no one else does, in fair shares.
//!
//! Who answered is told by the page itself. A page is a web host's own when the inventory gives it to that host, or
//! when that host has just served it when asked directly: a balancer that delivers a student's page from where it
//! stands is a sound balancer, and it is `http` of that web host that fails. The header `X-Served-By` decides only
//! between hosts whose pages are the same, and for a web host that could not be asked directly.
//!
//! Where another probe has told why a web host does not answer, that is not told again: the balancer is judged by
//! the others, and where they are as they should be, the verdict is left to that probe.

mod law;
mod remedy;
mod tally;

use std::collections::HashMap;

use crate::model::{CheckKind, HostId, Probe, Text, Whose, text};

use super::answer::Answer;
use super::between::proxied;
use super::cause::{self, Cause, Causes};
use super::expectation::{Algorithm, BalancerExpectation, ServerExpectation};
use super::http::forbidden;
use super::page::{KnownPages, PageDigest, digest};
use super::spread;
use super::stats::HaproxyState;
use super::target::Target;
use super::verdict::Verdict;
use law::Law;
use remedy::{answers_badly, foreign, no_answer};
use tally::{Blame, Tally};

pub const PROBE: Probe = Probe {
    kind: CheckKind::BALANCE,
    of: Whose::Balancers,
    needs: &[CheckKind::SERVICE, CheckKind::SSH],
    needs_of_others: &[CheckKind::HTTP],
    asks_pages: true,
    proof: || {
        text!(
            en: "all web hosts answer through the balancer, in the shares that its algorithm gives",
            pt: "todos os servidores web respondem pelo balanceador, na proporção que o algoritmo dá",
        )
    },
    description: "The balancer shares requests out over all web hosts.",
};

/// More servers than this are not listed one by one.
const LISTED: usize = 8;

/// What a web host answered when it was asked directly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnPage {
    pub status: u16,
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

#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The pages of the inventory.
    pub known: &'a KnownPages,
    /// What the web hosts answered when they were asked directly.
    pub seen: &'a HashMap<HostId, OwnPage>,
    /// What HAProxy said before the requests were sent, where it could be read.
    pub before: Option<&'a HaproxyState>,
    /// What HAProxy says it runs with, where it could be read.
    pub running: Option<&'a HaproxyState>,
    /// Why some web hosts can't be expected to answer.
    pub causes: &'a Causes,
    /// What came through the balancer.
    pub answers: &'a [Answer],
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub verdict: Verdict,
    /// Whether a page came that no web host of this cluster should show.
    pub foreign_page: bool,
}

/// How many requests `balance` sends.
pub fn requests_for(expectation: &BalancerExpectation, running: Option<&HaproxyState>) -> usize {
    let law = Law::new(expectation, running);
    spread::requests_for(law.algorithm, &law.weights.unwrap_or_else(|| vec![1; expectation.servers.len()]))
}

/// Judges the answers that came through a balancer.
pub fn judge(host: &Target, expectation: &BalancerExpectation, evidence: &Evidence<'_>) -> Judged {
    let tally = Tally::new(expectation, evidence);
    let hosts = expectation.servers.iter().map(|server| server.host.clone());
    let shares = hosts.zip(tally.by_server.iter().copied()).collect();
    let foreign_page = !tally.foreign.is_empty();
    Judged { verdict: conclude(host, expectation, evidence, tally).with_shares(shares), foreign_page }
}

fn expected(law: &Law, names: &[&str]) -> Text {
    let all = listed(names);
    match law.algorithm {
        Algorithm::OneServer => {
            text!(en: "one of {all}, always the same", pt: "um de {all}, sempre o mesmo", all)
        }
        _ => text!(en: "answers from {all} only", pt: "respostas só de {all}", all),
    }
}

fn conclude(
    host: &Target,
    expectation: &BalancerExpectation,
    evidence: &Evidence<'_>,
    mut tally: Tally,
) -> Verdict {
    let Evidence { causes, answers, .. } = *evidence;
    let requests = answers.len();
    let names: Vec<_> = expectation.servers.iter().map(|server| server.name.as_str()).collect();
    let law = Law::new(expectation, evidence.running);
    let expected = expected(&law, &names);
    let shares = tally.shares(&names);
    let excused: Vec<_> = expectation.servers.iter().map(|server| causes.get(&server.host)).collect();

    if answers.contains(&Answer::Forbidden) {
        return forbidden(host);
    }
    let first = answers.first().filter(|_| tally.answered() == 0);
    if let Some(first) = first.filter(|first| first.is_no_reply() || excused.contains(&None)) {
        let what = first.describe(evidence.known);
        let seen = text!(en: "{requests} requests: {what}", pt: "{requests} requisições: {what}", what);
        return Verdict::fail(seen, expected, no_answer(host, expectation, &law, first));
    }
    if let Some(((page, server), count)) = tally.foreign.iter().max_by_key(|(_, count)| **count) {
        let seen = text!(
            en: "{shares}: {count} answered with {page}",
            pt: "{shares}; em {count} delas, a resposta foi {page}",
            shares,
            page,
        );
        let next = match &tally.via {
            Some(via) => proxied(host, &expectation.site, via),
            None => foreign(host, expectation, *server),
        };
        return Verdict::fail(seen, expected, next);
    }
    if let Some((named, real)) = &tally.swapped {
        return exchanged(host, expectation, causes, &shares, (named, real));
    }
    // From here on, a trouble of web hosts that have a cause is no trouble of the balancer.
    let (mut explained, mut troubles) = (std::mem::take(&mut tally.explained), Vec::new());
    for (failure, (blame, count)) in &tally.failed {
        match blame {
            Blame::Server(index) if excused[*index].is_some() => explained.push(*index),
            Blame::AnyServer if excused.iter().any(Option::is_some) => explained.extend(with_cause(&excused)),
            _ => troubles.push((count, failure, *blame)),
        }
    }
    if let Some((count, failure, blame)) =
        troubles.into_iter().max_by_key(|(count, failure, _)| (*count, *failure))
    {
        let seen = text!(
            en: "{shares}: {count} failed with {failure}",
            pt: "{shares}; em {count} delas, houve falha: {failure}",
            shares,
            failure,
        );
        let next = match &tally.via {
            Some(via) => proxied(host, &expectation.site, via),
            None => answers_badly(host, expectation, blame),
        };
        return Verdict::fail(seen, expected, next);
    }
    if tally.unknown > 0 {
        let reason = text!(
            en: "{requests} requests: these web hosts have the same page, so nobody can tell who answered",
            pt: "{requests} requisições: estes servidores web têm a mesma página, e não dá para saber quem respondeu",
        );
        let next = text!(
            en: "put {{{{ host }}}} into the page's template, or an X-Served-By header into the balancer's",
            pt: "ponha {{{{ host }}}} no modelo da página, ou um cabeçalho X-Served-By no modelo do balanceador",
        );
        return Verdict::skip(reason, Some(next));
    }
    if let Some(weights) = &law.weights {
        let turns = turns_of_all(&law, expectation, evidence);
        match spread_of(&law, weights, &names, turns.as_ref().unwrap_or(&tally.by_server), &excused) {
            Ok(more) => explained.extend(more),
            Err(misfit) => {
                let restore = expectation.restore(host);
                let misfit =
                    turns.iter().fold(misfit, |misfit, turns| misfit.of_all(&restore, turns, &names));
                return misfit.into_verdict(&restore, shares);
            }
        }
    }
    if !explained.is_empty() {
        return Verdict::explained(shares, explained.into_iter().filter_map(|index| excused[index]));
    }
    let note = tally
        .note
        .or_else(|| law.unequal())
        .map(|note| note.map(|note| format!(" ({note})")))
        .unwrap_or_default();
    Verdict::pass(match law.algorithm {
        Algorithm::OneServer => text!(
            en: "{shares}, as one client always has one server{note}",
            pt: "{shares}, pois um cliente tem sempre o mesmo servidor{note}",
            shares,
            note,
        ),
        _ => Text::join(&[shares, note], ""),
    })
}

/// The verdict where a server serves the page of another one's host.
fn exchanged(
    host: &Target,
    expectation: &BalancerExpectation,
    causes: &Causes,
    shares: &Text,
    (named, real): (&str, &HostId),
) -> Verdict {
    let seen = text!(
        en: "{shares}: the server that HAProxy calls {named} serves the page of {real}",
        pt: "{shares}; o servidor que o HAProxy chama de {named} entrega a página de {real}",
        shares,
    );
    let server = expectation.servers.iter().find(|server| server.name == named);
    if let Some(causes) = server.and_then(|server| cause::exchanged(causes, &server.host, real)) {
        return Verdict::explained(seen, causes);
    }
    let expected = text!(
        en: "each server to have the address of its host",
        pt: "que cada servidor tenha o endereço da sua máquina",
    );
    Verdict::fail(seen, expected, expectation.restore(host))
}

struct Misfit {
    /// Where the shares themselves do not show it.
    seen: Option<Text>,
    expected: Text,
    /// Where it is more than a look at the configuration.
    next: Option<Text>,
}

impl Misfit {
    /// What is wrong with the turns of all who asked: then it is nobody's request but the configuration.
    fn of_all(self, restore: &Text, turns: &[usize], names: &[&str]) -> Self {
        let turns = names.iter().zip(turns).map(|(name, turns)| format!("{name} {turns}"));
        let turns = turns.take(LISTED).collect::<Vec<_>>().join(", ");
        let seen = text!(
            en: "with all who asked meanwhile {turns}",
            pt: "com todos os que pediram ao mesmo tempo {turns}",
        );
        Self { seen: self.seen.or(Some(seen)), next: self.next.or_else(|| Some(restore.clone())), ..self }
    }

    fn into_verdict(self, restore: &Text, shares: Text) -> Verdict {
        let seen = [Some(shares), self.seen].into_iter().flatten().collect::<Vec<_>>();
        let next = self.next.unwrap_or_else(|| {
            text!(
                en: "{restore}; other people's requests at the same time can also cause this",
                pt: "{restore}; requisições de outras pessoas ao mesmo tempo também podem causar isto",
                restore,
            )
        });
        Verdict::fail(Text::join(&seen, ": "), self.expected, next)
    }
}

/// The turns that HAProxy gave to everybody who asked meanwhile, where these were more than our own.
fn turns_of_all(law: &Law, expectation: &BalancerExpectation, evidence: &Evidence<'_>) -> Option<Vec<usize>> {
    let (before, after) = (evidence.before?, evidence.running?);
    let turns = |server: &ServerExpectation| {
        let chosen = |running: &HaproxyState| running.chosen.get(&server.name).copied();
        usize::try_from(chosen(after)?.checked_sub(chosen(before)?)?).ok()
    };
    let turns: Vec<_> = expectation.servers.iter().map(turns).collect::<Option<_>>()?;
    let is_more = turns.iter().sum::<usize>() > evidence.answers.len();
    (law.algorithm == Algorithm::Turns && is_more).then_some(turns)
}

/// Judges who answered how often. Gives the places of those whose cause explains what is odd.
fn spread_of(
    law: &Law,
    weights: &[u32],
    names: &[&str],
    counts: &[usize],
    excused: &[Option<&Cause>],
) -> Result<Vec<usize>, Misfit> {
    let requests = counts.iter().sum();
    let is_busy = |index: usize| law.algorithm == Algorithm::LeastConnections && law.busy[index];
    let is_silent = |index: &usize| {
        counts[*index] == 0 && !is_busy(*index) && spread::is_missed(law.algorithm, requests, weights, *index)
    };
    let (mut explained, silent): (Vec<_>, Vec<_>) =
        (0..names.len()).filter(is_silent).partition(|index| excused[*index].is_some());
    if !silent.is_empty() {
        let silent: Vec<_> = silent.into_iter().map(|index| names[index]).collect();
        let (silent, all) = (listed(&silent), listed(names));
        return Err(Misfit {
            seen: Some(text!(en: "{silent} never answered", pt: "nenhuma resposta de {silent}", silent)),
            expected: text!(en: "answers from {all}", pt: "respostas de {all}", all),
            next: Some(text!(
                en: "see `http` and `service` of {silent}, and `stats` of this host",
                pt: "veja `http` e `service` de {silent}, e `stats` desta máquina",
                silent,
            )),
        });
    }
    let Some(expected) = spread::misfit(law.algorithm, counts, weights) else {
        return Ok(explained);
    };
    // Those without a cause may share the rest as they should.
    let (counts, weights): (Vec<_>, Vec<_>) = (0..names.len())
        .filter(|index| excused[*index].is_none())
        .map(|index| (counts[index], weights[index]))
        .unzip();
    if counts.len() == names.len() || spread::misfit(law.algorithm, &counts, &weights).is_some() {
        return Err(Misfit { seen: None, expected, next: None });
    }
    explained.extend(with_cause(excused));
    Ok(explained)
}

/// The places of web hosts that have a cause.
fn with_cause<'a>(excused: &'a [Option<&Cause>]) -> impl Iterator<Item = usize> + 'a {
    (0..excused.len()).filter(|index| excused[*index].is_some())
}

fn listed(names: &[&str]) -> Text {
    if names.len() <= LISTED {
        return Text::verbatim(names.join(", "));
    }
    Text::list(&names.iter().copied().map(Text::verbatim).collect::<Vec<_>>(), LISTED - 1)
}

#[cfg(test)]
mod tests;
