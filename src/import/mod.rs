//! What people have, as an inventory that is to be written: texts in, a draft and remarks out.
//!
//! Each source is a file here. What it says of hosts is [`assembly::Found`]; from there on all go one way, by which the
//! draft is one that the reader of inventories accepts. Nothing is run, asked or followed: values are data.

mod ansible;
mod assembly;
mod aws;
mod columns;
mod encoding;
mod files;
mod fit;
mod lift;
mod names;
mod plain;
mod quotes;
mod remark;
mod roles;
mod roster;
mod settings;
mod source;
mod ssh_config;
mod stanzas;

#[cfg(test)]
mod tests;

use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::model::{Text, text};

pub use ansible::ansible;
pub use aws::{Tags, aws};
pub use files::{InventoryFiles, VariablesFolders, read};
pub use remark::Remark;
pub use roles::RoleWords;
pub use roster::roster;
pub use source::Source;
pub use ssh_config::ssh_config;

/// What the user says besides the source.
#[derive(Debug, Clone, Default)]
pub struct Choices {
    pub roles: RoleWords,
    /// The login of hosts for which the source has none.
    pub user: Option<String>,
    /// The same of the key file.
    pub identity: Option<String>,
}

/// What became of a source.
#[derive(Debug)]
pub struct Imported {
    pub draft: Draft,
    /// In the order of the source.
    pub remarks: Vec<Remark>,
}

/// Why there is no host, at most.
const MOST_REASONS: usize = 5;

/// The end of each import: a draft without hosts is none.
fn finish(draft: Draft, remarks: remark::Remarks, sources: &source::Sources) -> Result<Imported> {
    let remarks = remarks.finish(sources);
    if draft.clusters.iter().all(|cluster| cluster.hosts.is_empty()) {
        let error = Error::usage(text!(
            en: "{name} has no host that an inventory could name",
            pt: "{name} não tem nenhuma máquina que um inventário possa nomear", name = sources.get(0).name
        ));
        let mut why = remarks.iter().filter(|remark| remark.is_loss).take(MOST_REASONS).peekable();
        if why.peek().is_none() {
            return Err(error.hint(text!(en: "is this the right file?", pt: "é o arquivo certo?")));
        }
        return Err(why.fold(error, |error, remark| {
            error.hint(Text::join(&[remark.place.clone(), remark.said.clone()], ": "))
        }));
    }
    Ok(Imported { draft, remarks })
}
