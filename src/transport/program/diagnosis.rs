//! What an `ssh` that ended says about the cause. It runs with English messages and its first level of debug
//! output, so that the stage it came to is known and not guessed.

use crate::model::{Failure, FailureKind, Text, text};
use crate::transport::destination::Destination;
use crate::transport::diagnosis::{Attempts, login_refused, too_many_attempts};
use crate::transport::failure::{
    connect_timed_out, dropped, failure, handshake, is_starting, no_route, not_ssh, quote, quoting, refused,
    silent, starting, unresolved,
};
use crate::transport::keys::{Identity, KeyProblem};
use crate::transport::known_hosts::{Known, Standing};

/// How ssh begins to say that a master on a bastion opened no stream.
const NOT_FORWARDED: &str = "Stdio forwarding request failed";

/// The lines that ssh wrote to its standard error.
#[derive(Debug, Clone)]
pub struct Words {
    debug: Vec<String>,
    plain: Vec<String>,
}

impl Words {
    pub fn new(lines: impl Iterator<Item = String>) -> Self {
        let (debug, plain) = lines.partition(|line| line.starts_with("debug"));
        Self { debug, plain }
    }

    fn says(&self, text: &str) -> bool {
        self.plain.iter().any(|line| line.contains(text))
    }

    fn debug_says(&self, text: &str) -> bool {
        self.debug.iter().any(|line| line.contains(text))
    }

    pub fn connected(&self) -> bool {
        self.debug_says("Connection established")
    }

    /// How many channels sshd would not open.
    pub fn refusals(&self) -> usize {
        self.plain.iter().filter(|line| line.contains(": open failed: ")).count()
    }

    /// Whether sshd answered that it forwards nothing.
    pub fn forwarding_forbidden(&self) -> bool {
        self.says("administratively prohibited")
    }

    /// The last thing it said that was not about its inner life.
    pub fn last(&self) -> Text {
        let last = self.plain.iter().rev().find(|line| !line.trim().is_empty());
        last.map_or_else(
            || text!(en: "ssh ended without a word", pt: "o ssh terminou sem dizer nada"),
            |line| Text::verbatim(quote(line)),
        )
    }

    /// The fingerprint of the key that the host showed.
    fn shown_key(&self) -> Text {
        let line = self.debug.iter().find_map(|line| line.split_once("Server host key: "));
        line.map_or_else(
            || text!(en: "another key", pt: "outra chave"),
            |(_, key)| Text::verbatim(quote(key)),
        )
    }

    fn attempts(&self, password_at_hand: bool) -> Attempts {
        let last = self.debug.iter().rev().find_map(|line| line.split_once("that can continue: "));
        let methods = last.map_or("", |(_, methods)| methods);
        Attempts {
            server_takes_keys: methods.contains("publickey") || self.debug_says("Offering public key"),
            server_takes_passwords: !password_at_hand
                && (methods.contains("password") || methods.contains("keyboard-interactive")),
            keys_tried: self.debug.iter().filter(|line| line.contains("Offering public key")).count(),
            agent_refused: self.says("signing failed"),
            partial: self.debug_says("partial success"),
            ..Attempts::default()
        }
    }

    /// Whether the host lets nobody in before it is up.
    pub fn is_starting(&self) -> bool {
        self.plain.iter().any(|line| is_starting(line))
    }

    /// Whether another attempt may do: the server hung up before it showed a key, or is starting.
    pub fn worth_another_attempt(&self) -> bool {
        if self.is_starting() || self.says("Connection refused") && !self.connected() {
            return !self.says(NOT_FORWARDED);
        }
        let before = self.before_version();
        (self.says("kex_exchange_identification") || self.says("banner exchange"))
            && (before.is_empty() || before.contains("MaxStartups"))
            && !self.debug_says("Server host key: ")
            && !self.says("timed out")
            && !self.says(NOT_FORWARDED)
    }

    /// What a server said in place of its version, or before it.
    fn before_version(&self) -> String {
        let lines =
            self.debug.iter().filter_map(|line| line.split_once("exchange_identification: banner line "));
        let lines = lines.map(|(_, said)| said.split_once(": ").map_or(said, |(_, said)| said));
        lines.collect::<Vec<_>>().join(" ")
    }

