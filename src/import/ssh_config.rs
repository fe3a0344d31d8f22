//! OpenSSH's client configuration, and the output of `vagrant ssh-config`, which is one.
//!
//! Read as ssh reads it, the first value of a key wins; but nothing is followed, asked or run.

use std::time::Duration;

use wildmatch::WildMatch;

use super::assembly::{Found, assemble};
use super::plain::shown;
use super::remark::{Place, Remarks};
use super::roles::RoleWords;
use super::settings::{identity, jump, no_proxy_command, port, unchecked_keys, user};
use super::source::{Source, Sources};
use super::{Choices, Imported, finish};
use crate::draft::Settings;
use crate::error::{Error, Result};
use crate::model::{HostKeyPolicy, Text, text};

/// Keys that say nothing more than the tool does anyway.
const DONE_ANYWAY: [(&str, &str); 3] =
    [("identitiesonly", "yes"), ("passwordauthentication", "no"), ("batchmode", "yes")];

/// Where code is kept, and no class.
const FORGES: [&str; 5] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "ssh.dev.azure.com"];

/// Imports the hosts whose names match one of the patterns; all of them where there is none.
pub fn ssh_config(text: Source, patterns: &[String], choices: &Choices) -> Result<Imported> {
    if text.text.contains("Vagrant.configure") {
        return Err(Error::usage(format!("{} is a Vagrantfile, which is a program", text.name))
            .hint("where it lies: `vagrant up`, `vagrant ssh-config > machines.txt`, and import that file"));
    }
    let mut sources = Sources::default();
    let mut remarks = Remarks::default();
    let name = text.name.clone();
    let source = sources.add(text);
    let stanzas = parse(&sources.get(source).text, source, &mut remarks);
    let wanted: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let mut found = Vec::new();
    for (alias, place) in aliases(&stanzas) {
        if !wanted.is_empty() && !wanted.iter().any(|pattern| pattern.matches(alias)) {
            continue;
        }
        found.extend(host(alias, place, &stanzas, &choices.roles, &mut remarks));
    }
    if found.is_empty() {
        let (message, hint) = if wanted.is_empty() {
            (
                format!("{name} names no host"),
                "each host has a line `Host NAME` without `*`; files that it includes are imported one by one",
            )
        } else {
            (
                format!("no host of {name} matches {}", patterns.join(" or ")),
                "check the pattern: `--pattern 'web*'`",
            )
        };
        return Err(Error::usage(message).hint(hint));
    }
    let how = text!(
        en: "give one by `--role web=NAME`, where NAME may have `*`",
        pt: "dê um com `--role web=NOME`, onde NOME pode ter `*`"
    );
    let draft = assemble(found, source, choices, &how, &mut remarks)?;
    finish(draft, remarks, &sources)
}

/// The lines below one `Host`, or those before the first.
struct Stanza {
    patterns: Vec<Pattern>,
    place: Place,
    lines: Vec<Line>,
}

struct Pattern {
    text: String,
    excludes: bool,
}

struct Line {
    /// In small letters.
    key: String,
    /// As it is written.
    written: String,
    words: Vec<String>,
    place: Place,
}

impl Stanza {
    fn holds_for(&self, alias: &str) -> bool {
        let matching = |pattern: &&Pattern| WildMatch::new(&pattern.text).matches(alias);
        let mut matching = self.patterns.iter().filter(matching).peekable();
        matching.peek().is_some() && !matching.any(|pattern| pattern.excludes)
    }
}

fn parse(text: &str, source: usize, remarks: &mut Remarks) -> Vec<Stanza> {
    let everybody = |place| Stanza {
        patterns: vec![Pattern { text: "*".to_owned(), excludes: false }],
        place,
        lines: Vec::new(),
    };
    let mut stanzas = vec![everybody(Place::line(source, 1))];
    for (number, line) in text.lines().enumerate() {
        let place = Place::line(source, number + 1);
        let Some(Line { key, written, words, place }) = line_of(line, place) else { continue };
        match key.as_str() {
            "host" => {
                let patterns = words.into_iter().map(|word| match word.strip_prefix('!') {
                    Some(rest) => Pattern { text: rest.to_owned(), excludes: true },
                    None => Pattern { text: word, excludes: false },
                });
                stanzas.push(Stanza { patterns: patterns.collect(), place, lines: Vec::new() });
            }
            "match" if words.iter().map(|word| word.to_lowercase()).eq(["all"]) => {
                stanzas.push(everybody(place));
            }
            "match" => {
                remarks.lost(
                    place,
                    text!(
                        en: "`Match` and the lines below it are left out: whether they hold is found out at connecting",
                        pt: "`Match` e as linhas abaixo ficam de fora: só ao conectar se sabe se valem"
                    ),
                );
                // Holds for nobody.
                stanzas.push(Stanza { patterns: Vec::new(), place, lines: Vec::new() });
            }
            "include" => {
                let files = shown(&words.join(" "));
                remarks.lost(
                    place,
                    text!(
                        en: "`Include {files}` is not followed: import that file by its own name",
                        pt: "`Include {files}` não é seguido: importe esse arquivo pelo próprio nome"
                    ),
                );
            }
            _ => {
                if let Some(stanza) = stanzas.last_mut() {
                    stanza.lines.push(Line { key, written, words, place });
                }
            }
        }
    }
    stanzas
}

