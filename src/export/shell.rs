//! Programs of practices, as another engine hands them to a shell.

use crate::model::{Guard, Validator, shell_word};

/// What stands for the new file's path in the check of a practice.
const CANDIDATE: &str = "{file}";

/// What reads a program, by its first line: a program, and one word. sh, where that names nothing.
pub fn reader(script: &str) -> Vec<&str> {
    let first = script.lines().next().and_then(|line| line.strip_prefix("#!")).map(str::trim);
    match first.filter(|line| !line.is_empty()) {
        Some(line) => match line.split_once([' ', '\t']) {
            Some((program, word)) => vec![program, word.trim()],
            None => vec![line],
        },
        None => vec!["/bin/sh"],
    }
}

/// The words that ask a guard: they end well where nothing is to be done.
pub fn guard(guard: &Guard) -> Vec<&str> {
    match guard {
        Guard::Unless(text) => vec!["sh", "-c", text],
        Guard::Creates(path) => vec!["sh", "-c", r#"test -e "$1" || test -L "$1""#, "sh", path],
    }
}

/// The check of a file before it is put in place, with `%s` for its path and `%%` for `%`; `None` where that is not its
/// moment.
pub fn check_before(validator: &Validator) -> Option<String> {
    let doubled = |text: &str| text.replace('%', "%%");
    match validator {
        Validator::Candidate(command) => Some(format!("{} %s", doubled(command))),
        Validator::Shell(text) if is_plain(text) => Some(text.replace(CANDIDATE, "%s")),
        Validator::Shell(text) => {
            let text = text.replace(CANDIDATE, r#""$1""#);
            Some(format!("sh -c {} sh %s", doubled(&shell_word(&text))))
        }
        Validator::InPlace(_) => None,
    }
}

/// The words of the check of a file that stands at its place.
pub fn check_in_place(validator: &Validator, path: &str) -> Vec<String> {
    let words = |command: &str| command.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    match validator {
        Validator::Candidate(command) => words(command).into_iter().chain([path.to_owned()]).collect(),
        Validator::InPlace(command) => words(command),
        Validator::Shell(text) => {
            ["sh", "-c", &text.replace(CANDIDATE, r#""$1""#), "sh", path].map(str::to_owned).into()
        }
    }
}

/// Whether the words of a command are no more than words for a shell, too.
fn is_plain(text: &str) -> bool {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || " _-./:=,@".contains(sign);
    text.replace(CANDIDATE, "").chars().all(sign)
        && text.split(' ').all(|word| word == CANDIDATE || !word.contains(CANDIDATE))
        && text.split(' ').next().is_some_and(|word| !word.contains('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_read_by_what_its_first_line_names() {
        for (script, words) in [
            ("echo\n", vec!["/bin/sh"]),
            ("#!/bin/bash\n", vec!["/bin/bash"]),
            ("#! /usr/bin/env  python3 \n", vec!["/usr/bin/env", "python3"]),
            ("#!\n", vec!["/bin/sh"]),
        ] {
            assert_eq!(reader(script), words, "{script}");
        }
    }

    #[test]
    fn checks_are_one_command() {
        let shell = |text: &str| check_before(&Validator::Shell(text.to_owned()));
        assert_eq!(
            check_before(&Validator::Candidate("haproxy -c -f".to_owned())).unwrap(),
            "haproxy -c -f %s"
        );
        assert_eq!(shell("nginx -t -q -c {file}").unwrap(), "nginx -t -q -c %s");
        assert_eq!(shell("test -s {file} && x").unwrap(), r#"sh -c 'test -s "$1" && x' sh %s"#);
        assert_eq!(shell("x --file={file}").unwrap(), r#"sh -c 'x --file="$1"' sh %s"#);
        assert_eq!(check_before(&Validator::InPlace("apache2ctl configtest".to_owned())), None);
    }
}
