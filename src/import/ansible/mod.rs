//! Inventories of Ansible, INI and YAML, with the variables beside them. Inventory programs, plugins, vaults and
//! expressions are data here, and stay where they are.

mod arguments;
mod connection;
mod ini;
mod model;
mod pattern;
mod yaml;

use std::collections::HashMap;
use std::path::Path;

use wildmatch::WildMatch;

use super::assembly::{Found, Whose, assemble, too_many_hosts};
use super::files::{InventoryFiles, VariablesFile, VariablesFolders};
use super::plain::shown;
use super::remark::{Place, Remarks};
use super::source::{Source, Sources};
use super::{Choices, Imported, finish};
use crate::document::suggestion;
use crate::error::{Error, Result};
use crate::model::text;
use connection::{Described, describe};
use model::{Inventory, UNGROUPED, Variables};

/// Imports an inventory, of one file or of those of a folder. Groups that match one of `teams` are clusters.
pub fn ansible(
    files: InventoryFiles,
    folders: VariablesFolders,
    teams: &[String],
    choices: &Choices,
) -> Result<Imported> {
    let mut sources = Sources::default();
    let mut remarks = Remarks::default();
    let InventoryFiles { name, files, skipped } = files;
    let mut inventory = Inventory::default();
    for mut source in files {
        refuse_programs(&source)?;
        let is_yaml = is_yaml(&source);
        if is_yaml {
            source.text = yaml::with_whole_signs(&source.text);
        }
        let number = sources.add(source);
        let source = sources.get(number);
        inventory.extend(if is_yaml {
            yaml::read(source, number, &mut remarks)?
        } else {
            ini::read(&source.text, number, &mut remarks)
        });
        if inventory.is_too_large() {
            return Err(too_many_hosts());
        }
    }
    inventory.group_files = variables(folders.groups, &mut sources, &mut remarks);
    inventory.host_files = variables(folders.hosts, &mut sources, &mut remarks);
    for (path, why) in skipped.into_iter().chain(folders.skipped) {
        let skipped = sources.add(Source { name: path, text: String::new() });
        remarks.lost(Place::whole(skipped), why);
    }
    let teams = Teams::of(teams, &inventory, &name)?;
    let hierarchy = inventory.hierarchy();
    let mut found = Vec::new();
    for (name, host) in &inventory.hosts {
        let Some(Described { address, private_address, mut settings }) =
            describe(name, hierarchy.variables(name), &mut remarks)
        else {
            continue;
        };
        settings.ssh.port = settings.ssh.port.or(host.port);
        let levels = hierarchy.levels(name);
        let (roles, by_name) = roles(name, &levels, &teams, &inventory, choices, &mut remarks);
        found.push(Found {
            place: Some(host.place),
            name: Some(name.clone()),
            cluster: teams.of_host(name, &levels, host.place, &mut remarks),
            address: address.unwrap_or_else(|| name.clone()),
            private_address,
            roles,
            by_name,
            settings,
            comment: None,
        });
    }
    if found.is_empty() && inventory.hosts.is_empty() {
        return Err(Error::usage(
            text!(en: "{name} names no host", pt: "{name} não dá nome a nenhuma máquina"),
        )
        .hint(text!(
            en: "is this the inventory? `ansible.cfg` or `ansible-playbook -i` names it",
            pt: "é mesmo o inventário? `ansible.cfg` ou `ansible-playbook -i` diz qual é",
        )));
    }
    let how = text!(en: "give one by `--role web=GROUP`", pt: "dê um com `--role web=GRUPO`");
    let draft = assemble(found, 0, choices, &how, &mut remarks)?;
    finish(draft, remarks, &sources)
}

/// What would have to be run or decrypted to be read.
fn refuse_programs(source: &Source) -> Result<()> {
    let Source { name, text } = source;
    if text.starts_with("#!") {
        return Err(Error::usage(text!(
            en: "{name} is a program that lists hosts, and import runs nothing",
            pt: "{name} é um programa que lista máquinas, e import não executa nada",
        ))
            .hint(
                text!(
                    en: "run it yourself: `ansible-inventory -i FILE --list --yaml > hosts.yml`, and import that",
                    pt: "execute-o você: `ansible-inventory -i FILE --list --yaml > hosts.yml`, e importe o resultado",
                ),
            ));
    }
    if text.starts_with("$ANSIBLE_VAULT") {
        return Err(Error::usage(text!(
            en: "{name} is encrypted by Ansible Vault",
            pt: "{name} está cifrado pelo Ansible Vault",
        ))
            .hint(text!(
                en: "read it yourself: `ansible-vault view FILE`, and import what may be seen of it: `provision import ansible -`",
                pt: "leia-o você: `ansible-vault view FILE`, e importe o que puder ser visto: `provision import ansible -`",
            )));
    }
    Ok(())
}

