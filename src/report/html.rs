//! HTML: one page that needs nothing else, to open, print and hand in. Every text in it is escaped.

use std::fmt::Write;

use super::style::Style;
use super::{RunKind, groups, names, printable, words};
use crate::model::{
    Change, Check, CheckKind, CheckStatus, HostId, HostOutcome, HostStatus, Inventory, RunOutcome,
};

/// Looks of the page, light and dark.
const LOOKS: &str = include_str!("html.css");

/// The page of a run.
pub fn html_page(kind: RunKind, outcome: &RunOutcome, inventory: &Inventory) -> String {
    let outcome = printable::printable(outcome);
    let title = escape(inventory.name.as_deref().unwrap_or("provision"));
    let command = kind.as_str();
    let sections = [
        verdict(kind, &outcome),
        troubles(&outcome),
        matrix(&outcome, inventory),
        details(&outcome, inventory),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}: {command}</title>\n<style>\n{LOOKS}</style>\n</head>\n<body>\n\
         <h1>{title} <small>{command}</small></h1>\n{}</body>\n</html>\n",
        sections.concat()
    )
}

fn verdict(kind: RunKind, outcome: &RunOutcome) -> String {
    let summary = outcome.summary();
    let failed = outcome.checks.iter().filter(|check| check.status == CheckStatus::Fail).count();
    let passed = outcome.checks.iter().filter(|check| check.status == CheckStatus::Pass).count();
    let well = summary.failed + summary.unreachable + failed == 0 && !outcome.interrupted;
    let mut figures = Vec::new();
    if kind != RunKind::Verify {
        figures.push((summary.hosts, "hosts"));
        figures.push((summary.changed, if kind == RunKind::Plan { "to change" } else { "changed" }));
        figures.push((summary.unreachable, "unreachable"));
        figures.push((summary.failed, "failed"));
    }
    if !outcome.checks.is_empty() {
        figures.push((passed, "probes passed"));
        figures.push((failed, "probes failed"));
    }
    let figures = figures.iter().fold(String::new(), |mut list, (number, what)| {
        let _ = write!(list, "<li><b>{number}</b> {what}</li>");
        list
    });
    let (class, word) = match (outcome.interrupted, well) {
        (true, _) => ("fail", "Interrupted"),
        (false, true) => ("pass", "All well"),
        (false, false) => ("fail", "Needs attention"),
    };
    let time = words::duration(outcome.duration);
    format!(
        "<p class=\"verdict {class}\">{word} <small>after {time}</small></p>\n<ul class=\"figures\">{figures}</ul>\n"
    )
}

fn troubles(outcome: &RunOutcome) -> String {
    let mut section = String::new();
    for group in groups::failures(outcome) {
        let names = names::compress(group.hosts.iter().map(|host| &host.host)).join(", ");
        trouble(&mut section, &names, &group.failure.message, group.failure.hint.as_deref());
    }
    for group in groups::failed_checks(outcome) {
        let names = names::compress(group.hosts.iter().copied()).join(", ");
        let message = format!("{}: {}", group.check.kind.as_str(), group.check.detail);
        trouble(&mut section, &names, &message, group.check.hint.as_deref());
    }
    if section.is_empty() {
        section
    } else {
        format!("<h2>What to mend</h2>\n<ul class=\"troubles\">\n{section}</ul>\n")
    }
}

fn trouble(section: &mut String, names: &str, message: &str, hint: Option<&str>) {
    let _ = write!(section, "<li><b>{}</b> {}", escape(names), escape(message));
    if let Some(hint) = hint {
        let _ = write!(section, "<pre class=\"hint\">{}</pre>", escape(hint));
    }
    section.push_str("</li>\n");
}

fn matrix(outcome: &RunOutcome, inventory: &Inventory) -> String {
    let kinds: Vec<CheckKind> = CheckKind::ALL
        .into_iter()
        .filter(|kind| outcome.checks.iter().any(|check| check.kind == *kind))
        .collect();
    if kinds.is_empty() {
        return String::new();
    }
    let mut table = String::from("<h2>Probes</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>host</th>");
    for kind in &kinds {
        let _ = write!(table, "<th>{}</th>", kind.as_str());
    }
    table.push_str("</tr></thead>\n<tbody>\n");
    for host in inventory.hosts() {
        let checks: Vec<&Check> = outcome.checks.iter().filter(|check| check.host == host.id).collect();
        if checks.is_empty() {
            continue;
        }
        let _ = write!(table, "<tr><th><a href=\"#{0}\">{0}</a></th>", escape(host.id.as_str()));
        for kind in &kinds {
            let verdicts = checks.iter().filter(|check| check.kind == *kind).map(|check| check.status);
            table.push_str(&cell(verdicts));
        }
        table.push_str("</tr>\n");
    }
    table.push_str("</tbody></table></div>\n");
    table
}

