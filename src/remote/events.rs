//! The answers of `apply.sh` and `reset.sh` → events, as they arrive.

use std::time::Duration;

use crate::model::{Failure, HostText, Text, text};

use super::dialogue::{End, Reader};
use super::failure;
use super::sentence;
use super::upload::Want;

/// What happens on a host while it is changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplyEvent {
    /// It waits for somebody else, who is named. Repeated while it does.
    Waiting(Text),
    /// A change began, by its index in the plan.
    Started(usize),
    /// What is being done for a change now.
    Progress(Text),
    /// A change is done. Packages that were installed together share the time.
    Done(usize, Duration),
    /// A change failed, and the run ends; with the number of the package relay's refusal, where that is why.
    Failed(usize, Failure, Option<u32>),
    /// A change was put back after a failure, its own or that of the service that reads it.
    RolledBack(usize),
    /// It wants a file, on its stdin: see [`Frame`](super::Frame).
    Want(Want),
    /// Worth telling although nothing failed.
    Note(Text),
}

/// Reads one run as it goes on: that of a plan, of a reset, of downloads.
#[derive(Debug)]
pub struct ApplyReader;

impl Reader for ApplyReader {
    type Event = ApplyEvent;
    type Answer = End;

    const HEEDS_SIGNS: bool = true;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<ApplyEvent>, Failure> {
        Ok(event(word, rest))
    }

    fn finish(self, end: End) -> Result<End, Failure> {
        Ok(end)
    }
}

fn event(word: &str, rest: &str) -> Option<ApplyEvent> {
    let (index, detail) = rest.split_once(' ').unwrap_or((rest, ""));
    let index = index.parse::<usize>().ok();
    Some(match word {
        "waiting" => ApplyEvent::Waiting(sentence::waiting(rest)),
        "want" => ApplyEvent::Want(Want::parse(rest)?),
        "note" => ApplyEvent::Note(sentence::note(rest)),
        "source" => ApplyEvent::Note(without_source(rest)),
        "aside" => ApplyEvent::Note(aside(rest)),
        "restored" => {
            let service = HostText::from(rest).name();
            ApplyEvent::Note(text!(
                en: "{service} runs again as it did before",
                pt: "{service} roda de novo como antes", service
            ))
        }
        "started" => ApplyEvent::Started(index?),
        "progress" => ApplyEvent::Progress(sentence::doing(detail)),
        "done" => ApplyEvent::Done(index?, Duration::from_millis(detail.parse().unwrap_or_default())),
        "rolled-back" => ApplyEvent::RolledBack(index?),
        "failed" => ApplyEvent::Failed(index?, failure::fault(detail), failure::relay_refusal(detail)),
        _ => return None,
    })
}

/// What is told of a source that fails, while there may be others that have what is needed.
fn without_source(fault: &str) -> Text {
    let message = failure::fault(fault).message;
    match fault.split_once(' ') {
        // Other messages name it themselves.
        Some((code, mirror))
            if mirror.starts_with("http")
                && !matches!(
                    code,
                    "apt-expired"
                        | "apt-unsigned"
                        | "apt-hash"
                        | "apt-proxy"
                        | "apt-refused"
                        | "apt-portal"
                        | "apt-certificate"
                ) =>
        {
            let mirror = HostText::from(mirror).name();
            text!(
                en: "going on without the package source {mirror}: {message}",
                pt: "seguindo sem a fonte de pacotes {mirror}: {message}", mirror, message
            )
        }
        _ => text!(
            en: "going on without a package source: {message}",
            pt: "seguindo sem uma fonte de pacotes: {message}", message
        ),
    }
}

/// What is told of a fault of others, where all that is wanted is there.
fn aside(fault: &str) -> Text {
    let Failure { message, hint, .. } = failure::fault(fault);
    let hint = hint.unwrap_or_default();
    text!(
        en: "{message}; what is wanted is there, so the run goes on ({hint})",
        pt: "{message}; o que se quer está lá, e a execução segue ({hint})", message, hint
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::local::{events, nonce};
    use super::*;
    use crate::model::FailureKind;

    fn read(lines: &[&str]) -> (Vec<ApplyEvent>, Result<End, Failure>) {
        let nonce = nonce();
        let text: String = lines.iter().flat_map(|line| ["\n", nonce.as_str(), " ", line, "\n"]).collect();
        events(ApplyReader, text.as_bytes())
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
            "aside apt-dpkg linux-image-old its script ended with 1",
            "started x",
            "end interrupted",
        ]);
        assert_eq!(
            events,
            [
                ApplyEvent::Waiting(sentence::waiting("another run (process 7 of ana, for 3 s)")),
                ApplyEvent::Started(0),
                ApplyEvent::Progress(sentence::doing("Unpacking apache2 (amd64)")),
                ApplyEvent::Done(0, Duration::from_millis(1500)),
                ApplyEvent::RolledBack(1),
                ApplyEvent::Note(text!(
                    en: "haproxy runs again as it did before",
                    pt: "haproxy roda de novo como antes",
                )),
                ApplyEvent::Note(text!(
                    en: "going on without the package source http://gone.example: the host cannot resolve the name of its package mirror",
                    pt: "seguindo sem a fonte de pacotes http://gone.example: a máquina não consegue resolver o nome do seu espelho de pacotes",
                )),
                ApplyEvent::Note(without_source("apt-read-only")),
                ApplyEvent::Note(aside("apt-dpkg linux-image-old its script ended with 1")),
            ]
        );
        assert_eq!(end, Ok(End::Interrupted));
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
