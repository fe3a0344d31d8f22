//! The help in Portuguese, in the place of the comments of the arguments. What clap says by itself stays as it is.

mod texts;

use clap::builder::StyledStr;
use clap::{Arg, Command};

use texts::{AFTER, ARGUMENTS, COMMANDS, VALUES};

const TEMPLATE: &str = "{before-help}{about-with-newline}\nUso: {usage}\n\n{all-args}{after-help}";

/// The command line with its help in Portuguese.
pub fn translated(mut command: Command) -> Command {
    // With it come the arguments and the command that clap adds.
    command.build();
    below("", command).after_help(AFTER)
}

/// A command and all below it.
fn below(path: &str, command: Command) -> Command {
    let (short, long) = text(COMMANDS, &[path]).map_or(("", None), paragraphs);
    let command = command
        .about(StyledStr::from(short))
        .help_template(TEMPLATE)
        .subcommand_help_heading("Comandos")
        .subcommand_value_name("COMANDO")
        .mut_args(|argument| worded(path, argument))
        .mut_subcommands(|command| {
            let path = format!("{path} {}", command.get_name());
            below(path.trim_start(), command)
        });
    match long {
        Some(long) => command.long_about(StyledStr::from(format!("{short}\n\n{long}"))),
        None => command,
    }
}

fn worded(path: &str, argument: Arg) -> Arg {
    let heading = match argument.get_help_heading() {
        Some(_) => "Terminal",
        None if argument.is_positional() => "Argumentos",
        None => "Opções",
    };
    let (short, long) = help(path, argument.get_id().as_str()).map_or(("", None), paragraphs);
    let notes = notes(&argument);
    let long = long.map_or_else(|| short.to_owned(), |long| format!("{short}\n\n{long}"));
    argument
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
        .help(format!("{short}{notes}"))
        .long_help(format!("{long}{notes}"))
}

/// The default and the values that clap would tell in English.
fn notes(argument: &Arg) -> String {
    let mut notes = String::new();
    let takes_value = argument.get_action().takes_values();
    let default: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if takes_value && !default.is_empty() && !argument.is_hide_default_value_set() {
        notes.push_str(&format!(" [padrão: {}]", default.join(",")));
    }
    if takes_value && !argument.is_hide_possible_values_set() {
        let values = argument.get_possible_values();
        let told = |value: &clap::builder::PossibleValue| {
            let name = value.get_name();
            text(VALUES, &[name])
                .map_or_else(|| name.to_owned(), |means| format!("{name} ({})", first_lower(means)))
        };
        if !values.is_empty() {
            notes
                .push_str(&format!(" [valores: {}]", values.iter().map(told).collect::<Vec<_>>().join(", ")));
        }
    }
    notes
}

/// `Ligado` as `ligado`; a name keeps its capital.
fn first_lower(text: &str) -> String {
    if ["Debian", "Ubuntu"].iter().any(|name| text.starts_with(name)) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// What an argument of a command is: as it is worded for that command, for the one above it, or for all.
fn help(path: &str, id: &str) -> Option<&'static str> {
    let above = path.split(' ').next().unwrap_or_default();
    text(ARGUMENTS, &[&format!("{path} {id}"), &format!("{above} {id}"), id])
}

fn text(texts: &'static [(&str, &str)], keys: &[&str]) -> Option<&'static str> {
    keys.iter().find_map(|key| texts.iter().find(|(known, _)| known == key)).map(|(_, text)| *text)
}

/// The first paragraph, and the others.
fn paragraphs(text: &'static str) -> (&'static str, Option<&'static str>) {
    match text.split_once("\n\n") {
        Some((short, long)) => (short, Some(long)),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Arguments;

    /// The keys that a command line asks for, and those that it does not find.
    fn asked(path: &str, command: &Command, found: &mut BTreeSet<String>, missing: &mut Vec<String>) {
        let mut ask = |texts: &'static [(&str, &str)], keys: &[String]| {
            let known = keys.iter().find(|key| texts.iter().any(|(known, _)| known == key));
            match known {
                Some(key) => drop(found.insert(key.clone())),
                None => missing.push(keys.join(" | ")),
            }
        };
        ask(COMMANDS, &[path.to_owned()]);
        let above = path.split(' ').next().unwrap_or_default();
        for argument in command.get_arguments() {
            let id = argument.get_id();
            ask(ARGUMENTS, &[format!("{path} {id}"), format!("{above} {id}"), id.to_string()]);
            if !argument.is_hide_possible_values_set() {
                let values = argument.get_possible_values();
                let documented = values.iter().filter(|value| value.get_help().is_some());
                documented.for_each(|value| ask(VALUES, &[value.get_name().to_owned()]));
            }
        }
        for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
            asked(format!("{path} {}", command.get_name()).trim_start(), command, found, missing);
        }
    }

    #[test]
    fn every_command_argument_and_value_has_its_words_and_no_word_is_left_over() {
        let mut command = Arguments::command();
        command.build();
        let (mut found, mut missing) = (BTreeSet::from(["help".to_owned()]), Vec::new());
        asked("", &command, &mut found, &mut missing);
        assert_eq!(missing, Vec::<String>::new());
        let all = COMMANDS.iter().chain(ARGUMENTS).chain(VALUES).map(|(key, _)| (*key).to_owned());
        let left: Vec<_> = all.filter(|key| !found.contains(key)).collect();
        assert_eq!(left, Vec::<String>::new());
    }

    #[test]
    fn help_in_both_languages() {
        let help = |words: &[&str]| {
            let command = translated(Arguments::command()).term_width(100);
            command.try_get_matches_from(words).unwrap_err().to_string()
        };
        insta::assert_snapshot!(help(&["provision", "--help"]));
        insta::assert_snapshot!(help(&["provision", "drill", "--help"]));
        insta::assert_snapshot!(help(&["provision", "lab", "up", "-h"]));
        insta::assert_snapshot!(help(&["provision", "help", "lab"]));
    }

    #[test]
    fn it_means_the_same() {
        let line = ["provision", "apply", "-l", "ana/*", "--language", "pt-BR", "-o", "json", "x.yaml"];
        let [one, other] = [Arguments::command(), translated(Arguments::command())]
            .map(|command| format!("{:?}", command.try_get_matches_from(line).unwrap()));
        assert_eq!(one, other);
    }
}
