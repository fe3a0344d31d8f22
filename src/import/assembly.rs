//! From the hosts that a source has to a draft that an inventory can be: what the reader of inventories would refuse is
//! left out here, and told.

use std::collections::HashMap;

use super::Choices;
use super::fit::{fit_roles, is_front};
use super::lift::lift;
use super::names::{Names, is_address};
use super::plain::shown;
use super::remark::{Place, Remarks};
use super::settings::without_login;
use crate::document::suggestion::nearest;
use crate::draft::{Cluster, Draft, Host, Settings};
use crate::error::{Error, Result};
use crate::inventory::{Address, JumpHost, canonical};
use crate::model::{Text, holds_secret, text};
use crate::roles;

/// More hosts are no class.
pub const HOST_LIMIT: usize = 10_000;
/// How many names a remark has at most.
const MOST_NAMES: usize = 8;

/// A host as a source has it.
#[derive(Debug, Clone, Default)]
pub struct Found {
    pub place: Option<Place>,
    /// As it is written, slug or not; `None` where the source does not name it.
    pub name: Option<String>,
    /// `None` for the only one.
    pub cluster: Option<Whose>,
    pub address: String,
    pub private_address: Option<String>,
    pub roles: Vec<String>,
    /// Whether nothing but its name says so.
    pub by_name: bool,
    pub settings: Settings,
    pub comment: Option<Text>,
}

/// The cluster of a host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Whose {
    /// What tells it from others, also from one of the same name.
    pub key: String,
    /// As it is written.
    pub written: String,
}

impl Whose {
    pub fn named(written: &str) -> Self {
        Self { key: written.to_owned(), written: written.to_owned() }
    }
}

/// What hosts without a cluster are put into where others have one.
const OTHERS: &str = "others";

/// Makes the draft. `source` is where the hosts are from, `how` says how a host gets a role there.
pub fn assemble(
    found: Vec<Found>,
    source: usize,
    choices: &Choices,
    how: &Text,
    remarks: &mut Remarks,
) -> Result<Draft> {
    if found.len() > HOST_LIMIT {
        return Err(too_many_hosts());
    }
    let place = |found: &Found| found.place.unwrap_or(Place::whole(source));
    let has_clusters = found.iter().any(|found| found.cluster.is_some());
    let mut clusters: Vec<(Cluster, Vec<Place>)> = Vec::new();
    let mut known: HashMap<Option<String>, usize> = HashMap::new();
    let mut names = Names::of_clusters();
    let mut machines: HashMap<_, String> = HashMap::new();
    let mut renamed = Renamed::default();
    tell_strange_roles(choices, Place::whole(source), remarks);
    tell_by_name(&found, Place::whole(source), remarks);
    for mut found in found {
        let place = place(&found);
        let cluster = found.cluster.as_ref().map(|whose| whose.written.as_str());
        if found.name.as_deref().into_iter().chain(cluster).any(holds_secret) {
            remarks.lost(
                place,
                text!(
                    en: "a host is left out: what it or its cluster is called looks like a secret",
                    pt: "um host fica de fora: o nome dele ou de seu cluster parece um segredo"
                ),
            );
            continue;
        }
        let ssh = &mut found.settings.ssh;
        ssh.user = ssh.user.take().or_else(|| choices.user.clone());
        ssh.identity = ssh.identity.take().or_else(|| choices.identity.clone());
        let Some(host) = host(&found, place, remarks) else { continue };
        let machine = machine(&host);
        let name = label(&found);
        if let Some(first) = machines.get(&machine) {
            let (name, first) = (shown(&name), shown(first));
            remarks.lost(
                place,
                text!(
                    en: "`{name}` is the machine of `{first}` by address and port, and left out: two roles of one \
                         machine are one host",
                    pt: "`{name}` é a máquina de `{first}` por endereço e porta, e fica de fora: dois papéis de uma \
                         máquina são um host"
                ),
            );
            continue;
        }
        machines.insert(machine, name);
        // Without a key also where a team is called as they are.
        let key = found.cluster.as_ref().map(|whose| whose.key.clone());
        let cluster = *known.entry(key).or_insert_with(|| {
            let written = found.cluster.as_ref().map(|whose| whose.written.as_str());
            let written = written.or(has_clusters.then_some(OTHERS));
            let name = written.map(|written| renamed.name(&mut names, written, place, remarks));
            clusters.push((Cluster { name, ..Cluster::default() }, Vec::new()));
            clusters.len() - 1
        });
        let (cluster, places) = &mut clusters[cluster];
        cluster.hosts.push(host);
        places.push(place);
    }
    for (cluster, places) in &mut clusters {
        fit_roles(cluster, places, remarks);
        name_hosts(cluster, places, &mut renamed, remarks);
    }
    renamed.tell(Place::whole(source), remarks);
    let mut clusters: Vec<Cluster> = clusters.into_iter().map(|(cluster, _)| cluster).collect();
    tell_without_roles(&clusters, Place::whole(source), how, remarks);
    let settings = lift(&mut clusters);
    Ok(Draft { settings, clusters, ..Draft::default() })
}

