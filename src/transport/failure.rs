//! How SSH troubles are put into words: kind, a message that is alike for all hosts with the same cause, and a
//! hint that says what to do. Everything that a server said is cleaned and cut here.

use crate::model::{Failure, FailureKind, Text, clean_line, text};

/// How much of a server's own words is shown.
const QUOTE_LIMIT: usize = 200;

/// A failure with a hint.
pub fn failure(kind: FailureKind, message: impl Into<Text>, hint: impl Into<Text>) -> Failure {
    Failure { kind, message: message.into(), hint: Some(hint.into()) }
}

/// What a server said, fit to be shown inside a hint.
pub fn quote(text: &str) -> String {
    clean_line(text, QUOTE_LIMIT)
}

/// The name of the host could not be resolved.
pub fn unresolved(host: &str) -> Failure {
    failure(
        FailureKind::Resolve,
        "the host's name could not be resolved",
        format!(
            "`{}` has no address here: check `address` in the inventory and this machine's DNS",
            quote(host)
        ),
    )
}

/// TCP connect failed.
pub fn unreachable(error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused => refused(),
        ErrorKind::TimedOut => connect_timed_out(),
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => no_route(),
        _ => failure(
            FailureKind::Connect,
            format!("the connection could not be made: {}", quote(&error.to_string())),
            "check that the host is on and in the same network as this machine",
        ),
    }
}

/// Nothing listens on the port.
pub fn refused() -> Failure {
    failure(
        FailureKind::Connect,
        "the connection was refused",
        "nothing listens on the SSH port: is sshd running there, and is `ssh.port` right?",
    )
}

/// There is no way to the host.
pub fn no_route() -> Failure {
    failure(
        FailureKind::Connect,
        "there is no route to the host",
        "check that the host is on and that this machine is in its network (VPN, host-only adapter)",
    )
}

/// TCP connect was never answered.
pub fn connect_timed_out() -> Failure {
    failure(
        FailureKind::Connect,
        "the host did not answer in time",
        "check that it is on, its address, and firewalls or security groups; or raise `ssh.connect_timeout`",
    )
}

/// sshd, or what stands there instead, went silent before the login was done.
pub fn silent() -> Failure {
    failure(
        FailureKind::Handshake,
        "the host took the connection and then went silent",
        "sshd may be overloaded or hang, or something else listens on the port: look at the host's console, \
         or raise `ssh.connect_timeout`",
    )
}

/// The server closed the connection before or during key exchange, again and again.
pub fn dropped(said: Option<&str>) -> Failure {
    match said {
        Some(text) if text.contains("Not allowed at this time") => failure(
            FailureKind::Handshake,
            "sshd turns this machine away for a while, after failed logins from its address",
            "wait a few minutes; behind NAT the failed logins of others count too (PerSourcePenalties in sshd_config)",
        ),
        Some(text) if !text.trim().is_empty() => failure(
            FailureKind::Handshake,
            "the server closed the connection before the login",
            format!("it said: {}", quote(text)),
        ),
        _ => failure(
            FailureKind::Handshake,
            "the server closed the connection before the login",
            "too many logins at once (MaxStartups in sshd_config), a deny rule, or no SSH server on this port: \
             try fewer hosts at once with `--forks`",
        ),
    }
}

/// Something that is not SSH answers.
pub fn not_ssh(said: &str) -> Failure {
    failure(
        FailureKind::Handshake,
        "what answers on the SSH port is not an SSH server",
        format!("check `ssh.port`; it said: {}", quote(said)),
    )
}

/// Key exchange failed for a reason of its own.
pub fn handshake(reason: &str) -> Failure {
    failure(
        FailureKind::Handshake,
        format!("the SSH handshake failed: {}", quote(reason)),
        "`ssh.transport: openssh` tries it with the ssh program of this machine",
    )
}

/// The connection ended after login.
pub fn lost(reason: &str) -> Failure {
    failure(
        FailureKind::Lost,
        format!("the connection was lost: {}", quote(reason)),
        "check the host and the network, then run the same command again: it goes on where this run ended",
    )
}

/// A failure on the way through a jump host, told as one of the jump.
pub fn through_jump(inner: Failure) -> Failure {
    if inner.kind == FailureKind::Jump {
        return inner;
    }
    Failure {
        kind: FailureKind::Jump,
        message: {
            let message = inner.message;
            text!(en: "jump host: {message}", pt: "máquina de salto: {message}", message)
        },
        hint: inner.hint,
    }
}

/// sshd gave no place for another command.
pub fn no_session() -> Failure {
    failure(
        FailureKind::Busy,
        "sshd gives no place for another command",
        "earlier commands still run on this connection, or MaxSessions in the host's sshd_config is low",
    )
}
