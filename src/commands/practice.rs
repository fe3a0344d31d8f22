//! `practice new|check|schema`: practices of one's own, without connecting anywhere.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::cli::PracticeCommand;
use crate::document::suggestion;
use crate::error::{Error, ExitCode, Result};
use crate::inventory::{self, Extent};
use crate::model::{Language, text};
use crate::practice::{self, Class, Library};
use crate::report::{Noun, say};

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
            let message = text!(en: "{path} is there already", pt: "{path} já existe", path = path.display());
            return Error::file(message).hint(text!(
                en: "choose another name, or remove it yourself: nothing is overwritten",
                pt: "escolha outro nome, ou remova você mesmo: nada é sobrescrito",
            ));
        }
        Error::file(text!(
            en: "cannot make the practice {path}",
            pt: "não foi possível criar a prática {path}", path = path.display()
        ))
        .hint(text!(en: "check who may write there", pt: "confira quem pode escrever ali"))
        .because(error)
    })?;
    let mut text = String::new();
    for file in files {
        text.push_str(&format!("{}\n", file.display()));
    }
    text.push_str(&say!(
        terminal.words(),
        en: "\nUse it by `roles: [{name}]` in the inventory; `provision practice check {name}` reads it.\n",
        pt: "\nPara usar, `roles: [{name}]` no inventário; `provision practice check {name}` a confere.\n",
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
            let message = text!(
                en: "there is no practice `{name}`",
                pt: "não existe a prática `{name}`", name = suggestion::shown(name)
            );
            return Err(Error::usage(message).hint(match known.as_slice() {
                [] => text!(
                    en: "make it: `provision practice new {name}`",
                    pt: "crie-a: `provision practice new {name}`", name = suggestion::shown(name)
                ),
                known => suggestion::hint(name, known),
            }));
        }
        // With an inventory they are checked on the hosts that have them.
        if inventory.is_file() {
            let extent = if named.is_empty() { Extent::All } else { Extent::Only(names.clone()) };
            prepare::load(inventory, extent)?;
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
        return Err(Error::faults(faults));
    }
    let words = terminal.words();
    let valid = words.choose(
        Noun::new("practice valid", "practices valid"),
        Noun::new("prática válida", "práticas válidas"),
    );
    let mut text = String::new();
    for (name, title) in &titles {
        text.push_str(&format!("{name}: {}\n", words.say(title)));
    }
    text.push_str(&format!("{}\n", valid.count(titles.len())));
    terminal.print(text)
}
