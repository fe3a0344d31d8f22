//! `packages fetch|list|clean`: the cache of packages that go through this machine.

use std::path::Path;

use crate::cli::{OutputFormat, Run};
use crate::error::{Error, ExitCode, Result};
use crate::model::{RunOutcome, Work};
use crate::packages;
use crate::report::{self, Offer, columns};
use crate::runner::{Consent, Intent};

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

/// `provision packages fetch`: what the plan of every host installs, for the cache.
pub async fn fetch(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All, terminal)?;
    let wanted = prepared.wanted()?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let plan = prepared.planning();
    let apply = prepared.applying(Intent::Plan, Consent::Withheld, &wanted, &plan);
    let worked = running.runner.fetch(&running.hosts(), &apply).await;
    running.end_work(RunOutcome { work: Work::Fetch, ..RunOutcome::default() }, worked).await
}

pub fn list(output: OutputFormat, terminal: &Terminal) -> Result<ExitCode> {
    let folder = packages::default_cache_dir()?;
    let entries = packages::list(&folder).map_err(|cause| unreadable(&folder, cause))?;
    let total: u64 = entries.iter().map(|entry| entry.length).sum();
    let text = match output {
        OutputFormat::Json => {
            let files: Vec<_> = entries
                .iter()
                .map(|entry| serde_json::json!({ "url": entry.url, "bytes": entry.length }))
                .collect();
            report::envelope(&serde_json::json!({ "folder": folder, "bytes": total, "files": files }))
        }
        OutputFormat::Text => {
            let rows = entries.iter().map(|entry| [report::bytes(entry.length), entry.url.clone()]);
            let table = if entries.is_empty() { String::new() } else { columns(["SIZE", "FILE"], rows) };
            let files = report::count(entries.len(), "file");
            format!("{table}{files}, {} in {}\n", report::bytes(total), folder.display())
        }
    };
    terminal.print(text)
}

pub fn clean(terminal: &Terminal) -> Result<ExitCode> {
    let folder = packages::default_cache_dir()?;
    let freed = packages::clean(&folder).map_err(|cause| unreadable(&folder, cause))?;
    terminal.print(format!("{} freed in {}\n", report::bytes(freed), folder.display()))
}

fn unreadable(folder: &Path, cause: std::io::Error) -> Error {
    Error::file(format!("the package cache {} cannot be used", folder.display()))
        .hint("check who owns it")
        .because(cause)
}
