//! Runs that are hard on a page: many clusters, many hosts, and a student who writes markup everywhere.

use crate::model::{
    CheckKind, CheckStatus, Cluster, Host, HostId, Inventory, Language, Role, RunOutcome, Text,
};
use crate::report::html::html_page;
use crate::report::samples::{check, host, inventory_of, passing_checks, report, seconds};

/// Markup that acts if it is not escaped.
pub const ATTACK: &str = "\"'><script>window.owned=1</script><img src=x onerror=\"alert(1)\"><svg onload=alert(2)>]]>&lt;b>{{ 7*7 }}";

fn cluster(name: &str, web: usize) -> Cluster {
    let mut hosts = vec![host(name, "lb", 1, &[Role::Balancer])];
    let roles = [Role::Web, Role::Socket];
    hosts.extend((1..=web).map(|index| host(name, &format!("web{index:02}"), index, &roles)));
    Cluster { name: name.to_owned(), hosts }
}

/// A class in Portuguese, each team with a balancer and some web hosts.
pub fn class(teams: usize, web: usize) -> Inventory {
    let clusters = (1..=teams).map(|team| cluster(&format!("equipe{team:02}"), web));
    Inventory { language: Language::Portuguese, ..inventory_of(clusters.collect()) }
}

fn web_hosts<'a>(inventory: &'a Inventory, balancer: &HostId) -> impl Iterator<Item = &'a Host> {
    let of_balancer = |cluster: &&Cluster| cluster.hosts.iter().any(|host| host.id == *balancer);
    inventory.clusters.iter().filter(of_balancer).flat_map(|cluster| cluster.with_role(Role::Web))
}

/// Probes that passed, with the requests that each host answered.
pub fn verified(inventory: &Inventory) -> RunOutcome {
    let mut checks = passing_checks(inventory);
    for check in checks.iter_mut().filter(|check| check.kind == CheckKind::Balance) {
        check.shares =
            web_hosts(inventory, &check.host).map(|host| (host.id.clone(), 33 + host.index % 2)).collect();
    }
    RunOutcome { checks, duration: seconds(4.2), ..RunOutcome::default() }
}

/// The same, with one silent host in the first cluster.
pub fn verified_with_trouble(inventory: &Inventory) -> RunOutcome {
    let mut outcome = verified(inventory);
    let silent = &inventory.clusters[0].hosts[1].id;
    for seen in &mut outcome.checks {
        if let Some((_, requests)) = seen.shares.iter_mut().find(|(id, _)| id == silent) {
            *requests = 0;
            seen.status = CheckStatus::Fail;
            seen.detail = format!("{silent} never answered").into();
            seen.hint = Some(format!("see the check `http` of {silent}").into());
        }
        if seen.host == *silent && seen.kind == CheckKind::Http {
            let log = "[error] (13)Permission denied: /var/www/html/index.html";
            *seen =
                check(CheckKind::Http, silent, CheckStatus::Fail, "saw status 403, expected its own page");
            seen.log_tail = vec![log.to_owned(); 3];
        }
    }
    outcome
}

/// Markup in every name and every text.
pub fn hostile() -> (Inventory, RunOutcome) {
    let mut inventory = class(2, 3);
    inventory.name = Some(ATTACK.to_owned());
    for cluster in &mut inventory.clusters {
        cluster.name = format!("{ATTACK}{}", cluster.name);
        for host in &mut cluster.hosts {
            host.name = format!("{ATTACK}{}", host.name);
            host.id = HostId::new(&cluster.name, &host.name);
            host.private_address = ATTACK.to_owned();
            host.connection.address = ATTACK.to_owned();
            host.balancer.algorithm = ATTACK.to_owned();
        }
    }
    let mut outcome = verified_with_trouble(&inventory);
    for seen in &mut outcome.checks {
        seen.detail = ATTACK.into();
        seen.hint = seen.hint.as_ref().map(|_| Text::verbatim(ATTACK));
        seen.log_tail = vec![ATTACK.to_owned(), "x".repeat(3_000)];
    }
    (inventory, outcome)
}

/// The page of a run.
pub fn page(inventory: &Inventory, outcome: &RunOutcome) -> String {
    html_page(&report(outcome, inventory)).unwrap()
}
