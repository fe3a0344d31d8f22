//! "Permission denied" has many causes that look alike from outside. Which it is can be told here: by what was
//! tried, what the server offered, and what is wrong with the key files.

use super::destination::Destination;
use super::failure::{failure, quote};
use super::keys::{Identity, KeyProblem};
use crate::model::{Failure, FailureKind};

/// What a login tried, and what the server was willing to take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, in any combination")]
pub struct Attempts {
    /// The server takes keys at all.
    pub server_takes_keys: bool,
    /// The server takes passwords.
    pub server_takes_passwords: bool,
    /// How many keys it was shown.
    pub keys_tried: usize,
    /// The agent had a key and would not sign with it.
    pub agent_refused: bool,
    /// The password was sent.
    pub password_tried: bool,
    /// The server asked for more than a password.
    pub asked_more: bool,
    /// One method was accepted, and the server wants another one besides.
    pub partial: bool,
}

/// Why a login was refused.
pub fn login_refused(destination: &Destination, identities: &[Identity], attempts: &Attempts) -> Failure {
    let user = quote(&destination.user);
    if attempts.asked_more {
        return failure(
            FailureKind::Login,
            "the server asks for more than a password",
            "one-time codes and password changes need a person: log in once with `ssh`, or use a key",
        );
    }
    if attempts.password_tried {
        return failure(
            FailureKind::Login,
            "the password was refused",
            format!(
                "check the password of `{user}` and `ssh.user`; it was tried once only, so that the account is not locked{}",
                if user == "root" { "; sshd may refuse root's password (PermitRootLogin)" } else { "" }
            ),
        );
    }
    if attempts.partial {
        return failure(
            FailureKind::Login,
            "the server wants a second means of login",
            "it accepted one and asks for another (AuthenticationMethods in sshd_config): give `ssh.password` too",
        );
    }
    // Trouble with a key that was named is the cause, unless that key came from the agent and was refused.
    let troubled = identities.iter().find_map(|identity| {
        let problem = identity.secret.as_ref().err()?;
        let worth = destination.identity_named || *problem != KeyProblem::Missing;
        (worth && attempts.keys_tried == 0).then(|| problem.failure(&identity.path))
    });
    if attempts.server_takes_keys
        && let Some(failure) = troubled
    {
        return failure;
    }
    if !attempts.server_takes_keys && attempts.server_takes_passwords {
        return failure(
            FailureKind::Login,
            "the server takes passwords only, and none was given",
            "set `ssh.password` in the inventory, or run with `--ask-pass`",
        );
    }
    if attempts.agent_refused {
        return failure(
            FailureKind::Login,
            "the agent would not sign with its key",
            "unlock it, touch the security key, or name a key file with `ssh.identity`",
        );
    }
    if attempts.keys_tried == 0 {
        let (message, hint) = if attempts.server_takes_passwords {
            (
                "there is no key to log in with",
                "name one with `ssh.identity`, load one with `ssh-add`, or set `ssh.password` (`--ask-pass`)",
            )
        } else {
            (
                "the server takes keys only, and there is no key to log in with",
                "name one with `ssh.identity`, or load one with `ssh-add`",
            )
        };
        return failure(FailureKind::Login, message, hint);
    }
    let what = match identities {
        [identity] if destination.identity_named => format!("`{}` does not open", identity.path.display()),
        _ => format!("none of {} keys opens", attempts.keys_tried),
    };
    let root = if user == "root" { ", and that sshd lets root in (PermitRootLogin)" } else { "" };
    failure(
        FailureKind::Login,
        "the key was refused",
        format!(
            "{what} the account `{user}`: check `ssh.user` and `ssh.identity`, and that the public key is in that \
             account's authorized_keys{root}"
        ),
    )
}

/// The server ended the connection while the login went on.
pub fn closed_during_login(reason: &str, attempts: &Attempts) -> Failure {
    let said = reason.to_ascii_lowercase();
    if said.contains("too many authentication failures") {
        return failure(
            FailureKind::Login,
            "the server allows no more attempts",
            format!(
                "{} keys were tried before: name the right one with `ssh.identity`, so that it is the only one",
                attempts.keys_tried
            ),
        );
    }
    failure(
        FailureKind::Login,
        "the server closed the connection during the login",
        format!("{}; its log tells more: `journalctl -u ssh` on the host", quote(reason)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Text;

    fn destination(named: bool) -> Destination {
        Destination {
            address: "web".into(),
            host: "web".into(),
            port: 22,
            user: "ana".into(),
            identities: vec!["/keys/ana".into()],
            identity_named: named,
            identities_only: named,
            agent: None,
            host_key_alias: None,
            known_hosts: Vec::new(),
            jumps: Vec::new(),
        }
    }

    fn identity(problem: KeyProblem) -> Vec<Identity> {
        vec![Identity { path: "/keys/ana".into(), public: None, secret: Err(problem), unlocked: false }]
    }

    #[test]
    fn causes_of_a_refused_login_are_told_apart() {
        let keys = Attempts { server_takes_keys: true, ..Attempts::default() };
        let tried = Attempts { keys_tried: 1, ..keys.clone() };
        let both = Attempts { server_takes_passwords: true, ..keys.clone() };
        let cases = [
            (true, identity(KeyProblem::Missing), keys.clone()),
            (true, identity(KeyProblem::Unreadable("permission denied".into())), keys.clone()),
            (true, identity(KeyProblem::OpenToOthers(0o644)), keys.clone()),
            (true, identity(KeyProblem::Encrypted), keys.clone()),
            (true, identity(KeyProblem::WrongPassphrase), both.clone()),
            (true, identity(KeyProblem::PublicHalf), keys.clone()),
            (true, identity(KeyProblem::OldEncryption), keys.clone()),
            (true, identity(KeyProblem::SecurityKey), keys.clone()),
            (true, identity(KeyProblem::NotAKey), keys.clone()),
            (true, identity(KeyProblem::Encrypted), tried.clone()),
            (false, identity(KeyProblem::Encrypted), tried),
            (false, identity(KeyProblem::Missing), keys),
            (false, Vec::new(), both.clone()),
            (false, Vec::new(), Attempts { server_takes_passwords: true, ..Attempts::default() }),
            (false, Vec::new(), Attempts { password_tried: true, ..both.clone() }),
            (false, Vec::new(), Attempts { asked_more: true, password_tried: true, ..both.clone() }),
            (false, Vec::new(), Attempts { partial: true, keys_tried: 1, ..both.clone() }),
            (false, Vec::new(), Attempts { agent_refused: true, keys_tried: 1, ..both }),
        ];
        let texts = cases.into_iter().map(|(named, identities, attempts)| {
            let failure = login_refused(&destination(named), &identities, &attempts);
            format!("{failure}\n    {}\n", failure.hint.as_ref().map(Text::english).unwrap())
        });
        insta::assert_snapshot!(texts.collect::<String>());
    }
}