    pub fn failure(
        &self,
        destination: &Destination,
        identities: &[Identity],
        known: &Known,
        password_at_hand: bool,
    ) -> Failure {
        if self.says("Could not resolve hostname") {
            return unresolved(&destination.host);
        }
        if self.is_starting() {
            return starting();
        }
        if self.says(NOT_FORWARDED) {
            return failure(
                FailureKind::Connect,
                text!(
                    en: "the jump host could not reach the host",
                    pt: "a máquina de salto não alcançou a máquina",
                ),
                text!(
                    en: "check the host's address and port as the jump host sees them, that it is on, and \
                         AllowTcpForwarding on the jump host",
                    pt: "verifique o endereço e a porta da máquina do ponto de vista da máquina de salto, se ela \
                         está ligada, e AllowTcpForwarding na máquina de salto",
                ),
            );
        }
        if self.says("HOST IDENTIFICATION HAS CHANGED")
            || (self.says("no matching host key type") && !known.algorithms().is_empty())
        {
            return known.refusal(Standing::Changed, &self.shown_key(), destination.new_keys);
        }
        if self.says("REVOKED") || self.says("marked as revoked") {
            return known.refusal(Standing::Revoked, &self.shown_key(), destination.new_keys);
        }
        if self.says("Host key verification failed") {
            return known.refusal(Standing::Unknown, &self.shown_key(), destination.new_keys);
        }
        if self.says("Too many authentication failures") {
            return too_many_attempts(&self.attempts(false));
        }
        if self.says("Permission denied (") || self.says("No more authentication methods") {
            return self.login_failure(destination, identities, password_at_hand);
        }
        if self.says("timed out during banner exchange") || (self.connected() && self.says("timed out")) {
            return silent();
        }
        if self.says("Connection refused") && !self.connected() {
            return refused();
        }
        if self.says("No route to host") || self.says("Network is unreachable") {
            return no_route();
        }
        if self.says("timed out") {
            return connect_timed_out();
        }
        if self.says("kex_exchange_identification") || self.says("banner exchange") {
            let before = self.before_version();
            return if self.says("invalid format") { not_ssh(&before) } else { dropped(&before) };
        }
        if self.says("Unable to negotiate") {
            return handshake(&self.last());
        }
        let (last, address) = (self.last(), quote(&destination.address));
        failure(
            FailureKind::Connect,
            text!(en: "ssh could not connect", pt: "o ssh não conseguiu conectar"),
            text!(
                en: "it says: {last}; `ssh {address}` may tell more",
                pt: "ele diz: {last}; `ssh {address}` talvez diga mais",
                last,
            ),
        )
    }

    fn login_failure(
        &self,
        destination: &Destination,
        identities: &[Identity],
        password_at_hand: bool,
    ) -> Failure {
        let attempts = self.attempts(password_at_hand);
        let locked = identities.iter().find(|identity| {
            matches!(identity.secret, Err(KeyProblem::Encrypted | KeyProblem::WrongPassphrase))
                && (destination.identity_named || attempts.keys_tried == 0)
        });
        if let Some(identity) = locked.filter(|identity| identity.secret == Err(KeyProblem::Encrypted)) {
            return KeyProblem::Encrypted.failure(&identity.path);
        }
        if let Some(identity) = locked {
            return KeyProblem::WrongPassphrase.failure(&identity.path);
        }
        if password_at_hand {
            return failure(
                FailureKind::Login,
                text!(
                    en: "the openssh transport does not send passwords",
                    pt: "o transporte openssh não envia senhas",
                ),
                text!(
                    en: "set `ssh.transport: russh` for this host, or log in with a key",
                    pt: "use `ssh.transport: russh` para esta máquina, ou faça login com uma chave",
                ),
            );
        }
        let is_of_ssh = |line: &&String| line.contains("Permission denied") || line.starts_with("Warning: ");
        let said = self.plain.iter().filter(|line| !is_of_ssh(line));
        let said: Vec<&str> = said.map(String::as_str).collect();
        quoting(login_refused(destination, identities, &attempts), &said.join("\n"))
    }
}
