//! Why a service's files were not taken: the command that checks them and its words, both in base64, and a file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, FailureKind, Text, clean_line, shell_word, text};

use super::{DETAIL_LENGTH, failure, split};

/// What stands for the file in a check that is a text for sh.
const CANDIDATE: &str = "{file}";

pub(super) fn explain(cause: &str, detail: &str) -> Option<Failure> {
    let (check, rest) = read(detail);
    let (said, rest) = read(rest);
    let program = check.split(' ').next().unwrap_or_default();
    let command = to_paste(&check, "");
    let says = if said.is_empty() {
        text!(en: "what {program} says is in the log", pt: "o log traz o que o {program} diz")
    } else {
        text!(en: "{program} says: {said}", pt: "o {program} diz: {said}")
    };
    let (message, hint) = match cause {
        "refused" => refused(program, rest, &says),
        "other" => (
            text!(
                en: "the configuration is broken in {rest}, which is not ours",
                pt: "a configuração está quebrada em {rest}, que não é nosso",
            ),
            text!(
                en: "{says}; mend or remove that file on the host, check with `sudo {command}`, and apply again",
                pt: "{says}; corrija ou remova esse arquivo na máquina, confira com `sudo {command}` e aplique de novo",
                says,
            ),
        ),
        "before" => before(program, &to_paste(&check, rest), &says),
        "lost" => lost(program, rest, &says),
        "diverted" => diverted(rest, &says),
        _ => return None,
    };
    Some(failure(FailureKind::File, message, hint))
}

/// `old` or `none` by whether a file was there before, and the path of ours.
fn refused(program: &str, detail: &str, says: &Text) -> (Text, Text) {
    let (stood, path) = split(detail);
    let message = match stood {
        "old" => text!(
            en: "{program} does not accept the new {path}; the old one stays",
            pt: "o {program} não aceita o novo {path}; o antigo continua no lugar",
        ),
        _ => text!(
            en: "{program} does not accept the new {path}, so it was not put there",
            pt: "o {program} não aceita o novo {path}, que por isso não foi posto no lugar",
        ),
    };
    let hint = text!(
        en: "{says}; mend the template or the inventory",
        pt: "{says}; corrija o modelo ou o inventário",
        says,
    );
    (message, hint)
}

/// With a command that shows it.
fn before(program: &str, check: &str, says: &Text) -> (Text, Text) {
    let check = check.trim();
    (
        text!(
            en: "{program} accepts no configuration, also not the one without our change",
            pt: "o {program} não aceita nenhuma configuração, nem a que está sem a nossa mudança",
        ),
        text!(
            en: "{says}; mend that on the host, where `sudo {check}` shows whether it is well, and apply again",
            pt: "{says}; corrija isso na máquina, onde `sudo {check}` mostra se está tudo bem, e aplique de novo",
            says,
        ),
    )
}

/// The package that brought a file, and the file.
fn lost(program: &str, detail: &str, says: &Text) -> (Text, Text) {
    let (package, path) = split(detail);
    let package = shell_word(package);
    (
        text!(
            en: "{path} is gone, which came with the package {package}",
            pt: "{path} sumiu, e tinha vindo com o pacote {package}",
        ),
        text!(
            en: "{says}; on the host, `sudo apt-get install --reinstall -o Dpkg::Options::=--force-confmiss {package} && sudo \
                 /var/lib/dpkg/info/{package}.postinst configure` puts back what {program} lacks; then apply again",
            pt: "{says}; na máquina, `sudo apt-get install --reinstall -o Dpkg::Options::=--force-confmiss {package} && sudo \
                 /var/lib/dpkg/info/{package}.postinst configure` devolve o que falta ao {program}; depois, aplique de novo",
            says,
        ),
    )
}

fn diverted(path: &str, says: &Text) -> (Text, Text) {
    let word = shell_word(path);
    (
        text!(
            en: "{path} is gone: a diversion of dpkg's puts it elsewhere",
            pt: "{path} sumiu: um desvio do dpkg o põe em outro lugar",
        ),
        text!(
            en: "{says}; on the host, `dpkg-divert --list {word}` shows whose it is, and `sudo dpkg-divert --rename --remove \
                 {word}` ends one that an administrator made; then apply again",
            pt: "{says}; na máquina, `dpkg-divert --list {word}` mostra de quem ele é, e `sudo dpkg-divert --rename --remove \
                 {word}` encerra um que um administrador fez; depois, aplique de novo",
            says,
        ),
    )
}

/// A check of a file by words, each quoted where a shell would see more in it, or by a text in which `{file}` stands for it.
fn to_paste(check: &str, file: &str) -> String {
    if check.contains(CANDIDATE) {
        return format!("sh -c {}", shell_word(&check.replace(CANDIDATE, &shell_word(file))));
    }
    let words = check.split_whitespace().chain(file.split_whitespace());
    words.map(shell_word).collect::<Vec<_>>().join(" ")
}

/// Words in base64, and what follows them.
pub(super) fn read(detail: &str) -> (String, &str) {
    let (words, rest) = split(detail);
    let words = STANDARD.decode(words).unwrap_or_default();
    (clean_line(&String::from_utf8_lossy(&words), DETAIL_LENGTH), rest)
}
