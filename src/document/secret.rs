//! The forms in which an inventory may refer to a secret. Literal passwords are refused, and never repeated in the
//! message that says so.

use serde::{Deserialize, Deserializer, de};

use super::complaint::Complaint;
use crate::model::{Value, text};

/// A reference to a secret, its path not yet resolved.
pub use crate::model::SecretSource as Secret;

/// A password stands in the inventory.
fn literal() -> Complaint {
    Complaint::new(
        text!(en: "a password must not stand in the inventory", pt: "uma senha não pode ficar no inventário"),
        text!(
            en: "write `prompt`, `env:NAME`, `file:PATH` or `command:CMD`, and change the password if others have seen the file",
            pt: "escreva `prompt`, `env:NOME`, `file:CAMINHO` ou `command:COMANDO`, e troque a senha se outros viram o arquivo",
        ),
    )
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => parse(&text).map_err(de::Error::custom),
            Value::Null => Err(de::Error::custom(Complaint::new(
                text!(en: "there is no value", pt: "não há valor"),
                text!(
                    en: "write `prompt`, `env:NAME`, `file:PATH` or `command:CMD`",
                    pt: "escreva `prompt`, `env:NOME`, `file:CAMINHO` ou `command:COMANDO`",
                ),
            ))),
            _ => Err(de::Error::custom(literal())),
        }
    }
}

/// Reads a reference to a secret.
pub fn parse(text: &str) -> Result<Secret, Complaint> {
    let one_line = !text.contains(['\n', '\0']);
    match text.split_once(':').map(|(form, rest)| (form, rest.trim())) {
        None if text == "prompt" => Ok(Secret::Prompt),
        Some(("env", name)) => {
            let good = name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            good.then(|| Secret::Environment(name.to_owned())).ok_or_else(|| {
                Complaint::new(
                    text!(
                        en: "this is no name of an environment variable",
                        pt: "isto não é nome de variável de ambiente",
                    ),
                    text!(
                        en: "write `env:NAME` with letters, digits and `_`; the secret itself goes into the variable",
                        pt: "escreva `env:NOME` com letras, dígitos e `_`; o segredo em si fica na variável",
                    ),
                )
            })
        }
        Some(("file", path)) if !path.is_empty() && one_line => Ok(Secret::File(path.into())),
        Some(("command", command)) if !command.is_empty() && one_line => {
            Ok(Secret::Command(command.to_owned()))
        }
        Some(("file" | "command", _)) => Err(Complaint::new(
            text!(en: "there is nothing behind the colon", pt: "não há nada depois dos dois-pontos"),
            text!(
                en: "write `file:PATH` or `command:CMD`, on one line",
                pt: "escreva `file:CAMINHO` ou `command:COMANDO`, em uma linha",
            ),
        )),
        _ => Err(literal()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        assert_eq!(parse("prompt"), Ok(Secret::Prompt));
        assert_eq!(parse("env:A_1"), Ok(Secret::Environment("A_1".into())));
        assert_eq!(parse("file:~/x y"), Ok(Secret::File("~/x y".into())));
        assert_eq!(parse("command:pass show a:b"), Ok(Secret::Command("pass show a:b".into())));
        for literal in
            ["hunter2", "", "Prompt", "promt", "env", "http://x", "env:", "env:hunter 2", "file:", "file:\n"]
        {
            let trouble = parse(literal).unwrap_err();
            assert!(literal.len() < 7 || !trouble.to_string().contains(literal), "{trouble}");
        }
    }
}
