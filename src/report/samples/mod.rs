//! Hand-made inventories and outcomes that the tests of all reports share.

pub mod drills;
pub mod named;
mod practice;
mod preflight;
mod silence;
mod timings;

use crate::model::{Text, text};
use std::path::PathBuf;
use std::time::Duration;

use chrono::DateTime;

use super::{Look, Report, Style, TextOptions, result_text};
use crate::model::*;
use crate::roles;

pub use practice::verified_practices;
pub use preflight::preflight;
pub use silence::{class_verified_with_silence, silence, silent};
pub use timings::timed;

pub fn host_id(name: &str) -> HostId {
    HostId::new(DEFAULT, name)
}

/// A terminal of 80 columns without colours.
pub const LOOK: Look = Look {
    style: Style { colour: false, unicode: true, language: Language::English },
    is_terminal: true,
    width: 80,
    quiet: false,
    verbose: 0,
};

const DEFAULT: &str = crate::model::DEFAULT_CLUSTER;

pub fn host(cluster: &str, name: &str, index: usize, roles: &[&str]) -> Host {
    Host { index, ..roles::samples::host(cluster, name, &format!("10.0.0.{index}"), roles) }
}

pub fn inventory_of(clusters: Vec<Cluster>) -> Inventory {
    Inventory {
        path: PathBuf::from("inventory.yaml"),
        name: Some("Sistemas Distribuídos".to_owned()),
        language: Language::English,
        grading: Grading::default(),
        clusters,
    }
}

/// The same outcome, had other work led to it.
pub fn of(work: Work, outcome: &RunOutcome) -> Outcome {
    Outcome::Worked(RunOutcome { work, ..outcome.clone() })
}

/// The text of an outcome, had other work led to it.
pub fn text(work: Work, outcome: &RunOutcome, inventory: &Inventory, options: &TextOptions) -> String {
    result_text(&report(&of(work, outcome), inventory), options)
}

/// A report, always of the same moment.
pub fn report<'a>(outcome: &'a Outcome, inventory: &'a Inventory) -> Report<'a> {
    let began = DateTime::parse_from_rfc3339("2026-03-02T14:30:05-03:00").unwrap();
    Report::new(began, outcome, inventory)
}

/// One balancer and three web hosts.
pub fn inventory() -> Inventory {
    let mut hosts = vec![host(DEFAULT, "lb01", 1, &["balancer"])];
    hosts.extend((1..=3).map(|index| host(DEFAULT, &format!("web{index:02}"), index, &["web"])));
    inventory_of(vec![Cluster { name: DEFAULT.to_owned(), hosts }])
}

/// Thirty teams, each with a balancer and two web hosts.
pub fn classroom() -> Inventory {
    named::class_of(|number| format!("team{number:02}"))
}

pub fn seconds(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds)
}

fn change(action: Action, resource: &str, reason: &str) -> Change {
    Change {
        resource: ResourceId::new(resource),
        action,
        reason: Text::verbatim(reason),
        before: None,
        after: None,
        diff: None,
        foreign: false,
    }
}

fn with_diff(mut change: Change, diff: &str) -> Change {
    change.diff = Some(Text::verbatim(diff));
    change
}

fn outcome(name: &str, status: HostStatus, changes: Vec<Change>) -> HostOutcome {
    HostOutcome {
        host: host_id(name),
        status,
        changes: changes.into_iter().map(|change| (change, None)).collect(),
        failure: None,
        warnings: Vec::new(),
        log_tail: Vec::new(),
    }
}

pub fn failure(kind: FailureKind, message: &str, hint: &str) -> Failure {
    Failure { kind, message: Text::verbatim(message), hint: Some(Text::verbatim(hint)) }
}

fn web_changes(name: &str) -> Vec<Change> {
    let page = format!(
        "--- /var/www/html/index.html\n+++ /var/www/html/index.html\n@@ -1,3 +1,3 @@\n <html>\n-  <h1>It works!</h1>\n+  <h1>{name}</h1>\n </html>\n"
    );
    let mut package = change(Action::Create, "package:apache2", "not installed");
    package.after = Some(Text::verbatim("2.4.57-2"));
    let mut folder = change(Action::Update, "directory:/var/www/html", "others cannot enter it");
    (folder.before, folder.after) = (Some(Text::verbatim("0700")), Some(Text::verbatim("0755")));
    vec![
        package,
        folder,
        with_diff(
            change(
                Action::Update,
                "file:/var/www/html/index.html",
                "changed on the host since the last apply",
            ),
            &page,
        ),
        change(Action::Run, "service:apache2", "must read its files again"),
    ]
}

