//! Changes of alike hosts: what is added, altered, taken away or done, why, and the diff of text files.

use super::page::{Page, in_words};
use crate::model::{Action, Change, ChangeResult, HostOutcome, Text};
use crate::report::groups::alike;
use crate::report::style::{Style, Tone};
use crate::report::words;

/// Lines of a diff that are shown without `-v`, so that one never fills the screen.
const LONGEST_DIFF: usize = 18;
/// Columns kept for reasons. A resource that leaves less pushes its reason to the right.
const ROOM_FOR_REASON: usize = 30;

/// Adds hosts with alike changes: the hosts, then one line for each change, with its diff.
pub fn write(page: &mut Page<'_>, hosts: &[&HostOutcome], with_diffs: bool) {
    heading(page, hosts);
    let changes = hosts.first().map_or(&[][..], |host| &host.changes);
    let column = changes
        .iter()
        .map(|(change, _)| words::width(change.resource.as_str()))
        .filter(|width| width + ROOM_FOR_REASON <= page.options.look.width)
        .max()
        .unwrap_or(0);
    for (position, (change, result)) in changes.iter().enumerate() {
        change_line(page, change, column, result.as_ref().map(|(result, _)| result));
        if with_diffs && change.diff.is_some() {
            diffs(page, hosts, position, change);
        }
    }
}

fn heading(page: &mut Page<'_>, hosts: &[&HostOutcome]) {
    let ids = hosts.iter().map(|host| &host.host);
    let names = in_words(ids.clone(), page.options.look.width.saturating_sub(20));
    let heading = page.style.paint(Tone::Strong, &names);
    if hosts.len() == 1 {
        page.line(&heading);
        return;
    }
    let number = words::count(hosts.len(), "host");
    let is_number = names == number;
    let alike = if is_number { "alike".to_owned() } else { format!("({number} alike)") };
    page.line(&format!("{heading} {}", page.style.paint(Tone::Faint, alike)));
    if is_number {
        page.hosts("  ", ids);
    }
}

fn change_line(page: &mut Page<'_>, change: &Change, column: usize, result: Option<&ChangeResult>) {
    let style = page.style;
    let (mark, tone) = match change.action {
        Action::Create => ("+", Tone::Good),
        Action::Update => ("~", Tone::Caution),
        Action::Delete => ("-", Tone::Bad),
        Action::Run => ("!", Tone::Accent),
    };
    let resource =
        words::pad(change.resource.as_str(), column.max(words::width(change.resource.as_str())), style);
    let room = page.options.look.width.saturating_sub(words::width(&resource) + 6);
    let mut text = change.reason.english().to_owned();
    match result {
        None | Some(ChangeResult::Done) => {}
        Some(ChangeResult::Failed) => text.push_str(&style.paint(Tone::Bad, "  FAILED")),
        Some(ChangeResult::RolledBack) => text.push_str(&style.paint(Tone::Bad, "  PUT BACK")),
        Some(ChangeResult::Left) => text.push_str(&style.paint(Tone::Caution, "  left")),
        Some(ChangeResult::NotRun) => text.push_str(&style.paint(Tone::Caution, "  not done")),
    }
    // States are of less use than a line that fits.
    if let Some(states) = states(style, change)
        && (page.shows_all() || is_run(change) || words::width(&text) + words::width(&states) + 4 <= room)
    {
        text.push_str(&style.paint(Tone::Faint, format!("  ({states})")));
    }
    let lines =
        words::wrap(&text, room.max(20)).join(&format!("\n{}", " ".repeat(words::width(&resource) + 6)));
    page.line(&format!("  {} {resource}  {lines}", style.paint(tone, mark)));
}

/// Whether it is a command of the user's, of which a plan never leaves out what is run.
fn is_run(change: &Change) -> bool {
    change.action == Action::Run && change.before.is_none()
}

/// The state before and after, for what has no diff.
fn states(style: Style, change: &Change) -> Option<String> {
    if let (Action::Create, Some(diff)) = (change.action, &change.diff) {
        return Some(words::count(added_lines(diff.english()), "line"));
    }
    if change.diff.is_some() && !is_run(change) {
        return None;
    }
    // Of a package that comes or goes, this is no news.
    let news = |state: &str| state != "installed";
    match (change.before.as_ref().map(Text::english), change.after.as_ref().map(Text::english)) {
        (Some(before), Some(after)) if before != after => Some(format!("{before} {} {after}", style.arrow())),
        (None, Some(after)) => news(after).then(|| after.to_owned()),
        (Some(before), None) => news(before).then(|| format!("was {before}")),
        (Some(_), Some(_)) | (None, None) => None,
    }
}

fn added_lines(diff: &str) -> usize {
    diff.lines().filter(|line| line.starts_with('+') && !line.starts_with("+++ ")).count()
}

/// The diff of a change: one, where all hosts have the same; else the first as an example, or each under `-v`.
/// The text of a new file is left to `-v`.
fn diffs(page: &mut Page<'_>, hosts: &[&HostOutcome], position: usize, change: &Change) {
    if (change.action == Action::Create || is_run(change)) && !page.shows_all() {
        return;
    }
    let diffs = alike(hosts.iter().filter_map(|host| {
        let (change, _) = host.changes.get(position)?;
        Some((change.diff.as_ref()?, &host.host))
    }));
    let different = diffs.len() > 1;
    for (number, (diff, hosts)) in diffs.iter().enumerate() {
        if number > 0 && !page.shows_all() {
            break;
        }
        if different {
            let of = format!("      on {}:", in_words(hosts.iter().copied(), 60));
            page.line(&page.style.paint(Tone::Faint, of));
        }
        unified(page, diff.english());
    }
    if different && !page.shows_all() {
        let others = hosts.len() - diffs.first().map_or(0, |(_, hosts)| hosts.len());
        let note = format!("      and {others} alike, each with its own text (-v shows all)");
        page.line(&page.style.paint(Tone::Faint, note));
    }
}

fn unified(page: &mut Page<'_>, diff: &str) {
    let total = diff.lines().count();
    let shown = if page.shows_all() || total <= LONGEST_DIFF + 5 { total } else { LONGEST_DIFF };
    for line in diff.lines().take(shown) {
        let tone = match line.as_bytes().first() {
            _ if line.starts_with("--- ") || line.starts_with("+++ ") => Some(Tone::Faint),
            Some(b'+') => Some(Tone::Good),
            Some(b'-') => Some(Tone::Bad),
            Some(b'@') => Some(Tone::Accent),
            _ => None,
        };
        let room =
            if page.shows_all() { usize::MAX } else { page.options.look.width.saturating_sub(6).max(20) };
        let line = words::fit(line, room, page.style);
        let line = tone.map_or(line.clone(), |tone| page.style.paint(tone, &line));
        page.line(&format!("      {line}"));
    }
    if shown < total {
        let note = format!(
            "      {} {} more (-v shows all)",
            page.style.ellipsis(),
            words::count(total - shown, "line")
        );
        page.line(&page.style.paint(Tone::Faint, note));
    }
}
