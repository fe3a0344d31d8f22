//! Why a service is not enabled, does not run, or has not read its files. The detail begins with its name.

use crate::model::{Failure, FailureKind, Text, shell_word, text};

use super::{failure, split};

/// `by_systemd` tells whether systemd manages it.
pub(super) fn explain(cause: &str, detail: &str, by_systemd: bool) -> Option<Failure> {
    let (name, rest) = split(detail);
    let word = shell_word(name);
    let (message, hint) = match cause {
        "masked" => (
            text!(
                en: "{name} is masked, so it cannot be started",
                pt: "{name} está mascarado e por isso não pode ser iniciado",
            ),
            text!(
                en: "somebody did that on purpose; to allow it: `sudo systemctl unmask {word}`",
                pt: "alguém fez isso de propósito; para permitir: `sudo systemctl unmask {word}`",
            ),
        ),
        "unknown" if !by_systemd => (
            text!(
                en: "{name} has no init script on the host, where systemd does not run",
                pt: "{name} não tem script de init na máquina, onde o systemd não roda",
            ),
            text!(
                en: "a unit does nothing there: install a package that brings `/etc/init.d/{name}`, or choose a host \
                     with systemd",
                pt: "uma unit não serve para nada nela: instale um pacote que traga `/etc/init.d/{name}`, ou escolha \
                     uma máquina com systemd",
            ),
        ),
        "unknown" => (
            text!(en: "there is no service {name} on the host", pt: "não há serviço {name} na máquina"),
            text!(
                en: "its package may be broken (`sudo apt install --reinstall {word}`), or its name another one: \
                     `systemctl list-unit-files` lists them",
                pt: "o pacote dele pode estar quebrado (`sudo apt install --reinstall {word}`), ou o nome ser outro: \
                     `systemctl list-unit-files` lista os que há",
            ),
        ),
        "enable" if !by_systemd => (
            text!(
                en: "{name} cannot be enabled at boot",
                pt: "não é possível fazer {name} iniciar com a máquina",
            ),
            text!(
                en: "try it by hand and read what it says: `sudo update-rc.d {word} enable`",
                pt: "tente à mão e leia a resposta: `sudo update-rc.d {word} enable`",
            ),
        ),
        "enable" => (
            text!(
                en: "{name} cannot be enabled at boot",
                pt: "não é possível fazer {name} iniciar com a máquina",
            ),
            text!(
                en: "try it by hand and read what it says: `sudo systemctl enable {word}`",
                pt: "tente à mão e leia a resposta: `sudo systemctl enable {word}`",
            ),
        ),
        "port" => held_port(name, rest, by_systemd),
        "start" => {
            let hint = if by_systemd && rest.starts_with('/') {
                look_at_drop_ins(name, rest)
            } else {
                read_log(name, by_systemd)
            };
            (text!(en: "{name} does not come up", pt: "{name} não inicia"), hint)
        }
        "reload" => (
            text!(
                en: "{name} did not take the new configuration",
                pt: "{name} não assumiu a nova configuração",
            ),
            read_log(name, by_systemd),
        ),
        _ => return None,
    };
    Some(failure(FailureKind::Service, message, hint))
}

/// `PORT PID OWNER`, where nothing may be known of the owner.
fn held_port(name: &str, holder: &str, by_systemd: bool) -> (Text, Text) {
    let (port, holder) = split(holder);
    let (pid, owner) = split(holder);
    if owner == name {
        return (
            text!(
                en: "{name} cannot have port {port}: process {pid} has it, which is {name}, too, started outside of its service",
                pt: "{name} não consegue a porta {port}: o processo {pid} a ocupa, que também é {name}, iniciado fora do serviço",
            ),
            text!(
                en: "on the host, `sudo kill $(pidof {name})` ends it; then apply again",
                pt: "na máquina, `sudo kill $(pidof {name})` o encerra; depois, aplique de novo",
            ),
        );
    }
    if owner.is_empty() || !by_systemd {
        let owner = if owner.is_empty() {
            text!(en: "another program", pt: "outro programa")
        } else {
            Text::verbatim(owner)
        };
        return (
            text!(
                en: "{name} cannot have port {port}: {owner} holds it",
                pt: "{name} não consegue a porta {port}: {owner} a ocupa",
                owner,
            ),
            text!(
                en: "stop it on the host (process {pid}), or choose another port in the inventory",
                pt: "pare-o na máquina (processo {pid}), ou escolha outra porta no inventário",
            ),
        );
    }
    let word = shell_word(owner);
    (
        text!(
            en: "{name} cannot have port {port}: {owner} holds it",
            pt: "{name} não consegue a porta {port}: {owner} a ocupa",
        ),
        text!(
            en: "stop it on the host (process {pid}; `sudo systemctl disable --now {word}` if it is a service), or \
                 choose another port in the inventory",
            pt: "pare-o na máquina (processo {pid}; `sudo systemctl disable --now {word}` se for um serviço), ou \
                 escolha outra porta no inventário",
        ),
    )
}

/// What the host itself adds to a unit is the first to look at: files and log may be as they should.
fn look_at_drop_ins(name: &str, drop_ins: &str) -> Text {
    let word = shell_word(name);
    text!(
        en: "read the end of the log, and on the host {drop_ins}, which changes how it starts (`systemctl cat {word}`); \
             mend or remove it, then `sudo systemctl daemon-reload`",
        pt: "leia o fim do log e, na máquina, {drop_ins}, que muda como ele inicia (`systemctl cat {word}`); corrija ou \
             remova isso, e depois `sudo systemctl daemon-reload`",
    )
}

fn read_log(name: &str, by_systemd: bool) -> Text {
    let word = shell_word(name);
    if !by_systemd {
        return text!(
            en: "read the end of the log, or on the host: `sudo service {word} status`, and its log in /var/log",
            pt: "leia o fim do log, ou, na máquina: `sudo service {word} status`, e o log dele em /var/log",
        );
    }
    text!(
        en: "read the end of the log, or on the host: `sudo journalctl -u {word} -n 50`",
        pt: "leia o fim do log, ou, na máquina: `sudo journalctl -u {word} -n 50`",
    )
}
