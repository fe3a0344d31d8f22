//! What to do where HAProxy's count of its servers is not as it should be.

use crate::model::{HostId, Text, text};

use super::super::expectation::{BalancerExpectation, ServerExpectation};
use super::super::target::Target;
use super::endpoint;
use super::row::Row;

/// The status of a server whose name led nowhere.
const RESOLUTION: &str = "MAINT (resolution)";

/// What to do where HAProxy runs with something else than the inventory says.
pub fn restore(host: &Target, expectation: &BalancerExpectation) -> Text {
    if let Some(next) = expectation.start_anew(host) {
        return next;
    }
    let reload = host.reload_of(&expectation.service);
    if expectation.is_intact == Some(true) {
        return text!(
            en: "haproxy.cfg is as it should be, and HAProxy runs with what was right before: {reload} on {host} makes the file and the names in it count",
            pt: "haproxy.cfg está como deve, e o HAProxy está rodando com o que valia antes: {reload} em {host} faz valer o arquivo e os nomes que há nele",
        );
    }
    host.mended_by_apply(|plan, apply| match expectation.is_intact {
        Some(_) => text!(
            en: "HAProxy runs another configuration than the inventory asks for: {plan} shows the difference, {apply} puts it right",
            pt: "o HAProxy está rodando com outra configuração que não a do inventário: {plan} mostra a diferença, {apply} corrige",
        ),
        None => text!(
            en: "HAProxy runs another configuration than the inventory asks for: {plan} shows the difference, {apply} puts it right; where there is none, {reload} on {host} makes the file count",
            pt: "o HAProxy está rodando com outra configuração que não a do inventário: {plan} mostra a diferença, {apply} corrige; se não houver diferença, {reload} em {host} faz o arquivo valer",
        ),
    })
}

/// What to do about servers that are not UP.
pub fn bring_back(
    host: &Target,
    expectation: &BalancerExpectation,
    lost: &[(&ServerExpectation, &Row)],
) -> Text {
    let is =
        |wanted: fn(&str) -> bool| lost.iter().find(|(_, row)| wanted(&row.status)).map(|(server, _)| server);
    if let Some(server) = is(|status| status == RESOLUTION) {
        let (address, reload) = (&server.address, host.reload_of(&expectation.service));
        return text!(
            en: "the name {address} led nowhere when HAProxy started: `getent ahosts {address}` on {host} must show an address, by DNS or /etc/hosts; then {reload} there",
            pt: "o nome {address} não levava a lugar nenhum quando o HAProxy iniciou: em {host}, `getent ahosts {address}` precisa mostrar um endereço, pelo DNS ou por /etc/hosts; depois, rode {reload} lá",
        );
    }
    if is(|status| status == "no check").is_some() {
        return expectation.restore(host);
    }
    if is(|status| status.starts_with("MAINT") || status.starts_with("DRAIN")).is_some() {
        let restart = host.restart_of(&expectation.service);
        return text!(
            en: "somebody took it out by hand; {restart} on {host} brings it back",
            pt: "alguém o tirou à mão; {restart} em {host} o traz de volta",
        );
    }
    let Some((server, row)) = lost.first() else { return expectation.restore(host) };
    by_check(host, server, row)
}

/// What to do where HAProxy's check of a web host fails that answers itself: each kind has another cause.
fn by_check(host: &Target, server: &ServerExpectation, row: &Row) -> Text {
    let (web, at) = (&server.host, endpoint(server));
    match row.check_status.trim_start_matches(['*', ' ']).get(..4) {
        Some("L4TO" | "L4CO") => text!(
            en: "`curl -I http://{at}/` on {host} shows it: where {web} answers itself, a firewall of {host} or of {web} (`sudo nft list ruleset` on both) or the network between them keeps that from it",
            pt: "`curl -I http://{at}/` em {host} o mostra: se {web} responde a si mesmo, um firewall de {host} ou de {web} (`sudo nft list ruleset` em ambas) ou a rede entre elas impede isso",
        ),
        Some("L7TO" | "L7RS") => busy(web),
        Some("L7ST") => refused_to_others(host, web),
        _ => text!(
            en: "see `http` and `service` of that web host, and whether the balancer reaches its private address",
            pt: "veja `http` e `service` desse servidor web, e se o balanceador alcança o endereço privado dele",
        ),
    }
}

/// What to do where a web host takes connections and is too slow.
fn busy(web: &HostId) -> Text {
    text!(
        en: "all workers of Apache on {web} may be busy: `grep -rn MaxRequestWorkers /etc/apache2` there shows how many it has, `sudo ss -tnp` for whom they work, and `top` what else the host does",
        pt: "talvez todos os processos do Apache em {web} estejam ocupados: lá, `grep -rn MaxRequestWorkers /etc/apache2` mostra quantos tem, `sudo ss -tnp` para quem trabalham, e `top` o que mais a máquina faz",
    )
}

/// What to do where a web host gives its page to itself and not to the balancer.
pub fn refused_to_others(host: &Target, web: &HostId) -> Text {
    text!(
        en: "what {web} serves itself, its Apache does not give to {host}: on {web}, `grep -rnE 'Require|Rewrite|Redirect|ServerName|ServerAlias' /etc/apache2 /var/www` finds the rule or the site for an address or a header, and /var/log/apache2/error.log may name it",
        pt: "o que {web} entrega a si mesmo, o Apache dele não dá a {host}: em {web}, `grep -rnE 'Require|Rewrite|Redirect|ServerName|ServerAlias' /etc/apache2 /var/www` acha a regra ou o site para um endereço ou um cabeçalho, e /var/log/apache2/error.log talvez a cite",
    )
}
