//! Where results and errors leave the process: data on standard output, everything else on standard error.

use std::io::{self, Write};

use crate::cli::Console;
use crate::error::{Error, ExitCode, Result};
use crate::model::{Text, text};
use crate::report::{self, Look, Style, Words};

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
        let Console { verbose, quiet, unicode, width, stdout_colour: colour, language, .. } = self.console;
        let style = Style { colour, unicode, language };
        Look { style, is_terminal: false, width, quiet, verbose }
    }

    /// How what is said besides may look.
    pub fn error_look(&self) -> Look {
        let Console { stderr_is_terminal: is_terminal, stderr_colour: colour, .. } = self.console;
        let look = self.look();
        Look { style: Style { colour, ..look.style }, is_terminal, ..look }
    }

    /// The words of the language that is spoken here.
    pub fn words(&self) -> Words {
        Words(self.console.language)
    }

    /// Prints a result. A reader that went away (`| head`) is no error.
    #[expect(clippy::unused_self, reason = "results and messages leave through one object")]
    pub fn print(&self, result: impl AsRef<[u8]>) -> Result<ExitCode> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(result.as_ref()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::file(text!(
                en: "the result could not be written to standard output",
                pt: "não foi possível escrever o resultado na saída padrão",
            ))
            .because(error)),
            _ => Ok(ExitCode::Success),
        }
    }

    /// Says something besides the result, unless `-q`.
    pub fn say(&self, text: &Text) {
        if !self.console.quiet {
            // Without a standard error there is nowhere to tell.
            let _ = writeln!(io::stderr().lock(), "{}", text.words(self.console.language));
        }
    }

    /// The same of a sentence, broken between words where a terminal shows it.
    pub fn say_in_lines(&self, sentence: &Text) {
        if self.console.stderr_is_terminal {
            self.say(&sentence.map(|sentence| report::fold(sentence, self.console.width)));
        } else {
            self.say(sentence);
        }
    }

    pub fn error(&self, error: &Error) {
        let _ =
            io::stderr().lock().write_all(report::render_error(error, self.error_look().style).as_bytes());
    }

    /// Asks for a secret without showing it; `None` where nobody can be asked.
    pub fn ask_secret(&self, question: &Text) -> Option<String> {
        if !self.console.may_ask {
            return None;
        }
        rpassword::prompt_password(question.words(self.console.language)).ok()
    }

    /// Asks yes or no; `None` where nobody can be asked.
    pub fn confirm(&self, question: &Text) -> Option<bool> {
        if !self.console.may_ask {
            return None;
        }
        let (question, how) = (self.words().say(question), self.words().choose("[y/N]", "[s/N]"));
        let _ = write!(io::stderr().lock(), "{question} {how} ");
        Some(answer())
    }
}

/// Whether the next line that is typed says yes.
pub fn answer() -> bool {
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok()
        && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "s" | "sim")
}
