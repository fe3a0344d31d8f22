//! What an import says besides the inventory: what was not taken over, line by line, and what was decided.

use std::collections::{HashMap, HashSet};

use super::source::Sources;
use crate::document::tree::{self, NodeId};
use crate::model::{Text, text};

/// To find the line of a YAML node costs a parse of its text: of so many bytes in all.
const PLACED_BYTES: usize = 8 << 20;

/// Where something stands in what was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The number of the source.
    pub source: usize,
    pub at: At,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum At {
    /// No line in particular.
    Whole,
    /// Counted from 1.
    Line(usize),
    Node(NodeId),
}

impl Place {
    pub fn whole(source: usize) -> Self {
        Self { source, at: At::Whole }
    }

    pub fn line(source: usize, line: usize) -> Self {
        Self { source, at: At::Line(line) }
    }

    pub fn node(source: usize, node: NodeId) -> Self {
        Self { source, at: At::Node(node) }
    }
}

/// One line for the instructor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// `hosts.ini:7`.
    pub place: Text,
    pub said: Text,
    /// Whether something was not taken over; else something was decided.
    pub is_loss: bool,
}

/// Remarks as they come up; the same one about many lines is kept once.
#[derive(Debug, Default)]
pub struct Remarks {
    drafts: Vec<Draft>,
    known: HashMap<(usize, Text), usize>,
}

#[derive(Debug)]
struct Draft {
    place: Place,
    said: Text,
    is_loss: bool,
    /// Further places of which the same is to be said.
    again: HashSet<Place>,
}

impl Remarks {
    /// Something was not taken over.
    pub fn lost(&mut self, place: Place, said: Text) {
        self.push(place, said, true);
    }

    /// Something was decided that the source leaves open.
    pub fn told(&mut self, place: Place, said: Text) {
        self.push(place, said, false);
    }

    fn push(&mut self, place: Place, said: Text, is_loss: bool) {
        let known = *self.known.entry((place.source, said.clone())).or_insert(self.drafts.len());
        match self.drafts.get_mut(known) {
            Some(draft) if draft.place == place => {}
            Some(draft) => {
                draft.again.insert(place);
            }
            None => self.drafts.push(Draft { place, said, is_loss, again: HashSet::new() }),
        }
    }

    /// All of them with their lines, in the order of the sources.
    pub fn finish(self, sources: &Sources) -> Vec<Remark> {
        let mut budget = PLACED_BYTES;
        let mut placed: Vec<_> = self
            .drafts
            .into_iter()
            .map(|draft| {
                let line = line(draft.place, sources, &mut budget);
                let name = &sources.get(draft.place.source).name;
                let place = line.map_or_else(|| name.clone(), |line| format!("{name}:{line}"));
                let remark = Remark {
                    place: Text::verbatim(place),
                    said: again(draft.said, draft.again.len()),
                    is_loss: draft.is_loss,
                };
                ((draft.place.source, line), remark)
            })
            .collect();
        placed.sort_by_key(|(place, _)| *place);
        placed.into_iter().map(|(_, remark)| remark).collect()
    }
}

fn line(place: Place, sources: &Sources, budget: &mut usize) -> Option<usize> {
    match place.at {
        At::Whole => None,
        At::Line(line) => Some(line),
        At::Node(node) => {
            let text = &sources.get(place.source).text;
            *budget = budget.checked_sub(text.len())?;
            let before = text.get(..tree::offset(text, node)?)?;
            Some(before.matches('\n').count() + 1)
        }
    }
}

fn again(said: Text, more: usize) -> Text {
    match more {
        0 => said,
        1 => text!(en: "{said} (and 1 more line)", pt: "{said} (e mais 1 linha)", said),
        more => text!(en: "{said} (and {more} more lines)", pt: "{said} (e mais {more} linhas)", said),
    }
}
