//! What apt will meet when it installs what is missing.

use crate::model::{
    Action, Change, Concern, Facts, Failure, FailureKind, FindingKind, HostText, Operation, Removal,
    ResourceId, Step, Text, barred, closed_key, closed_tmp, fixed_accounts, gone, text,
};

/// So many characters of what a host says are told.
const LENGTH: usize = 200;

/// Why an apply would fail, or may.
pub(super) fn concerns(facts: &Facts) -> impl Iterator<Item = Concern> {
    let surely = [
        facts.other_release.as_ref().map(other_release),
        facts.unmet.as_ref().map(unmet),
        facts.apt_refuses.as_ref().map(refuses),
        facts.closed_tmp.then(closed_tmp),
        facts.closed_key.as_ref().map(closed_key),
        facts.barred.as_ref().map(barred),
        facts.apt_folder_gone.as_ref().map(gone),
    ];
    // Most packages bring no user.
    let perhaps = facts.fixed_accounts.as_ref().map(fixed_accounts);
    let all = surely.map(|told| (told, true)).into_iter().chain([(perhaps, false)]);
    all.filter_map(|(told, stops)| {
        told.map(|(seen, next)| Concern { kind: FindingKind::Packages, seen, next, stops })
    })
}

/// That apt cannot install what is missing, in its own words.
fn unmet(words: &HostText) -> (Text, Text) {
    let words = words.line(LENGTH);
    (
        text!(
            en: "apt cannot install what is missing: {words}",
            pt: "o apt não consegue instalar o que falta: {words}",
        ),
        text!(
            en: "`apt-cache policy` with a package's name says which versions there are, and what is pinned or held; \
                 remove or replace on the host what does not fit",
            pt: "`apt-cache policy` com o nome de um pacote diz que versões existem e o que está fixado ou retido; \
                 remova ou substitua na máquina o que não combina",
        ),
    )
}

/// That apt does nothing as it is set up, in its own words.
fn refuses(words: &HostText) -> (Text, Text) {
    let words = words.line(LENGTH);
    (
        text!(en: "apt does nothing on the host: {words}", pt: "o apt não faz nada na máquina: {words}"),
        text!(
            en: "mend that there: `apt-config dump` shows its settings, which files in /etc/apt make, and \
                 `sudo apt-get check` has to end without it",
            pt: "corrija isso lá: `apt-config dump` mostra as configurações, feitas por arquivos em /etc/apt, e \
                 `sudo apt-get check` precisa terminar sem isso",
        ),
    )
}

/// What apt would remove and we do not.
pub(super) fn removal(removal: &Removal) -> Step {
    Change {
        resource: ResourceId::new(format!("package:{}", removal.package.name().english())),
        action: Action::Delete,
        reason: removal.reason(),
        before: Some(text!(en: "installed", pt: "instalado")),
        after: None,
        diff: None,
        foreign: true,
    }
    .by(Operation::RemoveForeign)
}

pub(super) fn forbidden(removals: &[Removal]) -> Failure {
    let (message, hint) = Removal::refusal(removals);
    Failure { kind: FailureKind::Packages, message, hint: Some(hint) }
}

/// Why nothing is installed where the sources are of another release.
pub(super) fn of_other_release(releases: &(HostText, HostText)) -> Failure {
    let (message, hint) = other_release(releases);
    Failure { kind: FailureKind::Packages, message, hint: Some(hint) }
}

/// That an installation would upgrade half of the host.
fn other_release((suite, own): &(HostText, HostText)) -> (Text, Text) {
    let (suite, own) = (suite.name(), own.name());
    (
        text!(
            en: "the host's package sources are of {suite}, and the host is {own}",
            pt: "as fontes de pacotes da máquina são do {suite}, e a máquina é {own}",
            suite,
            own,
        ),
        text!(
            en: "what is missing would upgrade half of it: finish the upgrade there (`sudo apt-get update`, then \
                 `sudo apt-get full-upgrade`), or set {suite} back to {own} in /etc/apt/sources.list and \
                 /etc/apt/sources.list.d",
            pt: "o que falta atualizaria a máquina pela metade: termine a atualização lá (`sudo apt-get update`, depois \
                 `sudo apt-get full-upgrade`), ou troque {suite} de volta para {own} em /etc/apt/sources.list e \
                 /etc/apt/sources.list.d",
            suite,
            own,
        ),
    )
}

pub(super) fn repair(broken: &HostText) -> Step {
    let broken = match broken.line(LENGTH).as_str() {
        "" | "?" => text!(en: "dpkg's own notes", pt: "as anotações do próprio dpkg"),
        names => Text::verbatim(names.replace(' ', ", ")),
    };
    Change {
        resource: ResourceId::new("dpkg"),
        action: Action::Run,
        reason: text!(
            en: "an earlier installation was interrupted: {broken}",
            pt: "uma instalação anterior foi interrompida: {broken}",
            broken,
        ),
        before: Some(text!(en: "interrupted", pt: "interrompido")),
        after: Some(text!(en: "repaired", pt: "reparado")),
        diff: None,
        foreign: false,
    }
    .by(Operation::RepairDpkg)
}
