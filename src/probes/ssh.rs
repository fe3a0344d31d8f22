//! `ssh`: a host can be logged into.

use crate::model::{CheckKind, Failure, Probe, Whose, text};

use super::verdict::Verdict;

pub const PROBE: Probe = Probe {
    kind: CheckKind::SSH,
    of: Whose::All,
    needs: &[],
    needs_of_others: &[],
    asks_pages: false,
    proof: || text!(en: "the host can be logged into", pt: "dá para entrar na máquina"),
    description: "The host answers over SSH.",
};

/// Where the host was not reached.
pub fn unreached(failure: &Failure) -> Verdict {
    let next = failure.hint.clone().unwrap_or_else(|| {
        text!(
            en: "check that the host is on and reachable, then verify again",
            pt: "veja se a máquina está ligada e acessível, e verifique de novo",
        )
    });
    Verdict::fail(failure.message.clone(), text!(en: "a login over SSH", pt: "entrar por SSH"), next)
}

/// What is asked through a connection that there is not.
pub fn not_asked(failure: &Failure) -> Verdict {
    let message = &failure.message;
    Verdict::skip(text!(en: "not asked: {message}", pt: "não testado: {message}", message), None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FailureKind, Text};

    #[test]
    fn a_host_that_was_not_reached_is_told_in_both_languages() {
        let message = Text::verbatim("no route to host");
        let failure = Failure { kind: FailureKind::Connect, message, hint: None };
        let verdicts = [unreached(&failure), not_asked(&failure)].map(|verdict| verdict.sample(""));
        insta::assert_snapshot!(verdicts.join("\n"), @r"
        fail: no route to host; expected a login over SSH
            -> check that the host is on and reachable, then verify again
          pt: no route to host; esperado: entrar por SSH
            -> veja se a máquina está ligada e acessível, e verifique de novo
        skip: not asked: no route to host
          pt: não testado: no route to host
        ");
    }
}
