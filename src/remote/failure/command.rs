//! Why a command of a practice did not do what it is for. The detail begins with its name, in base64.

use crate::model::{Failure, FailureKind, Text, shell_word, text};

use super::check::read;
use super::{failure, split};

/// Where a host's journal remembers what a step did.
const ENTRIES: &str = "/var/lib/provision/entries";

pub(super) fn explain(cause: &str, detail: &str) -> Option<Failure> {
    let (name, rest) = read(detail);
    let (number, rest) = split(rest);
    let (message, hint) = match cause {
        "status" => (
            text!(
                en: "the command {name} ended with status {number}",
                pt: "o comando {name} terminou com status {number}",
            ),
            then_again(&last_said(rest)),
        ),
        "late" => {
            let limit = time(number);
            (
                text!(
                    en: "the command {name} took longer than {limit} and was ended",
                    pt: "o comando {name} levou mais de {limit} e foi encerrado",
                ),
                text!(
                    en: "the log has its last lines; give it a longer `timeout`, or run it on the host to see what it waits \
                         for: it has no terminal and nothing to read",
                    pt: "o log traz as últimas linhas; dê a ele um `timeout` maior, ou rode-o na máquina para ver o que \
                         espera: ele não tem terminal nem o que ler",
                ),
            )
        }
        "open" => (
            text!(
                en: "the command {name} ended well, and its guard is still open",
                pt: "o comando {name} terminou bem, e a guarda dele continua aberta",
            ),
            text!(
                en: "`unless` or `creates` must hold once the command is done: run both on the host, and mend the one that \
                     is wrong",
                pt: "`unless` ou `creates` deve valer depois do comando: rode os dois na máquina e corrija o que estiver \
                     errado",
            ),
        ),
        "silent" => (
            text!(
                en: "the command {name} ended well, and its guard does not end within 10 s",
                pt: "o comando {name} terminou bem, e a guarda dele não termina em 10 s",
            ),
            text!(
                en: "`unless` may only look, and soon: run it on the host to see what it waits for",
                pt: "`unless` só deve olhar, e logo: rode-o na máquina para ver o que espera",
            ),
        ),
        "undo-status" => (
            text!(
                en: "what takes back the command {name} ended with status {number}",
                pt: "o que desfaz o comando {name} terminou com status {number}",
            ),
            give_up(&last_said(rest), split(rest).0),
        ),
        "undo-late" => {
            let limit = time(number);
            (
                text!(
                    en: "what takes back the command {name} took longer than {limit} and was ended",
                    pt: "o que desfaz o comando {name} levou mais de {limit} e foi encerrado",
                ),
                give_up(&in_the_log(), split(rest).0),
            )
        }
        _ => return None,
    };
    Some(failure(FailureKind::Command, message, hint))
}

/// The journal's key, and the last line in base64.
fn last_said(rest: &str) -> Text {
    let (said, _) = read(split(rest).1);
    if said.is_empty() { in_the_log() } else { text!(en: "it says: {said}", pt: "ele diz: {said}") }
}

fn in_the_log() -> Text {
    text!(en: "what it said is in the log", pt: "o log traz o que ele disse")
}

fn then_again(said: &Text) -> Text {
    text!(
        en: "{said}; mend the practice or the host, and apply again: it goes on with this command",
        pt: "{said}; corrija a prática ou a máquina e aplique de novo: a execução continua neste comando",
        said,
    )
}

fn give_up(said: &Text, key: &str) -> Text {
    let entry = shell_word(key);
    text!(
        en: "{said}; mend that on the host and run this again, or have it forgotten there: `sudo rm -r {ENTRIES}/{entry}`",
        pt: "{said}; corrija isso na máquina e rode de novo, ou faça com que seja esquecido: `sudo rm -r \
             {ENTRIES}/{entry}`",
        said,
    )
}

/// Seconds, in a word or two.
fn time(seconds: &str) -> String {
    match seconds.parse::<u64>() {
        Ok(seconds) if seconds >= 60 && seconds % 60 == 0 => format!("{} min", seconds / 60),
        _ => format!("{seconds} s"),
    }
}
