//! Practices as an inventory uses them: which hosts have which, with which values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Map;

use super::files::Files;
use super::inherited::PlacedRole;
use super::placed::PlacedCluster;
use super::raw;
use super::raw::subject;
use super::settings::Level;
use super::surroundings::{Extent, Surroundings};
use super::values::RoleName;
use crate::document::complaint::Complaint;
use crate::document::reader::{Field, Reader};
use crate::document::recorder::Recorder;
use crate::document::suggestion::{self, shown};
use crate::document::syntax;
use crate::document::tree::Tree;
use crate::document::zip::Zip;
use crate::model::{CheckKind, Cluster, Text, Value, text};
use crate::practice::{Class, Library, wrong_name};
use crate::roles::{self, Practice};

/// Where practices are looked for, beside the inventory.
const FOLDER: &str = "practices";

/// The practices of an inventory.
pub fn library(field: &Field<String>, files: &Files<'_>, path: &Path) -> Library {
    let named = files.path(Some(field));
    if let Some((at, folder)) = named.as_ref().filter(|(_, folder)| !folder.is_dir()) {
        let message = text!(
            en: "the folder {folder} does not exist",
            pt: "a pasta {folder} não existe", folder = folder.display()
        );
        files.recorder.add(
            *at,
            message,
            text!(
                en: "check the path; it is relative to the inventory",
                pt: "confira o caminho; ele é relativo ao inventário",
            ),
        );
    }
    Library::open(&named.map_or_else(|| beside(path), |(_, folder)| folder))
}

/// Where the practices of an inventory are that names no folder for them.
fn beside(inventory: &Path) -> PathBuf {
    inventory.parent().unwrap_or(Path::new("")).join(FOLDER)
}

/// The folder of an inventory's practices, whatever else is in it, also where there is none yet.
pub fn practices_of(inventory: &Path) -> PathBuf {
    let recorder = Recorder::new(Text::default());
    let text = fs::read_to_string(inventory).unwrap_or_default();
    let document = syntax::parse(&text, &subject(), &recorder);
    let top = document.and_then(|document| {
        Reader::new(&document.tree, &recorder, &Zip::default(), Tree::ROOT).read::<raw::Inventory>()
    });
    let surroundings = Surroundings::of_this_machine(&|_, _, _| Ok(()), Extent::Used);
    let folder = top.and_then(|top| top.practices.value);
    let base = inventory.parent().unwrap_or(Path::new(""));
    folder.and_then(|folder| surroundings.path(base, &folder).ok()).unwrap_or_else(|| beside(inventory))
}

/// The practices among the roles of a host; `None` where a role is not known, which is recorded.
pub fn listed(roles: &[Field<RoleName>], library: &Library, recorder: &Recorder) -> Option<Vec<String>> {
    let mut practices: Vec<String> = Vec::new();
    let mut is_sound = true;
    for role in roles {
        let Some(RoleName(name)) = &role.value else {
            is_sound = false;
            continue;
        };
        if roles::ALL.iter().any(|role| role.name == name) || practices.contains(name) {
            continue;
        }
        if library.names().any(|known| known == name) {
            // Their columns stand in the order in which hosts first name them.
            let _ = CheckKind::of_practice(name);
            practices.push(name.clone());
        } else if let Some(at) = role.at {
            let known = roles::ALL.iter().map(|role| role.name).chain(library.names());
            let hint = suggestion::hint(name, &known.collect::<Vec<_>>());
            recorder.add(
                at,
                text!(en: "unknown role `{name}`", pt: "papel desconhecido `{name}`", name = shown(name)),
                hint,
            );
            is_sound = false;
        }
    }
    is_sound.then_some(practices)
}

/// A practice with what the inventory sets for a host: `vars: { NAME: { .. } }`, of each value the nearest.
pub fn unfilled(name: String, levels: &[Level<'_>], recorder: &Recorder) -> PlacedRole {
    let mut values = Map::new();
    for field in levels.iter().rev().filter_map(|level| level.vars.value.as_ref()?.get(&name)) {
        match (&field.value, field.at) {
            (Some(Value::Object(set)), at) => {
                for (name, value) in set {
                    match (wrong_name(name), at) {
                        (Some(Complaint { message, hint }), Some(at)) => recorder.add(at, message, hint),
                        _ => drop(values.insert(name.clone(), value.clone())),
                    }
                }
            }
            (Some(value), Some(at)) if !value.is_null() => recorder.add(
                at,
                text!(
                    en: "`{name}` is a practice, whose values are a map",
                    pt: "`{name}` é uma prática, cujos valores são um mapa", name = shown(&name)
                ),
                text!(
                    en: "write `{name}: {{ port: 5673 }}`, with the names of its defaults",
                    pt: "escreva `{name}: {{ port: 5673 }}`, com os nomes dos valores padrão dela", name = shown(&name)
                ),
            ),
            _ => {}
        }
    }
    let role = Practice { name, values, ..Practice::default() };
    PlacedRole { role: Arc::new(role), places: BTreeMap::new() }
}

/// Reads the practices that hosts have, and says what each host has by them.
pub fn fill(
    library: &mut Library,
    class: Class<'_>,
    extent: &Extent,
    everybody: &BTreeMap<String, Value>,
    clusters: &mut [PlacedCluster],
) {
    let hosts = || clusters.iter().flat_map(|cluster| &cluster.hosts);
    let roles = hosts().flat_map(|placed| &placed.host.roles);
    let used: BTreeSet<String> = roles.map(|role| role.name().to_owned()).collect();
    let wanted: Vec<String> = match extent {
        Extent::Used => used.iter().cloned().collect(),
        Extent::All => library.folders().map(str::to_owned).collect(),
        Extent::Only(names) => names.clone(),
    };
    for name in &wanted {
        library.read(name);
        if !used.contains(name) {
            library.try_out(name, class, everybody.clone());
        }
    }
    let has_practices = |cluster: &PlacedCluster| {
        let mut roles = cluster.hosts.iter().flat_map(|placed| &placed.host.roles);
        roles.any(|role| library.names().any(|name| name == role.name()))
    };
    for cluster in clusters.iter_mut().filter(|cluster| has_practices(cluster)) {
        let hosts = cluster.hosts.iter().map(|placed| placed.host.clone()).collect();
        let mut model = Cluster { name: cluster.name.clone(), hosts };
        library.fill(class, &mut model);
        for (placed, host) in cluster.hosts.iter_mut().zip(model.hosts) {
            placed.host = host;
        }
    }
}
