//! The drawing of a cluster: balancers above, the hosts that they balance over below, each with its state and its
//! share of requests. Only places and sizes; looks are the style's.

#[cfg(test)]
mod tests;

use std::ops::Range;

use serde::Serialize;

use super::seen::State;
use crate::model::Language;
use crate::report::names;
use crate::report::style::Style;
use crate::report::vocabulary::Words;

/// Wide enough for three addresses side by side, and no wider than a phone.
const WIDTH: usize = 344;
const GAP: usize = 8;
const PADDING: usize = 10;
/// Room for the lines between balancers and what they balance over.
const EDGE: usize = 36;
/// The line of a group's title, below its hosts.
const TITLE: usize = 20;
/// More hosts are drawn small.
const MOST_LARGE: usize = 12;
/// Widths of letters, in tenths.
const NAME_LETTER: usize = 84;
const NOTE_LETTER: usize = 62;

pub struct Subject {
    pub balancers: Vec<Member>,
    pub requests: usize,
    /// Below, in this order.
    pub groups: Vec<Group>,
}

pub struct Group {
    pub title: String,
    pub is_balanced: bool,
    /// In the order of the inventory.
    pub members: Vec<Member>,
}

pub struct Member {
    /// Its name within the cluster.
    pub name: String,
    /// What stands below the name where there is room.
    pub note: String,
    /// How it is, in this role.
    pub state: State,
    /// How many requests it answered, where that was counted.
    pub requests: Option<usize>,
}

/// Places and sizes, in units of about a pixel.
#[derive(Debug, Serialize)]
pub struct Drawing {
    width: usize,
    height: usize,
    /// Said instead of the drawing.
    label: String,
    /// How many requests there were, above all.
    requests: Option<String>,
    frames: Vec<Border>,
    edges: Vec<Edge>,
    nodes: Vec<Node>,
}

#[derive(Debug, Serialize)]
struct Border {
    y: usize,
    height: usize,
    title: String,
}

#[derive(Debug, Serialize)]
struct Edge {
    path: String,
    state: State,
    thickness: usize,
}

#[derive(Debug, Serialize)]
struct Node {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    state: State,
    name: String,
    /// Shown where the pointer rests.
    title: String,
    note: Option<String>,
    share: Option<Share>,
}

#[derive(Debug, Serialize)]
struct Share {
    y: usize,
    width: usize,
    filled: usize,
    text: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Size {
    Large,
    Small,
}

impl Drawing {
    pub fn new(subject: &Subject, words: Words) -> Self {
        let mut drawing = Self {
            width: WIDTH,
            height: 1,
            label: label(subject, words),
            requests: (subject.requests > 0).then(|| words.request_noun().count(subject.requests)),
            frames: Vec::new(),
            edges: Vec::new(),
            nodes: Vec::new(),
        };
        if drawing.requests.is_some() {
            drawing.height += 24;
        }
        let balancers = drawing.rows(&subject.balancers, 2, 176, Size::Large, subject.requests, words);
        for group in &subject.groups {
            if drawing.height > 1 {
                drawing.height += if group.is_balanced && !balancers.is_empty() { EDGE } else { GAP };
            }
            let top = drawing.height;
            let members = drawing.group(group, subject.requests, words);
            if group.is_balanced {
                drawing.connect(balancers.clone(), members, top);
            }
        }
        drawing.height += 1;
        drawing
    }

    /// Draws hosts in a frame with a title, and gives the places of their nodes.
    fn group(&mut self, group: &Group, requests: usize, words: Words) -> Range<usize> {
        let top = self.height;
        self.height += PADDING;
        let count = group.members.len();
        let (size, columns) = match count {
            _ if !group.is_balanced => (Size::Small, 4),
            4 => (Size::Large, 2),
            _ if count > MOST_LARGE => (Size::Small, 4),
            _ => (Size::Large, 3),
        };
        let members = self.rows(&group.members, columns.min(count), 150, size, requests, words);
        self.height += TITLE;
        self.frames.push(Border { y: top, height: self.height - top, title: group.title.clone() });
        members
    }

