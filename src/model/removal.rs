//! Packages that apt would take away for what is wanted: never done, and told with what does it by hand.

use super::host_text::HostText;
use super::text::{Text, text};

/// So many names are told.
const TOLD: usize = 10;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The wanted package that cannot be there with it; `None` where it is broken and stands in the way of all.
    pub cause: Option<HostText>,
    pub package: HostText,
}

impl Removal {
    /// Of the words `CAUSE PACKAGE`, where the cause may be `-`; `None` where these are no names.
    pub fn new(cause: &str, package: &str) -> Option<Self> {
        let is_name = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-.:".contains(c))
        };
        (is_name(cause) && is_name(package))
            .then(|| Self { cause: (cause != "-").then(|| cause.into()), package: package.into() })
    }

    /// Why it is told.
    pub fn reason(&self) -> Text {
        match &self.cause {
            Some(cause) => {
                let cause = cause.name();
                text!(
                    en: "not ours: {cause} cannot be installed without removing it, so apply refuses",
                    pt: "não é nosso: {cause} não pode ser instalado sem removê-lo, e por isso o apply se recusa",
                    cause,
                )
            }
            None => text!(
                en: "not ours: it is broken, and apt would repair that by removing it, so apply refuses",
                pt: "não é nosso: está quebrado, e o apt consertaria isso removendo-o, e por isso o apply se recusa",
            ),
        }
    }

    /// Why nothing is done on a host where packages would go, and what does it by hand.
    pub fn refusal(removals: &[Self]) -> (Text, Text) {
        let cause = removals.first().and_then(|first| first.cause.as_ref());
        let alike = removals.iter().filter(|removal| removal.cause.as_ref() == cause);
        let mut names: Vec<Text> = alike.map(|removal| removal.package.name()).collect();
        names.dedup();
        let names = match names.as_slice() {
            [] => text!(en: "packages of others", pt: "pacotes de outros"),
            names => Text::list(names, TOLD),
        };
        match cause.map(HostText::name) {
            Some(cause) => (
                text!(
                    en: "installing {cause} would remove {names}",
                    pt: "instalar {cause} removeria {names}",
                    cause,
                    names,
                ),
                text!(
                    en: "nothing was changed. `sudo apt-get install {cause}` on the host asks, and then removes \
                         {names}; apply again after that",
                    pt: "nada foi alterado. `sudo apt-get install {cause}`, na máquina, pergunta e então remove \
                         {names}; depois disso, aplique de novo",
                    cause,
                    names,
                ),
            ),
            None => (
                text!(
                    en: "apt would repair what is broken by removing {names}",
                    pt: "o apt consertaria o que está quebrado removendo {names}",
                    names,
                ),
                text!(
                    en: "nothing of others is removed. `apt-get check` on the host says what is missing; with that, \
                         or after `sudo apt-get -f install`, which asks and then removes {names}, apply again",
                    pt: "nada de outros é removido. `apt-get check`, na máquina, diz o que falta; com isso instalado, \
                         ou depois de `sudo apt-get -f install`, que pergunta e então remove {names}, aplique de novo",
                    names,
                ),
            ),
        }
    }
}