/// By the ending, as Ansible does, else by the first line that says something.
fn is_yaml(source: &Source) -> bool {
    let ending = Path::new(&source.name).extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("yml" | "yaml" | "json") => true,
        Some("ini") => false,
        _ => {
            let lines = source.text.lines().map(str::trim);
            let mut lines = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
            lines.next().is_some_and(|line| line == "---" || line.ends_with(':') || line.starts_with('{'))
        }
    }
}

fn variables(
    files: Vec<VariablesFile>,
    sources: &mut Sources,
    remarks: &mut Remarks,
) -> HashMap<String, Variables> {
    let mut found: HashMap<String, Variables> = HashMap::new();
    for VariablesFile { owner, mut source } in files {
        source.text = yaml::with_whole_signs(&source.text);
        let number = sources.add(source);
        let variables = yaml::variables(sources.get(number), number, remarks);
        found.entry(owner).or_default().extend(variables);
    }
    found
}

/// The roles of a host, and whether only its name says so. What the user says of a group holds for all within it; a
/// name is taken at its word only of the nearest groups that have such a name.
fn roles(
    host: &str,
    levels: &[Vec<&str>],
    teams: &Teams,
    inventory: &Inventory,
    choices: &Choices,
    remarks: &mut Remarks,
) -> (Vec<String>, bool) {
    let mut found = Vec::new();
    for level in levels {
        let is_guessing = found.is_empty();
        for group in level {
            let roles = if is_guessing { choices.roles.of(group) } else { choices.roles.named(group) };
            if roles.is_empty() {
                continue;
            }
            if let Some(place) = inventory.groups.get(*group).and_then(|group| group.place) {
                let (group, roles) = (shown(group), roles.join(", "));
                remarks.told(
                    place,
                    text!(
                        en: "hosts of the group `{group}` have the role `{roles}`",
                        pt: "hosts do grupo `{group}` têm o papel `{roles}`"
                    ),
                );
            }
            found.extend(roles);
        }
    }
    // A group that means nothing here says all the same what its hosts are for.
    let mut groups = levels.iter().flatten();
    let by_name = found.is_empty() && groups.all(|group| *group == UNGROUPED || teams.has(group));
    if by_name {
        found = choices.roles.of_host(host);
    }
    (found, by_name)
}

/// Groups that are clusters.
struct Teams(Vec<WildMatch>);

impl Teams {
    fn of(patterns: &[String], inventory: &Inventory, name: &str) -> Result<Self> {
        let teams = Self(patterns.iter().map(|pattern| WildMatch::new(pattern)).collect());
        if !patterns.is_empty() && !inventory.groups.keys().any(|group| teams.has(group)) {
            let groups: Vec<String> = inventory.groups.keys().take(20).map(|group| shown(group)).collect();
            let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
            let known = suggestion::list(&groups);
            return Err(Error::usage(text!(
                en: "no group of {name} matches {patterns}",
                pt: "nenhum grupo de {name} casa com {patterns}", patterns = patterns.join(", ")
            ))
            .hint(text!(en: "its groups are {known}", pt: "os grupos são {known}", known)));
        }
        Ok(teams)
    }

    fn has(&self, group: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches(group))
    }

    /// The cluster of a host: the nearest of its groups that is one.
    fn of_host(
        &self,
        host: &str,
        levels: &[Vec<&str>],
        place: Place,
        remarks: &mut Remarks,
    ) -> Option<Whose> {
        let mut teams = levels.iter().flatten().filter(|group| self.has(group));
        let team = teams.next()?;
        if let Some(other) = teams.next() {
            let (host, team, other) = (shown(host), shown(team), shown(other));
            remarks.lost(
                place,
                text!(
                    en: "host `{host}` is in the cluster `{team}` alone, and not also in `{other}`",
                    pt: "o host `{host}` fica só no cluster `{team}`, e não também em `{other}`"
                ),
            );
        }
        Some(Whose::named(team))
    }
}
