//! `exec -- CMD`: the user's own command on the hosts.

use crate::cli::Run;
use crate::error::{Error, ExitCode, Result};
use crate::model::{Text, clean_bytes};
use crate::runner::Executed;

use super::prepare;
use super::running::Running;
use super::terminal::Terminal;

/// `provision exec`
pub async fn run(settings: Run, as_root: bool, words: &[String], terminal: &Terminal) -> Result<ExitCode> {
    if !settings.reports.is_empty() {
        return Err(Error::usage("`exec` writes no reports")
            .hint("leave --report out; `-o json` gives the output as data"));
    }
    let prepared = prepare::run(&settings, terminal)?;
    let running = Running::begin(&prepared, &settings, terminal).await?;
    let executed = running.runner.exec(&running.hosts(), words, as_root).await;
    let interrupted = running.runner.interrupt.is_stopping();
    running.finish();
    terminal.print(&if settings.json { json(&executed) } else { text(&executed) })?;

    let any = |test: &dyn Fn(&Executed) -> bool| executed.iter().any(test);
    Ok(if interrupted {
        ExitCode::Interrupted
    } else if any(&|one| match &one.status {
        Ok(code) => *code != 0,
        Err(failure) => !failure.kind.is_unreachable(),
    }) {
        ExitCode::HostFailed
    } else if any(&|one| one.status.is_err()) {
        ExitCode::Unreachable
    } else {
        ExitCode::Success
    })
}

/// Each line with its host in front, so that `grep` and eyes can follow.
fn text(executed: &[Executed]) -> String {
    let width = executed.iter().map(|one| one.host.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for one in executed {
        let said = clean_bytes(&one.output) + &one.log.text();
        let verdict = match &one.status {
            Ok(0) => None,
            Ok(code) => Some(format!("(exit status {code})")),
            Err(failure) => Some(format!("({failure})")),
        };
        for line in said.lines().chain(verdict.as_deref()) {
            text.push_str(format!("{:<width$}  {line}", one.host).trim_end());
            text.push('\n');
        }
    }
    text
}

fn json(executed: &[Executed]) -> String {
    let hosts: Vec<_> = executed
        .iter()
        .map(|one| {
            let error = one.status.as_ref().err().map(|failure| {
                serde_json::json!({
                    "kind": failure.kind.as_str(),
                    "message": failure.message.english(),
                    "hint": failure.hint.as_ref().map(Text::english),
                })
            });
            serde_json::json!({
                "host": one.host.as_str(),
                "code": one.status.as_ref().ok(),
                "stdout": clean_bytes(&one.output),
                "stderr": one.log.text(),
                "error": error,
            })
        })
        .collect();
    format!("{:#}\n", serde_json::json!({ "version": 1, "hosts": hosts }))
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::model::{HostId, clean};
    use crate::remote::{Nonce, RunAs, exec};
    use crate::runner::HostLog;

    #[test]
    fn the_refusal_of_a_hostile_host_does_not_act() {
        let nonce = Nonce::new([7; 16]);
        for refusal in ["no-scratch /run", "busy 7 9 ana", "whatever"] {
            let said = format!(
                "{} refused {refusal}\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\r\u{85}\u{0}x\n",
                nonce.as_str()
            );
            let now = SystemTime::now();
            let (_, mut dialogue) = exec(&[], RunAs::Login).begin(&nonce, now).unwrap();
            dialogue.feed(said.as_bytes(), now).unwrap();
            let refused = dialogue.finish(now).unwrap_err();
            let executed = Executed {
                host: HostId::new("ana", "web01"),
                status: Err(refused),
                output: Vec::new(),
                log: HostLog::default(),
            };
            for shown in [text(std::slice::from_ref(&executed)), json(&[executed])] {
                assert_eq!(clean(&shown), shown);
                assert!(!shown.contains("\\u"), "{shown}");
            }
        }
    }
}
