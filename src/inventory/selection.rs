//! Which hosts a command is for: `-l/--limit 'ana/*,!ana/web02'` and `--role web`.

use globset::{Glob, GlobBuilder, GlobMatcher};

use crate::document::range::{Pattern, Range};
use crate::document::suggestion;
use crate::error::{Error, Result};
use crate::model::{Host, HostId, Inventory};

/// A choice of hosts, not yet applied to an inventory.
#[derive(Debug, Clone)]
pub struct Selection {
    include: Vec<Term>,
    exclude: Vec<Term>,
    role: Option<String>,
}

/// A part of a limit between commas.
#[derive(Debug, Clone)]
struct Term {
    written: String,
    /// More than one where a range was in it.
    globs: Vec<GlobMatcher>,
}

impl Selection {
    pub fn parse(limit: Option<&str>, role: Option<&str>) -> Result<Self> {
        let mut selection = Self { include: Vec::new(), exclude: Vec::new(), role: role.map(str::to_owned) };
        for written in limit.unwrap_or_default().split(',').map(str::trim).filter(|term| !term.is_empty()) {
            let (pattern, list) = match written.strip_prefix('!') {
                Some(pattern) => (pattern.trim(), &mut selection.exclude),
                None => (written, &mut selection.include),
            };
            list.push(Term { written: pattern.to_owned(), globs: globs(pattern)? });
        }
        Ok(selection)
    }

    /// The hosts chosen, in the order of the inventory. A part that means no host, and a choice of no host at all,
    /// are errors: most likely a name is misspelt.
    pub fn apply(&self, inventory: &Inventory) -> Result<Vec<HostId>> {
        for term in self.include.iter().chain(&self.exclude) {
            if !inventory.hosts().any(|host| term.means(host)) {
                return Err(no_match(&term.written, inventory));
            }
        }
        let named: Vec<&Host> = inventory
            .hosts()
            .filter(|host| self.include.is_empty() || self.include.iter().any(|term| term.means(host)))
            .filter(|host| !self.exclude.iter().any(|term| term.means(host)))
            .collect();
        if named.is_empty() {
            return Err(Error::usage("the limit leaves no host")
                .hint("`!` excludes: remove a part that begins with it"));
        }
        let chosen: Vec<HostId> = named
            .iter()
            .filter(|host| self.role.as_deref().is_none_or(|role| host.role(role).is_some()))
            .map(|host| host.id.clone())
            .collect();
        match &self.role {
            Some(role) if chosen.is_empty() => {
                let known: Vec<&str> = inventory.hosts().flat_map(Host::role_names).collect();
                let near = suggestion::nearest(role, known.iter().copied()).filter(|near| near != role);
                Err(Error::usage(format!("no selected host has the role {}", suggestion::shown(role))).hint(
                    near.map_or_else(
                        || "`provision inventory list` shows hosts and their roles".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    ),
                ))
            }
            _ => Ok(chosen),
        }
    }
}

impl Term {
    /// A term means hosts by their full name, and all hosts of a cluster by the cluster's name.
    fn means(&self, host: &Host) -> bool {
        self.globs.iter().any(|glob| glob.is_match(host.id.as_str()) || glob.is_match(&host.cluster))
    }
}

/// The globs of a term, ranges as in the inventory expanded.
fn globs(pattern: &str) -> Result<Vec<GlobMatcher>> {
    const LIMIT: usize = 1000;
    let parsed = Pattern::parse(pattern);
    let length = parsed.ranges().map(Range::length).max().unwrap_or(1);
    let several = parsed.ranges().count() > 1;
    if pattern.is_empty() || several || length > LIMIT {
        let hint =
            "write names, globs or clusters between commas: `-l 'ana/*,!ana/web02'`; one short range each";
        return Err(Error::usage(format!("`{}` can not be a limit", suggestion::shown(pattern))).hint(hint));
    }
    (0..length)
        .map(|index| {
            let filled = parsed.fill(|range| range.item(index));
            let glob: Result<Glob, _> = GlobBuilder::new(&filled).literal_separator(true).build();
            glob.map(|glob| glob.compile_matcher()).map_err(|error| {
                Error::usage(format!("`{}` can not be a limit: {}", suggestion::shown(pattern), error.kind()))
                    .hint("globs know `*`, `?` and `[abc]`; quote the limit for your shell")
            })
        })
        .collect()
}

fn no_match(written: &str, inventory: &Inventory) -> Error {
    let error = Error::usage(format!(
        "`{}` matches no host of {}",
        suggestion::shown(written),
        inventory.path.display()
    ));
    let short: Vec<&HostId> =
        inventory.hosts().filter(|host| host.name == written).map(|host| &host.id).take(2).collect();
    match short[..] {
        [only] => return error.hint(format!("did you mean `{only}`?")),
        [first, ..] => {
            return error.hint(format!("write the full name, such as `{first}`, or `*/{written}` for all"));
        }
        [] => {}
    }
    let clusters = inventory.clusters.iter().map(|cluster| cluster.name.as_str());
    let names = clusters.chain(inventory.hosts().map(|host| host.id.as_str()));
    match suggestion::nearest(written, names) {
        Some(name) => error.hint(format!("did you mean `{name}`?")),
        None => error.hint("`provision inventory list` shows all names"),
    }
}

#[cfg(test)]
#[path = "tests/selection.rs"]
mod tests;
