//! What is wrong with a package, or with those that dpkg knows already.

use crate::model::{Removal, Text, text};

pub(super) fn explain(cause: &str, detail: &str) -> Option<(Text, Text)> {
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
        "unknown" | "stale" => (
            if detail.is_empty() || cause == "stale" {
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
        ),
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
        "unmet" => (
            text!(
                en: "apt cannot satisfy the dependencies of what is needed",
                pt: "o apt não consegue satisfazer as dependências do que é necessário",
            ),
            text!(
                en: "packages of other releases are often the cause: read the log, and run `sudo apt -f install` on \
                     the host",
                pt: "a causa costumam ser pacotes de outras versões do sistema: leia o log e rode \
                     `sudo apt -f install` na máquina",
            ),
        ),
        "dpkg" => (
            if detail.is_empty() {
                text!(en: "a package could not be configured", pt: "um pacote não pôde ser configurado")
            } else {
                text!(
                    en: "the package {detail} could not be configured",
                    pt: "o pacote {detail} não pôde ser configurado",
                )
            },
            text!(
                en: "read the log; on the host `sudo dpkg --configure -a` tries it again",
                pt: "leia o log; na máquina, `sudo dpkg --configure -a` tenta de novo",
            ),
        ),
        _ => return None,
    })
}

/// `CAUSE PACKAGE CAUSE PACKAGE …`
fn removals(detail: &str) -> Vec<Removal> {
    let words: Vec<&str> = detail.split_whitespace().collect();
    words.chunks_exact(2).filter_map(|pair| Removal::new(pair[0], pair[1])).collect()
}
