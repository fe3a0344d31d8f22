//! What is wrong with a package, or with those that dpkg knows already.

use crate::model::{Removal, Text, shell_word, text};

use super::split;

pub(super) fn explain(cause: &str, detail: &str) -> Option<(Text, Text)> {
    let (name, words) = split(detail);
    Some(match cause {
        "held" => (
            text!(
                en: "a package that is on hold stands in the way",
                pt: "um pacote retido impede a instalação",
            ),
            text!(
                en: "on hold are: {detail}; nothing was changed about that. `sudo apt-mark unhold NAME` releases it",
                pt: "retidos: {detail}; nisso nada foi alterado. `sudo apt-mark unhold NAME` libera um pacote",
            ),
        ),
        "removes" => Removal::refusal(&removals(detail)),
        "takes" => {
            let (package, others) = detail.split_once(' ').unwrap_or((detail, ""));
            let others = others.trim();
            (
                text!(
                    en: "deleting {package} would remove {others}, which is not ours",
                    pt: "remover {package} removeria {others}, que não é nosso",
                ),
                text!(
                    en: "apply again after `sudo apt-get remove {others}` on the host; or keep {package} by \
                         `packages.extra` of the inventory",
                    pt: "aplique de novo depois de `sudo apt-get remove {others}` na máquina; ou mantenha {package} \
                         com `packages.extra` no inventário",
                ),
            )
        }
        "interrupted" => (
            text!(
                en: "dpkg was interrupted on the host and could not be repaired",
                pt: "o dpkg foi interrompido na máquina e não pôde ser reparado",
            ),
            text!(
                en: "read the log, and on the host run `sudo dpkg --configure -a`",
                pt: "leia o log e rode, na máquina, `sudo dpkg --configure -a`",
            ),
        ),
        "stale" | "unknown" => absent(cause, detail),
        "virtual" => (
            text!(
                en: "{detail} is no real package: apt installed something that provides it",
                pt: "{detail} não é um pacote de verdade: o apt instalou outro que o fornece",
            ),
            text!(
                en: "name the package itself in `packages.extra`",
                pt: "ponha o nome do próprio pacote em `packages.extra`",
            ),
        ),
        "forbidden" => (
            text!(
                en: "the host's apt preferences forbid every version of the package {detail}",
                pt: "as preferências do apt da máquina proíbem todas as versões do pacote {detail}",
            ),
            text!(
                en: "`apt policy {detail}` on the host shows the priorities, which files in /etc/apt/preferences.d set",
                pt: "na máquina, `apt policy {detail}` mostra as prioridades, definidas por arquivos em \
                     /etc/apt/preferences.d",
            ),
        ),
        "depends" | "unmet" => (
            text!(
                en: "apt cannot satisfy the dependencies of what is needed",
                pt: "o apt não consegue satisfazer as dependências do que é necessário",
            ),
            unmet(cause, name, words),
        ),
        "dpkg" => unfinished(name, words),
        "stays" => (
            text!(en: "dpkg does not remove the package {name}", pt: "o dpkg não remove o pacote {name}"),
            text!(
                en: "it says: {words}; `sudo apt-get -s purge {name}` on the host shows what needs it: that has to go or be \
                     mended first, then run the same command again",
                pt: "ele diz: {words}; `sudo apt-get -s purge {name}`, na máquina, mostra o que precisa dele: isso precisa \
                     sair ou ser corrigido antes; depois rode o mesmo comando de novo",
            ),
        ),
        "unpack" => unpacked(name, words),
        "overwrites" => overwrites(name, words),
        "fatal" => (
            text!(en: "dpkg does nothing on the host", pt: "o dpkg não faz nada na máquina"),
            text!(
                en: "it says: {detail}; mend that there, and run the same command again",
                pt: "ele diz: {detail}; corrija isso lá e rode o mesmo comando de novo",
            ),
        ),
        "hook" => hook(detail),
        "hung" => hung(detail),
        _ => return None,
    })
}

/// `CAUSE PACKAGE CAUSE PACKAGE …`
fn removals(detail: &str) -> Vec<Removal> {
    let words: Vec<&str> = detail.split_whitespace().collect();
    words.chunks_exact(2).filter_map(|pair| Removal::new(pair[0], pair[1])).collect()
}

/// That a package which is needed is nowhere to be had.
fn absent(cause: &str, detail: &str) -> (Text, Text) {
    if cause == "stale" {
        return (
            text!(
                en: "a package that is needed is not on the host's mirrors",
                pt: "um pacote necessário não está nos espelhos da máquina",
            ),
            text!(
                en: "check the name, and that `main` (on Ubuntu also `universe`) is among the host's apt sources; where the \
                     mirror is behind its own list, name another one, or let the laptop serve: `packages: {{ via: laptop }}`",
                pt: "confira o nome, e se `main` (no Ubuntu também `universe`) está entre as fontes do apt da máquina; se o \
                     espelho está atrasado em relação à lista dele, indique outro, ou deixe o notebook servir: \
                     `packages: {{ via: laptop }}`",
            ),
        );
    }
    (
        if detail.is_empty() {
            text!(
                en: "a package that is needed is not on the host's mirrors",
                pt: "um pacote necessário não está nos espelhos da máquina",
            )
        } else {
            text!(
                en: "the host's package sources have no package {detail}",
                pt: "as fontes de pacotes da máquina não têm o pacote {detail}",
            )
        },
        text!(
            en: "check the name, and that `main` (on Ubuntu also `universe`) is among the host's apt sources",
            pt: "confira o nome, e se `main` (no Ubuntu também `universe`) está entre as fontes do apt da máquina",
        ),
    )
}

