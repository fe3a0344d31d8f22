//! `stats`: HAProxy's own count of its servers, from the CSV form of its statistics page.

use std::collections::HashMap;

use serde::Deserialize;

use crate::model::{HostId, clean_line};

use super::cause::Causes;
use super::expectation::{Algorithm, BalancerExpectation, ServerExpectation};
use super::http::{Answer, forbidden};
use super::page::KnownPages;
use super::site::Site;
use super::target::Target;
use super::verdict::Verdict;

/// The path that gives the CSV form.
pub const PATH: &str = "/;csv";

/// Longest page that is read: 100 servers take about 60 KB.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// The backend that the lecture notes name.
pub const BACKEND: &str = "backend_servers";

/// Names of servers and the like are longer only where somebody plays.
const LONGEST_NAME: usize = 60;

/// One line of the page. Columns come and go between versions of HAProxy; these have been there since 1.7.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
struct Row {
    #[serde(rename = "# pxname")]
    proxy: String,
    #[serde(rename = "svname")]
    server: String,
    status: String,
    weight: String,
    /// 1 where a server is a backup, asked only while no other one is left.
    bck: String,
    check_status: String,
    check_code: String,
    last_chk: String,
    /// Only where the page shows legends.
    addr: String,
    /// Only in a backend's row, and only where the page shows legends.
    algo: String,
}

/// What `stats` concludes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// What is wrong, in words; empty where nothing is.
    pub seen: String,
    /// Web hosts that HAProxy sends nothing to, although nothing else says why.
    pub left_out: Vec<HostId>,
    /// Whether all that is wrong is that HAProxy runs another configuration than the inventory asks for.
    pub only_differs: bool,
}

impl From<Verdict> for Judged {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, seen: String::new(), left_out: Vec::new(), only_differs: false }
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
    let expected = format!("{total} of {total} servers of {BACKEND} UP");
    let rows = match answer {
        Answer::Forbidden => return forbidden(host, &expected).into(),
        Answer::Reply(reply) if reply.status == 200 => parse(&reply.body),
        _ => None,
    };
    let Some(rows) = rows else {
        return unreadable(host, &expectation.stats, known, answer, &expected).into();
    };
    let servers: Vec<_> = rows
        .iter()
        .filter(|row| row.proxy == BACKEND && !matches!(row.server.as_str(), "BACKEND" | "FRONTEND"))
        .collect();
    let restore = || {
        format!(
            "HAProxy runs another configuration than the inventory asks for: {} shows the difference, {} puts it \
             right; where there is none, `systemctl reload haproxy` on {host} makes the file count",
            host.command("plan"),
            host.command("apply")
        )
    };
    if servers.is_empty() {
        return Verdict::fail(format!("no server in a backend named {BACKEND}"), expected, restore()).into();
    }
    let mut differing = differing(expectation, &rows, &servers);
    let (mut down, mut explained, mut causing, mut left_out) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for server in &expectation.servers {
        match servers.iter().find(|row| row.server == server.name) {
            None => {
                differing.push(format!("{} is missing", server.name));
                left_out.push(server.host.clone());
            }
            Some(row) if row.status == "UP" => {}
            Some(row) => {
                if let Some(cause) = causes.get(&server.host) {
                    explained.push(row.describe());
                    causing.push(cause);
                } else {
                    down.push(row.describe());
                    left_out.push(server.host.clone());
                }
            }
        }
    }
    let seen = [differing.as_slice(), down.as_slice()].concat().join("; ");
    let verdict = if !differing.is_empty() {
        Verdict::fail(&seen, expected, restore())
    } else if !down.is_empty() {
        Verdict::fail(&seen, expected, bring_back(host, &servers))
    } else if !explained.is_empty() {
        Verdict::explained(explained.join("; "), causing)
    } else {
        Verdict::pass(format!("{total} of {total} servers UP"))
    };
    let only_differs = !differing.is_empty() && down.is_empty();
    Judged { verdict, seen, left_out, only_differs }
}

