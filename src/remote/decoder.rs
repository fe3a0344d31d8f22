//! Bytes from a remote program → answers, log lines, and the output of a user's command. Whatever a host sends costs
//! bounded memory and never panics.
//!
//! Owns framing. Does not know what an answer means.

use crate::model::{Failure, FailureKind, Text, text};

use super::invocation::Nonce;

/// An answer may carry the content of a file of 256 KiB in base64.
const ANSWER_LIMIT: usize = 512 * 1024;
/// Log lines are cut here.
const LOG_LIMIT: usize = 4 * 1024;
/// One program sends at most this much in all.
const TOTAL_LIMIT: usize = 64 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A line behind the nonce: a word, and the rest of the line. Bytes that are not UTF-8 are replaced.
    Answer(String, String),
    /// Any other line, cut to a bounded length; not cleaned. Empty lines are left out.
    Log(String),
    /// Bytes of a command that the program runs, as they came.
    Output(Vec<u8>),
}

/// Which bytes are passed on as they come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passage {
    /// None: all are lines.
    Closed,
    /// Those behind the answer `begin`, which is awaited.
    Awaited,
    /// These, up to the next answer.
    Open,
    /// No more.
    Over,
}

#[derive(Debug)]
pub struct Decoder {
    prefix: Vec<u8>,
    pending: Vec<u8>,
    dropping: bool,
    total: usize,
    passage: Passage,
}

impl Decoder {
    /// A decoder for the answers that carry this nonce. Where it `passes`, what comes between `begin` and the next
    /// answer is not ours: it may be any bytes, and as many as come. What is said after it is left out then.
    pub fn new(nonce: &Nonce, passes: bool) -> Self {
        Self {
            prefix: format!("{} ", nonce.as_str()).into_bytes(),
            pending: Vec::new(),
            dropping: false,
            total: 0,
            passage: if passes { Passage::Awaited } else { Passage::Closed },
        }
    }

    /// Takes the next bytes and gives what they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Item>, Failure> {
        if self.passage != Passage::Open {
            self.total = self.total.saturating_add(bytes.len());
        }
        if self.total > TOTAL_LIMIT {
            return Err(flood(text!(
                en: "the host sent more than 64 MiB of output",
                pt: "a máquina enviou mais de 64 MiB de saída",
            )));
        }
        let mut items = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            if self.passage == Passage::Open {
                self.pending.extend_from_slice(piece);
                if !self.pass(&mut items) {
                    continue;
                }
            } else if !self.dropping {
                self.pending.extend_from_slice(piece);
            }
            let is_complete = piece.ends_with(b"\n");
            if is_complete && self.pending.ends_with(b"\n") {
                self.pending.pop();
            }
            self.bound(&mut items)?;
            if is_complete {
                self.flush(&mut items);
            }
        }
        Ok(items)
    }

    /// The line that the end of the output left without a newline.
    pub fn finish(&mut self) -> Option<Item> {
        let mut items = Vec::new();
        self.flush(&mut items);
        items.pop()
    }

    /// Passes on what is no answer; `true` once one has begun.
    fn pass(&mut self, items: &mut Vec<Item>) -> bool {
        let answer = self.pending.windows(self.prefix.len()).position(|window| window == self.prefix);
        // An answer may have come in part.
        let may_begin = || self.pending.len().saturating_sub(self.prefix.len() - 1);
        let rest = self.pending.split_off(answer.unwrap_or_else(may_begin));
        let output = std::mem::replace(&mut self.pending, rest);
        match items.last_mut() {
            Some(Item::Output(before)) => before.extend(output),
            _ if output.is_empty() => {}
            _ => items.push(Item::Output(output)),
        }
        if answer.is_some() {
            self.passage = Passage::Over;
        }
        answer.is_some()
    }

    /// Cuts a log line that grows too long, and refuses an answer that does.
    fn bound(&mut self, items: &mut Vec<Item>) -> Result<(), Failure> {
        if self.pending.starts_with(&self.prefix) {
            if self.pending.len() > ANSWER_LIMIT {
                return Err(flood(text!(
                    en: "the host sent an answer of more than 512 KiB",
                    pt: "a máquina enviou uma resposta de mais de 512 KiB",
                )));
            }
        } else if self.pending.len() > LOG_LIMIT.max(self.prefix.len()) {
            self.pending.truncate(LOG_LIMIT);
            self.flush(items);
            self.dropping = true;
        }
        Ok(())
    }

    fn flush(&mut self, items: &mut Vec<Item>) {
        if !std::mem::take(&mut self.dropping) && !self.pending.is_empty() {
            if let Some(answer) = self.pending.strip_prefix(self.prefix.as_slice()) {
                let answer = String::from_utf8_lossy(answer);
                let (word, rest) = answer.split_once(' ').unwrap_or((&answer, ""));
                if self.passage == Passage::Awaited && word == "begin" {
                    self.passage = Passage::Open;
                }
                items.push(Item::Answer(word.to_owned(), rest.to_owned()));
            } else if self.passage != Passage::Over {
                items.push(Item::Log(String::from_utf8_lossy(&self.pending).into_owned()));
            }
        }
        self.pending.clear();
    }
}