fn cell(verdicts: impl Iterator<Item = CheckStatus>) -> String {
    match groups::worst(verdicts) {
        None => "<td></td>".to_owned(),
        Some(status) => format!("<td class=\"{0}\" title=\"{0}\">{1}</td>", status.as_str(), mark(status)),
    }
}

fn mark(status: CheckStatus) -> &'static str {
    let style = Style { colour: false, unicode: true };
    match status {
        CheckStatus::Pass => style.pass(),
        CheckStatus::Fail => style.fail(),
        CheckStatus::Skip => style.skip(),
    }
}

fn details(outcome: &RunOutcome, inventory: &Inventory) -> String {
    let mut section = String::new();
    for host in inventory.hosts() {
        let state = outcome.hosts.iter().find(|state| state.host == host.id);
        let checks: Vec<&Check> = outcome.checks.iter().filter(|check| check.host == host.id).collect();
        if state.is_some() || !checks.is_empty() {
            section.push_str(&host_details(&host.id, state, &checks));
        }
    }
    if section.is_empty() { section } else { format!("<h2>Hosts</h2>\n{section}") }
}

fn host_details(host: &HostId, state: Option<&HostOutcome>, checks: &[&Check]) -> String {
    let name = escape(host.as_str());
    let troubled = checks.iter().any(|check| check.status == CheckStatus::Fail)
        || state.is_some_and(|state| matches!(state.status, HostStatus::Failed | HostStatus::Unreachable));
    let open = if troubled { " open" } else { "" };
    let status = state.map_or("", |state| state.status.as_str());
    let mut text =
        format!("<details id=\"{name}\"{open}><summary>{name} <small>{status}</small></summary>\n");
    if let Some(state) = state {
        for warning in &state.warnings {
            let _ = writeln!(text, "<p class=\"skip\">{}</p>", escape(warning));
        }
        if let Some(failure) = &state.failure {
            let _ = writeln!(text, "<p class=\"fail\">{}</p>", escape(&failure.message));
        }
        if !state.log_tail.is_empty() {
            let _ = writeln!(text, "<pre>{}</pre>", escape(&state.log_tail.join("\n")));
        }
    }
    for check in checks {
        let status = check.status.as_str();
        let _ = writeln!(
            text,
            "<p class=\"{status}\">{} {}: {}</p>",
            mark(check.status),
            check.kind.as_str(),
            escape(&check.detail)
        );
    }
    if let Some(state) = state.filter(|state| !state.changes.is_empty()) {
        text.push_str("<ul class=\"changes\">\n");
        for (change, result) in &state.changes {
            let result = result.as_ref().map_or("planned", |(result, _)| result.as_str());
            text.push_str(&change_item(change, result));
        }
        text.push_str("</ul>\n");
    }
    text.push_str("</details>\n");
    text
}

fn change_item(change: &Change, result: &str) -> String {
    let mut item = format!(
        "<li class=\"{}\"><code>{}</code> {} <small>{result}</small>",
        change.action.as_str(),
        escape(change.resource.as_str()),
        escape(&change.reason)
    );
    if let Some(diff) = &change.diff {
        item.push_str("<details><summary>diff</summary><pre>");
        for line in diff.lines() {
            let tag = match line.as_bytes().first() {
                Some(b'+') => "ins",
                Some(b'-') => "del",
                _ => "span",
            };
            let _ = writeln!(item, "<{tag}>{}</{tag}>", escape(line));
        }
        item.push_str("</pre></details>");
    }
    item.push_str("</li>\n");
    item
}

/// Text as HTML shows it, in elements and in quoted attributes.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            character => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples;

    #[test]
    fn the_page_of_an_apply() {
        insta::assert_snapshot!(html_page(
            RunKind::Apply,
            &samples::applied_with_troubles(),
            &samples::inventory()
        ));
    }

    #[test]
    fn what_a_host_said_is_never_markup() {
        let page = html_page(RunKind::Apply, &samples::hostile(), &samples::inventory());
        assert!(page.contains("&lt;script&gt;"));
        for forbidden in ["<script", "<x", "a=\"b\"", "\u{1b}", "\u{202e}", "\u{9b}", "\u{0}"] {
            assert!(!page.contains(forbidden), "{forbidden:?}");
        }
    }

    #[test]
    fn the_page_refers_to_nothing_outside() {
        let page = html_page(RunKind::Plan, &samples::planned(), &samples::inventory());
        for outside in ["http:", "https:", "//", "url(", "@import", "src="] {
            let page = page.replace("'none'; style-src 'unsafe-inline'", "");
            assert!(!page.contains(outside), "{outside}");
        }
    }
}
