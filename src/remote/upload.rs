//! Files that a run asks for while it goes on, and how they travel on its stdin. `upload.sh` is the other end.

use crate::model::clean_line;

/// A file that a host's apt wants. Everything in it is the host's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Want {
    /// What the answer is marked with.
    pub id: u64,
    pub url: String,
    /// The HTTP date of the copy that the host has.
    pub since: Option<String>,
    /// Copies in between must not be used.
    pub fresh: bool,
}

impl Want {
    /// `fresh` or `-` · ID · URL · date or `-`
    pub(super) fn parse(words: &str) -> Option<Self> {
        let mut words = words.splitn(4, ' ');
        let fresh = words.next()? == "fresh";
        let id = words.next()?.parse().ok()?;
        let url = words.next()?.to_owned();
        let since = words.next().filter(|since| *since != "-").map(str::to_owned);
        Some(Self { id, url, since, fresh })
    }
}

/// One line for a run's stdin, by which it takes part of an answer to a [`Want`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// The file will come. Its size in bytes, and the HTTP date of its last change.
    Start(Option<u64>, Option<&'a str>),
    /// So many bytes of it follow behind this line.
    Data(usize),
    Done,
    /// The host's own copy is the file.
    Same,
    /// There will be no file, or no more of it: an HTTP status and why.
    Fail(&'a str),
}

impl Frame<'_> {
    /// The line, for the want with this number.
    pub fn line(self, id: u64) -> String {
        match self {
            Self::Start(size, date) => {
                let date = date.map(|date| clean_line(date, 40)).unwrap_or_default();
                format!("start {id} {} {date}\n", size.unwrap_or_default())
            }
            Self::Data(length) => format!("data {id} {length}\n"),
            Self::Done => format!("done {id}\n"),
            Self::Same => format!("same {id}\n"),
            Self::Fail(reason) => format!("fail {id} {}\n", clean_line(reason, 250)),
        }
    }
}
