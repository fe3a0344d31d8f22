//! `verify --watch`: rounds of probes until Ctrl-C, then the result of the last ones.

use std::time::Duration;

use chrono::Local;

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::RunOutcome;
use crate::report::Watch;
use crate::runner::{Verify, Watched};

use super::prepare::Prepared;
use super::running::{Ending, Running};
use super::terminal::Terminal;

/// Watches the selected hosts. Ctrl-C is how a watch ends: the exit code is that of the last complete round of each
/// cluster, and 130 only where there was none.
pub async fn run(
    settings: &Run,
    prepared: &Prepared,
    how: &Verify<'_>,
    interval: Duration,
    terminal: &Terminal,
) -> Result<ExitCode> {
    let (running, events) = Running::start(prepared, settings, terminal, Ending::Regular).await?;
    let members: Vec<_> = prepared.hosts().collect();
    let clusters = members.chunk_by(|(one, _), (next, _)| one.name == next.name).count();
    let mut watch = Watch::new(&prepared.inventory, terminal.error_look(), interval, clusters);
    let now = || Local::now().format("%H:%M:%S").to_string();
    let take_notes = |watch: &mut Watch<'_>| {
        for event in events.try_iter() {
            watch.note(&event, &now());
        }
    };
    let tell = |watched: Watched<'_>| {
        take_notes(&mut watch);
        match watched {
            Watched::Round { cluster, checks } => watch.round(cluster, checks, &now()),
            Watched::Waiting(awaited) => watch.waiting(awaited),
            Watched::Logs => watch.reading_logs(),
        }
    };
    let (last, worked) = running.runner.watch(&members, how, interval, tell).await;
    take_notes(&mut watch);
    watch.finish();
    let outcome =
        RunOutcome { interrupted: last.is_none(), checks: last.unwrap_or_default(), ..RunOutcome::default() };
    running.end_work(outcome, worked).await
}
