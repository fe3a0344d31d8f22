//! The practices beside an inventory.

use std::any::Any;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Map;

use super::definition::{Definition, FILE};
use super::names;
use super::voice::Voice;
use crate::document::complaint::Complaint;
use crate::document::fault::Faults;
use crate::model::{
    Become, Cluster, Connection, DEFAULT_CLUSTER, Host, HostId, Language, Meanwhile, Packages, Placement,
    Role, Text, Value, Variables, text,
};
use crate::probes::PROBES;
use crate::roles::{self, Practice};
use crate::template::Scope;

/// The host of a trial; the address is for documentation alone.
const TRIAL_HOST: &str = "host1";
const TRIAL_ADDRESS: &str = "192.0.2.1";

/// A folder of practices; each is read when it is asked for.
#[derive(Debug)]
pub struct Library {
    /// Where each is.
    folders: BTreeMap<String, PathBuf>,
    read: BTreeMap<String, Result<Definition, Faults>>,
}

/// What an inventory says to everybody.
#[derive(Debug, Clone, Copy)]
pub struct Class<'a> {
    pub title: Option<&'a str>,
    pub language: Language,
    /// Whether its hosts are named in messages: those of a trial are nobody's.
    pub is_real: bool,
}

impl Library {
    /// The practices in a folder, of which there need not be one.
    pub fn open(folder: &Path) -> Self {
        let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
        let paths = entries.map(|entry| entry.path()).filter(|path| path.join(FILE).is_file());
        let named = paths.filter_map(|path| Some((path.file_name()?.to_str()?.to_owned(), path)));
        Self { folders: named.collect(), read: BTreeMap::new() }
    }

    /// One practice in a folder of its own.
    pub fn of(path: &Path) -> Self {
        let folder = match path.parent() {
            Some(parent) if path.ends_with(FILE) && parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) if path.ends_with(FILE) => parent,
            _ => path,
        };
        // `.` is called like the folder that it is.
        let whole = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
        let name = whole.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { folders: BTreeMap::from([(name, folder.to_owned())]), read: BTreeMap::new() }
    }

    /// The names by which hosts may have them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.folders().filter(|name| wrong_folder(name).is_none())
    }

    /// The names of all folders, whether they can be a practice's or not.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        self.folders.keys().map(String::as_str)
    }

    /// Reads a practice, once.
    pub fn read(&mut self, name: &str) {
        if let Some(folder) = self.folders.get(name)
            && !self.read.contains_key(name)
        {
            let read = match wrong_folder(name) {
                Some(complaint) => Err(Faults::new(&folder.join(FILE), "", vec![(0..0, complaint)], 0)),
                None => Definition::read(name, folder.clone()),
            };
            if let Ok(definition) = &read {
                definition.check_names();
            }
            self.read.insert(name.to_owned(), read);
        }
    }

    fn definition(&self, name: &str) -> Option<&Definition> {
        self.read.get(name)?.as_ref().ok()
    }

    /// Says of every practice that a cluster's hosts have what it is there: by host, and by role within it.
    pub fn fill(&self, class: Class<'_>, cluster: &mut Cluster) {
        let of_cluster = names::of_cluster(cluster);
        let shared = Scope::new(&of_cluster);
        let of_hosts: Vec<Variables> =
            cluster.hosts.iter().map(|host| names::of_host(&place(class, cluster, host))).collect();
        let scopes: Vec<Scope<'_>> = of_hosts.iter().map(|variables| shared.with(variables)).collect();
        let mut filled = cluster.clone();
        for (host, scope) in filled.hosts.iter_mut().zip(&scopes) {
            let id = host.id.clone();
            each_practice(host, |practice| {
                if let Some(definition) = self.definition(&practice.name) {
                    practice.values =
                        definition.values(scope, class.is_real.then_some(id.as_str()), &practice.values);
                }
            });
        }
        let all = roles::ALL.iter().map(|role| role.name).chain(self.names());
        let by_role = names::hosts_by_role(&filled, all, |host, role| {
            host.roles
                .iter()
                .find(|known| known.name() == role)
                .and_then(of_practice)
                .map(|practice| practice.values.clone())
        });
        let with_peers = Scope::new(&of_cluster).with(&by_role);
        for (host, of_host) in filled.hosts.iter_mut().zip(&of_hosts) {
            let scope = with_peers.with(of_host);
            let id = host.id.clone();
            each_practice(host, |practice| {
                if let Some(definition) = self.definition(&practice.name) {
                    let values = Variables::from(practice.values.clone());
                    let voice = Voice {
                        definition,
                        scope: scope.with(&values),
                        host: class.is_real.then_some(id.as_str()),
                    };
                    let wishes = voice.wishes();
                    practice.title = definition.title();
                    practice.places = wishes.resources.iter().map(|(at, _)| definition.place(*at)).collect();
                    practice.resources = wishes.resources.into_iter().map(|(_, resource)| resource).collect();
                    practice.ports = wishes.ports;
                    practice.probes = voice.probes();
                }
            });
        }
        drop(scopes);
        *cluster = filled;
    }

    /// Tries a practice out on a host that there is not, with these values of everybody's.
    pub fn try_out(&mut self, name: &str, class: Class<'_>, vars: BTreeMap<String, Value>) {
        self.read(name);
        let values = match vars.get(name) {
            Some(Value::Object(values)) => values.clone(),
            _ => Map::new(),
        };
        let practice = Practice { name: name.to_owned(), values, ..Practice::default() };
        let mut cluster = Cluster {
            name: DEFAULT_CLUSTER.to_owned(),
            hosts: vec![Host {
                id: HostId::new(DEFAULT_CLUSTER, TRIAL_HOST),
                cluster: DEFAULT_CLUSTER.to_owned(),
                name: TRIAL_HOST.to_owned(),
                index: 1,
                private_address: TRIAL_ADDRESS.to_owned(),
                roles: vec![Arc::new(practice)],
                connection: Connection::to(TRIAL_ADDRESS),
                r#become: Become::default(),
                vars,
                packages: Packages::default(),
            }],
        };
        self.fill(Class { is_real: false, ..class }, &mut cluster);
    }

    /// Leaves only these, where any are named.
    pub fn keep(&mut self, names: &[String]) {
        self.folders.retain(|name, _| names.is_empty() || names.contains(name));
    }

    /// What people call each.
    pub fn titles(&mut self) -> BTreeMap<String, Text> {
        let names: Vec<String> = self.names().map(str::to_owned).collect();
        for name in &names {
            self.read(name);
        }
        let title = |name: String| Some((self.definition(&name)?.title(), name));
        names.into_iter().filter_map(title).map(|(title, name)| (name, title)).collect()
    }

    /// What is wrong with those that were read.
    pub fn faults(self) -> Faults {
        Faults::together(self.read.into_values().map(|read| match read {
            Ok(definition) => definition.faults(),
            Err(faults) => faults,
        }))
    }
}

