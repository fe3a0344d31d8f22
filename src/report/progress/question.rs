//! What is asked while a run goes on.

use super::super::groups::alike;
use super::super::names;
use super::super::vocabulary::{Words, say};
use crate::model::{Change, HostId};

/// Asks whether what is no longer wanted may be deleted: hosts with the same, then each thing with its reason.
pub fn deletion(deletes: &[(HostId, Vec<Change>)], words: Words) -> String {
    let mut lines =
        vec![words.choose("No longer in the inventory:", "Não está mais no inventário:").to_owned()];
    for (changes, hosts) in alike(deletes.iter().map(|(host, changes)| (Told::of(changes, words), host))) {
        lines.push(format!("  {}", names::compress(hosts).join(", ")));
        lines.extend(changes.0.iter().map(|(resource, reason)| format!("    - {resource}  {reason}")));
    }
    let (number, hosts) = (deletes.iter().map(|(_, changes)| changes.len()).sum(), deletes.len());
    let (changes, hosts) = (words.changes(number), words.hosts(hosts));
    lines.push(say!(
        words,
        en: "Delete it, or put back what stood there ({changes} on {hosts})? [y/N]",
        pt: "Remover, ou devolver o que havia ali ({changes} em {hosts})? [s/N]",
    ));
    lines.join("\n")
}

/// What is told of the changes of a host; hosts of which the same is told stand together.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Told(Vec<(String, String)>);

impl Told {
    fn of(changes: &[Change], words: Words) -> Self {
        let tell = |change: &Change| (change.resource.to_string(), words.say(&change.reason));
        Self(changes.iter().map(tell).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Action, Language, ResourceId, Text};

    #[test]
    fn hosts_with_the_same_stand_together() {
        let change = |resource: &str| Change {
            resource: ResourceId::new(resource),
            action: Action::Delete,
            reason: Text::verbatim("installed by apply"),
            before: None,
            after: None,
            diff: None,
            foreign: false,
        };
        let host = |name: &str, resources: &[&str]| {
            (HostId::new("ana", name), resources.iter().map(|resource| change(resource)).collect::<Vec<_>>())
        };
        let deletes = [
            host("lb", &["package:haproxy"]),
            host("web01", &["package:nano"]),
            host("web02", &["package:nano"]),
        ];
        insta::assert_snapshot!(deletion(&deletes, Words(Language::Portuguese)), @r"
        Não está mais no inventário:
          ana/lb
            - package:haproxy  installed by apply
          ana/web[01:02]
            - package:nano  installed by apply
        Remover, ou devolver o que havia ali (3 mudanças em 3 máquinas)? [s/N]
        ");
        insta::assert_snapshot!(deletion(&deletes, Words(Language::English)), @r"
        No longer in the inventory:
          ana/lb
            - package:haproxy  installed by apply
          ana/web[01:02]
            - package:nano  installed by apply
        Delete it, or put back what stood there (3 changes on 3 hosts)? [y/N]
        ");
    }
}
