//! Passwords: fetched once before the first connection, from where the inventory says. Never stored, never printed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::model::{Host, SecretSource, Text, text};

/// What a password is for. The same source may name different passwords for the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, strum::Display)]
pub enum Purpose {
    #[strum(serialize = "SSH")]
    Login,
    #[strum(serialize = "sudo")]
    Become,
}

#[derive(Debug, Default)]
pub struct Secrets {
    known: HashMap<(Purpose, SecretSource), SecretString>,
}

impl Secrets {
    /// Fetches every password that the hosts name, each once. `ask` puts a question to the user and reads the
    /// answer without showing it; `None` means that nobody can be asked.
    pub fn gather<'a>(
        hosts: impl Iterator<Item = &'a Host>,
        ask: &dyn Fn(&Text) -> Option<String>,
    ) -> Result<Self> {
        let mut secrets = Self::default();
        for host in hosts {
            let wanted =
                [(Purpose::Login, &host.connection.password), (Purpose::Become, &host.r#become.password)];
            for (purpose, source) in
                wanted.into_iter().filter_map(|(purpose, source)| Some((purpose, source.as_ref()?)))
            {
                let key = (purpose, source.clone());
                if let Entry::Vacant(unknown) = secrets.known.entry(key) {
                    let secret = fetch(source, purpose, ask).map_err(|causes| {
                        let host = &host.id;
                        let message = text!(
                            en: "the {purpose} password for {host} cannot be had",
                            pt: "não foi possível obter a senha de {purpose} para {host}",
                        );
                        let error = Error { causes, ..Error::machine(message) };
                        error.hint(text!(
                            en: "in the inventory, `password` is one of prompt, env:NAME, file:PATH, command:CMD",
                            pt: "no inventário, `password` é prompt, env:NOME, file:CAMINHO ou command:COMANDO",
                        ))
                    })?;
                    unknown.insert(secret);
                }
            }
        }
        Ok(secrets)
    }

    pub fn login(&self, host: &Host) -> Option<&str> {
        self.find(Purpose::Login, host.connection.password.as_ref())
    }

    pub fn r#become(&self, host: &Host) -> Option<&str> {
        self.find(Purpose::Become, host.r#become.password.as_ref())
    }

    fn find(&self, purpose: Purpose, source: Option<&SecretSource>) -> Option<&str> {
        self.known.get(&(purpose, source?.clone())).map(ExposeSecret::expose_secret)
    }
}

/// A secret, or why it is not to be had.
fn fetch(
    source: &SecretSource,
    purpose: Purpose,
    ask: &dyn Fn(&Text) -> Option<String>,
) -> Result<SecretString, Vec<Text>> {
    let text = match source {
        SecretSource::Prompt => {
            let question = text!(en: "{purpose} password: ", pt: "Senha de {purpose}: ");
            ask(&question).ok_or_else(|| {
                vec![text!(
                    en: "it should be asked for, but there is nobody to ask (no terminal, or --no-input)",
                    pt: "ela deveria ser perguntada, mas não há a quem perguntar (sem terminal, ou --no-input)",
                )]
            })?
        }
        SecretSource::Environment(name) => std::env::var(name).map_err(|error| {
            vec![text!(en: "environment variable {name}", pt: "variável de ambiente {name}"), said(&error)]
        })?,
        SecretSource::File(path) => std::fs::read_to_string(path).map_err(|error| {
            let path = path.display();
            vec![text!(en: "cannot read {path}", pt: "não foi possível ler {path}"), said(&error)]
        })?,
        SecretSource::Command(command) => {
            let output = std::process::Command::new("sh")
                .args(["-c", command])
                .stdin(std::process::Stdio::null())
                .stderr(std::process::Stdio::inherit())
                .output()
                .map_err(|error| {
                    let what =
                        text!(en: "cannot run `{command}`", pt: "não foi possível executar `{command}`");
                    vec![what, said(&error)]
                })?;
            if !output.status.success() {
                let status = output.status;
                return Err(vec![
                    text!(en: "`{command}` ended with {status}", pt: "`{command}` terminou com {status}"),
                ]);
            }
            String::from_utf8(output.stdout).map_err(|_| {
                vec![text!(
                    en: "what `{command}` printed is not UTF-8",
                    pt: "o que `{command}` imprimiu não é UTF-8",
                )]
            })?
        }
    };
    let first = text.lines().next().unwrap_or_default();
    if first.is_empty() {
        return Err(vec![text!(en: "it is empty", pt: "está vazia")]);
    }
    Ok(SecretString::from(first))
}

/// The words of the system.
fn said(error: &dyn std::error::Error) -> Text {
    Text::verbatim(error.to_string())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn nobody(_: &Text) -> Option<String> {
        None
    }

    #[test]
    fn a_file_gives_its_first_line() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "geheim\nnot this\n").unwrap();
        let secret = fetch(&SecretSource::File(file.path().into()), Purpose::Login, &nobody).unwrap();
        assert_eq!(secret.expose_secret(), "geheim");
    }

    #[test]
    fn a_command_gives_its_first_line_and_its_failure_is_an_error() {
        let run = |command: &str| fetch(&SecretSource::Command(command.to_owned()), Purpose::Become, &nobody);
        assert_eq!(run("printf 'a b\\nc'").unwrap().expose_secret(), "a b");
        assert!(run("exit 3").unwrap_err()[0].english().contains("exit status: 3"));
        assert!(run("true").unwrap_err()[0].english().contains("empty"));
    }

    #[test]
    fn a_prompt_names_its_purpose_and_says_when_nobody_can_be_asked() {
        let asked = Cell::new(String::new());
        let ask = |question: &Text| {
            asked.set(question.english().to_owned());
            Some("pw".to_owned())
        };
        assert_eq!(fetch(&SecretSource::Prompt, Purpose::Become, &ask).unwrap().expose_secret(), "pw");
        assert_eq!(asked.take(), "sudo password: ");
        assert!(
            fetch(&SecretSource::Prompt, Purpose::Login, &nobody).unwrap_err()[0]
                .english()
                .contains("nobody")
        );
    }

    #[test]
    fn debug_output_hides_the_secret() {
        let mut secrets = Secrets::default();
        secrets.known.insert((Purpose::Login, SecretSource::Prompt), SecretString::from("hunter2"));
        assert!(!format!("{secrets:?}").contains("hunter2"));
    }
}
