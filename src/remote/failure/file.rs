//! Why a file, a directory, a link or the journal could not be written.

use crate::model::{Failure, FailureKind, text};

use super::failure;

pub(super) fn explain(code: &str, detail: &str) -> Option<Failure> {
    let (message, hint) = match code {
        "journal-unwritable" => (
            text!(
                en: "the journal /var/lib/provision cannot be written, so nothing was changed",
                pt: "não é possível gravar o diário /var/lib/provision, então nada foi alterado",
            ),
            text!(
                en: "look whether the disk is full or read-only: `df -h /var`, `mount`",
                pt: "veja se o disco está cheio ou somente para leitura: `df -h /var`, `mount`",
            ),
        ),
        "path-unwritable" => (
            text!(en: "{detail} cannot be written", pt: "não é possível gravar {detail}"),
            text!(
                en: "look whether the disk is full or read-only (`df -h`, `mount`), or the file is immutable (`lsattr`)",
                pt: "veja se o disco está cheio ou somente para leitura (`df -h`, `mount`), ou se o arquivo é imutável \
                     (`lsattr`)",
            ),
        ),
        "path-is-directory" => (
            text!(
                en: "{detail} is a directory, where a file belongs",
                pt: "{detail} é uma pasta onde deveria estar um arquivo",
            ),
            text!(en: "move it away on the host", pt: "tire-a do caminho, na máquina"),
        ),
        "path-blocked" => (
            text!(
                en: "{detail} is neither what belongs there nor something that may be replaced",
                pt: "{detail} não é o que deveria estar ali nem algo que possa ser substituído",
            ),
            text!(
                en: "look at it on the host (`ls -ld`) and move it away",
                pt: "veja o que é, na máquina (`ls -ld`), e tire do caminho",
            ),
        ),
        "haproxy-refuses" => (
            text!(
                en: "haproxy does not accept the new configuration; the old one stays",
                pt: "o haproxy não aceita a nova configuração; a antiga continua no lugar",
            ),
            text!(
                en: "what haproxy says is in the log; mend the template or the inventory",
                pt: "o log traz o que o haproxy diz; corrija o modelo ou o inventário",
            ),
        ),
        "apache-refuses" => (
            text!(
                en: "apache does not accept the new {detail}; the old one stays",
                pt: "o apache não aceita o novo {detail}; o antigo continua no lugar",
            ),
            text!(
                en: "what apache says is in the log; mend the template or the inventory",
                pt: "o log traz o que o apache diz; corrija o modelo ou o inventário",
            ),
        ),
        "apache-other" => (
            text!(
                en: "apache's configuration is broken in {detail}, which is not ours",
                pt: "a configuração do apache está quebrada em {detail}, que não é nosso",
            ),
            text!(
                en: "mend or remove that file on the host, check with `sudo apache2ctl configtest`, and apply again",
                pt: "corrija ou remova esse arquivo na máquina, confira com `sudo apache2ctl configtest` e aplique de \
                     novo",
            ),
        ),
        _ => return None,
    };
    Some(failure(FailureKind::File, message, hint))
}
