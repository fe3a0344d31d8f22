//! A text under construction: options, headings, wrapped paragraphs and lists of hosts.

use std::fmt::Display;
use std::path::PathBuf;

use crate::model::{HostId, Text};
use crate::report::groups::alike;
use crate::report::names;
use crate::report::style::{Look, Style, Tone};
use crate::report::vocabulary::{Words, say};
use crate::report::words;

/// Lines that a list of hosts may take before it is cut.
const LONGEST_LIST: usize = 4;

#[derive(Debug, Clone)]
pub struct TextOptions {
    pub look: Look,
    /// How the tool was called, for the command that comes next.
    pub program: String,
    /// `--limit`, to be repeated in the command that comes next.
    pub limit: Option<String>,
    /// Where the whole remote output of failed hosts was written.
    pub log: Option<PathBuf>,
}

pub struct Page<'a> {
    pub style: Style,
    pub words: Words,
    pub options: &'a TextOptions,
    text: String,
}

impl<'a> Page<'a> {
    pub fn new(options: &'a TextOptions) -> Self {
        let style = options.look.style;
        Self { style, words: Words(style.language), options, text: String::new() }
    }

    pub fn shows_all(&self) -> bool {
        self.options.look.shows_all()
    }

    pub fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Sets what follows apart, unless nothing stands above it.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds wrapped text behind a lead; further lines stand under the first.
    pub fn hang(&mut self, lead: &str, tone: Tone, text: &str) {
        let hanging = words::hang(lead, text, self.options.look.width);
        let lead = self.style.paint(tone, lead);
        self.line(&format!("{lead}{hanging}"));
    }

    /// Adds the names of hosts, shortened, wrapped and, where they are many, cut.
    pub fn hosts<'h>(&mut self, indent: &str, hosts: impl IntoIterator<Item = &'h HostId>) {
        let names = names::compress(hosts);
        let room = self.options.look.width.saturating_sub(words::width(indent)).max(20);
        let mut lines = words::wrap(&names.join(", "), room);
        if lines.len() > LONGEST_LIST && !self.shows_all() {
            lines.truncate(LONGEST_LIST);
            let shown: usize = lines.iter().map(|line| line.matches(',').count()).sum();
            let left_out = names.len().saturating_sub(shown);
            lines.push(self.and_more(left_out));
        }
        for line in lines {
            self.line(&format!("{indent}{line}"));
        }
    }

    /// What stands for all that was left out.
    pub fn and_more(&self, left_out: impl Display) -> String {
        let ellipsis = self.style.ellipsis();
        say!(
            self.words,
            en: "{ellipsis} and {left_out} more (-v shows all)",
            pt: "{ellipsis} e mais {left_out} (-v mostra tudo)",
        )
    }

    /// Adds `web02: …`, or `17 hosts: …` with their names below.
    pub fn of_hosts(&mut self, lead: &str, tone: Tone, hosts: &[&HostId], text: &str) {
        if let [host] = hosts {
            return self.hang(lead, tone, &format!("{host}: {text}"));
        }
        self.hang(lead, tone, &format!("{}: {text}", self.words.hosts(hosts.len())));
        self.hosts("    ", hosts.iter().copied());
    }

    /// Adds what is told of hosts, alike things once.
    pub fn tell<'h>(&mut self, lead: &str, tone: Tone, told: impl IntoIterator<Item = (String, &'h HostId)>) {
        for (place, (text, hosts)) in alike(told).into_iter().enumerate() {
            if place == 0 {
                self.gap();
            }
            self.hang(lead, tone, &format!("{}: {text}", self.in_words(hosts, 40)));
        }
    }

    /// Adds the end of what a host said, and under `-v` all of it.
    pub fn log(&mut self, what: &str, lines: &[Text], most: usize) {
        let shown = if self.shows_all() { lines.len() } else { most.min(lines.len()) };
        self.line(&format!("    {}", self.style.paint(Tone::Faint, what)));
        let bar = if self.style.unicode { "│" } else { "|" };
        for line in lines.iter().skip(lines.len() - shown) {
            let room = self.options.look.width.saturating_sub(6).max(20);
            let line = if self.shows_all() {
                self.words.say(line)
            } else {
                words::fit(&self.words.say(line), room, self.style)
            };
            self.line(&self.style.paint(Tone::Faint, format!("    {bar} {line}")));
        }
    }

    /// A few hosts in a sentence: `web[01:03]`, or their number where the names would not fit.
    pub fn in_words<'h>(&self, hosts: impl IntoIterator<Item = &'h HostId>, columns: usize) -> String {
        let hosts: Vec<&HostId> = hosts.into_iter().collect();
        let names = names::compress(hosts.iter().copied()).join(", ");
        if words::width(&names) <= columns { names } else { self.words.hosts(hosts.len()) }
    }

    pub fn finish(self) -> String {
        self.text
    }
}
