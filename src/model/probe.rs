//! What a probe is. The probes themselves are the files of `probes`.

use std::sync::{Mutex, PoisonError};

use super::text::Text;

/// Behind all that are built in.
const PLACE_OF_PRACTICES: usize = 1_000;
/// Between the name of a practice, which is a folder's, and what it calls its probe.
const SEPARATOR: char = '/';

/// A kind of probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CheckKind {
    /// Where it stands among the others on every screen. There is room between them.
    place: u16,
    name: &'static str,
}

/// What tells a probe from others.
#[derive(Debug, Clone, Copy)]
pub struct Probe {
    pub kind: CheckKind,
    pub of: Whose,
    /// Probes of the same host that may explain its failure, the one to look at first before the others.
    pub needs: &'static [CheckKind],
    /// Probes of other hosts of the cluster that may explain it.
    pub needs_of_others: &'static [CheckKind],
    /// Whether it asks for pages, which `--direct` asks for from this machine; else it is asked over the host's session.
    pub asks_pages: bool,
    /// What it proves.
    pub proof: fn() -> Text,
    /// What its weight is about, for the schema of inventories.
    pub description: &'static str,
}

/// The hosts that have a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    All,
    /// Those with services that must run.
    WithServices,
    WithPage,
    Balancers,
    WithSocketLab,
}

impl CheckKind {
    pub const SSH: Self = Self::new("ssh", 10);
    pub const SERVICE: Self = Self::new("service", 20);
    pub const HTTP: Self = Self::new("http", 30);
    pub const BALANCE: Self = Self::new("balance", 40);
    pub const STATS: Self = Self::new("stats", 50);
    pub const SOCKET: Self = Self::new("socket", 60);

    pub const fn new(name: &'static str, place: u16) -> Self {
        Self { place, name }
    }

    /// The kind of all probes of a practice, which bears its name. Practices stand in the order in which they are named
    /// first in this process.
    pub fn of_practice(name: &str) -> Self {
        let (index, name) = kept(&PRACTICES, name);
        Self { place: u16::try_from(PLACE_OF_PRACTICES + index).unwrap_or(u16::MAX), name }
    }

    /// One of a practice's probes.
    pub fn of_practice_probe(practice: &str, probe: &str) -> Self {
        let (_, name) = kept(&PRACTICE_PROBES, &format!("{practice}{SEPARATOR}{probe}"));
        Self { name, ..Self::of_practice(practice) }
    }

    /// What shares a column and a weight with it: all probes of a practice do, and of the others each has its own.
    #[must_use]
    pub fn column(self) -> Self {
        self.name.split_once(SEPARATOR).map_or(self, |(practice, _)| Self { name: practice, ..self })
    }

    /// Which of a practice's probes it is.
    pub fn probe(self) -> Option<&'static str> {
        self.name.split_once(SEPARATOR).map(|(_, probe)| probe)
    }

    pub fn as_str(self) -> &'static str {
        self.name
    }
}

/// The names of an inventory's practices, and of their probes: each is kept once, as long as the process lives.
static PRACTICES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
static PRACTICE_PROBES: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());

/// A name among those that are kept, with its place there.
fn kept(names: &Mutex<Vec<&'static str>>, name: &str) -> (usize, &'static str) {
    let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(index) = names.iter().position(|known| *known == name) {
        return (index, names[index]);
    }
    let name = String::from(name).leak();
    names.push(name);
    (names.len() - 1, name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_of_a_practice_share_a_column_behind_all_that_are_built_in() {
        let first = CheckKind::of_practice("zookeeper");
        let [queue, page] = ["queue", "a/page"].map(|probe| CheckKind::of_practice_probe("a-queue", probe));
        assert_eq!((queue.as_str(), queue.column().as_str()), ("a-queue/queue", "a-queue"));
        assert_eq!((page.probe(), page.column()), (Some("a/page"), queue.column()));
        assert_eq!((first.probe(), first.column()), (None, first));
        assert_eq!(queue, CheckKind::of_practice_probe("a-queue", "queue"));
        assert!(
            queue != page && CheckKind::SOCKET < first && first < queue.column() && queue.column() < page
        );
    }
}
