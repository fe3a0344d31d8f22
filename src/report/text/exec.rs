//! What a command printed on each host.

use crate::model::{ExecOutcome, Language};
use crate::report::vocabulary::{Words, say};

/// Each line with its host in front, so that `grep` and eyes can follow.
pub fn exec_text(outcome: &ExecOutcome, language: Language) -> String {
    let words = Words(language);
    let width = outcome.hosts.iter().map(|one| one.host.as_str().len()).max().unwrap_or(0);
    let mut text = String::new();
    for one in &outcome.hosts {
        let verdict = match &one.status {
            Ok(0) => None,
            Ok(code) => Some(say!(words, en: "(exit status {code})", pt: "(código de saída {code})")),
            Err(failure) => Some(format!("({})", words.say(&failure.message))),
        };
        let [output, log] = [&one.output, &one.log].map(|said| words.say(said));
        for line in output.lines().chain(log.lines()).chain(verdict.as_deref()) {
            text.push_str(format!("{:<width$}  {line}", one.host).trim_end());
            text.push('\n');
        }
    }
    text
}
