//! What to do where requests through the balancer have no page, or a foreign one.

use crate::model::{Text, text};

use super::super::answer::Answer;
use super::super::between::proxied;
use super::super::expectation::{BalancerExpectation, ServerExpectation};
use super::super::stats;
use super::super::target::Target;
use super::law::Law;
use super::tally::Blame;

/// What to do where requests fail and no other probe explains it.
pub fn answers_badly(host: &Target, expectation: &BalancerExpectation, blame: Blame) -> Text {
    match blame {
        // Asked directly it answered otherwise, or its own probe would tell.
        Blame::Server(index) => stats::refused_to_others(host, &expectation.servers[index].host),
        _ => text!(
            en: "see `stats` of this host and `http` of its web hosts; where these are well, one of them is too slow for HAProxy: `grep -rn MaxRequestWorkers /etc/apache2` there shows how many requests it takes at once, and `top` what else it does",
            pt: "veja `stats` desta máquina e `http` dos seus servidores web; se estiverem bem, um deles é lento demais para o HAProxy: lá, `grep -rn MaxRequestWorkers /etc/apache2` mostra quantas requisições aceita de uma vez, e `top` o que mais ele faz",
        ),
    }
}

/// What to do where a page came that none of the web hosts should show, from this server as far as is known.
pub fn foreign(host: &Target, expectation: &BalancerExpectation, server: Option<usize>) -> Text {
    match server.map(|index| &expectation.servers[index]) {
        Some(ServerExpectation { host: web, address, .. }) if expectation.is_intact == Some(true) => text!(
            en: "haproxy.cfg is as it should be: what answers {host} at {address} is another site of {web}'s Apache (`apache2ctl -S` there), or another machine that has this address or name",
            pt: "haproxy.cfg está como deve: o que responde a {host} em {address} é outro site do Apache de {web} (`apache2ctl -S` lá), ou outra máquina que tem esse endereço ou nome",
        ),
        _ => expectation.restore(host),
    }
}

/// What to do where no request was answered by a web host.
pub fn no_answer(host: &Target, expectation: &BalancerExpectation, law: &Law, first: &Answer) -> Text {
    if let Some(via) = first.via() {
        return proxied(host, &expectation.site, via);
    }
    match first {
        Answer::Reply(_)
            if law.weights.as_ref().is_some_and(|weights| weights.iter().all(|weight| *weight == 0)) =>
        {
            text!(
                en: "every server has the weight 0 in haproxy.cfg, so none gets a request: give one a weight",
                pt: "todo servidor tem peso 0 em haproxy.cfg, e nenhum recebe requisições: dê peso a algum",
            )
        }
        // HAProxy hands on what a web host says, and by its own file from where.
        Answer::Reply(reply)
            if let Some(server) = expectation.named(reply)
                && expectation.is_intact == Some(true)
                && expectation.started_otherwise.is_none() =>
        {
            stats::refused_to_others(host, &server.host)
        }
        Answer::Reply(reply) if reply.status < 500 => expectation.restore(host),
        Answer::Reply(_) => text!(
            en: "see `stats` of this host: HAProxy may count no server as UP",
            pt: "veja `stats` desta máquina: talvez o HAProxy não veja nenhum servidor UP",
        ),
        _ if expectation.site.is_outside() => expectation.site.caveat(host),
        first if first.is_refusal() && expectation.listens_elsewhere(&expectation.site) => {
            expectation.bind(host, &expectation.site)
        }
        _ => {
            let (status, restore) = (host.status_of(&expectation.service), expectation.restore(host));
            text!(
                en: "{status} on {host} says more; {restore}",
                pt: "em {host}, {status} diz mais; {restore}",
                restore,
            )
        }
    }
}
