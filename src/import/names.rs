//! Names of hosts and clusters: what is no name of an inventory becomes one.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use slug::slugify;

use crate::inventory::wrong_name;
use crate::model::DEFAULT_CLUSTER;

/// Longer names are cut, with room for a number behind.
const LENGTH: usize = 56;

/// Names given so far, each once.
#[derive(Debug, Default)]
pub struct Names {
    taken: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    /// Those of clusters, of which one name is taken.
    pub fn of_clusters() -> Self {
        Self { taken: HashSet::from([DEFAULT_CLUSTER.to_owned()]), ..Self::default() }
    }

    /// A name near to what was written, that nobody has yet; and whether somebody has the nearest one.
    pub fn give(&mut self, written: &str) -> (String, bool) {
        let name = near(written);
        if self.taken.insert(name.clone()) {
            return (name, false);
        }
        let number = self.numbers.entry(name.clone()).or_insert(1);
        loop {
            *number += 1;
            let other = format!("{name}-{number}");
            if self.taken.insert(other.clone()) {
                return (other, true);
            }
        }
    }
}

/// The name that is nearest to what was written.
fn near(written: &str) -> String {
    if wrong_name(written).is_none() {
        return written.to_owned();
    }
    let slug = slugify(written);
    let cut = slug.get(..LENGTH).unwrap_or(&slug).trim_end_matches('-');
    if cut.is_empty() { "unnamed".to_owned() } else { cut.to_owned() }
}

/// Whether a host is called by its address, which is no name to find it again by.
pub fn is_address(name: &str) -> bool {
    name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_near_and_each_is_given_once() {
        let mut names = Names::of_clusters();
        let long = "a".repeat(80);
        for (written, expected) in [
            ("web01.example.org", "web01.example.org"),
            ("José da Silva", "jose-da-silva"),
            ("jose da silva", "jose-da-silva-2"),
            ("JOSÉ DA SILVA", "jose-da-silva-3"),
            ("default", "default-2"),
            ("", "unnamed"),
            ("../../etc", "etc"),
            ("web[1:3]", "web-1-3"),
            ("{{ name }}", "name"),
            ("日本", "ri-ben"),
            (long.as_str(), &long[..56]),
        ] {
            let (name, _) = names.give(written);
            assert_eq!(name, expected, "{written}");
            assert_eq!(wrong_name(&name), None, "{name}");
        }
    }
}
