//! `init`: from a few answers to an inventory, with a look at whether the hosts are there.

mod class;
mod dialogue;
mod keys;
mod look;
mod questions;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;
use std::io;

use crate::cli::{Console, InitArguments};
use crate::desired::{self, Templates};
use crate::draft;
use crate::error::{Error, ExitCode, Result};
use crate::inventory::{self, Extent, Surroundings};
use crate::model::{Language, SecretSource, shell_word, text};
use crate::report;

use super::terminal::Terminal;
use super::{new_file, program};
use class::Answers;
use dialogue::Dialogue;
use questions::Home;

pub async fn run(arguments: &InitArguments, terminal: &Terminal) -> Result<ExitCode> {
    let may_ask = terminal.console.may_ask && !arguments.yes;
    let terminal = &Terminal::new(Console { may_ask, ..terminal.console });
    let replaces = may_be_written(arguments, terminal)?;
    let answers = answers(arguments, terminal)?;
    let file = arguments.file.display().to_string();
    let text = draft::write(&class::draft(&answers, &file));

    let check = desired::template_check();
    let surroundings = Surroundings::of_this_machine(&check, Extent::Used);
    let inventory = inventory::parse(&text, &arguments.file, &surroundings).map_err(Error::faults)?;
    let templates = Templates::load(&inventory);
    let asks_password = inventory.hosts().any(|host| {
        [&host.connection.password, &host.r#become.password].contains(&&Some(SecretSource::Prompt))
    });
    let (looked, all_answer) = if asks_password && !terminal.console.may_ask {
        let why = text!(
            en: "the hosts were not looked at: nobody is here to type the password\n",
            pt: "as máquinas não foram olhadas: não há quem digite a senha\n"
        );
        (why.words(answers.language).to_owned(), false)
    } else {
        terminal
            .say(&text!(en: "looking whether the hosts answer ..", pt: "vendo se as máquinas respondem .."));
        let (prepared, outcomes) = look::look(inventory, templates, terminal).await?;
        let told = look::told(&prepared.inventory, &outcomes, terminal.console.width);
        (told, outcomes.iter().all(|outcome| outcome.status.is_ok()))
    };
    new_file::write(&arguments.file, &text, replaces)?;
    terminal.print(format!("{looked}\n{}", next(&file, all_answer, answers.language)))
}

/// Whether a file is replaced; an error where it must not be.
fn may_be_written(arguments: &InitArguments, terminal: &Terminal) -> Result<bool> {
    let InitArguments { file, force, .. } = arguments;
    let folder = report::folder(file);
    if !folder.is_dir() {
        return Err(Error::file(text!(
            en: "there is no folder {folder}",
            pt: "não existe a pasta {folder}", folder = folder.display()
        ))
        .hint(text!(
            en: "make it first, or name a file in another one",
            pt: "crie-a antes, ou indique um arquivo em outra",
        )));
    }
    // What is no plain file is refused before anybody is asked.
    new_file::check(file, true)?;
    let name = file.display();
    let replaces = *force
        || (file.exists()
            && terminal.confirm(
                &text!(en: "{name} is there already; replace it?", pt: "{name} já existe; substituir?"),
            ) == Some(true));
    new_file::check(file, replaces)?;
    Ok(replaces)
}

fn answers(arguments: &InitArguments, terminal: &Terminal) -> Result<Answers> {
    let folder = std::env::home_dir();
    let home = Home { keys: folder.as_deref().map(keys::offered).unwrap_or_default(), folder };
    let Console { language, language_is_asked, .. } = terminal.console;
    let (mut input, mut output) = (io::stdin().lock(), io::stderr().lock());
    let mut dialogue = if terminal.console.may_ask {
        Dialogue::with(language, &mut input, &mut output)
    } else {
        Dialogue::with_nobody(language)
    };
    questions::answers(arguments, &home, language_is_asked, &mut dialogue)
}

/// What to do with the file that was written: where not all hosts are known to answer, see to them first.
fn next(file: &str, all_answer: bool, language: Language) -> String {
    let (program, file) = (program::name(), shell_word(file));
    let wrote = text!(en: "wrote {file}\n", pt: "escrito {file}\n");
    let mut told = wrote.words(language).to_owned();
    let mut lead = text!(en: "next:", pt: "agora:");
    let verbs = [
        (
            "doctor",
            text!(en: "what keeps hosts out, and how to mend it", pt: "o que impede, e como resolver"),
        ),
        ("plan", text!(en: "what would change", pt: "o que mudaria")),
        ("apply", text!(en: "do it, and prove that it works", pt: "faz, e prova que funciona")),
    ];
    for (verb, purpose) in verbs.into_iter().skip(usize::from(all_answer)) {
        let (lead, purpose) = (std::mem::take(&mut lead), purpose.words(language));
        let command = format!("{program} {verb:<6} {file}");
        let _ = writeln!(told, "{:<7}{command}     {purpose}", lead.words(language));
    }
    told
}
