//! `stats`: HAProxy's own count of its servers, from the CSV form of its statistics page.

mod remedy;
mod row;
mod state;

use std::net::{IpAddr, SocketAddr};

use crate::model::{CheckKind, HostId, Probe, Text, Whose, clean_line, text};

use super::answer::Answer;
use super::between::proxied;
use super::cause::{Causes, exchanged};
use super::expectation::{Algorithm, BalancerExpectation, ServerExpectation};
use super::http::forbidden;
use super::page::KnownPages;
use super::target::Target;
use super::verdict::Verdict;
use remedy::{bring_back, restore};
use row::{LONGEST_NAME, Row, parse};

pub use remedy::refused_to_others;
pub use state::{HaproxyState, is_in_rotation};

pub const PROBE: Probe = Probe {
    kind: CheckKind::STATS,
    of: Whose::Balancers,
    needs: &[CheckKind::SERVICE, CheckKind::SSH],
    needs_of_others: &[CheckKind::HTTP],
    asks_pages: true,
    proof: || {
        text!(
            en: "HAProxy itself counts every web host as up",
            pt: "o próprio HAProxy considera no ar todos os servidores web",
        )
    },
    description: "HAProxy counts every web host as up.",
};

/// The path that gives the CSV form.
pub const PATH: &str = "/;csv";

/// Longest page that is read: 100 servers take about 60 KB.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// The backend that the lecture notes name.
pub const BACKEND: &str = "backend_servers";

/// More things than this are counted, not told.
const MOST_TOLD: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    pub verdict: Verdict,
    /// What is wrong, in words; empty where nothing is.
    pub seen: Text,
    /// Web hosts that HAProxy sends nothing to, although nothing else says why.
    pub left_out: Vec<HostId>,
    /// Whether all that is wrong is that HAProxy runs another configuration than the inventory asks for.
    pub only_differs: bool,
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, seen: Text::default(), left_out: Vec::new(), only_differs: false }
    }
}

/// Judges the answer of the statistics page. What `causes` explain is not told again.
pub fn judge(
    host: &Target,
    expectation: &BalancerExpectation,
    known: &KnownPages,
    causes: &Causes,
    answer: &Answer,
) -> Judged {
    let total = expectation.servers.len();
    let expected = text!(
        en: "{total} of {total} servers of {BACKEND} UP",
        pt: "{total} de {total} servidores UP em {BACKEND}",
    );
    let rows = match answer {
        // Whatever answers there is not what was asked for.
        _ if !known.has_statistics(&host.id) => return without_statistics().into(),
        Answer::Forbidden => return forbidden(host).into(),
        Answer::Reply(reply) if reply.status == 200 => parse(&reply.body),
        _ => None,
    };
    let Some(rows) = rows else {
        return unreadable(host, expectation, known, answer, &expected).into();
    };
    let servers: Vec<_> = rows
        .iter()
        .filter(|row| row.proxy == BACKEND && !matches!(row.server.as_str(), "BACKEND" | "FRONTEND"))
        .collect();
    let is_known = |row: &&Row| expectation.servers.iter().any(|server| server.name == row.server);
    if expectation.own_template && !servers.iter().any(is_known) {
        return without_our_names(expectation).into();
    }
    if servers.is_empty() {
        let seen = text!(
            en: "no server in a backend named {BACKEND}",
            pt: "nenhum servidor em um backend com o nome {BACKEND}",
        );
        return Verdict::fail(seen, expected, restore(host, expectation)).into();
    }
    let mut differing = differing(expectation, &rows, &servers);
    let mut lost = Vec::new();
    let (mut down, mut explained, mut causing, mut left_out) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for server in &expectation.servers {
        let Some(row) = servers.iter().find(|row| row.server == server.name) else { continue };
        let Some(other) = other_address(row, server, expectation) else { continue };
        let (name, own) = (&server.name, destination(server, expectation));
        let words = clean_line(other, LONGEST_NAME);
        let words = text!(
            en: "{name} has the address {words} instead of {own}",
            pt: "{name} tem o endereço {words} em vez de {own}",
        );
        let owner = expectation.servers.iter().find(|owner| endpoint(owner) == other);
        match owner.and_then(|owner| exchanged(causes, &server.host, &owner.host)) {
            Some(causes) => {
                explained.push(words);
                causing.extend(causes);
            }
            None => differing.push(words),
        }
    }
    for server in &expectation.servers {
        match servers.iter().find(|row| row.server == server.name) {
            None => {
                let name = &server.name;
                differing.push(text!(en: "{name} is missing", pt: "falta {name}"));
                left_out.push(server.host.clone());
            }
            Some(row) if row.status == "UP" => {}
            Some(row) => {
                if let Some(cause) = causes.get(&server.host) {
                    explained.push(row.describe());
                    causing.push(cause);
                } else {
                    down.push(row.describe());
                    lost.push((server, *row));
                    left_out.push(server.host.clone());
                }
            }
        }
    }
    let seen = summed_up(&[differing.as_slice(), down.as_slice()].concat());
    let verdict = if !differing.is_empty() {
        Verdict::fail(seen.clone(), expected, restore(host, expectation))
    } else if !down.is_empty() {
        Verdict::fail(seen.clone(), expected, bring_back(host, expectation, &lost))
    } else if !explained.is_empty() {
        Verdict::explained(summed_up(&explained), causing)
    } else {
        Verdict::pass(text!(en: "{total} of {total} servers UP", pt: "{total} de {total} servidores UP"))
    };
    let only_differs = !differing.is_empty() && down.is_empty();
    Judged { verdict, seen, left_out, only_differs }
}

