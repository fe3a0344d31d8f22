//! What went wrong between a host and its package mirror.

use crate::model::{Text, believed_certificate, text};

use super::split;

/// The detail is the mirror, or what stands between.
pub(super) fn explain(cause: &str, detail: &str) -> Option<(Text, Text)> {
    let mirror = match detail {
        "" => text!(en: "its mirror", pt: "seu espelho"),
        mirror => Text::verbatim(mirror),
    };
    Some(match cause {
        "expired" => (
            text!(
                en: "the release file of {mirror} has expired",
                pt: "o arquivo Release de {mirror} expirou",
                mirror,
            ),
            text!(
                en: "the mirror is stale or the host's clock is ahead: compare `date` on the host, or use another \
                     mirror",
                pt: "o espelho está desatualizado ou o relógio da máquina está adiantado: veja `date` na máquina, ou \
                     use outro espelho",
            ),
        ),
        "release" => without_release(detail),
        "sources" => (
            text!(en: "apt cannot read its sources", pt: "o apt não consegue ler as suas fontes"),
            text!(
                en: "it says: {detail}; correct that file on the host, then `sudo apt-get update` shows whether apt \
                     reads it",
                pt: "ele diz: {detail}; corrija esse arquivo na máquina, e `sudo apt-get update` mostra se o apt o lê",
            ),
        ),
        "unsigned" => (
            text!(
                en: "{mirror} is not signed by a key that the host trusts",
                pt: "{mirror} não está assinado por uma chave em que a máquina confia",
                mirror,
            ),
            text!(
                en: "nothing was installed. A captive portal or a stale mirror looks like this too; see the log, and \
                     mend that source in /etc/apt/sources.list or /etc/apt/sources.list.d",
                pt: "nada foi instalado. A página de login de uma rede ou um espelho desatualizado também causam isso; \
                     veja o log e corrija essa fonte em /etc/apt/sources.list ou /etc/apt/sources.list.d",
            ),
        ),
        "named" => named_key(detail),
        "hash" => (
            text!(
                en: "{mirror} delivers files that do not match its own list",
                pt: "{mirror} entrega arquivos que não conferem com a lista dele",
                mirror,
            ),
            text!(
                en: "it was tried twice: the mirror is being updated, or a proxy between corrupts it. Try again \
                     later, or `packages: {{ via: laptop }}`",
                pt: "foram duas tentativas: o espelho está sendo atualizado, ou um proxy no caminho corrompe os \
                     arquivos. Tente de novo mais tarde, ou use `packages: {{ via: laptop }}`",
            ),
        ),
        "relay" => refused_by_relay(&Text::verbatim(match detail.strip_prefix('#') {
            Some(numbered) => split(numbered).1,
            None => detail,
        })),
        _ => return out_of_reach(cause, detail, &mirror).or_else(|| answered(cause, detail)),
    })
}

/// Nothing answers at all.
fn out_of_reach(cause: &str, detail: &str, mirror: &Text) -> Option<(Text, Text)> {
    Some(match cause {
        "resolve" => (
            text!(
                en: "the host cannot resolve the name of its package mirror",
                pt: "a máquina não consegue resolver o nome do seu espelho de pacotes",
            ),
            text!(
                en: "{mirror} is unknown there: mend its DNS, or let the laptop serve: `packages: {{ via: laptop }}`",
                pt: "{mirror} é desconhecido na máquina: corrija o DNS dela, ou deixe o notebook servir: \
                     `packages: {{ via: laptop }}`",
                mirror,
            ),
        ),
        "proxy" if split(detail).1.is_empty() => (
            text!(
                en: "the host's apt goes through the proxy {detail}, which does not answer",
                pt: "o apt da máquina passa pelo proxy {detail}, que não responde",
            ),
            text!(
                en: "remove that proxy from /etc/apt/apt.conf.d on the host, or let the laptop serve: \
                     `packages: {{ via: laptop }}`",
                pt: "remova esse proxy de /etc/apt/apt.conf.d na máquina, ou deixe o notebook servir: \
                     `packages: {{ via: laptop }}`",
            ),
        ),
        "mirror" => (
            text!(
                en: "the host does not reach its package mirror",
                pt: "a máquina não alcança o seu espelho de pacotes",
            ),
            text!(
                en: "{mirror} does not answer: mend its network, or let the laptop serve: `packages: {{ via: laptop }}`",
                pt: "{mirror} não responde: corrija a rede da máquina, ou deixe o notebook servir: \
                     `packages: {{ via: laptop }}`",
                mirror,
            ),
        ),
        _ => return None,
    })
}

