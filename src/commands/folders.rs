//! Where the tool keeps things on the laptop, by the XDG Base Directory Specification.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;

use crate::error::{Error, Result};
use crate::model::text;

#[derive(Debug, Clone)]
pub struct Folders {
    /// Logs of failed hosts and known host keys.
    pub state: PathBuf,
    /// Sockets of this run: private, and short, for a socket's path has at most 107 bytes (unix(7)).
    pub runtime: PathBuf,
}

impl Folders {
    pub fn find() -> Result<Self> {
        let strategy = etcetera::choose_base_strategy().map_err(|cause| {
            Error::machine(text!(en: "the home folder is unknown", pt: "a pasta pessoal não é conhecida"))
                .hint(text!(en: "set HOME", pt: "defina HOME"))
                .because(anyhow::Error::msg(cause.to_string()))
        })?;
        let state = strategy.state_dir().unwrap_or_else(|| strategy.data_dir()).join("provision");
        let runtime =
            strategy.runtime_dir().map_or_else(|| state.join("run"), |folder| folder.join("provision"));
        Ok(Self { state, runtime })
    }
}

/// Makes a folder that only the user can enter.
pub fn make_private(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|cause| {
        Error::file(text!(
            en: "the folder {folder} cannot be made",
            pt: "a pasta {folder} não pôde ser criada", folder = folder.display()
        ))
        .hint(text!(
            en: "check who owns it and whether the disk is full",
            pt: "confira de quem ela é e se o disco está cheio",
        ))
        .because(cause)
    })
}
