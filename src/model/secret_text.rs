//! Texts that are secrets or have one in them, whatever they are called. Rather one too many than one too few, as for
//! [`secret_name`](super::secret_name)s.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::secret_name::is_secret_name;

/// What only secrets have in them.
const MARKS: [&str; 8] =
    ["-----BEGIN ", "$ANSIBLE_VAULT", "ENC[", "{SSHA", "{SHA}", "chpasswd", "htpasswd -", "docker login "];
/// What keys of well-known services begin with.
const PREFIXES: [&str; 28] = [
    "AGE-SECRET-KEY-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "gldt-",
    "AKIA",
    "ASIA",
    "AIza",
    "xoxa-",
    "xoxb-",
    "xoxe-",
    "xoxp-",
    "xoxr-",
    "xoxs-",
    "xapp-",
    "eyJ",
    "hvs.",
    "npm_",
    "pypi-",
    "dop_v1_",
    "sk_live_",
    "rk_live_",
    "whsec_",
    "shpat_",
];
/// Ways of hashing, as they are written between two `$`.
const HASHES: [&str; 18] = [
    "1",
    "2a",
    "2b",
    "2x",
    "2y",
    "5",
    "6",
    "7",
    "y",
    "gy",
    "apr1",
    "argon2i",
    "argon2d",
    "argon2id",
    "sha1",
    "scrypt",
    "pbkdf2",
    "pbkdf2-sha256",
];
/// Options behind which a program takes a secret, of which a login before a `:` is no part.
const OPTIONS: [(&str, &str); 9] = [
    ("mysql", "-p"),
    ("mariadb", "-p"),
    ("sshpass", "-p"),
    ("redis-cli", "-a"),
    ("ldap", "-w"),
    ("curl", "-u"),
    ("curl", "--user"),
    ("wget", "--user"),
    ("smbclient", "-U"),
];

/// Whether a text is a secret or has one in it, whatever it is called.
pub fn is_secret_text(text: &str) -> bool {
    holds_secret(text) || pieces(text).any(has_random)
}

/// The same without what only looks random, as names of machines may.
pub fn holds_secret(text: &str) -> bool {
    let is_of_word = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
    if text.bytes().all(is_of_word) {
        // As most texts are; nothing of the rest could be in it.
        return is_known_key(text);
    }
    MARKS.iter().any(|mark| text.contains(mark))
        || has_login(text)
        || has_assignment(text)
        || has_option(text)
        || has_hash(text)
        || has_scheme(text)
        || pieces(text).any(is_known_key)
}

fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| sign.is_whitespace() || "\"'`,;=&()<>|".contains(sign))
}

/// `https://token@host`, `postgres://user:password@host`, `user:password@host`. A login alone is no secret for ssh.
fn has_login(text: &str) -> bool {
    text.split(|sign: char| sign.is_whitespace() || "\"'`,;<>()".contains(sign)).any(|word| {
        let Some((scheme, rest)) = word.split_once("://") else {
            let login = word.split_once('@').and_then(|(login, _)| login.split_once(':'));
            return login.is_some_and(|(user, password)| {
                !user.is_empty() && !password.is_empty() && !user.ends_with("mailto")
            });
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
        match authority.rsplit_once('@') {
            Some((login, _)) => {
                login.contains(':') || ["http", "https", "ftp"].iter().any(|known| scheme.ends_with(known))
            }
            // A password may have a `/`, where a port has digits alone.
            None => authority.split_once(':').is_some_and(|(_, port)| {
                rest.contains('@') && !port.bytes().all(|byte| byte.is_ascii_digit())
            }),
        }
    })
}

/// `Password=x`, `?token=x`, `"senha": "x"`.
fn has_assignment(text: &str) -> bool {
    let is_around = |sign: char| sign.is_whitespace() || "\"'=,;".contains(sign);
    let Some(last) = text.rfind(|sign| !is_around(sign)) else { return false };
    text.match_indices(['=', ':']).any(|(at, _)| {
        let before = text[..at].trim_end_matches(|sign: char| sign.is_whitespace() || "\"'".contains(sign));
        let is_of_name = |sign: char| sign.is_alphanumeric() || "_-.".contains(sign);
        let name = before.rsplit(|sign| !is_of_name(sign)).next().unwrap_or_default();
        at < last && is_secret_name(name)
    })
}

/// `--password x`, `mysql -px`.
fn has_option(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_named = |(place, word): (usize, &&str)| {
        let option = word.trim_start_matches('-');
        option.len() < word.len() && place + 1 < words.len() && is_secret_name(option)
    };
    words.iter().enumerate().any(is_named)
        || OPTIONS.iter().any(|(program, option)| {
            let program = |word: &&str| {
                word.rsplit(['/', '=', '"', '\'']).next().is_some_and(|name| name.starts_with(program))
            };
            let mut behind = words.iter().skip_while(|word| !program(word)).skip(1);
            behind.any(|word| word.starts_with(option))
        })
}

/// `$6$salt$hash`.
fn has_hash(text: &str) -> bool {
    let mut parts = text.split('$').skip(1).peekable();
    while let Some(kind) = parts.next() {
        let is_begun =
            parts.peek().is_some_and(|next| next.starts_with(|sign: char| sign.is_ascii_alphanumeric()));
        if is_begun && HASHES.contains(&kind) {
            return true;
        }
    }
    false
}

/// `Bearer x`, and of `Basic x` what is no title of a class.
fn has_scheme(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let (scheme, value) =
            (pair[0].trim_matches(['"', '\'']).to_lowercase(), pair[1].trim_matches(['"', '\'']));
        let is_encoded = || STANDARD.decode(value).is_ok_and(|login| login.contains(&b':'));
        let is_mixed =
            || value.len() >= 6 && value.contains(|sign: char| sign.is_ascii_digit() || sign == '=');
        scheme.ends_with("bearer") || (scheme.ends_with("basic") && (is_encoded() || is_mixed()))
    })
}

