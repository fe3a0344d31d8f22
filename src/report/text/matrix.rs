//! Hosts against probes in one small table; a row for each cluster where hosts are many.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use super::page::Page;
use crate::model::{
    ChangeResult, CheckKind, CheckStatus, FailureKind, HostId, HostOutcome, HostStatus, Inventory, RunOutcome,
};
use crate::report::groups::worst;
use crate::report::style::{Style, Tone};

/// Most hosts that get a row each, where there is more than one cluster.
const MOST_HOST_ROWS: usize = 15;

/// A row before it is laid out.
struct Row {
    name: String,
    state: String,
    checks: Vec<String>,
    failed: bool,
}

/// Adds the table. Rows with trouble come first.
pub fn write(page: &mut Page<'_>, outcome: &RunOutcome, inventory: &Inventory) {
    let kinds: Vec<CheckKind> = CheckKind::ALL
        .into_iter()
        .filter(|kind| outcome.checks.iter().any(|check| check.kind == *kind))
        .collect();
    let hosts = hosts(outcome, inventory);
    let clusters = inventory
        .clusters
        .iter()
        .filter(|cluster| cluster.hosts.iter().any(|host| hosts.contains(&&host.id)));
    let with_state = !outcome.hosts.is_empty();
    let by_cluster = clusters.clone().count() > 1 && hosts.len() > MOST_HOST_ROWS;
    let mut rows: Vec<Row> = if by_cluster {
        clusters
            .map(|cluster| {
                let members: Vec<&HostId> =
                    cluster.hosts.iter().map(|host| &host.id).filter(|host| hosts.contains(host)).collect();
                row(page.style, &cluster.name, &members, outcome, &kinds)
            })
            .collect()
    } else {
        hosts.iter().map(|host| row(page.style, host.as_str(), &[host], outcome, &kinds)).collect()
    };
    if rows.is_empty() || (kinds.is_empty() && !with_state) {
        return;
    }
    rows.sort_by_key(|row| !row.failed);
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(page.options.width).unwrap_or(u16::MAX));
    let mut header = vec![if by_cluster { "cluster" } else { "host" }];
    if with_state {
        header.push("state");
    }
    header.extend(kinds.iter().map(|kind| kind.as_str()));
    table.set_header(header);
    for row in rows {
        let state = with_state.then_some(row.state);
        table.add_row(std::iter::once(row.name).chain(state).chain(row.checks));
    }
    page.gap();
    for (number, line) in table.lines().enumerate() {
        // The table's own margin on the left is of no use without borders.
        let line = line.strip_prefix(' ').unwrap_or(&line);
        let line = if number == 0 {
            page.style.paint(Tone::Faint, line.trim_end())
        } else {
            coloured(page.style, line)
        };
        page.line(&line);
    }
}

/// Every host that the outcome speaks of, in the order of the inventory.
fn hosts<'a>(outcome: &'a RunOutcome, inventory: &'a Inventory) -> Vec<&'a HostId> {
    let spoken_of = |id: &HostId| {
        outcome.hosts.iter().any(|host| host.host == *id)
            || outcome.checks.iter().any(|check| check.host == *id)
    };
    inventory.hosts().map(|host| &host.id).filter(|id| spoken_of(id)).collect()
}

fn row(style: Style, name: &str, members: &[&HostId], outcome: &RunOutcome, kinds: &[CheckKind]) -> Row {
    let states: Vec<&HostOutcome> =
        outcome.hosts.iter().filter(|host| members.contains(&&host.host)).collect();
    let count = |status| states.iter().filter(|host| host.status == status).count();
    let (broken, unreachable) = (count(HostStatus::Failed), count(HostStatus::Unreachable));
    let state = match states.as_slice() {
        [host] => state(host),
        hosts if broken > 0 => format!("{broken} of {} failed", hosts.len()),
        hosts if unreachable > 0 => format!("{unreachable} of {} unreachable", hosts.len()),
        hosts => made(hosts),
    };
    let checks: Vec<(usize, String)> =
        kinds.iter().map(|kind| cell(style, *kind, members, outcome)).collect();
    let failed = broken + unreachable > 0 || checks.iter().any(|(failed, _)| *failed > 0);
    Row { name: name.to_owned(), state, checks: checks.into_iter().map(|(_, mark)| mark).collect(), failed }
}

fn made(hosts: &[&HostOutcome]) -> String {
    let changes = || hosts.iter().flat_map(|host| &host.changes);
    let made = changes().filter(|(_, result)| matches!(result, Some((ChangeResult::Done, _)))).count();
    match (made, changes().count()) {
        (0, 0) => "as wanted".to_owned(),
        (made, planned) if made < planned => format!("{made} of {planned} changed"),
        (made, _) => format!("{made} changed"),
    }
}

fn state(host: &HostOutcome) -> String {
    match host.status {
        HostStatus::Unreachable => "unreachable".to_owned(),
        HostStatus::Failed if was_stopped(host) => "stopped".to_owned(),
        HostStatus::Failed => "failed".to_owned(),
        HostStatus::Ok | HostStatus::Changed => made(&[host]),
    }
}

/// Whether it was Ctrl-C, and no trouble of the host.
fn was_stopped(host: &HostOutcome) -> bool {
    host.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Interrupted)
}

/// The worst verdict of a kind among some hosts, and how many failed; empty where the probe does not apply.
fn cell(style: Style, kind: CheckKind, members: &[&HostId], outcome: &RunOutcome) -> (usize, String) {
    let verdicts = || {
        outcome
            .checks
            .iter()
            .filter(|check| check.kind == kind && members.contains(&&check.host))
            .map(|check| check.status)
    };
    let failed = verdicts().filter(|status| *status == CheckStatus::Fail).count();
    let mark = match worst(verdicts()) {
        Some(CheckStatus::Fail) if failed > 1 => format!("{} {failed}", style.fail()),
        Some(CheckStatus::Fail) => style.fail().to_owned(),
        Some(CheckStatus::Skip) => style.skip().to_owned(),
        Some(CheckStatus::Pass) => style.pass().to_owned(),
        None => String::new(),
    };
    (failed, mark)
}

/// Colours marks after the layout, which counts columns.
fn coloured(style: Style, line: &str) -> String {
    if !style.colour || !style.unicode {
        return line.to_owned();
    }
    line.replace(style.pass(), &style.paint(Tone::Good, style.pass()))
        .replace(style.fail(), &style.paint(Tone::Bad, style.fail()))
}
