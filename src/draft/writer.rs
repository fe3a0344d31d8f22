//! A draft as a file: what stands where, and what is said beside it.

use super::Draft;
use super::fold::{self, Entry, Group};
use super::node::{self, Node};
use super::page::Page;
use super::remark;
use super::scalar::{self, Place};
use crate::model::{Language, Text};

/// Keys of a host's settings that are shown on one line.
const FEW: usize = 2;
const INDENT: usize = 2;

/// The text of an inventory.
pub fn write(draft: &Draft) -> String {
    let Draft { head, name, language, settings, clusters } = draft;
    let mut writer =
        Writer { page: Page::default(), language: language.unwrap_or_default(), told: Vec::new() };
    writer.page.head(head.iter().map(|line| line.words(writer.language)));
    writer.page.line(0, "version: 1", None);
    if let Some(name) = name {
        writer.value(0, "", "name", &Node::text(name));
    }
    if let Some(language) = language {
        writer.value(0, "", "language", &Node::text(language.tag()));
    }
    let (alone, named): (Vec<_>, Vec<_>) =
        fold::groups(clusters).into_iter().partition(|group| group.name == Node::text(""));
    let own = alone.iter().map(|group| group.settings.clone());
    for (key, value) in own.fold(node::settings(settings), node::merged) {
        writer.page.blank();
        writer.block(0, "", &key, &value);
    }
    for group in &alone {
        writer.page.blank();
        writer.hosts(0, &group.entries);
    }
    if !named.is_empty() {
        writer.page.blank();
        writer.clusters(&named);
    }
    writer.page.finish()
}

struct Writer {
    page: Page,
    /// Of the comments.
    language: Language,
    /// What has been said beside a line, and is not said again.
    told: Vec<Text>,
}

impl Writer {
    fn clusters(&mut self, groups: &[Group]) {
        let remark = self.once(remark::of("", "clusters", None));
        self.page.line(0, "clusters:", remark.as_deref());
        for (place, Group { name, comment, settings, entries }) in groups.iter().enumerate() {
            if place > 0 {
                self.page.blank();
            }
            self.name(INDENT, name, comment.as_ref());
            for (key, value) in settings {
                self.block(2 * INDENT, "", key, value);
            }
            self.hosts(2 * INDENT, entries);
        }
    }

    fn hosts(&mut self, indent: usize, entries: &[Entry]) {
        self.page.line(indent, if entries.is_empty() { "hosts: {}" } else { "hosts:" }, None);
        let indent = indent + INDENT;
        if let Some(rows) = rows(indent, entries) {
            for (row, entry) in rows.iter().zip(entries) {
                self.page.line(
                    indent,
                    row,
                    entry.comment.as_ref().map(|comment| comment.words(self.language)),
                );
            }
            return;
        }
        for Entry { name, comment, value } in entries {
            self.name(indent, name, comment.as_ref());
            for (key, value) in map(value) {
                self.value(indent + INDENT, "host", key, value);
            }
        }
    }

    /// The name of clusters or hosts, below which they are described.
    fn name(&mut self, indent: usize, name: &Node, comment: Option<&Text>) {
        let explained =
            if comment.is_none() && name.is_ranged() { self.once(Some(remark::range())) } else { None };
        let comment = comment.map(|comment| comment.words(self.language)).or(explained.as_deref());
        self.page.line(indent, format!("{}:", inline(name, Place::Line)), comment);
    }

    /// A key with its value below it, line by line, or beside it where it is but one.
    fn block(&mut self, indent: usize, parent: &str, key: &str, value: &Node) {
        let remark = self.once(remark::of(parent, key, Some(value)));
        let (name, inner) = (scalar::key(key), indent + INDENT);
        match value {
            Node::Map(entries) if !entries.is_empty() => {
                self.page.line(indent, format!("{name}:"), remark.as_deref());
                for (inner_key, value) in entries {
                    self.value(inner, key, inner_key, value);
                }
            }
            Node::List(items) if !items.is_empty() => {
                self.page.line(indent, format!("{name}:"), remark.as_deref());
                for item in items {
                    self.page.line(inner, format!("- {}", inline(item, Place::Line)), None);
                }
            }
            _ => self.page.line(indent, format!("{name}: {}", inline(value, Place::Line)), remark.as_deref()),
        }
    }

    /// A key with its value beside it, as long as that is short.
    fn value(&mut self, indent: usize, parent: &str, key: &str, value: &Node) {
        let line = format!("{}: {}", scalar::key(key), inline(value, Place::Line));
        if map(value).len() > FEW || !Page::fits(indent, &line) {
            return self.block(indent, parent, key, value);
        }
        let remark = self.once(remark::of(parent, key, Some(value)));
        self.page.line(indent, line, remark.as_deref());
    }

    /// A remark, where it has not been made before.
    fn once(&mut self, remark: Option<Text>) -> Option<String> {
        let remark = remark.filter(|remark| !self.told.contains(remark))?;
        let words = remark.words(self.language).to_owned();
        self.told.push(remark);
        Some(words)
    }
}

/// Hosts on a line each, where all are short and none is a range.
fn rows(indent: usize, entries: &[Entry]) -> Option<Vec<String>> {
    let names = entries.iter().map(|entry| format!("{}:", inline(&entry.name, Place::Line)));
    let width = names.clone().map(|name| name.len()).max()?;
    names
        .zip(entries)
        .map(|(name, entry)| {
            let row = format!("{name:<width$} {}", inline(&entry.value, Place::Line));
            let is_one = !entry.name.is_ranged() && !entry.value.is_ranged();
            (is_one && Page::fits(indent, &row)).then_some(row)
        })
        .collect()
}

/// A value on one line.
fn inline(value: &Node, place: Place) -> String {
    let list = |items: Vec<String>| items.join(", ");
    match value {
        Node::Text(text) => scalar::text(text, place),
        Node::Range(text) => scalar::range(text, place),
        Node::Port(port) => port.to_string(),
        Node::Word(word) => word.clone(),
        Node::List(items) => {
            format!("[{}]", list(items.iter().map(|item| inline(item, Place::Brackets)).collect()))
        }
        Node::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Node::Map(entries) => {
            let entry = |(key, value): &(String, Node)| {
                format!("{}: {}", scalar::key(key), inline(value, Place::Brackets))
            };
            format!("{{ {} }}", list(entries.iter().map(entry).collect()))
        }
    }
}

fn map(value: &Node) -> &[(String, Node)] {
    if let Node::Map(entries) = value { entries } else { &[] }
}
