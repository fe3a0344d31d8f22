//! Which hosts a command is for: `-l/--limit 'ana/*,!ana/web02'` and `--role web`.

use globset::{Glob, GlobBuilder, GlobMatcher};

use crate::document::range::{Pattern, Range};
use crate::document::suggestion;
use crate::error::{Error, Result};
use crate::model::{Host, HostId, Inventory, text};

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
            return Err(Error::usage(text!(
                en: "the limit leaves no host",
                pt: "o limite não deixa nenhuma máquina",
            ))
            .hint(text!(
                en: "`!` excludes: remove a part that begins with it",
                pt: "`!` exclui: tire uma parte que comece com ele",
            )));
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
                Err(Error::usage(text!(
                    en: "no selected host has the role {role}",
                    pt: "nenhuma máquina escolhida tem o papel {role}", role = suggestion::shown(role)
                ))
                .hint(near.map_or_else(
                    || {
                        text!(
                            en: "`provision inventory list` shows hosts and their roles",
                            pt: "`provision inventory list` mostra as máquinas e os papéis",
                        )
                    },
                    |near| text!(en: "did you mean `{near}`?", pt: "seria `{near}`?"),
                )))
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
        let hint = text!(
            en: "write names, globs or clusters between commas: `-l 'ana/*,!ana/web02'`; one short range each",
            pt: "escreva nomes, padrões ou clusters entre vírgulas: `-l 'ana/*,!ana/web02'`; um intervalo curto em cada um",
        );
        return Err(Error::usage(text!(
            en: "`{pattern}` can not be a limit",
            pt: "`{pattern}` não serve de limite", pattern = suggestion::shown(pattern)
        ))
        .hint(hint));
    }
    (0..length)
        .map(|index| {
            let filled = parsed.fill(|range| range.item(index));
            let glob: Result<Glob, _> = GlobBuilder::new(&filled).literal_separator(true).build();
            glob.map(|glob| glob.compile_matcher()).map_err(|error| {
                Error::usage(text!(
                    en: "`{pattern}` can not be a limit: {error}",
                    pt: "`{pattern}` não serve de limite: {error}", pattern = suggestion::shown(pattern), error = error.kind()
                ))
                    .hint(text!(
                        en: "globs know `*`, `?` and `[abc]`; quote the limit for your shell",
                        pt: "padrões conhecem `*`, `?` e `[abc]`; ponha o limite entre aspas no shell",
                    ))
            })
        })
        .collect()
}

fn no_match(written: &str, inventory: &Inventory) -> Error {
    let error = Error::usage(text!(
        en: "`{written}` matches no host of {path}",
        pt: "`{written}` não casa com nenhuma máquina de {path}", written = suggestion::shown(written), path = inventory.path.display()
    ));
    let short: Vec<&HostId> =
        inventory.hosts().filter(|host| host.name == written).map(|host| &host.id).take(2).collect();
    match short[..] {
        [only] => return error.hint(text!(en: "did you mean `{only}`?", pt: "seria `{only}`?")),
        [first, ..] => {
            return error.hint(text!(
                en: "write the full name, such as `{first}`, or `*/{written}` for all",
                pt: "escreva o nome inteiro, como `{first}`, ou `*/{written}` para todas",
            ));
        }
        [] => {}
    }
    let clusters = inventory.clusters.iter().map(|cluster| cluster.name.as_str());
    let names = clusters.chain(inventory.hosts().map(|host| host.id.as_str()));
    match suggestion::nearest(written, names) {
        Some(name) => error.hint(text!(en: "did you mean `{name}`?", pt: "seria `{name}`?")),
        None => error.hint(text!(
            en: "`provision inventory list` shows all names",
            pt: "`provision inventory list` mostra todos os nomes",
        )),
    }
}

#[cfg(test)]
#[path = "tests/selection.rs"]
mod tests;
