//! Why a service's files were not taken: the command that checks them, in base64, and a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, FailureKind, text};

use super::{failure, split};

pub(super) fn explain(cause: &str, detail: &str) -> Option<Failure> {
    let (check, path) = read(detail);
    let program = check.split(' ').next().unwrap_or_default();
    let (message, hint) = match cause {
        "refused" => (
            text!(
                en: "{program} does not accept the new {path}; the old one stays",
                pt: "o {program} não aceita o novo {path}; o antigo continua no lugar",
            ),
            text!(
                en: "what {program} says is in the log; mend the template or the inventory",
                pt: "o log traz o que o {program} diz; corrija o modelo ou o inventário",
            ),
        ),
        "other" => (
            text!(
                en: "the configuration is broken in {path}, which is not ours",
                pt: "a configuração está quebrada em {path}, que não é nosso",
            ),
            text!(
                en: "mend or remove that file on the host, check with `sudo {check}`, and apply again",
                pt: "corrija ou remova esse arquivo na máquina, confira com `sudo {check}` e aplique de novo",
            ),
        ),
        _ => return None,
    };
    Some(failure(FailureKind::File, message, hint))
}

/// The words of a check, and what follows it.
pub(super) fn read(detail: &str) -> (String, &str) {
    let (check, rest) = split(detail);
    let words = STANDARD.decode(check).unwrap_or_default();
    (String::from_utf8_lossy(&words).into_owned(), rest)
}
