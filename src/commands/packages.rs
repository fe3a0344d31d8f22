//! `packages fetch|list|clean`: the cache of packages that go through this machine.

use std::path::Path;

use crate::cli::{OutputFormat, Run};
use crate::error::{Error, ExitCode, Result};
use crate::model::{RunOutcome, Work, text};
use crate::packages;
use crate::report::{self, Noun, Offer, columns, say};
use crate::runner::{Consent, Intent};

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

/// `provision packages fetch`: what the plan of every host installs, for the cache.
pub async fn fetch(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
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
    let words = terminal.words();
    let text = match output {
        OutputFormat::Json => {
            let files: Vec<_> = entries
                .iter()
                .map(|entry| serde_json::json!({ "url": entry.url, "bytes": entry.length }))
                .collect();
            report::envelope(&serde_json::json!({ "folder": folder, "bytes": total, "files": files }))
        }
        OutputFormat::Text => {
            let rows = entries.iter().map(|entry| [words.bytes(entry.length), entry.url.clone()]);
            let header = words.choose(["SIZE", "FILE"], ["TAMANHO", "ARQUIVO"]);
            let table = if entries.is_empty() { String::new() } else { columns(header, rows) };
            let files = words.choose(Noun::new("file", "files"), Noun::new("arquivo", "arquivos"));
            let (files, total, folder) = (files.count(entries.len()), words.bytes(total), folder.display());
            say!(
                words,
                en: "{table}{files}, {total} in {folder}\n",
                pt: "{table}{files}, {total} em {folder}\n",
            )
        }
    };
    terminal.print(text)
}

pub fn clean(terminal: &Terminal) -> Result<ExitCode> {
    let folder = packages::default_cache_dir()?;
    let freed = packages::clean(&folder).map_err(|cause| unreadable(&folder, cause))?;
    let (freed, folder) = (terminal.words().bytes(freed), folder.display());
    terminal.print(say!(
        terminal.words(),
        en: "{freed} freed in {folder}\n",
        pt: "{freed} liberados em {folder}\n",
    ))
}

fn unreadable(folder: &Path, cause: std::io::Error) -> Error {
    Error::file(text!(
        en: "the package cache {folder} cannot be used",
        pt: "o cache de pacotes {folder} não pode ser usado", folder = folder.display()
    ))
    .hint(text!(en: "check who owns it", pt: "confira de quem ele é"))
    .because(cause)
}
