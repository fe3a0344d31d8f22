//! What to do where something answers in a web host's place, on the way to it or on the host itself.

use crate::model::{Text, clean_line, text};

use super::site::Site;
use super::target::Target;

/// What to do where a host's files are as they should be, and another answer came all the same.
pub fn between(host: &Target, site: &Site) -> Text {
    if site.is_outside() {
        let (at, verify) = (site.describe(), host.command("verify"));
        return text!(
            en: "the files on the host are as they should be: something else answers {at}, as a router, a NAT or a proxy on the way, or another site of its Apache; {verify} asks the host itself",
            pt: "os arquivos na máquina estão como devem: outra coisa responde {at}, como um roteador, um NAT ou um proxy no caminho, ou outro site do Apache dela; {verify} pergunta à própria máquina",
            at,
        );
    }
    text!(
        en: "the files of {host} are as they should be: its Apache serves another site or index file first, or redirects; on the host, `apache2ctl -S` names the sites, and `grep -rE 'DirectoryIndex|Redirect|Rewrite' /etc/apache2 /var/www` finds the rest",
        pt: "os arquivos de {host} estão como devem: o Apache dela entrega antes outro site ou arquivo de índice, ou redireciona; na máquina, `apache2ctl -S` mostra os sites, e `grep -rE 'DirectoryIndex|Redirect|Rewrite' /etc/apache2 /var/www` acha o resto",
    )
}

/// What to do where a host's files are as they should be, and its web server gives them not to everybody.
pub fn guarded(host: &Target) -> Text {
    text!(
        en: "the files of {host} are as they should be; /var/log/apache2/error.log there tells why: with `(13)Permission denied` see `namei -l PATH` and `systemctl cat apache2`; with `client denied` and a path outside /var/www/html, `apache2ctl -S` and `grep -rn Alias /etc/apache2`; else `grep -rnE 'AuthType|Require|Rewrite' /etc/apache2 /var/www`",
        pt: "os arquivos de {host} estão como devem; lá, /var/log/apache2/error.log diz por quê: com `(13)Permission denied`, veja `namei -l CAMINHO` e `systemctl cat apache2`; com `client denied` e um caminho fora de /var/www/html, `apache2ctl -S` e `grep -rn Alias /etc/apache2`; senão, `grep -rnE 'AuthType|Require|Rewrite' /etc/apache2 /var/www`",
    )
}

/// What to do where an answer says that it came through proxies.
pub fn proxied(host: &Target, site: &Site, via: &str) -> Text {
    let (via, port) = (proxies(via), site.port);
    if site.is_outside() {
        let verify = host.command("verify");
        return text!(
            en: "the proxy {via} stands between this machine and {host}: have it leave the host out, or ask from another network; {verify} asks the host itself",
            pt: "o proxy {via} está entre este computador e {host}: faça-o deixar a máquina de fora, ou pergunte de outra rede; {verify} pergunta à própria máquina",
        );
    }
    text!(
        en: "the proxy {via} stands in between: `sudo nft list ruleset` or `sudo iptables-save` on {host} shows whether the host itself sends port {port} to it; else the network does",
        pt: "o proxy {via} está no caminho: em {host}, `sudo nft list ruleset` ou `sudo iptables-save` mostra se a própria máquina manda a porta {port} para ele; se não, é a rede",
    )
}

/// What `Via` says, as far as it can be read.
pub fn proxies(via: &str) -> String {
    clean_line(via, 80)
}
