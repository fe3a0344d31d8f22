//! From what a source calls its hosts to roles: as the user says, else by name.

use slug::slugify;
use wildmatch::WildMatch;

use crate::error::{Error, Result};
use crate::model::text;
use crate::roles;

/// `--role web=apache,www`: which words of the source mean a role.
#[derive(Debug, Clone, Default)]
pub struct RoleWords(Vec<(String, Vec<WildMatch>)>);

impl RoleWords {
    /// Reads the values of the flag.
    pub fn parse(given: &[String]) -> Result<Self> {
        let mut words: Vec<(String, Vec<WildMatch>)> = Vec::new();
        for text in given {
            let (role, list) = text
                .split_once('=')
                .filter(|(role, list)| !role.trim().is_empty() && !list.trim().is_empty())
                .ok_or_else(|| {
                    Error::usage(text!(
                        en: "`--role {text}` names no role and no word",
                        pt: "`--role {text}` não tem nem papel nem palavra",
                    ))
                    .hint(text!(
                        en: "write `--role web=apache,www`: the role, and what its hosts are called",
                        pt: "escreva `--role web=apache,www`: o papel, e como se chamam as máquinas dele",
                    ))
                })?;
            let list = list.split(',').map(str::trim).filter(|word| !word.is_empty());
            let list = list.map(|word| WildMatch::new(&word.to_lowercase()));
            match words.iter_mut().find(|(known, _)| known == role.trim()) {
                Some((_, known)) => known.extend(list),
                None => words.push((role.trim().to_owned(), list.collect())),
            }
        }
        Ok(Self(words))
    }

    /// Named roles that are none of the tool's own.
    pub fn strange(&self) -> impl Iterator<Item = &str> {
        let names = self.0.iter().map(|(role, _)| role.as_str());
        names.filter(|name| roles::ALL.iter().all(|role| role.name != *name))
    }

    /// The roles that the user means by a word.
    pub fn named(&self, word: &str) -> Vec<String> {
        let word = word.to_lowercase();
        let named = self.0.iter().filter(|(_, words)| words.iter().any(|known| known.matches(&word)));
        named.map(|(role, _)| role.clone()).collect()
    }

    /// The roles of a word: as the user says; where the user says nothing of a role, by what such hosts are called.
    pub fn of(&self, word: &str) -> Vec<String> {
        let mut found = self.named(word);
        if found.is_empty()
            && let Some(role) = usual(word)
            && !self.0.iter().any(|(named, _)| named == role)
        {
            found.push(role.to_owned());
        }
        found
    }

    /// The same of a host's name, whose number does not matter.
    pub fn of_host(&self, name: &str) -> Vec<String> {
        let first = name.split('.').next().unwrap_or(name);
        let named = self.named(name);
        if !named.is_empty() {
            return named;
        }
        self.of(first.trim_end_matches(|sign: char| sign.is_ascii_digit() || "-_".contains(sign)))
    }
}

/// The role whose hosts are called by a word.
fn usual(word: &str) -> Option<&'static str> {
    let word = slugify(word).replace('-', "");
    roles::ALL.iter().find(|role| role.called.contains(&word.as_str())).map(|role| role.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_mean_roles() {
        let words = RoleWords::parse(&["web=app*,Site".to_owned(), "mq=fila".to_owned()]).unwrap();
        for (word, expected) in [
            ("app1", "web"),
            ("site", "web"),
            ("fila", "mq"),
            ("Load_Balancer", "balancer"),
            // The user has said what is `web`.
            ("www", ""),
            ("db", ""),
        ] {
            assert_eq!(words.of(word).join(" "), expected, "{word}");
        }
        let guessed = RoleWords::default();
        for (name, expected) in
            [("web01", "web"), ("lb-1.example.org", "balancer"), ("node_2", "web"), ("db1", "")]
        {
            assert_eq!(guessed.of_host(name).join(" "), expected, "{name}");
        }
        for wrong in ["web", "=x", "web="] {
            assert!(RoleWords::parse(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
