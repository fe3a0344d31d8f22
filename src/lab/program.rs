//! Runs a program of this machine to its end: output kept, cancellable, its failure told in full.

use std::process::{Output, Stdio};

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio_util::sync::CancellationToken;

use crate::error::{Error, ErrorKind, Result};
use crate::model::{clean, text};

/// Lines of a failed program's output that an error shows.
const LINES_SHOWN: usize = 12;

/// What a cancelled step ends with.
pub(super) fn interrupted() -> Error {
    Error::new(ErrorKind::Interrupted, text!(en: "interrupted", pt: "interrompido"))
}

/// Runs a program, gives it `input`, and returns what it printed. On cancellation it is killed.
///
/// It gets a process group of its own, so that Ctrl-C at the terminal reaches only this process, which then
/// decides.
pub(super) async fn run(
    command: Command,
    input: impl AsRef<[u8]>,
    cancel: &CancellationToken,
) -> Result<Vec<u8>> {
    run_fed(command, Stdio::piped(), input, cancel).await
}

async fn run_fed(
    mut command: Command,
    stdin: Stdio,
    input: impl AsRef<[u8]>,
    cancel: &CancellationToken,
) -> Result<Vec<u8>> {
    let name = command.as_std().get_program().to_string_lossy().into_owned();
    let cannot = |error: std::io::Error| {
        Error::machine(text!(en: "`{name}` can't be run", pt: "não foi possível executar `{name}`"))
            .because(error)
            .hint(text!(en: "is {name} installed?", pt: "{name} está instalado?"))
    };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.process_group(0).kill_on_drop(true).env("LC_ALL", "C.UTF-8");
    let mut child = command.spawn().map_err(cannot)?;
    let stdin = child.stdin.take();
    let feed = async {
        if let Some(mut stdin) = stdin {
            // A program that ends without reading says why in its exit status.
            stdin.write_all(input.as_ref()).await.ok();
        }
    };
    let output = tokio::select! {
        (output, ()) = async { tokio::join!(child.wait_with_output(), feed) } => output.map_err(cannot)?,
        () = cancel.cancelled() => return Err(interrupted()),
    };
    if output.status.success() { Ok(output.stdout) } else { Err(failed(&describe(&command), &output)) }
}

/// Runs a program whose output is the input of a second one, and returns what that printed.
pub(super) async fn pipe(mut first: Command, second: Command, cancel: &CancellationToken) -> Result<Vec<u8>> {
    let name = describe(&first);
    let cannot = |error: std::io::Error| {
        Error::machine(text!(en: "`{name}` can't be run", pt: "não foi possível executar `{name}`"))
            .because(error)
    };
    first.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    first.process_group(0).kill_on_drop(true).env("LC_ALL", "C.UTF-8");
    let mut child = first.spawn().map_err(cannot)?;
    let output = child.stdout.take().and_then(|output| output.into_owned_fd().ok()).map(Stdio::from);
    let fed = run_fed(second, output.unwrap_or_else(Stdio::null), "", cancel);
    let (source, taken) = tokio::join!(child.wait_with_output(), fed);
    let source = source.map_err(cannot)?;
    // What the second one says of a stream that broke off is no more than that.
    match taken {
        Err(error) if cancel.is_cancelled() => Err(error),
        _ if !source.status.success() => Err(failed(&name, &source)),
        taken => taken,
    }
}

/// A command line for people.
fn describe(command: &Command) -> String {
    let command = command.as_std();
    let words = command.get_args().map(std::ffi::OsStr::to_string_lossy);
    std::iter::once(command.get_program().to_string_lossy()).chain(words).collect::<Vec<_>>().join(" ")
}

fn failed(command: &str, output: &Output) -> Error {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() {
        text = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    Error::machine(text!(
        en: "`{command}` failed ({status})",
        pt: "`{command}` falhou ({status})", status = output.status
    ))
    .because(anyhow::anyhow!(last_lines(&text, LINES_SHOWN)))
}

/// The last lines that say something, without control characters.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let text = clean(text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn output_is_returned_and_input_given() {
        let cancel = CancellationToken::new();
        assert_eq!(run(Command::new("cat"), "hello", &cancel).await.unwrap(), b"hello");
    }

    #[tokio::test]
    async fn failure_names_the_command_and_its_words() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such thing >&2; exit 3"]);
        let error = run(command, "", &CancellationToken::new()).await.unwrap_err();
        assert!(error.message.english().contains("exit status: 3"), "{error:?}");
        assert_eq!(error.causes[0].english(), "no such thing");
    }

    #[tokio::test]
    async fn one_program_feeds_another_and_its_failure_counts() {
        let cancel = CancellationToken::new();
        let shell = |program: &str| {
            let mut command = Command::new("sh");
            command.args(["-c", program]);
            command
        };
        assert_eq!(pipe(shell("echo base"), shell("tr a-z A-Z"), &cancel).await.unwrap(), b"BASE\n");
        let error = pipe(shell("echo half; echo lost >&2; exit 2"), shell("cat"), &cancel).await.unwrap_err();
        assert_eq!(error.causes[0].english(), "lost");
        let error = pipe(shell("echo base"), shell("echo full >&2; exit 1"), &cancel).await.unwrap_err();
        assert_eq!(error.causes[0].english(), "full");
    }

    #[tokio::test]
    async fn cancelled_program_is_gone() {
        let cancel = CancellationToken::new();
        cancel.cancel();
        let mut command = Command::new("sleep");
        command.arg("60");
        assert_eq!(run(command, "", &cancel).await.unwrap_err().kind, ErrorKind::Interrupted);
    }

    #[test]
    fn last_lines_are_plain_text() {
        assert_eq!(
            last_lines("a\n[\u{1b}[0;32m  OK  \u{1b}[0m] Started x\r\n\n", 2),
            "a\n[  OK  ] Started x"
        );
    }
}
