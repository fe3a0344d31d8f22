//! Hosts that could not be examined, or not wholly.

use super::finding;
use crate::model::{Examination, Failure, FailureKind, Finding, FindingKind, HostId, Severity, Text, text};

pub(super) fn failed(host: &HostId, failure: &Failure, said: &[Text]) -> Finding {
    let (kind, means) = match failure.kind {
        FailureKind::Login | FailureKind::HostKey => (
            FindingKind::Login,
            text!(
                en: "the host answers, but nothing can be done on it; its cluster lacks it",
                pt: "a máquina responde, mas nada pode ser feito nela; ela faz falta ao cluster",
            ),
        ),
        kind if kind.is_unreachable() => (
            FindingKind::Unreachable,
            text!(
                en: "nothing can be done on this host, and its cluster lacks it",
                pt: "nada pode ser feito nesta máquina, e ela faz falta ao cluster",
            ),
        ),
        _ => (
            FindingKind::Examination,
            text!(
                en: "nothing else is known of this host",
                pt: "nada mais se sabe desta máquina",
            ),
        ),
    };
    let mend = failure
        .hint
        .clone()
        .unwrap_or_else(|| text!(en: "look at it by hand: `ssh HOST`", pt: "veja você mesmo: `ssh HOST`"));
    let found = finding(host, Severity::Fatal, kind, failure.message.clone(), means, mend);
    Finding { said: said.to_vec(), ..found }
}

pub(super) fn root(host: &HostId, examination: &Examination, said: &[Text]) -> Option<Finding> {
    let failure = examination.no_root.as_ref()?;
    let found = finding(
        host,
        Severity::Fatal,
        FindingKind::Root,
        failure.message.clone(),
        text!(
            en: "nothing can be set up on this host, and what only root sees was not examined: who holds its ports and apt",
            pt: "nada pode ser configurado nesta máquina, e o que só root vê não foi examinado: quem ocupa as portas e o apt",
        ),
        failure.hint.clone().unwrap_or_else(|| {
            text!(
                en: "log in as root on the host and look at its sudoers",
                pt: "entre como root na máquina e veja o sudoers dela",
            )
        }),
    );
    Some(Finding { said: said.to_vec(), ..found })
}
