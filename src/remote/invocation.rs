//! How a program and its data become the command and the stdin of one remote execution.
//!
//! Owns the bootstrap, the stage that gains root, and which fields may travel. Does not know what any program does.

use std::fmt;

use bytes::Bytes;

use crate::model::{BecomeMethod, Failure, FailureKind, Text, text};

use super::data::Data;
use super::packed::{packed, stripped};

/// Reads a program from stdin up to the line `#go`, never a byte further, and runs it; the rest of stdin is its data.
/// It means the same to sh, bash, zsh, csh and fish: they only see words in single quotes.
const BOOTSTRAP: &str = r##"exec sh -c 'p=;n=$(printf "\nx");n=${n%x};while IFS= read -r l;do [ "$l" = "#go" ]&&break;p=$p$l$n;done;eval "$p"'"##;

const BECOME: &str = include_str!("programs/become.sh");
const SUDO: &str = include_str!("programs/sudo.sh");
const SUDO_PASSWORD: &str = include_str!("programs/sudo_password.sh");

/// The default place of a host's journal.
pub use crate::model::JOURNAL;
/// The default place for what lives only while a program runs: the lock and its root-only directory.
pub const RUN: &str = "/run";

/// One remote execution: what to run, and what to send to its stdin, which then stays open until it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The command line for the login shell; the same for everything.
    pub command: &'static str,
    /// For stdin. Holds the sudo password where one is used.
    pub(super) input: Data,
}

impl Invocation {
    /// What is sent to stdin, each piece made when it is its turn.
    pub fn pieces(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        self.input.pieces()
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The input may hold a password, and a panic or a log may print this.
        formatter.debug_struct("Invocation").finish_non_exhaustive()
    }
}

/// The random word that marks answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nonce(String);

impl Nonce {
    /// A nonce of random bytes. A new one for each invocation.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[derive(Clone, Copy, Default)]
pub struct Credentials<'a> {
    /// The means; not used where the login is root already.
    pub method: BecomeMethod,
    pub password: Option<&'a str>,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("method", &self.method).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy)]
pub enum RunAs<'a> {
    Root(Credentials<'a>),
    /// Root, or whoever logged in where root cannot be gained.
    RootOrLogin(Credentials<'a>),
    Login,
}

/// Puts the stages together. `parts` are the files of one program, whose stderr goes to stdout.
pub(super) fn invoke(
    run_as: RunAs<'_>,
    nonce: &Nonce,
    parts: &[&'static str],
    data: Data,
) -> Result<Invocation, Failure> {
    put_together(run_as, nonce, parts, data, "-")
}

/// The same for a program with a stderr of its own.
pub(super) fn invoke_apart(
    run_as: RunAs<'_>,
    nonce: &Nonce,
    parts: &[&'static str],
    data: Data,
) -> Result<Invocation, Failure> {
    put_together(run_as, nonce, parts, data, "apart")
}

fn put_together(
    run_as: RunAs<'_>,
    nonce: &Nonce,
    parts: &[&'static str],
    data: Data,
    without_password: &str,
) -> Result<Invocation, Failure> {
    let (method, password) = match run_as {
        RunAs::Login => ("login", None),
        RunAs::Root(credentials) | RunAs::RootOrLogin(credentials) => match credentials.method {
            BecomeMethod::None => ("none", None),
            BecomeMethod::Sudo => ("sudo", credentials.password),
        },
    };
    let otherwise = if matches!(run_as, RunAs::RootOrLogin(_)) { "or-login" } else { "-" };
    if password.is_some_and(|password| password.contains(['\n', '\0'])) {
        return Err(Failure {
            kind: FailureKind::Become,
            message: text!(
                en: "the sudo password holds a line break or a NUL",
                pt: "a senha do sudo contém uma quebra de linha ou um NUL",
            ),
            hint: Some(text!(
                en: "check where `become.password` reads it from: only its first line counts",
                pt: "confira de onde `become.password` a lê: só a primeira linha conta",
            )),
        });
    }
    let mut gain = vec![BECOME];
    if method == "sudo" {
        gain.push(SUDO);
    }
    if password.is_some() {
        gain.push(SUDO_PASSWORD);
    }
    let mut input = Data::from(stripped(&gain));
    input.line("#go");
    input.line(nonce.as_str());
    input.line(method);
    input.line(otherwise);
    match password {
        Some(password) => {
            input.line("password");
            input.line(password);
        }
        None => input.line(without_password),
    }
    input.line("#next");
    input.line(packed(parts));
    input.line("#go");
    input.line(nonce.as_str());
    input.append(data);
    Ok(Invocation { command: BOOTSTRAP, input })
}

/// An absolute path that fits on a line and climbs nowhere.
pub(super) fn path(path: &str) -> Result<&str, Failure> {
    let climbs = path.split('/').any(|part| part == "..");
    if !path.starts_with('/') || climbs || path.contains(char::is_control) {
        return Err(refused(&text!(en: "path", pt: "caminho"), path));
    }
    Ok(path)
}

/// A key of the journal.
pub(super) fn key(key: &str) -> Result<&str, Failure> {
    let consists_well = !key.is_empty() && key.chars().all(|c| c.is_ascii_hexdigit());
    let what = text!(en: "key of the journal", pt: "chave do diário");
    if consists_well { Ok(key) } else { Err(refused(&what, key)) }
}

/// A Debian package's name.
pub(super) fn package(name: &str) -> Result<&str, Failure> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    let consists_well =
        name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.:".contains(c));
    let what = text!(en: "package name", pt: "nome de pacote");
    if starts_well && consists_well { Ok(name) } else { Err(refused(&what, name)) }
}

/// A service's name, without `.service`.
pub(super) fn service(name: &str) -> Result<&str, Failure> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    let consists_well = name.chars().all(|c| c.is_ascii_alphanumeric() || "@._-".contains(c));
    let what = text!(en: "service name", pt: "nome de serviço");
    if starts_well && consists_well { Ok(name) } else { Err(refused(&what, name)) }
}

/// A user or a group, by name.
pub(super) fn account(name: &str) -> Result<&str, Failure> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let consists_well = name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c));
    let what = text!(en: "name of a user or a group", pt: "nome de usuário ou grupo");
    if starts_well && consists_well { Ok(name) } else { Err(refused(&what, name)) }
}

