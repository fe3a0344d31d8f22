//! Collects faults while a document is read, and places them in the text at the end.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;

use super::complaint::Complaint;
use super::fault::Faults;
use super::tree::{self, NodeId};
use crate::model::{Text, text};

/// How many faults are placed and shown: nobody reads more at once.
const SHOWN_LIMIT: usize = 100;
/// To find a place costs a parse of the whole text: of so many bytes in all, but for a few faults in any case.
const PLACED_BYTES: usize = 8 << 20;
const SHOWN_LEAST: usize = 10;

#[derive(Debug)]
pub struct Recorder {
    /// What many faults of one place have in common.
    alike: Text,
    drafts: RefCell<Vec<Draft>>,
    /// The place of each draft, by where it is and its hint.
    known: RefCell<HashMap<(Place, Text), usize>>,
}

/// A fault that has no line and column yet.
#[derive(Debug)]
struct Draft {
    at: Place,
    complaint: Complaint,
    /// Another node that the message is about.
    related: Option<NodeId>,
    /// How often it came up again, for other members of the same range.
    again: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Place {
    Node(NodeId),
    Text(Range<usize>),
    /// A line and column, from 1, of the text that a node is.
    Within(NodeId, usize, usize),
}

impl From<NodeId> for Place {
    fn from(at: NodeId) -> Self {
        Self::Node(at)
    }
}

impl From<Range<usize>> for Place {
    fn from(span: Range<usize>) -> Self {
        Self::Text(span)
    }
}

impl Recorder {
    pub fn new(alike: Text) -> Self {
        Self { alike, drafts: RefCell::default(), known: RefCell::default() }
    }

    /// Records a fault at a node or a part of the text.
    pub fn add(&self, at: impl Into<Place>, message: Text, hint: Text) {
        self.push(at.into(), Complaint::new(message, hint), None);
    }

    /// Records a fault at a node that has to do with another one, whose line is told.
    pub fn add_related(&self, at: NodeId, related: NodeId, message: Text, hint: Text) {
        self.push(Place::Node(at), Complaint::new(message, hint), Some(related));
    }

    fn push(&self, at: Place, complaint: Complaint, related: Option<NodeId>) {
        let mut drafts = self.drafts.borrow_mut();
        // One node of a range is read once for each member: what is wrong with all of them is said once.
        let mut known = self.known.borrow_mut();
        let key = (at.clone(), complaint.hint.clone());
        let place = *known.entry(key).or_insert(drafts.len());
        match drafts.get_mut(place) {
            Some(known) if known.complaint.message == complaint.message => {}
            Some(known) => known.again += 1,
            None => drafts.push(Draft { at, complaint, related, again: 0 }),
        }
    }

    /// Places the faults. `text` is what is shown; `parsed` is what the tree was made of, of the same length.
    pub fn finish(self, path: &Path, text: &str, parsed: &str) -> Faults {
        let mut drafts = self.drafts.into_inner();
        let shown = (PLACED_BYTES / text.len().max(1)).clamp(SHOWN_LEAST, SHOWN_LIMIT);
        let left_out = drafts.len().saturating_sub(shown);
        drafts.truncate(shown);
        let found = drafts
            .into_iter()
            .map(|draft| {
                let span = match draft.at {
                    Place::Node(id) => span(parsed, id),
                    Place::Text(span) => span,
                    Place::Within(id, line, column) => {
                        within(parsed, id, line, column).unwrap_or_else(|| span(parsed, id))
                    }
                };
                let Complaint { mut message, hint } = draft.complaint;
                if draft.again > 0 {
                    let (again, alike) = (draft.again, &self.alike);
                    message = text!(
                        en: "{message} (and {again} more {alike})",
                        pt: "{message} (e mais {again} {alike})", message, alike
                    );
                }
                if let Some(start) = draft.related.and_then(|id| tree::offset(parsed, id)) {
                    let line = parsed.get(..start).map_or(0, |before| before.matches('\n').count()) + 1;
                    message =
                        text!(en: "{message} (see line {line})", pt: "{message} (ver linha {line})", message);
                }
                (span, Complaint { message, hint })
            })
            .collect();
        Faults::new(path, text, found, left_out)
    }
}

/// The part of a text that a node's first line covers, near enough for a marker below it.
fn span(text: &str, id: NodeId) -> Range<usize> {
    let start = tree::offset(text, id).unwrap_or_default();
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    let length = match line.chars().next() {
        None => 0,
        Some(quote @ ('"' | '\'')) => line[1..].find(quote).map_or(line.len(), |at| at + 2),
        Some('{' | '[') => 1,
        Some(_) => plain(line),
    };
    start..start + length
}

/// A place within the text that a node is, as near as its quotes and escapes allow; only where it surely is that text.
fn within(text: &str, id: NodeId, line: usize, column: usize) -> Option<Range<usize>> {
    let start = tree::offset(text, id)?;
    let first = text.get(start..)?.chars().next()?;
    let begin = match first {
        '|' | '>' => {
            let body = start + text.get(start..)?.find('\n')? + 1;
            let indent = text
                .get(body..)?
                .lines()
                .find(|line| !line.trim().is_empty())
                .map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
            let above: usize = text.get(body..)?.split_inclusive('\n').take(line - 1).map(str::len).sum();
            body + above + indent
        }
        _ if line > 1 => return None,
        '"' | '\'' => start + 1,
        _ => start,
    };
    let rest = text.get(begin..)?.lines().next()?;
    let into = rest.char_indices().nth(column - 1)?.0;
    let word = rest.get(into..)?.chars().take_while(|sign| sign.is_alphanumeric() || "_.".contains(*sign));
    let length: usize = word.map(char::len_utf8).sum();
    Some(begin + into..begin + into + length.max(1))
}

/// How long an unquoted value at the start of a line is.
fn plain(line: &str) -> usize {
    let mut depth = 0_usize;
    let end = line.char_indices().find(|(at, character)| {
        let after = line[at + character.len_utf8()..].chars().next();
        match character {
            '[' => depth += 1,
            ']' if depth > 0 => depth -= 1,
            ']' | '}' => return true,
            ':' | ',' => return after.is_none_or(char::is_whitespace),
            ' ' => return after == Some('#'),
            _ => {}
        }
        false
    });
    line[..end.map_or(line.len(), |(at, _)| at)].trim_end().len()
}
