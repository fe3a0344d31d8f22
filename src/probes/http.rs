//! `http`: each web host serves its own page.

use crate::model::{CheckKind, HostId, Probe, Text, Whose, text};

use super::answer::{Answer, Reply};
use super::between::{between, guarded, proxied};
use super::page::{KnownPages, PageOwner};
use super::site::Site;
use super::target::Target;
use super::verdict::Verdict;

pub const PROBE: Probe = Probe {
    kind: CheckKind::HTTP,
    of: Whose::WithPage,
    needs: &[CheckKind::SERVICE, CheckKind::SSH],
    needs_of_others: &[],
    asks_pages: true,
    proof: || {
        text!(
            en: "each web host serves its own page",
            pt: "cada servidor web entrega a sua própria página",
        )
    },
    description: "A web host serves its own page.",
};

/// The page, for commands in hints.
const PAGE: &str = "/var/www/html/index.html";

/// Judges what a web host answered; `is_intact` tells whether its files are as they should be, where that is known.
pub fn judge(
    host: &Target,
    site: &Site,
    known: &KnownPages,
    answer: &Answer,
    is_intact: Option<bool>,
) -> Verdict {
    let (at, port) = (site.describe(), site.port);
    let expected = text!(en: "the page of {host} {at}", pt: "a página de {host} {at}", at);
    let owner = match answer {
        Answer::Reply(reply) if reply.status == 200 => Some(known.identify(&reply.body)),
        _ => None,
    };
    if let Some(PageOwner::Hosts(hosts)) = &owner
        && hosts.contains(&host.id)
    {
        return Verdict::pass(text!(en: "its own page {at}", pt: "a sua própria página {at}", at));
    }
    let others = match &owner {
        Some(PageOwner::Hosts(hosts)) => hosts.first(),
        Some(PageOwner::MadeFor(other)) => Some(other).filter(|other| **other != host.id),
        _ => None,
    };
    let next = match (answer, others) {
        (answer, _)
            if answer.is_no_reply()
                && !site.is_outside()
                && let Some(up) = host.without_loopback() =>
        {
            up
        }
        (answer, _) if answer.is_no_reply() && site.is_outside() => site.caveat(host),
        (_, Some(other)) => exchanged(host, other, site, is_intact),
        (answer, _)
            if let Some(via) = answer.via()
                && is_intact != Some(false) =>
        {
            proxied(host, site, via)
        }
        (Answer::Forbidden, _) => return forbidden(host),
        (Answer::Refused | Answer::Closed, _) => not_listening(host, site, is_intact),
        (Answer::TimedOut | Answer::Invalid(_), _) => text!(
            en: "find out on the host who listens on port {port}: `sudo ss -ltnp`; nobody but Apache should",
            pt: "descubra na máquina quem escuta na porta {port}: `sudo ss -ltnp`; só o Apache deveria",
        ),
        (Answer::Lost(_) | Answer::NoWay(_), _) => {
            let verify = host.command("verify");
            text!(en: "{verify} asks again", pt: "{verify} testa de novo")
        }
        (Answer::Reply(reply), _) if reply.status >= 500 => text!(
            en: "read /var/log/apache2/error.log on the host; where it has nothing of this, a rule answers so: `grep -rnE 'Redirect|Rewrite|Proxy' /etc/apache2 /var/www` finds it",
            pt: "leia /var/log/apache2/error.log na máquina; se não houver nada disso lá, é uma regra que responde assim: `grep -rnE 'Redirect|Rewrite|Proxy' /etc/apache2 /var/www` a encontra",
        ),
        (Answer::Reply(Reply { status: 401 | 403, .. }), _)
            if is_intact == Some(true) && !site.is_outside() =>
        {
            guarded(host)
        }
        _ if is_intact == Some(true) => between(host, site),
        (Answer::Reply(reply), _) if reply.status == 403 && is_intact.is_none() => text!(
            en: "all must be able to go into the folders above its page: `namei -l {PAGE}` on the host shows who can; `sudo chmod a+x FOLDER` mends that",
            pt: "todos precisam poder entrar nas pastas acima da página: na máquina, `namei -l {PAGE}` mostra quem pode; `sudo chmod a+x PASTA` corrige isso",
        ),
        _ => restore(host, is_intact),
    };
    Verdict::fail(answer.describe(known), expected, next)
}