/// `Key word "two words" # comment`, or with `=` between.
fn line_of(line: &str, place: Place) -> Option<Line> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let end = line.find(|sign: char| sign.is_whitespace() || sign == '=').unwrap_or(line.len());
    let (key, rest) = line.split_at(end);
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest).trim_start();
    Some(Line { key: key.to_lowercase(), written: key.to_owned(), words: words(rest), place })
}

/// The words of a line as ssh takes them: quotes keep spaces, `#` at the beginning of a word ends the line.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut signs = text.chars().peekable();
    loop {
        while signs.next_if(|sign| sign.is_whitespace()).is_some() {}
        match signs.peek() {
            None | Some('#') => return words,
            Some(_) => {}
        }
        let mut word = String::new();
        let mut quote = None;
        while let Some(sign) = signs.next_if(|sign| quote.is_some() || !sign.is_whitespace()) {
            match sign {
                '"' | '\'' if quote.is_none() => quote = Some(sign),
                sign if quote == Some(sign) => quote = None,
                '\\' if matches!(signs.peek(), Some('"' | '\'' | '\\')) => word.extend(signs.next()),
                sign => word.push(sign),
            }
        }
        words.push(word);
    }
}

/// Names that stand for one host each, in the order of the file.
fn aliases(stanzas: &[Stanza]) -> Vec<(&str, Place)> {
    let mut seen: Vec<(&str, Place)> = Vec::new();
    for stanza in stanzas {
        let names = stanza.patterns.iter().filter(|pattern| !pattern.excludes);
        for Pattern { text, .. } in names.filter(|pattern| !pattern.text.contains(['*', '?'])) {
            if !seen.iter().any(|(known, _)| known == text) {
                seen.push((text, stanza.place));
            }
        }
    }
    seen
}

/// The first line of a key that holds for a name.
fn first<'a>(stanzas: &'a [Stanza], alias: &str, key: &str) -> Option<&'a Line> {
    let lines = stanzas.iter().filter(|stanza| stanza.holds_for(alias)).flat_map(|stanza| &stanza.lines);
    lines.into_iter().find(|line| line.key == key && !line.words.is_empty())
}

fn word(line: &Line) -> &str {
    line.words.first().map_or("", String::as_str)
}

/// What a name leads to.
fn address(stanzas: &[Stanza], alias: &str) -> String {
    let written = first(stanzas, alias, "hostname").map_or(alias, word);
    written.replace("%h", alias).replace("%%", "%")
}

fn host(
    alias: &str,
    place: Place,
    stanzas: &[Stanza],
    roles: &RoleWords,
    remarks: &mut Remarks,
) -> Option<Found> {
    let address = address(stanzas, alias);
    let login = first(stanzas, alias, "user");
    if FORGES.iter().any(|forge| address == *forge || address.ends_with(&format!(".{forge}")))
        || login.is_some_and(|line| word(line) == "git")
    {
        let alias = shown(alias);
        remarks.lost(
            place,
            text!(
                en: "`{alias}` is left out: it keeps code, and is no machine of a class",
                pt: "`{alias}` fica de fora: guarda código, e não é máquina de uma turma"
            ),
        );
        return None;
    }
    let mut settings = Settings::default();
    let mut seen: Vec<&str> = Vec::new();
    let lines = stanzas.iter().filter(|stanza| stanza.holds_for(alias)).flat_map(|stanza| &stanza.lines);
    for line in lines {
        // Only keys of files add up; of the others the first holds.
        if line.key != "identityfile" && seen.contains(&line.key.as_str()) {
            continue;
        }
        let again = seen.contains(&line.key.as_str());
        seen.push(&line.key);
        if line.key == "identityfile" && again {
            remarks.lost(
                line.place,
                text!(
                    en: "a second `IdentityFile` of one host is left out: an inventory names one key",
                    pt: "um segundo `IdentityFile` de um host fica de fora: um inventário nomeia uma chave"
                ),
            );
        } else {
            take(line, alias, stanzas, &mut settings, remarks);
        }
    }
    Some(Found {
        place: Some(place),
        name: Some(alias.to_owned()),
        address,
        roles: roles.of_host(alias),
        by_name: true,
        settings,
        ..Found::default()
    })
}

