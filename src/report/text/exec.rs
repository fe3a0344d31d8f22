//! What a command printed on each host.

use crate::model::ExecOutcome;

/// Each line with its host in front, so that `grep` and eyes can follow.
pub fn exec_text(outcome: &ExecOutcome) -> String {
    let width = outcome.hosts.iter().map(|one| one.host.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for one in &outcome.hosts {
        let verdict = match &one.status {
            Ok(0) => None,
            Ok(code) => Some(format!("(exit status {code})")),
            Err(failure) => Some(format!("({})", failure.message.english())),
        };
        for line in one.output.english().lines().chain(one.log.english().lines()).chain(verdict.as_deref()) {
            text.push_str(format!("{:<width$}  {line}", one.host).trim_end());
            text.push('\n');
        }
    }
    text
}
