//! Pages that a host asks itself for, where its sshd opens no connections for us, or whether somebody takes connections:
//! the answers of `ask.sh` → bytes.

use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::Failure;

use super::data::Data;
use super::dialogue::{End, Reader};
use super::invocation::{self, RunAs};
use super::program::Program;

const PARTS: &[&str] = &[include_str!("programs/common.sh"), include_str!("programs/ask.sh")];

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskRequest<'a> {
    pub address: &'a str,
    pub port: u16,
    /// How often it is asked.
    pub count: usize,
    /// Longest answer in bytes; none where a connection that is taken is answer enough.
    pub most: usize,
    /// What is sent.
    pub request: &'a str,
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OwnAnswer {
    /// These bytes.
    Answered(Vec<u8>),
    Refused,
    /// Not all came in time.
    Silent,
    /// Nothing came, or there was no way.
    Closed,
    /// The host has nothing to ask with.
    NoWay,
}

/// The program that asks. It runs as whoever logged in.
pub fn ask(request: &AskRequest<'_>) -> Result<Program<'static, AskReader>, Failure> {
    let AskRequest { address, port, count, most, request } = *request;
    let mut data = Data::default();
    data.line(invocation::address(address)?);
    data.line(port.to_string());
    data.line(count.to_string());
    data.line(most.to_string());
    data.line(STANDARD.encode(request));
    let reader = AskReader { asked: Vec::new(), count };
    Ok(Program { run_as: RunAs::Login, parts: PARTS, data, reader })
}

#[derive(Debug)]
pub struct AskReader {
    asked: Vec<OwnAnswer>,
    count: usize,
}

impl Reader for AskReader {
    type Event = Infallible;
    type Answer = Vec<OwnAnswer>;

    fn answer(&mut self, word: &str, rest: &str) -> Result<Option<Infallible>, Failure> {
        if word != "page" {
            return Ok(None);
        }
        let asked = match rest.split_once(' ').unwrap_or((rest, "")) {
            ("answered", bytes) => OwnAnswer::Answered(STANDARD.decode(bytes).unwrap_or_default()),
            ("refused", _) => OwnAnswer::Refused,
            ("silent", _) => OwnAnswer::Silent,
            ("no-way", _) => OwnAnswer::NoWay,
            _ => OwnAnswer::Closed,
        };
        if self.asked.len() < self.count {
            self.asked.push(asked);
        }
        Ok(None)
    }

    fn finish(self, _: End) -> Result<Vec<OwnAnswer>, Failure> {
        Ok(self.asked)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, TcpListener};

    use super::super::tests::local::{Login, hear, sent};
    use super::*;

    fn asked(port: u16, most: usize, shell: &[&str]) -> Vec<OwnAnswer> {
        let request =
            || AskRequest { address: "127.0.0.1", port, count: 4, most, request: "GET / HTTP/1.1\r\n\r\n" };
        let (output, errors) = Login { shell, ..Login::default() }.run(&sent(ask(&request()).unwrap()));
        assert_eq!(errors, "");
        hear(ask(&request()).unwrap().reader, &output).1.unwrap()
    }

    #[test]
    fn a_host_asks_itself() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut client in listener.incoming().map_while(Result::ok) {
                let mut request = [0; 64];
                let length = client.read(&mut request).unwrap_or_default();
                if request[..length].ends_with(b"\r\n\r\n") {
                    let _ = client.write_all(b"\0\xffanswer and more");
                }
            }
        });
        for shell in [&["dash"][..], &["busybox", "sh"]] {
            assert_eq!(asked(port, 9, shell), vec![OwnAnswer::Answered(b"\0\xffanswer ".to_vec()); 4]);
        }
        assert_eq!(asked(port, 0, &["dash"]), vec![OwnAnswer::Answered(Vec::new()); 4]);
        // Nobody listens where somebody just did.
        let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        assert_eq!(asked(closed, 9, &["dash"]), vec![OwnAnswer::Refused; 3], "enough have failed");
        assert_eq!(asked(closed, 0, &["dash"]), vec![OwnAnswer::Refused; 3]);
    }
}