fn balancer_changes() -> Vec<Change> {
    let new = "--- /dev/null\n+++ /etc/haproxy/haproxy.cfg\n@@ -0,0 +1,3 @@\n+frontend http-in\n+    bind *:80\n+    default_backend backend_servers\n";
    vec![
        change(Action::Create, "package:haproxy", "not installed"),
        with_diff(change(Action::Create, "file:/etc/haproxy/haproxy.cfg", "not there"), new),
        change(Action::Delete, "link:/etc/apache2/sites-enabled/old.conf", "no longer wanted"),
        change(Action::Run, "service:haproxy", "not running"),
    ]
}

/// A plan: a balancer from nothing, two web hosts alike but for their pages, one that has converged.
pub fn planned() -> RunOutcome {
    let mut lb = outcome("lb01", HostStatus::Ok, balancer_changes());
    lb.warnings.push(Text::verbatim("haproxy is held at 2.6 by an administrator"));
    RunOutcome {
        work: Work::Plan,
        hosts: vec![
            lb,
            outcome("web01", HostStatus::Ok, web_changes("web01")),
            outcome("web02", HostStatus::Ok, web_changes("web02")),
            outcome("web03", HostStatus::Ok, Vec::new()),
        ],
        checks: Vec::new(),
        timings: Vec::new(),
        interrupted: false,
        duration: seconds(0.42),
    }
}

/// A plan where some hosts could not be looked at.
pub fn planned_with_troubles() -> RunOutcome {
    let mut planned = planned();
    for (host, failure) in [
        (1, silent()),
        (2, silent()),
        (
            3,
            failure(
                FailureKind::Become,
                "sudo wants a password",
                "run again with `-K`, or set `become.password`",
            ),
        ),
    ] {
        let host = &mut planned.hosts[host];
        host.changes.clear();
        host.status =
            if failure.kind.is_unreachable() { HostStatus::Unreachable } else { HostStatus::Failed };
        host.failure = Some(failure);
    }
    planned
}

pub fn check(kind: CheckKind, host: &HostId, status: CheckStatus, detail: &str) -> Check {
    Check {
        kind,
        host: host.clone(),
        status,
        detail: Text::verbatim(detail),
        hint: (status == CheckStatus::Fail)
            .then(|| text!(en: "look at it: ssh {host}", pt: "olhe nela: ssh {host}")),
        shares: Vec::new(),
        services: Vec::new(),
        log_tail: Vec::new(),
        duration: seconds(0.012),
    }
}

pub fn passing_checks(inventory: &Inventory) -> Vec<Check> {
    let mut checks = Vec::new();
    for host in inventory.hosts() {
        let mut pass = |kind, detail: &str| checks.push(check(kind, &host.id, CheckStatus::Pass, detail));
        pass(CheckKind::SSH, "answers in 40 ms");
        pass(CheckKind::SERVICE, "active and enabled");
        if host.role("web").is_some() {
            pass(CheckKind::HTTP, "serves its own page");
        }
        if host.role("balancer").is_some() {
            pass(CheckKind::BALANCE, "20 requests, shares 7, 7, 6");
            pass(CheckKind::STATS, "every backend is UP");
        }
        if host.role("socket").is_some() {
            pass(CheckKind::SOCKET, "all three variants speak their protocol");
        }
    }
    checks
}

/// An apply without troubles.
pub fn applied() -> RunOutcome {
    let mut outcome = RunOutcome { work: Work::Apply, ..planned() };
    outcome.hosts[0].warnings.clear();
    for host in &mut outcome.hosts {
        for (_, result) in &mut host.changes {
            *result = Some((ChangeResult::Done, seconds(1.5)));
            host.status = HostStatus::Changed;
        }
    }
    outcome.checks = passing_checks(&inventory());
    outcome.duration = seconds(41.3);
    outcome
}

/// An apply that changed nothing.
pub fn converged() -> RunOutcome {
    let mut outcome = applied();
    for host in &mut outcome.hosts {
        host.changes.clear();
        host.status = HostStatus::Ok;
    }
    outcome.duration = seconds(1.26);
    outcome
}