/// The package with which dpkg came to no end, and what it says of that.
fn unfinished(name: &str, words: &str) -> (Text, Text) {
    let message = if name.is_empty() {
        text!(en: "a package could not be configured", pt: "um pacote não pôde ser configurado")
    } else {
        text!(
            en: "the package {name} could not be configured",
            pt: "o pacote {name} não pôde ser configurado",
        )
    };
    let hint = if words.is_empty() {
        text!(
            en: "read the log; on the host `sudo dpkg --configure -a` tries it again",
            pt: "leia o log; na máquina, `sudo dpkg --configure -a` tenta de novo",
        )
    } else {
        text!(
            en: "dpkg says: {words}; what that package says stands in the log, and on the host `sudo dpkg --configure -a` \
                 tries it again",
            pt: "o dpkg diz: {words}; o que o pacote diz está no log, e na máquina `sudo dpkg --configure -a` tenta de \
                 novo",
        )
    };
    (message, hint)
}

/// A package that stays as it was, and what dpkg says of that.
fn unpacked(name: &str, words: &str) -> (Text, Text) {
    (
        text!(en: "the package {name} could not be unpacked", pt: "o pacote {name} não pôde ser desempacotado"),
        text!(
            en: "dpkg says: {words}; mend that on the host, and run the same command again",
            pt: "o dpkg diz: {words}; corrija isso na máquina e rode o mesmo comando de novo",
        ),
    )
}

/// The package that has a file of ours already, and that file.
fn overwrites(name: &str, detail: &str) -> (Text, Text) {
    let (other, path) = split(detail);
    let word = shell_word(other);
    (
        text!(
            en: "the package {name} brings {path}, which the package {other} has put there",
            pt: "o pacote {name} traz {path}, que o pacote {other} já pôs lá",
        ),
        text!(
            en: "if nobody needs it, `sudo apt-get remove {word}` on the host makes way; then run the same command again",
            pt: "se ninguém precisa dele, `sudo apt-get remove {word}`, na máquina, abre caminho; depois, rode o mesmo \
                 comando de novo",
        ),
    )
}

/// The command of others at which apt waited to the end of its time.
fn hung(command: &str) -> (Text, Text) {
    (
        text!(
            en: "a command that the host's apt runs around its work does not come to an end",
            pt: "um comando que o apt da máquina roda junto com o trabalho dele não chega ao fim",
        ),
        text!(
            en: "it is {command}; `apt-config dump | grep -iE 'invoke|pre-install'` on the host shows what has apt run it, and \
                 `grep -ri` for that in /etc/apt the file: mend or remove it, then run the same command again",
            pt: "o comando: {command}; na máquina, `apt-config dump | grep -iE 'invoke|pre-install'` mostra o que faz o apt \
                 rodá-lo, e `grep -ri` disso em /etc/apt, o arquivo: corrija-o ou remova-o e rode o mesmo comando de novo",
        ),
    )
}

/// `EVENT COMMAND …`, as apt names them. Files may name the event in sections, and in capitals or not.
fn hook(detail: &str) -> (Text, Text) {
    let event = split(detail).0;
    let event = shell_word(event.rsplit("::").next().unwrap_or(event));
    (
        text!(
            en: "a command that the host's apt runs around its work failed",
            pt: "um comando que o apt da máquina roda junto com o trabalho dele falhou",
        ),
        text!(
            en: "it is {detail}; `grep -ri {event} /etc/apt` on the host finds the file that names it",
            pt: "o comando: {detail}; na máquina, `grep -ri {event} /etc/apt` mostra o arquivo que o define",
        ),
    )
}

/// What apt says of the first dependency that it cannot meet, and of which package that speaks.
fn unmet(cause: &str, name: &str, words: &str) -> Text {
    if words.is_empty() {
        return text!(
            en: "packages of other releases are often the cause: read the log, and run `sudo apt -f install` on the host",
            pt: "a causa costumam ser pacotes de outras versões do sistema: leia o log e rode `sudo apt -f install` na \
                 máquina",
        );
    }
    let name = shell_word(name);
    match cause {
        "unmet" => text!(
            en: "apt says: {words}; `apt policy {name}` on the host shows which versions there are, and \
                 `sudo apt -f install` mends what is half there",
            pt: "o apt diz: {words}; na máquina, `apt policy {name}` mostra que versões existem, e \
                 `sudo apt -f install` conserta o que está pela metade",
        ),
        _ => text!(
            en: "apt says: {words}; `apt policy {name}` on the host shows which versions there are, and whence",
            pt: "o apt diz: {words}; na máquina, `apt policy {name}` mostra que versões existem, e de onde vêm",
        ),
    }
}
