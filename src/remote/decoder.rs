//! Bytes from a remote program → answers and log lines. Whatever a host sends costs bounded memory and never panics.
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

/// One line of a remote program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// What follows the nonce: a word, and what belongs to it. Bytes that are not UTF-8 are replaced.
    Answer(String),
    /// Anything else, cut to a bounded length; not cleaned. Empty lines are left out.
    Log(String),
}

/// Splits a program's output into lines as it arrives.
#[derive(Debug)]
pub struct Decoder {
    prefix: Vec<u8>,
    pending: Vec<u8>,
    dropping: bool,
    total: usize,
}

impl Decoder {
    /// A decoder for the answers that carry this nonce.
    pub fn new(nonce: &Nonce) -> Self {
        Self {
            prefix: format!("{} ", nonce.as_str()).into_bytes(),
            pending: Vec::new(),
            dropping: false,
            total: 0,
        }
    }

    /// Takes the next bytes and gives the lines that they complete.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<Line>, Failure> {
        self.total = self.total.saturating_add(bytes.len());
        if self.total > TOTAL_LIMIT {
            return Err(flood(text!(
                en: "the host sent more than 64 MiB of output",
                pt: "a máquina enviou mais de 64 MiB de saída",
            )));
        }
        let mut lines = Vec::new();
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let (text, complete) = match piece.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (piece, false),
            };
            if !self.dropping {
                self.pending.extend_from_slice(text);
                self.bound(&mut lines)?;
            }
            if complete {
                self.flush(&mut lines);
            }
        }
        Ok(lines)
    }

    /// The line that the end of the output left without a newline.
    pub fn finish(&mut self) -> Option<Line> {
        let mut lines = Vec::new();
        self.flush(&mut lines);
        lines.pop()
    }

    /// Cuts a log line that grows too long, and refuses an answer that does.
    fn bound(&mut self, lines: &mut Vec<Line>) -> Result<(), Failure> {
        if self.pending.starts_with(&self.prefix) {
            if self.pending.len() > ANSWER_LIMIT {
                return Err(flood(text!(
                    en: "the host sent an answer of more than 512 KiB",
                    pt: "a máquina enviou uma resposta de mais de 512 KiB",
                )));
            }
        } else if self.pending.len() > LOG_LIMIT.max(self.prefix.len()) {
            self.pending.truncate(LOG_LIMIT);
            self.flush(lines);
            self.dropping = true;
        }
        Ok(())
    }

    fn flush(&mut self, lines: &mut Vec<Line>) {
        if !std::mem::take(&mut self.dropping) && !self.pending.is_empty() {
            lines.push(match self.pending.strip_prefix(self.prefix.as_slice()) {
                Some(answer) => Line::Answer(String::from_utf8_lossy(answer).into_owned()),
                None => Line::Log(String::from_utf8_lossy(&self.pending).into_owned()),
            });
        }
        self.pending.clear();
    }
}

fn flood(message: Text) -> Failure {
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

    fn decode(chunks: &[&[u8]]) -> Vec<Line> {
        let mut decoder = Decoder::new(&nonce());
        let mut lines: Vec<Line> = chunks.iter().flat_map(|chunk| decoder.feed(chunk).unwrap()).collect();
        lines.extend(decoder.finish());
        lines
    }

    #[test]
    fn answers_are_told_from_banners_whatever_the_chunks() {
        let text = format!("Welcome!\n\n{} begin 0\nnoise\n{} end ok\n", nonce().as_str(), nonce().as_str());
        let expected = vec![
            Line::Log("Welcome!".to_owned()),
            Line::Answer("begin 0".to_owned()),
            Line::Log("noise".to_owned()),
            Line::Answer("end ok".to_owned()),
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
            vec![Line::Log(format!("{} end ok", other.as_str()))]
        );
    }

    #[test]
    fn bytes_that_are_no_text_do_no_harm() {
        assert_eq!(decode(&[b"\xff\xfe\x00\n"]), vec![Line::Log("\u{fffd}\u{fffd}\0".to_owned())]);
    }

    #[test]
    fn an_endless_line_is_cut_once_and_the_next_is_whole() {
        let long = vec![b'x'; 100_000];
        assert_eq!(
            decode(&[&long, &long, b"\nnext\n"]),
            vec![Line::Log("x".repeat(LOG_LIMIT)), Line::Log("next".to_owned())]
        );
    }

    #[test]
    fn endless_output_and_endless_answers_are_refused() {
        let mut decoder = Decoder::new(&nonce());
        let chunk = vec![b'\n'; 1024 * 1024];
        assert!((0..65).any(|_| decoder.feed(&chunk).is_err()));

        let mut decoder = Decoder::new(&nonce());
        decoder.feed(format!("{} content 1 ", nonce().as_str()).as_bytes()).unwrap();
        let refused = decoder.feed(&vec![b'A'; ANSWER_LIMIT]).unwrap_err();
        assert_eq!(refused.kind, FailureKind::Protocol);
    }
}