    /// Draws hosts in rows of so many columns, none wider than so much, and gives the places of their nodes.
    fn rows(
        &mut self,
        members: &[Member],
        columns: usize,
        widest: usize,
        size: Size,
        requests: usize,
        words: Words,
    ) -> Range<usize> {
        let columns = columns.clamp(1, members.len().max(1));
        let room = WIDTH - 2 * PADDING;
        let width = ((room - GAP * (columns - 1)) / columns).min(widest);
        let left = (WIDTH - columns * width - GAP * (columns - 1)) / 2;
        let most = members.iter().filter_map(|member| member.requests).max();
        let height = match (size, most.is_some()) {
            (Size::Large, false) => 44,
            (Size::Large, true) => 60,
            (Size::Small, false) => 28,
            (Size::Small, true) => 34,
        };
        // Left of a name stands its mark.
        let names = fitted(members, |member| &member.name, width.saturating_sub(30), NAME_LETTER);
        let notes = fitted(members, |member| &member.note, width.saturating_sub(18), NOTE_LETTER);
        let first = self.nodes.len();
        for (place, ((member, name), note)) in members.iter().zip(names).zip(notes).enumerate() {
            let (row, column) = (place / columns, place % columns);
            self.nodes.push(Node {
                x: left + column * (width + GAP),
                y: self.height + row * (height + GAP),
                width,
                height,
                state: member.state,
                name,
                title: described(member, words),
                note: (size == Size::Large && !note.is_empty()).then_some(note),
                share: member.requests.map(|own| share(own, requests, most.unwrap_or_default(), width, size)),
            });
        }
        if let Some(last) = self.nodes.get(first..).and_then(<[Node]>::last) {
            self.height = last.y + height;
        }
        first..self.nodes.len()
    }

    /// Lines from each balancer to each host where they stand face to face, else to the frame around the hosts.
    fn connect(&mut self, balancers: Range<usize>, members: Range<usize>, frame: usize) {
        let (balancers, members) = (&self.nodes[balancers], &self.nodes[members]);
        let is_row = |nodes: &[Node]| nodes.windows(2).all(|pair| pair[0].y == pair[1].y);
        let is_face_to_face = is_row(balancers) && is_row(members);
        for from in balancers {
            let (x, y) = (from.x + from.width / 2, from.y + from.height);
            if !is_face_to_face {
                let path = format!("M{x} {y}V{frame}");
                self.edges.push(Edge { path, state: State::Unknown, thickness: 20 });
                continue;
            }
            for to in members {
                let (to_x, middle) = (to.x + to.width / 2, y.midpoint(to.y));
                let path = format!("M{x} {y}C{x} {middle} {to_x} {middle} {to_x} {}", to.y);
                let (state, thickness) = match &to.share {
                    Some(share) if share.filled == 0 => (State::Fail, 12),
                    Some(share) => (to.state, 12 + 28 * share.filled / share.width.max(1)),
                    None => (from.state.max(to.state), 15),
                };
                self.edges.push(Edge { path, state, thickness });
            }
        }
    }
}

/// A bar as long as the host's part of the largest, and its part of all in figures where there is room.
fn share(own: usize, all: usize, most: usize, width: usize, size: Size) -> Share {
    let (y, room) = match size {
        Size::Large => (47, width.saturating_sub(52)),
        Size::Small => (27, width.saturating_sub(16)),
    };
    Share {
        y,
        width: room,
        // What answered at all is seen to.
        filled: (own * room / most.max(1)).max(usize::from(own > 0) * 2),
        text: (size == Size::Large).then(|| percent(own, all)),
    }
}

fn percent(own: usize, all: usize) -> String {
    format!("{}%", (own * 200 + all) / (2 * all).max(1))
}

fn described(member: &Member, words: Words) -> String {
    let Member { name, note, state, requests } = member;
    let word = state.word(words);
    let requests = requests.map_or(String::new(), |count| format!(", {}", words.request_noun().count(count)));
    if note.is_empty() {
        format!("{name}: {word}{requests}")
    } else {
        format!("{name} ({note}): {word}{requests}")
    }
}

/// The drawing in words. What stands in it is told by the list of hosts, too.
fn label(subject: &Subject, words: Words) -> String {
    let balancers = subject
        .balancers
        .iter()
        .map(|member| format!("{} {}", words.choose("balancer", "balanceador"), described(member, words)));
    let groups = subject.groups.iter().map(|group| {
        let members: Vec<String> = group.members.iter().map(|member| described(member, words)).collect();
        format!("{}: {}", group.title, members.join(", "))
    });
    balancers.chain(groups).collect::<Vec<_>>().join("; ")
}

/// A text of each host, in as many letters as fit a width: what tells hosts apart stays.
fn fitted<'a>(
    members: &'a [Member],
    text: impl Fn(&'a Member) -> &'a str,
    width: usize,
    letter: usize,
) -> Vec<String> {
    let texts: Vec<&str> = members.iter().map(text).collect();
    names::shorten(
        &texts,
        width * 10 / letter,
        Style { colour: false, unicode: true, language: Language::default() },
    )
}
