//! `verify --watch`: rounds of probes until Ctrl-C, then the result of the last one.

use std::time::Duration;

use chrono::Local;

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::RunOutcome;
use crate::report::{RunKind, Watch, WatchOptions};
use crate::runner::{Verify, Watched};

use super::console::Terminal;
use super::prepare::Prepared;
use super::running::Running;

/// Watches the selected hosts. Ctrl-C is how a watch ends: the exit code is that of the last complete round, and 130
/// only where there was none.
pub async fn run(
    settings: &Run,
    prepared: &Prepared,
    how: &Verify<'_>,
    interval: Duration,
    terminal: &Terminal,
) -> Result<ExitCode> {
    let running = Running::begin_endless(prepared, settings, terminal).await?;
    let console = terminal.console;
    let options = WatchOptions {
        on_terminal: console.stderr_is_terminal,
        quiet: console.quiet,
        colour: console.stderr_colour,
        unicode: console.unicode,
        interval,
    };
    let members: Vec<_> = prepared.hosts().collect();
    let mut watch = Watch::new(&prepared.inventory, options);
    let tell = |watched: Watched<'_>| match watched {
        Watched::Round(checks) => watch.round(checks, &Local::now().format("%H:%M:%S").to_string()),
        Watched::UnderWay { elapsed, waiting } => watch.under_way(elapsed, &waiting),
        Watched::Pause => watch.redraw(),
    };
    let (last, worked) = running.runner.watch(&members, how, interval, tell).await;
    watch.finish();
    let outcome =
        RunOutcome { interrupted: last.is_none(), checks: last.unwrap_or_default(), ..RunOutcome::default() };
    running.end(RunKind::Verify, outcome, worked).await
}
