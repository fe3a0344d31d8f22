//! Reads an inventory: YAML → [`crate::model::Inventory`], with every fault at once.
//!
//! The way: text → [`document`](crate::document) → the [`raw`] shapes → [`resolve`] with inherited [`settings`] →
//! [`checks`] across hosts. What is wrong is shown as [`Faults`].
//!
//! Touches nothing but the inventory itself and asks for the files that it names; renders no template, resolves no
//! secret and connects to nothing.

mod address;
mod checks;
mod claims;
mod drills;
mod files;
mod inherited;
mod machines;
mod placed;
mod points;
mod practices;
mod raw;
mod resolve;
mod schema;
mod selection;
mod settings;
mod surroundings;
mod values;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use crate::document::fault::Faults;
use crate::document::recorder::Recorder;
use crate::document::syntax;
use crate::error::{Error, Result};
use crate::model::{Inventory, text};
use resolve::Resolved;

pub use address::{Address, JumpHost, User, canonical, split_port, wrong_name};
pub use drills::drills;
pub use machines::{Machine, machine_words, machines, machines_of_word};
pub use practices::practices_of;
pub use schema::schema;
pub use selection::Selection;
pub use surroundings::{Extent, Surroundings, TemplateCheck};
pub use values::Title;

/// Reads the inventory in a file.
pub fn load(path: &Path, check_template: &TemplateCheck<'_>, extent: Extent) -> Result<Inventory> {
    let bytes = read(path).map_err(|error| {
        let path = path.display();
        let (message, hint) = match error.kind() {
            io::ErrorKind::NotFound => (
                text!(en: "there is no inventory {path}", pt: "não existe o inventário {path}"),
                text!(
                    en: "check the path, or make one: `provision init`; to try it: `provision demo`",
                    pt: "confira o caminho, ou crie um: `provision init`; para experimentar: `provision demo`",
                ),
            ),
            io::ErrorKind::IsADirectory => {
                (text!(
                    en: "{path} is a folder, and no inventory",
                    pt: "{path} é uma pasta, e não um inventário",
                ), text!(en: "name the inventory in this folder", pt: "indique o inventário dessa pasta"))
            }
            _ => (text!(
                en: "cannot read the inventory {path}: {error}",
                pt: "não foi possível ler o inventário {path}: {error}",
            ), text!(en: "check who may read it", pt: "confira quem pode lê-lo")),
        };
        Error::file(message).hint(hint)
    })?;
    if bytes.len() > SIZE_LIMIT {
        return Err(Error::file(text!(
            en: "{path} is larger than 1 MiB",
            pt: "{path} tem mais de 1 MiB", path = path.display()
        ))
        .hint(text!(
            en: "is this the inventory? One for 200 hosts has some 30 KiB",
            pt: "é mesmo o inventário? Um de 200 máquinas tem uns 30 KiB",
        )));
    }
    let surroundings = Surroundings::of_this_machine(check_template, extent);
    syntax::decode(path, bytes).and_then(|text| parse(&text, path, &surroundings)).map_err(Error::faults)
}

/// Larger files are no inventories.
pub const SIZE_LIMIT: usize = 1024 * 1024;

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads the text of an inventory. `path` is for messages, and paths in the text are relative to its folder.
pub fn parse(text: &str, path: &Path, surroundings: &Surroundings<'_>) -> Result<Inventory, Faults> {
    let recorder = Recorder::new(text!(en: "from the same range", pt: "do mesmo intervalo"));
    let Some(document) = syntax::parse(text, &raw::subject(), &recorder) else {
        return Err(recorder.finish(path, text, text));
    };
    let resolved = resolve::resolve(&document.tree, &recorder, surroundings, path);
    let (inventory, of_practices) =
        resolved.map(|Resolved { inventory, of_practices }| (inventory, of_practices)).unzip();
    let faults =
        Faults::together([recorder.finish(path, text, &document.text)].into_iter().chain(of_practices));
    match inventory {
        Some(inventory) if faults.count() == 0 => Ok(inventory),
        _ => Err(faults),
    }
}
