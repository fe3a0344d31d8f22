//! Changes of alike hosts: what is added, altered, taken away or done, why, and the diff of text files.

use super::page::Page;
use crate::model::{Action, Change, ChangeResult, HostOutcome, Text, text};
use crate::report::groups::alike;
use crate::report::style::{Style, Tone};
use crate::report::vocabulary::{Words, say};
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
    let names = page.in_words(ids.clone(), page.options.look.width.saturating_sub(20));
    let heading = page.style.paint(Tone::Strong, &names);
    if hosts.len() == 1 {
        page.line(&heading);
        return;
    }
    let number = page.words.hosts(hosts.len());
    let is_number = names == number;
    let alike = page.words.choose("alike", "iguais");
    let alike = if is_number { alike.to_owned() } else { format!("({number} {alike})") };
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
    let words = page.words;
    let mut text = words.say(&change.reason);
    match result {
        None | Some(ChangeResult::Done) => {}
        Some(result) => {
            let (tone, what) = match result {
                ChangeResult::Failed => (Tone::Bad, words.choose("FAILED", "FALHOU")),
                ChangeResult::RolledBack => (Tone::Bad, words.choose("PUT BACK", "DESFEITO")),
                ChangeResult::Left => (Tone::Caution, words.choose("left", "mantido")),
                ChangeResult::NotRun | ChangeResult::Done => {
                    (Tone::Caution, words.choose("not done", "não feito"))
                }
            };
            text.push_str(&style.paint(tone, format!("  {what}")));
        }
    }
    // States are of less use than a line that fits.
    if let Some(states) = states(style, words, change)
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
fn states(style: Style, words: Words, change: &Change) -> Option<String> {
    if let (Action::Create, Some(diff)) = (change.action, &change.diff) {
        return Some(words.line_noun().count(added_lines(&words.say(diff))));
    }
    if change.diff.is_some() && !is_run(change) {
        return None;
    }
    // Of a package that comes or goes, this is no news.
    let installed = text!(en: "installed", pt: "instalado");
    let news = |state: Option<&Text>| state.is_some_and(|state| *state != installed);
    let said = |state: &Option<Text>| state.as_ref().map(|state| words.say(state));
    match (said(&change.before), said(&change.after)) {
        (Some(before), Some(after)) if before != after => Some(format!("{before} {} {after}", style.arrow())),
        (None, Some(after)) => news(change.after.as_ref()).then_some(after),
        (Some(before), None) => {
            news(change.before.as_ref()).then(|| say!(words, en: "was {before}", pt: "era {before}"))
        }
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
            let hosts = page.in_words(hosts.iter().copied(), 60);
            let of = say!(page.words, en: "      on {hosts}:", pt: "      em {hosts}:");
            page.line(&page.style.paint(Tone::Faint, of));
        }
        unified(page, &page.words.say(diff));
    }
    if different && !page.shows_all() {
        let others = hosts.len() - diffs.first().map_or(0, |(_, hosts)| hosts.len());
        let note = say!(
            page.words,
            en: "      and {others} alike, each with its own text (-v shows all)",
            pt: "      e {others} semelhantes, cada um com o seu texto (-v mostra tudo)",
        );
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
        let (ellipsis, lines) = (page.style.ellipsis(), page.words.line_noun().count(total - shown));
        let note = say!(
            page.words,
            en: "      {ellipsis} {lines} more (-v shows all)",
            pt: "      {ellipsis} mais {lines} (-v mostra tudo)",
        );
        page.line(&page.style.paint(Tone::Faint, note));
    }
}
