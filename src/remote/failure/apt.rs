//! Why apt or dpkg did not do what a plan asks of them.

use crate::model::{Failure, FailureKind, Text, barred, closed_key, closed_tmp, text};

use super::{failure, mirror, package, split};

pub(super) fn explain(cause: &str, detail: &str) -> Failure {
    use FailureKind::{Busy, Packages, Timeout};
    let kind = match cause {
        "locked" => Busy,
        "timeout" | "hung" => Timeout,
        _ => Packages,
    };
    let (message, hint) = package::explain(cause, detail)
        .or_else(|| mirror::explain(cause, detail))
        .unwrap_or_else(|| apt_itself(cause, detail));
    failure(kind, message, hint)
}

/// What keeps apt from working, whatever it is asked for.
fn apt_itself(cause: &str, detail: &str) -> (Text, Text) {
    match cause {
        "locked" => (
            text!(
                en: "another program holds apt on the host",
                pt: "outro programa está usando o apt na máquina",
            ),
            text!(
                en: "it is {detail}; wait until it is done, and run the same command again",
                pt: "quem o usa: {detail}; espere que termine e rode o mesmo comando de novo",
            ),
        ),
        "disk-full" => (
            text!(en: "the host's disk is full", pt: "o disco da máquina está cheio"),
            text!(
                en: "make room (`sudo apt clean`, `df -h`), and run the same command again: it will repair",
                pt: "libere espaço (`sudo apt clean`, `df -h`) e rode o mesmo comando de novo: a instalação será reparada",
            ),
        ),
        "read-only" => (
            text!(
                en: "the host's file system is read-only",
                pt: "o sistema de arquivos da máquina está somente para leitura",
            ),
            text!(en: "look at `dmesg`, and restart the host", pt: "veja o `dmesg` e reinicie a máquina"),
        ),
        "closed-tmp" => closed_tmp(),
        "barred" => barred(&detail.into()),
        "key" => closed_key(&detail.into()),
        "clock" => (
            text!(
                en: "the host's clock is behind its package mirror, so apt trusts nothing",
                pt: "o relógio da máquina está atrasado em relação ao espelho de pacotes, e o apt não confia em nada",
            ),
            text!(
                en: "set it: `sudo timedatectl set-ntp true`, or restart the VM ({detail})",
                pt: "acerte-o: `sudo timedatectl set-ntp true`, ou reinicie a VM ({detail})",
            ),
        ),
        "timeout" => (
            text!(en: "apt did not finish in time", pt: "o apt não terminou a tempo"),
            text!(
                en: "the mirror may be very slow: try again, or `packages: {{ via: laptop }}`",
                pt: "o espelho pode estar muito lento: tente de novo, ou use `packages: {{ via: laptop }}`",
            ),
        ),
        "replaced" => {
            let (program, words) = split(detail);
            (
                text!(
                    en: "{program} of the host stands before apt's own apt-get, and failed",
                    pt: "{program} da máquina está na frente do apt-get do próprio apt, e falhou",
                ),
                text!(
                    en: "it says: {words}; take it out of the way there, or out of root's PATH (`sudo which -a apt-get`)",
                    pt: "ele diz: {words}; tire-o do caminho lá, ou do PATH do root (`sudo which -a apt-get`)",
                ),
            )
        }
        "killed" => (
            text!(en: "apt was killed on the host", pt: "o apt foi encerrado à força na máquina"),
            text!(
                en: "too little memory is the usual cause: look at `free -h` and `dmesg`, and run the same \
                     command again: it will repair",
                pt: "a causa mais comum é falta de memória: veja `free -h` e `dmesg` e rode o mesmo comando de novo: a instalação \
                     será reparada",
            ),
        ),
        "fetch" => (
            text!(en: "apt failed", pt: "o apt falhou"),
            text!(
                en: "it says: {detail}; mend the host's way to that mirror, or let the laptop serve: \
                     `packages: {{ via: laptop }}`",
                pt: "ele diz: {detail}; corrija o caminho da máquina até esse espelho, ou deixe o notebook servir: \
                     `packages: {{ via: laptop }}`",
            ),
        ),
        _ => (
            text!(en: "apt failed", pt: "o apt falhou"),
            if detail.is_empty() {
                text!(en: "read the log", pt: "leia o log")
            } else {
                text!(
                    en: "it says: {detail}; mend that on the host, and run the same command again",
                    pt: "ele diz: {detail}; corrija isso na máquina e rode o mesmo comando de novo",
                )
            },
        ),
    }
}
