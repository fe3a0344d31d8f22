//! What a program is asked, in the layout that `remote` gives to the input of every execution.

use sha2::{Digest, Sha256};

const LONG_WORD: usize = 120;
const TOKEN_LENGTH: usize = 16;

/// One execution, taken apart.
pub struct Question {
    /// Names the program: of the command line and its text, without data, and whatever it takes to become root.
    pub program: String,
    /// Who should run it: the means of becoming root, and whether it may go on without.
    pub run_as: String,
    pub nonce: String,
    /// sudo's, to be struck out: it is no part of any recording.
    pub password: Option<String>,
    /// The lines of data, with a digest in place of each long word, e.g. a file.
    pub lines: Vec<String>,
}

impl Question {
    /// Reads the input of an execution; `None` where it is laid out in another way.
    pub fn read(command: &str, input: &[u8]) -> Option<Self> {
        let input = std::str::from_utf8(input).ok()?;
        let (_, rest) = input.split_once("\n#go\n")?;
        let (login, rest) = rest.split_once("\n#next\n")?;
        let (program, data) = rest.split_once("\n#go\n")?;
        let mut login = login.lines();
        let nonce = login.next()?.to_owned();
        let run_as = format!("{} {}", login.next()?, login.next()?);
        let password = login.nth(1).map(str::to_owned);
        let data = data.strip_prefix(&nonce)?.strip_prefix('\n')?;
        let program = digest(&[command, program].join("\n#go\n"));
        Some(Self { program, run_as, nonce, password, lines: data.lines().map(timeless).collect() })
    }
}

/// The same in every run: the token by which a host knows a run again is a line of its own.
fn timeless(line: &str) -> String {
    let is_token = line.len() == TOKEN_LENGTH && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_token { "TOKEN".to_owned() } else { shortened(line) }
}

fn shortened(line: &str) -> String {
    let shorten =
        |word: &str| if word.len() > LONG_WORD { format!("~{}", digest(word)) } else { word.to_owned() };
    line.split(' ').map(shorten).collect::<Vec<_>>().join(" ")
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    let beginning = digest.first_chunk().map_or(0, |beginning| u64::from_be_bytes(*beginning));
    format!("{beginning:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_apart_from_what_it_is_asked_and_by_whom() {
        let input = |nonce: &str, given: &str, program: &str, data: &str| {
            format!("gain\n#go\n{nonce}\nsudo\n-\n{given}\n#next\n{program}\n#go\n{nonce}\n{data}")
        };
        let read = |input: String| Question::read("sh", input.as_bytes()).unwrap();
        let one = read(input("n1", "-", "look", "/etc/a\n.\n"));
        assert_eq!((one.run_as.as_str(), one.nonce.as_str()), ("sudo -", "n1"));
        assert_eq!((one.password, one.lines), (None, vec!["/etc/a".to_owned(), ".".to_owned()]));
        let same = read(input("n2", "password\nhunter2\nhunter2", "look", ""));
        assert_eq!(one.program, same.program);
        assert_eq!((same.password.as_deref(), same.lines), (Some("hunter2"), Vec::new()));
        assert_ne!(one.program, read(input("n1", "-", "look twice", "")).program);
        let long = read(input("n1", "-", "look", &format!("0 {}\n", "x".repeat(500))));
        assert_eq!(long.lines, [format!("0 ~{}", digest(&"x".repeat(500)))]);
        let token = |token: &str| read(input("n1", "-", "look", &format!("any\n{token}\n"))).lines;
        assert_eq!(token("6b736345e54d0868"), token("0123456789abcdef"));
        assert_ne!(token("6b736345e54d0868"), token("-"));
        assert!(Question::read("sh", b"echo").is_none());
    }
}
