//! How a command of a practice travels.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::model::{Command, Failure, Script};

use super::data::Data;
use super::invocation;
use super::observe::{kind, text};

/// `command INDEX KEY LIMIT READER GUARD BEHIND NAME`
pub(super) fn operation(index: usize, key: &str, command: &Command) -> Result<String, Failure> {
    let limit = command.limit.as_secs().max(1);
    let reader = match command.run {
        Script::Shell(_) => "shell",
        Script::Program(_) => "program",
    };
    let behind = if command.after_services { "services" } else { "files" };
    let name = format!("{}/{}", command.role, command.name);
    let (name, guard) = (invocation::command(&name)?, kind(&command.guard));
    Ok(format!("command {index} {key} {limit} {reader} {guard} {behind} {name}"))
}

/// Its texts, which mean nothing on their way.
pub(super) fn texts(data: &mut Data, index: usize, command: &Command) -> Result<(), Failure> {
    let (Script::Shell(run) | Script::Program(run)) = &command.run;
    let guard = text(&command.guard)?;
    for (part, text) in
        [("run", Some(run.as_str())), ("guard", Some(guard)), ("undo", command.undo.as_deref())]
    {
        if let Some(text) = text {
            data.line(format!("{index}.{part} {}", STANDARD.encode(text)));
        }
    }
    Ok(())
}
