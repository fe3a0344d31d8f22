//! The command line: clap types, and their resolution to plain settings. Nothing runs here.

mod arguments;
mod duration;
mod export;
mod import;
mod init;
mod lab;
mod language;
mod output;
mod portuguese;
mod practice;
mod role;
mod scope;
mod settings;

pub use arguments::{Arguments, Command, DrillArguments, DrillModeName, InventoryCommand, PackagesCommand};
pub use export::{ExportArguments, ExportCommand};
pub use import::{ImportArguments, ImportCommand};
pub use init::InitArguments;
pub use lab::{DriverName, LabCommand, LabShape, LinkState, ReleaseName};
#[cfg(test)]
pub use language::LanguageTag;
pub use output::OutputFormat;
pub use practice::PracticeCommand;
pub use settings::{Console, Probing, Run, Scope};

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::model::Language;

/// The command line, with its help in a language.
pub fn command(language: Language) -> clap::Command {
    let command = Arguments::command();
    match language {
        Language::English => command,
        Language::Portuguese => portuguese::translated(command),
    }
}

/// Reads a command line. Help is an error, too, in the language of the terminal.
pub fn parse(line: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let line: Vec<OsString> = line.into_iter().collect();
    let variable = |name: &str| std::env::var(name).ok();
    let mut command = command(language::resolve(language::asked(&line, variable), variable));
    let matches = command.try_get_matches_from_mut(line)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}