/// Takes one setting over, or tells why not.
fn take(line: &Line, alias: &str, stanzas: &[Stanza], settings: &mut Settings, remarks: &mut Remarks) {
    let value = word(line);
    let key = shown(&line.written);
    if is_done_anyway(line) {
        return;
    }
    match line.key.as_str() {
        "user" => settings.ssh.user = user(value, line.place, remarks),
        "port" => settings.ssh.port = port(value, line.place, remarks),
        "identityfile" => {
            let login = settings
                .ssh
                .user
                .clone()
                .or_else(|| first(stanzas, alias, "user").map(|line| word(line).to_owned()));
            let path = value.replace("%d", "~").replace("%h", &address(stanzas, alias)).replace("%n", alias);
            let path = login.map_or(path.clone(), |login| path.replace("%r", &login));
            settings.ssh.identity = identity(&path, line.place, remarks);
        }
        "proxyjump" => settings.ssh.jump = bastion(value, line.place, stanzas, remarks),
        "proxycommand" => remarks.lost(line.place, no_proxy_command()),
        "stricthostkeychecking" => match value.to_lowercase().as_str() {
            "yes" => settings.ssh.host_keys = Some(HostKeyPolicy::Strict),
            "accept-new" => settings.ssh.host_keys = Some(HostKeyPolicy::AcceptNew),
            "ask" => {}
            _ => remarks.lost(line.place, unchecked_keys()),
        },
        "userknownhostsfile" if value == "/dev/null" => remarks.lost(line.place, unchecked_keys()),
        "connecttimeout" => match value.parse().map(Duration::from_secs) {
            Ok(limit) if (1..=600).contains(&limit.as_secs()) => settings.ssh.connect_timeout = Some(limit),
            _ => remarks.lost(line.place, unused(&key)),
        },
        _ => remarks.lost(line.place, unused(&key)),
    }
}

/// Whether a line is dealt with elsewhere, takes back what others say, or says what the tool does anyway.
fn is_done_anyway(line: &Line) -> bool {
    let value = word(line).to_lowercase();
    match line.key.as_str() {
        "hostname" => true,
        "identityfile" | "proxyjump" | "proxycommand" => value == "none",
        key => DONE_ANYWAY.contains(&(key, value.as_str())),
    }
}

fn unused(key: &str) -> Text {
    text!(
        en: "`{key}` is left out: an inventory has no such setting",
        pt: "`{key}` fica de fora: um inventário não tem essa configuração"
    )
}

/// A bastion, by what its name leads to where the same file says it.
fn bastion(written: &str, place: Place, stanzas: &[Stanza], remarks: &mut Remarks) -> Option<String> {
    let is_alias = aliases(stanzas).iter().any(|(alias, _)| *alias == written);
    if !is_alias {
        return jump(written, place, remarks);
    }
    let mut resolved = String::new();
    if let Some(login) = first(stanzas, written, "user") {
        resolved.push_str(&format!("{}@", word(login)));
    }
    let address = address(stanzas, written);
    let address = if address.contains(':') { format!("[{address}]") } else { address };
    resolved.push_str(&address);
    if let Some(number) = first(stanzas, written, "port") {
        resolved.push_str(&format!(":{}", word(number)));
    }
    for key in ["identityfile", "proxyjump", "proxycommand"] {
        if let Some(line) = first(stanzas, written, key) {
            let (key, bastion) = (shown(&line.written), shown(written));
            remarks.lost(
                line.place,
                text!(
                    en: "`{key}` of the bastion `{bastion}` is left out: keep it in your own ssh configuration",
                    pt: "`{key}` do bastion `{bastion}` fica de fora: mantenha na sua própria configuração de ssh"
                ),
            );
        }
    }
    jump(&resolved, place, remarks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_ssh() {
        for (line, expected) in [
            ("a b", "a|b"),
            ("\"C:/a b/key\" c # d", "C:/a b/key|c"),
            ("a#b", "a#b"),
            ("'a \"b'", "a \"b"),
            ("a\\\"b", "a\"b"),
            ("\"never closed", "never closed"),
            ("# only", ""),
            ("\"\"", ""),
        ] {
            assert_eq!(words(line).join("|"), expected, "{line}");
        }
        let line = line_of("  Port=22", Place::line(0, 1)).unwrap();
        assert_eq!((line.key.as_str(), word(&line)), ("port", "22"));
        let line = line_of("User = ana", Place::line(0, 1)).unwrap();
        assert_eq!((line.key.as_str(), word(&line)), ("user", "ana"));
    }
}
