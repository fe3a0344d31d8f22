//! Inheritance: of every setting the nearest wins, key by key. Host over cluster over inventory.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::files::Files;
use crate::document::reader::Field;
use crate::document::tree::NodeId;
use crate::model::Role;

/// The nearest level that has a key.
pub fn nearest<'a, L, T: 'a>(
    levels: &[&'a Field<L>],
    key: impl Fn(&'a L) -> &'a Field<T>,
) -> Option<&'a Field<T>> {
    levels.iter().filter_map(|level| level.value.as_ref()).map(key).find(|field| field.at.is_some())
}

/// The nearest value, where it is good.
pub fn value<'a, L, T: Clone + 'a>(
    levels: &[&'a Field<L>],
    key: impl Fn(&'a L) -> &'a Field<T>,
) -> Option<T> {
    nearest(levels, key).and_then(|field| field.value.clone())
}

/// A role, and where its settings stand for faults that show only later; defaults stand nowhere.
#[derive(Clone)]
pub struct PlacedRole {
    pub role: Arc<dyn Role>,
    pub places: BTreeMap<&'static str, NodeId>,
}

/// The levels of a role's settings, and where those stand that were read.
pub struct Inherited<'a, L> {
    levels: Vec<&'a Field<L>>,
    files: &'a Files<'a>,
    places: BTreeMap<&'static str, NodeId>,
}

impl<'a, L> Inherited<'a, L> {
    /// Nearest level first.
    pub fn new(levels: impl Iterator<Item = &'a Field<L>>, files: &'a Files<'a>) -> Self {
        Self { levels: levels.collect(), files, places: BTreeMap::new() }
    }

    /// The nearest value of a setting, where it is good.
    pub fn value<T: Clone + 'a>(
        &mut self,
        setting: &'static str,
        key: impl Fn(&'a L) -> &'a Field<T>,
    ) -> Option<T> {
        let field = nearest(&self.levels, key)?;
        self.places.extend(field.at.map(|at| (setting, at)));
        field.value.clone()
    }

    /// The nearest template of the user's.
    pub fn template(
        &mut self,
        setting: &'static str,
        key: impl Fn(&'a L) -> &'a Field<String>,
    ) -> Option<PathBuf> {
        let (path, at) = self.files.template(nearest(&self.levels, key));
        self.places.extend(at.map(|at| (setting, at)));
        path
    }

    pub fn placed(self, role: impl Role) -> PlacedRole {
        PlacedRole { role: Arc::new(role), places: self.places }
    }
}