fn is_known_key(word: &str) -> bool {
    PREFIXES.iter().any(|prefix| word.strip_prefix(prefix).is_some_and(|rest| rest.len() >= 6))
}

/// Random signs are at least so many.
const RANDOM: usize = 20;
/// Between `-` or `_`, which random signs may have too, words are shorter.
const WORD: usize = 12;

fn has_random(word: &str) -> bool {
    word.split(['.', ':', '@', '?', '#']).any(|part| {
        let longest = part.split(['-', '_']).max_by_key(|piece| piece.len()).unwrap_or_default();
        looks_random(longest) || (longest.len() >= WORD && looks_random(part))
    })
}

/// Whether letters and digits change as often as chance would have it. One capital begins a word of small letters.
fn looks_random(word: &str) -> bool {
    let signs: Vec<char> = word.chars().filter(char::is_ascii_alphanumeric).collect();
    let class = |sign: char| (sign.is_ascii_digit(), sign.is_ascii_uppercase());
    let mut changes = 1;
    let mut capitals = 0;
    for pair in signs.windows(2) {
        capitals = if pair[0].is_ascii_uppercase() { capitals + 1 } else { 0 };
        let begins_word = capitals == 1 && pair[1].is_ascii_lowercase();
        if class(pair[0]) != class(pair[1]) && !begins_word {
            changes += 1;
        }
    }
    signs.len() >= RANDOM && changes * 7 >= signs.len() * 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_themselves() {
        for secret in [
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "postgres://app:hunter2@db/x",
            "postgres://app:hunt/er2@db/x",
            "see https://hunter2@github.com/x",
            "repository=https://hunter2@github.com/x",
            "app:hunter2@db.example.org",
            "$ANSIBLE_VAULT;1.1",
            "Server=db;Password=hunter2",
            "Server=db;Pwd = hunter2",
            "user=ana password=hunter2",
            "https://example.org/x?a=1&token=hunter2",
            "https://example.org/x?sig=hunter2",
            "DB_PASSWORD=hunter2",
            "{\"senha\": \"hunter2\"}",
            "docker login -u a -p hunter2",
            "echo root:hunter2 | chpasswd",
            "htpasswd -bc f a hunter2",
            "mysql -u root -phunter2 shop",
            "/usr/bin/mysqldump -phunter2",
            "command='mysql -phunter2'",
            "sshpass -p hunter2 ssh x",
            "curl -u ana:hunter2 http://x",
            "tool --password hunter2",
            "tool --api-key=hunter2",
            "ENC[AES256_GCM,data:hunter2,type:str]",
            "ghp_hunter2hunter2",
            "github_pat_hunter2",
            "glpat-hunter2",
            "AKIAIOSFODNN7EXAMPLE",
            "xoxb-hunter2",
            "eyJhbGciOi.hunter2",
            "Bearer hunter2",
            "Authorization: Basic hunter2",
            "Basic YW5hOmxvbmdlcg",
            "Basic YW5hOnBhc3N3b3Jk",
            "$6$salt$hunter2",
            "ana:$apr1$salt$hunter2",
            "$2b$12$hunter2",
            "{SSHA}hunter2",
            "9f86d081884c7d659a2feaa0c55ad015",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
            "k3xB7-qLw_92mZpTtY4vRs81",
        ] {
            assert!(is_secret_text(secret), "{secret}");
        }
        for plain in [
            "http://example.org:8080/a@b",
            "ssh://git@example.org/x",
            "git@example.org:class/page.git",
            "https://example.org/course?year=2026&page=2",
            "mailto:ana@example.org",
            "a: b",
            "Sistemas Distribuídos 2026/2",
            "Servidor web: Ana e Rui",
            "SistemasDistribuidosTurmaDeSegunda2026",
            "paginadaturma2026segundosemestre",
            "Basic Concepts of Networks",
            "3.12.4",
            "1.2.3-rc1+build.2026.11.29",
            "web01,web02,web03",
            "web01-web02-web03-web04-web05",
            "ec2-3-80-1-2.compute-1.amazonaws.com",
            "/opt/socket/01-simples/server-book.py",
            "docker run -p 8080:80 web",
            "2001:db8:85a3::8a2e:370:7334",
            "2026-11-29T23:11:06Z",
            "8080",
            "R$6 e R$7",
            "",
        ] {
            assert!(!is_secret_text(plain), "{plain}");
        }
    }
}