/// What to do about files of a web host that are not as they should be.
fn restore(host: &Target, is_intact: Option<bool>) -> Text {
    host.mended_by_apply(|plan, apply| match is_intact {
        Some(_) => text!(
            en: "{apply} puts the page right ({plan} shows the difference)",
            pt: "{apply} corrige a página ({plan} mostra a diferença)",
        ),
        None => text!(
            en: "{plan} tells whether a file of ours differs; where one does, {apply} puts it right, and else `apache2ctl -S` on the host names other sites",
            pt: "{plan} diz se algum arquivo nosso difere; se diferir, {apply} o corrige, e se não, `apache2ctl -S` na máquina mostra outros sites",
        ),
    })
}

/// What to do where nobody listens, although Apache runs: that it does not run is told by another probe.
fn not_listening(host: &Target, site: &Site, is_intact: Option<bool>) -> Text {
    let (port, address) = (site.port, site.address());
    if is_intact == Some(false) {
        return restore(host, is_intact);
    }
    let restart = host.restart_of("apache2");
    text!(
        en: "`ss -ltnp` on the host shows at which addresses Apache listens on port {port}: {address} must be among them; {restart} makes it read its files; where it is among them, a firewall of the host itself rejects: `sudo nft list ruleset`",
        pt: "na máquina, `ss -ltnp` mostra em quais endereços o Apache escuta na porta {port}: {address} precisa estar entre eles; {restart} o faz ler os seus arquivos; se estiver entre eles, um firewall da própria máquina rejeita: `sudo nft list ruleset`",
    )
}

/// What to do where a host shows what belongs to another one.
fn exchanged(host: &Target, other: &HostId, site: &Site, is_intact: Option<bool>) -> Text {
    let doctor = host.command_on_all("doctor");
    let otherwise = if is_intact == Some(true) { between(host, site) } else { restore(host, is_intact) };
    text!(
        en: "{doctor} tells whether the addresses of {host} and {other} are exchanged in the inventory; if not: {otherwise}",
        pt: "{doctor} diz se os endereços de {host} e {other} estão trocados no inventário; se não: {otherwise}",
        otherwise,
    )
}

