//! Hosts against probes in one small table; a row for each cluster where hosts are many, and one for all clusters that
//! are well where those are many, too.

mod layout;

use self::layout::Sheet;
use super::page::Page;
use crate::model::{
    CheckKind, CheckStatus, DEFAULT_CLUSTER, FailureKind, HostId, HostOutcome, HostStatus, kinds,
};
use crate::report::groups::alike;
use crate::report::style::{Look, Style, Tone};
use crate::report::view::{ClusterView, HostView, View};
use crate::report::vocabulary::{Noun, Words, say};
use crate::report::{names, words};

/// Most hosts that get a row each, where there is more than one cluster.
const MOST_HOST_ROWS: usize = 15;
/// Where there are more clusters than this, those that are alike and well share a row.
const MOST_CLUSTER_ROWS: usize = 15;
/// Where more clusters than this are alike, they share a row.
const MOST_ALIKE: usize = 3;

pub struct Row {
    /// Of a host, or of all clusters that share it.
    names: Vec<String>,
    state: String,
    checks: Vec<String>,
    /// The hosts in trouble, where the row stands for several.
    r#where: String,
    rank: Rank,
}

/// Rows with more trouble come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Rank {
    Failed,
    NotJudged,
    Well,
}

/// Adds the table, and what its marks mean where there is trouble.
pub fn write(page: &mut Page<'_>, view: &View<'_>) {
    let lines = lines(page.options.look, view);
    if lines.is_empty() {
        return;
    }
    page.gap();
    for line in lines {
        page.line(&line);
    }
    if view.outcome.checks.iter().any(|check| check.status != CheckStatus::Pass) {
        let style = page.style;
        let why =
            if page.shows_all() { "" } else { page.words.choose(" (-v says why)", " (-v diz por quê)") };
        let (pass, fail, skip) = (style.pass(), style.fail(), style.skip());
        let legend = say!(
            page.words,
            en: "{pass} passed  {fail} failed  {skip} not judged{why}",
            pt: "{pass} passou  {fail} falhou  {skip} não avaliado{why}",
        );
        for line in words::wrap(&legend, page.options.look.width) {
            page.line(&style.paint(Tone::Faint, line));
        }
    }
}

/// The lines of the table: its header, then the rows, those with trouble first.
pub fn lines(look: Look, view: &View<'_>) -> Vec<String> {
    let style = look.style;
    let kinds = kinds(&view.outcome.checks);
    let with_state = !view.outcome.hosts.is_empty();
    let by_cluster = view.clusters.len() > 1 && view.hosts().count() > MOST_HOST_ROWS;
    let mut rows: Vec<Row> = if by_cluster {
        let row = |part: &ClusterView<'_>| {
            let members: Vec<_> = part.hosts.iter().collect();
            Row { r#where: troubled(part), ..row(style, &part.cluster.name, &members, &kinds) }
        };
        view.clusters.iter().map(row).collect()
    } else {
        view.hosts().map(|host| row(style, host.host.id.as_str(), &[host], &kinds)).collect()
    };
    if rows.is_empty() || (kinds.is_empty() && !with_state) {
        return Vec::new();
    }
    rows.sort_by_key(|row| row.rank);
    let words = Words(style.language);
    if by_cluster && !look.shows_all() && rows.len() > MOST_CLUSTER_ROWS {
        rows = fold(rows, words);
    }
    let first = if by_cluster { "cluster" } else { words.host_noun().of(1) };
    let sheet = Sheet { first, with_state, kinds, rows };
    let paint = |(number, line): (usize, String)| match number {
        0 => style.paint(Tone::Faint, line),
        _ => coloured(style, &line),
    };
    sheet.lines(look).into_iter().enumerate().map(paint).collect()
}

