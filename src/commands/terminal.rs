//! Where results and errors leave the process: data on standard output, everything else on standard error.

use std::io::{self, Write};

use crate::cli::Console;
use crate::error::{Error, ExitCode, Result};
use crate::report::{self, Look, Style};

/// The process's streams, with the settings that say how to use them.
#[derive(Debug, Clone, Copy)]
pub struct Terminal {
    pub console: Console,
}

impl Terminal {
    pub fn new(console: Console) -> Self {
        Self { console }
    }

    pub fn look(&self) -> Look {
        let Console { verbose, quiet, unicode, width, stdout_colour: colour, .. } = self.console;
        Look { style: Style { colour, unicode }, is_terminal: false, width, quiet, verbose }
    }

    /// How what is said besides may look.
    pub fn error_look(&self) -> Look {
        let Console { stderr_is_terminal: is_terminal, stderr_colour: colour, unicode, .. } = self.console;
        Look { style: Style { colour, unicode }, is_terminal, ..self.look() }
    }

    /// Prints a result. A reader that went away (`| head`) is no error.
    #[expect(clippy::unused_self, reason = "results and messages leave through one object")]
    pub fn print(&self, result: impl AsRef<[u8]>) -> Result<ExitCode> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(result.as_ref()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Error::file("the result could not be written to standard output").because(error))
            }
            _ => Ok(ExitCode::Success),
        }
    }

    /// Says something besides the result, unless `-q`.
    pub fn say(&self, text: &str) {
        if !self.console.quiet {
            // Without a standard error there is nowhere to tell.
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// The same of a sentence, broken between words where a terminal shows it.
    pub fn say_in_lines(&self, sentence: &str) {
        if self.console.stderr_is_terminal {
            self.say(&report::fold(sentence, self.console.width));
        } else {
            self.say(sentence);
        }
    }

    pub fn error(&self, error: &Error) {
        let _ =
            io::stderr().lock().write_all(report::render_error(error, self.console.stderr_colour).as_bytes());
    }

    /// Asks for a secret without showing it; `None` where nobody can be asked.
    pub fn ask_secret(&self, question: &str) -> Option<String> {
        if !self.console.may_ask {
            return None;
        }
        rpassword::prompt_password(question).ok()
    }

    /// Asks yes or no; `None` where nobody can be asked.
    pub fn confirm(&self, question: &str) -> Option<bool> {
        if !self.console.may_ask {
            return None;
        }
        let _ = write!(io::stderr().lock(), "{question} [y/N] ");
        Some(answer())
    }
}

/// Whether the next line that is typed says yes.
pub fn answer() -> bool {
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim")
}
