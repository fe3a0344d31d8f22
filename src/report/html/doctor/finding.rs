//! One cause on the page: the hosts that have it, what was seen there, what it means, and how to mend it.

use serde::Serialize;

use super::{mark, state, word};
use crate::model::Text;
use crate::report::groups::FindingGroup;
use crate::report::html::seen::State;
use crate::report::names;
use crate::report::vocabulary::Words;

/// More than this is folded.
const MOST_UNFOLDED: usize = 4;

#[derive(Debug, Serialize)]
pub struct FindingPart {
    /// Its place on the page.
    anchor: String,
    state: State,
    mark: &'static str,
    word: &'static str,
    title: String,
    kind: &'static str,
    hosts: String,
    names: String,
    is_unfolded: bool,
    seen: Vec<SeenPart>,
    means: String,
    /// The last lines that the first host said.
    said: String,
    mend: String,
    /// The host that `mend` is of, where each has its own.
    mend_of: Option<String>,
    /// What the search looks at.
    search: String,
}

/// What was seen, alike on some hosts.
#[derive(Debug, Serialize)]
struct SeenPart {
    hosts: String,
    text: String,
    /// What the search looks at.
    search: String,
}

impl FindingPart {
    /// A group; `number` is its place on the page.
    pub fn new(group: &FindingGroup<'_>, number: usize, words: Words) -> Self {
        let first = group.first;
        let (title, means, mend) =
            (words.say(&first.kind.title()), words.say(&first.means), words.say(&first.mend));
        let common = [word(first.severity, words), &title, first.kind.into_str(), &means, &mend].join(" ");
        let seen = group.seen.iter().map(|(seen, hosts)| {
            let names: Vec<&str> = hosts.iter().map(|host| host.as_str()).collect();
            let text = words.say(seen);
            SeenPart {
                hosts: names::compress(hosts.iter().copied()).join(", "),
                search: format!("{} {text} {common}", names.join(" ")),
                text,
            }
        });
        let seen: Vec<SeenPart> = seen.collect();
        let hosts = group.hosts();
        let search: Vec<&str> = seen.iter().map(|seen| seen.search.as_str()).collect();
        Self {
            anchor: anchor(number),
            state: state(first.severity),
            mark: mark(first.severity),
            word: word(first.severity, words),
            title,
            kind: first.kind.into_str(),
            hosts: words.host_noun().count(hosts.len()),
            names: names::compress(hosts.iter().copied()).join(", "),
            is_unfolded: seen.len() <= MOST_UNFOLDED,
            search: search.join(" "),
            seen,
            means,
            said: words.say(&Text::join(&first.said, "\n")),
            mend_of: (!group.same_mend).then(|| first.host.to_string()),
            mend,
        }
    }
}

/// The place on the page of a group.
pub fn anchor(number: usize) -> String {
    format!("finding-{number}")
}
