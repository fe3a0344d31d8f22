//! The user's own command (`provision exec -- CMD`): its output passes through untouched, its status comes framed.
//!
//! One argument is a line for the host's `sh`, pipes and all; several are a program and its arguments, exactly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, FailureKind, text};

use super::failure;
use super::invocation::{Data, Invocation, Nonce, RunAs, invoke};

const PARTS: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/exec.sh")];

/// What a login prints before the command is kept up to here.
const PREAMBLE_LIMIT: usize = 64 * 1024;

/// The invocation that runs a command. Read stdout with [`ExecReader`]; stderr is the command's own.
pub fn exec(command: &[String], run_as: RunAs<'_>, nonce: &Nonce) -> Result<Invocation, Failure> {
    let mut data = Data::default();
    data.line(command.len().to_string());
    for word in command {
        data.line(STANDARD.encode(word));
    }
    invoke(run_as, nonce, PARTS, &data)
}

/// What comes of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExecEvent {
    /// Bytes of its stdout as they came; not cleaned.
    Output(Vec<u8>),
    /// It ended with this status; 128 + n where signal n ended it.
    Exit(u8),
}

/// Tells a command's stdout from the frame around it.
#[derive(Debug)]
pub struct ExecReader {
    nonce: Vec<u8>,
    state: State,
    pending: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Preamble,
    Command,
    Ended,
}

impl ExecReader {
    /// A reader for the frame with this nonce.
    pub fn new(nonce: &Nonce) -> Self {
        Self { nonce: nonce.as_str().as_bytes().to_vec(), state: State::Preamble, pending: Vec::new() }
    }

    /// Takes the next bytes of stdout.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<Vec<ExecEvent>, Failure> {
        let mut events = Vec::new();
        if self.state == State::Ended {
            return Ok(events);
        }
        self.pending.extend_from_slice(bytes);
        if self.state == State::Preamble && !self.enter()? {
            return Ok(events);
        }
        if let Some(position) = find(&self.pending, &self.nonce) {
            let frame = self.pending.split_off(position);
            push_output(&mut events, std::mem::replace(&mut self.pending, frame));
            if self.pending.ends_with(b"\n") {
                events.push(ExecEvent::Exit(self.status()?));
                self.state = State::Ended;
            }
        } else {
            // The frame may have come in part.
            let keep = self.pending.len().min(self.nonce.len().saturating_sub(1));
            let held = self.pending.split_off(self.pending.len() - keep);
            push_output(&mut events, std::mem::replace(&mut self.pending, held));
        }
        Ok(events)
    }

    /// Judges the end of stdout: what is missing, where the status did not come.
    pub fn finish(&self) -> Result<(), Failure> {
        match self.state {
            State::Ended => Ok(()),
            State::Preamble => Err(Failure {
                kind: FailureKind::Protocol,
                message: text!(
                    en: "the login worked, but the command did not run",
                    pt: "o login funcionou, mas o comando não rodou",
                ),
                hint: Some(text!(
                    en: "look at what the host's login shell prints and whether it runs `sh`",
                    pt: "veja o que o shell de login da máquina mostra e se ele roda `sh`",
                )),
            }),
            State::Command => Err(Failure {
                kind: FailureKind::Lost,
                message: text!(
                    en: "the connection ended before the command did",
                    pt: "a conexão terminou antes do comando",
                ),
                hint: Some(text!(
                    en: "the command was ended on the host; run it again",
                    pt: "o comando foi encerrado na máquina; rode-o de novo",
                )),
            }),
        }
    }

    /// Skips what the login printed; `true` once the command runs.
    fn enter(&mut self) -> Result<bool, Failure> {
        let Some(position) = find(&self.pending, &self.nonce) else {
            let keep = self.pending.len().min(PREAMBLE_LIMIT);
            self.pending.drain(..self.pending.len() - keep);
            return Ok(false);
        };
        self.pending.drain(..position);
        let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') else { return Ok(false) };
        let line: Vec<u8> = self.pending.drain(..=end).collect();
        let words = String::from_utf8_lossy(line.get(self.nonce.len()..).unwrap_or_default()).into_owned();
        if let Some(refused) = words.trim().strip_prefix("refused ") {
            return Err(failure::refusal(refused));
        }
        self.state = State::Command;
        Ok(true)
    }

    fn status(&self) -> Result<u8, Failure> {
        let text =
            String::from_utf8_lossy(self.pending.get(self.nonce.len()..).unwrap_or_default()).into_owned();
        text.trim().strip_prefix("exit ").and_then(|status| status.parse().ok()).ok_or_else(|| Failure {
            kind: FailureKind::Protocol,
            message: text!(
                en: "the host did not say how the command ended",
                pt: "a máquina não disse como o comando terminou",
            ),
            hint: None,
        })
    }
}

fn push_output(events: &mut Vec<ExecEvent>, output: Vec<u8>) {
    if !output.is_empty() {
        events.push(ExecEvent::Output(output));
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunk_size: usize, text: &[u8]) -> (Vec<u8>, Option<u8>) {
        let mut reader = ExecReader::new(&Nonce::new([7; 16]));
        let (mut output, mut status) = (Vec::new(), None);
        for chunk in text.chunks(chunk_size) {
            for event in reader.feed(chunk).unwrap() {
                match event {
                    ExecEvent::Output(bytes) => output.extend(bytes),
                    ExecEvent::Exit(code) => status = Some(code),
                }
            }
        }
        (output, status)
    }

    #[test]
    fn output_passes_untouched_whatever_the_chunks() {
        let nonce = Nonce::new([7; 16]);
        let mut text = format!("banner\n{} begin 0\n", nonce.as_str()).into_bytes();
        text.extend(b"\xff\x00 no newline at the end");
        text.extend(format!("{} exit 3\n", nonce.as_str()).bytes());
        for chunk_size in [1, 2, 7, 33, 1000] {
            assert_eq!(read(chunk_size, &text), (b"\xff\x00 no newline at the end".to_vec(), Some(3)));
        }
    }

    #[test]
    fn a_refusal_is_a_failure() {
        let nonce = Nonce::new([7; 16]);
        let mut reader = ExecReader::new(&nonce);
        let refused = reader.feed(format!("\n{} refused sudo-missing\n", nonce.as_str()).as_bytes());
        assert_eq!(refused.unwrap_err().kind, FailureKind::Become);
    }

    #[test]
    fn a_cut_connection_is_told_from_a_command_that_never_ran() {
        let nonce = Nonce::new([7; 16]);
        let mut reader = ExecReader::new(&nonce);
        reader.feed(b"This account is currently not available.\n").unwrap();
        assert_eq!(reader.finish().unwrap_err().kind, FailureKind::Protocol);
        reader.feed(format!("{} begin 0\nhalf", nonce.as_str()).as_bytes()).unwrap();
        assert_eq!(reader.finish().unwrap_err().kind, FailureKind::Lost);
    }
}
