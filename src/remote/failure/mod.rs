//! The words with which programs say that something failed → what people are told.
//!
//! Each table gives what happened and what to do. Messages hold nothing that differs between hosts with the same
//! cause; what does goes into the hint.

mod apt;
mod check;
mod command;
mod drill;
mod file;
mod mirror;
mod package;
mod refusal;
mod service;

use crate::model::{Failure, FailureKind, Text, clean_line, text};

/// So much of what a host says of a failure is told.
const DETAIL_LENGTH: usize = 1_000;

/// What `refused CODE DETAIL` means: the program did not start its work.
pub(super) fn refusal(words: &str) -> Failure {
    let words = &clean_line(words, DETAIL_LENGTH);
    let (code, detail) = split(words);
    refusal::explain(code, detail).unwrap_or_else(|| unknown(words))
}

/// What `failed INDEX CODE DETAIL` means: a step of a plan failed.
pub(super) fn fault(words: &str) -> Failure {
    let words = &clean_line(words, DETAIL_LENGTH);
    let (code, detail) = split(words);
    let explained = match code.split_once('-') {
        Some(("apt", cause)) => Some(apt::explain(cause, detail)),
        Some(("service", cause)) => service::explain(cause, detail, true),
        Some(("daemon", cause)) => service::explain(cause, detail, false),
        Some(("check", cause)) => check::explain(cause, detail),
        Some(("command", cause)) => command::explain(cause, detail),
        Some(("drill", cause)) => drill::explain(cause, detail),
        _ => file::explain(code, detail).or_else(|| refusal::explain(code, detail)),
    };
    explained.unwrap_or_else(|| unknown(words))
}

/// The number of the relay's refusal that `apt-relay #NUMBER WORDS` repeats.
pub(super) fn relay_refusal(words: &str) -> Option<u32> {
    split(words.strip_prefix("apt-relay #")?).0.parse().ok()
}

/// What is told where the relay refused a file for a known reason.
pub fn refused_by_relay(reason: &Text) -> Failure {
    let (message, hint) = mirror::refused_by_relay(reason);
    failure(FailureKind::Packages, message, hint)
}

fn split(words: &str) -> (&str, &str) {
    words.split_once(' ').unwrap_or((words, ""))
}

/// A plan of `reset` was handed to `apply`, or the other way round.
pub(super) fn cannot_apply() -> Failure {
    failure(
        FailureKind::Protocol,
        text!(en: "this plan is for another command", pt: "este plano é para outro comando"),
        text!(
            en: "this is a fault of the tool: please report it",
            pt: "isto é um defeito da ferramenta: por favor, relate-o",
        ),
    )
}

fn unknown(words: &str) -> Failure {
    failure(
        FailureKind::Protocol,
        text!(
            en: "the host failed for a reason that this version does not know",
            pt: "a máquina falhou por um motivo que esta versão não conhece",
        ),
        text!(en: "it said: {words}", pt: "ela disse: {words}"),
    )
}

fn failure(kind: FailureKind, message: Text, hint: Text) -> Failure {
    Failure { kind, message, hint: Some(hint) }
}