/// The verdict where a user's template has no statistics.
fn without_statistics() -> Verdict {
    Verdict::skip(
        text!(
            en: "your template serves no statistics",
            pt: "o seu modelo não publica estatísticas",
        ),
        Some(text!(
            en: "add a `listen` section with `bind *:{{{{ stats_port }}}}`, `stats enable` and `stats uri /` to have them",
            pt: "para tê-las, acrescente uma seção `listen` com `bind *:{{{{ stats_port }}}}`, `stats enable` e `stats uri /`",
        )),
    )
}

/// The verdict where no statistics came.
fn unreadable(
    host: &Target,
    expectation: &BalancerExpectation,
    known: &KnownPages,
    answer: &Answer,
    expected: &Text,
) -> Verdict {
    let site = &expectation.stats;
    let what = Text::join(&[answer.describe(known), site.describe()], " ");
    // Students need not see this page, and a network may well keep it from them.
    if site.is_outside() && answer.is_no_reply() {
        let reason = text!(
            en: "not judged from this machine: {what}",
            pt: "não avaliado a partir deste computador: {what}",
            what,
        );
        return Verdict::skip(reason, Some(site.caveat(host)));
    }
    let (seen, next) = match answer {
        answer if let Some(via) = answer.via() => (what, proxied(host, site, via)),
        answer if answer.is_refusal() && expectation.listens_elsewhere(site) => {
            (what, expectation.bind(host, site))
        }
        answer
            if answer.is_refusal()
                && expectation.is_intact != Some(true)
                && expectation.started_otherwise.is_none() =>
        {
            let status = host.status_of(&expectation.service);
            let restore = host.mended_by_apply(|_, apply| {
                text!(
                    en: "{apply} puts our haproxy.cfg back",
                    pt: "{apply} põe o nosso haproxy.cfg de volta",
                )
            });
            let next = text!(
                en: "{status} on {host} says why; {restore}",
                pt: "em {host}, {status} diz por quê; {restore}",
                restore,
            );
            (what, next)
        }
        Answer::Reply(reply) if reply.status == 200 => {
            let at = site.describe();
            let seen = text!(
                en: "something else than HAProxy's statistics {at}",
                pt: "outra coisa no lugar das estatísticas do HAProxy {at}",
                at,
            );
            (seen, expectation.restore(host))
        }
        _ => (what, expectation.restore(host)),
    };
    let expected = text!(
        en: "HAProxy's statistics with {expected}",
        pt: "as estatísticas do HAProxy com {expected}",
        expected,
    );
    Verdict::fail(seen, expected, next)
}

