//! The answers of `apply.sh` and `reset.sh` → events, as they arrive.

use std::time::Duration;

use crate::model::Failure;

use super::dialogue::{Dialogue, End, Item};
use super::failure;
use super::invocation::Nonce;
use super::upload::Want;

/// What happens on a host while it is changed. Text comes from the host and is not cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyEvent {
    /// It waits for somebody else, who is named. Repeated while it does.
    Waiting(String),
    /// A change began, by its index in the plan.
    Started(usize),
    /// What a change is doing now.
    Progress(usize, String),
    /// A change is done. Packages that were installed together share the time.
    Done(usize, Duration),
    /// A change failed, and the run ends.
    Failed(usize, Failure),
    /// A change was put back after a failure, its own or that of the service that reads it.
    RolledBack(usize),
    /// It wants a file, on its stdin: see [`Frame`](super::Frame).
    Want(Want),
    /// Worth telling although nothing failed.
    Note(String),
    /// A line of log.
    Log(String),
}

/// How a run that did not break off ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplyEnd {
    /// Every change was made.
    Complete,
    /// A change failed; [`ApplyEvent::Failed`] said which and why. Those without an event were not run.
    Failed,
    /// Stopped on request after the change under way. Those that are not done were not run.
    Interrupted,
}

/// Reads one run as it goes on.
#[derive(Debug)]
pub struct ApplyReader {
    dialogue: Dialogue,
}

impl ApplyReader {
    /// A reader for the answers with this nonce.
    pub fn new(nonce: &Nonce) -> Self {
        Self { dialogue: Dialogue::new(nonce) }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<ApplyEvent>, Failure> {
        Ok(self.dialogue.feed(bytes)?.into_iter().filter_map(event).collect())
    }

    /// How it ended, once stdout is over.
    pub fn finish(&mut self) -> Result<ApplyEnd, Failure> {
        Ok(match self.dialogue.conclude()? {
            End::Complete => ApplyEnd::Complete,
            End::Failed => ApplyEnd::Failed,
            End::Interrupted => ApplyEnd::Interrupted,
        })
    }
}

fn event(item: Item) -> Option<ApplyEvent> {
    let (word, rest) = match item {
        Item::Log(line) => return Some(ApplyEvent::Log(line)),
        Item::Answer(word, rest) => (word, rest),
    };
    let (index, detail) = match rest.split_once(' ') {
        Some((index, detail)) => (index, detail),
        None => (rest.as_str(), ""),
    };
    let index = index.parse::<usize>().ok();
    Some(match word.as_str() {
        "waiting" => ApplyEvent::Waiting(rest),
        "want" => ApplyEvent::Want(Want::parse(&rest)?),
        "note" => ApplyEvent::Note(rest),
        "source" => ApplyEvent::Note(without_source(&rest)),
        "restored" => ApplyEvent::Note(format!("{rest} runs again as it did before")),
        "started" => ApplyEvent::Started(index?),
        "progress" => ApplyEvent::Progress(index?, detail.to_owned()),
        "done" => ApplyEvent::Done(index?, Duration::from_millis(detail.parse().unwrap_or_default())),
        "rolled-back" => ApplyEvent::RolledBack(index?),
        "failed" => ApplyEvent::Failed(index?, failure::fault(detail)),
        _ => return None,
    })
}

/// What is told of a source that fails, while there may be others that have what is needed.
fn without_source(fault: &str) -> String {
    let message = failure::fault(fault).message;
    let message = message.english();
    match fault.split_once(' ') {
        Some((_, mirror)) if mirror.starts_with("http") && !message.contains(mirror) => {
            format!("going on without the package source {mirror}: {message}")
        }
        _ => format!("going on without a package source: {message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FailureKind;

    fn read(lines: &[&str]) -> (Vec<ApplyEvent>, Result<ApplyEnd, Failure>) {
        let nonce = Nonce::new([3; 16]);
        let mut reader = ApplyReader::new(&nonce);
        let text: String = lines.iter().flat_map(|line| ["\n", nonce.as_str(), " ", line, "\n"]).collect();
        (reader.feed(text.as_bytes()).unwrap(), reader.finish())
    }

    #[test]
    fn answers_become_events() {
        let (events, end) = read(&[
            "begin 0",
            "waiting another run (process 7 of ana, for 3 s)",
            "started 0",
            "progress 0 Unpacking apache2 (amd64)",
            "done 0 1500",
            "rolled-back 1",
            "restored haproxy",
            "source apt-resolve http://gone.example",
            "source apt-read-only",
            "started x",
            "end interrupted",
        ]);
        assert_eq!(
            events,
            [
                ApplyEvent::Waiting("another run (process 7 of ana, for 3 s)".to_owned()),
                ApplyEvent::Started(0),
                ApplyEvent::Progress(0, "Unpacking apache2 (amd64)".to_owned()),
                ApplyEvent::Done(0, Duration::from_millis(1500)),
                ApplyEvent::RolledBack(1),
                ApplyEvent::Note("haproxy runs again as it did before".to_owned()),
                ApplyEvent::Note(
                    "going on without the package source http://gone.example: the host cannot resolve the name of its \
                     package mirror"
                        .to_owned()
                ),
                ApplyEvent::Note("going on without a package source: the host's file system is read-only".to_owned()),
            ]
        );
        assert_eq!(end, Ok(ApplyEnd::Interrupted));
    }

    #[test]
    fn a_run_that_breaks_off_is_lost_and_one_that_is_refused_says_why() {
        assert_eq!(read(&["begin 0", "started 0"]).1.unwrap_err().kind, FailureKind::Lost);
        let refused = read(&["begin 0", "refused busy 77 12 ana", "end refused"]).1.unwrap_err();
        assert_eq!(refused.kind, FailureKind::Busy);
        assert!(
            !refused.message.english().contains("77"),
            "messages group hosts, so they hold no numbers of one"
        );
    }
}
