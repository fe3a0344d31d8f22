//! The words with which programs say that something failed → what people are told.
//!
//! Messages hold nothing that differs between hosts with the same cause; what does goes into the hint.

use crate::model::{Failure, FailureKind};

/// What `refused CODE DETAIL` means: the program did not start its work.
pub(super) fn refusal(words: &str) -> Failure {
    let (code, detail) = words.split_once(' ').unwrap_or((words, ""));
    match code {
        "not-root" => failure(
            FailureKind::Become,
            "the login is not root, and `become.method` is none",
            "set `become: { method: sudo }`, or log in as root with `ssh: { user: root }`",
        ),
        "sudo-missing" => failure(
            FailureKind::Become,
            "sudo is not installed",
            "install it on the host as root (`apt install sudo`), or log in as root with `ssh: { user: root }` \
             and `become: { method: none }`",
        ),
        "sudo-password-needed" => failure(
            FailureKind::Become,
            "sudo wants a password",
            "give it with -K, or set `become: { password: prompt }`; if the user may not use sudo at all, add it \
             on the host: `usermod -aG sudo USER`",
        ),
        "sudo-password-wrong" => failure(
            FailureKind::Become,
            "sudo refused the password",
            "check the password of the login user; it was tried once and is not tried again",
        ),
        "sudo-not-allowed" => failure(
            FailureKind::Become,
            "the login user may not use sudo",
            "on the host as root: `usermod -aG sudo USER`, or log in as a user who may",
        ),
        "sudo-tty" => failure(
            FailureKind::Become,
            "sudo wants a terminal (`requiretty`)",
            "remove `Defaults requiretty` from the host's sudoers with `visudo`",
        ),
        "sudo-broken" => failure(
            FailureKind::Become,
            "sudo cannot gain root on this host",
            "in a container, allow new privileges; else reinstall sudo: `apt install --reinstall sudo`",
        ),
        "no-dpkg" => failure(
            FailureKind::Unsupported,
            "the host is neither Debian nor Ubuntu: it has no dpkg",
            "use a Debian or Ubuntu image for this host",
        ),
        _ => Failure {
            kind: FailureKind::Protocol,
            message: "the host refused for a reason that this version does not know".to_owned(),
            hint: Some(format!("it said: {code} {detail}")),
        },
    }
}

fn failure(kind: FailureKind, message: &str, hint: &str) -> Failure {
    Failure { kind, message: message.to_owned(), hint: Some(hint.to_owned()) }
}