/// That no class has so many hosts.
pub fn too_many_hosts() -> Error {
    Error::usage(text!(
        en: "there are more than {HOST_LIMIT} hosts",
        pt: "são mais de {HOST_LIMIT} máquinas",
    ))
    .hint(text!(
        en: "is a range longer than it should be? Else import parts of it",
        pt: "algum intervalo é maior do que devia? Senão, importe em partes",
    ))
}

/// The host with addresses that may stand in an inventory, its name as it was written.
fn host(found: &Found, place: Place, remarks: &mut Remarks) -> Option<Host> {
    let name = || found.name.as_deref().map_or_else(|| without_login(&found.address), shown);
    let Ok(Address(address)) = Address::try_from(found.address.clone()) else {
        let (name, address) = (name(), without_login(&found.address));
        remarks.lost(
            place,
            text!(
                en: "host `{name}` is left out: `{address}` is no address",
                pt: "o host `{name}` fica de fora: `{address}` não é um endereço"
            ),
        );
        return None;
    };
    let private_address = found.private_address.clone().and_then(|written| {
        let private = Address::try_from(written.clone()).ok().map(|address| address.0);
        if private.is_none() {
            let (name, written) = (name(), without_login(&written));
            remarks.lost(
                place,
                text!(
                    en: "the private address of `{name}` is left out: `{written}` is no address",
                    pt: "o endereço privado de `{name}` fica de fora: `{written}` não é um endereço"
                ),
            );
        }
        private.filter(|private| *private != address)
    });
    Some(Host {
        name: found.name.clone().unwrap_or_default(),
        comment: found.comment.clone(),
        address,
        private_address,
        roles: found.roles.clone(),
        settings: found.settings.clone(),
    })
}

/// What the reader of inventories takes for one machine.
fn machine(host: &Host) -> (String, u16, Option<(String, Option<u16>)>) {
    let jump = host.settings.ssh.jump.clone().and_then(|jump| JumpHost::try_from(jump).ok());
    let jump = jump.map(|JumpHost(jump)| (jump.host, jump.port));
    (canonical(&host.address), host.settings.ssh.port.unwrap_or(22), jump)
}

/// Names that an inventory can't have, and what they became.
#[derive(Debug, Default)]
struct Renamed(Vec<(String, String)>);

impl Renamed {
    /// The name near to what was written; one that somebody has already is told at once.
    fn name(&mut self, names: &mut Names, written: &str, place: Place, remarks: &mut Remarks) -> String {
        let (name, is_second) = names.give(written);
        if is_second {
            let written = shown(written);
            remarks.told(
                place,
                text!(
                    en: "`{written}` is named `{name}` here, for another one has the name without a number",
                    pt: "`{written}` chama-se `{name}` aqui, pois outro tem o nome sem número"
                ),
            );
        } else if name != written {
            self.0.push((written.to_owned(), name.clone()));
        }
        name
    }

    fn tell(self, place: Place, remarks: &mut Remarks) {
        let pairs: Vec<Text> = self
            .0
            .iter()
            .map(|(written, name)| Text::verbatim(format!("`{}` → `{name}`", shown(written))))
            .collect();
        if !pairs.is_empty() {
            let pairs = Text::list(&pairs, MOST_NAMES);
            remarks.told(
                place,
                text!(
                    en: "names are written as an inventory can have them: {pairs}",
                    pt: "nomes são escritos como um inventário os pode ter: {pairs}",
                    pairs
                ),
            );
        }
    }
}

