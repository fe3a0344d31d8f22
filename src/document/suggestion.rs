//! What to say about a word that is not known.

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
pub fn hint(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => format!("known are {}", list(known)),
    }
}

/// What to say about a key that a part of a document does not have.
pub fn for_key(part: &str, key: &str, known: &[&str]) -> String {
    const SSH: [&str; 8] =
        ["user", "port", "identity", "jump", "transport", "host_keys", "connect_timeout", "password"];
    match (part, key) {
        ("host", "balancer" | "web" | "socket") => {
            format!(
                "`{key}` belongs on the cluster or at the top, so that all of its hosts agree; a host has `roles`"
            )
        }
        ("host", "ip" | "hostname" | "ansible_host" | "host") => "did you mean `address`?".into(),
        ("host", "ansible_user" | "username") => "write `ssh: { user: .. }`".into(),
        ("host" | "cluster" | "inventory", key) if SSH.contains(&key) => {
            format!("write `ssh: {{ {key}: .. }}`")
        }
        ("cluster" | "inventory", "roles" | "address" | "private_address") => {
            format!("`{key}` belongs on a host, below `hosts:`")
        }
        ("cluster", "name" | "language" | "version" | "grading") => {
            format!("`{key}` belongs at the top of the inventory")
        }
        ("host" | "cluster" | "inventory", key) if nearest(key, known.iter().copied()).is_none() => {
            match nearest(key, SSH) {
                Some(near) => format!("did you mean `ssh: {{ {near}: .. }}`?"),
                None => hint(key, known),
            }
        }
        _ => hint(key, known),
    }
}

/// `a`, `b` and `c`.
pub fn list(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
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
        assert_eq!(hint("x", &roles), "known are `balancer`, `web` and `socket`");
    }
}
