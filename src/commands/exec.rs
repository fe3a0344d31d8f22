//! `exec -- CMD`: the user's own command on the hosts.

use crate::cli::Run;
use crate::error::{ExitCode, Result};
use crate::model::{ExecOutcome, Outcome};
use crate::report::Offer;

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

pub async fn run(settings: Run, as_root: bool, words: &[String], terminal: &Terminal) -> Result<ExitCode> {
    let prepared = prepare::run(&settings, Offer::All)?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let hosts = running.runner.exec(&running.hosts(), words, as_root).await;
    running.end(Outcome::Executed(ExecOutcome { hosts, ..ExecOutcome::default() }), None).await
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::SystemTime;

    use chrono::Local;

    use super::*;
    use crate::model::{CommandOutcome, Grading, HostId, Inventory, Language, Text, clean};
    use crate::remote::{Nonce, RunAs, exec};
    use crate::report::{self, Look, Report, Style, TextOptions};

    #[test]
    fn the_refusal_of_a_hostile_host_does_not_act() {
        let nonce = Nonce::new([7; 16]);
        let inventory = Inventory {
            path: PathBuf::new(),
            name: None,
            language: Language::English,
            grading: Grading::default(),
            clusters: Vec::new(),
        };
        let options = TextOptions {
            look: Look {
                style: Style { colour: false, unicode: true, language: Language::English },
                is_terminal: false,
                width: 80,
                quiet: false,
                verbose: 0,
            },
            program: String::new(),
            limit: None,
            log: None,
        };
        for refusal in ["no-scratch /run", "busy 7 9 ana", "whatever"] {
            let said = format!(
                "{} refused {refusal}\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\r\u{85}\u{0}x\n",
                nonce.as_str()
            );
            let now = SystemTime::now();
            let (_, mut dialogue) = exec(&[], RunAs::Login).begin(&nonce, now).unwrap();
            dialogue.feed(said.as_bytes(), now).unwrap();
            let refused = dialogue.finish(now).unwrap_err();
            let executed = CommandOutcome {
                host: HostId::new("ana", "web01"),
                status: Err(refused),
                output: Text::default(),
                log: Text::default(),
            };
            let outcome = Outcome::Executed(ExecOutcome { hosts: vec![executed], ..ExecOutcome::default() });
            let report = Report::new(Local::now().fixed_offset(), &outcome, &inventory);
            for shown in [report::result_text(&report, &options), report::document(&report)] {
                assert_eq!(clean(&shown), shown);
                assert!(!shown.contains("\\u"), "{shown}");
            }
        }
    }
}