/// What a host is called in remarks before it has its name.
fn label(found: &Found) -> String {
    let name = found.name.as_ref().unwrap_or(&found.address);
    match &found.cluster {
        Some(whose) => format!("{}/{name}", whose.written),
        None => name.clone(),
    }
}

/// Names each host; those that are called by their address, or not at all, are named by their leading role.
fn name_hosts(cluster: &mut Cluster, places: &[Place], renamed: &mut Renamed, remarks: &mut Remarks) {
    let mut names = Names::default();
    let is_unnamed = |host: &Host| host.name.is_empty() || is_address(&host.name);
    for (host, place) in cluster.hosts.iter_mut().zip(places) {
        if !is_unnamed(host) {
            host.name = renamed.name(&mut names, &host.name, *place, remarks);
        }
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for host in cluster.hosts.iter().filter(|host| is_unnamed(host)) {
        *counts.entry(stem(host)).or_default() += 1;
    }
    let mut numbers: HashMap<&str, usize> = HashMap::new();
    for host in cluster.hosts.iter_mut().filter(|host| is_unnamed(host)) {
        let stem = stem(host);
        let number = numbers.entry(stem).or_default();
        *number += 1;
        let is_alone = counts[stem] == 1 && host.roles.iter().any(|role| is_front(role));
        let wanted = if is_alone { stem.to_owned() } else { format!("{stem}{number:02}") };
        let (name, _) = names.give(&wanted);
        let written = std::mem::replace(&mut host.name, name.clone());
        if !written.is_empty() {
            renamed.0.push((written, name));
        }
    }
}

/// What the name of a host begins with that has none.
fn stem(host: &Host) -> &'static str {
    let role = host.roles.iter().find_map(|name| roles::ALL.iter().find(|role| role.name == name));
    role.and_then(|role| role.called.first()).unwrap_or(&"host")
}

/// A mistyped role would be a practice that nobody has.
fn tell_strange_roles(choices: &Choices, place: Place, remarks: &mut Remarks) {
    for role in choices.roles.strange() {
        let name = shown(role);
        let said = match nearest(role, roles::ALL.iter().map(|role| role.name)) {
            Some(near) => text!(
                en: "`{name}` of `--role` is none of the tool's own roles: did you mean `{near}`? Else it is a practice, in \
                     `practices/{name}` beside the inventory",
                pt: "`{name}` de `--role` não é um papel da própria ferramenta: seria `{near}`? Senão é uma prática, em \
                     `practices/{name}` ao lado do inventário"
            ),
            None => text!(
                en: "`{name}` of `--role` is a practice: it has to be in `practices/{name}` beside the inventory",
                pt: "`{name}` de `--role` é uma prática: tem de estar em `practices/{name}` ao lado do inventário"
            ),
        };
        remarks.told(place, said);
    }
}

fn tell_by_name(found: &[Found], place: Place, remarks: &mut Remarks) {
    let mut named: Vec<(&String, Vec<Text>)> = Vec::new();
    for host in found.iter().filter(|host| host.by_name) {
        let name = Text::verbatim(shown(host.name.as_ref().unwrap_or(&host.address)));
        for role in &host.roles {
            match named.iter_mut().find(|(known, _)| *known == role) {
                Some((_, names)) => names.push(name.clone()),
                None => named.push((role, vec![name.clone()])),
            }
        }
    }
    for (role, names) in named {
        let names = Text::list(&names, MOST_NAMES);
        remarks.told(
            place,
            text!(
                en: "by their names these have the role `{role}`: {names}",
                pt: "pelos nomes estes têm o papel `{role}`: {names}",
                names
            ),
        );
    }
}

fn tell_without_roles(clusters: &[Cluster], place: Place, how: &Text, remarks: &mut Remarks) {
    let without = clusters.iter().flat_map(|cluster| {
        let hosts = cluster.hosts.iter().filter(|host| host.roles.is_empty());
        hosts.map(|host| match &cluster.name {
            Some(cluster) => Text::verbatim(format!("{cluster}/{}", host.name)),
            None => Text::verbatim(host.name.as_str()),
        })
    });
    let without: Vec<Text> = without.collect();
    if !without.is_empty() {
        let names = Text::list(&without, MOST_NAMES);
        remarks.told(
            place,
            text!(
                en: "without a role, so that nothing is set up there: {names}; {how}",
                pt: "sem papel, de modo que nada é instalado lá: {names}; {how}",
                names,
                how
            ),
        );
    }
}