/// Lets clusters that are alike share a row. The largest set of those that are well comes last, by its number.
fn fold(rows: Vec<Row>, words: Words) -> Vec<Row> {
    // Nothing but the name tells one from another.
    let key = |row: &Row| (row.rank, row.state.clone(), row.checks.clone(), row.r#where.clone());
    let sets = alike(rows.into_iter().map(|row| (key(&row), row)));
    let mut sets: Vec<Vec<Row>> = sets.into_iter().map(|(_, set)| set).collect();
    let well = |set: &[Row]| set.iter().filter(|row| row.rank == Rank::Well).count();
    let others =
        (0..sets.len()).max_by_key(|place| well(&sets[*place])).filter(|place| well(&sets[*place]) > 1);
    let others = others.map(|place| sets.remove(place)).unwrap_or_default();
    let mut folded: Vec<Row> = sets.into_iter().flat_map(share).collect();
    let number = others.len();
    let name = if folded.is_empty() {
        say!(words, en: "all {number}", pt: "todos os {number}")
    } else {
        say!(words, en: "{number} others", pt: "outros {number}")
    };
    folded.extend(others.into_iter().next().map(|row| Row { names: vec![name], ..row }));
    folded
}

/// One row for many clusters that are alike.
fn share(mut set: Vec<Row>) -> Vec<Row> {
    if set.len() > MOST_ALIKE {
        let others = set.split_off(1).into_iter().flat_map(|row| row.names);
        if let Some(first) = set.first_mut() {
            first.names.extend(others);
        }
    }
    set
}

/// The hosts of a cluster that failed or have a failed check, by their names within it.
fn troubled(cluster: &ClusterView<'_>) -> String {
    let hosts = cluster.hosts.iter().filter(|host| host.is_in_trouble());
    let names: Vec<_> = hosts.map(|host| HostId::new(DEFAULT_CLUSTER, &host.host.name)).collect();
    names::compress(&names).join(", ")
}

fn row(style: Style, name: &str, members: &[&HostView<'_>], kinds: &[CheckKind]) -> Row {
    let states: Vec<&HostOutcome> = members.iter().filter_map(|host| host.worked).collect();
    let count = |status| states.iter().filter(|host| host.status == status).count();
    let (broken, unreachable) = (count(HostStatus::Failed), count(HostStatus::Unreachable));
    let words = Words(style.language);
    let state = match states.as_slice() {
        [host] => state(host, words),
        _ if broken > 0 => words.failed_noun().count(broken),
        _ if unreachable > 0 => words.unreachable_noun().count(unreachable),
        hosts => made(hosts, words),
    };
    let checks: Vec<(usize, String)> = kinds.iter().map(|kind| cell(style, *kind, members)).collect();
    let rank = if broken + unreachable > 0 || checks.iter().any(|(failed, _)| *failed > 0) {
        Rank::Failed
    } else if checks.iter().any(|(_, mark)| mark == style.skip()) {
        Rank::NotJudged
    } else {
        Rank::Well
    };
    let checks = checks.into_iter().map(|(_, mark)| mark).collect();
    Row { names: vec![name.to_owned()], state, checks, r#where: String::new(), rank }
}

fn made(hosts: &[&HostOutcome], words: Words) -> String {
    let changed = words.choose(Noun::new("changed", "changed"), words.change_noun());
    let made = hosts.iter().map(|host| host.made()).sum();
    match (made, hosts.iter().map(|host| host.changes.len()).sum()) {
        (0, 0) => words.choose("as wanted", "em ordem").to_owned(),
        (made, planned) if made < planned => {
            let changed = changed.count(planned);
            say!(words, en: "{made} of {changed}", pt: "{made} de {changed}")
        }
        (made, _) => changed.count(made),
    }
}

fn state(host: &HostOutcome, words: Words) -> String {
    match host.status {
        HostStatus::Failed if was_stopped(host) => words.choose("stopped", "parada").to_owned(),
        HostStatus::Unreachable | HostStatus::Failed => words.host_status(host.status).to_owned(),
        HostStatus::Ok | HostStatus::Changed => made(&[host], words),
    }
}

/// Whether it was Ctrl-C, and no trouble of the host.
fn was_stopped(host: &HostOutcome) -> bool {
    host.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Interrupted)
}

/// The worst verdict of a kind among some hosts, and how many failed; empty where the probe does not apply.
fn cell(style: Style, kind: CheckKind, members: &[&HostView<'_>]) -> (usize, String) {
    let checks = || members.iter().flat_map(|host| &host.checks).filter(|check| check.kind.column() == kind);
    let verdicts = || checks().map(|check| check.status);
    let failed = verdicts().filter(|status| *status == CheckStatus::Fail).count();
    let mark = match verdicts().max() {
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

#[cfg(test)]
mod tests;
