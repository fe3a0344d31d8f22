//! Names under which things go on elsewhere: one word each, and no two alike.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::{Host, HostId};

/// What other engines take for something else.
const TAKEN: [&str; 3] = ["all", "ungrouped", "localhost"];

/// The role of packages that no other role asks for.
pub const COMMON: &str = "common";

/// Names that were given, each with the number that is tried next.
#[derive(Debug, Default)]
pub struct Names(HashMap<String, usize>);

impl Names {
    /// A name, or where it was given before, the first of it with a number.
    pub fn give(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = self.0.get(wanted).copied().unwrap_or(2);
        while self.0.contains_key(&name) {
            name = format!("{wanted}_{number}");
            number += 1;
        }
        self.0.insert(name.clone(), 2);
        self.0.insert(wanted.to_owned(), number);
        name
    }
}

/// `ana-web01` for `ana/web01`.
pub fn plain_alias(host: &Host) -> String {
    host.id.as_str().replace('/', "-")
}

/// Such a name for each host, or one like it where another host or an engine has it.
pub fn aliases<'a>(hosts: impl IntoIterator<Item = &'a Host>) -> BTreeMap<&'a HostId, String> {
    let hosts: Vec<&Host> = hosts.into_iter().collect();
    let clusters: BTreeSet<_> = hosts.iter().map(|host| host.cluster.as_str()).collect();
    let roles: BTreeSet<_> = hosts.iter().flat_map(|host| &host.roles).map(|role| role.name()).collect();
    let mut names = Names::default();
    for taken in TAKEN {
        names.give(taken);
    }
    for cluster in clusters {
        names.give(&cluster_group(cluster));
    }
    for role in roles.into_iter().chain([COMMON]) {
        names.give(&role_group(&identifier(role)));
    }
    hosts.into_iter().map(|host| (&host.id, names.give(&plain_alias(host)))).collect()
}

/// The group of a cluster's hosts.
pub fn cluster_group(cluster: &str) -> String {
    format!("cluster_{}", identifier(cluster))
}

/// The group of the hosts that have a role, by the word that the role goes by.
pub fn role_group(role: &str) -> String {
    format!("role_{role}")
}

/// The name of a variable, a group or a file: letters, digits and `_`.
pub fn identifier(text: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() { sign.to_ascii_lowercase() } else { '_' };
    text.chars().map(sign).collect()
}

/// A name that is longer is cut, for file systems take no more than 255 bytes.
const LONGEST_NAME: usize = 200;

/// The name of a file for a path from the root, of signs that are nothing but signs everywhere.
pub fn file_name(path: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() || "_-.".contains(sign) { sign } else { '_' };
    let parts: Vec<String> = path
        .split('/')
        .filter(|part| !part.is_empty())
        .map(|part| part.chars().map(sign).collect())
        .collect();
    let name = parts.join("_");
    // Its end tells more than its beginning.
    let name = &name[name.len().saturating_sub(LONGEST_NAME)..];
    if [".", ".."].contains(&name) { "_".to_owned() } else { name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roles::samples::host;

    #[test]
    fn no_two_hosts_go_by_one_name() {
        let hosts = [
            host("a-b", "c", "10.0.0.1", &["web"]),
            host("a", "b-c", "10.0.0.2", &["web"]),
            host("default", "all", "10.0.0.3", &["web"]),
        ];
        let names: Vec<_> = aliases(&hosts).into_values().collect();
        assert_eq!(names, ["a-b-c", "a-b-c_2", "all_2"]);
    }

    #[test]
    fn no_host_goes_by_the_name_of_a_group() {
        let named = ["role_web", "role_common", "cluster_default", "role_redis"];
        let hosts = named.map(|name| host("default", name, "10.0.0.1", &["web"]));
        let names = aliases(&hosts);
        let names = hosts.each_ref().map(|host| names[&host.id].as_str());
        assert_eq!(names, ["role_web_2", "role_common_2", "cluster_default_2", "role_redis"]);
    }

    #[test]
    fn names_are_words() {
        assert_eq!(identifier("my-practice é"), "my_practice__");
        assert_eq!(file_name("/opt/{{ x }}//a b.conf"), "opt____x____a_b.conf");
        assert_eq!(file_name("/opt/../.x"), "opt_.._.x");
        assert_eq!(file_name("/.."), "_");
        let long = file_name(&format!("/{}/é/x.conf", "a/".repeat(500)));
        assert!(long.len() == LONGEST_NAME && long.ends_with("_a___x.conf"), "{long}");
    }
}