/// `URL WORDS` of what answered in the place of a mirror.
fn answered(cause: &str, detail: &str) -> Option<(Text, Text)> {
    Some(match cause {
        "refused" => {
            let (mirror, words) = split(detail);
            (
                text!(
                    en: "the host's package mirror, or what stands before it, refuses to serve it",
                    pt: "o espelho de pacotes da máquina, ou algo no caminho, se recusa a atendê-la",
                ),
                text!(
                    en: "{mirror} answers: {words}; name another mirror in the host's apt sources, or let the laptop \
                         serve: `packages: {{ via: laptop }}`",
                    pt: "{mirror} responde: {words}; indique outro espelho nas fontes do apt da máquina, ou deixe o \
                         notebook servir: `packages: {{ via: laptop }}`",
                ),
            )
        }
        "certificate" => {
            let (mirror, words) = split(detail);
            let mend = believed_certificate();
            (
                text!(
                    en: "the host does not believe the certificate of its package mirror",
                    pt: "a máquina não acredita no certificado do seu espelho de pacotes",
                ),
                text!(
                    en: "apt says of {mirror}: {words}; {mend}",
                    pt: "o apt diz de {mirror}: {words}; {mend}",
                    mend,
                ),
            )
        }
        "portal" => {
            let (mirror, words) = split(detail);
            (
                text!(
                    en: "something else answers the host in the place of its package mirror",
                    pt: "outra coisa responde à máquina no lugar do seu espelho de pacotes",
                ),
                text!(
                    en: "apt says of {mirror}: {words}. It is likely the login page of a network, or a proxy: log the \
                         host in there, or let the laptop serve: `packages: {{ via: laptop }}`",
                    pt: "o apt diz de {mirror}: {words}. É provável que seja a página de login de uma rede, ou um \
                         proxy: faça o login da máquina nela, ou deixe o notebook servir: \
                         `packages: {{ via: laptop }}`",
                ),
            )
        }
        "proxy" => {
            let (proxy, words) = split(detail);
            (
                text!(
                    en: "the host's apt goes through the proxy {proxy}, which does not serve it",
                    pt: "o apt da máquina passa pelo proxy {proxy}, que não o atende",
                ),
                text!(
                    en: "it says: {words}; correct that proxy in /etc/apt/apt.conf.d on the host (a login goes into its \
                         URL), or let the laptop serve: `packages: {{ via: laptop }}`",
                    pt: "ele diz: {words}; corrija esse proxy em /etc/apt/apt.conf.d na máquina (um login vai na URL \
                         dele), ou deixe o notebook servir: `packages: {{ via: laptop }}`",
                ),
            )
        }
        _ => return None,
    })
}

/// That a source names a key by which nothing of its mirror can be believed.
fn named_key(detail: &str) -> (Text, Text) {
    (
        text!(
            en: "the key {detail}, by which alone its source lets apt believe a mirror (Signed-By), is missing or not the mirror's",
            pt: "a chave {detail}, a única pela qual a fonte deixa o apt acreditar no espelho (Signed-By), não existe ou não é a do espelho",
        ),
        text!(
            en: "on the host, `grep -rn {detail} /etc/apt/sources.list /etc/apt/sources.list.d` shows the source: put the right key \
                     there, or take Signed-By out; `sudo apt-get update` must end without this",
            pt: "na máquina, `grep -rn {detail} /etc/apt/sources.list /etc/apt/sources.list.d` mostra a fonte: ponha a chave \
                     certa lá, ou tire o Signed-By; `sudo apt-get update` precisa terminar sem isso",
        ),
    )
}

/// `URL NAME` of a release that is not on its mirror.
fn without_release(detail: &str) -> (Text, Text) {
    let (mirror, name) = split(detail);
    (
        text!(
            en: "{mirror} has no release {name} (404)",
            pt: "{mirror} não tem a versão {name} (404)",
        ),
        text!(
            en: "it is out of support, or its name is wrong: name one that the mirror has in /etc/apt/sources.list, or \
                 use a newer image; old ones are at archive.debian.org and old-releases.ubuntu.com",
            pt: "ela está fora de suporte, ou o nome está errado: indique em /etc/apt/sources.list uma que o espelho \
                 tenha, ou use uma imagem mais nova; as antigas estão em archive.debian.org e old-releases.ubuntu.com",
        ),
    )
}

pub(super) fn refused_by_relay(reason: &Text) -> (Text, Text) {
    (
        text!(
            en: "packages cannot come through the laptop",
            pt: "os pacotes não conseguem vir pelo notebook",
        ),
        text!(
            en: "{reason}: mend that there, and run the same command again; what its cache holds already is kept",
            pt: "o motivo: {reason}; corrija isso no notebook e rode o mesmo comando de novo; o que o cache já tem \
                 fica guardado",
            reason,
        ),
    )
}
