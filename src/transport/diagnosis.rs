//! "Permission denied" has many causes that look alike from outside. Which it is can be told here: by what was
//! tried, what the server offered, and what is wrong with the key files.

use super::destination::Destination;
use super::failure::{failure, quote};
use super::keys::{Identity, KeyProblem};
use crate::model::{Failure, FailureKind, Text, text};

/// What a login tried, and what the server was willing to take.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations, in any combination")]
pub struct Attempts {
    pub server_takes_keys: bool,
    pub server_takes_passwords: bool,
    pub keys_tried: usize,
    /// The agent had a key and would not sign with it.
    pub agent_refused: bool,
    pub password_tried: bool,
    pub asked_more: bool,
    /// One method was accepted, and the server wants another one besides.
    pub partial: bool,
}

pub fn login_refused(destination: &Destination, identities: &[Identity], attempts: &Attempts) -> Failure {
    let user = quote(&destination.user);
    if attempts.asked_more {
        return refused(
            text!(
                en: "the server asks for more than a password",
                pt: "o servidor pede mais do que uma senha",
            ),
            text!(
                en: "one-time codes and password changes need a person: log in once with `ssh`, or use a key",
                pt: "códigos de uso único e trocas de senha precisam de uma pessoa: faça login uma vez com `ssh`, ou \
                     use uma chave",
            ),
        );
    }
    if attempts.password_tried {
        return password_refused(&user);
    }
    if attempts.partial {
        return refused(
            text!(
                en: "the server wants a second means of login",
                pt: "o servidor exige uma segunda forma de login",
            ),
            text!(
                en: "it accepted one and asks for another (AuthenticationMethods in sshd_config): give `ssh.password` \
                     too",
                pt: "ele aceitou uma e pede outra (AuthenticationMethods no sshd_config): informe também \
                     `ssh.password`",
            ),
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
        return refused(
            text!(
                en: "the server takes passwords only, and none was given",
                pt: "o servidor só aceita senhas, e nenhuma foi informada",
            ),
            text!(
                en: "set `ssh.password` in the inventory, or run with `--ask-pass`",
                pt: "defina `ssh.password` no inventário, ou rode com `--ask-pass`",
            ),
        );
    }
    if attempts.agent_refused {
        return refused(
            text!(
                en: "the agent would not sign with its key",
                pt: "o agente não quis assinar com a chave dele",
            ),
            text!(
                en: "unlock it, touch the security key, or name a key file with `ssh.identity`",
                pt: "desbloqueie-o, toque na chave de segurança, ou indique um arquivo de chave em `ssh.identity`",
            ),
        );
    }
    if attempts.keys_tried == 0 {
        return no_key(attempts.server_takes_passwords);
    }
    let what = match identities {
        [identity] if destination.identity_named => {
            let path = identity.path.display();
            text!(en: "`{path}` does not open", pt: "`{path}` não abre")
        }
        _ => match attempts.keys_tried {
            1 => text!(
                en: "the one key that was tried does not open",
                pt: "a única chave tentada não abre",
            ),
            tried => text!(en: "none of {tried} keys opens", pt: "nenhuma das {tried} chaves abre"),
        },
    };
    key_refused(&what, &user)
}

fn refused(message: Text, hint: Text) -> Failure {
    failure(FailureKind::Login, message, hint)
}

fn password_refused(user: &str) -> Failure {
    let root = match user {
        "root" => text!(
            en: "; sshd may refuse root's password (PermitRootLogin)",
            pt: "; o sshd pode recusar a senha de root (PermitRootLogin)",
        ),
        _ => Text::default(),
    };
    refused(
        text!(en: "the password was refused", pt: "a senha foi recusada"),
        text!(
            en: "check the password of `{user}` and `ssh.user`; it was tried once only, so that the account is not \
                 locked{root}",
            pt: "verifique a senha de `{user}` e `ssh.user`; ela foi tentada uma única vez, para que a conta não \
                 seja bloqueada{root}",
            root,
        ),
    )
}

/// `what` says which key does not open.
fn key_refused(what: &Text, user: &str) -> Failure {
    let root = match user {
        "root" => text!(
            en: ", and that sshd lets root in (PermitRootLogin)",
            pt: ", e se o sshd deixa root entrar (PermitRootLogin)",
        ),
        _ => Text::default(),
    };
    refused(
        text!(en: "the key was refused", pt: "a chave foi recusada"),
        text!(
            en: "{what} the account `{user}`: check `ssh.user` and `ssh.identity`, and that the public key is in that \
                 account's authorized_keys{root}; why sshd refused it is in the host's log: `journalctl -u ssh`",
            pt: "{what} a conta `{user}`: verifique `ssh.user` e `ssh.identity`, e se a chave pública está no \
                 authorized_keys dessa conta{root}; por que o sshd a recusou está no log da máquina: `journalctl -u ssh`",
            what,
            root,
        ),
    )
}

fn no_key(server_takes_passwords: bool) -> Failure {
    if server_takes_passwords {
        refused(
            text!(en: "there is no key to log in with", pt: "não há chave para o login"),
            text!(
                en: "name one with `ssh.identity`, load one with `ssh-add`, or set `ssh.password` (`--ask-pass`)",
                pt: "indique uma em `ssh.identity`, carregue uma com `ssh-add`, ou defina `ssh.password` (`--ask-pass`)",
            ),
        )
    } else {
        refused(
            text!(
                en: "the server takes keys only, and there is no key to log in with",
                pt: "o servidor só aceita chaves, e não há chave para o login",
            ),
            text!(
                en: "name one with `ssh.identity`, or load one with `ssh-add`",
                pt: "indique uma em `ssh.identity`, ou carregue uma com `ssh-add`",
            ),
        )
    }
}

pub fn closed_during_login(reason: &Text, attempts: &Attempts) -> Failure {
    if reason.english().to_ascii_lowercase().contains("too many authentication failures") {
        return too_many_attempts(attempts);
    }
    let reason = reason.map(quote);
    refused(
        text!(
            en: "the server closed the connection during the login",
            pt: "o servidor fechou a conexão durante o login",
        ),
        text!(
            en: "{reason}; its log tells more: `journalctl -u ssh` on the host",
            pt: "{reason}; o log dele diz mais: `journalctl -u ssh` na máquina",
            reason,
        ),
    )
}

/// The server ended the connection because of the keys that it was shown.
pub fn too_many_attempts(attempts: &Attempts) -> Failure {
    let tried = attempts.keys_tried;
    refused(
        text!(en: "the server allows no more attempts", pt: "o servidor não permite mais tentativas"),
        text!(
            en: "{tried} keys were tried before: name the right one with `ssh.identity`, so that it is the only one",
            pt: "{tried} chaves já foram tentadas: indique a certa em `ssh.identity`, para que seja a única",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::failure::tests::in_both_languages;
    use crate::transport::known_hosts::NewKeys;

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
            new_keys: NewKeys::Kept,
            known_hosts: Vec::new(),
            jumps: Vec::new(),
        }
    }

    fn identity(problem: KeyProblem) -> Vec<Identity> {
        vec![Identity {
            path: "/keys/ana".into(),
            public: None,
            secret: Err(problem),
            unlocked: false,
            certified: false,
        }]
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
        let failures = cases
            .into_iter()
            .map(|(named, identities, attempts)| login_refused(&destination(named), &identities, &attempts))
            .chain([
                closed_during_login(&Text::verbatim("the end"), &Attempts::default()),
                closed_during_login(
                    &Text::verbatim("Too many authentication failures"),
                    &Attempts { keys_tried: 6, ..Attempts::default() },
                ),
            ]);
        insta::assert_snapshot!(in_both_languages(failures));
    }
}
