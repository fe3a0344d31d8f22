//! `stats`: HAProxy's own count of its servers, from the CSV form of its statistics page.

use std::collections::HashMap;

use serde::Deserialize;

use crate::model::{HostId, clean_line};

use super::expectation::{BalancerExpectation, ServerExpectation};
use super::http::{Answer, forbidden};
use super::page::KnownPages;
use super::verdict::Verdict;

/// The path that gives the CSV form.
pub const PATH: &str = "/;csv";

/// Longest page that is read: 100 servers take about 60 KB.
pub const SIZE_LIMIT: usize = 1024 * 1024;

/// The backend that the lecture notes name.
const BACKEND: &str = "backend_servers";

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
}

/// Judges the answer of the statistics page.
pub fn judge(
    host: &HostId,
    expectation: &BalancerExpectation,
    known: &KnownPages,
    answer: &Answer,
) -> Verdict {
    let total = expectation.servers.len();
    let expected = format!("{total} of {total} servers of {BACKEND} UP");
    let apply = format!("`provision apply -l {host}`");
    let port = expectation.stats_port;
    let rows = match answer {
        Answer::Forbidden => return forbidden(host, &expected),
        Answer::Reply(reply) if reply.status == 200 => parse(&reply.body),
        _ => None,
    };
    let Some(rows) = rows else {
        let (seen, next) = match answer {
            Answer::Refused | Answer::Closed => (
                format!("{} on port {port}", answer.describe(known)),
                format!("`systemctl status haproxy` on {host} says why; {apply} puts our haproxy.cfg back"),
            ),
            Answer::Reply(reply) if reply.status == 200 => (
                format!("port {port} shows something else than HAProxy's statistics"),
                format!(
                    "`provision plan -l {host}` shows what differs in haproxy.cfg; {apply} puts it right"
                ),
            ),
            _ => (
                format!("{} on port {port}", answer.describe(known)),
                format!(
                    "`provision plan -l {host}` shows what differs in haproxy.cfg; {apply} puts it right"
                ),
            ),
        };
        return Verdict::fail(seen, format!("HAProxy's statistics with {expected}"), next);
    };
    let servers: Vec<_> = rows
        .iter()
        .filter(|row| row.proxy == BACKEND && !matches!(row.server.as_str(), "BACKEND" | "FRONTEND"))
        .collect();
    let restore = format!(
        "HAProxy runs another configuration than the inventory asks for: `provision plan -l {host}` shows the \
         difference, {apply} puts it right"
    );
    if servers.is_empty() {
        return Verdict::fail(format!("no server in a backend named {BACKEND}"), expected, restore);
    }
    let mut foreign: Vec<_> = servers
        .iter()
        .filter(|row| !expectation.servers.iter().any(|server| server.name == row.server))
        .map(|row| format!("{} is no web host of this cluster", row.server))
        .collect();
    let mut down = Vec::new();
    for server in &expectation.servers {
        match servers.iter().find(|row| row.server == server.name) {
            None => foreign.push(format!("{} is missing", server.name)),
            Some(row) => {
                if let Some(other) = other_address(row, server) {
                    foreign.push(format!(
                        "{} has the address {other} instead of {}",
                        server.name,
                        endpoint(server)
                    ));
                }
                if row.status != "UP" {
                    down.push(row.describe());
                }
            }
        }
    }
    let seen = [foreign.as_slice(), down.as_slice()].concat().join("; ");
    if !foreign.is_empty() {
        Verdict::fail(seen, expected, restore)
    } else if !down.is_empty() {
        let by_hand =
            servers.iter().any(|row| row.status.starts_with("MAINT") || row.status.starts_with("DRAIN"));
        let next = if by_hand {
            format!("somebody took it out by hand; `systemctl restart haproxy` on {host} brings it back")
        } else {
            "see `http` and `service` of that web host, and whether the balancer reaches its private address"
                .to_owned()
        };
        Verdict::fail(seen, expected, next)
    } else {
        Verdict::pass(format!("{total} of {total} servers UP"))
    }
}

/// The weights that HAProxy gives its servers, by their names.
pub fn weights(answer: &Answer) -> HashMap<String, u32> {
    let Answer::Reply(reply) = answer else { return HashMap::new() };
    let rows = parse(&reply.body).unwrap_or_default();
    rows.into_iter()
        .filter(|row| row.proxy == BACKEND && row.server != "BACKEND")
        .filter_map(|row| Some((row.server, row.weight.parse().ok()?)))
        .collect()
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
            self.server,
            if reason.is_empty() { String::new() } else { format!(" ({reason})") }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::expectation::Algorithm;
    use super::super::http::Reply;
    use super::*;

    const HEADER: &str = "# pxname,svname,qcur,status,weight,check_status,check_code,last_chk,addr,";

    fn server(name: &str, address: &str) -> ServerExpectation {
        ServerExpectation {
            host: HostId::new("ana", name),
            name: name.to_owned(),
            address: address.to_owned(),
            port: 80,
        }
    }

    fn verdict(answer: &Answer) -> String {
        let expectation = BalancerExpectation {
            port: 80,
            stats_port: 8404,
            algorithm: Algorithm::Turns,
            servers: vec![
                server("web01", "10.0.0.51"),
                server("web02", "fd00::52"),
                server("web03", "web03.lan"),
            ],
            own_template: false,
        };
        let verdict = judge(&HostId::new("ana", "lb"), &expectation, &KnownPages::default(), answer);
        let hint = verdict.hint.map(|hint| format!("\n    -> {hint}")).unwrap_or_default();
        format!("{}: {}{hint}", verdict.status.as_str(), verdict.detail)
    }

    fn page(rows: &[&str]) -> Answer {
        let mut body = format!("{HEADER}\nhttp-in,FRONTEND,,OPEN,,,,,,\n");
        for row in rows {
            body.push_str(row);
            body.push('\n');
        }
        body.push_str("backend_servers,BACKEND,0,UP,3,,,,,\nstats,FRONTEND,,OPEN,,,,,,\n");
        Answer::Reply(Reply { status: 200, body: body.into_bytes(), ..Reply::default() })
    }

    const FIRST: &str = "backend_servers,web01,0,UP,1,L7OK,200,Layer7 check passed,10.0.0.51:80,";
    const SECOND: &str = "backend_servers,web02,0,UP,2,L7OK,200,,[fd00::52]:80,";
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
        let verdicts: Vec<_> =
            cases.into_iter().map(|(name, answer)| format!("# {name}\n{}", verdict(&answer))).collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn a_page_of_a_real_haproxy() {
        let body = include_bytes!("testdata/haproxy-2.6.csv").to_vec();
        let answer = Answer::Reply(Reply { status: 200, body, ..Reply::default() });
        let names = [("web01", 9101), ("web02", 9102), ("web03", 9103), ("web04", 9109)];
        let mut expectation = BalancerExpectation {
            port: 80,
            stats_port: 8404,
            algorithm: Algorithm::Turns,
            servers: names.map(|(name, port)| ServerExpectation { port, ..server(name, "127.0.0.1") }).into(),
            own_template: false,
        };
        let judged = |expectation: &BalancerExpectation| {
            judge(&HostId::new("ana", "lb"), expectation, &KnownPages::default(), &answer).detail
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
        assert_eq!(weights(&answer).len(), 4);
    }

    #[test]
    fn weights_by_name() {
        let weights = weights(&page(&[FIRST, SECOND]));
        assert_eq!(weights, HashMap::from([("web01".to_owned(), 1), ("web02".to_owned(), 2)]));
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
