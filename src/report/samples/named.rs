//! The class under other names.

use super::{host, inventory_of};
use crate::model::*;

/// Thirty teams, each with a balancer and two web hosts.
pub fn class_of(name: impl Fn(usize) -> String) -> Inventory {
    let cluster = |number: usize| {
        let name = name(number);
        let mut hosts = vec![host(&name, "lb", 1, &["balancer"])];
        hosts.extend((1..=2).map(|index| host(&name, &format!("web{index}"), index, &["web", "socket"])));
        Cluster { name, hosts }
    };
    inventory_of((1..=30).map(cluster).collect())
}

/// What was seen of `team07/web1` is seen of the same host of that class.
pub fn renamed(mut outcome: RunOutcome, name: impl Fn(usize) -> String) -> RunOutcome {
    let rename = |id: &mut HostId| {
        let (team, host) = id.as_str().split_once('/').unwrap();
        *id = HostId::new(&name(team.trim_start_matches("team").parse().unwrap()), host);
    };
    outcome.hosts.iter_mut().for_each(|worked| rename(&mut worked.host));
    outcome.checks.iter_mut().for_each(|check| rename(&mut check.host));
    outcome
}

/// Usernames as an institution gives them, each with a number.
pub fn numbered(number: usize) -> String {
    format!("maria.fernanda.albuquerque{number:02}")
}

/// Usernames that have little in common but their form.
pub fn students(number: usize) -> String {
    let first = ["ana.beatriz", "joao.pedro", "maria.fernanda", "luiz.henrique", "pedro"];
    let last = ["de.albuquerque", "nascimento", "oliveira.santos", "souza", "de.souza.junior", "lima"];
    format!("{}.{}", first[number % 5], last[number % 6])
}
