//! `provision` sets up the practice clusters of a Distributed Systems class over SSH and proves that they work.
//!
//! A run flows in one direction, and the folders are its stages:
//!
//! ```text
//! inventory → model → desired → (remote + transport) facts → planner → apply → probes → report
//! ```
//!
//! Pure core, effects at the edges: `model`, `roles`, `event`, `planner`, `export`, `remote`, `probes`, `draft` and
//! `preflight` touch nothing;
//! `inventory`, `practice`, `template`, `desired` and `import` read the files that the user names; `transport`, `runner`, `packages` and `lab` act;
//! `report` prints what `event` tells it.
//! Only `commands` knows all stages.
//!
//! | module | may use |
//! |---|---|
//! | model | |
//! | event | model |
//! | error | model |
//! | roles | model |
//! | document | model, error |
//! | template | model, roles |
//! | practice | model, roles, probes, document, template |
//! | inventory | model, error, roles, probes, document, practice |
//! | draft | model, roles, document |
//! | import | model, error, roles, document, draft, inventory |
//! | desired | model, roles, template |
//! | planner | model |
//! | export | model, roles |
//! | remote | model |
//! | probes | model |
//! | preflight | model, roles |
//! | transport | model, error |
//! | packages | model, error |
//! | runner | model, event, error, remote, transport, packages, probes, roles |
//! | report | model, event, error, roles, probes |
//! | lab | model, error, draft |
//! | cli | model, roles |
//! | commands | everything |
//!
//! `tests/architecture.rs` keeps this table true.

mod cli;
mod commands;
mod desired;
mod document;
mod draft;
mod error;
mod event;
mod export;
mod import;
mod inventory;
mod lab;
mod model;
mod packages;
mod planner;
mod practice;
mod preflight;
mod probes;
mod remote;
mod report;
mod roles;
mod runner;
mod template;
mod transport;

#[doc(hidden)]
pub use packages::serve_packages;
#[doc(hidden)]
pub use transport::Replay;

/// Runs the tool with the arguments of this process and returns its exit code.
pub fn run() -> std::process::ExitCode {
    commands::run(std::env::args_os()).into()
}

/// The same on recorded hosts, for tests: the recording of each is in a folder, named by its address.
#[doc(hidden)]
pub fn run_on_recordings(folder: &std::path::Path) -> std::process::ExitCode {
    transport::play(folder);
    run()
}

/// The same on real hosts, whose recordings are written to a folder.
#[doc(hidden)]
pub fn run_recording(folder: &std::path::Path) -> std::process::ExitCode {
    transport::record(folder);
    run()
}
