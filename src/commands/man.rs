//! `man`: the manual page, one for all verbs, so that a single file installed is a whole manual.

use std::io;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use crate::cli::Arguments;

/// Arguments that every verb has; the page tells of them once, at its head.
const EVERYWHERE: [&str; 2] = ["help", "version"];

/// The page in roff.
pub fn page() -> io::Result<Vec<u8>> {
    let mut root = Arguments::command().disable_help_subcommand(true);
    root.build();
    let exit_codes = root.get_after_help().map(ToString::to_string).unwrap_or_default();
    let head = Man::new(root.clone()).manual("User Commands");
    let mut page = Vec::new();
    head.render_title(&mut page)?;
    head.render_name_section(&mut page)?;
    head.render_synopsis_section(&mut page)?;
    head.render_description_section(&mut page)?;
    head.render_options_section(&mut page)?;
    for verb in root.get_subcommands() {
        add_verb(&mut page, verb)?;
    }
    exit_status(&exit_codes).to_writer(&mut page)?;
    Ok(page)
}

/// A section for a verb, or one for each verb below it.
fn add_verb(page: &mut Vec<u8>, verb: &Command) -> io::Result<()> {
    if verb.has_subcommands() {
        return verb.get_subcommands().try_for_each(|verb| add_verb(page, verb));
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
fn exit_status(codes: &str) -> Roff {
    let mut section = Roff::new();
    section.control("SH", ["EXIT STATUS"]);
    let codes = codes.lines().next().and_then(|line| line.strip_prefix("Exit codes: ")).unwrap_or_default();
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
        let page = String::from_utf8(page().unwrap()).unwrap();
        for heading in ["provision apply", "provision lab up", "provision inventory list", "EXIT STATUS"] {
            assert!(page.contains(&format!(".SH \"{heading}\"")), "{heading}");
        }
        assert_eq!(page.matches("no\\-input").count(), 2, "global flags stand once, and in the synopsis");
        assert!(page.contains("\\fB130\\fR\ninterrupted\n"), "{page}");
        assert!(!page.contains("provision\\-plan"), "refers to pages that nobody installed");
    }
}
