//! `man`: the manual page, one for all verbs, so that a single file installed is a whole manual.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli;
use crate::model::Language;
use crate::report::Words;

/// Arguments that every verb has; the page tells of them once, at its head.
const EVERYWHERE: [&str; 2] = ["help", "version"];

/// The page in roff.
pub fn page(language: Language) -> io::Result<Vec<u8>> {
    let words = Words(language);
    let mut root = cli::command(language).disable_help_subcommand(true);
    root.build();
    let exit_codes = root.get_after_help().map(ToString::to_string).unwrap_or_default();
    let head = Man::new(root.clone()).manual(words.choose("User Commands", "Comandos do usuário"));
    let mut page = Vec::new();
    head.render_title(&mut page)?;
    head.render_name_section(&mut page)?;
    head.render_synopsis_section(&mut page)?;
    head.render_description_section(&mut page)?;
    head.render_options_section(&mut page)?;
    for verb in verbs(&root) {
        add_verb(&mut page, verb)?;
    }
    exit_status(&exit_codes, words).to_writer(&mut page)?;
    Ok(page)
}

/// The verbs below a command, without the one that is help.
fn verbs(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|verb| verb.get_name() != "help")
}

/// A section for a verb, or one for each verb below it.
fn add_verb(page: &mut Vec<u8>, verb: &Command) -> io::Result<()> {
    if verb.has_subcommands() {
        return verbs(verb).try_for_each(|verb| add_verb(page, verb));
    }
    let verb = verb.clone().mut_args(|argument| {
        let said = argument.is_global_set() || EVERYWHERE.contains(&argument.get_id().as_str());
        if said { argument.hide(true) } else { argument }
    });
    let name = verb.get_bin_name().unwrap_or_else(|| verb.get_name()).to_owned();
    let mut heading = Roff::new();
    heading.control("SH", [name.as_str()]);
    heading.to_writer(page)?;
    let man = Man::new(verb);
    let mut body = Vec::new();
    man.render_synopsis_section(&mut body)?;
    man.render_description_section(&mut body)?;
    man.render_options_section(&mut body)?;
    for line in String::from_utf8_lossy(&body).lines() {
        // Parts of a verb are paragraphs of its section, not sections of the page.
        page.extend_from_slice(if line.starts_with(".SH ") { b".PP" } else { line.as_bytes() });
        page.push(b'\n');
    }
    Ok(())
}

/// `Exit codes: 0 all well · 1 …` of the help as a list.
fn exit_status(codes: &str, words: Words) -> Roff {
    let mut section = Roff::new();
    section.control("SH", [words.choose("EXIT STATUS", "CÓDIGOS DE SAÍDA")]);
    let codes = codes
        .lines()
        .next()
        .and_then(|line| line.strip_prefix(words.choose("Exit codes: ", "Códigos de saída: ")))
        .unwrap_or_default();
    for (code, meaning) in codes.split(" · ").filter_map(|code| code.split_once(' ')) {
        section.control("TP", []);
        section.text([bold(code)]);
        section.text([roman(meaning)]);
    }
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_page_tells_of_every_verb_and_code() {
        let page = String::from_utf8(page(Language::English).unwrap()).unwrap();
        for heading in ["provision apply", "provision lab up", "provision inventory list", "EXIT STATUS"] {
            assert!(page.contains(&format!(".SH \"{heading}\"")), "{heading}");
        }
        assert_eq!(page.matches("no\\-input").count(), 2, "global flags stand once, and in the synopsis");
        assert!(page.contains("\\fB130\\fR\ninterrupted\n"), "{page}");
        assert!(!page.contains("provision\\-plan"), "refers to pages that nobody installed");
    }

    #[test]
    fn it_is_there_in_portuguese() {
        let page = String::from_utf8(page(Language::Portuguese).unwrap()).unwrap();
        assert!(page.contains("\\fB130\\fR\ninterrompido\n"), "{page}");
        assert!(page.contains("Deixa as máquinas como o inventário diz"), "{page}");
        assert!(!page.contains("Print help"), "{page}");
    }
}
