//! Programs of practices, as another engine hands them to a shell.

use crate::model::{Guard, Validator};

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

/// The check of a file before it is put in place, as Ansible runs it: a word of it is `%s`, for the file's path.
#[derive(Debug, PartialEq, Eq)]
pub struct Check<'a> {
    pub command: String,
    /// What the command reads in the variable [`CHECK`].
    pub text: Option<&'a str>,
}

/// The name of a variable.
pub const CHECK: &str = "CHECK";

/// Runs the text in a variable, which may hold what Ansible, too, would put values in place of.
const RUN_CHECK: &str =
    r#"sh -c 'cd / && timeout 60 sh -c "$(printenv CHECK | sed "s|{file}|$1|g")" sh "$1"' sh %s"#;

/// `None` where that is not the moment of a check.
pub fn check_before(validator: &Validator) -> Option<Check<'_>> {
    match validator {
        Validator::Candidate(command) => {
            Some(Check { command: format!("{} %s", command.replace('%', "%%")), text: None })
        }
        Validator::Shell(text) if is_plain(text) => {
            Some(Check { command: text.replace(CANDIDATE, "%s"), text: None })
        }
        Validator::Shell(text) => Some(Check { command: RUN_CHECK.to_owned(), text: Some(text) }),
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
            // As an apply does, whose candidates have plain names: also within quotes of the text.
            let sign = |sign: char| sign.is_ascii_alphanumeric() || "/._-".contains(sign);
            let named = if path.chars().all(sign) { path } else { r#""$1""# };
            ["sh", "-c", &text.replace(CANDIDATE, named), "sh", path].map(str::to_owned).into()
        }
    }
}

/// Whether the words of a command, of which one is the file's path, are no more than words for a shell, too.
fn is_plain(text: &str) -> bool {
    let sign = |sign: char| sign.is_ascii_alphanumeric() || " _-./:=,@".contains(sign);
    text.replace(CANDIDATE, "").chars().all(sign)
        && text.split(' ').filter(|word| *word == CANDIDATE).count() == text.matches(CANDIDATE).count()
        && text.matches(CANDIDATE).count() == 1
        && text.split(' ').next().is_some_and(|word| !word.contains('='))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

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
        let shell = |text: &str| Validator::Shell(text.to_owned());
        for (validator, command) in [
            (Validator::Candidate("haproxy -c -f".to_owned()), "haproxy -c -f %s"),
            (shell("nginx -t -q -c {file}"), "nginx -t -q -c %s"),
        ] {
            let wanted = Check { command: command.to_owned(), text: None };
            assert_eq!(check_before(&validator), Some(wanted), "{validator:?}");
        }
        for text in
            ["test -s {file} && x", "x --file={file}", "cmp {file} {file}", "x '{file}'", "X=1 x {file}"]
        {
            let validator = shell(text);
            let wanted = Check { command: RUN_CHECK.to_owned(), text: Some(text) };
            assert_eq!(check_before(&validator), Some(wanted), "{text}");
        }
        assert_eq!(check_before(&Validator::InPlace("apache2ctl configtest".to_owned())), None);
    }

    /// Tells its file, a literal and a variable, in quotes of all kinds.
    const TELLING: &str = r#"printf '%s|' '{file}' "{file}" {file} '$HOME' "${MISSING-100%}" "it's"; exit 3"#;

    fn said(path: &str) -> String {
        format!("{path}|{path}|{path}|$HOME|100%|it's|")
    }

    /// Runs words, and gives what they said and how they ended.
    fn run(words: &[String], text: &str) -> (String, Option<i32>) {
        let output = Command::new(&words[0]).args(&words[1..]).env(CHECK, text).output().unwrap();
        (String::from_utf8(output.stdout).unwrap(), output.status.code())
    }

    #[test]
    fn a_check_says_of_a_candidate_what_it_says_for_an_apply() {
        let validator = Validator::Shell(TELLING.to_owned());
        let Check { command, text } = check_before(&validator).unwrap();
        // As Ansible does: a value in place of `%s`, words as a shell takes them apart, and of these what names a variable.
        let words: Vec<_> = shlex::split(&command.replace("%s", "/root/.ansible/x-1.conf")).unwrap();
        let is_named = |word: &String| {
            word.split('$')
                .skip(1)
                .any(|behind| behind.starts_with(|sign: char| sign.is_ascii_alphabetic() || sign == '{'))
        };
        assert!(!words.iter().any(is_named) && command.matches('%').count() == 1, "{words:?}");
        assert_eq!(run(&words, text.unwrap()), (said("/root/.ansible/x-1.conf"), Some(3)));
    }

    #[test]
    fn a_check_says_of_a_file_in_its_place_what_it_says_for_an_apply() {
        let validator = Validator::Shell(TELLING.to_owned());
        let words = check_in_place(&validator, "/etc/x-1.conf");
        assert_eq!(run(&words, ""), (said("/etc/x-1.conf"), Some(3)));
        let validator = Validator::Shell("printf %s {file}".to_owned());
        assert_eq!(run(&check_in_place(&validator, "/etc/a 'b"), ""), ("/etc/a 'b".to_owned(), Some(0)));
    }
}