/// The verdict where no statistics came.
fn unreadable(host: &Target, site: &Site, known: &KnownPages, answer: &Answer, expected: &str) -> Verdict {
    // Students need not see this page, and a network may well keep it from them.
    if site.is_outside() && answer.is_no_reply() {
        let reason = format!("not judged from this machine: {} {site}", answer.describe(known));
        return Verdict::skip(reason, Some(site.caveat(host).into()));
    }
    let apply = host.command("apply");
    let restore =
        || format!("{} shows what differs in haproxy.cfg; {apply} puts it right", host.command("plan"));
    let (seen, next) = match answer {
        answer if answer.is_refusal() => (
            format!("{} {site}", answer.describe(known)),
            format!("`systemctl status haproxy` on {host} says why; {apply} puts our haproxy.cfg back"),
        ),
        Answer::Reply(reply) if reply.status == 200 => {
            (format!("something else than HAProxy's statistics {site}"), restore())
        }
        _ => (format!("{} {site}", answer.describe(known)), restore()),
    };
    Verdict::fail(seen, format!("HAProxy's statistics with {expected}"), next)
}

/// What HAProxy runs with although the inventory says something else; missing servers apart.
fn differing(expectation: &BalancerExpectation, rows: &[Row], servers: &[&Row]) -> Vec<String> {
    let mut differing: Vec<_> = servers
        .iter()
        .filter(|row| !expectation.servers.iter().any(|server| server.name == row.server))
        .map(|row| format!("{} is no web host of this cluster", clean_line(&row.server, LONGEST_NAME)))
        .collect();
    let backend = rows.iter().find(|row| row.proxy == BACKEND && row.server == "BACKEND");
    if let Some(algorithm) = backend.and_then(Row::algorithm)
        && !expectation.own_template
        && algorithm != Algorithm::word(&expectation.algorithm)
    {
        let algorithm = clean_line(algorithm, LONGEST_NAME);
        differing.push(format!("the algorithm is {algorithm} instead of {}", expectation.algorithm));
    }
    for server in &expectation.servers {
        let Some(row) = servers.iter().find(|row| row.server == server.name) else { continue };
        if let Some(other) = other_address(row, server) {
            let other = clean_line(other, LONGEST_NAME);
            differing.push(format!(
                "{} has the address {other} instead of {}",
                server.name,
                endpoint(server)
            ));
        }
        // Our own template gives no weights.
        if !expectation.own_template
            && row.status == "UP"
            && row.weight.parse::<u32>().is_ok_and(|weight| weight != 1)
        {
            differing.push(format!("{} has the weight {} instead of 1", server.name, row.weight));
        }
    }
    differing
}

/// What to do about servers that are not UP.
fn bring_back(host: &Target, servers: &[&Row]) -> String {
    if servers.iter().any(|row| row.status.starts_with("MAINT") || row.status.starts_with("DRAIN")) {
        format!("somebody took it out by hand; `systemctl restart haproxy` on {host} brings it back")
    } else {
        "see `http` and `service` of that web host, and whether the balancer reaches its private address"
            .to_owned()
    }
}

/// What HAProxy itself says it runs with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Running {
    /// How it spreads requests, where it says so.
    pub algorithm: Option<Algorithm>,
    /// The weights of its servers, by name; 0 for a backup while others serve. `None` while only backups serve: who
    /// of them does, HAProxy does not say.
    pub weights: Option<HashMap<String, u32>>,
}

