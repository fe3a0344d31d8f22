//! Host patterns of `known_hosts` lines.

use hmac::{Hmac, KeyInit, Mac};
use russh::keys::ssh_key::known_hosts::HostPatterns;
use sha1::Sha1;
use wildmatch::WildMatch;

/// Whether a line's patterns cover a name. A negated pattern that matches wins over all others.
pub fn matches(patterns: &HostPatterns, name: &str) -> bool {
    match patterns {
        HostPatterns::HashedName { salt, hash } => Hmac::<Sha1>::new_from_slice(salt)
            .is_ok_and(|mac| mac.chain_update(name.as_bytes()).verify_slice(hash).is_ok()),
        HostPatterns::Patterns(patterns) => {
            let mut covered = false;
            for pattern in patterns {
                let pattern = pattern.to_ascii_lowercase();
                match pattern.strip_prefix('!') {
                    Some(negated) if WildMatch::new(negated).matches(name) => return false,
                    Some(_) => {}
                    None => covered |= WildMatch::new(&pattern).matches(name),
                }
            }
            covered
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_names_as_openssh_reads_them() {
        for (patterns, name, expected) in [
            ("web01", "web01", true),
            ("web01", "web010", false),
            ("WEB01", "web01", true),
            ("web*", "web01", true),
            ("web?1", "web01", true),
            ("web?", "web01", false),
            ("*", "", true),
            ("*.example,!bad.example", "good.example", true),
            ("*.example,!bad.example", "bad.example", false),
            ("!bad.example", "good.example", false),
            ("[127.0.0.1]:2222", "[127.0.0.1]:2222", true),
            ("[127.0.0.1]:2222", "127.0.0.1", false),
            ("[10.0.0.*]:22*", "[10.0.0.9]:2201", true),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "axxbyy", false),
            ("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=", "192.168.1.61", true),
            ("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg=", "192.168.1.62", false),
        ] {
            let parsed = patterns.parse::<HostPatterns>().unwrap();
            assert_eq!(matches(&parsed, name), expected, "{patterns} over {name}");
        }
    }
}
