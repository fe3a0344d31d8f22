//! Runs that are hard on a page: many clusters, many hosts, and a student who writes markup everywhere.

use crate::model::{
    CheckKind, CheckStatus, Cluster, DrillEnd, DrillOutcome, DrillsOutcome, Finding, FindingKind, Host,
    HostId, Inventory, Language, Outcome, PreflightOutcome, RunOutcome, Severity, Text,
};
use crate::report::html::html_page;
use crate::report::samples::drills;
use crate::report::samples::{check, host, inventory_of, passing_checks, report, seconds};
use crate::roles::{Balancer, samples::set};

/// Markup that acts if it is not escaped.
pub const ATTACK: &str = "\"'><script>window.owned=1</script><img src=x onerror=\"alert(1)\"><svg onload=alert(2)>]]>&lt;b>{{ 7*7 }}";

fn cluster(name: &str, web: usize) -> Cluster {
    let mut hosts = vec![host(name, "lb", 1, &["balancer"])];
    let roles = ["web", "socket"];
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
    inventory
        .clusters
        .iter()
        .filter(of_balancer)
        .flat_map(|cluster| cluster.with_role("web"))
        .map(|(host, _)| host)
}

/// Probes that passed, with the requests that each host answered.
pub fn verified(inventory: &Inventory) -> RunOutcome {
    let mut checks = passing_checks(inventory);
    for check in checks.iter_mut().filter(|check| check.kind == CheckKind::BALANCE) {
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
            seen.detail = Text::verbatim(format!("{silent} never answered"));
            seen.hint = Some(Text::verbatim(format!("see the check `http` of {silent}")));
        }
        if seen.host == *silent && seen.kind == CheckKind::HTTP {
            let log = "[error] (13)Permission denied: /var/www/html/index.html";
            *seen =
                check(CheckKind::HTTP, silent, CheckStatus::Fail, "saw status 403, expected its own page");
            seen.log_tail = vec![Text::verbatim(log); 3];
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
            if host.role("balancer").is_some() {
                set(host, |role: &mut Balancer| role.algorithm = ATTACK.to_owned());
            }
        }
    }
    let mut outcome = verified_with_trouble(&inventory);
    for seen in &mut outcome.checks {
        seen.detail = Text::verbatim(ATTACK);
        seen.hint = seen.hint.as_ref().map(|_| Text::verbatim(ATTACK));
        seen.log_tail = vec![Text::verbatim(ATTACK), Text::verbatim("x".repeat(3_000))];
    }
    (inventory, outcome)
}

/// A class that has been examined: in every cluster the first host has a fatal finding of its own, the second a
/// warning that all share, and in the first cluster one is worth a note.
pub fn unfit(inventory: &Inventory) -> PreflightOutcome {
    let finding = |host: &Host, severity, kind, seen: String| Finding {
        host: host.id.clone(),
        severity,
        kind,
        seen: Text::verbatim(seen),
        means: Text::verbatim(format!("what {} means", kind.into_str())),
        mend: Text::verbatim(format!("how to mend {}", kind.into_str())),
        said: Vec::new(),
    };
    let mut findings = Vec::new();
    for (number, cluster) in inventory.clusters.iter().enumerate() {
        let [lb, web, ..] = &cluster.hosts[..] else { continue };
        let peer = format!("it does not reach web01 (10.1.{number}.11 port 80)");
        findings.push(finding(lb, Severity::Fatal, FindingKind::Peer, peer));
        findings.push(finding(web, Severity::Warning, FindingKind::Apt, "unattended-upgr holds apt".into()));
    }
    let first = &inventory.clusters[0].hosts[0];
    findings.push(finding(first, Severity::Note, FindingKind::Leftover, "an old haproxy.cfg.bkp".into()));
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.kind));
    let hosts = inventory.hosts().map(|host| host.id.clone()).collect();
    PreflightOutcome { hosts, findings, converged: false, interrupted: false, duration: seconds(2.31) }
}

/// The page of a preflight.
pub fn doctor(inventory: &Inventory, outcome: &PreflightOutcome) -> String {
    html_page(&report(&Outcome::Examined(outcome.clone()), inventory)).unwrap()
}

/// The page of a preflight with markup in every name and every text.
pub fn hostile_doctor() -> String {
    let (inventory, _) = hostile();
    let mut outcome = unfit(&inventory);
    for finding in &mut outcome.findings {
        let seen = format!("{ATTACK}\u{1b}]0;owned\u{7}\u{202e}{}", finding.seen.english());
        finding.seen = Text::verbatim(seen);
        finding.means = Text::verbatim(ATTACK);
        finding.mend = Text::verbatim("x".repeat(3_000) + ATTACK);
    }
    doctor(&inventory, &outcome)
}

/// The page of drills.
pub fn drill(outcomes: &[DrillOutcome], language: Language) -> String {
    drill_of(outcomes, &Inventory { language, ..class(1, 2) })
}

fn drill_of(outcomes: &[DrillOutcome], inventory: &Inventory) -> String {
    let drills = DrillsOutcome { drills: outcomes.to_vec(), interrupted: false, duration: seconds(17.3) };
    html_page(&report(&Outcome::Drilled(drills), inventory)).unwrap()
}

/// Drills of every end.
pub fn drills_of_every_end() -> Vec<DrillOutcome> {
    vec![
        drills::passed("ana", 3),
        drills::failed(),
        drills::broken(),
        drills::refused(),
        drills::passed("eva", 12),
    ]
}

/// The page of drills with markup in every name and every text.
pub fn hostile_drill() -> String {
    let mut outcomes = drills_of_every_end();
    for outcome in &mut outcomes {
        let drill = &mut outcome.drill;
        drill.cluster = ATTACK.to_owned();
        let names = drill.servers.iter().map(|server| HostId::new(ATTACK, &format!("{server}{ATTACK}")));
        drill.servers = names.collect();
        drill.host = drill.servers[0].clone();
        let text = || Text::verbatim(format!("{ATTACK}\u{1b}]0;owned\u{7}\u{202e}"));
        match &mut outcome.end {
            DrillEnd::Judged { detail, hint, .. } => (*detail, *hint) = (text(), Some(text())),
            DrillEnd::Broken { failure, log_tail, .. } => {
                failure.message = text();
                *log_tail = vec![text(), Text::verbatim("x".repeat(3_000))];
            }
        }
    }
    drill_of(&outcomes, &hostile().0)
}

/// The page of a run.
pub fn page(inventory: &Inventory, outcome: &RunOutcome) -> String {
    html_page(&report(&Outcome::Worked(outcome.clone()), inventory)).unwrap()
}
