//! The verbs, one a file, and the only place where the stages of a run meet.

mod apply;
mod demo;
mod doctor;
#[cfg(test)]
mod drafts;
mod drill;
mod exec;
mod export;
mod folders;
mod identity;
mod import;
mod init;
mod inventory;
mod lab;
mod limits;
mod logs;
mod man;
mod new_file;
mod packages;
mod practice;
mod prepare;
mod program;
mod reports;
mod reset;
mod running;
mod terminal;
mod verify;
mod watch;

use std::ffi::OsString;
use std::future::Future;
use std::time::Duration;

use crate::cli::{self, Arguments, Command, Console, PackagesCommand};
use crate::error::{Error, ExitCode, Result};
use crate::model::text;
use terminal::Terminal;

/// Runs the tool: arguments → settings → verb → exit code. The one place that prints errors.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    limits::set();
    let Arguments { console, command } = match cli::parse(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Success };
            // Nothing can be told to a user whose terminal is gone.
            let _ = error.print();
            return code;
        }
    };
    let terminal = Terminal::new(Console::resolve(&console));
    match dispatch(command, &terminal) {
        Ok(code) => code,
        Err(error) => {
            terminal.error(&error);
            error.kind.code()
        }
    }
}

fn dispatch(command: Command, terminal: &Terminal) -> Result<ExitCode> {
    match command {
        Command::Init(arguments) => block_on(init::run(&arguments, terminal)),
        Command::Validate { inventory } => inventory::validate(&inventory.inventory, terminal),
        Command::Inventory(command) => inventory::run(command, terminal),
        Command::Doctor { run } => block_on(doctor::run(run.into(), terminal)),
        Command::Plan { run, detailed_exitcode } => {
            block_on(apply::plan(run.into(), detailed_exitcode, terminal))
        }
        Command::Apply { run, dry_run: true, prune: _, yes: _, no_verify: _, retry: _ } => {
            block_on(apply::plan(run.into(), false, terminal))
        }
        Command::Apply { run, dry_run: false, prune, yes, no_verify, retry } => {
            let consent = apply::consent(prune, yes, terminal);
            block_on(apply::apply(run.into(), consent, (!no_verify).then_some(retry.into()), terminal))
        }
        Command::Verify { run, probes } => block_on(verify::run(run.into(), probes.into(), terminal)),
        Command::Drill { run, drill } => block_on(drill::run(run.into(), drill, terminal)),
        Command::Reset { run, dry_run, yes } => block_on(reset::run(run.into(), dry_run, yes, terminal)),
        Command::Exec { run, r#become, words } => block_on(exec::run(run.into(), r#become, &words, terminal)),
        Command::Export(command) => export::run(command, terminal),
        Command::Import(command) => import::run(command, terminal),
        Command::Practice(command) => practice::run(command, terminal),
        Command::Packages(PackagesCommand::Fetch { run }) => block_on(packages::fetch(run.into(), terminal)),
        Command::Packages(PackagesCommand::List { output }) => packages::list(output, terminal),
        Command::Packages(PackagesCommand::Clean) => packages::clean(terminal),
        Command::Lab(command) => block_on(lab::run(command, terminal)),
        Command::Demo { shape, down } => block_on(demo::run(shape, down, terminal)),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(
                shell,
                &mut cli::command(terminal.console.language),
                "provision",
                &mut script,
            );
            terminal.print(script)
        }
        Command::Man => {
            let page = man::page(terminal.console.language).map_err(|cause| {
                Error::internal(text!(
                    en: "the manual page could not be made",
                    pt: "não foi possível fazer a página de manual",
                ))
                .because(cause)
            })?;
            terminal.print(page)
        }
    }
}

/// How long work that nobody waits for any more may still take.
const LEAVING: Duration = Duration::from_millis(200);

/// Verbs that wait for hosts run on a runtime; the others need none.
fn block_on(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|cause| {
        Error::internal(
            text!(en: "the runtime could not be started", pt: "não foi possível iniciar a execução"),
        )
        .because(cause)
    })?;
    let ended = runtime.block_on(work);
    // A name that is still looked up for nobody is not waited for.
    runtime.shutdown_timeout(LEAVING);
    ended
}
