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
use super::stanzas::{Config, Line, address, expanded, first, word};
use super::{Choices, Imported, finish};
use crate::draft::Settings;
use crate::error::{Error, Result};
use crate::inventory::split_port;
use crate::model::{HostKeyPolicy, Text, text};

/// Keys that say nothing more than the tool does anyway.
const DONE_ANYWAY: [(&str, &str); 3] =
    [("identitiesonly", "yes"), ("passwordauthentication", "no"), ("batchmode", "yes")];

/// Where code is kept, and no class.
const FORGES: [&str; 5] = ["github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "ssh.dev.azure.com"];

/// Imports the hosts whose names match one of the patterns; all of them where there is none.
pub fn ssh_config(text: Source, patterns: &[String], choices: &Choices) -> Result<Imported> {
    if text.text.contains("Vagrant.configure") {
        return Err(Error::usage(text!(
            en: "{name} is a Vagrantfile, which is a program",
            pt: "{name} é um Vagrantfile, que é um programa", name = text.name
        ))
        .hint(text!(
            en: "where it lies: `vagrant up`, `vagrant ssh-config > machines.txt`, and import that file",
            pt: "na pasta dele: `vagrant up`, `vagrant ssh-config > machines.txt`, e importe esse arquivo",
        )));
    }
    let mut sources = Sources::default();
    let mut remarks = Remarks::default();
    let name = text.name.clone();
    let source = sources.add(text);
    let config = Config::read(&sources.get(source).text, source, &mut remarks);
    let wanted: Vec<WildMatch> = patterns.iter().map(|pattern| WildMatch::new(pattern)).collect();
    let mut found = Vec::new();
    for (alias, place) in config.aliases() {
        if !wanted.is_empty() && !wanted.iter().any(|pattern| pattern.matches(alias)) {
            continue;
        }
        found.extend(host(alias, place, &config, &choices.roles, &mut remarks));
    }
    if found.is_empty() {
        let (message, hint) = if wanted.is_empty() {
            (
                text!(en: "{name} names no host", pt: "{name} não dá nome a nenhuma máquina"),
                text!(
                    en: "each host has a line `Host NAME` without `*`; files that it includes are imported one by one",
                    pt: "cada máquina tem uma linha `Host NOME` sem `*`; arquivos incluídos são importados um a um",
                ),
            )
        } else {
            (
                text!(
                    en: "no host of {name} matches {patterns}",
                    pt: "nenhuma máquina de {name} casa com {patterns}", patterns = patterns.join(", ")
                ),
                text!(
                    en: "check the pattern: `--pattern 'web*'`",
                    pt: "confira o padrão: `--pattern 'web*'`",
                ),
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

fn host(
    alias: &str,
    place: Place,
    config: &Config,
    roles: &RoleWords,
    remarks: &mut Remarks,
) -> Option<Found> {
    let lines = config.lines(alias);
    let address = address(&lines, alias);
    let login = first(&lines, "user");
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
    for line in &lines {
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
            take(line, alias, &lines, config, &mut settings, remarks);
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
fn take(
    line: &Line,
    alias: &str,
    lines: &[&Line],
    config: &Config,
    settings: &mut Settings,
    remarks: &mut Remarks,
) {
    let value = word(line);
    if is_done_anyway(line) {
        return;
    }
    match line.key.as_str() {
        "user" => settings.ssh.user = user(value, line.place, remarks),
        "port" => settings.ssh.port = port(value, line.place, remarks),
        "identityfile" => {
            let path = expanded(value, |sign| match sign {
                'd' => Some("~".to_owned()),
                'h' => Some(address(lines, alias)),
                'n' => Some(alias.to_owned()),
                'r' => first(lines, "user").map(|line| word(line).to_owned()),
                _ => None,
            });
            settings.ssh.identity = identity(&path, line.place, remarks);
        }
        "proxyjump" => settings.ssh.jump = bastion(value, line.place, config, remarks),
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
            _ => remarks.lost(line.place, unused(&line.written)),
        },
        _ => remarks.lost(line.place, unused(&line.written)),
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
    let key = shown(key);
    text!(
        en: "`{key}` is left out: an inventory has no such setting",
        pt: "`{key}` fica de fora: um inventário não tem essa configuração"
    )
}

/// A bastion, by what its name leads to where the same file says it.
fn bastion(written: &str, place: Place, config: &Config, remarks: &mut Remarks) -> Option<String> {
    // A user and a port of its own go before those of the entry.
    let (user, rest) = written.rsplit_once('@').map_or((None, written), |(user, rest)| (Some(user), rest));
    let (name, number) = split_port(rest);
    if !config.names(name) {
        return jump(written, place, remarks);
    }
    let lines = config.lines(name);
    let mut resolved = String::new();
    if let Some(login) =
        user.map(str::to_owned).or_else(|| first(&lines, "user").map(|line| word(line).to_owned()))
    {
        resolved.push_str(&format!("{login}@"));
    }
    let address = address(&lines, name);
    let address = if address.contains(':') { format!("[{address}]") } else { address };
    resolved.push_str(&address);
    if let Some(number) =
        number.map(str::to_owned).or_else(|| first(&lines, "port").map(|line| word(line).to_owned()))
    {
        resolved.push_str(&format!(":{number}"));
    }
    for key in ["identityfile", "proxyjump", "proxycommand"] {
        if let Some(line) = first(&lines, key) {
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
