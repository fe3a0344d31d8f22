//! What to say about a word that is not known.

use crate::model::{Text, text};

/// The known word that was probably meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&lower, &other);
            let begins = lower.len() >= 2 && (other.starts_with(&lower) || lower.starts_with(&other));
            // A third of the letters may be wrong; of a short word one.
            let near = distance <= (other.chars().count() / 3).max(1);
            (near || begins).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean `x`?", or all that is possible.
pub fn hint(word: &str, known: &[&str]) -> Text {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => text!(en: "did you mean `{candidate}`?", pt: "seria `{candidate}`?"),
        None => self::known(known),
    }
}

/// All that is possible.
pub fn known(words: &[&str]) -> Text {
    let words = list(words);
    text!(en: "known are {words}", pt: "existem {words}", words)
}

/// What to say about a key that a part of a document does not have.
pub fn for_key(part: &str, key: &str, known: &[&str]) -> Text {
    const SSH: [&str; 8] =
        ["user", "port", "identity", "jump", "transport", "host_keys", "connect_timeout", "password"];
    match (part, key) {
        ("host", "balancer" | "web" | "socket") => {
            text!(
                en: "`{key}` belongs on the cluster or at the top, so that all of its hosts agree; a host has `roles`",
                pt: "`{key}` fica no cluster ou no topo, para valer em todas as máquinas; uma máquina tem `roles`",
            )
        }
        ("host", "ip" | "hostname" | "ansible_host" | "host") => {
            text!(en: "did you mean `address`?", pt: "seria `address`?")
        }
        ("host", "ansible_user" | "username") => {
            text!(en: "write `ssh: {{ user: .. }}`", pt: "escreva `ssh: {{ user: .. }}`")
        }
        ("host" | "cluster" | "inventory", key) if SSH.contains(&key) => {
            text!(en: "write `ssh: {{ {key}: .. }}`", pt: "escreva `ssh: {{ {key}: .. }}`")
        }
        ("cluster" | "inventory", "roles" | "address" | "private_address") => {
            text!(
                en: "`{key}` belongs on a host, below `hosts:`",
                pt: "`{key}` fica em uma máquina, sob `hosts:`",
            )
        }
        ("cluster", "name" | "language" | "version" | "grading") => {
            text!(en: "`{key}` belongs at the top of the inventory", pt: "`{key}` fica no topo do inventário")
        }
        ("host" | "cluster" | "inventory", key) if nearest(key, known.iter().copied()).is_none() => {
            match nearest(key, SSH) {
                Some(near) => {
                    text!(en: "did you mean `ssh: {{ {near}: .. }}`?", pt: "seria `ssh: {{ {near}: .. }}`?")
                }
                None => hint(key, known),
            }
        }
        _ => hint(key, known),
    }
}

/// `a`, `b` and `c`.
pub fn list(words: &[&str]) -> Text {
    let quoted: Vec<_> = words.iter().map(|word| Text::verbatim(format!("`{word}`"))).collect();
    Text::list(&quoted, quoted.len())
}

/// A word of the user, fit to be shown: bounded, without control characters.
pub fn shown(word: &str) -> String {
    let mut text: String = word.chars().take(60).flat_map(char::escape_debug).collect();
    if word.chars().nth(60).is_some() {
        text.push('…');
    }
    text.replace("\\'", "'").replace("\\\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found() {
        let roles = ["balancer", "web", "socket"];
        assert_eq!(nearest("webb", roles), Some("web"));
        assert_eq!(nearest("WEB", roles), Some("web"));
        assert_eq!(nearest("balencer", roles), Some("balancer"));
        assert_eq!(nearest("soket", roles), Some("socket"));
        assert_eq!(nearest("database", roles), None);
        assert_eq!(nearest("pt", ["en", "pt-BR"]), Some("pt-BR"));
        assert_eq!(hint("x", &roles).english(), "known are `balancer`, `web` and `socket`");
    }
}