impl Running {
    /// Reads the statistics page; `None` where it is none.
    pub fn read(answer: &Answer) -> Option<Self> {
        let Answer::Reply(reply) = answer else { return None };
        let (backend, servers): (Vec<_>, Vec<_>) = parse(&reply.body)?
            .into_iter()
            .filter(|row| row.proxy == BACKEND)
            .partition(|row| row.server == "BACKEND");
        let algorithm = backend.first().and_then(Row::algorithm).map(Algorithm::new);
        let serves = |row: &Row| row.is_in_rotation() && row.weight != "0";
        let (backups, others): (Vec<_>, Vec<_>) = servers.into_iter().partition(|row| row.bck == "1");
        let only_backups = backups.iter().any(serves) && !others.iter().any(serves);
        let resting = backups.into_iter().map(|row| (row.server, 0));
        let weighed = others.into_iter().filter_map(|row| Some((row.server, row.weight.parse().ok()?)));
        Some(Self { algorithm, weights: (!only_backups).then(|| resting.chain(weighed).collect()) })
    }
}

/// Whether HAProxy sends requests to a server; `None` where it does not say.
pub fn is_in_rotation(answer: &Answer, server: &str) -> Option<bool> {
    let Answer::Reply(reply) = answer else { return None };
    let row = parse(&reply.body)?.into_iter().find(|row| row.proxy == BACKEND && row.server == server)?;
    Some(row.is_in_rotation())
}

fn parse(body: &[u8]) -> Option<Vec<Row>> {
    let text = String::from_utf8_lossy(body);
    if !text.starts_with("# pxname,") {
        return None;
    }
    csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .ok()
}

/// The address in use, where it is known and not the server's.
fn other_address<'a>(row: &'a Row, server: &ServerExpectation) -> Option<&'a str> {
    // A server known by name has the address that the host resolves it to, which we can't tell.
    let numeric = server.address.parse::<std::net::IpAddr>().is_ok();
    (numeric && !row.addr.is_empty() && row.addr != endpoint(server)).then_some(row.addr.as_str())
}

fn endpoint(server: &ServerExpectation) -> String {
    match server.address.parse() {
        Ok(std::net::IpAddr::V6(address)) => format!("[{address}]:{}", server.port),
        _ => format!("{}:{}", server.address, server.port),
    }
}

impl Row {
    /// The algorithm of a backend, where the page tells it. HAProxy has a name for each but `random`.
    fn algorithm(&self) -> Option<&str> {
        match self.algo.as_str() {
            "" => None,
            "unknown" => Some("random"),
            name => Some(name),
        }
    }

    fn is_in_rotation(&self) -> bool {
        !["DOWN", "MAINT", "DRAIN"].iter().any(|out| self.status.starts_with(out))
    }

    /// `web02 is DOWN (L4CON: connect refused or host unreachable, "Connection refused")`
    fn describe(&self) -> String {
        let status = clean_line(&self.status, 30);
        let code = self.check_status.trim_start_matches(['*', ' ']);
        let meaning = match code {
            "UNK" => "not known yet",
            "INI" => "not checked yet",
            "SOCKERR" => "no socket for the check",
            "L4OK" => "connected",
            "L4TOUT" => "no answer to connect in time",
            "L4CON" => "connect refused or host unreachable",
            "L6TOUT" | "L6RSP" => "TLS did not work",
            "L7OK" => "the last check was good",
            "L7OKC" => "good on a condition",
            "L7TOUT" => "connected, but no HTTP answer in time",
            "L7RSP" => "the answer is not HTTP",
            "L7STS" => "a bad HTTP status",
            _ => "",
        };
        let mut parts = Vec::new();
        if !code.is_empty() {
            parts.push(if meaning.is_empty() { clean_line(code, 20) } else { format!("{code}: {meaning}") });
        }
        if code.starts_with("L7") && !self.check_code.is_empty() {
            parts.push(format!("HTTP {}", clean_line(&self.check_code, 10)));
        }
        let words = clean_line(&self.last_chk, 80);
        if !words.is_empty() {
            parts.push(format!("“{words}”"));
        }
        let reason = if status == "no check" {
            "not checked: `check` is missing".to_owned()
        } else {
            parts.join(", ")
        };
        format!(
            "{} is {status}{}",
            clean_line(&self.server, LONGEST_NAME),
            if reason.is_empty() { String::new() } else { format!(" ({reason})") }
        )
    }
}

#[cfg(test)]
mod tests;
