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
        return Verdict::skip(reason, Some(&site.caveat(host)));
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
    let running = rows.iter().find(|row| row.proxy == BACKEND && row.server == "BACKEND");
    if let Some(algorithm) = running.map(|row| row.algo.as_str()).filter(|name| !name.is_empty())
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
    /// The weights of its servers, by name.
    pub weights: HashMap<String, u32>,
}

impl Running {
    /// Reads the statistics page; `None` where it is none.
    pub fn read(answer: &Answer) -> Option<Self> {
        let Answer::Reply(reply) = answer else { return None };
        let (backend, servers): (Vec<_>, Vec<_>) = parse(&reply.body)?
            .into_iter()
            .filter(|row| row.proxy == BACKEND)
            .partition(|row| row.server == "BACKEND");
        let algorithm = backend.first().map(|row| row.algo.as_str()).filter(|name| !name.is_empty());
        let weight = |row: Row| Some((row.server, row.weight.parse().ok()?));
        Some(Self {
            algorithm: algorithm.map(Algorithm::new),
            weights: servers.into_iter().filter_map(weight).collect(),
        })
    }
}

/// Whether HAProxy sends requests to a server; `None` where it does not say.
pub fn is_in_rotation(answer: &Answer, server: &str) -> Option<bool> {
    let Answer::Reply(reply) = answer else { return None };
    let row = parse(&reply.body)?.into_iter().find(|row| row.proxy == BACKEND && row.server == server)?;
    Some(!["DOWN", "MAINT", "DRAIN"].iter().any(|out| row.status.starts_with(out)))
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
mod tests {
    use super::super::http::Reply;
    use std::path::Path;

    use super::*;
    use crate::model::CheckKind;
    use crate::probes::Cause;

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
        let expectation = BalancerExpectation {
            site: Site::inside(80),
            stats: Site::inside(8404),
            algorithm: "roundrobin".to_owned(),
            servers: vec![
                server("web01", "10.0.0.51"),
                server("web02", "fd00::52"),
                server("web03", "web03.lan"),
            ],
            own_template: false,
        };
        let judged = judge(&lb(), &expectation, &KnownPages::default(), causes, answer);
        let left_out: Vec<_> = judged.left_out.iter().map(HostId::as_str).collect();
        let verdict = judged.verdict;
        let hint = verdict.hint.map(|hint| format!("\n    -> {hint}")).unwrap_or_default();
        let differs = if judged.only_differs { " (differs)" } else { "" };
        format!("{}: {} [{}]{differs}{hint}", verdict.status.as_str(), verdict.detail, left_out.join(", "))
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
                page(&[
                    FIRST,
                    SECOND,
                    "backend_servers,web03,0,DOWN,1,L4CON,,Connection refused,10.0.0.53:80,",
                ]),
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
            (
                "another address",
                page(&["backend_servers,web01,0,UP,1,L7OK,200,,10.0.9.51:80,", SECOND, THIRD]),
            ),
            (
                "foreign and missing",
                page(&[FIRST, SECOND, "backend_servers,bob,0,UP,1,L7OK,200,,10.0.9.1:80,"]),
            ),
            ("another backend", page(&["old,web01,0,UP,1,L7OK,200,,10.0.0.51:80,"])),
            (
                "not statistics",
                Answer::Reply(Reply { status: 200, body: b"<html>".to_vec(), ..Reply::default() }),
            ),
            ("503", Answer::Reply(Reply { status: 503, ..Reply::default() })),
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
        let cause =
            |name: &str, kind| (HostId::new("ana", name), Cause::new(kind, &HostId::new("ana", name)));
        let causes = Causes::from([cause("web02", CheckKind::Http), cause("web03", CheckKind::Ssh)]);
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
    fn a_page_of_a_real_haproxy() {
        let body = include_bytes!("testdata/haproxy-2.6.csv").to_vec();
        let answer = Answer::Reply(Reply { status: 200, body, ..Reply::default() });
        let names = [("web01", 9101), ("web02", 9102), ("web03", 9103), ("web04", 9109)];
        let mut expectation = BalancerExpectation {
            site: Site::inside(80),
            stats: Site::inside(8404),
            algorithm: "roundrobin".to_owned(),
            servers: names.map(|(name, port)| ServerExpectation { port, ..server(name, "127.0.0.1") }).into(),
            own_template: false,
        };
        let judged = |expectation: &BalancerExpectation| {
            judge(&lb(), expectation, &KnownPages::default(), &Causes::new(), &answer).verdict.detail
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
        let running = Running::read(&answer).unwrap();
        assert_eq!((running.algorithm, running.weights.len()), (Some(Algorithm::Turns), 4));
    }

    #[test]
    fn what_runs_is_read_from_the_page() {
        let running = Running::read(&page(&[FIRST, &SECOND.replace("UP,1", "UP,2")])).unwrap();
        assert_eq!(running.weights, HashMap::from([("web01".to_owned(), 1), ("web02".to_owned(), 2)]));
        assert_eq!(running.algorithm, Some(Algorithm::Turns));
        assert_eq!(Running::read(&Answer::Refused), None);
        assert_eq!(Running::read(&Answer::Reply(Reply::default())), None);
    }

    #[test]
    fn garbage_is_no_statistics() {
        assert_eq!(
            parse(b"# pxname,svname\n\xff,\"x\n"),
            Some(vec![Row { proxy: "\u{fffd}".to_owned(), server: "x\n".to_owned(), ..Row::default() }])
        );
        assert_eq!(parse(b""), None);
    }
}
