//! `packages list|clean`: the cache of packages that went through this machine.

use std::path::Path;

use indicatif::HumanBytes;

use crate::cli::{OutputFormat, PackagesCommand};
use crate::error::{Error, ExitCode, Result};
use crate::packages;

use super::columns::columns;
use super::console::Terminal;

/// `provision packages …`
pub fn run(command: PackagesCommand, terminal: &Terminal) -> Result<ExitCode> {
    let folder = packages::default_cache_dir()?;
    match command {
        PackagesCommand::List { output } => {
            let entries = packages::list(&folder).map_err(|cause| unreadable(&folder, cause))?;
            let total: u64 = entries.iter().map(|entry| entry.length).sum();
            match output {
                OutputFormat::Json => {
                    let document = serde_json::json!({
                        "version": 1, "folder": folder, "bytes": total, "files": entries
                            .iter()
                            .map(|entry| serde_json::json!({ "url": entry.url, "bytes": entry.length }))
                            .collect::<Vec<_>>(),
                    });
                    let text = serde_json::to_string_pretty(&document).map_err(|cause| {
                        Error::new("the list could not be written as JSON").because(cause)
                    })?;
                    terminal.print(&format!("{text}\n"))?;
                }
                OutputFormat::Text => {
                    let rows =
                        entries.iter().map(|entry| [HumanBytes(entry.length).to_string(), entry.url.clone()]);
                    let mut text = columns(["SIZE", "FILE"], rows);
                    text.push_str(&format!(
                        "{} files, {} in {}\n",
                        entries.len(),
                        HumanBytes(total),
                        folder.display()
                    ));
                    terminal.print(&text)?;
                }
            }
        }
        PackagesCommand::Clean => {
            let freed = packages::clean(&folder).map_err(|cause| unreadable(&folder, cause))?;
            terminal.print(&format!("{} freed in {}\n", HumanBytes(freed), folder.display()))?;
        }
    }
    Ok(ExitCode::Success)
}

fn unreadable(folder: &Path, cause: std::io::Error) -> Error {
    Error::new(format!("the package cache {} cannot be used", folder.display()))
        .hint("check who owns it")
        .because(cause)
}
