//! `practice new|check|schema`: practices of one's own, without connecting anywhere.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::PracticeCommand;
use crate::document::suggestion;
use crate::error::{Error, ErrorKind, ExitCode, Result};
use crate::inventory::{self, Extent};
use crate::model::Language;
use crate::practice::{self, Class, Library};
use crate::report::count;

use super::prepare;
use super::terminal::Terminal;

pub fn run(command: PracticeCommand, terminal: &Terminal) -> Result<ExitCode> {
    match command {
        PracticeCommand::New { name, inventory } => new(&name, &inventory, terminal),
        PracticeCommand::Check { practices, inventory } => check(&practices, &inventory, terminal),
        PracticeCommand::Schema => terminal.print(practice::schema()),
    }
}

fn new(name: &str, inventory: &Path, terminal: &Terminal) -> Result<ExitCode> {
    if let Some(complaint) = practice::wrong_folder(name) {
        return Err(Error::usage(complaint.message).hint(complaint.hint));
    }
    let folder = inventory::practices_of(inventory);
    let files = practice::scaffold(&folder, name).map_err(|error| {
        let path = folder.join(name);
        if error.kind() == io::ErrorKind::AlreadyExists {
            let message = format!("{} is there already", path.display());
            return Error::file(message)
                .hint("choose another name, or remove it yourself: nothing is overwritten");
        }
        Error::file(format!("cannot make the practice {}", path.display()))
            .hint("check who may write there")
            .because(error)
    })?;
    let mut text = String::new();
    for file in files {
        text.push_str(&format!("{}\n", file.display()));
    }
    text.push_str(&format!(
        "\nUse it by `roles: [{name}]` in the inventory; `provision practice check {name}` reads it.\n"
    ));
    terminal.print(text)
}

/// Checks practices: those named by their name or folder, else all beside the inventory.
fn check(named: &[PathBuf], inventory: &Path, terminal: &Terminal) -> Result<ExitCode> {
    let (folders, names): (Vec<&PathBuf>, Vec<&PathBuf>) =
        named.iter().partition(|path| path.components().count() > 1 || path.is_dir());
    let names: Vec<String> = names.into_iter().map(|name| name.display().to_string()).collect();
    let mut titles = BTreeMap::new();
    let mut libraries: Vec<Library> = folders.into_iter().map(|folder| Library::of(folder)).collect();
    if named.is_empty() || !names.is_empty() {
        let mut library = Library::open(&inventory::practices_of(inventory));
        let known: Vec<String> = library.folders().map(str::to_owned).collect();
        if let Some(name) = names.iter().find(|name| !known.contains(name)) {
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let message = format!("there is no practice `{}`", suggestion::shown(name));
            return Err(Error::usage(message).hint(match known.as_slice() {
                [] => format!("make it: `provision practice new {}`", suggestion::shown(name)),
                known => suggestion::hint(name, known),
            }));
        }
        // With an inventory they are checked on the hosts that have them.
        if inventory.is_file() {
            let extent = if named.is_empty() { Extent::All } else { Extent::Only(names.clone()) };
            prepare::load(inventory, extent, terminal)?;
            library.keep(&names);
            titles.extend(library.titles());
        } else {
            library.keep(&names);
            libraries.push(library);
        }
    }
    let class = Class { title: None, language: Language::default(), is_real: false };
    for library in &mut libraries {
        for name in library.folders().map(str::to_owned).collect::<Vec<_>>() {
            library.try_out(&name, class, BTreeMap::new());
        }
        titles.extend(library.titles());
    }
    let faults = practice::together(libraries);
    if faults.count() > 0 {
        return Err(Error::new(ErrorKind::Faults, faults.render(terminal.console.stderr_colour)));
    }
    let mut text = String::new();
    for (name, title) in &titles {
        text.push_str(&format!(
            "{name}: {}
",
            title.english()
        ));
    }
    text.push_str(&format!(
        "{} valid
",
        count(titles.len(), "practice")
    ));
    terminal.print(text)
}
