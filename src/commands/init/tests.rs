//! Dialogues, from what is typed to the inventory.

use clap::Parser;

use super::class::{self, Answers};
use super::dialogue::Dialogue;
use super::questions::{self, Home};
use super::{next, program};
use crate::cli::{Arguments, Command, InitArguments, LanguageTag};
use crate::draft;
use crate::error::Result;
use crate::model::Language;

/// The arguments, with the language that they ask for.
fn arguments(words: &str) -> (InitArguments, Option<LanguageTag>) {
    let words = ["provision", "init"].into_iter().chain(words.split_whitespace());
    let Arguments { console, command } = Arguments::try_parse_from(words).unwrap();
    match command {
        Command::Init(arguments) => (arguments, console.language),
        _ => panic!("another verb"),
    }
}

fn home() -> Home {
    Home { folder: None, keys: vec!["~/.ssh/id_ed25519".into(), "~/.ssh/labsuser.pem".into()] }
}

/// What is said and what comes of it, where this is typed.
fn typed(words: &str, language: Language, typed: &str) -> (String, Result<Answers>) {
    let (mut input, mut output) = (typed.as_bytes(), Vec::new());
    let (arguments, asked) = arguments(words);
    let language = asked.map_or(language, Language::from);
    let mut dialogue = Dialogue::with(language, &mut input, &mut output);
    let answers = questions::answers(&arguments, &home(), asked.is_some(), &mut dialogue);
    (String::from_utf8(output).unwrap(), answers)
}

fn unasked(words: &str) -> Result<Answers> {
    let (arguments, asked) = arguments(words);
    let mut dialogue = Dialogue::with_nobody(asked.map_or(Language::English, Language::from));
    questions::answers(&arguments, &home(), asked.is_some(), &mut dialogue)
}

fn written(answers: &Answers) -> String {
    draft::write(&class::draft(answers, "inventory.yaml"))
}

#[test]
fn four_addresses_and_the_defaults() {
    let (said, answers) = typed("", Language::English, "\n\nubuntu\n\n\n10.0.0.50-53\n\n\n\n\n");
    insta::assert_snapshot!(format!("{said}\n---\n{}", written(&answers.unwrap())));
}

#[test]
fn teams_in_portuguese() {
    let answers = "SD 2026\npt\naluno\n4\n\n10.1.1.10-12, 10.1.2.10-12\n10.1.3.10-12\n\n2\nn\n";
    let (said, answers) = typed("", Language::English, answers);
    insta::assert_snapshot!(format!("{said}\n---\n{}", written(&answers.unwrap())));
}

#[test]
fn a_wrong_answer_is_told_and_asked_again() {
    let answers = "\nfr\nen\n-x\nana\n9\n2\nmaybe\ny\n10.0.0.0/24\n\n10.0.0.9\nana@10.0.0.8:2222\n\n10.0.0.7\n10.0.0.8\nn\n";
    let (said, answers) = typed("", Language::English, answers);
    insta::assert_snapshot!(format!("{said}\n---\n{}", written(&answers.unwrap())));
}

#[test]
fn the_end_of_input_ends_it() {
    for length in [0, 1, 3] {
        let (_, answers) = typed("", Language::English, &"\n".repeat(length));
        assert!(answers.unwrap_err().message.english().contains("nothing is written"), "{length}");
    }
}

#[test]
fn flags_answer_and_are_not_asked_for() {
    let all = "--title SD --language pt-BR --user ubuntu -K --balancer 10.0.0.50 --web 10.0.0.[51:53] --socket --yes";
    insta::assert_snapshot!(written(&unasked(all).unwrap()));
    let many = "--balancer 10.0.0.10,10.0.1.10 --web 10.0.0.11-12,10.0.1.11-12 --yes";
    insta::assert_snapshot!(written(&unasked(many).unwrap()));
    let (said, _) =
        typed("--title SD --user ana -k --web 10.0.0.51 --socket", Language::English, "\n\n10.0.0.50\n");
    assert_eq!(said.matches(": ").count(), 3, "{said}");
}

#[test]
fn machines_behind_one_address_are_asked_for_their_own() {
    let answers = "\n\nubuntu\n\n\n127.0.0.1:2200\n127.0.0.1:22[01:02]\n\n127.0.0.1:2201\n\n192.168.56.11-12\n\n192.168.56.11-13\n\n\n";
    let (said, answers) = typed("", Language::English, answers);
    insta::assert_snapshot!(format!("{said}\n---\n{}", written(&answers.unwrap())));
    let flags = "--yes --balancer 127.0.0.1:2200 --web 127.0.0.1:22[01:02] --private 192.168.56.11-13";
    insta::assert_snapshot!(written(&unasked(flags).unwrap()));
    // Clusters that share networks of the same numbers, and web hosts alone, of which none is told from another.
    let teams = "--yes --balancer 127.0.0.1:2200,127.0.0.1:2300 --web 127.0.0.1:2201,127.0.0.1:2301";
    let same = format!("{teams} --private 10.0.0.1-2,10.0.0.1-2");
    assert_eq!(written(&unasked(&same).unwrap()).matches("10.0.0.").count(), 4);
    unasked("--yes --balancer none --web 127.0.0.1:22[01:02]").unwrap();
}

#[test]
fn what_is_missing_or_wrong_is_one_error() {
    let cases = [
        "--yes",
        "--yes --web 10.0.0.51",
        "--yes --balancer 10.0.0.50",
        "--yes --balancer 10.0.0.0/24 --web 10.0.0.51",
        "--yes --balancer 10.0.0.50,10.0.0.60 --web 10.0.0.51-53",
        "--yes --balancer 10.0.0.50 --web 10.0.0.50-53",
        "--yes --balancer 10.0.0.50 --web 10.0.0.50:22",
        "--yes --balancer 127.0.0.1:2200 --web 127.0.0.1:2201",
        "--yes --balancer 127.0.0.1:2200 --web 127.0.0.1:2201 --private 10.0.0.1",
        "--yes --balancer 127.0.0.1:2200 --web 127.0.0.1:2201 --private 10.0.0.1,10.0.0.1",
        "--yes --balancer 127.0.0.1:2200 --web 127.0.0.1:2201 --private 10.0.0.1-2:22",
        "--yes --balancer none --web web01-03",
        "--yes --balancer none --web 10.0.0.50 --user a:b",
        "--yes --balancer none --web 10.0.0.50 --identity /none/such",
    ];
    let told = cases.map(|case| {
        let error = unasked(case).unwrap_err();
        format!("{case}\n  {}\n", error.sample())
    });
    insta::assert_snapshot!(told.concat());
}

#[test]
fn hosts_that_do_not_answer_come_before_the_plan() {
    assert_eq!(
        next("class.yaml", true, Language::English).replace(&program::name(), "provision"),
        "wrote class.yaml\n\
         next:  provision plan   class.yaml     what would change\n       \
         provision apply  class.yaml     do it, and prove that it works\n"
    );
    let some_are_silent = next("class.yaml", false, Language::Portuguese);
    assert!(some_are_silent.lines().nth(1).unwrap().contains(" doctor class.yaml "), "{some_are_silent}");
}
