//! `http`: each web host serves its own page.

use crate::model::{HostId, Text, clean_line};

use super::page::{Identity, KnownPages};
use super::site::Site;
use super::target::Target;
use super::verdict::Verdict;

/// What came back for one HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP answer, whole.
    Reply(Reply),
    /// Nothing listens on the port.
    Refused,
    /// The connection was closed before an answer; some transports show a refusal like this.
    Closed,
    /// sshd on the host does not open TCP connections for its clients.
    Forbidden,
    /// No whole answer within the limit of time.
    TimedOut,
    /// The answer is longer than any that is expected.
    TooLarge,
    /// The answer is not HTTP, with the client's own words.
    Invalid(String),
    /// The SSH connection did not carry the request, with its own words.
    Lost(Text),
    /// This machine found no way there, with the system's own words.
    NoWay(String),
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// `X-Served-By`: which server the balancer chose.
    pub served_by: Option<String>,
    /// `Location` of a redirect.
    pub location: Option<String>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The answer in words, for the start of a sentence.
    pub fn describe(&self, known: &KnownPages) -> String {
        match self {
            Self::Reply(reply) => reply.describe(known),
            Self::Refused => "connection refused".to_owned(),
            Self::Closed => "the connection was refused or closed without an answer".to_owned(),
            Self::Forbidden => "sshd on the host opens no TCP connections (AllowTcpForwarding)".to_owned(),
            Self::TimedOut => "no whole answer in time".to_owned(),
            Self::TooLarge => format!("an answer of more than {} KiB", known.size_limit() / 1024),
            Self::Invalid(words) => format!("an answer that is not HTTP ({})", clean_line(words, 80)),
            Self::NoWay(words) => format!("no way there from this machine ({})", clean_line(words, 120)),
            Self::Lost(words) => format!("the SSH connection failed ({})", clean_line(words.english(), 120)),
        }
    }

    /// Whether it is a page, whosever.
    pub fn is_page(&self) -> bool {
        matches!(self, Self::Reply(reply) if reply.status == 200)
    }

    /// Whether nobody was there to answer.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::Refused | Self::Closed)
    }

    /// Whether it came from no web server at all.
    pub fn is_no_reply(&self) -> bool {
        !matches!(self, Self::Reply(_) | Self::TooLarge | Self::Invalid(_))
    }

    /// Whether asking once more can't help, because the host's sshd forbids it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Forbidden | Self::Lost(_))
    }
}

impl Reply {
    fn describe(&self, known: &KnownPages) -> String {
        match self.status {
            200 => known.identify(&self.body).describe(),
            300..400 => match &self.location {
                Some(target) => format!("HTTP {}, a redirect to {}", self.status, clean_line(target, 80)),
                None => format!("HTTP {}, a redirect", self.status),
            },
            status => format!("HTTP {status}{}", meaning(status)),
        }
    }
}

fn meaning(status: u16) -> &'static str {
    match status {
        400 => " (bad request)",
        401 => " (a password is asked for)",
        403 => " (forbidden)",
        404 => " (no such page)",
        500 => " (the server's own error)",
        502 => " (bad gateway)",
        503 => " (no server is available)",
        504 => " (the server behind did not answer)",
        _ => "",
    }
}

/// Judges what a web host answered.
pub fn judge(host: &Target, site: &Site, known: &KnownPages, answer: &Answer) -> Verdict {
    let apply = host.command("apply");
    let expected = format!("the page of {host} {site}");
    let next = match answer {
        answer if answer.is_no_reply() && site.is_outside() => site.caveat(host),
        Answer::Reply(reply) if reply.status == 200 => match known.identify(&reply.body) {
            Identity::Hosts(hosts) if hosts.contains(&host.id) => {
                return Verdict::pass(format!("its own page {site}"));
            }
            Identity::Hosts(hosts) => format!(
                "{apply} puts the page right; if it comes back, the addresses of {host} and {} may be swapped in \
                 the inventory",
                hosts.first().map_or("that host", HostId::as_str)
            ),
            _ => format!("{apply} puts the page right ({} shows the difference)", host.command("plan")),
        },
        Answer::Reply(reply) => match reply.status {
            300..400 => format!(
                "look for a Redirect or RewriteRule in /etc/apache2 of the host; {apply} restores our files"
            ),
            403 => format!(
                "/var/www/html/index.html and its folders must be readable by all; {apply} mends the file's mode"
            ),
            404 => format!("{apply} puts /var/www/html/index.html back"),
            _ => "read /var/log/apache2/error.log on the host".to_owned(),
        },
        Answer::Refused | Answer::Closed => {
            format!("`systemctl status apache2` on the host says why it does not listen; {apply} starts it")
        }
        Answer::Forbidden => return forbidden(host, &expected),
        Answer::TimedOut | Answer::TooLarge | Answer::Invalid(_) => {
            format!("find out who listens on port {}: `ss -ltnp` on the host; then {apply}", site.port)
        }
        Answer::Lost(_) | Answer::NoWay(_) => format!("{} asks again", host.command("verify")),
    };
    Verdict::fail(answer.describe(known), expected, next)
}

