//! Arguments resolved to what commands need. Every argument is taken apart by name, so that a new flag does not
//! compile until it is handled.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::Duration;

use clap::ColorChoice;

use super::arguments::{
    ConsoleArguments, FORKS, ProbeArguments, ReportedRunArguments, RetryArguments, RunArguments,
    TimedRunArguments,
};
use super::language;
use super::output::OutputFormat;
use super::scope::{InventoryArgument, ScopeArguments};
use crate::model::Language;

/// What is shown, and how. Resolved once from flags, environment and the streams.
#[derive(Debug, Clone, Copy)]
pub struct Console {
    /// 0 without `-v`.
    pub verbose: u8,
    pub quiet: bool,
    pub stdout_colour: bool,
    pub stderr_colour: bool,
    /// Whether progress may be drawn.
    pub stderr_is_terminal: bool,
    pub may_ask: bool,
    /// Whether the locale can show more than ASCII.
    pub unicode: bool,
    /// Columns of the terminal; 100 where there is none.
    pub width: usize,
    pub language: Language,
    /// Whether the language was asked for, and is not the locale's.
    pub language_is_asked: bool,
}

impl Console {
    /// Reads the environment and the streams of this process.
    pub fn resolve(arguments: &ConsoleArguments) -> Self {
        let ConsoleArguments { verbose, quiet, color, language, no_input } = *arguments;
        let stdout_is_terminal = std::io::stdout().is_terminal();
        let stderr_is_terminal = std::io::stderr().is_terminal();
        Self {
            verbose,
            quiet,
            stdout_colour: wants_colour(color, stdout_is_terminal),
            stderr_colour: wants_colour(color, stderr_is_terminal),
            stderr_is_terminal,
            may_ask: !no_input && stderr_is_terminal && std::io::stdin().is_terminal(),
            unicode: locale_is_utf8(|name| std::env::var(name).ok()),
            width: terminal_width().unwrap_or(100),
            language: language::resolve(language, |name| std::env::var(name).ok()),
            language_is_asked: language.is_some(),
        }
    }
}

/// The flag wins, then `NO_COLOR` (no-color.org), then `CLICOLOR_FORCE` (bixense.com/clicolors), then the stream.
fn wants_colour(choice: ColorChoice, is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty() && value != "0");
    match choice {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto if std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        ColorChoice::Auto if set("CLICOLOR_FORCE") => true,
        ColorChoice::Auto => is_terminal && std::env::var_os("TERM").is_none_or(|term| term != "dumb"),
    }
}

fn locale_is_utf8(variable: impl Fn(&str) -> Option<String>) -> bool {
    language::locale("LC_CTYPE", variable).is_none_or(|value| {
        let value = value.to_ascii_lowercase();
        value.contains("utf-8") || value.contains("utf8")
    })
}

fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout())
        .or_else(|_| rustix::termios::tcgetwinsize(std::io::stderr()))
        .ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[derive(Debug, Clone)]
pub struct Scope {
    pub inventory: PathBuf,
    pub limit: Option<String>,
    pub role: Option<String>,
}

impl From<ScopeArguments> for Scope {
    fn from(arguments: ScopeArguments) -> Self {
        let ScopeArguments { inventory: InventoryArgument { inventory }, limit, role } = arguments;
        Self { inventory, limit, role }
    }
}

#[derive(Debug, Clone)]
pub struct Run {
    pub scope: Scope,
    pub forks: usize,
    pub ask_pass: bool,
    pub ask_become_pass: bool,
    pub json: bool,
    pub reports: Vec<PathBuf>,
    /// Whether results tell where the time went.
    pub timings: bool,
}

impl Run {
    /// A run over all hosts of an inventory, as it is where no flag says otherwise.
    pub fn over_all(inventory: PathBuf) -> Self {
        Self {
            scope: Scope { inventory, limit: None, role: None },
            forks: usize::from(FORKS),
            ask_pass: false,
            ask_become_pass: false,
            json: false,
            reports: Vec::new(),
            timings: false,
        }
    }
}

impl From<RunArguments> for Run {
    fn from(arguments: RunArguments) -> Self {
        let RunArguments { scope, forks, ask_pass, ask_become_pass, output } = arguments;
        Self {
            scope: scope.into(),
            forks: usize::from(forks),
            ask_pass,
            ask_become_pass,
            json: output == OutputFormat::Json,
            reports: Vec::new(),
            timings: false,
        }
    }
}

impl From<ReportedRunArguments> for Run {
    fn from(arguments: ReportedRunArguments) -> Self {
        let ReportedRunArguments { run, report } = arguments;
        Self { reports: report, ..run.into() }
    }
}

impl From<TimedRunArguments> for Run {
    fn from(arguments: TimedRunArguments) -> Self {
        let TimedRunArguments { run, timings } = arguments;
        Self { timings, ..run.into() }
    }
}

#[derive(Debug, Clone, Copy)]
pub struct Probing {
    /// Whether pages are asked for from this machine.
    pub direct: bool,
    pub retry_timeout: Duration,
    pub sleep: Duration,
    /// Pause between two rounds, where probing goes on until Ctrl-C.
    pub watch: Option<Duration>,
}

impl Default for Probing {
    fn default() -> Self {
        Self {
            direct: false,
            retry_timeout: Duration::from_secs(10),
            sleep: Duration::from_millis(500),
            watch: None,
        }
    }
}

impl From<RetryArguments> for Probing {
    fn from(arguments: RetryArguments) -> Self {
        let RetryArguments { retry_timeout, sleep } = arguments;
        Self { retry_timeout, sleep, ..Self::default() }
    }
}

impl From<ProbeArguments> for Probing {
    fn from(arguments: ProbeArguments) -> Self {
        let ProbeArguments { direct, watch, interval, retry } = arguments;
        Self { direct, watch: watch.then_some(interval), ..retry.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_locale_variable_that_is_set_decides() {
        let locale = |pairs: &'static [(&str, &str)]| {
            locale_is_utf8(move |name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(locale(&[("LANG", "pt_BR.UTF-8")]));
        assert!(!locale(&[("LC_ALL", "C"), ("LANG", "pt_BR.UTF-8")]));
        assert!(locale(&[("LC_ALL", ""), ("LANG", "en_US.utf8")]));
        assert!(locale(&[]));
    }

    #[test]
    fn the_command_line_is_sound() {
        use clap::CommandFactory;
        super::super::Arguments::command().debug_assert();
    }

    #[test]
    fn every_flag_has_an_environment_variable() {
        use clap::CommandFactory;
        fn check(command: &clap::Command, missing: &mut Vec<String>) {
            for argument in command.get_arguments() {
                let name = argument.get_id().as_str();
                if argument.is_positional() || ["help", "version"].contains(&name) {
                    continue;
                }
                if !argument.get_env().is_some_and(|env| env.to_string_lossy().starts_with("PROVISION_")) {
                    missing.push(format!("{} --{name}", command.get_name()));
                }
            }
            command.get_subcommands().for_each(|sub| check(sub, missing));
        }
        let mut missing = Vec::new();
        check(&super::super::Arguments::command(), &mut missing);
        assert_eq!(missing, Vec::<String>::new());
    }
}
