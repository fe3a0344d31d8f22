//! Where a secret comes from. The secret itself is never part of the model, so that no report can print it.

use std::path::PathBuf;

use schemars::JsonSchema;

/// A reference to a secret, as written in the inventory. Literal passwords are refused there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, JsonSchema)]
#[schemars(inline, with = "String", extend(
    "pattern" = r"^(prompt|env:[A-Za-z_][A-Za-z0-9_]*|file:.+|command:.+)$",
    "examples" = ["prompt", "env:SUDO_PASSWORD", "file:~/.secret", "command:pass show class"],
))]
pub enum SecretSource {
    /// `prompt`: ask at the terminal, once for all hosts that share this source.
    Prompt,
    /// `env:NAME`: an environment variable of the tool.
    Environment(String),
    /// `file:PATH`: the first line of a file, the path already resolved against the inventory.
    File(PathBuf),
    /// `command:CMD`: the first line that a command prints, run by `sh -c` on the laptop.
    Command(String),
}

/// Parts of names whose values are secrets.
const SECRET_PARTS: [&str; 6] = ["passw", "passphrase", "secret", "senha", "token", "credential"];
/// Words that make a secret of a name, each alone between other words.
const SECRET_WORDS: [&str; 4] = ["pass", "pwd", "apikey", "vault"];

/// Whether a name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|sign: char| !sign.is_alphanumeric());
    SECRET_PARTS.iter().any(|part| lower.contains(part))
        || words.any(|word| SECRET_WORDS.contains(&word))
        || lower.rsplit(|sign: char| !sign.is_alphanumeric()).next() == Some("key")
        || name.ends_with("Key")
}

/// Whether a text is a secret, whatever it is called.
pub fn is_secret_text(text: &str) -> bool {
    let login =
        text.split_once("://").and_then(|(_, rest)| rest.split(['/', '?', '#']).next()?.rsplit_once('@'));
    text.contains("-----BEGIN ")
        || text.contains("$ANSIBLE_VAULT")
        || login.is_some_and(|(login, _)| login.contains(':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for secret in [
            "password",
            "db_pass",
            "DB_PWD",
            "api_token",
            "client_secret",
            "ssh_key",
            "apiKey",
            "key",
            "senha_root",
            "vault_x",
            "mysql_root_password",
            "app-token",
            "credentials",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
        for plain in ["course", "passive", "keyboard", "monkey_count", "compass", "title", "port"] {
            assert!(!is_secret_name(plain), "{plain}");
        }
        for secret in
            ["-----BEGIN OPENSSH PRIVATE KEY-----", "postgres://app:hunter2@db/x", "$ANSIBLE_VAULT;1.1"]
        {
            assert!(is_secret_text(secret), "{secret}");
        }
        for plain in ["http://example.org:8080/a@b", "ssh://git@example.org/x", "a: b"] {
            assert!(!is_secret_text(plain), "{plain}");
        }
    }
}