/// The verdict where sshd opens no connections for us. Nothing is known about the service behind, and a probe that
/// proves nothing must not look like one that passed.
pub fn forbidden(host: &Target, expected: &str) -> Verdict {
    Verdict::fail(
        format!("could not be asked: sshd of {host} opens no TCP connections for its clients"),
        expected,
        "set `AllowTcpForwarding yes` (or `local`) in /etc/ssh/sshd_config of the host and reload ssh",
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::CheckStatus;
    use crate::probes::site::Outside;

    fn target(id: &HostId) -> Target {
        Target::new(id, Path::new("inventory.yaml"))
    }

    fn inside(port: u16) -> Site {
        Site { port, outside: None }
    }

    fn reply(status: u16, body: &str) -> Answer {
        Answer::Reply(Reply { status, body: body.into(), ..Reply::default() })
    }

    #[test]
    fn every_answer_has_its_verdict() {
        let [own, other] = ["web01", "web02"].map(|name| HostId::new("ana", name));
        let known = KnownPages::new([(&own, "one"), (&other, "two")]);
        let redirect = Answer::Reply(Reply {
            status: 302,
            location: Some("https://example.test/\u{1b}[2J".to_owned()),
            ..Reply::default()
        });
        let verdicts: Vec<_> = [
            reply(200, "one"),
            reply(200, "two"),
            reply(200, "<title>Apache2 Ubuntu Default Page: It works</title>"),
            reply(200, "<title>Página do João</title>"),
            reply(200, ""),
            reply(403, "forbidden"),
            reply(404, ""),
            reply(500, ""),
            redirect,
            Answer::Refused,
            Answer::Closed,
            Answer::Forbidden,
            Answer::TimedOut,
            Answer::TooLarge,
            Answer::Invalid("invalid HTTP version parsed".to_owned()),
            Answer::Lost(Text::verbatim("the connection was lost")),
        ]
        .iter()
        .map(|answer| judge(&target(&own), &inside(8080), &known, answer))
        .map(|verdict| {
            let hint = verdict.hint.map(|hint| format!("\n    -> {}", hint.english())).unwrap_or_default();
            format!("{}: {}{hint}", verdict.status.as_str(), verdict.detail.english())
        })
        .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn from_outside_it_is_said_what_may_stand_between() {
        let own = HostId::new("ana", "web01");
        let known = KnownPages::new([(&own, "one")]);
        let outside = |ssh_port, bastion| {
            let address = "198.51.100.7".to_owned();
            Site { port: 80, outside: Some(Outside { address, ssh_port, bastion }) }
        };
        let cases = [
            (reply(200, "one"), outside(22, false)),
            (reply(403, ""), outside(22, false)),
            (Answer::Refused, outside(22, false)),
            (Answer::TimedOut, outside(2201, false)),
            (Answer::NoWay("Name or service not known".to_owned()), outside(22, true)),
        ];
        let verdicts: Vec<_> = cases
            .iter()
            .map(|(answer, site)| {
                let verdict = judge(&target(&own), site, &known, answer);
                let hint =
                    verdict.hint.map(|hint| format!("\n    -> {}", hint.english())).unwrap_or_default();
                format!("{}: {}{hint}", verdict.status.as_str(), verdict.detail.english())
            })
            .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn a_page_shared_by_hosts_is_everybodys_own() {
        let [own, twin] = ["web01", "web02"].map(|name| HostId::new("ana", name));
        let known = KnownPages::new([(&own, "same"), (&twin, "same")]);
        assert_eq!(judge(&target(&own), &inside(80), &known, &reply(200, "same")).status, CheckStatus::Pass);
    }
}
