//! A run under way: the runner, the thread that shows its events, and its end: result, reports, log, exit code.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use chrono::{DateTime, FixedOffset, Local};
use futures_util::future::join_all;

use crate::cli::Run;
use crate::error::{Error, ExitCode, Result};
use crate::event::Event;
use crate::model::{Host, HostStatus, Outcome, RunOutcome, Text, Work, text};
use crate::packages::{PackageRelay, RelayOptions};
use crate::report::{self, Progress, Report, TextOptions};
use crate::runner::{self, EventReceiver, Interrupt, Runner, Secrets, Timings, Worked};
use crate::transport::{Connector, ConnectorOptions, Session};

use super::folders::{self, Folders};
use super::logs;
use super::prepare::Prepared;
use super::program;
use super::terminal::Terminal;

const FAREWELL_LIMIT: Duration = Duration::from_secs(2);

pub struct Running<'a> {
    pub runner: Runner,
    /// What was known before it began.
    pub prepared: &'a Prepared,
    settings: &'a Run,
    terminal: &'a Terminal,
    /// `None` where whoever began the run shows its events.
    reporter: Option<JoinHandle<()>>,
    folders: Folders,
    began: DateTime<FixedOffset>,
    started: Instant,
    ending: Ending,
}

/// What Ctrl-C means for a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It ends before it is done.
    Interrupted,
    /// It ends as it should, for it goes on until then.
    Regular,
}

impl<'a> Running<'a> {
    /// Asks for secrets, opens the stores and starts the reporter. Nothing is connected yet.
    pub async fn begin(prepared: &'a Prepared, settings: &'a Run, terminal: &'a Terminal) -> Result<Self> {
        let (running, events) = Self::start(prepared, settings, terminal, Ending::Interrupted).await?;
        Ok(Self { reporter: Some(reporter(terminal, events)), ..running })
    }

    /// The same without a reporter: events are the caller's to show.
    pub async fn start(
        prepared: &'a Prepared,
        settings: &'a Run,
        terminal: &'a Terminal,
        ending: Ending,
    ) -> Result<(Self, EventReceiver)> {
        let (began, started) = (Local::now().fixed_offset(), Instant::now());
        let folders = Folders::find()?;
        folders::make_private(&folders.state)?;
        folders::make_private(&folders.runtime)?;

        let hosts: Vec<&Host> = prepared.hosts().map(|(_, host)| host).collect();
        let ask = |question: &Text| terminal.ask_secret(question);
        let secrets = Secrets::gather(hosts.iter().copied(), &ask)?;
        let connector = Connector::new(ConnectorOptions::new(
            folders.state.join("known_hosts"),
            folders.runtime.clone(),
        ))?;
        let connections: Vec<_> = hosts.iter().map(|host| &host.connection).collect();
        connector.prepare(&connections, &ask).await;
        let relay = PackageRelay::new(RelayOptions {
            mirrors_allowed: hosts.iter().flat_map(|host| host.packages.mirrors_allowed.clone()).collect(),
            ..RelayOptions::default()
        })?;

        let (events, receiver) = runner::events();
        let interrupting = events.clone();
        let interrupt = Interrupt::listen(move || {
            if ending == Ending::Interrupted {
                interrupting.send(Event::Interrupting);
            }
        })
        .map_err(|cause| {
            Error::internal(
                text!(en: "Ctrl-C cannot be listened to", pt: "não foi possível escutar o Ctrl-C"),
            )
            .because(cause)
        })?;
        let (timings, forks) = (Timings::begin(), settings.forks);
        let runner = Runner { connector, secrets, relay, events, timings, interrupt, forks };
        let reporter = None;
        let running =
            Self { runner, prepared, settings, terminal, reporter, folders, began, started, ending };
        Ok((running, receiver))
    }

    pub fn hosts(&self) -> Vec<&'a Host> {
        self.prepared.hosts().map(|(_, host)| host).collect()
    }

    /// Ends work on hosts: takes over what was done, keeps the log of failed hosts, and says goodbye to all.
    pub async fn end_work(self, mut outcome: RunOutcome, worked: Vec<Worked>) -> Result<ExitCode> {
        let failed = worked.iter().filter(|worked| worked.outcome.status == HostStatus::Failed);
        let failed: Vec<_> = failed.map(|worked| (&worked.outcome.host, &worked.log)).collect();
        let log = logs::keep(&self.folders.state.join("logs"), &failed).unwrap_or_else(|error| {
            self.terminal.error(&error);
            None
        });
        let mut sessions = Vec::new();
        for Worked { outcome: host, session, .. } in worked {
            sessions.extend(session.and_then(Arc::into_inner));
            // Probes tell all that there is to tell of a host.
            if outcome.work != Work::Verify {
                outcome.hosts.push(host);
            }
        }
        if self.settings.timings {
            outcome.timings = self.runner.timings.of(self.prepared.hosts().map(|(_, host)| host));
        }
        // The work is done: a host that does not say goodbye is not waited for.
        let farewells = join_all(sessions.into_iter().map(Session::close));
        let _ = tokio::time::timeout(FAREWELL_LIMIT, farewells).await;
        self.end(Outcome::Worked(outcome), log).await
    }

    /// Ends the run: prints the result, writes reports, and gives the exit code. `log` has the output of failed hosts.
    pub async fn end(self, mut outcome: Outcome, log: Option<PathBuf>) -> Result<ExitCode> {
        let Self { runner, prepared, settings, terminal, reporter, began, started, ending, .. } = self;
        outcome.end(ending == Ending::Interrupted && runner.interrupt.is_stopping(), started.elapsed());
        runner.settle_packages().await;
        // With the runner goes the last sender of events, and the reporter ends.
        drop(runner);
        // A reporter that panicked has said so already.
        let _ = reporter.map(JoinHandle::join);

        let report = Report::new(began, &outcome, &prepared.inventory);
        let text = if settings.json {
            report::document(&report)
        } else {
            report::result_text(&report, &text_options(terminal, settings, log))
        };
        let printed = terminal.print(&text);
        let text = |format| report::report_text(format, &report);
        let code = prepared.reports.write(report::exit_code(&report), text, |error| terminal.error(error));
        printed.map(|_| code)
    }
}

/// Shows events as they come, in a thread of its own.
fn reporter(terminal: &Terminal, events: EventReceiver) -> JoinHandle<()> {
    let mut progress = Progress::new(terminal.error_look());
    std::thread::spawn(move || {
        for event in events {
            progress.handle(&event);
        }
        progress.finish();
    })
}

fn text_options(terminal: &Terminal, settings: &Run, log: Option<PathBuf>) -> TextOptions {
    TextOptions { look: terminal.look(), program: program::name(), limit: settings.scope.limit.clone(), log }
}