/// What is wrong with several.
pub fn together(libraries: Vec<Library>) -> Faults {
    Faults::together(libraries.into_iter().map(Library::faults))
}

/// Changes the practices of a host.
fn each_practice(host: &mut Host, mut change: impl FnMut(&mut Practice)) {
    for role in &mut host.roles {
        if let Some(practice) = of_practice(role) {
            let mut practice = practice.clone();
            change(&mut practice);
            *role = Arc::new(practice);
        }
    }
}

fn of_practice(role: &Arc<dyn Role>) -> Option<&Practice> {
    (role.as_ref() as &dyn Any).downcast_ref()
}

fn place<'a>(class: Class<'a>, cluster: &'a Cluster, host: &'a Host) -> Placement<'a> {
    let Class { title, language, is_real: _ } = class;
    Placement { title, language, cluster, host, ipv6: true, meanwhile: Meanwhile::SETTLED }
}

/// Why a practice can't have a name.
pub fn wrong_folder(name: &str) -> Option<Complaint> {
    let is_taken = roles::ALL.iter().any(|role| role.name == name)
        || PROBES.iter().any(|probe| probe.kind.as_str() == name);
    if is_taken {
        let message = text!(
            en: "a practice can't be called `{name}`, as a role or probe of the tool is",
            pt: "uma prática não pode se chamar `{name}`, como um papel ou teste da ferramenta",
        );
        return Some(Complaint::new(
            message,
            text!(en: "give its folder another name", pt: "dê outro nome à pasta"),
        ));
    }
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    let sign = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || "_-".contains(sign);
    (!begins || name.len() > 40 || !name.chars().all(sign)).then(|| {
        let message = text!(
            en: "this folder has no name for a practice",
            pt: "esta pasta não tem nome de prática",
        );
        Complaint::new(
            message,
            text!(
                en: "use small letters, digits, `-` and `_`, beginning with a letter; at most 40",
                pt: "use letras minúsculas, dígitos, `-` e `_`, começando por letra; no máximo 40",
            ),
        )
    })
}