/// An apply where a service did not come up, a host was down, and a probe failed.
pub fn applied_with_troubles() -> RunOutcome {
    let mut outcome = applied();
    let web01 = &mut outcome.hosts[1];
    web01.status = HostStatus::Failed;
    web01.changes[2].1 = Some((ChangeResult::RolledBack, seconds(0.2)));
    web01.changes[3].1 = Some((ChangeResult::Failed, seconds(3.0)));
    web01.failure = Some(failure(
        FailureKind::Service,
        "apache2 did not come up: port 80 is taken by nginx",
        "stop what holds the port, or choose another with `web.port`:\n  ssh web01 sudo systemctl disable --now nginx",
    ));
    web01.log_tail = vec![
        Text::verbatim(
            "(98)Address already in use: AH00072: make_sock: could not bind to address 0.0.0.0:80",
        ),
        Text::verbatim("no listening sockets available, shutting down"),
    ];
    outcome.checks.retain(|check| check.host != host_id("web01"));
    silence(&mut outcome, DEFAULT, "web02");
    for (kind, detail) in [
        (CheckKind::BALANCE, "saw web03 alone in 20 answers, expected web01, web02 and web03 in turn"),
        (CheckKind::STATS, "backend_servers/web01 and backend_servers/web02 are DOWN, expected UP"),
    ] {
        let place = outcome.checks.iter().position(|check| check.kind == kind).unwrap();
        outcome.checks[place] = check(kind, &host_id("lb01"), CheckStatus::Fail, detail);
    }
    outcome.checks.push(check(
        CheckKind::HTTP,
        &host_id("web01"),
        CheckStatus::Skip,
        "apache2 is not running",
    ));
    outcome
}

/// An apply that was interrupted midway.
pub fn interrupted() -> RunOutcome {
    let mut outcome = applied();
    outcome.interrupted = true;
    outcome.checks.clear();
    let web01 = &mut outcome.hosts[1];
    web01.failure = Some(failure(FailureKind::Interrupted, "interrupted", "run the same command again"));
    web01.status = HostStatus::Failed;
    web01.changes[2].1 = Some((ChangeResult::NotRun, seconds(0.0)));
    web01.changes[3].1 = Some((ChangeResult::NotRun, seconds(0.0)));
    let web02 = &mut outcome.hosts[2];
    web02.status = HostStatus::Ok;
    for (_, result) in &mut web02.changes {
        *result = None;
    }
    outcome.duration = seconds(12.0);
    outcome
}

/// Probes alone, two of which failed.
pub fn verified() -> RunOutcome {
    let mut outcome = RunOutcome {
        work: Work::Verify,
        hosts: Vec::new(),
        duration: seconds(3.9),
        ..applied_with_troubles()
    };
    outcome.checks.retain(|check| check.host != host_id("web02"));
    outcome
}

/// A class after an apply: three clusters in trouble, the others well.
pub fn class_applied() -> RunOutcome {
    let inventory = classroom();
    let mut checks = passing_checks(&inventory);
    for check in &mut checks {
        let name = check.host.as_str();
        if name.starts_with("team07/") && check.kind == CheckKind::HTTP {
            *check = self::check(
                CheckKind::HTTP,
                &check.host,
                CheckStatus::Fail,
                "saw Apache's default page, expected the page of this host",
            );
        } else if name == "team12/lb" && check.kind == CheckKind::STATS {
            check.status = CheckStatus::Skip;
        }
    }
    let hosts = inventory.hosts().map(|host| {
        let mut outcome = outcome("", HostStatus::Changed, web_changes(&host.name));
        outcome.host = host.id.clone();
        for (_, result) in &mut outcome.changes {
            *result = Some((ChangeResult::Done, seconds(2.0)));
        }
        outcome
    });
    let mut outcome = RunOutcome {
        work: Work::Apply,
        hosts: hosts.collect(),
        checks,
        timings: Vec::new(),
        interrupted: false,
        duration: seconds(187.0),
    };
    silence(&mut outcome, "team21", "web2");
    outcome
}

/// What a student who is root might send.
pub fn hostile() -> RunOutcome {
    let attack = "\u{1b}]0;owned\u{7}\u{1b}[2J<script>alert(1)</script>]]><x a=\"b\">&amp;\u{202e}\u{0}\u{9b}31m=cmd|' /C calc'!A0";
    let mut outcome = applied_with_troubles();
    for host in &mut outcome.hosts {
        host.warnings = vec![Text::verbatim(attack)];
        host.log_tail = vec![Text::verbatim(attack)];
        if let Some(failure) = &mut host.failure {
            failure.message = Text::verbatim(attack);
            failure.hint = Some(Text::verbatim(attack));
        }
        for (change, _) in &mut host.changes {
            change.resource = ResourceId::new(attack);
            change.reason = Text::verbatim(attack);
            change.before = Some(Text::verbatim(attack));
            change.diff = change.diff.as_ref().map(|_| Text::verbatim(format!("-{attack}\n+{attack}\n")));
        }
    }
    for check in &mut outcome.checks {
        check.detail = Text::verbatim(attack);
        check.hint = check.hint.as_ref().map(|_| Text::verbatim(attack));
    }
    outcome
}