/// The verdict where sshd opens no connections for us: nothing is known about the service behind, good or bad.
pub fn forbidden(host: &Target) -> Verdict {
    let direct = host.command("verify --direct");
    Verdict::skip(
        text!(
            en: "could not be asked: sshd of {host} opens no TCP connections for its clients",
            pt: "não foi possível testar: o sshd de {host} não abre conexões TCP para os seus clientes",
        ),
        Some(text!(
            en: "{direct} asks from this machine; or set `AllowTcpForwarding yes` (or `local`) in /etc/ssh/sshd_config of the host and reload ssh",
            pt: "{direct} pergunta a partir deste computador; ou ponha `AllowTcpForwarding yes` (ou `local`) em /etc/ssh/sshd_config da máquina e recarregue o ssh",
        )),
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::model::CheckStatus;
    use crate::probes::site::{Outside, Place};

    fn target(id: &HostId) -> Target {
        Target::new(id, Path::new("inventory.yaml"))
    }

    fn inside(port: u16) -> Site {
        Site::inside(port)
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
            reply(200, "<meta name=\"provision-host\" content=\"ana/web02\">"),
            reply(200, "<meta name=\"provision-host\" content=\"ana/web01\">"),
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
        .map(|answer| judge(&target(&own), &inside(8080), &known, answer, None).sample(""))
        .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn from_outside_it_is_said_what_may_stand_between() {
        let own = HostId::new("ana", "web01");
        let known = KnownPages::new([(&own, "one")]);
        let outside = |ssh_port, bastion| {
            let address = "198.51.100.7".to_owned();
            Site { port: 80, place: Place::Outside(Outside { address, ssh_port, bastion }) }
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
            .map(|(answer, site)| judge(&target(&own), site, &known, answer, None).sample(""))
            .collect();
        insta::assert_snapshot!(verdicts.join("\n"));
    }

    #[test]
    fn a_page_shared_by_hosts_is_everybodys_own() {
        let [own, twin] = ["web01", "web02"].map(|name| HostId::new("ana", name));
        let known = KnownPages::new([(&own, "same"), (&twin, "same")]);
        let verdict = judge(&target(&own), &inside(80), &known, &reply(200, "same"), None);
        assert_eq!(verdict.status, CheckStatus::Pass);
    }

    /// Then nothing that an apply does helps.
    #[test]
    fn what_stands_between_is_named_where_the_files_are_as_they_should_be() {
        let own = HostId::new("ana", "web01");
        let known = KnownPages::new([(&own, "one")]);
        let outside = Outside { address: "198.51.100.7".to_owned(), ssh_port: 22, bastion: false };
        let redirect = Reply { status: 302, location: Some("/login".to_owned()), ..Reply::default() };
        let sites = [
            Site { port: 80, place: Place::At("10.0.0.51".to_owned()) },
            Site { port: 80, place: Place::Outside(outside) },
        ];
        for site in sites {
            for answer in [
                reply(200, "<title>T</title>"),
                reply(200, "<title>Apache2 Debian Default Page: It works</title>"),
                reply(401, ""),
                reply(403, ""),
                reply(404, ""),
                Answer::Reply(redirect.clone()),
                Answer::TooLarge,
            ] {
                let verdict = judge(&target(&own), &site, &known, &answer, Some(true));
                let hint = verdict.hint.as_ref().unwrap().english();
                let words = match &answer {
                    _ if site.is_outside() => "a router, a NAT or a proxy",
                    Answer::Reply(Reply { status: 401 | 403, .. }) => "client denied",
                    _ => "another site or index file",
                };
                assert!(hint.contains(words) && !hint.contains("provision apply"), "{hint}");
                let verdict = judge(&target(&own), &site, &known, &answer, Some(false));
                assert!(verdict.hint.unwrap().english().contains("provision apply"), "{answer:?}");
            }
        }
        let refused = judge(
            &target(&own),
            &Site { port: 80, place: Place::At("fd00::51".to_owned()) },
            &known,
            &Answer::Refused,
            Some(true),
        );
        assert_eq!(
            refused.hint.unwrap().english(),
            "`ss -ltnp` on the host shows at which addresses Apache listens on port 80: fd00::51 must be among them; `systemctl restart apache2` makes it read its files; where it is among them, a firewall of the host itself rejects: `sudo nft list ruleset`"
        );
    }

    #[test]
    fn a_proxy_that_answers_is_named() {
        let [own, other] = ["web01", "web02"].map(|name| HostId::new("ana", name));
        let known = KnownPages::new([(&own, "one"), (&other, "two")]);
        let answer = |status, body: &str| {
            let via = Some("1.1 gate (squid\u{1b}/5.7)".to_owned());
            Answer::Reply(Reply { status, via, body: body.into(), ..Reply::default() })
        };
        let outside = Outside { address: "198.51.100.7".to_owned(), ssh_port: 22, bastion: false };
        let outside = Site { port: 80, place: Place::Outside(outside) };
        let verdicts = [
            (inside(80), answer(503, ""), None),
            (inside(80), answer(200, "another"), Some(true)),
            (outside, answer(403, ""), Some(true)),
            // A proxy hands on what is the host's own fault.
            (inside(80), answer(404, ""), Some(false)),
            (inside(80), answer(200, "one"), None),
        ]
        .map(|(site, answer, is_intact)| judge(&target(&own), &site, &known, &answer, is_intact).sample(""));
        insta::assert_snapshot!(verdicts.join("\n"));
    }
}