/// A command of a practice, as people call it.
pub(super) fn command(name: &str) -> Result<&str, Failure> {
    let what = text!(en: "command name", pt: "nome de comando");
    if name.contains(char::is_control) { Err(refused(&what, name)) } else { Ok(name) }
}

/// A name or an address of a host.
pub(super) fn address(address: &str) -> Result<&str, Failure> {
    let starts_well = address.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':');
    let consists_well = address.chars().all(|c| c.is_ascii_alphanumeric() || ".:_-%".contains(c));
    let what = text!(en: "address", pt: "endereço");
    if starts_well && consists_well { Ok(address) } else { Err(refused(&what, address)) }
}

/// A name in a balancer's configuration, which ends an order at a blank or a semicolon.
pub(super) fn server(name: &str) -> Result<&str, Failure> {
    let consists_well = name.chars().all(|c| c.is_ascii_alphanumeric() || ":._-".contains(c));
    let what = text!(en: "server name", pt: "nome de servidor");
    if !name.is_empty() && consists_well { Ok(name) } else { Err(refused(&what, name)) }
}

/// A proxy's URL, in words that mean nothing to apt's configuration.
pub(super) fn proxy(url: &str) -> Result<&str, Failure> {
    let consists_well = url.chars().all(|c| c.is_ascii_alphanumeric() || ":/@.[]_~-".contains(c));
    let what = text!(en: "package proxy", pt: "proxy de pacotes");
    if url.starts_with("http://") && consists_well { Ok(url) } else { Err(refused(&what, "URL")) }
}

/// Whether a word can be the name of a host, and means nothing to a regular expression but that name.
pub(super) fn is_host(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

fn refused(what: &Text, value: &str) -> Failure {
    Failure {
        kind: FailureKind::Unsupported,
        message: text!(
            en: "{value:?} cannot be used as a {what} on a host",
            pt: "{value:?} não pode ser usado como {what} em uma máquina",
            what,
        ),
        hint: Some(text!(
            en: "correct this {what} in the inventory",
            pt: "corrija este {what} no inventário",
            what,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn become_hands_over_with_the_same_bootstrap() {
        let reads = BOOTSTRAP.strip_prefix("exec sh -c '").unwrap().strip_suffix("eval \"$p\"'").unwrap();
        assert!(BECOME.contains(reads), "become.sh and the first command read programs in different ways");
    }

    #[test]
    fn no_program_holds_a_line_that_ends_it_early() {
        let sent = stripped(&[BECOME, SUDO, SUDO_PASSWORD]);
        assert!(!sent.lines().any(|line| line.starts_with('#')));
    }

    #[test]
    fn a_password_of_two_lines_is_refused() {
        let credentials = Credentials { method: BecomeMethod::Sudo, password: Some("a\nb") };
        let failure =
            invoke(RunAs::Root(credentials), &Nonce::new([0; 16]), &[], Data::default()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Become);
    }

    #[test]
    fn a_password_is_in_no_debug_output() {
        let credentials = Credentials { method: BecomeMethod::Sudo, password: Some("hunter2") };
        let invocation =
            invoke(RunAs::Root(credentials), &Nonce::new([0; 16]), &[], Data::default()).unwrap();
        assert!(!format!("{credentials:?}{invocation:?}").contains("hunter2"));
    }

    #[test]
    fn fields_that_could_mean_more_than_themselves_are_refused() {
        for bad in ["relative", "", "/a\nb", "/a/../b", "/a\u{1b}[0m", "/a\0"] {
            assert!(path(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "-y", "a b", "a\nb", "Upper", "a=b", "a*", "a/b"] {
            assert!(package(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "-H", "a b", "../a", "a\n"] {
            assert!(service(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "-H", "a b", "a/b", "$(a)", "a\n"] {
            assert!(address(bad).is_err(), "{bad:?}");
        }
        assert!(address("fe80::1%eth0").is_ok());
        for bad in ["", "a b", "a;show info", "a/b", "a\n", "$a"] {
            assert!(server(bad).is_err(), "{bad:?}");
        }
        assert!(path("/opt/with space/ç").is_ok());
        assert!(package("libc6:amd64").is_ok());
        assert!(service("getty@tty1").is_ok());
    }
}
