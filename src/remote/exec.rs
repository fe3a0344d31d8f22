//! The user's own command (`provision exec -- CMD`): its output passes through untouched, its status comes framed.
//!
//! One argument is a line for the host's `sh`, pipes and all; several are a program and its arguments, exactly.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Failure, FailureKind, Text, text};

use super::data::Data;
use super::dialogue::{End, Reader};
use super::invocation::RunAs;
use super::program::Program;

const PARTS: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/exec.sh")];

/// The program that runs a command; its stderr is the command's own.
pub fn exec<'a>(command: &[String], run_as: RunAs<'a>) -> Program<'a, ExecReader> {
    let mut data = Data::default();
    data.line(command.len().to_string());
    for word in command {
        data.line(STANDARD.encode(word));
    }
    Program { run_as, parts: PARTS, data, reader: ExecReader::default() }
}

/// Tells pieces of a command's stdout as they come, not cleaned, and in the end its status: 128 + n where signal n ended
/// it.
#[derive(Debug, Default)]
pub struct ExecReader {
    status: Option<u8>,
}

impl Reader for ExecReader {
    type Event = Vec<u8>;
    type Answer = u8;

    const PASSES_OUTPUT: bool = true;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Vec<u8>>, Failure> {
        if word == "exit" && self.status.is_none() {
            self.status = Some(rest.trim().parse().map_err(|_| Failure {
                kind: FailureKind::Protocol,
                message: text!(
                    en: "the host did not say how the command ended",
                    pt: "a máquina não disse como o comando terminou",
                ),
                hint: None,
            })?);
        }
        Ok(None)
    }

    fn output(&mut self, bytes: Vec<u8>) -> Option<Vec<u8>> {
        Some(bytes)
    }

    fn finish(self, _: End) -> Result<u8, Failure> {
        self.status.ok_or_else(|| self.cut_off())
    }

    fn cut_off(&self) -> Failure {
        command_lost(&text!(en: "the connection was closed", pt: "a conexão foi fechada"))
    }
}

/// A connection that was lost with a command under way, which nobody may run twice unasked.
pub fn command_lost(reason: &Text) -> Failure {
    Failure {
        kind: FailureKind::Lost,
        message: text!(
            en: "the connection was lost while the command ran: {reason}",
            pt: "a conexão caiu enquanto o comando rodava: {reason}",
            reason,
        ),
        hint: Some(text!(
            en: "the host ends the command as soon as it notices, and how far it came is not known: look there before \
                 you run it again",
            pt: "a máquina encerra o comando assim que percebe, e não se sabe até onde ele chegou: veja lá antes de \
                 rodá-lo de novo",
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::super::dialogue::{Dialogue, Heard};
    use super::super::invocation::Nonce;
    use super::*;

    const GREETING: &str = "This account is currently not available.";

    fn nonce() -> Nonce {
        Nonce::new([7; 16])
    }

    fn dialogue() -> Dialogue<ExecReader> {
        Dialogue::new(&nonce(), ExecReader::default(), SystemTime::now())
    }

    fn read(chunk_size: usize, text: &[u8]) -> (Vec<u8>, Result<u8, Failure>) {
        let now = SystemTime::now();
        let mut dialogue = dialogue();
        let mut output = Vec::new();
        for chunk in text.chunks(chunk_size) {
            for heard in dialogue.feed(chunk, now).unwrap() {
                match heard {
                    Heard::Event(bytes) => output.extend(bytes),
                    Heard::Log(line) => assert_eq!(line, GREETING),
                }
            }
        }
        (output, dialogue.finish(now))
    }

    #[test]
    fn output_passes_untouched_whatever_the_chunks() {
        let mut text = format!("{GREETING}\n{} begin 0\n", nonce().as_str()).into_bytes();
        text.extend(b"\xff\x00\n\nno newline at the end");
        text.extend(format!("{} exit 3\nfrom behind", nonce().as_str()).bytes());
        for chunk_size in [1, 2, 7, 33, 1000] {
            let (output, status) = read(chunk_size, &text);
            assert_eq!((output.as_slice(), status), (b"\xff\x00\n\nno newline at the end".as_slice(), Ok(3)));
        }
    }

    #[test]
    fn output_has_no_bounds() {
        let mut text = format!("{} begin 0\n", nonce().as_str()).into_bytes();
        text.extend([b'x'].repeat(65 << 20));
        text.extend(format!("{} exit 0\n", nonce().as_str()).bytes());
        let (output, status) = read(1 << 16, &text);
        assert_eq!((output.len(), status), (65 << 20, Ok(0)));
    }

    #[test]
    fn a_refusal_is_a_failure() {
        let refused = format!("\n{0} refused sudo-missing\n{0} end refused\n", nonce().as_str());
        let (output, end) = read(1000, refused.as_bytes());
        assert_eq!((output, end.unwrap_err().kind), (Vec::new(), FailureKind::Become));
    }

    #[test]
    fn a_cut_connection_is_told_from_a_command_that_never_ran() {
        let closed = format!("{GREETING}\n");
        assert_eq!(read(1000, closed.as_bytes()).1.unwrap_err().kind, FailureKind::Unsupported);
        let cut = format!("{closed}{} begin 0\nhalf", nonce().as_str());
        assert_eq!(read(1000, cut.as_bytes()).1.unwrap_err().kind, FailureKind::Lost);
    }
}
