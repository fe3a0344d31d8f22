//! Names of secrets. Rather one too many than one too few, for what is taken for a secret is told, and what is not is
//! copied.

/// Parts of names whose values are secrets, whatever stands around them.
const PARTS: [&str; 25] = [
    "passw",
    "passphrase",
    "passcode",
    "secret",
    "segredo",
    "senha",
    "contrase",
    "contrasena",
    "token",
    "credential",
    "credencia",
    "authorization",
    "apikey",
    "privatekey",
    "accesskey",
    "snmpcommunity",
    "palavrapasse",
    "motdepasse",
    "pincode",
    "masterkey",
    "deploykey",
    "encryptionkey",
    "signingkey",
    "recoverycode",
    "sshkey",
];
/// Words that make a secret of a name, each alone between other words.
const WORDS: [&str; 32] = [
    "pass",
    "pwd",
    "pw",
    "psw",
    "pswd",
    "psk",
    "pat",
    "jwt",
    "otp",
    "totp",
    "pin",
    "auth",
    "oauth",
    "cred",
    "creds",
    "vault",
    "chave",
    "chaves",
    "clave",
    "claves",
    "senhas",
    "authkey",
    "webhook",
    "cookie",
    "sig",
    "signature",
    "bearer",
    "salt",
    "seed",
    "jwts",
    "psks",
    "pats",
];
/// Ends of words that are run together, such as `dbpass`.
const ENDS: [&str; 4] = ["pass", "pwd", "pw", "psk"];
/// Words with such an end that are none.
const HARMLESS: [&str; 7] =
    ["compass", "bypass", "encompass", "overpass", "underpass", "surpass", "trespass"];

/// Whether a name says that its value is a secret.
pub fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let joined = words.concat();
    PARTS.iter().any(|part| joined.contains(part))
        || words.iter().map(|word| numbered(word)).rfind(|word| !word.is_empty()) == Some("key")
        || words.iter().any(|word| {
            let word = numbered(word);
            let is_run_together = ENDS.iter().any(|end| word.ends_with(end)) && !HARMLESS.contains(&word);
            WORDS.contains(&word) || is_run_together
        })
}

/// A word without the number of one of many.
fn numbered(word: &str) -> &str {
    word.trim_end_matches(|sign: char| sign.is_ascii_digit())
}

/// The words of a name in small letters: `db_pass`, `dbPass` and `DB-PASS` are two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for sign in name.chars() {
        if !sign.is_alphanumeric() || (before.is_lowercase() && sign.is_uppercase()) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| sign.is_alphanumeric()) {
            word.extend(sign.to_lowercase());
        }
        before = sign;
    }
    words.retain(|word| !word.is_empty());
    words
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
            "dbpass",
            "rootpw",
            "sudo_pw",
            "pw",
            "pw2",
            "wifi_psk",
            "github_pat",
            "jwt",
            "otp",
            "pin",
            "auth_header",
            "basic_auth",
            "snmp_community",
            "chave",
            "contrasena",
            "contraseña",
            "aws_access_key_id",
            "AWS_SECRET_ACCESS_KEY",
            "dbPass",
            "DBPass",
            "senhas",
            "pass1",
            "proxy_authorization",
            "slack_webhook",
            "private_key_pem",
            "palavra_passe",
            "mot_de_passe",
            "pincode",
            "key1",
            "ssh_key_1",
            "signing_keys",
            "jwts",
            "seed",
            "recovery_code",
        ] {
            assert!(is_secret_name(secret), "{secret}");
        }
        for plain in [
            "course",
            "passive",
            "keyboard",
            "monkey_count",
            "compass",
            "title",
            "port",
            "author",
            "authors",
            "pattern",
            "path",
            "key_name",
            "spinner",
            "bypass",
            "community",
            "options",
            "turma",
            "professor",
            "semestre",
            "hash",
            "versions",
            "url",
            "",
            "_",
        ] {
            assert!(!is_secret_name(plain), "{plain}");
        }
    }
}