/// Things of many servers, of which the first are told.
fn summed_up(things: &[Text]) -> Text {
    let (told, more) = things.split_at(things.len().min(MOST_TOLD));
    let told = Text::join(told, "; ");
    match more.len() {
        0 => told,
        more => text!(en: "{told}; and {more} more", pt: "{told}; e mais {more}", told),
    }
}

/// The verdict where a user's template calls all things by other names.
fn without_our_names(expectation: &BalancerExpectation) -> Verdict {
    let reason = text!(
        en: "your template has no server of a web host's name in a backend {BACKEND}",
        pt: "o seu modelo não tem, em um backend {BACKEND}, servidor com o nome de um servidor web",
    );
    let names: Vec<_> = expectation.servers.iter().map(|server| Text::verbatim(&server.name)).collect();
    let names = Text::list(&names, MOST_TOLD);
    let next = text!(
        en: "name its backend {BACKEND} and its servers {names}, to have HAProxy's own count judged",
        pt: "dê ao backend o nome {BACKEND} e aos servidores os nomes {names}, para que a contagem do HAProxy seja avaliada",
        names,
    );
    Verdict::skip(reason, Some(next))
}

/// What HAProxy runs with although the inventory says something else; servers that are missing or elsewhere apart.
fn differing(expectation: &BalancerExpectation, rows: &[Row], servers: &[&Row]) -> Vec<Text> {
    let mut differing: Vec<_> = servers
        .iter()
        .filter(|row| !expectation.servers.iter().any(|server| server.name == row.server))
        .map(|row| {
            let name = clean_line(&row.server, LONGEST_NAME);
            text!(en: "{name} is no web host of this cluster", pt: "{name} não é servidor web deste cluster")
        })
        .collect();
    let backend = rows.iter().find(|row| row.proxy == BACKEND && row.server == "BACKEND");
    if let Some(algorithm) = backend.and_then(Row::algorithm)
        && !expectation.own_template
        && algorithm != Algorithm::word(&expectation.algorithm)
    {
        let (algorithm, wanted) = (clean_line(algorithm, LONGEST_NAME), &expectation.algorithm);
        differing.push(text!(
            en: "the algorithm is {algorithm} instead of {wanted}",
            pt: "o algoritmo é {algorithm} em vez de {wanted}",
        ));
    }
    for server in &expectation.servers {
        let Some(row) = servers.iter().find(|row| row.server == server.name) else { continue };
        let (name, weight) = (&server.name, &row.weight);
        // Our own template gives no weights.
        if !expectation.own_template
            && row.status == "UP"
            && weight.parse::<u32>().is_ok_and(|weight| weight != 1)
        {
            differing.push(text!(
                en: "{name} has the weight {weight} instead of 1",
                pt: "{name} tem peso {weight} em vez de 1",
            ));
        }
    }
    differing
}

/// The address in use, where it is known and not the server's.
fn other_address<'a>(
    row: &'a Row,
    server: &ServerExpectation,
    expectation: &BalancerExpectation,
) -> Option<&'a str> {
    let is_own = match server.address.parse::<IpAddr>() {
        Ok(_) => row.addr == endpoint(server),
        // A name leads where the balancer's host says; HAProxy keeps where it led when it started.
        Err(_) => match expectation.names.get(&server.address) {
            Some(addresses) => {
                // Which of the host's loopback addresses a name means, not all libraries agree on.
                addresses.iter().any(|address| {
                    address.is_loopback() || SocketAddr::new(*address, server.port).to_string() == row.addr
                })
            }
            None => true,
        },
    };
    (!is_own && !row.addr.is_empty()).then_some(row.addr.as_str())
}

/// Where a server should be: its address, for a name with where that leads.
fn destination(server: &ServerExpectation, expectation: &BalancerExpectation) -> String {
    match expectation.names.get(&server.address).and_then(|addresses| addresses.first()) {
        Some(address) => {
            format!(
                "{} ({})",
                SocketAddr::new(*address, server.port),
                clean_line(&server.address, LONGEST_NAME)
            )
        }
        None => endpoint(server),
    }
}

fn endpoint(server: &ServerExpectation) -> String {
    match server.address.parse() {
        Ok(address) => SocketAddr::new(address, server.port).to_string(),
        Err(_) => format!("{}:{}", server.address, server.port),
    }
}

#[cfg(test)]
mod tests;
