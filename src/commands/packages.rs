//! `packages fetch|list|clean`: the cache of packages that go through this machine.

use std::path::Path;

use crate::cli::{OutputFormat, Run};
use crate::error::{Error, ExitCode, Result};
use crate::model::HostStatus;
use crate::packages;
use crate::report::{self, RunKind};
use crate::runner::{Apply, Intent};

use super::apply::{outcome, planning};
use super::columns::columns;
use super::exit::exit_code;
use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

/// `provision packages fetch`: what the plan of every host installs, for the cache.
pub async fn fetch(settings: Run, terminal: &Terminal) -> Result<ExitCode> {
    if !settings.reports.is_empty() {
        return Err(Error::usage("`packages fetch` writes no reports").hint("leave --report out"));
    }
    let prepared = prepare::run(&settings, terminal)?;
    let wanted = prepared.wanted()?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let plan = planning(&prepared.inventory);
    let apply = Apply { intent: Intent::Plan, wanted: &wanted, plan: &plan };
    let worked = running.runner.fetch(&running.hosts(), &apply).await;
    let mut outcome = outcome(&worked);
    outcome.interrupted = running.runner.interrupt.is_stopping();
    running.runner.settle_packages().await;
    drop(worked);
    running.finish();

    let code = exit_code(&outcome);
    let fetched = outcome.hosts.iter().filter(|host| host.status == HostStatus::Changed).count();
    let text = if settings.json {
        report::json_document(RunKind::Plan, &outcome)
    } else if code == ExitCode::Success {
        format!("{fetched} of {} hosts needed packages; they are in the cache\n", outcome.hosts.len())
    } else {
        let failed = outcome.hosts.iter().filter(|host| host.failure.is_some()).count();
        format!("the packages of {failed} of {} hosts are not in the cache\n", outcome.hosts.len())
    };
    terminal.print(&text)?;
    Ok(code)
}

/// `provision packages list`
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
            let document =
                serde_json::json!({ "version": 1, "folder": folder, "bytes": total, "files": files });
            format!("{document:#}\n")
        }
        OutputFormat::Text => {
            let rows = entries.iter().map(|entry| [report::bytes(entry.length), entry.url.clone()]);
            let table = if entries.is_empty() { String::new() } else { columns(["SIZE", "FILE"], rows) };
            let files = report::count(entries.len(), "file");
            format!("{table}{files}, {} in {}\n", report::bytes(total), folder.display())
        }
    };
    terminal.print(&text)?;
    Ok(ExitCode::Success)
}

/// `provision packages clean`
pub fn clean(terminal: &Terminal) -> Result<ExitCode> {
    let folder = packages::default_cache_dir()?;
    let freed = packages::clean(&folder).map_err(|cause| unreadable(&folder, cause))?;
    terminal.print(&format!("{} freed in {}\n", report::bytes(freed), folder.display()))?;
    Ok(ExitCode::Success)
}

fn unreadable(folder: &Path, cause: std::io::Error) -> Error {
    Error::file(format!("the package cache {} cannot be used", folder.display()))
        .hint("check who owns it")
        .because(cause)
}
