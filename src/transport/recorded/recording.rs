//! The text of a recording, line by line:
//!
//! ```text
//! # anything
//! source FILE                     where it came from, for the words of a fault
//! set NAME VALUE                  what {NAME} stands for
//! connect refused                 no session: see `player` for the words
//! exec PROGRAM RUN-AS             an exchange: a program's name and who ran it; `exec any` for any program
//! > a line of what it was asked
//! < a line that it printed        <+ without a newline behind it
//! ! a line on standard error
//! * exit 0                        its end; see `player` for others
//! get PORT PATH                   an answer over HTTP, its lines as above
//! open PORT refused               no stream: also `forbidden`, `lost`, `silent`
//! ```
//!
//! Whoever looks for an answer gets that of an exchange with the same program, run by the same, asked the same: so it
//! is never the answer to another question. Words that differ from class to class are placeholders in what was asked,
//! and take today's. That makes no wrong answer of a hash, as the host only says whether its own is equal; where an
//! answer holds today's value in letters of its own, it would be unequal there and is equal now, and is not taken.

use std::collections::BTreeSet;

use super::question::Question;
use super::template::{self, Values};

/// What a host said once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    /// `exec PROGRAM RUN-AS`, `get PORT PATH` or `open PORT`.
    pub head: String,
    /// What was asked, without the mark.
    pub asked: Vec<String>,
    /// What came back, with its mark.
    pub answer: Vec<String>,
    times_played: usize,
}

/// A host's exchanges, with what was played of them.
#[derive(Debug, Default)]
pub struct Recording {
    pub source: String,
    pub values: Values,
    /// Why there is no session, in one word and more.
    pub connect: Option<String>,
    exchanges: Vec<Exchange>,
}

impl Recording {
    /// Reads a recording; an error is the line that cannot be read.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut recording = Self::default();
        for line in text.lines() {
            let (mark, rest) = line.split_once(' ').unwrap_or((line, ""));
            let exchange = recording.exchanges.last_mut();
            match (mark, exchange) {
                ("#" | "", _) => {}
                ("source", _) => rest.clone_into(&mut recording.source),
                ("set", _) => {
                    let (name, value) = rest.split_once(' ').ok_or(line)?;
                    recording.values.insert(name.to_owned(), value.to_owned());
                }
                ("connect", _) => recording.connect = Some(rest.to_owned()),
                ("exec" | "get" | "open", _) => recording.exchanges.push(Exchange::new(line)),
                (">", Some(exchange)) => exchange.asked.push(rest.to_owned()),
                ("<" | "<+" | "!" | "*", Some(exchange)) => exchange.answer.push(line.to_owned()),
                _ => return Err(line.to_owned()),
            }
        }
        Ok(recording)
    }

    /// The answer to a question, and the values that it is told with: the first that was not played yet, else the
    /// last again, as a host that settled stays as it is.
    pub fn answer(&mut self, question: &Question) -> Option<(Exchange, Values)> {
        let values = &self.values;
        let fitting = self.exchanges.iter_mut().filter_map(|exchange| {
            let values = exchange.fits(question, values.clone())?;
            Some((exchange, values))
        });
        let mut fitting: Vec<_> = fitting.collect();
        let unplayed = fitting.iter().position(|(exchange, _)| exchange.times_played == 0);
        let position = unplayed.or(fitting.len().checked_sub(1))?;
        let (exchange, values) = fitting.swap_remove(position);
        exchange.times_played += 1;
        Some((exchange.clone(), values))
    }

    /// The same, whatever version of its program asks.
    pub fn answer_by_what_is_asked(&mut self, mut question: Question) -> Option<(Exchange, Values)> {
        let heads = self.exchanges.iter().filter_map(|exchange| exchange.head.strip_prefix("exec "));
        let programs: BTreeSet<_> =
            heads.filter_map(|head| head.split(' ').next()).map(str::to_owned).collect();
        programs.into_iter().find_map(|program| {
            question.program = program;
            self.answer(&question)
        })
    }

    /// Whether any exchange is of this program.
    pub fn knows(&self, question: &Question) -> bool {
        self.exchanges.iter().any(|exchange| exchange.head == question.head())
    }

    /// What was asked of this program, one question after the other.
    pub fn asked(&self, question: &Question) -> String {
        let same = self.exchanges.iter().filter(|exchange| exchange.head == question.head());
        same.map(|exchange| exchange.asked.join("\n") + "\n").collect::<Vec<_>>().join("or\n")
    }

    /// Whether a stream opens to a port: `Err` holds the word for why not. Each refusal is told once where an answer
    /// follows it, as a service may have started meanwhile.
    pub fn open(&mut self, port: u16) -> Option<Result<(), String>> {
        let (refusal, answer) = (format!("open {port} "), format!("get {port} "));
        let of_port = |exchange: &&mut Exchange| {
            exchange.head.starts_with(&refusal) || exchange.head.starts_with(&answer)
        };
        let mut exchanges: Vec<_> = self.exchanges.iter_mut().filter(of_port).collect();
        let next = |exchange: &&mut Exchange| exchange.times_played == 0 || exchange.head.starts_with("get");
        let position = exchanges.iter().position(next).or(exchanges.len().checked_sub(1))?;
        let exchange = exchanges.swap_remove(position);
        let Some(word) = exchange.head.strip_prefix(&refusal) else { return Some(Ok(())) };
        exchange.times_played += 1;
        Some(Err(word.to_owned()))
    }

    /// The answer to `GET`: all that there are in turn, and again.
    pub fn page(&mut self, port: u16, path: &str) -> Option<Exchange> {
        let head = format!("get {port} {path}");
        let same = self.exchanges.iter_mut().filter(|exchange| exchange.head == head);
        let exchange = same.min_by_key(|exchange| exchange.times_played)?;
        exchange.times_played += 1;
        Some(exchange.clone())
    }
}

impl Exchange {
    pub fn new(head: &str) -> Self {
        Self { head: head.to_owned(), asked: Vec::new(), answer: Vec::new(), times_played: 0 }
    }

    /// The values with which it answers a question; `None` where it does not.
    fn fits(&self, question: &Question, mut values: Values) -> Option<Values> {
        values.insert("nonce".to_owned(), question.nonce.clone());
        if self.head == "exec any" {
            return Some(values);
        }
        let known: Vec<String> = values.keys().cloned().collect();
        let is_same = self.head == question.head()
            && self.asked.len() == question.lines.len()
            && self
                .asked
                .iter()
                .zip(&question.lines)
                .all(|(line, asked)| template::matches(line, asked, &mut values));
        let is_literal = |value: &String| {
            value.len() >= 32 && self.answer.iter().any(|line| line.contains(value.as_str()))
        };
        let taken = values.iter().filter(|(name, _)| !known.contains(name));
        let stays_equal = taken.into_iter().all(|(_, value)| !is_literal(value));
        (is_same && stays_equal).then_some(values)
    }

    pub fn text(&self) -> String {
        let asked = self.asked.iter().flat_map(|line| ["> ", line, "\n"]);
        let answer = self.answer.iter().flat_map(|line| [line, "\n"]);
        [self.head.as_str(), "\n"].into_iter().chain(asked).chain(answer).chain(["\n"]).collect()
    }
}

impl Question {
    /// The first line of an exchange that is of its program.
    pub fn head(&self) -> String {
        format!("exec {} {}", self.program, self.run_as)
    }
}