/// What is told of a host that says more than any program of ours.
pub(super) fn flood(message: Text) -> Failure {
    Failure {
        kind: FailureKind::Protocol,
        message,
        hint: Some(text!(
            en: "look at what runs on the host at login, and what `sh` is there",
            pt: "veja o que roda na máquina durante o login, e o que é o `sh` dela",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nonce() -> Nonce {
        Nonce::new([0xab; 16])
    }

    fn decode(chunks: &[&[u8]]) -> Vec<Item> {
        let mut decoder = Decoder::new(&nonce(), false);
        let mut items: Vec<Item> = chunks.iter().flat_map(|chunk| decoder.feed(chunk).unwrap()).collect();
        items.extend(decoder.finish());
        items
    }

    #[test]
    fn answers_are_told_from_banners_whatever_the_chunks() {
        let text = format!("Welcome!\n\n{} begin 0\nnoise\n{} end ok\n", nonce().as_str(), nonce().as_str());
        let expected = vec![
            Item::Log("Welcome!".to_owned()),
            Item::Answer("begin".to_owned(), "0".to_owned()),
            Item::Log("noise".to_owned()),
            Item::Answer("end".to_owned(), "ok".to_owned()),
        ];
        assert_eq!(decode(&[text.as_bytes()]), expected);
        let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        assert_eq!(decode(&bytes), expected);
    }

    #[test]
    fn a_wrong_nonce_is_log() {
        let other = Nonce::new([1; 16]);
        assert_eq!(
            decode(&[format!("{} end ok\n", other.as_str()).as_bytes()]),
            vec![Item::Log(format!("{} end ok", other.as_str()))]
        );
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(decode(&[b"\xff\xfe\x00\n"]), vec![Item::Log("\u{fffd}\u{fffd}\0".to_owned())]);
    }

    #[test]
    fn an_endless_line_is_cut_once_and_the_next_is_whole() {
        let long = vec![b'x'; 100_000];
        assert_eq!(
            decode(&[&long, &long, b"\nnext\n"]),
            vec![Item::Log("x".repeat(LOG_LIMIT)), Item::Log("next".to_owned())]
        );
    }

    #[test]
    fn endless_output_and_endless_answers_are_refused() {
        let mut decoder = Decoder::new(&nonce(), false);
        let chunk = vec![b'\n'; 1024 * 1024];
        assert!((0..65).any(|_| decoder.feed(&chunk).is_err()));

        let mut decoder = Decoder::new(&nonce(), false);
        decoder.feed(format!("{} content 1 ", nonce().as_str()).as_bytes()).unwrap();
        let refused = decoder.feed(&vec![b'A'; ANSWER_LIMIT]).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Protocol);
    }

    #[test]
    fn what_is_said_around_a_command_is_bounded_and_its_output_comes_in_pieces() {
        let begin = format!("{} begin 0\n", nonce().as_str());
        let exit = format!("{} exit 0\n", nonce().as_str());
        for before in ["", &(begin.clone() + &exit)] {
            let mut decoder = Decoder::new(&nonce(), true);
            decoder.feed(before.as_bytes()).unwrap();
            let chunk = vec![b'x'; 1 << 20];
            assert!((0..65).any(|_| decoder.feed(&chunk).is_err()), "{before}");
        }
        // Never a newline, and almost an answer.
        let mut decoder = Decoder::new(&nonce(), true);
        decoder.feed(begin.as_bytes()).unwrap();
        let chunk = [nonce().as_str(), &"x".repeat(32 << 10)].concat();
        for _ in 0..1000 {
            decoder.feed(chunk.as_bytes()).unwrap();
            assert!(decoder.pending.capacity() <= 1 << 20);
        }
        // An answer without end.
        let endless = format!("{} {}", nonce().as_str(), "x".repeat(ANSWER_LIMIT));
        assert!(decoder.feed(endless.as_bytes()).is_err());
    }
}
